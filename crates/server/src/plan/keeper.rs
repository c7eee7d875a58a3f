//! The thread that holds use against the plan every day, and whenever a plan comes into force.

use std::sync::mpsc;
use std::time::Duration;

use crate::app::App;

use super::evaluate_now;

/// How often it is looked whether an evaluation is due.
const LOOK: Duration = Duration::from_secs(60);

/// The thread.
pub struct PlanKeeper {
    stop: mpsc::Sender<()>,
    thread: std::thread::JoinHandle<()>,
}

impl PlanKeeper {
    /// Starts it.
    ///
    /// # Errors
    /// The operating system gives no thread.
    pub fn start(app: App) -> std::io::Result<Self> {
        let (stop, stopped) = mpsc::channel();
        let thread = std::thread::Builder::new().name("plan-keeper".to_owned());
        let thread = thread.spawn(move || {
            loop {
                pass(&app);
                if !matches!(
                    stopped.recv_timeout(LOOK),
                    Err(mpsc::RecvTimeoutError::Timeout)
                ) {
                    return;
                }
            }
        })?;
        Ok(Self { stop, thread })
    }

    /// Ends it, after the evaluation under way.
    pub fn stop(self) {
        // It may have ended by itself.
        let _ = self.stop.send(());
        if self.thread.join().is_err() {
            tracing::error!(
                code = "plan-keeper.panicked",
                "the keeper of the plan ended abnormally"
            );
        }
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
