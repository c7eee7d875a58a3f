//! The thread that holds use against the plan every day, and whenever a plan comes into force.

use std::time::Duration;

use sekisho_domain::register::{EntryId, Gateway};
use sekisho_domain::time::{Span, Timestamp};
use sekisho_rules::access::GatewaySeen;

use super::evaluate_now;
use crate::app::App;
use crate::keeper::Keeper;

/// How often it is looked whether an evaluation is due.
const LOOK: Duration = Duration::from_secs(60);
/// For how long after the start gateways are waited for: one at work asks for its table and reports well within it.
const AWAITED: Span = Span::minutes(3);

impl Keeper {
    /// Holds use against the plan.
    ///
    /// # Errors
    /// The operating system gives no thread.
    pub(crate) fn of_plan(app: App) -> std::io::Result<Self> {
        Self::every("plan-keeper", LOOK, move || pass(&app))
    }
}

/// Whether the newest version was not held against use today.
fn is_due(app: &App) -> bool {
    let today = app.now().day_begun();
    let world = app.world();
    let Some(current) = world.plan.current() else {
        return false;
    };
    let evaluated = world.plan.evaluated();
    evaluated.is_none_or(|(_, day)| day.day != today || day.version != current.version)
}

/// Whether gateways may have been silent only because they have had no time to be heard since the start. What a gateway
/// told before it is not kept, and what is missing when use is held against the plan is missing for that day.
#[must_use]
pub fn awaits_gateways(app: &App) -> bool {
    let since = (app.access().begun_at(), app.now());
    let desk = app.access().gateways();
    let world = app.world();
    let gateways = world.registers.nouns::<Gateway>();
    let gateways = gateways.filter_map(|(entry, _)| match entry.id {
        EntryId::Gateway(id) => Some(desk.heard(id)),
        _ => None,
    });
    is_early(since, gateways)
}

/// Whether one of the gateways in use has not reported, or asked for its table, since a start not long ago.
fn is_early(
    (begun_at, now): (Timestamp, Timestamp),
    mut gateways: impl Iterator<Item = GatewaySeen>,
) -> bool {
    let early = begun_at <= now && now < begun_at.after(AWAITED);
    early && gateways.any(|it| it.reported_at.is_none() || !it.listed)
}

fn pass(app: &App) {
    if app.clock().step().is_some() || app.is_stopping() || !is_due(app) || awaits_gateways(app) {
        return;
    }
    match evaluate_now(app) {
        Ok(Some(done)) => {
            tracing::info!(
                done.opened,
                done.grown,
                done.subsided,
                "use was held against the plan"
            );
        }
        Ok(None) => {}
        Err(error) => {
            tracing::warn!(code = error.code(), %error, "the plan could not be evaluated");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gateways_are_waited_for_until_each_has_reported_or_three_minutes_are_over() {
        let begun_at = Timestamp::from_millis(1_800_000_000_000);
        let silent = GatewaySeen::default();
        let asked = GatewaySeen {
            heard_at: Some(begun_at),
            listed: true,
            ..silent
        };
        let reported = GatewaySeen {
            reported_at: Some(begun_at),
            ..asked
        };
        let unlisted = GatewaySeen {
            listed: false,
            ..reported
        };
        let table: [(&[GatewaySeen], u32, bool); 8] = [
            (&[], 0, false),
            (&[silent], 0, true),
            (&[silent], 179, true),
            (&[silent], 180, false),
            (&[asked], 30, true),
            (&[unlisted], 30, true),
            (&[reported], 30, false),
            (&[reported, silent], 30, true),
        ];
        for (gateways, seconds, early) in table {
            let since = (begun_at, begun_at.after(Span::seconds(seconds)));
            let found = is_early(since, gateways.iter().copied());
            assert_eq!(found, early, "{gateways:?} {seconds}");
        }
        // A clock that was set back says nothing of the time since the start.
        let before = (begun_at, begun_at.before(Span::seconds(1)));
        assert!(!is_early(before, [silent].into_iter()));
    }
}
