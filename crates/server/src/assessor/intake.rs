//! Taking a report in: bounded, bound to its device, never twice.

use std::borrow::Cow;
use std::sync::Arc;

use sekisho_domain::actor::Actor;
use sekisho_domain::authorise::{Action, Denied, Subject};
use sekisho_domain::check::DeviceCheck;
use sekisho_domain::device::{DeviceState, StateSource};
use sekisho_domain::fact::{Fact, Observation};
use sekisho_domain::id::DeviceId;
use sekisho_ledger::digest::Digest;
use sekisho_protocol::agent::{FACTS_MAX, Report, ReportReceipt};
use sekisho_store::observations::{FactRow, Ingest, Report as StoredReport};
use sekisho_store::{StoreCode, StoreError};

use super::clients;
use super::declaration;
use super::judge::{self, Bench, ResultRow, publish, row};
use crate::app::App;
use crate::knowledge::KnowledgeBase;

/// Who speaks in reports of the native agent.
const ORIGIN: &str = "agent";

/// Why a report is not taken in.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// No such device.
    #[error("the device is not enrolled")]
    UnknownDevice,
    /// It has been retired.
    #[error("the device has been retired")]
    Retired,
    /// The gate stays shut.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// More facts than there are kinds, or a kind twice.
    #[error("more facts than a report may hold")]
    TooMany,
    /// A person declares what no person can tell.
    #[error("nobody can declare this")]
    NotDeclarable,
    /// It could not be stored; a sequence number that came before is `exists`.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl IntakeError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownDevice => "report.unknown-device",
            Self::Retired => "device.retired",
            Self::Denied(denied) => denied.code(),
            Self::TooMany => "report.too-many-facts",
            Self::NotDeclarable => "report.not-declarable",
            Self::Store(error) => error.code(),
        }
    }
}

/// Whether [`take_report`] takes a report in, by all that is known before it is stored: so that one which is refused,
/// such as one that comes again, leaves nothing behind elsewhere either.
///
/// # Errors
/// [`IntakeError`], as there.
pub fn may_take(
    app: &App,
    device: DeviceId,
    sequence: u64,
    report: &Report,
) -> Result<(), IntakeError> {
    taken(app, device, report)?;
    let device = device.to_string();
    let newest = app.observations().last_sequence(&device)?;
    if newest.is_some_and(|newest| count(sequence) <= newest) {
        return Err(StoreError::refused(StoreCode::Exists, device).into());
    }
    Ok(())
}

/// The count of a report as it is stored.
fn count(sequence: u64) -> i64 {
    i64::try_from(sequence).unwrap_or(i64::MAX)
}

/// Takes a report in whose signature has been checked. `body` is what was signed.
///
/// Blocks on the disk: call it where blocking is allowed.
///
/// # Errors
/// [`IntakeError`]; then nothing of the report is kept.
pub fn take_report(
    app: &App,
    device: DeviceId,
    sequence: u64,
    body: &[u8],
    report: &Report,
    every_seconds: u32,
) -> Result<ReportReceipt, IntakeError> {
    let (subject, observations) = taken(app, device, report)?;
    let received_at = app.now();
    let fact = |observation: &Observation| Fact {
        subject: device,
        observation: observation.clone(),
        received_at,
    };
    let facts: Vec<Fact> = observations.iter().map(fact).collect();
    let fact_rows: Vec<FactRow> = observations.iter().map(|o| row(o, received_at)).collect();
    let base = app.knowledge();
    let bench = Bench::new(app, &base);
    let results = bench.judge(subject, &facts, DeviceCheck::ALL);
    let seen = bench.clients(subject, &facts);
    let name = device.to_string();
    let stored: Vec<_> = results.iter().map(ResultRow::stored).collect();
    let at = app.observations().ingest(&Ingest {
        report: StoredReport {
            device: &name,
            sequence: count(sequence),
            observed_at: report.observed_at.as_millis(),
            received_at: received_at.as_millis(),
            digest: Digest::of(body).0,
            body,
        },
        origin: match subject.source {
            StateSource::Observed => ORIGIN,
            StateSource::Declared => declaration::ORIGIN,
        },
        facts: &fact_rows,
        results: &stored,
        clients: seen.as_ref().map(|it| &it.row),
    })?;
    publish(app, results, at);
    clients::publish(app, seen);
    judge_again(app, &base, subject, &facts)?;
    app.report_taken();
    Ok(ReportReceipt {
        received_at,
        report_every_seconds: every_seconds,
    })
}

/// Who reports, and what is taken of it.
fn taken<'a>(
    app: &App,
    device: DeviceId,
    report: &'a Report,
) -> Result<(judge::Subject, Cow<'a, [Observation]>), IntakeError> {
    let subject = reporting(app, device)?;
    if report.observations.len() > FACTS_MAX {
        return Err(IntakeError::TooMany);
    }
    let observations = match subject.source {
        StateSource::Observed => Cow::Borrowed(report.observations.as_slice()),
        StateSource::Declared => Cow::Owned(declaration::taken(&report.observations)?),
    };
    Ok((subject, observations))
}

/// The device that reports, where it may.
fn reporting(app: &App, device: DeviceId) -> Result<judge::Subject, IntakeError> {
    let subject = {
        let world = app.world();
        let known = world.device(device).ok_or(IntakeError::UnknownDevice)?;
        if known.state == DeviceState::Retired {
            return Err(IntakeError::Retired);
        }
        judge::Subject {
            id: device,
            enrolled_at: known.enrolled_at,
            source: known.source,
        }
    };
    app.authorise(
        &Actor::Device { device },
        Action::Report,
        Subject::Device(device),
    )?;
    Ok(subject)
}

/// Judges a report once more where other knowledge was put in place meanwhile: whoever put it there
/// may have looked for what to judge anew before this report was stored.
fn judge_again(
    app: &App,
    base: &Arc<KnowledgeBase>,
    subject: judge::Subject,
    facts: &[Fact],
) -> Result<(), StoreError> {
    let mut base = Arc::clone(base);
    loop {
        let newest = app.knowledge();
        if Arc::ptr_eq(&base, &newest) {
            return Ok(());
        }
        base = newest;
        let bench = Bench::new(app, &base);
        let results = bench.judge(subject, facts, DeviceCheck::ALL);
        let stored = results.iter().map(ResultRow::stored);
        let at = app.observations().put_results(stored)?;
        publish(app, results, at);
        if let Some(seen) = bench.clients(subject, facts) {
            app.observations()
                .put_clients(std::slice::from_ref(&seen.row))?;
            clients::publish(app, [seen]);
        }
    }
}
