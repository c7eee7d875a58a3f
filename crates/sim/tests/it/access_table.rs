//! Access tables that are kept up to date from move to move say what tables made from nothing say.

use std::collections::HashSet;
use std::sync::Arc;

use sekisho_domain::actor::Actor;
use sekisho_domain::check::{CheckResult, DeviceCheck, Outcome};
use sekisho_domain::code::Reason;
use sekisho_domain::device::DeviceState;
use sekisho_domain::event::{Event, Sealed, StoredEvent};
use sekisho_domain::field::Value;
use sekisho_domain::id::{GatewayId, PermitId, PersonId, SystemId, TunnelSessionId};
use sekisho_domain::name::Line;
use sekisho_domain::permit::event::{Applied, Approved, Ended, Request, Resumed, Suspended};
use sekisho_domain::permit::particulars::Exception;
use sekisho_domain::permit::{
    Capacity, Deadlines, Decision, EndKind, HoldCause, NumberSeries, Particulars, Permit,
    PermitKind, PermitNumber, Place, Status, Term,
};
use sekisho_domain::posture::Posture;
use sekisho_domain::register::{EntryId, Register};
use sekisho_domain::time::{Span, Timestamp};
use sekisho_domain::world::{NoDocuments, World};
use sekisho_protocol::access_table::{Reach, TablePeer};
use sekisho_protocol::wireguard_key::WireGuardKey;
use sekisho_rules::decide::{Act, Ground, Rulebook};
use sekisho_server::access::gateway::{
    Addresses, Answers, Given, KEPT_FOR, Tunnelled, table_of, table_with,
};
use sekisho_server::access::{DecisionLog, Move};
use sekisho_sim::population::Population;
use sekisho_sim::random::SplitMix64;

const NOW: Timestamp = Timestamp::from_millis(1_795_392_000_000);
const SEED: u64 = 11;
const POPULATION: Population = Population {
    people: 200,
    devices: 200,
    permits: 400,
    ready: 60,
};
const STEPS: usize = 4_000;

/// Everything that a table follows from.
pub struct Walk {
    population: Population,
    random: SplitMix64,
    pub world: World,
    posture: Posture,
    now: Timestamp,
    clock_sure: bool,
    book: Arc<Rulebook>,
    gateway: GatewayId,
    tunnels: Vec<Tunnelled>,
    moves: Vec<Move>,
    /// Whether a moment has passed since everybody was asked about.
    drifted: bool,
    addresses: Addresses,
    answers: Answers,
    /// What the log is told.
    given: Vec<Given>,
}

impl Walk {
    pub fn new() -> Self {
        Self::of(POPULATION)
    }

    pub fn of(population: Population) -> Self {
        let mut walk = Self {
            population,
            random: SplitMix64::new(SEED),
            world: population.world(SEED, NOW).unwrap(),
            posture: population.posture(SEED, NOW),
            now: NOW,
            clock_sure: true,
            book: Arc::new(Rulebook::built_in().unwrap()),
            gateway: GatewayId::new(SplitMix64::new(1).fresh()),
            tunnels: Vec::new(),
            moves: Vec::new(),
            drifted: false,
            addresses: Addresses::default(),
            answers: Answers::default(),
            given: Vec::new(),
        };
        walk.enter_gateway();
        for nth in 0..population.ready {
            walk.tunnel(population.ready_person(nth));
        }
        walk
    }

    fn enter_gateway(&mut self) {
        let line = self.world.registers.active(Register::Line).next().unwrap();
        let line = line.id.to_string();
        let post = self.world.posts.keys().next().unwrap().to_string();
        let key = "A".repeat(44);
        let fields = [
            ("name", "本庁ゲートウェイ"),
            ("line", &line),
            ("officer", &post),
            ("key", &key),
            ("endpoint", "gate.sample.invalid:51820"),
            ("network", "10.90.0.0/24"),
        ];
        let fields = fields.map(|(code, text)| (code.to_owned(), Value::Text(text.to_owned())));
        self.happen(Event::RegisterEntered {
            id: self.gateway.into(),
            unit: None,
            particulars: Register::Gateway.read(&fields.into()).unwrap(),
            remark: None,
        });
    }

    fn tunnel(&mut self, number: u32) {
        let mut key = [7; 32];
        key[..4].copy_from_slice(&number.to_be_bytes());
        self.tunnels.push(Tunnelled {
            session: TunnelSessionId::new(self.random.fresh()),
            device: self.population.device(SEED, number),
            person: self.population.person(SEED, number),
            key: WireGuardKey::new(key).unwrap(),
        });
    }

    pub fn happen(&mut self, event: Event) {
        self.moves.extend(Move::of_event(&event));
        let stored = StoredEvent {
            actor: Actor::System,
            recorded_at: self.now,
            effective_from: None,
            event,
        };
        self.world.apply(&stored, &NoDocuments).unwrap();
    }

    fn number(&mut self) -> u32 {
        let nth = self.random.below(self.population.ready);
        self.population.ready_person(nth)
    }

    /// Something happens.
    fn step(&mut self) {
        match self.random.below(24) {
            0..=9 => self.permit(),
            10..=14 => self.report(),
            15 => self.device(),
            16 => self.system(),
            17 => {
                let which = self.random.below(self.tunnels.len() as u32) as usize;
                self.tunnels.swap_remove(which);
                let number = self.number();
                self.tunnel(number);
            }
            18 => self.clock_sure = self.random.chance(800),
            19 => self.book = Arc::new(Rulebook::built_in().unwrap()),
            20 | 21 => {
                let hours = self.random.below(3);
                self.now = self.now.after(Span::hours(hours)).after(KEPT_FOR);
                self.drifted = false;
            }
            _ => {
                let seconds = self.random.below(4);
                self.now = self.now.after(Span::seconds(seconds));
                self.drifted = true;
            }
        }
    }

    fn permit(&mut self) {
        let person = self.population.person(SEED, self.number());
        let held: Vec<&Permit> = self.world.permits.of_person(person).collect();
        let found = self
            .random
            .pick(&held)
            .map(|it| (it.id, it.status(self.now)));
        let Some((permit, status)) = found else {
            return;
        };
        match status {
            Status::Active if self.random.chance(10) => self.happen(Event::PermitEnded {
                step: Box::new(Ended {
                    permit,
                    how: EndKind::Returned,
                    at: self.now,
                    deadlines: Deadlines::default(),
                    decision: None,
                    remark: None,
                }),
            }),
            Status::Active if self.random.chance(150) => self.happen(Event::PermitSuspended {
                step: Suspended {
                    permit,
                    cause: HoldCause::Officer,
                    remark: None,
                },
            }),
            Status::Suspended => self.happen(Event::PermitResumed {
                step: Resumed {
                    permit,
                    decision: None,
                    remark: None,
                },
            }),
            Status::Approved => self.happen(Event::PermitActivated { permit }),
            _ => {}
        }
    }

    /// A device reports: everything is well, or all but one check.
    fn report(&mut self) {
        let device = self.population.device(SEED, self.number());
        let ill = *self.random.pick(&DeviceCheck::ALL).unwrap();
        let outcomes = [
            Outcome::Pass,
            Outcome::Pass,
            Outcome::Fail,
            Outcome::Unknown,
        ];
        let outcome = *self.random.pick(&outcomes).unwrap();
        for check in DeviceCheck::ALL {
            let result = CheckResult {
                outcome: if check == ill { outcome } else { Outcome::Pass },
                reason: Reason::new("check.never"),
                observed_at: self.now,
                received_at: self.now,
                fresh_until: self.now.after(Span::hours(1 + self.random.below(90))),
            };
            self.posture.set(device, check, &result, 1);
        }
        self.moves.push(Move::Devices(vec![device]));
    }

    fn device(&mut self) {
        let device = self.population.device(SEED, self.number());
        let known = self.world.device(device).unwrap().state;
        let state = match known {
            DeviceState::Active if self.random.chance(400) => DeviceState::Suspended,
            DeviceState::Suspended => DeviceState::Active,
            _ => return,
        };
        self.happen(Event::DeviceStateChanged {
            device,
            state,
            reason: Reason::new("device.lost"),
        });
    }

    fn system(&mut self) {
        let id = EntryId::from(self.population.system_of(SEED, self.number() / 40));
        let remark = None;
        let in_use = self.world.registers.entry(id).unwrap().is_active();
        if !in_use {
            self.happen(Event::RegisterRestored { id, remark });
        } else if self.random.chance(300) {
            self.happen(Event::RegisterRetired { id, remark });
        }
    }

    /// The table that was kept, the one from nothing, and how many tunnels were asked about for the first.
    pub fn tables(&mut self) -> (Vec<TablePeer>, Vec<TablePeer>, usize) {
        let ground = Ground {
            supposed: None,
            world: &self.world,
            posture: &self.posture,
            now: self.now,
            clock_sure: self.clock_sure,
        };
        let moves = std::mem::take(&mut self.moves);
        let (book, tunnels) = (&self.book, &self.tunnels);
        let due = self.answers.due(book, ground, &moves, tunnels);
        self.given = self.answers.ask(book, ground, &due);
        let (gateway, answers) = (self.gateway, &self.answers);
        let reach = |tunnel: &Tunnelled| answers.reach(tunnel);
        let kept = table_with(ground, gateway, tunnels, &mut self.addresses, reach);
        let made = table_of(book, ground, gateway, tunnels, &mut self.addresses);
        (kept.unwrap().peers, made.unwrap().peers, due.len())
    }
}

#[test]
fn a_table_that_is_kept_is_the_one_made_from_nothing() {
    let mut walk = Walk::new();
    let (kept, made, asked) = walk.tables();
    assert_eq!(kept, made);
    assert_eq!(asked, POPULATION.ready as usize);
    let (mut all, mut lines, mut changes) = (0, 0, 0);
    let mut before = made;
    for step in 0..STEPS {
        walk.step();
        let (kept, made, asked) = walk.tables();
        if walk.drifted {
            // What time alone gives may come later by a moment; nothing is said that does not hold.
            for (kept, made) in kept.iter().zip(&made) {
                let is_made = |it: &Reach| {
                    let mut all = made.reach.iter();
                    all.any(|other| (other.system, other.port) == (it.system, it.port))
                };
                assert!(
                    kept.reach.iter().all(is_made),
                    "step {step}: {kept:?} {made:?}"
                );
            }
        } else {
            assert_eq!(kept, made, "step {step}");
        }
        all += asked;
        lines += made.iter().map(|it| it.reach.len()).sum::<usize>();
        changes += usize::from(made != before);
        before = made;
    }
    // Roads were open and opened and closed again, and few were asked about for it.
    assert!(lines > STEPS && changes > STEPS / 20, "{lines} {changes}");
    assert!(all < STEPS * walk.tunnels.len() / 2, "{all}");
}

#[test]
fn the_log_is_told_each_answer_once_until_it_is_another() {
    let mut walk = Walk::new();
    let (_, made, _) = walk.tables();
    let open: usize = made
        .iter()
        .map(|peer| {
            let systems: HashSet<_> = peer.reach.iter().map(|it| it.system).collect();
            systems.len()
        })
        .sum();
    let told = |walk: &Walk, allowed: bool| {
        let given = walk.given.iter();
        given
            .filter(|it| it.decision.is_allowed() == allowed)
            .count()
    };
    assert!(open > 0);
    assert_eq!(told(&walk, true), open);
    // Everybody is asked about anew, and nothing is another answer.
    for _ in 0..3 {
        walk.moves.push(Move::Anybody);
        let (_, _, asked) = walk.tables();
        assert_eq!(asked, walk.tunnels.len());
        assert!(walk.given.is_empty(), "{:?}", walk.given);
    }
    // Nothing is allowed while time is not sure: each road that was open is told as refused, once.
    walk.clock_sure = false;
    walk.tables();
    assert_eq!((told(&walk, true), told(&walk, false) >= open), (0, true));
    walk.moves.push(Move::Anybody);
    walk.tables();
    assert!(walk.given.is_empty());
    walk.clock_sure = true;
    walk.tables();
    assert_eq!(told(&walk, true), open);
    // A session that is over is forgotten: the next one of the same person is told from its start.
    let before = walk.tunnels.clone();
    walk.tunnels.clear();
    walk.tables();
    walk.tunnels = before;
    walk.tables();
    assert_eq!(told(&walk, true), open);
}

/// A log in which there is no room for anything.
fn full_log(walk: &mut Walk) -> DecisionLog {
    const HELD: usize = 65_536;
    let log = DecisionLog::default();
    let one = walk.given[0].clone();
    let mut other = Vec::with_capacity(HELD);
    for _ in 0..HELD {
        let mut given = one.clone();
        given.question.person = Some(PersonId::new(walk.random.fresh()));
        other.push(given);
    }
    Answers::default().tell(&log, walk.gateway, other);
    assert_eq!(log.counts().lost, 0);
    log
}

#[test]
fn what_the_log_could_not_keep_is_told_again() {
    let mut walk = Walk::new();
    walk.tables();
    let full = full_log(&mut walk);
    let told = walk.given.len();
    assert!(told > 0);
    // The first answers, and then that each road has closed.
    for sure in [true, false] {
        if !sure {
            walk.clock_sure = false;
            walk.tables();
            assert!(!walk.given.is_empty());
        }
        let given = std::mem::take(&mut walk.given);
        let (lost, before) = (given.len() as u64, full.counts().lost);
        walk.answers.tell(&full, walk.gateway, given);
        assert_eq!(full.counts().lost - before, lost);
        walk.moves.push(Move::Anybody);
        walk.tables();
        assert_eq!(walk.given.len() as u64, lost, "{sure}");
        // Kept, it is told no more.
        let given = std::mem::take(&mut walk.given);
        let log = DecisionLog::default();
        walk.answers.tell(&log, walk.gateway, given);
        assert_eq!(log.counts().lost, 0);
        walk.moves.push(Move::Anybody);
        walk.tables();
        assert!(walk.given.is_empty(), "{sure}: {:?}", walk.given);
    }
}

#[test]
fn a_road_that_closes_with_the_address_of_its_system_is_told_when_it_opens_again() {
    let mut walk = Walk::new();
    let (_, made, _) = walk.tables();
    let system: SystemId = made
        .iter()
        .flat_map(|it| &it.reach)
        .next()
        .expect("a road")
        .system;
    let on_system = |peers: &[TablePeer]| {
        let open = peers
            .iter()
            .filter(|peer| peer.reach.iter().any(|it| it.system == system));
        open.count()
    };
    let open = on_system(&made);
    let with = {
        let entry = walk.world.registers.entry(EntryId::System(system)).unwrap();
        (entry.unit, entry.particulars.values())
    };
    let change = |walk: &mut Walk, address: Option<&Value>| {
        let mut values = with.1.clone();
        match address {
            Some(address) => values.insert("address".to_owned(), address.clone()),
            None => values.remove("address"),
        };
        walk.happen(Event::RegisterChanged {
            id: system.into(),
            unit: with.0,
            particulars: Register::System.read(&values).unwrap(),
            remark: None,
        });
    };
    change(&mut walk, None);
    walk.moves.push(Move::Anybody);
    let (_, made, _) = walk.tables();
    assert_eq!(on_system(&made), 0);
    // Nothing can be asked then, so that nothing is answered.
    let answered = |walk: &Walk| {
        let given = walk.given.iter();
        given
            .filter(|it| it.question.act == Act::Reach { system, part: None })
            .count()
    };
    assert_eq!(answered(&walk), 0);
    let address = with.1.get("address").cloned();
    change(&mut walk, address.as_ref());
    walk.moves.push(Move::Anybody);
    let (_, made, _) = walk.tables();
    assert_eq!(on_system(&made), open);
    assert!(answered(&walk) >= open && open > 0);
}

/// Somebody without a tunnel applies for an exception, for these people or for everybody.
fn applied(walk: &mut Walk, people: Vec<PersonId>) -> PermitId {
    let permit = PermitId::new(walk.random.fresh());
    let mut everybody = (0..POPULATION.people).map(|number| POPULATION.person(SEED, number));
    let without = |person: &PersonId| !walk.tunnels.iter().any(|it| it.person == *person);
    let applicant = everybody.find(without).unwrap();
    let other = walk.world.permits.iter().next().unwrap();
    let grade = "C3I2A2".parse().unwrap();
    let row = Line::parse("US-8.1.1-3-h-ア").unwrap();
    let place = Place::OutsideOrganisation;
    let text = "AAAA".to_owned();
    let request = Request {
        particulars: Particulars::Exception(Exception {
            people,
            ..Exception::bare(row, grade, place, NOW.jst_date())
        }),
        grade: Some(grade),
        wanted: Term {
            from: walk.now,
            until: walk.now.after(Span::days(9)),
        },
        unit: other.unit,
        route: other.route,
        purpose: Sealed {
            person: applicant,
            key: text.clone(),
            nonce: text.clone(),
            ciphertext: text,
        },
    };
    let applied = Box::new(Applied {
        permit,
        applicant,
        request,
    });
    walk.happen(Event::PermitApplied { applied });
    permit
}

fn given(walk: &mut Walk, permit: PermitId) {
    let known = walk.world.permits.get(permit).unwrap();
    let step = Box::new(Approved {
        permit,
        number: PermitNumber {
            series: NumberSeries::at(PermitKind::Exception, NOW, false),
            serial: 90_000,
        },
        decision: Decision {
            by: known.applicant,
            capacity: Capacity::Holder,
            route: known.route,
        },
        term: known.wanted,
        deadlines: Deadlines::default(),
        conditions: None,
        remark: None,
        for_everybody: known.exception().is_some_and(Exception::is_open),
    });
    walk.happen(Event::PermitApproved { step });
    walk.happen(Event::PermitActivated { permit });
}

#[test]
fn those_whom_an_exception_covers_are_asked_about_again_and_nobody_else() {
    let mut walk = Walk::new();
    walk.tables();
    let asked = |walk: &mut Walk| {
        let (kept, made, asked) = walk.tables();
        assert_eq!(kept, made);
        asked
    };
    let named = walk.tunnels[3].person;
    let of_named = applied(&mut walk, vec![named]);
    given(&mut walk, of_named);
    assert_eq!(asked(&mut walk), 1);
    // What was only applied for covers nobody.
    let of_everybody = applied(&mut walk, Vec::new());
    assert_eq!(asked(&mut walk), 0);
    given(&mut walk, of_everybody);
    assert_eq!(asked(&mut walk), walk.tunnels.len());
    for (permit, whom) in [(of_named, 1), (of_everybody, walk.tunnels.len())] {
        let step = Box::new(Ended {
            permit,
            how: EndKind::Revoked,
            at: walk.now,
            deadlines: Deadlines::default(),
            decision: None,
            remark: None,
        });
        walk.happen(Event::PermitEnded { step });
        assert_eq!(asked(&mut walk), whom);
    }
}
