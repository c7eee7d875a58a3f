//! What a person reaches with a device through a tunnel: systems by their addresses and ports.

use std::collections::BTreeSet;

use sekisho_domain::id::{DeviceId, PersonId, SystemId};
use sekisho_domain::net::{Network, Port};
use sekisho_domain::permit::{Particulars, Permit, Status};
use sekisho_domain::register::System;
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;
use sekisho_messages::{Lang, text};
use sekisho_protocol::tunnel::{BothWords, SYSTEMS_MAX, TunnelSystem};
use sekisho_rules::check::WORD_NOT_ENOUGH;
use sekisho_rules::decide::{Act, Decision, Denied, Ground, Missing, Question, Rulebook, decide};

use crate::access::outside;
use crate::console::words;

/// A system that is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reached {
    /// The system.
    pub system: SystemId,
    /// Its address, where the register names one that packets can be held against.
    pub address: Network,
    /// Its ports.
    pub ports: Vec<Port>,
    /// The first instant at which it has to be asked again.
    pub until: Option<Timestamp>,
}

/// What was answered about a system that could be reached.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The system.
    pub system: SystemId,
    /// What was asked.
    pub question: Question,
    /// What was answered.
    pub decision: Decision,
    address: Network,
    ports: Vec<Port>,
}

impl Asked {
    /// What is reached by it; nothing where it was refused.
    #[must_use]
    pub fn reached(&self) -> Option<Reached> {
        match &self.decision {
            Decision::Allow(allowed) => Some(Reached {
                system: self.system,
                address: self.address,
                ports: self.ports.clone(),
                until: allowed.until,
            }),
            Decision::Deny(_) => None,
        }
    }
}

/// The systems that a person can come to reach with a device at all: those that a permit for remote
/// access names. Nothing else leads through a tunnel, so that nothing else has to be asked.
#[must_use]
pub fn candidates(world: &World, person: PersonId, device: DeviceId) -> BTreeSet<SystemId> {
    remote(world, person, device)
        .map(|(system, _)| system)
        .collect()
}

/// The permits for remote access with a device, each with the system that it names.
fn remote(
    world: &World,
    person: PersonId,
    device: DeviceId,
) -> impl Iterator<Item = (SystemId, &Permit)> {
    let permits = world.permits.of_person(person);
    permits.filter_map(move |permit| match permit.particulars.as_ref() {
        Particulars::RemoteAccess(it) if it.device == device => Some((it.system, permit)),
        _ => None,
    })
}

/// Whether a permit for remote access holds, or did so until it was suspended. Whoever has none that does
/// tries nothing by opening a tunnel.
#[must_use]
pub fn is_permitted(
    world: &World,
    (person, device): (PersonId, DeviceId),
    system: SystemId,
    now: Timestamp,
) -> bool {
    remote(world, person, device).any(|(of, permit)| {
        of == system && (permit.is_in_force(now) || permit.status(now) == Status::Suspended)
    })
}

/// The question whether a person reaches a system through a tunnel. A tunnel leads from outside,
/// wherever its device is: what is inside needs none.
#[must_use]
pub fn through_a_tunnel(person: PersonId, device: DeviceId, system: SystemId) -> Question {
    Question {
        person: Some(person),
        device: Some(device),
        act: Act::Reach { system, part: None },
        origin: outside(),
        task: None,
        grade: None,
    }
}

/// What is answered now, in the order of systems. A system without a numeric address or without ports
/// is allowed to nobody here, and not asked about: there is nothing that packets could be held against.
#[must_use]
pub fn asked(
    book: &Rulebook,
    ground: Ground<'_>,
    person: PersonId,
    device: DeviceId,
) -> Vec<Asked> {
    let all = candidates(ground.world, person, device);
    all.into_iter()
        .filter_map(|system| {
            let (_, known) = ground.world.registers.get::<System>(system)?;
            let address: Network = known.address.as_ref()?.as_str().parse().ok()?;
            if known.ports.is_empty() {
                return None;
            }
            let question = through_a_tunnel(person, device, system);
            let decision = decide(book, ground, &question);
            Some(Asked {
                system,
                question,
                decision,
                address,
                ports: known.ports.clone(),
            })
        })
        .collect()
}

/// What of that is reached.
#[must_use]
pub fn reached(
    book: &Rulebook,
    ground: Ground<'_>,
    person: PersonId,
    device: DeviceId,
) -> Vec<Reached> {
    let all = asked(book, ground, person, device);
    all.iter().filter_map(Asked::reached).collect()
}

/// What is missing, in words; of a device that is not in order the checks as well, since those are what
/// its user can do something about. Where no declaration is enough, that.
fn in_words(missing: &Missing) -> BothWords {
    let mut failing = missing.failing.iter();
    let word = failing.all(|it| it.reason.code == WORD_NOT_ENOUGH);
    let checks = |lang| {
        if word && !missing.failing.is_empty() {
            return text(lang, "cause.check.word-not-enough", &[]).into_owned();
        }
        let failing = missing.failing.iter();
        let names: Vec<_> = failing.map(|it| words::check(lang, it.check)).collect();
        names.join(if lang == Lang::Ja { "、" } else { ", " })
    };
    let (ja, en) = (checks(Lang::Ja), checks(Lang::En));
    if ja.is_empty() {
        return BothWords {
            ja: missing.rule.ja.clone(),
            en: missing.rule.en.clone(),
        };
    }
    BothWords {
        ja: format!("{}（{ja}）", missing.rule.ja),
        en: format!("{} ({en})", missing.rule.en),
    }
}

/// The same for the person on the device: every system that could come to be reached, and what is
/// missing where it is not.
#[must_use]
pub fn told(
    book: &Rulebook,
    ground: Ground<'_>,
    person: PersonId,
    device: DeviceId,
) -> Vec<TunnelSystem> {
    let all = candidates(ground.world, person, device);
    all.into_iter()
        .filter_map(|system| {
            let (_, known) = ground.world.registers.get::<System>(system)?;
            let address = known.address.as_ref();
            let address = address.and_then(|it| it.as_str().parse::<Network>().ok());
            let there = address.is_some() && !known.ports.is_empty();
            let question = through_a_tunnel(person, device, system);
            let (allowed, why) = match decide(book, ground, &question) {
                Decision::Allow(_) => (true, Vec::new()),
                Decision::Deny(Denied::Missing(missing)) => {
                    (false, missing.iter().map(in_words).collect())
                }
                Decision::Deny(Denied::Failed(_)) => (false, Vec::new()),
            };
            Some(TunnelSystem {
                system,
                name: known.name.as_str().to_owned(),
                reached: allowed && there,
                why,
            })
        })
        .take(SYSTEMS_MAX)
        .collect()
}
