//! Units (部局, 課室): a dated tree that is renamed, moved, split, merged and abolished (組織改編).
//!
//! Every change bears the instant from which it holds and is resolved when a question is asked, so
//! that it takes effect exactly then and no timer can be late. What an abolished unit had follows
//! to its heirs: each thing to the one that is named for it, everything else to the first.

use serde::{Deserialize, Serialize};

use crate::id::{DeviceId, PersonId, UnitId};
use crate::name::Name;
use crate::register::EntryId;
use crate::time::{Interval, Timestamp};

/// One unit of the organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// Its id.
    pub id: UnitId,
    /// The unit above it when it was founded; none for the organisation's root.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<UnitId>,
    /// Its name when it was founded.
    pub name: Name,
    /// When it exists.
    pub valid: Interval,
    /// Names given later.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub renamed: Vec<Renamed>,
    /// Units above it later.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub moved: Vec<Moved>,
    /// The units that succeed it once it is abolished, the one that takes what is left over first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub heirs: Vec<UnitId>,
    /// How often it was changed since it was founded.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub version: u64,
}

pub(crate) const fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// A name from an instant on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Renamed {
    /// From when.
    pub from: Timestamp,
    /// The name.
    pub name: Name,
}

/// A unit above from an instant on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// From when.
    pub from: Timestamp,
    /// The unit above.
    pub parent: UnitId,
}

/// What follows an abolished unit to a named heir. Permits follow their applicants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Follower {
    /// A person.
    Person(PersonId),
    /// A device.
    Device(DeviceId),
    /// An entry of a register.
    Entry(EntryId),
}

/// One thing and the heir that it follows to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// The thing.
    pub what: Follower,
    /// The heir.
    pub to: UnitId,
}

impl Unit {
    /// A unit as it is founded.
    #[must_use]
    pub const fn founded(id: UnitId, parent: Option<UnitId>, name: Name, valid: Interval) -> Self {
        Self {
            id,
            parent,
            name,
            valid,
            renamed: Vec::new(),
            moved: Vec::new(),
            heirs: Vec::new(),
            version: 0,
        }
    }

    /// Its name at an instant. Of changes from the same instant the one recorded last counts.
    #[must_use]
    pub fn name_at(&self, at: Timestamp) -> &Name {
        let given = self.renamed.iter().filter(|it| it.from <= at);
        given
            .max_by_key(|it| it.from)
            .map_or(&self.name, |it| &it.name)
    }

    /// The unit above it at an instant.
    #[must_use]
    pub fn parent_at(&self, at: Timestamp) -> Option<UnitId> {
        let moved = self.moved.iter().filter(|it| it.from <= at);
        moved
            .max_by_key(|it| it.from)
            .map_or(self.parent, |it| Some(it.parent))
    }

    /// Whether it has been abolished by an instant.
    #[must_use]
    pub fn is_abolished(&self, at: Timestamp) -> bool {
        self.valid.until.is_some_and(|until| until <= at)
    }
}
