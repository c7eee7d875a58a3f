//! The units, and who is in them.

use std::collections::{BTreeSet, HashMap, HashSet};

use sekisho_domain::id::{PersonId, TaskId, UnitId};
use sekisho_domain::plan::PlanContent;
use sekisho_domain::time::{Span, Timestamp};
use sekisho_domain::world::World;
use sekisho_rules::trigger::{DAYS, EarlierUnit, PersonUse, UnitNode, Usage};

/// Half of a person's id.
fn key(person: PersonId) -> u64 {
    let bytes = person.to_bytes();
    bytes[8..]
        .iter()
        .fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

/// The units in force, those above before those below, and the people with whether the plan admits them.
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
    let admitted = admitted(content, usage, &places);
    let members = world.people.keys().filter(|it| world.is_member(**it, now));
    for person in members {
        let unit = world
            .unit_of(*person, now)
            .map(|unit| world.unit_now(unit, now));
        let Some(unit) = unit.and_then(|unit| places.get(&unit).copied()) else {
            continue;
        };
        let is_admitted = |unit: &u32| admitted.as_ref().is_none_or(|all| all.contains(unit));
        let stays = stays(world, *person, (&*usage, &places));
        let earlier = earlier(&stays, is_admitted(&unit), usage, is_admitted);
        if !earlier.is_empty() {
            usage.earlier.insert(key(*person), earlier);
        }
        usage.people.push(PersonUse {
            unit,
            key: key(*person),
            days: 0,
            refused: 0,
            admitted: is_admitted(&unit),
        });
    }
}

/// Until when somebody was in a unit, by its place.
type Stay = (Timestamp, u32);

/// Where somebody was before within the days that are known, the oldest first.
fn stays(
    world: &World,
    person: PersonId,
    (usage, places): (&Usage, &HashMap<UnitId, u32>),
) -> Vec<Stay> {
    let earlier = world.was_in.get(&person).into_iter().flatten();
    let place = |(until, unit): &(Timestamp, UnitId)| {
        let place = places.get(&world.unit_now(*unit, usage.at))?;
        (usage.at.since(*until) <= Span::days(DAYS as u32 + 1)).then_some((*until, *place))
    };
    earlier.filter_map(place).collect()
}

/// The days of each of them. The day of a move counts where the plan admits the person: days have no hours.
fn earlier(
    stays: &[Stay],
    admitted_now: bool,
    usage: &Usage,
    is_admitted: impl Fn(&u32) -> bool,
) -> Vec<EarlierUnit> {
    let Some((last, _)) = stays.last() else {
        return Vec::new();
    };
    let mut taken = if admitted_now {
        usage.days_within(*last, usage.day)
    } else {
        0
    };
    let mut from = Timestamp::default();
    let mut all: Vec<(bool, u64, u32)> = Vec::new();
    for (until, unit) in stays {
        all.push((is_admitted(unit), usage.days_within(from, *until), *unit));
        from = *until;
    }
    // Those that the plan admits first.
    all.sort_by_key(|(admitted, ..)| !admitted);
    let shared = all.into_iter().map(|(admitted, days, unit)| {
        let days = days & !taken;
        taken |= days;
        EarlierUnit {
            unit,
            days,
            admitted,
        }
    });
    shared.filter(|it| it.days != 0).collect()
}

/// The places of the units whose people the plan admits; none where it admits everyone, or there is none.
fn admitted(
    content: Option<&PlanContent>,
    usage: &Usage,
    places: &HashMap<UnitId, u32>,
) -> Option<HashSet<u32>> {
    Some(below(&content?.admitted()?, usage, places))
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

/// Whom a plan admits, by the places of their units.
#[derive(Default)]
pub(super) struct Admitted {
    /// To any task; none where that is everyone.
    any: Option<HashSet<u32>>,
    /// To each task that some do and others do not.
    tasks: HashMap<TaskId, HashSet<u32>>,
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
            (line.task, below(&units, usage, &places))
        });
        let refused = content.lines.iter().filter(|line| !line.admits());
        Self {
            any: admitted(Some(content), usage, &places),
            tasks: tasks.collect(),
            refused: refused.map(|line| line.task).collect(),
            stays: HashMap::new(),
        }
    }

    /// With where those were who moved.
    pub(super) fn with_stays(mut self, world: &World, people: &Places, usage: &Usage) -> Self {
        let places: HashMap<UnitId, u32> = usage.units.iter().map(|it| it.id).zip(0..).collect();
        for person in world.was_in.keys() {
            let stays = stays(world, *person, (usage, &places));
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
        self.any.as_ref().is_none_or(|any| !any.is_empty())
    }

    /// The place of the unit in which somebody was at an instant.
    fn unit(&self, usage: &Usage, person: usize, at: Timestamp) -> u32 {
        let stays = self.stays.get(&person).into_iter().flatten();
        let mut there = stays.filter(|(until, _)| at < *until);
        there
            .next()
            .map_or(usage.people[person].unit, |(_, unit)| *unit)
    }

    /// The unit in which somebody was at an instant, where the plan admits it to some task and not to this one. Of a
    /// task that nobody does only `let_in` says something: that people are refused is what the plan says.
    pub(super) fn outside(
        &self,
        usage: &Usage,
        (person, task): (usize, TaskId),
        (at, let_in): (Timestamp, bool),
    ) -> Option<u32> {
        let unit = self.unit(usage, person, at);
        if self.any.as_ref().is_some_and(|any| !any.contains(&unit)) {
            return None;
        }
        let outside = match self.tasks.get(&task) {
            Some(units) => !units.contains(&unit),
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

    /// The place of a person by the id's text; none of who is no member any more.
    pub(super) fn find(&self, person: &str) -> Option<usize> {
        self.of_person(person.parse().ok()?)
    }

    fn of_person(&self, person: PersonId) -> Option<usize> {
        self.0.get(&key(person)).copied()
    }
}
