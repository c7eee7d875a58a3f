//! The units, and who is in them.

use std::collections::{BTreeSet, HashMap, HashSet};

use sekisho_domain::id::{PersonId, TaskId, UnitId};
use sekisho_domain::plan::PlanContent;
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;
use sekisho_rules::trigger::{DAYS, EarlierUnit, PersonUse, UnitNode, Usage};

use super::stays::{KNOWN, Past, Stay};

/// Half of a person's id.
fn key(person: PersonId) -> u64 {
    let bytes = person.to_bytes();
    bytes[8..]
        .iter()
        .fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

/// The units in force, those above before those below, and the people with whether the plan admits them: also who has
/// left within the days that are known.
pub(super) fn read(world: &World, content: Option<&PlanContent>, usage: &mut Usage) {
    let now = usage.at;
    let mut below: HashMap<Option<UnitId>, Vec<UnitId>> = HashMap::new();
    for unit in world
        .units
        .values()
        .filter(|it| world.unit_in_force(it.id, now))
    {
        let above = unit.parent_at(now).map(|above| world.unit_now(above, now));
        below.entry(above).or_default().push(unit.id);
    }
    let mut places: HashMap<UnitId, u32> = HashMap::new();
    let mut level: Vec<Option<UnitId>> = vec![None];
    while !level.is_empty() {
        let mut next = Vec::new();
        for above in level {
            let mut units = below.remove(&above).unwrap_or_default();
            units.sort_unstable();
            for id in units {
                let place = u32::try_from(usage.units.len()).unwrap_or(u32::MAX);
                let parent = above.and_then(|above| places.get(&above).copied());
                usage.units.push(UnitNode { id, parent });
                places.insert(id, place);
                next.push(Some(id));
            }
        }
        level = next;
    }
    usage.minutes = vec![[0; DAYS]; usage.units.len()];
    let named = named(content, usage, &places);
    let mut past = Past::of(world, now, &places);
    let from = now.before(KNOWN);
    let known = |it: &&PersonId| world.is_member(**it, now) || world.is_member(**it, from);
    for person in world.people.keys().filter(known) {
        let unit = world
            .unit_of(*person, now)
            .map(|unit| world.unit_now(unit, now));
        let Some(unit) = unit.and_then(|unit| places.get(&unit).copied()) else {
            continue;
        };
        let admitted = named.as_ref().is_none_or(|named| named.has(unit, None));
        let stays = past.stays(*person);
        let earlier = earlier(&stays, (unit, admitted), usage, named.as_ref());
        if !earlier.is_empty() {
            usage.earlier.insert(key(*person), earlier);
        }
        if !world.is_member(*person, now) {
            usage.left.insert(key(*person));
        }
        usage.people.push(PersonUse {
            unit,
            key: key(*person),
            days: 0,
            refused: 0,
            admitted,
        });
    }
}

/// The days of each of them that is not as the unit of now is: told there, and admitted or not. The day of a move counts
/// where the plan admits the person: days have no hours.
fn earlier(
    stays: &[Stay],
    now: (u32, bool),
    usage: &Usage,
    named: Option<&Named>,
) -> Vec<EarlierUnit> {
    let Some(last) = stays.last() else {
        return Vec::new();
    };
    let mut taken = if now.1 {
        usage.days_within(last.until, usage.day)
    } else {
        0
    };
    let mut from = Timestamp::default();
    let mut all: Vec<EarlierUnit> = Vec::new();
    for stay in stays {
        all.push(EarlierUnit {
            unit: stay.unit,
            days: usage.days_within(from, stay.until),
            admitted: named.is_none_or(|named| named.has(stay.unit, Some(stay))),
        });
        from = stay.until;
    }
    // Those that the plan admits first.
    all.sort_by_key(|it| !it.admitted);
    let mut shared: Vec<EarlierUnit> = Vec::new();
    for mut it in all {
        it.days &= !taken;
        taken |= it.days;
        let key = (it.unit, it.admitted);
        if key == now || it.days == 0 {
            continue;
        }
        // One person of a unit is one, however often it was moved.
        let mut known = shared.iter_mut();
        match known.find(|known| (known.unit, known.admitted) == key) {
            Some(known) => known.days |= it.days,
            None => shared.push(it),
        }
    }
    shared
}

/// The units whose people the plan admits to any task; none where it admits everyone, or there is none.
fn named(
    content: Option<&PlanContent>,
    usage: &Usage,
    places: &HashMap<UnitId, u32>,
) -> Option<Named> {
    Some(Named::of(content?.admitted()?, usage, places))
}

/// Units that lines name.
struct Named {
    units: BTreeSet<UnitId>,
    /// The places of today of them and of those below them.
    places: HashSet<u32>,
}

impl Named {
    fn of(units: BTreeSet<UnitId>, usage: &Usage, places: &HashMap<UnitId, u32>) -> Self {
        let places = below(&units, usage, places);
        Self { units, places }
    }

    /// Whether somebody is in one of them: by the units of today, and of a stay by those of then.
    fn has(&self, place: u32, stay: Option<&Stay>) -> bool {
        match stay {
            Some(stay) => stay.is_within(&self.units),
            None => self.places.contains(&place),
        }
    }
}

/// The places of some units and of those below them. Those above stand before those below: once through all of them
/// is enough, however many are named.
fn below(named: &BTreeSet<UnitId>, usage: &Usage, places: &HashMap<UnitId, u32>) -> HashSet<u32> {
    let mut all: HashSet<u32> = named
        .iter()
        .filter_map(|unit| places.get(unit).copied())
        .collect();
    for (place, node) in (0..).zip(&usage.units) {
        if node.parent.is_some_and(|above| all.contains(&above)) {
            all.insert(place);
        }
    }
    all
}

/// Whom a plan admits, by their units.
#[derive(Default)]
pub(super) struct Admitted {
    /// To any task; none where that is everyone.
    any: Option<Named>,
    /// To each task that some do and others do not.
    tasks: HashMap<TaskId, Named>,
    /// The tasks that nobody does.
    refused: HashSet<TaskId>,
    /// Where those were who moved, by their own place.
    stays: HashMap<usize, Vec<Stay>>,
}

impl Admitted {
    pub(super) fn of(content: &PlanContent, usage: &Usage) -> Self {
        let places: HashMap<UnitId, u32> = usage.units.iter().map(|it| it.id).zip(0..).collect();
        let admitting = content.lines.iter().filter(|line| line.admits());
        let limited = admitting.filter(|line| !line.units.is_empty());
        let tasks = limited.map(|line| {
            let units: BTreeSet<UnitId> = line.units.iter().copied().collect();
            (line.task, Named::of(units, usage, &places))
        });
        let refused = content.lines.iter().filter(|line| !line.admits());
        Self {
            any: named(Some(content), usage, &places),
            tasks: tasks.collect(),
            refused: refused.map(|line| line.task).collect(),
            stays: HashMap::new(),
        }
    }

    /// With where those were who moved.
    pub(super) fn with_stays(mut self, world: &World, people: &Places, usage: &Usage) -> Self {
        let places: HashMap<UnitId, u32> = usage.units.iter().map(|it| it.id).zip(0..).collect();
        let mut past = Past::of(world, usage.at, &places);
        for person in world.people.keys() {
            let stays = past.stays(*person);
            if let Some(place) = people.of_person(*person).filter(|_| !stays.is_empty()) {
                self.stays.insert(place, stays);
            }
        }
        self
    }

    /// Whether it limits any task to some units.
    pub(super) fn limits_tasks(&self) -> bool {
        !self.tasks.is_empty()
    }

    /// Whether it admits anybody to anything. Where it does not, nobody is outside while others are inside.
    pub(super) fn admits_some(&self) -> bool {
        self.any.as_ref().is_none_or(|any| !any.places.is_empty())
    }

    /// The unit in which somebody was at an instant, where the plan admits it to some task and not to this one. Of a
    /// task that nobody does only `let_in` says something: that people are refused is what the plan says.
    pub(super) fn outside(
        &self,
        usage: &Usage,
        (person, task): (usize, TaskId),
        (at, let_in): (Timestamp, bool),
    ) -> Option<u32> {
        let mut stays = self.stays.get(&person).into_iter().flatten();
        let stay = stays.find(|it| at < it.until);
        let unit = stay.map_or(usage.people[person].unit, |it| it.unit);
        let any = self.any.as_ref();
        if any.is_some_and(|any| !any.has(unit, stay)) {
            return None;
        }
        let outside = match self.tasks.get(&task) {
            Some(named) => !named.has(unit, stay),
            None => let_in && self.refused.contains(&task),
        };
        outside.then_some(unit)
    }
}

/// Where people stand in what was measured.
pub(super) struct Places(HashMap<u64, usize>);

impl Places {
    pub(super) fn of(usage: &Usage) -> Self {
        let people = usage.people.iter().enumerate();
        Self(people.map(|(place, it)| (it.key, place)).collect())
    }

    /// The place of a person by the id's text; none of who left before the days that are known.
    pub(super) fn find(&self, person: &str) -> Option<usize> {
        self.of_person(person.parse().ok()?)
    }

    fn of_person(&self, person: PersonId) -> Option<usize> {
        self.0.get(&key(person)).copied()
    }
}
