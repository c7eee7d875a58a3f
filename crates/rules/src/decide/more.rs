//! What an organisation's own rules may look at besides the facts: who, where in the organisation,
//! when. Computed only where there are such rules.

use cedar_policy::RestrictedExpression as E;
use sekisho_domain::check::{DeviceCheck, Outcome};
use sekisho_domain::device::StateSource;
use sekisho_domain::id::{DeviceId, SystemId, TaskId, UnitId};
use sekisho_domain::posture::Standing;
use sekisho_domain::restriction::Restriction;
use sekisho_domain::role::Role;
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;

use super::facts::{Facts, Ground};
use super::question::{Act, Question};

/// How many units up are looked at: no organisation is deeper.
const DEEPEST: usize = 32;

/// The further facts.
#[derive(Clone, Debug)]
pub(super) struct More {
    pub(super) roles: Vec<Role>,
    /// The person's unit, of a device that joins in nobody's name the unit that has it, and those above.
    pub(super) units: Vec<UnitId>,
    device: Option<DeviceId>,
    /// Whether the device's state is declared.
    pub(super) declared: bool,
    system: Option<SystemId>,
    task: Option<TaskId>,
    pub(super) failing: Vec<DeviceCheck>,
    pub(super) restrictions: Vec<Restriction>,
    hour: i64,
    weekday: i64,
    pub(super) working_day: bool,
}

impl More {
    pub(super) fn of(ground: Ground<'_>, question: &Question, facts: &Facts) -> Self {
        let Ground { world, now, .. } = ground;
        let mut units = Vec::new();
        // What joins in nobody's name stands for the unit that has it.
        let mut here = match question.person {
            Some(person) => world.unit_of(person, now),
            None => question
                .device
                .and_then(|device| world.device(device))
                .map(|device| world.unit_now(device.unit, now)),
        };
        while let Some(unit) = here.filter(|_| units.len() < DEEPEST) {
            units.push(unit);
            let parent = world.units.get(&unit).and_then(|it| it.parent_at(now));
            here = parent.map(|parent| world.unit_now(parent, now));
        }
        let posts = question.person.into_iter();
        let roles = posts
            .flat_map(|person| world.posts_held(person, now))
            .flat_map(|(_, post)| post.roles.iter().copied())
            .collect();
        let (hour, weekday, working_day) = time_of(world, now);
        Self {
            roles,
            units,
            device: question.device,
            declared: facts.device.source == StateSource::Declared,
            system: match question.act {
                Act::Reach { system, .. } => Some(system),
                Act::Join { .. } => None,
            },
            task: question.task,
            failing: failing(ground, question),
            restrictions: restrictions(ground, question, facts),
            hour,
            weekday,
            working_day,
        }
    }

    /// The same at another hour.
    pub(super) fn at(&self, world: &World, at: Timestamp) -> Self {
        let (hour, weekday, working_day) = time_of(world, at);
        Self {
            hour,
            weekday,
            working_day,
            ..self.clone()
        }
    }

    pub(super) fn record(&self) -> Result<E, String> {
        let pairs = [
            ("roles", all(self.roles.iter().map(|it| it.code()))),
            ("units", all(&self.units)),
            ("unit", one(self.units.first())),
            ("device", one(self.device)),
            ("declared", E::new_bool(self.declared)),
            ("system", one(self.system)),
            ("task", one(self.task)),
            ("failing", all(self.failing.iter().map(|it| it.code()))),
            ("restrictions", all(&self.restrictions)),
            ("hour", E::new_long(self.hour)),
            ("weekday", E::new_long(self.weekday)),
            ("working_day", E::new_bool(self.working_day)),
        ];
        E::new_record(pairs.map(|(name, value)| (name.to_owned(), value)))
            .map_err(|error| error.to_string())
    }
}

/// The hour and the weekday in Japan, and whether it is a working day: nothing else of them goes by the time alone.
fn time_of(world: &World, at: Timestamp) -> (i64, i64, bool) {
    let moment = at.jst();
    (
        i64::from(moment.hour()),
        i64::from(moment.weekday().to_monday_one_offset()),
        world.calendar().is_working_day(moment.date()),
    )
}

/// An id as text, empty where there is none.
fn one(it: Option<impl ToString>) -> E {
    E::new_string(it.map_or_else(String::new, |it| it.to_string()))
}

fn all(list: impl IntoIterator<Item: ToString>) -> E {
    let texts = list.into_iter().map(|it| E::new_string(it.to_string()));
    E::new_set(texts)
}

/// Every check of the device that does not pass now.
fn failing(ground: Ground<'_>, question: &Question) -> Vec<DeviceCheck> {
    let Some(device) = question.device else {
        return Vec::new();
    };
    let known = ground.posture.device(device);
    let passes = |check: &DeviceCheck| {
        known.is_some_and(|known| {
            matches!(
                known.standing(*check, ground.now),
                Standing::Fresh(Outcome::Pass, _, _)
            )
        })
    };
    DeviceCheck::ALL
        .into_iter()
        .filter(|check| !passes(check))
        .collect()
}

/// The handling restrictions of the system and of the permits that carry the access, each as it is written.
fn restrictions(ground: Ground<'_>, question: &Question, facts: &Facts) -> Vec<Restriction> {
    let permits = facts.held.covering();
    let of_permits = permits
        .filter_map(|id| ground.permit(id))
        .flat_map(super::decision::restrictions_of);
    let mut all = super::facts::restrictions_of_system(ground.world, question).to_vec();
    for one in of_permits {
        if !all.contains(&one) {
            all.push(one);
        }
    }
    all
}
