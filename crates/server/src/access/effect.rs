//! What a permit brings about, looked at before it is decided: what would open, what would still be
//! missing, and at its end what would close. The same decisions as ever, on a supposed permit, and the
//! roads that gateways would make of them; nothing is recorded.

use std::collections::{BTreeMap, BTreeSet};

use sekisho_domain::id::{DeviceId, LineId, SystemId, TunnelSessionId};
use sekisho_domain::permit::{Particulars, Permit, Place};
use sekisho_domain::register::line::LineKind;
use sekisho_domain::register::places::Places;
use sekisho_domain::register::{EntryId, NetworkLine};
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;
use sekisho_rules::decide::{
    Act, Decision, Ground, Origin, Outing, Question, Rulebook, Supposed, decide,
};
use sekisho_store::StoreError;

use super::gateway::{Reached, asked, candidates_now, openness, reached_by};
use super::outside;
use super::reach::devices_of;
use crate::app::App;

/// Most pairs of device and system that are looked at.
const PAIRS_MAX: usize = 40;

/// What is reached or joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A system, from outside.
    System(SystemId),
    /// An internal line, by a device that was outside.
    Line(LineId),
}

/// What a permit does to one road.
#[derive(Clone, Debug)]
pub struct EffectOn {
    /// The device.
    pub device: DeviceId,
    /// Where to.
    pub target: Target,
    /// As it is now.
    pub before: Decision,
    /// As it would be.
    pub after: Decision,
    /// Why no gateway leads there all the same where it is allowed, now and then, as keys of messages.
    pub closed: (Option<String>, Option<String>),
    /// The tunnels through which it is used now, where the road would close.
    pub tunnels: Vec<TunnelSessionId>,
}

impl EffectOn {
    /// Whether the road is open now.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.before.is_allowed() && self.closed.0.is_none()
    }

    /// Whether it would be open.
    #[must_use]
    pub fn would_be_open(&self) -> bool {
        self.after.is_allowed() && self.closed.1.is_none()
    }
}

/// What a permit does, for its holder.
#[derive(Clone, Debug, Default)]
pub struct Effect {
    /// Each road that the permit speaks of.
    pub roads: Vec<EffectOn>,
    /// Whether there are more than were looked at.
    pub more: bool,
}

impl App {
    /// What would be once a permit is approved and taken up, within its term.
    ///
    /// # Errors
    /// The codes of the store.
    pub fn effect_of_approval(&self, permit: &Permit) -> Result<Effect, StoreError> {
        let given = permit.supposed_in_force(self.now());
        self.effect(permit, Supposed::Stands(&given))
    }

    /// What would be once a permit has ended, or does not hold.
    ///
    /// # Errors
    /// The codes of the store.
    pub fn effect_of_end(&self, permit: &Permit) -> Result<Effect, StoreError> {
        self.effect(permit, Supposed::Gone(permit.id))
    }

    fn effect(&self, permit: &Permit, supposed: Supposed<'_>) -> Result<Effect, StoreError> {
        let open = self.live_tunnels()?;
        let book = self.access().rulebook();
        Ok(self.with_ground(|ground| {
            let places = Places::of(ground.world);
            let look = Look {
                book: &book,
                places: &places,
                permit,
                now: ground,
                then: Ground {
                    supposed: Some(supposed),
                    ..ground
                },
            };
            let mut effect = look.effect();
            for road in &mut effect.roads {
                let closes = road.is_open() && !road.would_be_open();
                if closes && matches!(road.target, Target::System(_)) {
                    let used = open.iter().map(|it| &it.open);
                    let used =
                        used.filter(|it| it.person == permit.applicant && it.device == road.device);
                    road.tunnels = used.map(|it| it.session).collect();
                }
            }
            effect
        }))
    }
}

/// What the systems that permits of a person name come to through a tunnel with one device.
struct Ways {
    allowed: BTreeSet<SystemId>,
    reached: Vec<Reached>,
}

impl Ways {
    fn systems(&self) -> BTreeSet<SystemId> {
        let all = self.reached.iter();
        all.flat_map(|it| it.systems.iter().copied()).collect()
    }

    /// Why no gateway leads to a system that is allowed, as the key of a message. To one without an address no
    /// gateway leads in any case, and there the answer alone counts.
    fn why_closed(&self, places: &Places, system: SystemId) -> Option<String> {
        if self.allowed.contains(&system) {
            return openness(places, &self.reached, None, system).why_closed();
        }
        let misplaced = places.stand(system).is_none() && places.why_unopened(system).is_some();
        misplaced.then(|| "access-page.effect_unopened".to_owned())
    }
}

/// A permit beside what is supposed of it.
struct Look<'a> {
    book: &'a Rulebook,
    places: &'a Places,
    permit: &'a Permit,
    /// As things stand.
    now: Ground<'a>,
    /// As they would.
    then: Ground<'a>,
}

impl Look<'_> {
    /// The roads that the permit speaks of, and those to other systems that open or close with them: what stands
    /// at one address and port is reached together or not at all.
    fn effect(&self) -> Effect {
        let mut all = roads(self.now.world, self.permit, self.now.now);
        let mut more = all.len() > PAIRS_MAX;
        all.truncate(PAIRS_MAX);
        let devices: BTreeSet<DeviceId> = all.iter().map(|(device, _)| *device).collect();
        let ways = devices.into_iter().map(|it| (it, self.ways(it)));
        let ways: BTreeMap<DeviceId, (Ways, Ways)> = ways.collect();
        let mut besides = Vec::new();
        for (device, (before, after)) in &ways {
            let (before, after) = (before.systems(), after.systems());
            let moved = before.symmetric_difference(&after);
            let moved = moved.map(|system| (*device, Target::System(*system)));
            besides.extend(moved.filter(|it| !all.contains(it)));
        }
        more |= besides.len() > PAIRS_MAX;
        besides.truncate(PAIRS_MAX);
        all.extend(besides);
        let on = |(device, target): (DeviceId, Target)| {
            Some(self.on((device, target), ways.get(&device)?))
        };
        Effect {
            roads: all.into_iter().filter_map(on).collect(),
            more,
        }
    }

    /// What is reached with a device now, and what would be.
    fn ways(&self, device: DeviceId) -> (Ways, Ways) {
        let of = |ground: Ground<'_>| {
            let asked = asked(
                self.book,
                ground,
                self.places,
                (self.permit.applicant, device),
            );
            let allowed = asked.iter().filter(|it| it.decision.is_allowed());
            Ways {
                allowed: allowed.map(|it| it.system).collect(),
                reached: reached_by(self.places, &asked),
            }
        };
        (of(self.now), of(self.then))
    }

    fn on(&self, (device, target): (DeviceId, Target), (before, after): &(Ways, Ways)) -> EffectOn {
        let question = question(self.permit, device, target, self.now.now);
        let closed = match target {
            // What is inside needs no tunnel.
            Target::System(system) if question.origin.place != Place::ControlledArea => (
                before.why_closed(self.places, system),
                after.why_closed(self.places, system),
            ),
            _ => (None, None),
        };
        EffectOn {
            device,
            target,
            before: decide(self.book, self.now, &question),
            after: decide(self.book, self.then, &question),
            closed,
            tunnels: Vec::new(),
        }
    }
}

/// The roads that a permit speaks of, for its applicant: with the devices that it names, else with all
/// of the applicant's; to what it names, else to what other permits of his name.
fn roads(world: &World, permit: &Permit, now: Timestamp) -> Vec<(DeviceId, Target)> {
    let named = permit.particulars.devices();
    let devices = if named.is_empty() {
        devices_of(world, permit.applicant)
    } else {
        named
    };
    let lines = lines(world, permit);
    let mut all = Vec::new();
    for device in devices {
        let mut systems = candidates_now(world, (permit.applicant, device), now);
        if speaks_of_one_system(permit) {
            systems.clear();
        }
        if lines.is_empty() || matches!(permit.particulars.as_ref(), Particulars::Byod(_)) {
            systems.extend(permit.particulars.systems());
            all.extend(
                systems
                    .into_iter()
                    .map(|system| (device, Target::System(system))),
            );
        }
        all.extend(lines.iter().map(|line| (device, Target::Line(*line))));
    }
    all
}

/// Whether a permit is about the systems that it names and no others.
fn speaks_of_one_system(permit: &Permit) -> bool {
    match permit.particulars.as_ref() {
        Particulars::RemoteAccess(_) => true,
        Particulars::Line(it) => it.system.is_some(),
        Particulars::Exception(it) => it.system.is_some(),
        _ => false,
    }
}

/// The internal lines that a permit lets devices join.
fn lines(world: &World, permit: &Permit) -> Vec<LineId> {
    let internal = || {
        let all = world.registers.nouns::<NetworkLine>();
        all.filter(|(entry, line)| entry.is_active() && line.kind == LineKind::Internal)
            .filter_map(|(entry, _)| match entry.id {
                EntryId::Line(id) => Some(id),
                _ => None,
            })
            .collect::<Vec<_>>()
    };
    match permit.particulars.as_ref() {
        Particulars::Connection(it) => vec![it.line],
        Particulars::Reconnection(it) => it.line.map_or_else(internal, |line| vec![line]),
        Particulars::Byod(it) => it.lines.clone(),
        _ => Vec::new(),
    }
}

fn question(permit: &Permit, device: DeviceId, target: Target, now: Timestamp) -> Question {
    let (act, origin) = match target {
        Target::System(system) => (Act::Reach { system, part: None }, origin(permit)),
        Target::Line(line) => {
            let outing = Outing::Back {
                last_inside: None,
                since: now,
            };
            let inside = Origin {
                place: Place::ControlledArea,
                line: None,
            };
            (Act::Join { line, outing }, inside)
        }
    };
    Question {
        person: Some(permit.applicant),
        device: Some(device),
        act,
        origin,
        task: None,
        grade: None,
    }
}

/// From where: the place and line of which the permit speaks.
fn origin(permit: &Permit) -> Origin {
    let place = match permit.particulars.as_ref() {
        Particulars::Telework(it) => it.place.place(),
        Particulars::OffSite(it) => it.place,
        Particulars::Exception(it) => it.place,
        _ => return line_of(permit),
    };
    Origin { place, line: None }
}

fn line_of(permit: &Permit) -> Origin {
    let line = match permit.particulars.as_ref() {
        Particulars::Line(it) => it.line,
        _ => None,
    };
    Origin { line, ..outside() }
}
