//! What risk assessments in force say of a permit to telework: nothing is given that the next decision
//! about access would refuse (GOV-1-i, -k).

use crate::command::Refusal;
use crate::grade::Grade;
use crate::permit::Particulars;
use crate::risk::{RiskVersion, Treatment};
use crate::time::Timestamp;
use crate::world::World;

/// It names the assessment and tells nothing of it: whoever applies need not be among those who read it.
fn refused(code: &'static str, field: &str, risk: &RiskVersion) -> Refusal {
    let mut refusal = Refusal::new(code).at(field);
    refusal.reason = refusal.reason.with("risk", risk.risk.to_string());
    refusal
}

/// What assessments rule out whoever asks.
pub(super) fn admitted(
    world: &World,
    particulars: &Particulars,
    grade: Option<Grade>,
    now: Timestamp,
) -> Result<(), Refusal> {
    let Particulars::Telework(asked) = particulars else {
        return Ok(());
    };
    for risk in world.risks_limiting(Some(asked.task), now) {
        if risk.stops(world, now) {
            return Err(refused("permit.risk-stops", "task", risk));
        }
        for treatment in risk.treatments(now) {
            let (ceiling, places) = match treatment {
                Treatment::Limit(it) => (it.ceiling, &it.places),
                Treatment::Condition(it) => (it.ceiling, &it.places),
                _ => continue,
            };
            if !places.is_empty() && !places.contains(&asked.place) {
                return Err(refused("permit.risk-place", "place", risk));
            }
            let beyond = |highest: Grade| grade.is_some_and(|grade| grade.join(highest) != highest);
            if ceiling.is_some_and(beyond) {
                return Err(refused("permit.risk-grade", "grade", risk));
            }
        }
    }
    Ok(())
}
