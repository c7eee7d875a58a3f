//! The thread that sums up days of telework as they come, and holds use against the plan every day and whenever a plan
//! comes into force.

use std::time::Duration;

use sekisho_domain::plan::Feed;
use sekisho_domain::register::{EntryId, Gateway};
use sekisho_domain::time::{Span, Timestamp};
use sekisho_rules::access::GatewaySeen;

use super::evaluate_now;
use super::telework_days::follow_telework;
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

/// Whether the newest version was not held against use today, or only while gateways could not have been heard.
fn is_due(app: &App) -> bool {
    let since = (app.access().begun_at(), app.now());
    let today = since.1.day_begun();
    let world = app.world();
    let Some(current) = world.plan.current() else {
        return false;
    };
    let evaluated = world.plan.evaluated();
    evaluated.is_none_or(|(at, day)| {
        let other = day.day != today || day.version != current.version;
        other || was_early(since, *at, &day.unmeasured)
    })
}

/// Whether an evaluation that somebody asked for shortly after the start, and that lacks what gateways tell, can be
/// made again with it: once, when they are waited for no longer.
fn was_early(
    (begun_at, now): (Timestamp, Timestamp),
    evaluated_at: Timestamp,
    unmeasured: &[Feed],
) -> bool {
    let until = begun_at.after(AWAITED);
    let early = begun_at <= evaluated_at && evaluated_at < until;
    let told_by_gateways = [Feed::Use, Feed::Gateways];
    early && until <= now && told_by_gateways.iter().any(|it| unmeasured.contains(it))
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
    // Also where there is no plan: once there is one, what was done before it says what is usual.
    if let Err(error) = follow_telework(app) {
        tracing::warn!(code = error.code(), %error, "days of telework could not be summed up");
    }
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

    #[test]
    fn what_was_evaluated_before_gateways_could_be_heard_is_due_once_more_after_the_wait() {
        let begun_at = Timestamp::from_millis(1_800_000_000_000);
        let second = |n: u32| begun_at.after(Span::seconds(n));
        let table: [(u32, u32, &[Feed], bool); 6] = [
            (20, 179, &[Feed::Use], false),
            (20, 180, &[Feed::Use], true),
            (20, 180, &[Feed::Gateways], true),
            (20, 180, &[Feed::Exploited], false),
            (180, 240, &[Feed::Use], false),
            (20, 180, &[], false),
        ];
        for (at, now, unmeasured, due) in table {
            let found = was_early((begun_at, second(now)), second(at), unmeasured);
            assert_eq!(found, due, "{at} {now} {unmeasured:?}");
        }
        // Before the start others were heard, or not: that evaluation stands.
        let before = begun_at.before(Span::seconds(1));
        assert!(!was_early((begun_at, second(180)), before, &[Feed::Use]));
    }
}
