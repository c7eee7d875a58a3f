//! What risk assessments in force put in the way of telework: a task that is stopped or limited, a measure
//! that is not in effect on the device, a condition that is not kept (GOV-1-i, -j, -k).
//!
//! Asked twice, as the plan is: of the task that is named, and of the task of the permit by which somebody
//! comes. What no program sees (two persons, a closed room) is no bar: it stands on the permits.

use sekisho_domain::check::{DeviceCheck, Outcome};
use sekisho_domain::grade::Grade;
use sekisho_domain::id::{DeviceId, RiskId, TaskId};
use sekisho_domain::permit::particulars::TeleworkPlace;
use sekisho_domain::permit::{Particulars, Permit};
use sekisho_domain::posture::Standing;
use sekisho_domain::risk::{Condition, Treatment, may_be};
use sekisho_domain::time::{Span, Timestamp};

use super::facts::Ground;
use super::lack::Lack;
use super::question::{Act, Question};

/// What of an assessment is in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Bar {
    /// The task is stopped, a high risk is accepted no longer, or the exception is over by which it was not high.
    Stopped,
    /// This check has to pass on the device first.
    Measure(DeviceCheck),
    /// A limit of the task does not cover what is asked.
    Limited,
    /// A condition is not kept.
    Condition,
}

/// An assessment that is in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RiskBar {
    /// Which.
    pub risk: RiskId,
    /// What of it.
    pub bar: Bar,
}

impl Bar {
    /// What is missing because of it.
    #[must_use]
    pub const fn lack(&self) -> Lack {
        match self {
            Self::Stopped => Lack::RiskStopped,
            Self::Measure(_) => Lack::RiskMeasure,
            Self::Limited => Lack::RiskLimited,
            Self::Condition => Lack::RiskCondition,
        }
    }

    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Stopped => "stopped",
            Self::Measure(_) => "measure",
            Self::Limited => "limited",
            Self::Condition => "condition",
        }
    }

    /// The clause that it rests on.
    #[must_use]
    pub const fn clause(&self) -> &'static str {
        match self {
            Self::Stopped | Self::Limited => "GOV-1-i",
            Self::Measure(_) => "GOV-1-j",
            Self::Condition => "GOV-1-k",
        }
    }
}

/// What is held against treatments.
struct Asked<F> {
    grade: Grade,
    device: Option<DeviceId>,
    /// Whether it may be done at a place.
    there: F,
}

/// Of the task that a question names. Only where a system is reached from outside the controlled area.
pub(super) fn of_question(ground: Ground<'_>, question: &Question, grade: Grade) -> Vec<RiskBar> {
    match question.task {
        Some(task) => of_asked(ground, Some(task), question, grade),
        None => Vec::new(),
    }
}

/// Of every task whatever: by assessments of the whole.
pub(super) fn of_any(ground: Ground<'_>, question: &Question, grade: Grade) -> Vec<RiskBar> {
    of_asked(ground, None, question, grade)
}

fn of_asked(
    ground: Ground<'_>,
    task: Option<TaskId>,
    question: &Question,
    grade: Grade,
) -> Vec<RiskBar> {
    let place = question.origin.place;
    if !place.is_off_site() || !matches!(question.act, Act::Reach { .. }) {
        return Vec::new();
    }
    let asked = Asked {
        grade,
        device: question.device,
        there: may_be(place),
    };
    bars(ground, task, &asked)
}

/// Of the task of a permit to telework; nothing of other kinds.
pub(super) fn of_permit(
    ground: Ground<'_>,
    permit: &Permit,
    grade: Grade,
    device: Option<DeviceId>,
) -> Vec<RiskBar> {
    let Particulars::Telework(it) = permit.particulars.as_ref() else {
        return Vec::new();
    };
    let named = it.place;
    let asked = Asked {
        grade,
        device,
        there: move |place: TeleworkPlace| place == named,
    };
    bars(ground, Some(it.task), &asked)
}

fn bars<F: Fn(TeleworkPlace) -> bool>(
    ground: Ground<'_>,
    task: Option<TaskId>,
    asked: &Asked<F>,
) -> Vec<RiskBar> {
    let mut found = Vec::new();
    for risk in ground.world.risks_limiting(task, ground.now) {
        let mut put = |bar| {
            found.push(RiskBar {
                risk: risk.risk,
                bar,
            });
        };
        if risk.stops(ground.world, ground.now) {
            put(Bar::Stopped);
        }
        for treatment in risk.treatments(ground.now) {
            match treatment {
                Treatment::Limit(limit) if !limit.covers(asked.grade, &asked.there) => {
                    put(Bar::Limited);
                }
                Treatment::Condition(it) if !is_kept(ground, it, asked) => put(Bar::Condition),
                Treatment::Measure { check } if !is_in_effect(ground, *check, asked.device) => {
                    put(Bar::Measure(*check));
                }
                _ => {}
            }
        }
    }
    found
}

fn is_kept<F: Fn(TeleworkPlace) -> bool>(
    ground: Ground<'_>,
    condition: &Condition,
    asked: &Asked<F>,
) -> bool {
    condition.covers(asked.grade, &asked.there) && is_open(ground, condition, ground.now)
}

fn is_open(ground: Ground<'_>, condition: &Condition, at: Timestamp) -> bool {
    let moment = at.jst();
    let hour = u32::try_from(moment.hour()).unwrap_or_default();
    let working = ground.world.calendar().is_working_day(moment.date());
    condition.covers_hour(hour, working)
}

/// Whether a check passes on a device by fresh evidence. A device that is not enrolled is refused as such.
fn is_in_effect(ground: Ground<'_>, check: DeviceCheck, device: Option<DeviceId>) -> bool {
    let enrolled = device.filter(|id| ground.world.device(*id).is_some());
    let Some(device) = enrolled else { return true };
    let standing = ground.posture.standing(device, check, ground.now);
    standing.outcome() == Outcome::Pass
}

/// Until when what assessments allow of a task now goes on being allowed by them: hours close, acceptances
/// and exceptions end, and evidence of a measure ages.
pub(super) fn holds_until(
    ground: Ground<'_>,
    task: Option<TaskId>,
    device: Option<DeviceId>,
) -> Option<Timestamp> {
    let risks = ground.world.risks_limiting(task, ground.now);
    let treatments = risks.iter().flat_map(|risk| risk.treatments(ground.now));
    let ends = treatments.filter_map(|treatment| end(ground, treatment, device));
    let lowered = risks.iter();
    let lowered = lowered.filter_map(|risk| risk.lowered_until(ground.world, ground.now));
    ends.chain(lowered).min()
}

fn end(ground: Ground<'_>, treatment: &Treatment, device: Option<DeviceId>) -> Option<Timestamp> {
    let now = ground.now;
    match treatment {
        Treatment::Accept { until } => Some(*until),
        Treatment::Condition(it)
            if it.until_hour.is_some()
                || it.working_days_only
                || it.from_hour.is_some_and(|hour| hour > 0) =>
        {
            let start = Timestamp::start_of_jst_day(now.jst_date()).ok()?;
            Some(start.after(Span::minutes(it.until_hour.unwrap_or(24) * 60)))
        }
        Treatment::Measure { check } => match ground.posture.standing(device?, *check, now) {
            Standing::Fresh(_, _, times) => Some(times.fresh_until),
            _ => None,
        },
        _ => None,
    }
}
