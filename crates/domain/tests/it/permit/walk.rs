//! A random walk of commands against the model: no difference, and no state outside the life.
//!
//! The seed is printed with every failure; `SEKISHO_SEED` walks that one again.

use sekisho_domain::actor::Actor;
use sekisho_domain::command::{Command, PermitAct, PermitCommand, decide};
use sekisho_domain::event::{Event, StoredEvent};
use sekisho_domain::id::StandInId;
use sekisho_domain::permit::{HoldCause, Obligation, PermitKind, Proof, Term};
use sekisho_domain::stand_in::{Absence, StandIn};
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::{NoDocuments, World};

use super::asked::particulars;
use super::model::{DAY_MS, Model, STANDS_IN, Try, post};
use super::scene::*;
use crate::commands::{START, fresh, sealed};

const KINDS: [PermitKind; 5] = [
    PermitKind::Telework,
    PermitKind::TakeOut,
    PermitKind::OffSite,
    PermitKind::Media,
    PermitKind::Reconnection,
];
const APPLICANTS: [Who; 4] = [STAFF, COLLEAGUE, OTHER_STAFF, CHIEF];
const ACTORS: [Option<Who>; 10] = [
    Some(STAFF),
    Some(COLLEAGUE),
    Some(OTHER_STAFF),
    Some(CHIEF),
    Some(OTHER_CHIEF),
    Some(BUREAU_HEAD),
    Some(SYSTEMS),
    Some(DEPUTY),
    Some(AUDITOR),
    None,
];
const OWED: [&str; 5] = [
    "device_returned",
    "device_inspected",
    "information_erased",
    "medium_returned",
    "reconnection_done",
];

/// How many things can be tried.
const CHOICES: u64 = 20;

/// SplitMix64: enough to choose steps.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        let place = usize::try_from(self.below(all.len() as u64)).unwrap();
        all[place]
    }
}

struct Walk {
    scene: Scene,
    model: Model,
    random: Random,
    stored: Vec<StoredEvent>,
    next: u64,
    taken: usize,
}

fn actor(who: Option<Who>) -> Actor {
    who.map_or(Actor::System, |who| Actor::person(person(who)))
}

fn moment(ms: i64) -> Timestamp {
    Timestamp::from_millis(START + ms)
}

impl Walk {
    fn new(seed: u64) -> Self {
        let mut scene = Scene::new();
        scene.enrol(
            issued(OTHER_STAFF),
            sekisho_domain::device::DeviceClass::Issued,
            OTHER_STAFF,
        );
        let (from, until) = STANDS_IN;
        let stand_in = StandIn {
            id: StandInId::new(fresh(1)),
            post: post_of(CHIEF),
            person: person(DEPUTY),
            absence: Absence::Trip,
            kinds: Vec::new(),
            valid: Term {
                from: day(from),
                until: day(until),
            },
        };
        let named = scene.ask(&actor(Some(CHIEF)), PermitCommand::NameStandIn(stand_in));
        assert_eq!(named, Ok(1));
        Self {
            scene,
            model: Model::default(),
            random: Random(seed),
            stored: Vec::new(),
            next: 0,
            taken: 0,
        }
    }

    fn now(&self) -> i64 {
        self.scene.now.as_millis() - START
    }

    /// Decides and folds; whether the command was taken.
    fn ask(&mut self, who: Option<Who>, command: PermitCommand) -> bool {
        let command = Command::Permit(Box::new(command));
        let now = self.scene.now;
        let Ok(decided) = decide(&self.scene.world, &actor(who), &command, now) else {
            return false;
        };
        for event in decided.events {
            let stored = StoredEvent {
                actor: decided.actor.clone(),
                recorded_at: now,
                effective_from: None,
                event,
            };
            self.scene.world.apply(&stored, &NoDocuments).unwrap();
            self.stored.push(stored);
        }
        true
    }

    fn step(&mut self) -> String {
        let hours = self.random.below(9) as i64;
        self.scene.now = moment(self.now() + hours * 3_600_000);
        match self.random.below(20) {
            0..=2 => self.apply(),
            3 => self.record_ends(),
            _ => self.act(),
        }
    }

    fn apply(&mut self) -> String {
        let (kind, who) = (self.random.pick(&KINDS), self.random.pick(&APPLICANTS));
        self.next += 1;
        let n = self.next;
        let days = 3 + self.random.below(40) as i64;
        let until = self.now() + days * DAY_MS;
        let wanted = Term {
            from: self.scene.now,
            until: moment(until),
        };
        let command = PermitCommand::Apply {
            permit: permit(n),
            applicant: person(who),
            application: application(who, particulars(kind, who, "C3I1A1"), wanted),
        };
        let said = format!("{who:?} applies for {n} {kind:?} until {until}");
        let expected = self.model.apply(n, kind, who, (self.now(), until));
        assert_eq!(self.ask(Some(who), command), expected, "{said}");
        said
    }

    /// The program's record changes nothing that anyone can tell but the version.
    fn record_ends(&mut self) -> String {
        let now = self.scene.now;
        let permits: Vec<_> = self
            .scene
            .world
            .permits
            .expired(now)
            .map(|it| it.id)
            .collect();
        let before: Vec<u64> = (1..=self.next).map(|n| self.version(n)).collect();
        assert!(self.ask(None, PermitCommand::RecordEnds { permits }));
        for (n, before) in (1..=self.next).zip(before) {
            let more = self.version(n) - before;
            if let Some(known) = self.model.permits.get_mut(&n) {
                known.version += more;
                if more > 0 {
                    known.ended_by_time();
                }
            }
        }
        assert_eq!(self.scene.world.permits.expired(now).count(), 0);
        "ends are recorded".to_owned()
    }

    fn version(&self, n: u64) -> u64 {
        let known = self.scene.world.permits.get(permit(n));
        known.map_or(0, |it| it.version())
    }

    fn act(&mut self) -> String {
        let n = 1 + self.random.below(self.next.max(1));
        // Mostly what is new: what is old is closed.
        let n = if self.random.below(4) > 0 {
            self.next.saturating_sub(self.random.below(12)).max(1)
        } else {
            n
        };
        let (who, choice) = self.chosen(n);
        let (tried, act) = self.tried(n, choice);
        let said = format!("{who:?} tries {tried:?} on {n} at {}", self.now());
        let now = self.now();
        let expected = self.model.act(n, who, tried, now);
        let command = PermitCommand::Act {
            permit: permit(n),
            expected: None,
            act,
        };
        let before = self
            .scene
            .world
            .permits
            .get(permit(n))
            .map(|it| it.status(self.scene.now));
        assert_eq!(
            self.ask(who, command),
            expected,
            "{said}, which stood {before:?}"
        );
        self.taken += usize::from(expected);
        said
    }

    /// Who tries what: half the time what can be done next by the one who may, so that things go on.
    fn chosen(&mut self, n: u64) -> (Option<Who>, u64) {
        let anything = (self.random.pick(&ACTORS), self.random.below(CHOICES));
        let now = self.now();
        let Some(known) = self.model.permits.get(&n) else {
            return anything;
        };
        let (applicant, decider) = (known.applicant, post(known.kind, known.applicant));
        let (own, decides) = (Some(applicant), Some(decider));
        let next: &[(Option<Who>, u64)] = match known.word(now) {
            "applied" => &[
                (decides, 4),
                (decides, 4),
                (decides, 2),
                (own, 1),
                (Some(DEPUTY), 4),
                (decides, 3),
            ],
            "sent_back" => &[(own, 0), (own, 1)],
            "approved" => &[(own, 7), (own, 7), (decides, 9)],
            "active" => &[
                (own, 13),
                (decides, 14),
                (own, 16),
                (None, 10),
                (decides, 9),
                (Some(CHIEF), 17),
            ],
            "suspended" => &[(decides, 11), (None, 12), (own, 16)],
            "ended" => &[
                (own, 18),
                (decides, 18),
                (Some(BUREAU_HEAD), 18),
                (None, 18),
            ],
            _ => &[(Some(CHIEF), 17)],
        };
        if self.random.below(2) == 0 {
            anything
        } else {
            self.random.pick(next)
        }
    }

    fn tried(&mut self, n: u64, choice: u64) -> (Try, PermitAct) {
        let applicant = self.model.permits.get(&n).map_or(STAFF, |it| it.applicant);
        let kind = self.model.permits.get(&n).map_or(KINDS[0], |it| it.kind);
        let reason = sealed(person(applicant));
        let later = self.now() + (5 + self.random.below(50) as i64) * DAY_MS;
        match choice {
            0 => (Try::Resubmit, self.resubmit(n, applicant, kind)),
            1 => (Try::Withdraw, PermitAct::Withdraw),
            2 => (Try::SendBack, PermitAct::SendBack { reason }),
            3 => (Try::Refuse, PermitAct::Refuse { reason }),
            4..=6 => (Try::Approve, approve()),
            7 | 8 => (Try::Activate, PermitAct::Activate),
            9 => (Try::Hold, hold(HoldCause::Officer)),
            10 => (Try::HoldForPosture, hold(HoldCause::Posture)),
            11 => (Try::Resume, PermitAct::Resume { remark: None }),
            12 => (Try::Release, PermitAct::Release),
            13 => {
                let until = moment(later);
                (Try::Ask(later), PermitAct::AskExtension { until, reason })
            }
            14 => {
                let until = Some(moment(later));
                (Try::Extend(later), extend(until))
            }
            15 => (Try::RefuseExtension, PermitAct::RefuseExtension { reason }),
            16 => (Try::Return, PermitAct::Return),
            17 => match self.random.below(3) {
                0 => (Try::Revoke, PermitAct::Revoke { reason }),
                1 => (Try::Transfer, PermitAct::Transfer),
                _ => (Try::View, PermitAct::View),
            },
            _ => meet(self.random.pick(&OWED), applicant),
        }
    }

    fn resubmit(&mut self, n: u64, applicant: Who, kind: PermitKind) -> PermitAct {
        // As before: the model keeps the end that was asked for first.
        let known = self.scene.world.permits.get(permit(n));
        let wanted = known.map_or(
            Term {
                from: day(0),
                until: day(1),
            },
            |it| it.wanted,
        );
        let again = application(applicant, particulars(kind, applicant, "C3I1A1"), wanted);
        PermitAct::Resubmit {
            application: Box::new(again),
        }
    }

    /// Everything that anyone can tell, on both sides.
    fn compare(&self, said: &str) {
        let (now, at) = (self.now(), self.scene.now);
        let world = &self.scene.world;
        assert_eq!(world.permits.len(), self.model.permits.len());
        for (n, model) in &self.model.permits {
            let real = world.permits.get(permit(*n)).unwrap();
            let told = (
                real.status(at).code(),
                real.is_in_force(at),
                real.is_overdue(at),
                real.waits(at),
                real.version(),
                !real.to_view.is_empty(),
                real.grant().map(|grant| grant.number.serial),
            );
            let expected = (
                model.word(now),
                model.in_force(now),
                model.overdue(now),
                model.waits(now),
                model.version,
                model.to_view,
                model.serial,
            );
            assert_eq!(told, expected, "{n} {:?} after: {said}", model.kind);
            if real.is_in_force(at) {
                assert!(real.grant().unwrap().term.holds(at));
            }
        }
        let overdue = self
            .model
            .permits
            .values()
            .filter(|it| it.overdue(now))
            .count();
        assert_eq!(world.permits.overdue(at).count(), overdue);
    }

    /// What was recorded gives the same World again, and a snapshot is the World.
    fn replay(&self, before: &World) {
        let mut again = before.clone();
        for stored in &self.stored {
            let (kind, version) = stored.event.kind();
            let read = Event::decode(kind, version, stored.event.payload()).unwrap();
            assert_eq!(read, stored.event);
            let stored = StoredEvent {
                event: read,
                ..stored.clone()
            };
            again.apply(&stored, &NoDocuments).unwrap();
        }
        assert_eq!(again, self.scene.world);
        let text = serde_json::to_string(&self.scene.world).unwrap();
        assert_eq!(
            serde_json::from_str::<World>(&text).unwrap(),
            self.scene.world
        );
    }
}

fn hold(cause: HoldCause) -> PermitAct {
    PermitAct::Suspend {
        cause,
        remark: None,
    }
}

fn meet(owed: &'static str, applicant: Who) -> (Try, PermitAct) {
    let obligation = Obligation::from_code(owed).unwrap();
    let (proof, statement) = if obligation.is_stated_by_the_applicant() {
        (Proof::Statement, Some(sealed(person(applicant))))
    } else {
        (Proof::Received, None)
    };
    let act = PermitAct::Meet {
        obligation,
        proof,
        statement,
    };
    (Try::Meet(owed), act)
}

fn walk(seed: u64, steps: usize) {
    let mut walk = Walk::new(seed);
    let before = walk.scene.world.clone();
    println!("SEKISHO_SEED={seed}");
    for _ in 0..steps {
        let said = walk.step();
        walk.compare(&said);
    }
    walk.replay(&before);
    let ended = |word| {
        walk.model
            .permits
            .values()
            .filter(|it| it.word(walk.now()) == word)
            .count()
    };
    // A walk that goes nowhere proves nothing.
    assert!(walk.taken > steps / 20, "{} of {steps} taken", walk.taken);
    for word in ["withdrawn", "refused", "closed", "ended"] {
        assert!(ended(word) > 0, "no permit came to be {word}");
    }
}

#[test]
fn random_walks_do_what_the_model_does() {
    let given = std::env::var("SEKISHO_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok());
    let seeds = given.map_or_else(|| vec![1, 20_261_128, 7_777_777], |seed| vec![seed]);
    for seed in seeds {
        walk(seed, 3_000);
    }
}
