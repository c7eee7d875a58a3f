//! Cutting tunnels off: the record first, the end with it, the gateways at once.

use sekisho_domain::access::{CUT_MAX, Cut, CutScope, CutTunnel};
use sekisho_domain::actor::Actor;
use sekisho_domain::authorise::Subject;
use sekisho_domain::command::{Command, Refusal};
use sekisho_domain::id::{PersonId, SystemId};
use sekisho_rules::decide::decide;
use sekisho_store::StoreError;

use super::gateway::through_a_tunnel;
use super::live::LiveTunnel;
use crate::app::{App, CommandError};
use crate::identity::tunnel_session::{Ended, open_of};

/// The longest reason, in characters.
pub const CUT_REASON_MAX: usize = 2_000;

/// What reasons of a cut are sealed for.
pub const CUT_PURPOSE: &str = "access.cut";

/// Why nothing was cut, or not all.
#[derive(Debug, thiserror::Error)]
pub enum CutFault {
    /// The accounts cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The gate stays shut, or there is nothing to cut.
    #[error(transparent)]
    Command(#[from] CommandError),
}

impl App {
    /// The tunnels that a cut would end now, the newest first.
    ///
    /// # Errors
    /// The codes of the store.
    pub fn tunnels_within(&self, scope: CutScope) -> Result<Vec<LiveTunnel>, StoreError> {
        let mut all = self.live_tunnels()?;
        match scope {
            CutScope::Session(session) => all.retain(|it| it.open.session == session),
            CutScope::Person(person) => all.retain(|it| it.open.person == person),
            CutScope::Device(device) => all.retain(|it| it.open.device == device),
            CutScope::Gateway(gateway) => all.retain(|it| it.gateway == Some(gateway)),
            CutScope::System(system) => self.keep_reaching(&mut all, system),
        }
        Ok(all)
    }

    /// Whom the gate is asked about before a cut.
    ///
    /// # Errors
    /// The codes of the store.
    pub fn cut_subject(&self, scope: CutScope) -> Result<Subject, StoreError> {
        Ok(match scope {
            CutScope::Session(session) => match open_of(self, session)? {
                Some(open) => Subject::Person(open.person),
                // Nobody learns which sessions there are who may not cut them all.
                None => Subject::Body,
            },
            CutScope::Person(person) => Subject::Person(person),
            CutScope::Device(device) => Subject::Device(device),
            CutScope::System(_) | CutScope::Gateway(_) => Subject::Body,
        })
    }

    /// Keeps those through which a system is reached now.
    fn keep_reaching(&self, all: &mut Vec<LiveTunnel>, system: SystemId) {
        let book = self.access().rulebook();
        self.with_ground(|ground| {
            all.retain(|it| {
                let asked = through_a_tunnel(it.open.person, it.open.device, system);
                decide(&book, ground, &asked).is_allowed()
            });
        });
    }

    /// Cuts off what lies within a scope, and says how many tunnels that were. From the record on no
    /// gateway is told of them again: what follows in the accounts only tidies up.
    ///
    /// # Errors
    /// [`CutFault`]; what was recorded until then is cut.
    pub fn cut_off(
        &self,
        actor: &Actor,
        scope: CutScope,
        (author, reason): (PersonId, &str),
    ) -> Result<usize, CutFault> {
        let tunnels = self.tunnels_within(scope)?;
        if tunnels.is_empty() {
            return Err(CommandError::Refused(Refusal::new("access.nothing-to-cut")).into());
        }
        let reason = self.seal(author, CUT_PURPOSE, reason.as_bytes())?;
        for some in tunnels.chunks(CUT_MAX) {
            let cut = Cut {
                scope,
                tunnels: some.iter().map(cut_tunnel).collect(),
                reason: reason.clone(),
            };
            self.command_blocking(actor.clone(), Command::CutAccess(Box::new(cut)), Vec::new())?;
            for it in some {
                let session = it.open.session.to_string();
                self.accounts().end_tunnel(&session, Ended::Cut.code())?;
            }
        }
        self.access().touch();
        Ok(tunnels.len())
    }
}

fn cut_tunnel(it: &LiveTunnel) -> CutTunnel {
    CutTunnel {
        session: it.open.session,
        person: it.open.person,
        device: it.open.device,
    }
}
