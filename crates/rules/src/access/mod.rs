//! What enforcement points saw and the decision point answered, as far as rows rest on it.
//!
//! Whoever feeds it hands in what happened, in the order in which it was observed. Whether a permit
//! stood behind a use is judged when it comes in, by the World of that moment, and only the newest
//! instant of each outcome is kept: how much is held grows with devices and systems and not with what
//! they do.

mod clients;
mod cover;
mod joined;
mod policies;
mod services;
mod uses;

use std::collections::BTreeMap;

use sekisho_domain::access::Asker;
use sekisho_domain::id::{DeviceId, GatewayId, LineId, SystemId};
use sekisho_domain::register::System;
use sekisho_domain::time::{Span, Timestamp};
use sekisho_domain::world::World;

pub use clients::{ClientOn, Clients, ClientsSeen};
pub use joined::{Admission, Joined};
pub use policies::Policies;
pub use services::{
    AHEAD, Applications, Blind, Hidden, LOGS_FRESH, Logs, ServiceUse, ServicesSeen,
};
pub use uses::{Door, Use, Uses};

use crate::assess::DEFAULT_DAYS;

/// How far back access counts as evidence. Our own choice, as for every look back over a period.
pub const LOOKED_BACK: Span = Span::days(DEFAULT_DAYS);

/// How often it is news that a gateway was heard.
const HEARD_AGAIN: Span = Span::minutes(10);

/// What is seen of a gateway.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GatewaySeen {
    /// When it was last heard.
    pub heard_at: Option<Timestamp>,
    /// When it last told what it counted. Asking for tables tells nothing of what passes.
    pub reported_at: Option<Timestamp>,
    /// Whether it said that it cannot carry out its table, or that it refuses what it is sent.
    pub failing: bool,
    /// Whether there was a table for it when it last asked for one.
    pub listed: bool,
    /// Whether its machine may forward past its tunnels; none where it has not said.
    pub forwards_others: Option<bool>,
}

/// What rows on access rest on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccessEvidence {
    /// From when on what was kept has been read; none while it has not.
    read_from: Option<Timestamp>,
    /// Answers that could not be kept.
    lost: u64,
    /// When the decision point was last asked about a system, by whoever asked; none where that was not
    /// kept.
    asked: BTreeMap<SystemId, BTreeMap<Option<Asker>, Timestamp>>,
    /// Uses for which a clause asks a permit.
    uses: BTreeMap<DeviceId, BTreeMap<SystemId, Uses>>,
    /// Traffic through a gateway for which no permit for remote access stood.
    strays: BTreeMap<(DeviceId, SystemId), Timestamp>,
    gateways: BTreeMap<GatewayId, GatewaySeen>,
    /// When something at a line last asked whom to let on.
    watched: BTreeMap<LineId, Timestamp>,
    joined: BTreeMap<DeviceId, Joined>,
    /// When something was let onto a line that does not belong there or lacks permission.
    strangers: BTreeMap<LineId, Timestamp>,
    /// When a device last used something from outside.
    outside: BTreeMap<DeviceId, Timestamp>,
    /// What logs show of outside services.
    services: ServicesSeen,
    /// What devices show of the clients of conference tools.
    clients: ClientsSeen,
    /// The policies of the decision point.
    policies: Option<Policies>,
    sequence: u64,
}

impl AccessEvidence {
    /// Notes that everything kept from an instant on has been taken in.
    pub fn read_from(&mut self, from: Timestamp) {
        self.read_from = Some(from);
        self.sequence += 1;
    }

    /// Takes in a use that was allowed, or traffic that passed. Who asked is noted for itself
    /// ([`AccessEvidence::asked`]).
    pub fn take(&mut self, world: &World, used: &Use) {
        let Some(system) = used.system() else {
            return;
        };
        let (_, at) = used.within;
        // In nobody's name nothing is reached.
        let (Some(device), Some(person)) = (used.question.device, used.question.person) else {
            return;
        };
        self.sequence += 1;
        if used.question.origin.place.is_off_site() {
            let known = self.outside.entry(device).or_insert(at);
            *known = (*known).max(at);
        }
        if let Some(cover) = cover::by_clause(world, used) {
            let of_device = self.uses.entry(device).or_default();
            let known = of_device.entry(system).or_default();
            known.note(cover, person, at);
        }
        if used.door != Door::Asked && cover::is_stray(world, used) {
            let known = self.strays.entry((device, system)).or_insert(at);
            *known = (*known).max(at);
        }
    }

    /// Notes that somebody asked about a system, whatever the answer was; `by` is none where nothing was
    /// kept of who it was. A gateway guards what it leads to while it is heard, and not by asking.
    pub fn asked(&mut self, system: SystemId, by: Option<Asker>, at: Timestamp) {
        if by.is_some_and(Asker::tells_what_passed) {
            return;
        }
        let of_system = self.asked.entry(system).or_default();
        let known = of_system.entry(by).or_insert(at);
        *known = (*known).max(at);
        self.sequence += 1;
    }

    /// Takes in that a device was let onto an internal line.
    pub fn admit(&mut self, world: &World, admission: &Admission) {
        self.watch(admission.line, admission.at);
        let belongs = |device| joined::may_join(world, device, admission);
        if !admission.device.is_some_and(belongs) {
            let known = self.strangers.entry(admission.line).or_insert(admission.at);
            *known = (*known).max(admission.at);
        }
        let Some(device) = admission.device else {
            return;
        };
        let out = self.outside.get(&device);
        let joined = self.joined.entry(device).or_default();
        // Since it was last inside, or ever where nobody knows that it was.
        let was_out = out.is_some_and(|out| *out < admission.at && joined.last < Some(*out));
        joined.note(world, device, admission, was_out);
    }

    /// Notes that something at a line asked whom to let on, whatever the answer was.
    pub fn watch(&mut self, line: LineId, at: Timestamp) {
        let known = self.watched.entry(line).or_insert(at);
        *known = (*known).max(at);
        self.sequence += 1;
    }

    /// Notes how many answers could not be kept.
    pub fn lost(&mut self, answers: u64) {
        if self.lost != answers {
            self.lost = answers;
            self.sequence += 1;
        }
    }

    /// Notes what is seen of a gateway. That it was heard once more is no news for a while.
    pub fn see_gateway(&mut self, gateway: GatewayId, seen: GatewaySeen) {
        let known = self.gateways.insert(gateway, seen).unwrap_or_default();
        let heard = |seen: GatewaySeen| {
            [seen.heard_at, seen.reported_at]
                .map(|at| at?.as_millis().checked_div(HEARD_AGAIN.as_millis()))
        };
        let said = |seen: GatewaySeen| (seen.failing, seen.listed, seen.forwards_others);
        if said(known) != said(seen) || heard(known) != heard(seen) {
            self.sequence += 1;
        }
    }

    /// Lets go of what no longer counts.
    pub fn forget(&mut self, now: Timestamp) {
        let from = now.before(LOOKED_BACK);
        self.asked.retain(|_, askers| {
            askers.retain(|_, at| from <= *at);
            !askers.is_empty()
        });
        self.strays.retain(|_, at| from <= *at);
        self.strangers.retain(|_, at| from <= *at);
        self.outside.retain(|_, at| from <= *at);
        self.services.forget(now);
        self.joined.retain(|_, joined| joined.counts(from));
        self.uses.retain(|_, systems| {
            systems.retain(|_, uses| uses.counts(from));
            !systems.is_empty()
        });
    }

    /// What logs show of outside services.
    #[must_use]
    pub const fn services(&self) -> &ServicesSeen {
        &self.services
    }

    /// The same, to take in what was read.
    pub fn services_mut(&mut self) -> &mut ServicesSeen {
        self.sequence += 1;
        &mut self.services
    }

    /// What devices show of the clients of conference tools.
    #[must_use]
    pub const fn clients(&self) -> &ClientsSeen {
        &self.clients
    }

    /// The same, to take in what was seen.
    pub fn clients_mut(&mut self) -> &mut ClientsSeen {
        self.sequence += 1;
        &mut self.clients
    }

    /// The policies of the decision point; none before they were seen.
    #[must_use]
    pub const fn policies(&self) -> Option<&Policies> {
        self.policies.as_ref()
    }

    /// Notes which policies are in force.
    pub fn see_policies(&mut self, policies: Policies) {
        if self.policies.as_ref() != Some(&policies) {
            self.policies = Some(policies);
            self.sequence += 1;
        }
    }

    /// Grows with whatever may change a verdict.
    #[must_use]
    pub const fn sequence(&self) -> u64 {
        self.sequence
    }

    /// From when on what was kept has been read; none while it has not.
    #[must_use]
    pub const fn whole_from(&self) -> Option<Timestamp> {
        self.read_from
    }

    /// How many answers were lost.
    #[must_use]
    pub const fn answers_lost(&self) -> u64 {
        self.lost
    }

    /// Who asked about a system within the period, and when last.
    pub fn askers(
        &self,
        system: SystemId,
        now: Timestamp,
    ) -> impl Iterator<Item = (Option<Asker>, Timestamp)> {
        let from = now.before(LOOKED_BACK);
        let askers = self.asked.get(&system).into_iter().flatten();
        let within = askers.filter(move |(_, at)| from <= **at);
        within.map(|(by, at)| (*by, *at))
    }

    /// When what stands before a system last asked about it, within the period. Only what its entry names
    /// counts, and a token only while it can be used: anybody with a token may ask about anything, and
    /// that guards nothing.
    #[must_use]
    pub fn guard_asked_at(
        &self,
        world: &World,
        (system, entry): (SystemId, &System),
        now: Timestamp,
    ) -> Option<Timestamp> {
        let can_ask = |asker| match asker {
            Asker::Proxy(_) => true,
            Asker::Gateway(_) | Asker::Line(_) => false,
            Asker::Token(id) => world.tokens.get(&id).is_some_and(|it| it.in_force(now)),
        };
        let named = |by: Option<Asker>| by.is_some_and(|it| entry.names(it) && can_ask(it));
        let askers = self.askers(system, now).filter(|(by, _)| named(*by));
        askers.map(|(_, at)| at).max()
    }

    /// What is seen of a gateway.
    #[must_use]
    pub fn gateway(&self, gateway: GatewayId) -> GatewaySeen {
        self.gateways.get(&gateway).copied().unwrap_or_default()
    }

    /// The uses of a device for which a clause asks a permit, by system.
    pub fn uses_of(&self, device: DeviceId) -> impl Iterator<Item = (SystemId, &Uses)> {
        let of_device = self.uses.get(&device).into_iter().flatten();
        of_device.map(|(system, uses)| (*system, uses))
    }

    /// When something at a line last asked whom to let on.
    #[must_use]
    pub fn watched_at(&self, line: LineId) -> Option<Timestamp> {
        self.watched.get(&line).copied()
    }

    /// What came of the admissions of a device.
    #[must_use]
    pub fn joined(&self, device: DeviceId) -> Joined {
        self.joined.get(&device).copied().unwrap_or_default()
    }

    /// When something was last let onto a line, within the period, that does not belong there or lacks
    /// permission.
    #[must_use]
    pub fn unpermitted_at(&self, line: LineId, now: Timestamp) -> Option<Timestamp> {
        let from = now.before(LOOKED_BACK);
        self.strangers.get(&line).copied().filter(|at| from <= *at)
    }

    /// Traffic within the period for which no permit for remote access stood: by which device, to
    /// which system, and when last.
    pub fn strays(&self, now: Timestamp) -> impl Iterator<Item = (DeviceId, SystemId, Timestamp)> {
        let from = now.before(LOOKED_BACK);
        let within = self.strays.iter().filter(move |(_, at)| from <= **at);
        within.map(|((device, system), at)| (*device, *system, *at))
    }
}
