//! Filling a folder with the invented ministry, by the commands and reports of real life.
//!
//! The first officer founds, registers and appoints; the officers in charge enrol the devices and
//! attest what can be attested;
//! every machine signs its report with its own key, and the report goes in where that of any
//! device does once the signature has been checked. All of it is received now and dated so;
//! machines that are meant to be stale have simply never reported.
//!
//! Filling goes on where an earlier run was broken off: ids follow from the seed, and what the
//! World already knows is left out.

pub(crate) mod asked;
mod attempts;
mod attestations;
mod entries;
mod feeds;
mod in_flight;
mod ministry;
mod permits;
mod plan;
mod registers;
mod reports;
mod risk;
mod rules;
mod service_use;

pub use feeds::{DemoFeed, feeds};
use sekisho_domain::device::DeviceKey;
use sekisho_domain::field::FieldErrors;
use sekisho_domain::id::{AccountId, PersonId};
use sekisho_domain::register::Register;
use sekisho_rules::catalogue::Catalogue;
use sekisho_server::app::{App, CommandError};
use sekisho_server::assessor::IntakeError;
use sekisho_store::StoreError;

use crate::organisation::Ministry;

/// The login name of the first officer's account. It has no password: hand out a one-time link.
pub const LOGIN: &str = "demo";

/// A part of the filling, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// The organisation with its first officer.
    Organisation,
    /// Bureaux and sections.
    Units,
    /// Posts.
    Posts,
    /// People, with sealed names.
    People,
    /// Appointments.
    Appointments,
    /// Enrolment of devices.
    Devices,
    /// Registers, and a list of moves.
    Registers,
    /// Permits of every kind and state.
    Permits,
    /// Attestations by the officers in charge.
    Attestations,
    /// First reports.
    Reports,
}

impl Stage {
    /// Every stage, in order.
    pub const ALL: [Self; 10] = [
        Self::Organisation,
        Self::Units,
        Self::Posts,
        Self::People,
        Self::Appointments,
        Self::Devices,
        Self::Registers,
        Self::Permits,
        Self::Attestations,
        Self::Reports,
    ];

    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Organisation => "organisation",
            Self::Units => "units",
            Self::Posts => "posts",
            Self::People => "people",
            Self::Appointments => "appointments",
            Self::Devices => "devices",
            Self::Registers => "registers",
            Self::Permits => "permits",
            Self::Attestations => "attestations",
            Self::Reports => "reports",
        }
    }
}

/// Takes stage, how much of it is done, and how much there is.
pub type Progress<'a> = dyn FnMut(Stage, usize, usize) + 'a;

/// One stage of commands.
type Part = fn(&App, &Ministry, &mut Progress<'_>) -> Result<(), FillError>;

/// What a filled folder holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DemoSummary {
    /// People.
    pub people: usize,
    /// Devices.
    pub devices: usize,
    /// Devices that have reported.
    pub reported: usize,
    /// Reports taken in by this run.
    pub reports: usize,
    /// Records in the ledger.
    pub records: u64,
    /// The first officer, for a one-time sign-in link.
    pub officer: PersonId,
    /// The first officer's account; its login name is [`LOGIN`].
    pub account: AccountId,
}

/// Why a folder is not filled. What was done before stays, and the next run goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum FillError {
    /// The folder holds another organisation; nothing was changed.
    #[error("the folder holds another organisation")]
    OtherOrganisation,
    /// A command was not carried out.
    #[error("{}: {source}", stage.code())]
    Command {
        /// While doing what.
        stage: Stage,
        /// Why.
        source: CommandError,
    },
    /// Logs of the use of services were not taken in.
    #[error(transparent)]
    ServiceUse(#[from] sekisho_server::service_use::TakeError),
    /// A report was not taken in.
    #[error(transparent)]
    Report(#[from] IntakeError),
    /// The signature of a machine's report does not fit its enrolled key.
    #[error("a report is not signed by {}", key.as_str())]
    Signature {
        /// The key enrolled.
        key: DeviceKey,
    },
    /// A made-up entry is not of its register's form.
    #[error("{}: {source}", register.code())]
    Entry {
        /// The register.
        register: Register,
        /// What is wrong with it.
        source: FieldErrors,
    },
    /// Keys or accounts.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl FillError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::OtherOrganisation => "demo.other-organisation",
            Self::Command { source, .. } => source.code(),
            Self::Report(error) => error.code(),
            Self::Signature { .. } => "report.signature",
            Self::Entry { .. } => "demo.entry",
            Self::Store(error) => error.code(),
            Self::ServiceUse(error) => error.code(),
        }
    }
}

/// Fills a folder with a ministry, or goes on filling it, until told to stop: after the stage
/// under way, or the report. Does nothing to one that is full.
///
/// Blocks: call it from a thread that is not part of the asynchronous runtime. Start the assessor
/// afterwards, so that it judges once.
///
/// # Errors
/// [`FillError`].
pub fn fill(
    app: &App,
    catalogue: &Catalogue,
    ministry: &Ministry,
    stop: &(dyn Fn() -> bool + Sync),
    progress: &mut Progress<'_>,
) -> Result<DemoSummary, FillError> {
    let held = app
        .world()
        .organisation
        .as_ref()
        .map(|organisation| organisation.id);
    match held {
        Some(id) if id != ministry.organisation.id => return Err(FillError::OtherOrganisation),
        Some(_) => {}
        None => ministry::found(app, catalogue, ministry)?,
    }
    ministry::open_account(app, ministry)?;
    progress(Stage::Organisation, 1, 1);
    let parts: [Part; 10] = [
        ministry::units,
        ministry::posts,
        ministry::people,
        ministry::appointments,
        ministry::devices,
        registers::enter,
        rules::hear_tools,
        permits::give,
        plan::approve,
        rules::enact,
    ];
    for part in parts {
        if stop() {
            return Ok(summary(app, ministry, 0));
        }
        part(app, ministry, progress)?;
    }
    if !stop() {
        attestations::give(app, catalogue, ministry, progress)?;
    }
    let reports = reports::send(app, ministry, reports::Which::First, stop, progress)?;
    if !stop() {
        attempts::make(app)?;
        service_use::read(app, ministry)?;
        risk::assess(app, catalogue, ministry)?;
    }
    Ok(summary(app, ministry, reports))
}

/// Has every machine that reports at all report again, as devices do from day to day, until told
/// to stop.
///
/// Blocks, as [`fill`].
///
/// # Errors
/// [`FillError`]; reports taken in before it stay.
pub fn report_again(
    app: &App,
    ministry: &Ministry,
    stop: &(dyn Fn() -> bool + Sync),
    progress: &mut Progress<'_>,
) -> Result<DemoSummary, FillError> {
    let reports = reports::send(app, ministry, reports::Which::Next, stop, progress)?;
    Ok(summary(app, ministry, reports))
}

fn summary(app: &App, ministry: &Ministry, reports: usize) -> DemoSummary {
    let world = app.world();
    DemoSummary {
        people: world.people.len(),
        devices: world.devices.len(),
        reported: app.posture().len(),
        reports,
        records: world.events,
        officer: ministry.people[0].id,
        account: ministry.account,
    }
}
