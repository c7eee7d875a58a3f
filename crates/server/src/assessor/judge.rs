//! Facts → results, stored and put into the posture.

use sekisho_domain::check::{CheckResult, DeviceCheck};
use sekisho_domain::fact::{Fact, Observation};
use sekisho_domain::feed::FeedState;
use sekisho_domain::id::DeviceId;
use sekisho_domain::time::Timestamp;
use sekisho_rules::check::{DeviceFacts, run_all};
use sekisho_store::StoreError;
use sekisho_store::observations::{FactRow, PostureResult};

use crate::app::App;

/// A result with the texts that its stored row borrows.
pub(super) struct ResultRow {
    check: DeviceCheck,
    result: CheckResult,
    reason: String,
}

impl ResultRow {
    pub(super) fn stored<'a>(&'a self, device: &'a str) -> PostureResult<'a> {
        PostureResult {
            device,
            check: self.check.code(),
            result: self.result.outcome.code(),
            reason: &self.reason,
            observed_at: self.result.observed_at.as_millis(),
            received_at: self.result.received_at.as_millis(),
            fresh_until: self.result.fresh_until.as_millis(),
        }
    }
}

/// Puts one device to every check.
pub(super) fn judge(app: &App, facts: &[Fact], feeds: &[FeedState]) -> Vec<ResultRow> {
    let base = app.knowledge();
    let knowledge = base.knowledge(feeds);
    run_all(&DeviceFacts::new(facts), &knowledge, app.now())
        .into_iter()
        .map(|(check, result)| ResultRow {
            check,
            // Reasons hold codes, texts and numbers only; they always serialise.
            reason: serde_json::to_string(&result.reason).unwrap_or_default(),
            result,
        })
        .collect()
}

/// Puts results into the posture in memory.
pub(super) fn publish(app: &App, device: DeviceId, rows: &[ResultRow], sequence: i64) {
    let sequence = u64::try_from(sequence).unwrap_or_default();
    app.update_posture(|posture| {
        for row in rows {
            posture.set(device, row.check, &row.result, sequence);
        }
    });
}

/// A fact as stored.
pub(super) fn row(observation: &Observation, received_at: Timestamp) -> FactRow {
    FactRow {
        kind: observation.seen.kind().code().to_owned(),
        // Facts are plain data with text keys; they always serialise.
        json: serde_json::to_value(observation).unwrap_or_default(),
        source: observation.source.clone(),
        observed_at: observation.observed_at.as_millis(),
        received_at: received_at.as_millis(),
    }
}

/// The facts stored of a device. Rows of a form that this program no longer knows say nothing.
///
/// # Errors
/// The store's codes.
pub fn facts_of(app: &App, device: DeviceId) -> Result<Vec<Fact>, StoreError> {
    let rows = app.observations().facts(&device.to_string())?;
    let facts = rows.into_iter().filter_map(|(_, row)| {
        let observation: Observation = serde_json::from_value(row.json).ok()?;
        let received_at = Timestamp::from_millis(row.received_at);
        Some(Fact {
            subject: device,
            observation,
            received_at,
        })
    });
    Ok(facts.collect())
}

/// Puts every device that has ever reported to the checks anew, after knowledge has changed.
///
/// # Errors
/// The store's codes; devices judged before the error keep their new results.
pub fn judge_all(app: &App) -> Result<(), StoreError> {
    let feeds: Vec<FeedState> = app.world().feeds.values().cloned().collect();
    for name in app.observations().devices_with_facts()? {
        let Ok(device) = name.parse::<DeviceId>() else {
            continue;
        };
        let facts = facts_of(app, device)?;
        let rows = judge(app, &facts, &feeds);
        let sequence = app
            .observations()
            .put_results(rows.iter().map(|row| row.stored(&name)))?;
        publish(app, device, &rows, sequence);
    }
    Ok(())
}
