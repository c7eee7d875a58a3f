//! Judging the catalogue, and recording what changed.

use sekisho_domain::actor::Actor;
use sekisho_domain::command::Command;
use sekisho_domain::posture::Posture;
use sekisho_domain::profile::Profile;
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;
use sekisho_rules::access::AccessEvidence;
use sekisho_rules::assess::{Assessment, assess};
use sekisho_rules::catalogue::Catalogue;
use sekisho_rules::{past, transitions};
use sekisho_store::sqlite::ledger::LedgerStore;

use crate::app::open::{OpenError, replay};
use crate::app::{App, CommandError};

/// The verdicts now. Without an organisation the profile asked for, or the government's, is
/// judged over nothing.
#[must_use]
pub fn assess_now(app: &App, catalogue: &Catalogue, profile: Option<Profile>) -> Assessment {
    let world = app.world();
    let posture = app.posture();
    let access = app.access_evidence(&world);
    assess_over((&world, &posture, &access), catalogue, profile, app.now())
}

/// As [`assess_now`], over a World, a posture and evidence of access of one's own.
#[must_use]
pub fn assess_over(
    (world, posture, access): (&World, &Posture, &AccessEvidence),
    catalogue: &Catalogue,
    profile: Option<Profile>,
    now: Timestamp,
) -> Assessment {
    let own = world
        .organisation
        .as_ref()
        .map(|organisation| organisation.profile);
    let profile = profile.or(own).unwrap_or(Profile::Gov);
    assess(world, posture, access, catalogue, profile, now)
}

/// The verdicts as they were known at a moment: what the ledger had recorded by then. None before
/// the organisation was founded.
///
/// # Errors
/// [`OpenError`] when the ledger cannot be read.
pub fn assess_then(
    app: &App,
    catalogue: &Catalogue,
    at: Timestamp,
) -> Result<Option<Assessment>, OpenError> {
    assess_recorded(&app.open_ledger()?, catalogue, at)
}

/// As [`assess_then`], by a ledger of one's own.
///
/// # Errors
/// [`OpenError`] when the ledger cannot be read.
pub fn assess_recorded(
    ledger: &LedgerStore,
    catalogue: &Catalogue,
    at: Timestamp,
) -> Result<Option<Assessment>, OpenError> {
    let mut world = World::default();
    replay(ledger, &mut world, &mut |_| {}, Some(at))?;
    Ok(past::at(&world, catalogue, at))
}

/// Judges and records what changed; at least hourly also that it was judged.
///
/// # Errors
/// [`CommandError`]; the next pass tries again.
pub fn hold(app: &App, catalogue: &Catalogue) -> Result<(), CommandError> {
    let new = {
        let world = app.world();
        if world.organisation.is_none() || app.clock().step().is_some() {
            return Ok(());
        }
        let posture = app.posture();
        let profile = world
            .organisation
            .as_ref()
            .map_or(Profile::Gov, |o| o.profile);
        let access = app.access_evidence(&world);
        let assessment = assess(&world, &posture, &access, catalogue, profile, app.now());
        drop(access);
        transitions::transitions(
            &world,
            &posture,
            &assessment,
            catalogue,
            env!("CARGO_PKG_VERSION"),
        )
    };
    if new.is_empty() {
        return Ok(());
    }
    let command = Command::RecordAssessment {
        checks: new.checks,
        verdicts: new.verdicts,
        held: new.held.map(Box::new),
    };
    app.command_blocking(Actor::System, command, new.blobs.into_values().collect())?;
    Ok(())
}
