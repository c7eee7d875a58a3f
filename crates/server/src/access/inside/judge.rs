//! From a certificate at a switch's port to an answer.

use sekisho_domain::access::Asker;
use sekisho_domain::admission::AdmissionOutcome;
use sekisho_domain::device::{DeviceClass, DeviceState};
use sekisho_domain::id::{DeviceId, LineId, PermitId, PersonId};
use sekisho_domain::permit::{Mark, PermitKind, Place as Area};
use sekisho_domain::register::{EntryId, NetworkLine};
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;
use sekisho_rules::decide::{Act, Decision, Denied, Lack, Origin, Outing, Question};
use sekisho_store::StoreError;

use super::connection::{Connection, Place};
use crate::access::FAILED;
use crate::app::App;
use crate::identity::ca::key_identifier;

/// What a RADIUS server has verified, and where the device is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presented {
    /// What the certificate calls the key that it certifies. FreeRADIUS 3.2 passes on no URI, and needs
    /// not: the key is the device's.
    pub key_identifier: Option<[u8; 20]>,
    /// Where the device is connected.
    pub place: Place,
}

/// Whether an answer counts, and is kept with the facts that it rests on, or is only looked at; or is about a connection
/// that was let on and stands, and is kept as that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    Counts,
    Stands,
    Looked,
}

/// What is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// Admitted, quarantined or refused.
    pub outcome: AdmissionOutcome,
    /// Into which VLAN, where one is registered.
    pub vlan: Option<u32>,
    /// Which device, where it is one of ours.
    pub device: Option<DeviceId>,
    /// Which line.
    pub line: Option<LineId>,
    /// In whose name it was asked; none where nobody's was, or it is not known.
    pub person: Option<PersonId>,
    /// Whether it had been outside, or nobody knows.
    pub came_back: bool,
    /// The permission that it rests on.
    pub permit: Option<PermitId>,
    /// What accounts for its time outside: the exception that excused something of it, else that permission.
    pub rests_on: Option<PermitId>,
    /// When a permit or exception ends that it is admitted by; none where nothing ends by itself.
    pub ends_at: Option<Timestamp>,
    /// What is missing, by stable codes.
    pub missing: Vec<String>,
}

impl Answered {
    fn refused(line: Option<LineId>, device: Option<DeviceId>, code: &str) -> Self {
        Self {
            outcome: AdmissionOutcome::Refused,
            vlan: None,
            device,
            line,
            person: None,
            came_back: false,
            permit: None,
            rests_on: None,
            ends_at: None,
            missing: vec![code.to_owned()],
        }
    }
}

/// The line in use whose register entry names a switch: the narrowest network of those that do.
fn line_of(world: &World, place: &Place) -> Option<(LineId, NetworkLine)> {
    let mut found: Option<(u8, LineId, &NetworkLine)> = None;
    for (entry, line) in world.registers.nouns::<NetworkLine>() {
        let EntryId::Line(id) = entry.id else {
            continue;
        };
        let holds = line
            .switches
            .iter()
            .filter(|it| entry.is_active() && it.contains(place.switch));
        for network in holds {
            if found.is_none_or(|(prefix, _, _)| network.prefix() > prefix) {
                found = Some((network.prefix(), id, line));
            }
        }
    }
    found.map(|(_, id, line)| (id, line.clone()))
}

/// The device whose key was verified, where it is in use.
fn device_in_use(
    world: &World,
    device: Option<DeviceId>,
) -> Result<DeviceId, (Option<DeviceId>, String)> {
    let known = device.and_then(|device| world.device(device));
    let lack = match known.map(|known| known.state) {
        None => Lack::DeviceUnknown,
        Some(DeviceState::Suspended) => Lack::DeviceSuspended,
        Some(DeviceState::Retired) => Lack::DeviceRetired,
        Some(DeviceState::Active) => return device.ok_or((None, Lack::DeviceUnknown.to_string())),
    };
    Err((device, lack.to_string()))
}

/// The device of a key, by its identifier. The table of identifiers is made anew where it does not know
/// one and the World has moved since.
fn identifiers(app: &App, world: &World, wanted: Option<[u8; 20]>) -> Option<DeviceId> {
    let wanted = wanted?;
    let mut held = app.access().inside().held();
    let is_it = |device: &DeviceId| {
        let known = world.device(*device);
        known.is_some_and(|known| key_identifier(&known.key) == wanted)
    };
    if let Some(device) = held.identifiers.get(&wanted).filter(|it| is_it(it)) {
        return Some(*device);
    }
    if held.identified_at != Some(world.events) {
        let all = world.devices.iter();
        held.identifiers = all.map(|it| (key_identifier(&it.key), it.id)).collect();
        held.identified_at = Some(world.events);
    }
    held.identifiers.get(&wanted).copied()
}

/// In whose name a device joins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Name {
    /// A person's.
    Of(PersonId),
    /// Nobody's: an issued device that several share stands there by itself. What is asked of a person is not
    /// asked then, everything else is.
    Nobodys,
    /// It is not known: a device that is not issued has no user by the register.
    Unknown,
}

impl Name {
    pub(super) const fn person(self) -> Option<PersonId> {
        match self {
            Self::Of(person) => Some(person),
            Self::Nobodys | Self::Unknown => None,
        }
    }
}

/// In whose name a device joins: its user's by the register; of a shared one that came back whoever's
/// permission lets it join again (8.1.1(3)(j)), else nobody's: it then lacks that permission, and not a user.
pub(super) fn name_of(world: &World, device: DeviceId, outing: Outing, now: Timestamp) -> Name {
    let Some(known) = world.device(device) else {
        return Name::Unknown;
    };
    match known.user {
        Some(user) => return Name::Of(user),
        None if known.class != DeviceClass::Issued => return Name::Unknown,
        None if outing == Outing::None => return Name::Nobodys,
        None => {}
    }
    let back = |mark: Mark| mark.kind() == PermitKind::Reconnection;
    let permits = world.permits.placed_of_device(device, back);
    let mut permits = permits.map(|(_, it)| it);
    let holder = permits.find(|it| it.is_in_force(now));
    holder.map_or(Name::Nobodys, |it| Name::Of(it.applicant))
}

/// What the rulebook is asked for a device at a line.
pub(super) const fn question(
    person: Option<PersonId>,
    line: LineId,
    device: DeviceId,
    outing: Outing,
) -> Question {
    Question {
        person,
        device: Some(device),
        act: Act::Join { line, outing },
        origin: Origin {
            place: Area::ControlledArea,
            line: Some(line),
        },
        task: None,
        grade: None,
    }
}

/// What a refusal names, by stable codes.
fn missing(decision: &Decision) -> Vec<String> {
    match decision {
        Decision::Allow(_) => Vec::new(),
        Decision::Deny(Denied::Failed(_)) => vec![FAILED.to_owned()],
        Decision::Deny(Denied::Missing(all)) => all
            .iter()
            .map(|it| {
                it.rule
                    .lack
                    .map_or_else(|| it.rule.id.clone(), |lack| lack.to_string())
            })
            .collect(),
    }
}

/// Whether a device with such a lack may wait in quarantine until it is settled.
fn can_wait(decision: &Decision) -> bool {
    let settled_there = |lack: Option<Lack>| {
        matches!(
            lack,
            None | Some(Lack::Posture(_) | Lack::Permit(_) | Lack::Person)
        )
    };
    match decision {
        Decision::Deny(Denied::Missing(all)) => all.iter().all(|it| settled_there(it.rule.lack)),
        _ => false,
    }
}

impl App {
    /// Answers a RADIUS server, and keeps the answer.
    ///
    /// # Errors
    /// The codes of the database; nobody is let in then.
    pub fn ask_to_join(&self, presented: &Presented) -> Result<Answered, StoreError> {
        let now = self.now();
        let named = {
            let world = self.world();
            let line = line_of(&world, &presented.place);
            let device = identifiers(self, &world, presented.key_identifier);
            (line, device_in_use(&world, device))
        };
        let answered = match named {
            (None, device) => Answered::refused(
                None,
                device.map_or_else(|(device, _)| device, Some),
                "switch.unknown",
            ),
            (Some((line, _)), Err((device, code))) => Answered::refused(Some(line), device, &code),
            (Some((line, entry)), Ok(device)) => {
                let taken = self.taken_out(device, now);
                let desk = self.access().inside();
                let stands = desk.stands(device, &presented.place);
                if desk.has_run_out(device, &presented.place, now) {
                    self.take_back(device, desk.inside_at(device))?;
                }
                self.change_whereabouts(device, |it| {
                    if stands {
                        it.signs_in_anew(now, &taken)
                    } else {
                        it.comes_back(now, &taken)
                    }
                })?;
                let outing = self.outing(device, now);
                self.judge_joining((line, &entry), device, outing, (now, Weight::Counts))
            }
        };
        if answered.outcome == AdmissionOutcome::Admitted
            && let Some(device) = answered.device
        {
            self.change_whereabouts(device, |it| {
                if !answered.came_back {
                    // Nothing has to account for its time outside any more, and so nothing of that can end under it.
                    it.rests_on = None;
                }
                it.let_in(now, answered.rests_on);
                true
            })?;
        }
        self.note_answer(presented, &answered, now);
        // Before the port opens: a connection that a crash made unknown would never be ended.
        self.keep_connection(&presented.place)?;
        Ok(answered)
    }

    /// What would be answered for a connection that stands: what let it in has to hold on.
    pub(super) fn judge_again(&self, it: &Connection, now: Timestamp, weight: Weight) -> Answered {
        let (entry, state) = {
            let world = self.world();
            let found = line_of(&world, &it.place).filter(|(line, _)| *line == it.line);
            (found, world.device(it.device).map(|device| device.state))
        };
        let Some((line, entry)) = entry else {
            return Answered::refused(None, Some(it.device), "switch.unknown");
        };
        match state {
            Some(DeviceState::Active) => {}
            Some(DeviceState::Suspended) => {
                let code = Lack::DeviceSuspended.to_string();
                return Answered::refused(Some(line), Some(it.device), &code);
            }
            _ => {
                let code = Lack::DeviceRetired.to_string();
                return Answered::refused(Some(line), Some(it.device), &code);
            }
        }
        let outing = self.outing_at_switch(it.device, it.outcome, now);
        self.judge_joining((line, &entry), it.device, outing, (now, weight))
    }

    fn judge_joining(
        &self,
        (line, entry): (LineId, &NetworkLine),
        device: DeviceId,
        outing: Outing,
        (now, weight): (Timestamp, Weight),
    ) -> Answered {
        let came_back = matches!(outing, Outing::Back { .. });
        let name = name_of(&self.world(), device, outing, now);
        if name == Name::Unknown {
            let code = Lack::Person.to_string();
            let quarantined = entry.quarantine_vlan.is_some();
            return Answered {
                outcome: set_apart(quarantined),
                vlan: entry.quarantine_vlan,
                came_back,
                ..Answered::refused(Some(line), Some(device), &code)
            };
        }
        let person = name.person();
        let asked = question(person, line, device, outing);
        let decision = match weight {
            Weight::Counts => self.decide_for(Some(Asker::Line(line)), &asked),
            Weight::Stands => self.decide_standing(Some(Asker::Line(line)), &asked),
            Weight::Looked => self.preview(&asked),
        };
        let (outcome, vlan) = if decision.is_allowed() {
            (AdmissionOutcome::Admitted, entry.vlan)
        } else if can_wait(&decision) {
            (
                set_apart(entry.quarantine_vlan.is_some()),
                entry.quarantine_vlan,
            )
        } else {
            (AdmissionOutcome::Refused, None)
        };
        let permit = self.one_of(PermitKind::Reconnection, &decision);
        let excepted = || self.one_of(PermitKind::Exception, &decision);
        // Where both do, the exception: what it excused is not excused past its end.
        let accounts = || excepted().or(permit);
        Answered {
            outcome,
            vlan,
            device: Some(device),
            line: Some(line),
            person,
            came_back,
            permit,
            rests_on: came_back.then(accounts).flatten(),
            ends_at: ends_at(&decision),
            missing: missing(&decision),
        }
    }

    /// The first of a kind among the permits that carry an answer.
    fn one_of(&self, kind: PermitKind, decision: &Decision) -> Option<PermitId> {
        let Decision::Allow(allowed) = decision else {
            return None;
        };
        let world = self.world();
        let is_one = |id: &&PermitId| {
            let permit = world.permits.get(**id);
            permit.is_some_and(|it| it.kind() == kind)
        };
        allowed.permits.iter().find(is_one).copied()
    }
}

/// When the first of the permits and exceptions ends that carry an answer. Evidence is renewed all the time, and ends
/// nothing by itself.
const fn ends_at(decision: &Decision) -> Option<Timestamp> {
    match decision {
        Decision::Allow(allowed) => allowed.permits_until,
        Decision::Deny(_) => None,
    }
}

/// Without a VLAN for it nothing is set apart: it would stand on the line.
const fn set_apart(has_quarantine: bool) -> AdmissionOutcome {
    if has_quarantine {
        AdmissionOutcome::Quarantined
    } else {
        AdmissionOutcome::Refused
    }
}
