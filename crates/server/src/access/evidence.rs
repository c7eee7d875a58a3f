//! What rows on access rest on, kept in memory: read once from the observations and followed from then
//! on, as the posture is.
//!
//! It is read when it is first asked for, so that whoever judges sees all that was kept.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError, RwLock};

use sekisho_domain::access::Asker;
use sekisho_domain::admission::AdmissionOutcome;
use sekisho_domain::id::{DeviceId, GatewayId, LineId, SystemId};
use sekisho_domain::permit::Place;
use sekisho_domain::register::gateway::LEASE_SECONDS;
use sekisho_domain::register::line::LineKind;
use sekisho_domain::register::{EntryId, Gateway, NetworkLine};
use sekisho_domain::time::{Span, Timestamp};
use sekisho_domain::world::World;
use sekisho_rules::access::{
    AccessEvidence, Admission, Door, GatewaySeen, LOOKED_BACK, Policies, ServicesSeen, Use,
};
use sekisho_rules::check::DeviceClients;
use sekisho_rules::decide::{Act, Question};
use sekisho_store::StoreError;
use sekisho_store::observations::{AdmissionsOf, NewAdmission, TunnelUse, TunnelsOf};

use super::gateway::PassedTo;
use crate::app::App;
use crate::service_use::read_services;

/// Most uses of tunnels that are read: more than any gateway carries in the period. What is beyond it
/// was not looked through, and then nothing is known in full.
const USES_MAX: usize = 1_000_000;

/// How much earlier traffic may have passed than the report that tells of it: a gateway lets through for
/// as long as its longest lease what it was once told.
fn told_late() -> Span {
    Span::seconds(*LEASE_SECONDS.end())
}

/// The evidence, once it has been read. Whoever judges takes it as it stands and holds no lock: judging a
/// large organisation takes long, and answers come in meanwhile.
#[derive(Default)]
pub(super) struct Watch(RwLock<Arc<AccessEvidence>>);

impl Watch {
    fn read(&self) -> Arc<AccessEvidence> {
        let held = self.0.read();
        Arc::clone(&held.unwrap_or_else(PoisonError::into_inner))
    }

    fn change<T>(&self, change: impl FnOnce(&mut AccessEvidence) -> T) -> T {
        let held = self.0.write();
        let mut held = held.unwrap_or_else(PoisonError::into_inner);
        change(Arc::make_mut(&mut held))
    }
}

/// Everything that was kept and still counts.
///
/// # Errors
/// The codes of the store.
pub fn read_access(
    observations: &sekisho_store::Observations,
    world: &World,
    now: Timestamp,
) -> Result<AccessEvidence, StoreError> {
    let from = now.before(LOOKED_BACK);
    let mut evidence = AccessEvidence::default();
    for it in observations.asked_about(from.as_millis())? {
        if let Ok(system) = it.resource.parse::<SystemId>() {
            let asker = it.asker.and_then(|asker| asker.parse().ok());
            evidence.asked(system, asker, Timestamp::from_millis(it.at));
        }
    }
    for day in observations.allowed_by_day(from.as_millis())? {
        // Questions of a form that this program no longer knows are not answers that it gave.
        let Ok(question) = serde_json::from_str::<Question>(&day.question) else {
            continue;
        };
        let asker: Option<Asker> = day.asker.and_then(|asker| asker.parse().ok());
        if asker.is_some_and(Asker::tells_what_passed) {
            continue;
        }
        for at in [day.first_at, day.last_at] {
            let at = Timestamp::from_millis(at);
            evidence.take(world, &answered(question.clone(), at));
        }
    }
    let within = (from.as_millis(), now.as_millis().saturating_add(1));
    let uses = observations.tunnel_uses(TunnelsOf::Anyone, within, USES_MAX)?;
    let whole = uses.len() < USES_MAX;
    let passed = PassedTo::new(world);
    for used in uses {
        for at in [used.first_at, used.last_at] {
            let at = Timestamp::from_millis(at);
            take_traffic(&mut evidence, world, (&used, &passed), at);
        }
    }
    let whole = read_admissions(&mut evidence, observations, world, within)? && whole;
    *evidence.services_mut() = read_services(observations, world, now)?;
    for row in observations.clients()? {
        // Rows of a form that this program no longer knows say nothing.
        if let (Ok(device), Ok(clients)) = (row.device.parse(), serde_json::from_str(&row.stored)) {
            evidence.clients_mut().put(device, Arc::new(clients));
        }
    }
    if whole {
        evidence.read_from(from);
    }
    Ok(evidence)
}

/// Reads what joined internal lines. Whether all of it was read. Those that came back are taken in the order in
/// which they came, and what joined besides after them: a device that came back has been inside since.
fn read_admissions(
    evidence: &mut AccessEvidence,
    observations: &sekisho_store::Observations,
    world: &World,
    within: (i64, i64),
) -> Result<bool, StoreError> {
    for (line, at) in observations.asked_at_lines(within.0)? {
        if let Ok(line) = line.parse::<LineId>() {
            evidence.watch(line, Timestamp::from_millis(at));
        }
    }
    let back = observations.admissions(AdmissionsOf::Any, true, within, USES_MAX)?;
    let whole = back.len() < USES_MAX;
    for row in back.into_iter().rev() {
        take_admission(evidence, world, &row.admission);
    }
    for it in observations.admitted(within.0)? {
        let Ok(line) = it.line.parse::<LineId>() else {
            continue;
        };
        let admission = Admission {
            device: it.device.and_then(|it| it.parse().ok()),
            person: it.person.and_then(|it| it.parse().ok()),
            line,
            at: Timestamp::from_millis(it.at),
            returned: false,
            inspected: true,
        };
        evidence.admit(world, &admission);
    }
    Ok(whole)
}

/// Takes in what became of a device at an internal line: one that was let on, else that something asked.
fn take_admission(evidence: &mut AccessEvidence, world: &World, it: &NewAdmission) {
    let line = it
        .line
        .as_ref()
        .and_then(|line| line.parse::<LineId>().ok());
    let Some(line) = line else {
        return;
    };
    let at = Timestamp::from_millis(it.at);
    if it.outcome != AdmissionOutcome::Admitted.code() {
        evidence.watch(line, at);
        return;
    }
    let admission = Admission {
        device: it.device.as_ref().and_then(|it| it.parse().ok()),
        person: it.person.as_ref().and_then(|it| it.parse().ok()),
        line,
        at,
        returned: it.came_back,
        inspected: !it.missing.contains("posture.inspection"),
    };
    evidence.admit(world, &admission);
}

fn answered(question: Question, at: Timestamp) -> Use {
    Use {
        question,
        within: (at, at),
        door: Door::Asked,
    }
}

/// Takes in traffic that a gateway told of. Ids of a form that nothing has any more say nothing.
fn take_traffic(
    evidence: &mut AccessEvidence,
    world: &World,
    (used, passed): (&TunnelUse, &PassedTo<'_>),
    at: Timestamp,
) {
    let Ok(gateway) = used.gateway.parse::<GatewayId>() else {
        return;
    };
    for question in passed.questions(used) {
        take_passed(evidence, world, (gateway, question), at);
    }
}

fn take_passed(
    evidence: &mut AccessEvidence,
    world: &World,
    (gateway, mut question): (GatewayId, Question),
    at: Timestamp,
) {
    // Tunnels lead from outside wherever their device is; one that came over an internal line was inside.
    let line = question.origin.line;
    let known = line.and_then(|line| world.registers.get::<NetworkLine>(line));
    if known.is_some_and(|(_, line)| line.kind == LineKind::Internal) {
        question.origin.place = Place::ControlledArea;
    }
    let used = Use {
        question,
        within: (at.before(told_late()), at),
        door: Door::Gateway(gateway),
    };
    evidence.take(world, &used);
}

impl App {
    /// What rows on access rest on, with what is seen of gateways now. The World is the caller's, who
    /// holds it.
    pub fn access_evidence(&self, world: &World) -> Arc<AccessEvidence> {
        let watch = &self.access().evidence;
        let now = self.now();
        if watch.read().whole_from().is_none() {
            watch.change(|held| {
                if held.whole_from().is_some() {
                    return;
                }
                match read_access(self.observations(), world, now) {
                    Ok(read) => *held = read,
                    Err(error) => {
                        let code = error.code();
                        tracing::error!(code, %error, "records of access could not be read");
                    }
                }
            });
        }
        self.renew_service_evidence(world);
        self.follow_lists(world);
        self.follow_gateways(world, now);
        watch.read()
    }

    /// Changes what is known of the use of services. Where nothing was read yet, all of it is read later,
    /// with what is in the store by then.
    pub(crate) fn change_service_evidence(&self, change: impl FnOnce(&mut ServicesSeen)) {
        self.access().evidence.change(|held| {
            if held.whole_from().is_some() {
                change(held.services_mut());
            }
        });
    }

    /// Takes in clients of conference tools that have just been kept. Where nothing was read yet, all of it is
    /// read later, with what is in the store by then.
    pub(crate) fn follow_clients(&self, shown: Vec<(DeviceId, Arc<DeviceClients>)>) {
        self.access().evidence.change(|held| {
            if held.whole_from().is_some() {
                let clients = held.clients_mut();
                shown
                    .into_iter()
                    .for_each(|(device, shown)| clients.put(device, shown));
            }
        });
    }

    /// Reads the use of services anew where what registers carry has changed, and with it what the use of
    /// which entry is.
    fn renew_service_evidence(&self, world: &World) {
        if !self.access().services_behind.swap(false, Ordering::AcqRel) {
            return;
        }
        match read_services(self.observations(), world, self.now()) {
            Ok(read) => self.change_service_evidence(|seen| *seen = read),
            Err(error) => {
                let code = error.code();
                tracing::error!(code, %error, "use of services could not be read anew");
            }
        }
    }

    /// Takes in what logs are not looked through for: lists change with the ledger, and their file without it.
    fn follow_lists(&self, world: &World) {
        let root = self.folder().root();
        let blind = self.access().looked.now(self.observations(), root, world);
        if *self.access().evidence.read().services().blind() != blind {
            self.change_service_evidence(|seen| seen.look(blind));
        }
    }

    /// Takes in what is seen of gateways, and lets go of what no longer counts.
    fn follow_gateways(&self, world: &World, now: Timestamp) {
        let desk = self.access().gateways();
        let seen: Vec<(GatewayId, GatewaySeen)> = world
            .registers
            .nouns::<Gateway>()
            .filter_map(|(entry, _)| match entry.id {
                EntryId::Gateway(id) => Some((id, desk.heard(id))),
                _ => None,
            })
            .collect();
        let lost = self.access().log().counts().lost;
        let policies = Policies::of(&self.access().rulebook());
        self.access().evidence.change(|evidence| {
            evidence.see_policies(policies);
            for (gateway, seen) in seen {
                evidence.see_gateway(gateway, seen);
            }
            evidence.lost(lost);
            evidence.forget(now);
        });
    }

    /// Follows answers that have just been kept.
    pub(super) fn follow_answers<'a>(
        &self,
        answers: impl Iterator<Item = (&'a Question, Option<Asker>, bool, [Timestamp; 2])>,
    ) {
        let world = self.world();
        self.access().evidence.change(|evidence| {
            for (question, asker, allowed, [first_at, last_at]) in answers {
                if let Act::Reach { system, .. } = question.act {
                    evidence.asked(system, asker, last_at);
                }
                if allowed && !asker.is_some_and(Asker::tells_what_passed) {
                    for at in [first_at, last_at] {
                        evidence.take(&world, &answered(question.clone(), at));
                    }
                }
            }
        });
    }

    /// Follows what became of devices at internal lines, once it has been kept.
    pub(super) fn follow_admissions(&self, admissions: &[NewAdmission]) {
        let world = self.world();
        self.access().evidence.change(|evidence| {
            for admission in admissions {
                take_admission(evidence, &world, admission);
            }
        });
    }

    /// Follows traffic that a report has just told of. Where that cannot be read, all of it is read anew
    /// when somebody judges: a report that comes again adds nothing, so that it would be missing for good.
    ///
    /// # Errors
    /// The codes of the store.
    pub(super) fn follow_traffic(
        &self,
        gateway: GatewayId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let within = (at.as_millis(), at.as_millis().saturating_add(1));
        let name = gateway.to_string();
        let of = TunnelsOf::Gateway(&name);
        let read = self.observations().tunnel_uses(of, within, USES_MAX);
        let uses = read.inspect_err(|_| {
            let evidence = &self.access().evidence;
            evidence.change(|evidence| *evidence = AccessEvidence::default());
        })?;
        let world = self.world();
        let passed = PassedTo::new(&world);
        self.access().evidence.change(|evidence| {
            for used in uses {
                take_traffic(evidence, &world, (&used, &passed), at);
            }
        });
        Ok(())
    }
}
