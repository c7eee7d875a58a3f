//! The officers' words: what can be attested by now is attested by the post that answers for it.

use std::collections::HashSet;

use sekisho_domain::actor::Actor;
use sekisho_domain::attestation::{ATTESTATION_DEFAULT, Attestation};
use sekisho_domain::command::{Command, speaks_for_the_body};
use sekisho_domain::id::AttestationId;
use sekisho_domain::time::Interval;
use sekisho_domain::verdict::Scope;
use sekisho_messages::{Lang, t};
use sekisho_rules::assess::{attesters, bar_to_attesting};
use sekisho_rules::catalogue::{Catalogue, Parts, Row};
use sekisho_server::app::{App, STATEMENT_PURPOSE};

use super::in_flight::carry_out;
use super::{FillError, Progress, Stage};
use crate::organisation::{Holding, Ministry};
use crate::random::SplitMix64;

/// Gives the attestations that are not there yet, through the command of the console's form.
pub(super) fn give(
    app: &App,
    catalogue: &Catalogue,
    ministry: &Ministry,
    progress: &mut Progress<'_>,
) -> Result<(), FillError> {
    let known: HashSet<_> = app.world().attestations.keys().copied().collect();
    let mut commands = Vec::new();
    for (number, row) in catalogue.rows().iter().enumerate() {
        let id = SplitMix64::fork(ministry.seed, "attestation", number as u64).fresh();
        let id = AttestationId::new(id);
        if known.contains(&id) || !is_attestable(row, ministry) {
            continue;
        }
        let Some(speaker) = speaker(row, ministry) else {
            continue;
        };
        let statement = t!(Lang::Ja, "cli.demo.statement");
        let sealed = app.seal(speaker.person, STATEMENT_PURPOSE, statement.as_bytes())?;
        let now = app.now();
        let attestation = Attestation {
            id,
            row: row.id.clone(),
            scope: Scope::Body,
            appointment: speaker.id,
            valid: Interval {
                from: now,
                until: Some(now.after(ATTESTATION_DEFAULT)),
            },
        };
        let command = Command::Attest {
            attestation: Box::new(attestation),
            statement: Some(sealed),
        };
        commands.push((Actor::person(speaker.person), command));
    }
    carry_out(app, Stage::Attestations, commands, progress)
}

/// Whether the ministry is judged by a row and a post can speak for it by now.
fn is_attestable(row: &Row, ministry: &Ministry) -> bool {
    let organisation = &ministry.organisation;
    row.judged_by(organisation.profile, organisation.clauses_opted_in)
        && row.parts != Parts::Machine
        && bar_to_attesting(row).is_none()
}

/// The holder of a central post that answers for a row and speaks for the whole.
fn speaker(row: &Row, ministry: &Ministry) -> Option<Holding> {
    let by = attesters(row);
    let may = |held: &&Holding| {
        let post = ministry.posts.iter().find(|post| post.id == held.post);
        post.is_some_and(|post| {
            let mut roles = post.roles.iter();
            roles.any(|role| by.contains(role) && speaks_for_the_body(*role))
        })
    };
    ministry.holdings.iter().find(may).copied()
}
