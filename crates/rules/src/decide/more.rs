//! What an organisation's own rules may look at besides the facts: who, where in the organisation,
//! when. Computed only where there are such rules.

use cedar_policy::RestrictedExpression as E;
use sekisho_domain::check::DeviceCheck;
use sekisho_domain::check::Outcome;
use sekisho_domain::device::StateSource;
use sekisho_domain::posture::Standing;

use super::facts::{Facts, Ground};
use super::question::{Act, Question};

/// How many units up are looked at: no organisation is deeper.
const DEEPEST: usize = 32;

/// The further facts.
#[derive(Clone, Debug)]
pub(super) struct More {
    pub(super) roles: Vec<&'static str>,
    pub(super) units: Vec<String>,
    unit: String,
    device: String,
    pub(super) declared: bool,
    system: String,
    task: String,
    pub(super) failing: Vec<&'static str>,
    pub(super) restrictions: Vec<String>,
    hour: i64,
    weekday: i64,
    pub(super) working_day: bool,
}

impl More {
    pub(super) fn of(ground: Ground<'_>, question: &Question, facts: &Facts) -> Self {
        let Ground { world, now, .. } = ground;
        let unit = world.unit_of(question.person, now);
        let mut units = Vec::new();
        let mut here = unit;
        while let Some(unit) = here.filter(|_| units.len() < DEEPEST) {
            units.push(unit.to_string());
            let parent = world.units.get(&unit).and_then(|it| it.parent_at(now));
            here = parent.map(|parent| world.unit_now(parent, now));
        }
        let roles = world
            .posts_held(question.person, now)
            .flat_map(|(_, post)| post.roles.iter().map(|role| role.code()))
            .collect();
        let moment = now.jst();
        Self {
            roles,
            unit: unit.map_or_else(String::new, |unit| unit.to_string()),
            units,
            device: question
                .device
                .map_or_else(String::new, |it| it.to_string()),
            declared: facts.device.source == StateSource::Declared,
            system: match &question.act {
                Act::Reach { system, .. } => system.to_string(),
                Act::Join { .. } => String::new(),
            },
            task: question.task.map_or_else(String::new, |it| it.to_string()),
            failing: failing(ground, question),
            restrictions: restrictions(ground, facts),
            hour: i64::from(moment.hour()),
            weekday: i64::from(moment.weekday().to_monday_one_offset()),
            working_day: world.calendar().is_working_day(moment.date()),
        }
    }

    pub(super) fn record(&self) -> Result<E, String> {
        let text = |text: &str| E::new_string(text.to_owned());
        let pairs = [
            ("roles", E::new_set(self.roles.iter().map(|it| text(it)))),
            ("units", E::new_set(self.units.iter().map(|it| text(it)))),
            ("unit", text(&self.unit)),
            ("device", text(&self.device)),
            ("declared", E::new_bool(self.declared)),
            ("system", text(&self.system)),
            ("task", text(&self.task)),
            (
                "failing",
                E::new_set(self.failing.iter().map(|it| text(it))),
            ),
            (
                "restrictions",
                E::new_set(self.restrictions.iter().map(|it| text(it))),
            ),
            ("hour", E::new_long(self.hour)),
            ("weekday", E::new_long(self.weekday)),
            ("working_day", E::new_bool(self.working_day)),
        ];
        E::new_record(pairs.map(|(name, value)| (name.to_owned(), value)))
            .map_err(|error| error.to_string())
    }
}

/// Every check of the device that does not pass now.
fn failing(ground: Ground<'_>, question: &Question) -> Vec<&'static str> {
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
        .map(DeviceCheck::code)
        .collect()
}

/// The handling restrictions of the permits that carry the access.
fn restrictions(ground: Ground<'_>, facts: &Facts) -> Vec<String> {
    let permits = facts.held.covering();
    permits
        .filter_map(|id| ground.permit(id))
        .flat_map(super::decision::restrictions_of)
        .map(|restriction| restriction.to_string())
        .collect()
}
