//! A first look at this machine: the checks by what was just collected, with nothing recorded.

use sekisho_domain::check::{CheckResult, DeviceCheck};
use sekisho_domain::fact::{Fact, Observation};
use sekisho_domain::id::DeviceId;
use sekisho_rules::check::{DeviceFacts, run};
use sekisho_store::StoreError;

use crate::app::{App, fresh};

/// The results of every check on a machine that is not enrolled, by the same rules and feeds as
/// any other device.
///
/// # Errors
/// `no-entropy`.
pub fn look(
    app: &App,
    observations: Vec<Observation>,
) -> Result<Vec<(DeviceCheck, CheckResult)>, StoreError> {
    let subject = DeviceId::new(fresh()?);
    let received_at = app.now();
    let fact = |observation| Fact {
        subject,
        observation,
        received_at,
    };
    let facts: Vec<Fact> = observations.into_iter().map(fact).collect();
    let base = app.knowledge();
    let (facts, knowledge) = (DeviceFacts::new(&facts), base.knowledge());
    let each = |check| Some((check, run(check, &facts, &knowledge, received_at)?));
    Ok(DeviceCheck::ALL.into_iter().filter_map(each).collect())
}
