//! What a person reaches with a device through a tunnel: systems by their addresses and ports.

use std::collections::{BTreeMap, BTreeSet};

use sekisho_domain::id::{DeviceId, PersonId, SystemId};
use sekisho_domain::net::{Network, Port};
use sekisho_domain::permit::{Particulars, Permit, Status};
use sekisho_domain::register::System;
use sekisho_domain::register::places::{PARTED, Places};
use sekisho_domain::time::{Span, Timestamp};
use sekisho_domain::world::World;
use sekisho_messages::{Lang, text};
use sekisho_protocol::tunnel::{BothWords, SYSTEMS_MAX, TunnelSystem};
use sekisho_rules::check::WORD_NOT_ENOUGH;
use sekisho_rules::decide::{Act, Decision, Denied, Ground, Missing, Question, Rulebook, decide};

use super::bounds::LeftOut;
use super::table::line_of;
use crate::access::outside;
use crate::console::words;

/// So long after its end a permit is still one that a refusal is told of.
const LATELY: Span = Span::days(7);
/// So many of the newest applications of a person are looked through for one that ended lately.
const LOOKED_BACK: usize = 50;

/// A place that is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reached {
    /// The systems that stand there; more than one where they share it.
    pub systems: Vec<SystemId>,
    /// Its addresses.
    pub address: Network,
    /// Its port.
    pub port: Port,
    /// The first instant at which any of the systems has to be asked again.
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
}

/// What is reached by answers. A place of several systems is reached where all of them are allowed, and for as
/// long as all of them are. One that was not asked about is named by no permit, and so is not allowed.
#[must_use]
pub fn reached_by(places: &Places, asked: &[Asked]) -> Vec<Reached> {
    let allowed = asked.iter().filter_map(|it| match &it.decision {
        Decision::Allow(allowed) => Some((it.system, allowed.until)),
        Decision::Deny(_) => None,
    });
    let ends: BTreeMap<SystemId, Option<Timestamp>> = allowed.collect();
    let open: BTreeSet<SystemId> = ends.keys().copied().collect();
    let roads = places.roads(&open).into_iter();
    roads
        .map(|road| Reached {
            until: road.systems.iter().filter_map(|it| *ends.get(it)?).min(),
            systems: road.systems,
            address: road.network,
            port: road.port,
        })
        .collect()
}

/// The systems that a person can come to reach with a device at all: those that a permit for remote access
/// names which can come to hold yet, and those of one that ended lately, so that its end is told. Nothing else
/// leads through a tunnel, so that nothing else has to be asked, however many permits there were over the years.
#[must_use]
pub fn candidates_now(
    world: &World,
    (person, device): (PersonId, DeviceId),
    now: Timestamp,
) -> BTreeSet<SystemId> {
    let from = now.before(LATELY);
    let newest = world.permits.of_person(person).take(LOOKED_BACK);
    let lately = newest.filter(|permit| {
        let end = permit.grant().and_then(|grant| grant.end(now));
        end.is_some_and(|end| from <= end.at)
    });
    remote(world.permits.open_of_person(person).chain(lately), device)
        .map(|(system, _)| system)
        .collect()
}

/// The systems that a permit for remote access with a device ever named, whatever has become of it: what passed
/// was for one of these.
#[must_use]
pub fn candidates(world: &World, person: PersonId, device: DeviceId) -> BTreeSet<SystemId> {
    remote(world.permits.of_person(person), device)
        .map(|(system, _)| system)
        .collect()
}

/// Those of permits that are for remote access with a device, each with the system that it names.
fn remote<'a>(
    permits: impl Iterator<Item = &'a Permit>,
    device: DeviceId,
) -> impl Iterator<Item = (SystemId, &'a Permit)> {
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
    remote(world.permits.open_of_person(person), device).any(|(of, permit)| {
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

/// What is answered now, in the order of systems. A system without a numeric address or without ports, or at an
/// address that is none of a system, is allowed to nobody here, and not asked about: there is nothing that packets
/// could be held against.
#[must_use]
pub fn asked(
    book: &Rulebook,
    ground: Ground<'_>,
    places: &Places,
    (person, device): (PersonId, DeviceId),
) -> Vec<Asked> {
    let all = candidates_now(ground.world, (person, device), ground.now);
    all.into_iter()
        .filter(|system| places.stand(*system).is_some())
        .map(|system| {
            let question = through_a_tunnel(person, device, system);
            let decision = decide(book, ground, &question);
            Asked {
                system,
                question,
                decision,
            }
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
    let places = Places::of(ground.world);
    reached_by(&places, &asked(book, ground, &places, (person, device)))
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
        let said = |lang| words::missing(lang, missing).into_owned();
        return BothWords {
            ja: said(Lang::Ja),
            en: said(Lang::En),
        };
    }
    BothWords {
        ja: format!("{}（{ja}）", missing.rule.ja),
        en: format!("{} ({en})", missing.rule.en),
    }
}

/// How far a system that is allowed is reached; why not wholly, as the key of a message. Whoever is told does not
/// learn of other systems.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Openness {
    /// At all that was answered.
    Wholly,
    /// Some of it is closed, some open.
    InPart(String),
    /// None of it is open.
    Closed(String),
}

impl Openness {
    /// Why it is closed; none where anything of it is open.
    #[must_use]
    pub fn why_closed(self) -> Option<String> {
        match self {
            Self::Closed(why) => Some(why),
            Self::Wholly | Self::InPart(_) => None,
        }
    }
}

/// How far a system that is allowed is reached. What the newest table leaves out is not, nor are ports at which too
/// many others part it.
#[must_use]
pub fn openness(
    places: &Places,
    reached: &[Reached],
    left_out: Option<&LeftOut>,
    system: SystemId,
) -> Openness {
    let what = |code: &str| format!("error.{code}.what");
    let roads = || {
        let all = reached.iter();
        all.filter(move |it| it.systems.contains(&system))
    };
    let all = roads().count();
    if all == 0 {
        let nowhere = places.stand(system).is_some() && !places.opens(system);
        return Openness::Closed(if nowhere {
            what(PARTED)
        } else {
            "access-page.shared_closed".to_owned()
        });
    }
    if let Some(left_out) = left_out {
        let cut = roads().filter(|it| left_out.closes(&line_of(it))).count();
        if cut == all {
            return Openness::Closed(what(left_out.code));
        }
        if cut > 0 {
            return Openness::InPart(what(left_out.code));
        }
    }
    if places.parted(system).is_empty() {
        Openness::Wholly
    } else {
        Openness::InPart(what(PARTED))
    }
}

/// A message in both languages.
fn both(key: &str) -> BothWords {
    let said = |lang| text(lang, key, &[]).into_owned();
    BothWords {
        ja: said(Lang::Ja),
        en: said(Lang::En),
    }
}

/// The same for the person on the device: every system that could come to be reached, and what is
/// missing where it is not; with what the newest table leaves out of the tunnel. Those that are reached come first.
#[must_use]
pub fn told(
    book: &Rulebook,
    ground: Ground<'_>,
    (person, device): (PersonId, DeviceId),
    left_out: Option<&LeftOut>,
) -> Vec<TunnelSystem> {
    let places = Places::of(ground.world);
    let asked = asked(book, ground, &places, (person, device));
    let reached = reached_by(&places, &asked);
    let all = candidates_now(ground.world, (person, device), ground.now);
    let mut told: Vec<TunnelSystem> = all
        .into_iter()
        .filter_map(|system| {
            let (_, known) = ground.world.registers.get::<System>(system)?;
            let answer = asked.iter().find(|it| it.system == system);
            let decision = answer.map_or_else(
                || decide(book, ground, &through_a_tunnel(person, device, system)),
                |it| it.decision.clone(),
            );
            // One that was not asked about has no place that packets could be held against.
            let openness = openness(&places, &reached, left_out, system);
            let closed = matches!(openness, Openness::Closed(_));
            let is_reached = decision.is_allowed() && answer.is_some() && !closed;
            let why = match decision {
                Decision::Allow(_) if answer.is_some() => match &openness {
                    Openness::Wholly => Vec::new(),
                    Openness::InPart(why) => vec![both("access-page.in_part"), both(why)],
                    Openness::Closed(why) => vec![both(why)],
                },
                Decision::Allow(_) | Decision::Deny(Denied::Failed(_)) => Vec::new(),
                Decision::Deny(Denied::Missing(missing)) => missing.iter().map(in_words).collect(),
            };
            Some(TunnelSystem {
                system,
                name: known.name.as_str().to_owned(),
                reached: is_reached,
                why,
            })
        })
        .collect();
    told.sort_by_key(|it| !it.reached);
    told
}

/// So many systems as a device is told of, and how many more there are.
#[must_use]
pub fn bounded(mut told: Vec<TunnelSystem>) -> (Vec<TunnelSystem>, Option<usize>) {
    let more = told.len().saturating_sub(SYSTEMS_MAX);
    told.truncate(SYSTEMS_MAX);
    (told, Some(more).filter(|more| *more > 0))
}

#[cfg(test)]
mod tests {
    use sekisho_domain::id::Fresh;

    use super::*;

    #[test]
    fn a_device_that_is_not_told_of_all_systems_is_told_how_many_more_there_are() {
        let system = |seed: u8| TunnelSystem {
            system: SystemId::new(Fresh([seed; 16])),
            name: "Documents".to_owned(),
            reached: false,
            why: Vec::new(),
        };
        let some = |n: u8| (0..n).map(system).collect::<Vec<_>>();
        let (told, more) = bounded(some(32));
        assert_eq!((told.len(), more), (32, None));
        let (told, more) = bounded(some(35));
        assert_eq!((told, more), (some(32), Some(3)));
    }
}
