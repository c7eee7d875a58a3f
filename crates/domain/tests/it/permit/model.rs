//! A small model of permits, written apart from the program: what it lets happen, and what follows.
//!
//! It knows five kinds, four applicants and who decides for each by a table; times are days and
//! fractions of them, as milliseconds.

use std::collections::BTreeMap;

use sekisho_domain::permit::PermitKind;

use super::scene::{
    BUREAU_HEAD, CHIEF, COLLEAGUE, DAY, DEPUTY, OTHER_CHIEF, OTHER_STAFF, STAFF, SYSTEMS, Who,
};
use crate::commands::START;

/// A day in milliseconds.
pub const DAY_MS: i64 = DAY * 1000;

/// When the deputy stands in for the section chief, in days.
pub const STANDS_IN: (i64, i64) = (20, 60);

/// What one actor tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Try {
    Resubmit,
    Withdraw,
    SendBack,
    Refuse,
    Approve,
    Activate,
    Hold,
    HoldForPosture,
    Resume,
    Release,
    Ask(i64),
    Extend(i64),
    RefuseExtension,
    Return,
    Revoke,
    Transfer,
    Meet(&'static str),
    View,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Waiting,
    Back,
    Gone,
    No,
    /// Given, taken up or not.
    Given(bool),
    /// Ended before its time, at an instant.
    Over(i64),
}

/// One permit of the model.
#[derive(Clone, Debug)]
pub struct Modelled {
    pub kind: PermitKind,
    pub applicant: Who,
    from: i64,
    until: i64,
    phase: Phase,
    owed: Vec<&'static str>,
    held: Option<&'static str>,
    asked: Option<i64>,
    pub to_view: bool,
    pub version: u64,
    pub serial: Option<u32>,
}

/// Everything that was applied for.
#[derive(Default)]
pub struct Model {
    pub permits: BTreeMap<u64, Modelled>,
    counts: BTreeMap<(PermitKind, usize), u32>,
}

/// Who tries: a person, or the program.
pub type Actor = Option<Who>;

/// The post that decides, by its holder.
pub fn post(kind: PermitKind, applicant: Who) -> Who {
    match (kind, applicant) {
        (PermitKind::TakeOut, _) => SYSTEMS,
        (_, OTHER_STAFF) => OTHER_CHIEF,
        (_, CHIEF) => BUREAU_HEAD,
        _ => CHIEF,
    }
}

fn stands_in(now: i64) -> bool {
    (STANDS_IN.0 * DAY_MS..STANDS_IN.1 * DAY_MS).contains(&now)
}

/// Whether somebody decides on it, and whether as a stand-in.
fn decides(permit: &Modelled, actor: Actor, now: i64) -> Option<bool> {
    let who = actor?;
    let post = post(permit.kind, permit.applicant);
    if who == post {
        Some(false)
    } else if who == DEPUTY && post == CHIEF && stands_in(now) {
        Some(true)
    } else {
        None
    }
}

/// Officers whose reach covers an applicant.
fn oversees(who: Who, applicant: Who) -> bool {
    match who {
        SYSTEMS | BUREAU_HEAD => true,
        CHIEF => [STAFF, COLLEAGUE, CHIEF].contains(&applicant),
        OTHER_CHIEF => applicant == OTHER_STAFF,
        _ => false,
    }
}

fn allowance(owed: &str) -> i64 {
    match owed {
        "information_erased" | "reconnection_done" => 3,
        "device_returned" | "medium_returned" => 5,
        _ => 10,
    }
}

/// When the so-manieth working day after an end is over, counted day by day in Japan.
fn late(end: i64, working_days: i64) -> i64 {
    const JAPAN: i64 = 9 * 3_600_000;
    let table = include_str!("../../../../../catalog/holidays.csv");
    let holidays: Vec<&str> = table
        .lines()
        .filter_map(|line| line.split(',').next())
        .collect();
    let mut day = (START + end - 1 + JAPAN).div_euclid(DAY_MS);
    let mut left = working_days;
    while left > 0 {
        day += 1;
        let date = jiff::civil::date(1970, 1, 1) + jiff::Span::new().days(day);
        let (year, month, of_month) = (date.year(), date.month(), date.day());
        let weekend = date.weekday().to_sunday_zero_offset() % 6 == 0;
        let turn = (month == 12 && of_month > 28) || (month == 1 && of_month < 4);
        let holiday = holidays.contains(&format!("{year}/{month}/{of_month}").as_str());
        left -= i64::from(!weekend && !turn && !holiday);
    }
    (day + 1) * DAY_MS - JAPAN - START
}

impl Modelled {
    /// Where it stands, by word.
    pub fn word(&self, now: i64) -> &'static str {
        match self.phase {
            Phase::Waiting => "applied",
            Phase::Back => "sent_back",
            Phase::Gone => "withdrawn",
            Phase::No => "refused",
            Phase::Given(true) if now >= self.until && !self.owed.is_empty() => "ended",
            Phase::Given(_) if now >= self.until => "closed",
            Phase::Given(_) if self.held.is_some() => "suspended",
            Phase::Given(true) => "active",
            Phase::Given(false) => "approved",
            Phase::Over(_) if self.owed.is_empty() => "closed",
            Phase::Over(_) => "ended",
        }
    }

    pub fn in_force(&self, now: i64) -> bool {
        self.word(now) == "active" && now >= self.from
    }

    pub fn overdue(&self, now: i64) -> bool {
        let end = match self.phase {
            Phase::Given(true) => self.until,
            Phase::Over(at) => at,
            _ => return false,
        };
        let first = self.owed.iter().map(|owed| allowance(owed)).min();
        first.is_some_and(|days| late(end, days) <= now)
    }

    pub fn waits(&self, now: i64) -> bool {
        let live = matches!(self.word(now), "approved" | "active" | "suspended");
        self.word(now) == "applied" || (live && self.asked.is_some())
    }

    fn end(&mut self, now: i64) {
        if self.phase == Phase::Given(false) {
            self.owed.clear();
        }
        self.phase = Phase::Over(now);
    }
}

impl Model {
    /// Whether an application is taken.
    pub fn apply(
        &mut self,
        n: u64,
        kind: PermitKind,
        applicant: Who,
        (now, until): (i64, i64),
    ) -> bool {
        let bars = |it: &Modelled| it.kind == kind && it.applicant == applicant && it.overdue(now);
        if self.permits.contains_key(&n) || self.permits.values().any(bars) {
            return false;
        }
        let permit = Modelled {
            kind,
            applicant,
            from: now,
            until,
            phase: Phase::Waiting,
            owed: Vec::new(),
            held: None,
            asked: None,
            to_view: false,
            version: 1,
            serial: None,
        };
        self.permits.insert(n, permit);
        true
    }

    /// Whether a try succeeds, and what follows.
    pub fn act(&mut self, n: u64, actor: Actor, tried: Try, now: i64) -> bool {
        let counts = &mut self.counts;
        let Some(permit) = self.permits.get_mut(&n) else {
            return false;
        };
        let expired = matches!(permit.phase, Phase::Given(_)) && now >= permit.until;
        let nothing_owed = permit.owed.is_empty() || permit.phase == Phase::Given(false);
        let done = permit.step(actor, tried, now);
        if done {
            // The end that time had brought is recorded with the step, and the close with it.
            if expired {
                permit.version += 1 + u64::from(nothing_owed);
                permit.ended_by_time();
            }
            permit.version += permit.records(tried);
            if tried == Try::Approve {
                let past = FISCAL_YEARS.iter().filter(|turn| now >= **turn).count();
                let year = counts.entry((permit.kind, past)).or_default();
                *year += 1;
                permit.serial = Some(*year);
            }
        }
        done
    }
}

/// When Japan's fiscal year turns: 2027-04-01 and, a leap day later, 2028-04-01; counted from the
/// beginning of the tests (2027-01-15T08:00:00Z).
const FISCAL_YEARS: [i64; 2] = [6_505_200_000, 6_505_200_000 + 366 * DAY_MS];

impl Modelled {
    /// How many records a step leaves: itself, and the close.
    fn records(&self, tried: Try) -> u64 {
        let over = matches!(self.phase, Phase::Over(_)) && self.owed.is_empty();
        let closes = match tried {
            Try::Return | Try::Revoke | Try::Transfer | Try::Withdraw | Try::Meet(_) => over,
            _ => false,
        };
        1 + u64::from(closes)
    }

    /// The program recorded the end that time had brought.
    pub fn ended_by_time(&mut self) {
        if let Phase::Given(taken) = self.phase {
            if !taken {
                self.owed.clear();
            }
            self.phase = Phase::Over(self.until);
        }
    }

    fn step(&mut self, actor: Actor, tried: Try, now: i64) -> bool {
        let own = actor == Some(self.applicant);
        let word = self.word(now);
        let live = matches!(word, "active" | "suspended");
        let given = live || word == "approved";
        match tried {
            Try::Resubmit => {
                own && word == "sent_back" && now < self.until && self.becomes(Phase::Waiting)
            }
            Try::Withdraw if own && word == "approved" => {
                self.end(now);
                true
            }
            Try::Withdraw => {
                own && matches!(word, "applied" | "sent_back") && self.becomes(Phase::Gone)
            }
            Try::SendBack => {
                word == "applied" && self.decided(actor, now) && self.becomes(Phase::Back)
            }
            Try::Refuse => word == "applied" && self.decided(actor, now) && self.becomes(Phase::No),
            Try::Approve => {
                // What was wanted must not be over before it is given.
                word == "applied" && now < self.until && self.decided(actor, now) && self.give()
            }
            Try::Activate => own && word == "approved" && self.becomes(Phase::Given(true)),
            Try::Hold => {
                let officer = actor.is_some_and(|who| oversees(who, self.applicant));
                officer && matches!(word, "approved" | "active") && self.hold("officer")
            }
            Try::HoldForPosture => {
                actor.is_none() && matches!(word, "approved" | "active") && self.hold("posture")
            }
            Try::Resume => word == "suspended" && self.decided(actor, now) && self.let_go(),
            Try::Release => {
                let seen = self.held == Some("posture");
                actor.is_none() && word == "suspended" && seen && self.let_go()
            }
            Try::Ask(until) => own && live && until > self.until && self.ask(until),
            Try::Extend(until) => {
                let fits = self
                    .asked
                    .is_some_and(|asked| until <= asked && until > self.until);
                live && fits && self.decided(actor, now) && self.extend(until)
            }
            Try::RefuseExtension => {
                live && self.asked.is_some()
                    && self.decided(actor, now)
                    && self.asked.take().is_some()
            }
            Try::Return => own && live && self.ends(now),
            Try::Revoke => given && self.decided(actor, now) && self.ends(now),
            Try::Transfer => actor.is_none() && given && self.ends(now),
            Try::Meet(owed) => {
                let in_use = live && owed == "reconnection_done";
                (in_use || word == "ended") && self.meet(actor, owed)
            }
            Try::View => actor == Some(CHIEF) && std::mem::take(&mut self.to_view),
        }
    }

    fn becomes(&mut self, phase: Phase) -> bool {
        self.phase = phase;
        true
    }

    fn decided(&mut self, actor: Actor, now: i64) -> bool {
        let decided = decides(self, actor, now);
        self.to_view |= decided == Some(true);
        decided.is_some()
    }

    fn give(&mut self) -> bool {
        self.owed = match self.kind {
            PermitKind::TakeOut => vec!["device_returned", "device_inspected"],
            PermitKind::OffSite => vec!["information_erased"],
            PermitKind::Media => vec!["medium_returned", "information_erased"],
            PermitKind::Reconnection => vec!["reconnection_done"],
            _ => Vec::new(),
        };
        self.becomes(Phase::Given(false))
    }

    fn hold(&mut self, cause: &'static str) -> bool {
        self.held = Some(cause);
        true
    }

    fn let_go(&mut self) -> bool {
        self.held = None;
        true
    }

    fn ask(&mut self, until: i64) -> bool {
        self.asked = Some(until);
        true
    }

    fn extend(&mut self, until: i64) -> bool {
        self.until = until;
        self.asked = None;
        true
    }

    fn ends(&mut self, now: i64) -> bool {
        self.end(now);
        true
    }

    fn meet(&mut self, actor: Actor, owed: &str) -> bool {
        let own = actor == Some(self.applicant);
        let by_right_one = if owed == "information_erased" {
            own
        } else {
            !own && actor.is_none_or(|who| oversees(who, self.applicant))
        };
        let too_soon = owed == "device_inspected" && self.owed.contains(&"device_returned");
        let there = self.owed.iter().position(|known| *known == owed);
        match there {
            Some(place) if by_right_one && !too_soon => {
                self.owed.remove(place);
                true
            }
            _ => false,
        }
    }
}
