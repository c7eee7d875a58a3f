//! What the console, the shell and the metrics say about checkpoints that leave.

use std::collections::BTreeMap;

use sekisho_domain::time::Timestamp;

use super::checkpoints::{LOCAL, is_held, parcels, wanted};
use super::deliveries::Deliveries;
use super::failure::Failure;
use super::target::Target;
use crate::app::App;

/// How one target stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetStatus {
    /// The target as it was set; `local` for the folder inside the data folder.
    pub target: String,
    /// `file`, `mail` or `witness`; nothing for a text that this release cannot read.
    pub kind: Option<&'static str>,
    /// Whether what is delivered there has left the data folder.
    pub outside: bool,
    /// Records covered by the checkpoint delivered last.
    pub last_size: Option<u64>,
    /// When it was delivered.
    pub last_at: Option<Timestamp>,
    /// Whether a delivery waits for its next attempt.
    pub waiting: bool,
    /// Failed attempts in a row.
    pub failures: u32,
    /// Why the last attempt failed.
    pub last_error: Option<Failure>,
}

/// How every target stands, in the order of their texts.
///
/// # Errors
/// The store's codes.
pub fn status(app: &App) -> Result<Vec<TargetStatus>, Failure> {
    let parcels = parcels(app)?;
    let held = is_held(app);
    let deliveries = Deliveries::read(&app.folder().checkpoints());
    let each = |(text, target): (String, Result<Target, Failure>)| {
        let parcel = parcels.get(&text);
        let last = deliveries.last(&text);
        let error = parcel.and_then(|item| item.last_error.as_deref());
        let hold = held && text != LOCAL;
        let hold = hold.then(|| Failure::new("checkpoint.held", &text));
        TargetStatus {
            kind: target.as_ref().ok().map(Target::kind),
            outside: target.as_ref().is_ok_and(Target::is_outside),
            last_size: last.map(|last| last.size),
            last_at: last.map(|last| Timestamp::from_millis(last.at)),
            waiting: parcel.is_some(),
            failures: parcel.map_or(0, |item| u32::try_from(item.attempts).unwrap_or(u32::MAX)),
            last_error: hold
                .or_else(|| error.map(Failure::from_line))
                .or_else(|| target.err()),
            target: text,
        }
    };
    Ok(wanted(app).into_iter().map(each).collect())
}

/// Whether any checkpoint has left this machine's data folder for a target now in force. While it
/// has not, a roll-back of the whole folder cannot be found, and `console.foot.no_checkpoint`
/// says so.
#[must_use]
pub fn has_left(targets: &[TargetStatus]) -> bool {
    targets
        .iter()
        .any(|target| target.target != LOCAL && target.outside && target.last_size.is_some())
}

/// Targets by kind and state, for the metrics: `delivered`, `waiting` for the first delivery or a
/// newer one, `failing`, and `unverified` where a witness answered with a cosignature that does
/// not hold.
///
/// # Errors
/// The store's codes.
pub fn tally(app: &App) -> Result<BTreeMap<(&'static str, &'static str), u32>, Failure> {
    let mut tally = BTreeMap::new();
    for target in status(app)? {
        let kind = match target.kind {
            Some(_) if !target.outside => "inside",
            Some(kind) => kind,
            None => "unreadable",
        };
        let state = match &target.last_error {
            Some(failure) if failure.code == "checkpoint.witness-signature" => "unverified",
            Some(_) => "failing",
            None if target.waiting || target.last_size.is_none() => "waiting",
            None => "delivered",
        };
        *tally.entry((kind, state)).or_default() += 1;
    }
    Ok(tally)
}
