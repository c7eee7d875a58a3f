//! The thread that holds use against the plan every day, and whenever a plan comes into force.

use std::time::Duration;

use super::evaluate_now;
use crate::app::App;
use crate::keeper::Keeper;

/// How often it is looked whether an evaluation is due.
const LOOK: Duration = Duration::from_secs(60);

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

fn pass(app: &App) {
    if app.clock().step().is_some() || app.is_stopping() || !is_due(app) {
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
