//! What a permit brings about, looked at before it is decided: what would open, what would still be
//! missing, and at its end what would close. The same decisions as ever, on a supposed permit; nothing
//! is recorded.

use sekisho_domain::id::{DeviceId, LineId, SystemId, TunnelSessionId};
use sekisho_domain::permit::{Particulars, Permit, Place};
use sekisho_domain::register::line::LineKind;
use sekisho_domain::register::{EntryId, NetworkLine};
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;
use sekisho_rules::decide::{
    Act, Decision, Ground, Origin, Outing, Question, Rulebook, Supposed, decide,
};
use sekisho_store::StoreError;

use super::gateway::candidates_now;
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
    /// The tunnels through which it is used now, where the road would close.
    pub tunnels: Vec<TunnelSessionId>,
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
            let mut effect = Effect::default();
            for (device, target) in roads(ground.world, permit, ground.now) {
                if effect.roads.len() == PAIRS_MAX {
                    effect.more = true;
                    break;
                }
                let mut road = on_road(&book, ground, permit, (device, target), supposed);
                let closes = road.before.is_allowed() && !road.after.is_allowed();
                if closes && matches!(target, Target::System(_)) {
                    let used = open.iter().map(|it| &it.open);
                    let used =
                        used.filter(|it| it.person == permit.applicant && it.device == device);
                    road.tunnels = used.map(|it| it.session).collect();
                }
                effect.roads.push(road);
            }
            effect
        }))
    }
}

fn on_road(
    book: &Rulebook,
    ground: Ground<'_>,
    permit: &Permit,
    (device, target): (DeviceId, Target),
    supposed: Supposed<'_>,
) -> EffectOn {
    let question = question(permit, device, target, ground.now);
    let then = Ground {
        supposed: Some(supposed),
        ..ground
    };
    EffectOn {
        device,
        target,
        before: decide(book, ground, &question),
        after: decide(book, then, &question),
        tunnels: Vec::new(),
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
