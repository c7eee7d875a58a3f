//! The thread that removes what is kept for a time only, once that time is over.

use std::time::Duration;

use sekisho_domain::time::Span;
use sekisho_store::StoreError;
use sekisho_store::observations::{Removed, Retention};

use crate::app::App;
use crate::keeper::Keeper;
use crate::service_use::{day_of, last_day};

/// For how many days it is kept who used a service, unless the configuration says otherwise: as long as
/// rows look back. Our own choice.
pub const PEOPLE_DAYS: u32 = 28;
/// For how many days sums by unit are kept.
pub const UNIT_DAYS: u32 = 400;
/// How often it is looked.
const EVERY: Duration = Duration::from_secs(3_600);

impl Keeper {
    /// Removes what is too old; who used an outside service is known for so many days.
    ///
    /// # Errors
    /// The operating system gives no thread.
    pub fn of_retention(app: App, people_days: u32) -> std::io::Result<Self> {
        Self::every("retention", EVERY, move || {
            if let Err(error) = forget(&app, people_days) {
                tracing::error!(code = error.code(), %error, "use of services could not be forgotten");
            }
            if let Err(error) = retain(&app) {
                tracing::error!(code = error.code(), %error, "observations could not be removed");
            }
        })
    }
}

/// Makes sums by unit of what is too old to know who it was, and removes sums that are too old.
///
/// # Errors
/// The codes of the store.
pub fn forget(app: &App, people_days: u32) -> Result<(), StoreError> {
    let now = app.now();
    let before = |days| day_of(now.before(Span::days(days)));
    let (people, sums) = app
        .observations()
        .forget_service_users((&before(people_days), &last_day(now)), &before(UNIT_DAYS))?;
    // What rows rest on knows no longer than the store who it was: after a start they would say something else.
    let kept_since = now.before(Span::days(people_days)).day_begun();
    app.change_service_evidence(|seen| seen.forget_people(kept_since));
    if people + sums > 0 {
        tracing::info!(people, sums, "use of services was forgotten");
    }
    Ok(())
}

/// Removes observations that are older than each kind of them is kept ([`Retention`]).
///
/// # Errors
/// The codes of the store.
pub fn retain(app: &App) -> Result<Removed, StoreError> {
    let now = app.now().as_millis();
    let removed = app.observations().retain(now, Retention::default())?;
    if removed != Removed::default() {
        tracing::info!(?removed, "observations were removed");
    }
    Ok(removed)
}
