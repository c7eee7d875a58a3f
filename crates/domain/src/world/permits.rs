//! Permits in the World, with the indices that lists and the gate need.
//!
//! The indices follow from the list alone: snapshots keep the list, and a start makes them anew.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use roaring::RoaringBitmap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::excepted::Excepted;
use super::marked::Marked;
use crate::id::{DeviceId, PermitId, PersonId, PostId, SystemId, UnitId};
use crate::permit::{
    Life, Mark, NumberSeries, Permit, PermitKind, PermitNumber, Place, Stage, Status,
};
use crate::role::Role;
use crate::time::Timestamp;

/// What the organisation has settled about permits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PermitRules {
    /// Whether numbers run by half-year.
    #[serde(default)]
    pub by_half: bool,
    /// Who decides, where the notices name no one and the default is not taken.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub approvers: BTreeMap<PermitKind, Role>,
}

/// All permits, in the order of application.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Permits {
    rules: PermitRules,
    /// Shared with a snapshot that is being written; a change then makes a copy of the one permit.
    list: Vec<Arc<Permit>>,
    ordinals: HashMap<PermitId, u32>,
    by_applicant: HashMap<PersonId, Vec<u32>>,
    /// Of an applicant, and by the devices that they speak of, those alone that can come to hold yet: decisions look
    /// at these, and what has ended over the years costs them nothing. Each with its mark: whoever looks for some goes
    /// to no permit for something else, each of which lies elsewhere in memory.
    open_of: Marked<PersonId>,
    open_by_device: Marked<DeviceId>,
    by_kind: BTreeMap<PermitKind, RoaringBitmap>,
    /// By where each stands as recorded, whatever time has brought since.
    by_status: BTreeMap<Status, RoaringBitmap>,
    by_unit: HashMap<UnitId, RoaringBitmap>,
    by_device: HashMap<DeviceId, Vec<u32>>,
    by_system: HashMap<SystemId, Vec<u32>>,
    excepted: Excepted,
    queued: HashMap<PostId, BTreeSet<u32>>,
    to_view: HashMap<PostId, BTreeSet<u32>>,
    /// What can still hold, by the end of its term.
    ends: BTreeSet<(Timestamp, u32)>,
    /// What is owed, by when the first of it is due.
    dues: BTreeSet<(Timestamp, u32)>,
    serials: BTreeMap<NumberSeries, u32>,
}

#[derive(Serialize)]
struct Shown<'a> {
    rules: &'a PermitRules,
    list: Vec<&'a Permit>,
}

#[derive(Deserialize)]
struct Stored {
    rules: PermitRules,
    list: Vec<Permit>,
}

impl Serialize for Permits {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (rules, list) = (&self.rules, self.iter().collect());
        Shown { rules, list }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Permits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let stored = Stored::deserialize(deserializer)?;
        let mut permits = Self {
            rules: stored.rules,
            ..Self::default()
        };
        for permit in stored.list {
            if !permits.add(permit) {
                return Err(serde::de::Error::custom("a permit stands twice"));
            }
        }
        Ok(permits)
    }
}

impl Permits {
    /// What the organisation has settled.
    #[must_use]
    pub const fn rules(&self) -> &PermitRules {
        &self.rules
    }

    /// The rules and the list alone, for a snapshot.
    pub(super) fn frozen(&self) -> Self {
        Self {
            rules: self.rules.clone(),
            list: self.list.clone(),
            ..Self::default()
        }
    }

    pub(super) const fn rules_mut(&mut self) -> &mut PermitRules {
        &mut self.rules
    }

    /// The role that decides on a kind.
    #[must_use]
    pub fn approver(&self, kind: PermitKind) -> Role {
        let settled = self.rules.approvers.get(&kind).copied();
        settled.unwrap_or(kind.approver().0)
    }

    /// The number that the next permit of a kind gets.
    #[must_use]
    pub fn next_number(&self, kind: PermitKind, now: Timestamp) -> PermitNumber {
        let series = NumberSeries::at(kind, now, self.rules.by_half);
        let last = self.serials.get(&series).copied().unwrap_or(0);
        PermitNumber {
            series,
            serial: last.saturating_add(1),
        }
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// All, in the order of application.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Permit> {
        self.list.iter().map(Arc::as_ref)
    }

    /// One by id.
    #[must_use]
    pub fn get(&self, id: PermitId) -> Option<&Permit> {
        self.ordinals.get(&id).map(|ordinal| self.at(*ordinal))
    }

    /// Those of an applicant, the newest first.
    pub fn of_person(&self, person: PersonId) -> impl Iterator<Item = &Permit> {
        let known = self.by_applicant.get(&person);
        known.into_iter().flatten().rev().map(|n| self.at(*n))
    }

    /// Those of an applicant that can come to hold yet, the newest first: neither refused, withdrawn nor recorded
    /// as ended. Time alone takes none away, so that a clock that is set back loses none; ask [`Permit::status`].
    pub fn open_of_person(&self, person: PersonId) -> impl Iterator<Item = &Permit> {
        let known = self.open_of.of(&person).iter().rev();
        known.map(|(n, _)| self.at(*n))
    }

    /// As [`Self::open_of_person`], those wanted by their marks, with their places among all.
    pub fn placed_of_person(
        &self,
        person: PersonId,
        wanted: impl Fn(Mark) -> bool,
    ) -> impl Iterator<Item = (u32, &Permit)> {
        self.placed(self.open_of.of(&person), wanted)
    }

    /// Those that speak of a device and can come to hold yet, as [`Self::open_of_person`] says, wanted by their marks,
    /// with their places among all, the newest first.
    pub fn placed_of_device(
        &self,
        device: DeviceId,
        wanted: impl Fn(Mark) -> bool,
    ) -> impl Iterator<Item = (u32, &Permit)> {
        self.placed(self.open_by_device.of(&device), wanted)
    }

    fn placed<'a>(
        &'a self,
        known: &'a [(u32, Mark)],
        wanted: impl Fn(Mark) -> bool,
    ) -> impl Iterator<Item = (u32, &'a Permit)> {
        let known = known.iter().rev();
        let wanted = known.filter(move |(_, mark)| wanted(*mark));
        wanted.map(|(n, _)| (*n, self.at(*n)))
    }

    /// Exceptions that name a person beside their applicants, whatever has become of them; the newest first.
    pub fn naming(&self, person: PersonId) -> impl Iterator<Item = &Permit> {
        let known = self.excepted.naming(person).iter().rev();
        known.map(|n| self.at(*n))
    }

    /// Those of them that can come to hold yet, as [`Self::open_of_person`] says, with their places among all.
    pub fn placed_naming(&self, person: PersonId) -> impl Iterator<Item = (u32, &Permit)> {
        let known = self.excepted.naming_yet(person).iter().rev();
        known.map(|n| (*n, self.at(*n)))
    }

    /// Whether there is any of those that [`Self::placed_open`] looks among.
    #[must_use]
    pub fn has_open(&self) -> bool {
        self.excepted.has_open()
    }

    /// Exceptions that name neither people nor devices, were given for everybody, taken up and are neither held nor
    /// recorded as ended: those at a place, for a system or any, and for one of some units or all, with their places
    /// among all; the newest first. Whether time has ended one, ask [`Permit::status`].
    pub fn placed_open<'a>(
        &'a self,
        place: Place,
        system: Option<SystemId>,
        units: &[UnitId],
    ) -> impl Iterator<Item = (u32, &'a Permit)> + use<'a> {
        let known = self.excepted.open_now(place, system, units).into_iter();
        known.map(move |n| (n, self.at(n)))
    }

    /// Exceptions that name neither people nor devices, whatever has become of them; the newest first.
    pub fn open_exceptions(&self) -> impl Iterator<Item = &Permit> {
        let known = self.excepted.open().iter().rev();
        known.map(|n| self.at(*n))
    }

    /// The one at a place, which it keeps as long as the World stands; found sooner than by its id.
    #[must_use]
    pub fn nth(&self, place: u32) -> Option<&Permit> {
        self.list.get(place as usize).map(Arc::as_ref)
    }

    /// Those of a kind, the newest first.
    pub fn of_kind(&self, kind: PermitKind) -> impl Iterator<Item = &Permit> {
        let known = self.by_kind.get(&kind);
        known
            .into_iter()
            .flat_map(|set| set.iter().rev())
            .map(|n| self.at(n))
    }

    /// Those that run under a unit itself, the newest first.
    pub fn of_unit(&self, unit: UnitId) -> impl Iterator<Item = &Permit> {
        let known = self.by_unit.get(&unit);
        known
            .into_iter()
            .flat_map(|set| set.iter().rev())
            .map(|n| self.at(n))
    }

    /// Every unit under which a permit runs or ran.
    pub fn units(&self) -> impl Iterator<Item = UnitId> {
        self.by_unit.keys().copied()
    }

    /// Those that speak of a device, the newest first.
    pub fn of_device(&self, device: DeviceId) -> impl Iterator<Item = &Permit> {
        let known = self.by_device.get(&device);
        known.into_iter().flatten().rev().map(|n| self.at(*n))
    }

    /// Those that speak of a system, the newest first.
    pub fn of_system(&self, system: SystemId) -> impl Iterator<Item = &Permit> {
        let known = self.by_system.get(&system);
        known.into_iter().flatten().rev().map(|n| self.at(*n))
    }

    /// Those on which a post has something to decide, the oldest first. What has ended by time
    /// since is among them; ask [`Permit::waits`].
    pub fn queued_at(&self, post: PostId) -> impl Iterator<Item = &Permit> {
        let known = self.queued.get(&post);
        known.into_iter().flatten().map(|n| self.at(*n))
    }

    /// Every post that has something to decide.
    pub fn posts_with_queue(&self) -> impl Iterator<Item = PostId> {
        self.queued.keys().copied()
    }

    /// Those of which a stand-in's decision waits to be viewed by the holder of a post.
    pub fn to_view_at(&self, post: PostId) -> impl Iterator<Item = &Permit> {
        let known = self.to_view.get(&post);
        known.into_iter().flatten().map(|n| self.at(*n))
    }

    /// Those whose term is over by an instant and whose end is not recorded, the earliest first.
    pub fn expired(&self, by: Timestamp) -> impl Iterator<Item = &Permit> {
        let over = self.ends.iter().take_while(move |(end, _)| *end <= by);
        over.map(|(_, n)| self.at(*n))
    }

    /// Those that can still hold, by the end of their term, the earliest first.
    pub fn by_end(&self) -> impl Iterator<Item = (Timestamp, &Permit)> {
        self.ends.iter().map(|(end, n)| (*end, self.at(*n)))
    }

    /// Those that end after one instant and not after another, the earliest first.
    pub fn ending(&self, after: Timestamp, by: Timestamp) -> impl Iterator<Item = &Permit> {
        let from = (
            std::ops::Bound::Excluded((after, u32::MAX)),
            std::ops::Bound::Unbounded,
        );
        let range = self.ends.range(from);
        range
            .take_while(move |(end, _)| *end <= by)
            .map(|(_, n)| self.at(*n))
    }

    /// Those of which something is overdue at an instant, the longest overdue first.
    pub fn overdue(&self, at: Timestamp) -> impl Iterator<Item = &Permit> {
        let due = self.dues.iter().take_while(move |(due, _)| *due <= at);
        due.map(|(_, n)| self.at(*n))
    }

    /// Those of which something is or will be owed, by when it is due, the earliest first.
    pub fn by_due(&self) -> impl Iterator<Item = (Timestamp, &Permit)> {
        self.dues.iter().map(|(due, n)| (*due, self.at(*n)))
    }

    pub(super) fn at(&self, ordinal: u32) -> &Permit {
        &self.list[ordinal as usize]
    }

    /// The place of a permit in the order of application.
    pub(super) fn ordinal(&self, id: PermitId) -> Option<u32> {
        self.ordinals.get(&id).copied()
    }

    /// The places of those of a kind.
    pub(super) fn places_of_kind(&self, kind: PermitKind) -> RoaringBitmap {
        self.by_kind.get(&kind).cloned().unwrap_or_default()
    }

    /// The places of those that may stand so at an instant: those recorded so, and for the states
    /// that time brings, those whose term is over. All that do stand so are among them.
    pub(super) fn places_by_status(&self, status: Status, at: Timestamp) -> RoaringBitmap {
        let mut places = self.by_status.get(&status).cloned().unwrap_or_default();
        if matches!(status, Status::Ended | Status::Closed) {
            let over = self.ends.iter().take_while(|(end, _)| *end <= at);
            places.extend(over.map(|(_, ordinal)| *ordinal));
        }
        places
    }

    /// The places of the applications of a person, the oldest first.
    pub(super) fn places_of_person(&self, person: PersonId) -> &[u32] {
        self.by_applicant.get(&person).map_or(&[], Vec::as_slice)
    }

    /// Adds a permit; false where its id is there already.
    pub(super) fn add(&mut self, permit: Permit) -> bool {
        let Ok(ordinal) = u32::try_from(self.list.len()) else {
            return false;
        };
        if self.ordinals.contains_key(&permit.id) {
            return false;
        }
        self.ordinals.insert(permit.id, ordinal);
        let of_person = self.by_applicant.entry(permit.applicant).or_default();
        of_person.push(ordinal);
        let of_kind = self.by_kind.entry(permit.kind()).or_default();
        of_kind.insert(ordinal);
        self.list.push(Arc::new(permit));
        self.index(ordinal);
        true
    }

    /// Changes a permit and what is indexed of it; none where it is not known.
    pub(super) fn change<T>(
        &mut self,
        id: PermitId,
        change: impl FnOnce(&mut Permit) -> T,
    ) -> Option<T> {
        let ordinal = *self.ordinals.get(&id)?;
        self.unindex(ordinal);
        let answer = change(Arc::make_mut(&mut self.list[ordinal as usize]));
        self.index(ordinal);
        Some(answer)
    }

    fn index(&mut self, ordinal: u32) {
        let permit = &self.list[ordinal as usize];
        self.by_unit.entry(permit.unit).or_default().insert(ordinal);
        let standing = self.by_status.entry(recorded_status(permit)).or_default();
        standing.insert(ordinal);
        for device in permit.particulars.devices() {
            put(self.by_device.entry(device).or_default(), ordinal);
        }
        for system in permit.particulars.systems() {
            put(self.by_system.entry(system).or_default(), ordinal);
        }
        if can_hold(permit) {
            self.open_of.put(permit.applicant, permit, ordinal);
            for device in permit.particulars.devices() {
                self.open_by_device.put(device, permit, ordinal);
            }
        }
        self.excepted.index(permit, ordinal);
        if is_queued(permit) {
            let queue = self.queued.entry(permit.route.post).or_default();
            queue.insert(ordinal);
        }
        for waiting in &permit.to_view {
            let posts = self.to_view.entry(waiting.post).or_default();
            posts.insert(ordinal);
        }
        if let Some(grant) = permit.grant() {
            if matches!(grant.stage, Stage::Live { .. }) {
                self.ends.insert((grant.term.until, ordinal));
            }
            if let Some(due) = grant.due() {
                self.dues.insert((due, ordinal));
            }
            let number = grant.number;
            let last = self.serials.entry(number.series).or_default();
            *last = number.serial.max(*last);
        }
    }

    fn unindex(&mut self, ordinal: u32) {
        let permit = &self.list[ordinal as usize];
        if let Some(set) = self.by_unit.get_mut(&permit.unit) {
            set.remove(ordinal);
            if set.is_empty() {
                self.by_unit.remove(&permit.unit);
            }
        }
        if let Some(set) = self.by_status.get_mut(&recorded_status(permit)) {
            set.remove(ordinal);
            if set.is_empty() {
                self.by_status.remove(&recorded_status(permit));
            }
        }
        for device in permit.particulars.devices() {
            take(&mut self.by_device, &device, ordinal);
        }
        for system in permit.particulars.systems() {
            take(&mut self.by_system, &system, ordinal);
        }
        self.open_of.take(&permit.applicant, ordinal);
        for device in permit.particulars.devices() {
            self.open_by_device.take(&device, ordinal);
        }
        self.excepted.unindex(permit, ordinal);
        take_set(&mut self.queued, permit.route.post, ordinal);
        for waiting in &permit.to_view {
            take_set(&mut self.to_view, waiting.post, ordinal);
        }
        if let Some(grant) = permit.grant() {
            self.ends.remove(&(grant.term.until, ordinal));
            if let Some(due) = grant.due() {
                self.dues.remove(&(due, ordinal));
            }
        }
    }
}

/// Where a permit stands by what is recorded of it alone: before any time has passed.
fn recorded_status(permit: &Permit) -> Status {
    permit.status(Timestamp::from_millis(i64::MIN))
}

/// Whether it can come to hold yet, or holds, by what is recorded of it alone. What is recorded as ended, refused
/// or withdrawn never does, at whatever time it is looked at.
pub(super) fn can_hold(permit: &Permit) -> bool {
    match &permit.life {
        Life::Applied | Life::SentBack => true,
        Life::Granted(grant) => matches!(grant.stage, Stage::Live { .. }),
        Life::Refused(_) | Life::Withdrawn => false,
    }
}

/// Whether a post has something to decide on it, or had until its term was over.
fn is_queued(permit: &Permit) -> bool {
    match &permit.life {
        Life::Applied => true,
        Life::Granted(grant) => grant.stage.asks(),
        _ => false,
    }
}

pub(super) fn put(list: &mut Vec<u32>, ordinal: u32) {
    if let Err(place) = list.binary_search(&ordinal) {
        list.insert(place, ordinal);
    }
}

pub(super) fn take<K: std::hash::Hash + Eq>(map: &mut HashMap<K, Vec<u32>>, key: &K, ordinal: u32) {
    let Some(list) = map.get_mut(key) else { return };
    if let Ok(place) = list.binary_search(&ordinal) {
        list.remove(place);
    }
    if list.is_empty() {
        map.remove(key);
    }
}

fn take_set(map: &mut HashMap<PostId, BTreeSet<u32>>, post: PostId, ordinal: u32) {
    let Some(set) = map.get_mut(&post) else {
        return;
    };
    set.remove(&ordinal);
    if set.is_empty() {
        map.remove(&post);
    }
}
