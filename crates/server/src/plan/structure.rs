//! The units, and who is in them.

use std::collections::{BTreeSet, HashMap, HashSet};

use sekisho_domain::id::{PersonId, TaskId, UnitId};
use sekisho_domain::plan::{FrozenLine, PlanContent};
use sekisho_domain::world::World;
use sekisho_rules::trigger::{DAYS, PersonUse, UnitNode, Usage};

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
        usage.people.push(PersonUse {
            unit,
            key: key(*person),
            days: 0,
            refused: 0,
            admitted: admitted.as_ref().is_none_or(|all| all.contains(&unit)),
        });
    }
}

/// The places of the units whose people the plan admits; none where it admits everyone, or there is none.
fn admitted(
    content: Option<&PlanContent>,
    usage: &Usage,
    places: &HashMap<UnitId, u32>,
) -> Option<HashSet<u32>> {
    Some(below(&content?.admitted()?, usage, places))
}

/// The places of some units and of those below them.
fn below(named: &BTreeSet<UnitId>, usage: &Usage, places: &HashMap<UnitId, u32>) -> HashSet<u32> {
    let named: Vec<usize> = named
        .iter()
        .filter_map(|unit| places.get(unit).map(|place| *place as usize))
        .collect();
    let within = |place: &u32| {
        named
            .iter()
            .any(|above| usage.is_within(*place as usize, *above))
    };
    let all = 0..u32::try_from(usage.units.len()).unwrap_or(u32::MAX);
    all.filter(within).collect()
}

/// The places of the units whose people a plan admits to a task, for each task to which it does not admit everyone.
pub(super) fn admitted_to(content: &PlanContent, usage: &Usage) -> HashMap<TaskId, HashSet<u32>> {
    let places: HashMap<UnitId, u32> = usage.units.iter().map(|it| it.id).zip(0..).collect();
    let lines = content.lines.iter();
    lines
        .filter_map(|line| {
            let units = FrozenLine::of(line).units?;
            Some((line.task, below(&units, usage, &places)))
        })
        .collect()
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
        self.0.get(&key(person.parse().ok()?)).copied()
    }
}
