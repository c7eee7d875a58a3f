//! Lines that devices may join: those of the register that say how devices see them, and permits for
//! lines (PL).

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use sekisho_domain::device::DeviceClass;
use sekisho_domain::fact::{JoinedNetwork, NetworkMedium};
use sekisho_domain::id::{DeviceId, LineId};
use sekisho_domain::name::folded;
use sekisho_domain::permit::{Particulars, PermitKind, Term};
use sekisho_domain::register::line::LineKind;
use sekisho_domain::register::{EntryId, NetworkLine};
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;
use serde::Serialize;

use super::{Holders, live};
use crate::digest::of_json;

/// What is said of lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::check) struct Lines {
    /// By what devices see the lines that stand in the register with their officer.
    marks: BTreeSet<String>,
    /// Lines of one kind that the register permits without saying how they are seen: a home, a mobile
    /// line. One network of a device can be such a line, by its user's word.
    by_word: u32,
    /// Whether any line stands in the register.
    entered: bool,
    permits: HashMap<DeviceId, Vec<LinePermit>>,
    /// People's own devices: the clause does not bind them.
    own: HashSet<DeviceId>,
}

/// A permit for a line on one device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct LinePermit {
    term: Term,
    /// By what the line is seen; empty where only its user can say which it is.
    marks: BTreeSet<String>,
}

/// What permits a network that a device has joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::check) enum Known {
    /// The register.
    Listed,
    /// A permit, until then.
    Permitted(Timestamp),
}

impl Lines {
    pub(super) fn of(world: &World, holders: &Holders<'_>, now: Timestamp) -> Self {
        let mut lines = Self::default();
        let mut marks_of: BTreeMap<LineId, BTreeSet<String>> = BTreeMap::new();
        for (entry, line) in world.registers.nouns::<NetworkLine>() {
            let EntryId::Line(id) = entry.id else {
                continue;
            };
            lines.entered = true;
            let marks: BTreeSet<String> =
                line.seen_as.iter().map(|it| folded(it.as_str())).collect();
            // A line that stands in the register with its officer is permitted by that.
            if line.officer.is_some() {
                let by_word = matches!(line.kind, LineKind::Home | LineKind::Mobile);
                lines.by_word += u32::from(by_word && marks.is_empty());
                lines.marks.extend(marks.iter().cloned());
            }
            marks_of.insert(id, marks);
        }
        for permit in world.permits.of_kind(PermitKind::Line) {
            let (Particulars::Line(asked), Some(term)) =
                (permit.particulars.as_ref(), live(permit, now))
            else {
                continue;
            };
            let marks = asked.line.and_then(|line| marks_of.get(&line));
            let named: Vec<DeviceId> = asked.device.into_iter().collect();
            for device in holders.devices_of(permit, &named) {
                lines.permits.entry(device).or_default().push(LinePermit {
                    term,
                    marks: marks.cloned().unwrap_or_default(),
                });
            }
        }
        let own = world.devices.iter();
        let own = own.filter(|device| device.class == DeviceClass::Byod);
        lines.own = own.map(|device| device.id).collect();
        lines
    }

    pub(super) fn mark(&self) -> String {
        of_json(&(&self.marks, self.by_word, self.entered))
    }

    pub(super) fn mark_of(&self, device: DeviceId) -> Option<String> {
        self.permits.get(&device).map(of_json)
    }

    pub(super) fn devices(&self) -> impl Iterator<Item = DeviceId> {
        self.permits.keys().copied()
    }

    /// Whether a device is a person's own.
    pub(in crate::check) fn is_own(&self, device: DeviceId) -> bool {
        self.own.contains(&device)
    }

    /// Whether there is anything to compare the networks of a device with.
    pub(in crate::check) fn say_anything(&self, device: Option<DeviceId>) -> bool {
        self.entered || device.is_some_and(|device| self.permits.contains_key(&device))
    }

    /// What permits a network by a mark of it; none where no line is seen as that.
    pub(in crate::check) fn known(
        &self,
        device: Option<DeviceId>,
        network: &JoinedNetwork,
        now: Timestamp,
    ) -> Option<Known> {
        let seen = marks_of(network);
        if seen.iter().any(|mark| self.marks.contains(mark)) {
            return Some(Known::Listed);
        }
        let permits = self.permits.get(&device?)?.iter();
        let fits = permits.filter(|it| it.term.holds(now) && !it.marks.is_disjoint(&seen));
        fits.map(|it| it.term.until).max().map(Known::Permitted)
    }

    /// How many networks of a device may be lines of which only its user can say which they are, and
    /// until when all of these permissions stand.
    pub(in crate::check) fn by_word(
        &self,
        device: Option<DeviceId>,
        now: Timestamp,
    ) -> (u32, Option<Timestamp>) {
        let permits = device.and_then(|device| self.permits.get(&device));
        let permits = permits.into_iter().flatten();
        let permits = permits.filter(|it| it.marks.is_empty() && it.term.holds(now));
        permits.fold((self.by_word, None), |(n, until), it| {
            let until = until.map_or(it.term.until, |known: Timestamp| known.min(it.term.until));
            (n + 1, Some(until))
        })
    }
}

/// By what a network can be told: the hardware address of its gateway, and the name where others give it.
/// The name of a cable connection is the device's own and says nothing.
fn marks_of(network: &JoinedNetwork) -> BTreeSet<String> {
    let named = matches!(network.medium, NetworkMedium::Wifi | NetworkMedium::Mobile);
    let name = named.then_some(network.name.as_str());
    let mac = network.gateway_mac.as_deref();
    let marks = name.into_iter().chain(mac).map(folded);
    marks.filter(|mark| !mark.is_empty()).collect()
}
