//! What the tunnels of one gateway reach, kept from table to table: only those are asked about again whom
//! something has moved for, or whose time has come.
//!
//! A tunnel is asked about again and again, and what is answered mostly stays. So the log of decisions is told
//! what was answered to a session first, and whatever is another answer than before. Of a road that stays open it
//! is told again once an hour: rules may see the hour, and a what-if finds then what stood in it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use sekisho_domain::access::Asker;
use sekisho_domain::id::{DeviceId, GatewayId, PersonId, SystemId, TunnelSessionId};
use sekisho_domain::permit::PermitKind;
use sekisho_domain::register::places::Places;
use sekisho_domain::time::{Span, Timestamp};
use sekisho_domain::world::World;
use sekisho_protocol::access_table::Reach;
use sekisho_rules::decide::{Decision, Ground, Question, Rulebook, Seen, decide_seen};

use super::reach::{Asked, asked, is_permitted};
use super::table::reach_of;
use super::tunnels::Tunnelled;
use crate::access::log::{Key, Tally, hour_of};
use crate::access::privileged::is_privileged;
use crate::access::{DecisionLog, Move};
use crate::app::App;

/// How long an answer is kept at most. What a decision allows says when it has to be asked again; what
/// time brings besides (a permit that begins, somebody who leaves on a day) no move tells of.
pub const KEPT_FOR: Span = Span::seconds(5);
/// So many tunnels are asked about while the World is held; then whoever writes may go on.
const SLICE: usize = 64;

/// The answers.
#[derive(Debug, Default)]
pub struct Answers {
    of: HashMap<TunnelSessionId, Answer>,
    /// What the log was told last. It stays where everybody is asked about anew.
    told: HashMap<TunnelSessionId, HashMap<SystemId, Told>>,
    /// How many roads that stay open the log may still be told of in this turn.
    standing_room: usize,
    /// The rules by which they were given, and whether time was sure.
    basis: Option<(Arc<Rulebook>, bool)>,
    /// How many moves are taken account of.
    seen: u64,
}

/// What the log was told, and in which hour.
#[derive(Clone, Debug)]
struct Told {
    key: Key,
    hour: i64,
}

#[derive(Debug)]
struct Answer {
    person: PersonId,
    device: DeviceId,
    reach: Vec<Reach>,
    /// When it has to be asked again at the latest.
    until: Timestamp,
}

/// An answer that the log has not been told yet.
#[derive(Clone, Debug)]
pub struct Given {
    /// What was asked.
    pub question: Question,
    /// What was answered.
    pub decision: Decision,
    facts: (Seen, Option<bool>),
    privileged: bool,
    tally: Tally,
    /// To which session about which system, and what the log was told of it before.
    about: (TunnelSessionId, SystemId),
    before: Option<Told>,
}

impl Answers {
    /// Brings the answers for a gateway's tunnels up to date. What comes back is for the log ([`Answers::tell`]).
    pub fn follow(&mut self, app: &App, tunnels: &[Tunnelled]) -> Vec<Given> {
        let book = app.access().rulebook();
        // Before anything is looked at: what moves meanwhile is asked about once more.
        let (moves, seen) = app.access().moves().since(self.seen);
        let due = app.with_ground(|ground| self.due(&book, ground, &moves, tunnels));
        self.standing_room = app.access().log().standing_room();
        let mut given = Vec::new();
        for slice in due.chunks(SLICE) {
            given.extend(app.with_ground(|ground| self.ask(&book, ground, slice)));
        }
        self.seen = seen;
        given
    }

    /// Tells the log. What it cannot keep counts as not told, and is told when it is asked about again.
    pub fn tell(&mut self, log: &DecisionLog, gateway: GatewayId, given: Vec<Given>) {
        for one in given {
            let asked = (&one.question, Some(Asker::Gateway(gateway)));
            if log.put(asked, &one.decision, one.facts, one.privileged, one.tally) {
                continue;
            }
            let (session, system) = one.about;
            let of_session = self.told.entry(session).or_default();
            match one.before {
                Some(told) => of_session.insert(system, told),
                None => of_session.remove(&system),
            };
        }
    }

    /// The tunnels that have to be asked about after some moves. What is kept of others that are there
    /// no longer is forgotten.
    pub fn due<'a>(
        &mut self,
        book: &Arc<Rulebook>,
        ground: Ground<'_>,
        moves: &[Move],
        tunnels: &'a [Tunnelled],
    ) -> Vec<&'a Tunnelled> {
        let sessions: HashSet<TunnelSessionId> = tunnels.iter().map(|it| it.session).collect();
        self.of.retain(|session, _| sessions.contains(session));
        self.told.retain(|session, _| sessions.contains(session));
        let same = self
            .basis
            .as_ref()
            .is_some_and(|(known, sure)| Arc::ptr_eq(known, book) && *sure == ground.clock_sure);
        let concerned = Concerned::by(moves, ground.world);
        if !same || concerned.anybody {
            self.of.clear();
            self.basis = Some((Arc::clone(book), ground.clock_sure));
        }
        let is_due = |tunnel: &&Tunnelled| {
            self.of.get(&tunnel.session).is_none_or(|known| {
                (known.person, known.device) != (tunnel.person, tunnel.device)
                    || known.until <= ground.now
                    || concerned.people.contains(&tunnel.person)
                    || concerned.devices.contains(&tunnel.device)
            })
        };
        tunnels.iter().filter(is_due).collect()
    }

    /// Asks about tunnels. What comes back is for the log: what was answered first, and otherwise than before, and what
    /// stays open in another hour.
    pub fn ask(
        &mut self,
        book: &Rulebook,
        ground: Ground<'_>,
        tunnels: &[&Tunnelled],
    ) -> Vec<Given> {
        let mut given = Vec::new();
        let places = Places::of(ground.world);
        for tunnel in tunnels {
            let (person, device) = (tunnel.person, tunnel.device);
            let all = asked(book, ground, &places, (person, device));
            if let Some(told) = self.told.get_mut(&tunnel.session) {
                // One that packets can no longer be held against is not asked about; when it comes back, its
                // answer is news again.
                told.retain(|system, _| all.iter().any(|one| one.system == *system));
            }
            let news = all.iter();
            given.extend(news.filter_map(|one| self.news(book, ground, tunnel, one)));
            let reach = reach_of(&places, &all);
            let kept = ground.now.after(KEPT_FOR);
            let ends = reach.iter().filter_map(|it| it.ends_at);
            let until = ends.fold(kept, std::cmp::min);
            let answer = Answer {
                person,
                device,
                reach,
                until,
            };
            self.of.insert(tunnel.session, answer);
        }
        given
    }

    /// An answer as the log is told it; none where it was told so already, and none of a first refusal while
    /// no permit holds or is suspended: nobody tries anything then. What was told in another hour and stays open is
    /// told again, as far as there is room in this turn; what stays closed is not, since nothing stands there. Only
    /// what is told is answered with what rules could see, which takes longer.
    fn news(
        &mut self,
        book: &Rulebook,
        ground: Ground<'_>,
        tunnel: &Tunnelled,
        asked: &Asked,
    ) -> Option<Given> {
        let Asked {
            system,
            question,
            decision,
            ..
        } = asked;
        let privileged = decision.is_allowed() && is_privileged(ground.world, question, ground.now);
        let key = Key::of(question, decision, privileged);
        let who = (tunnel.person, tunnel.device);
        let told = self.told.entry(tunnel.session).or_default();
        let hour = hour_of(ground.now);
        let stands = told.get(system).is_some_and(|told| told.key == key);
        let is_news = match told.get(system) {
            Some(told) if stands => {
                decision.is_allowed() && told.hour != hour && self.standing_room > 0
            }
            Some(_) => true,
            None => decision.is_allowed() || is_permitted(ground.world, who, *system, ground.now),
        };
        if !is_news {
            return None;
        }
        let tally = if stands {
            self.standing_room -= 1;
            Tally::standing(ground.now)
        } else {
            Tally::once(ground.now)
        };
        let before = told.insert(*system, Told { key, hour });
        let (decision, seen, built_in) = decide_seen(book, ground, question);
        Some(Given {
            question: question.clone(),
            decision,
            facts: (seen, built_in),
            privileged,
            tally,
            about: (tunnel.session, *system),
            before,
        })
    }

    /// What a tunnel reaches: nothing where it was not asked about.
    #[must_use]
    pub fn reach(&self, tunnel: &Tunnelled) -> Vec<Reach> {
        let known = self.of.get(&tunnel.session);
        known.map_or_else(Vec::new, |known| known.reach.clone())
    }
}

/// Whom moves concern.
#[derive(Default)]
struct Concerned {
    anybody: bool,
    people: HashSet<PersonId>,
    devices: HashSet<DeviceId>,
}

impl Concerned {
    fn by(moves: &[Move], world: &World) -> Self {
        let mut concerned = Self::default();
        for one in moves {
            match one {
                Move::Anybody => concerned.anybody = true,
                Move::Devices(devices) => concerned.devices.extend(devices),
                Move::Permit(permit) => {
                    let Some(permit) = world.permits.get(*permit) else {
                        continue;
                    };
                    concerned.people.insert(permit.applicant);
                    if let Some(exception) = permit.exception() {
                        concerned.people.extend(&exception.people);
                        // Who meets its conditions is found by asking alone. One that was never given covers nobody.
                        concerned.anybody |= exception.is_open() && permit.grant().is_some();
                    }
                    // These count for whoever uses the device.
                    if matches!(permit.kind(), PermitKind::Line | PermitKind::Exception) {
                        concerned.devices.extend(permit.particulars.devices());
                    }
                }
            }
        }
        concerned
    }
}
