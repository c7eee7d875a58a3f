//! Subjects judged one by one, and what they come to together.

use std::borrow::Cow;
use std::collections::BTreeMap;

use sekisho_domain::check::Outcome;
use sekisho_domain::code::Reason;
use sekisho_domain::id::PersonId;
use sekisho_domain::verdict::{Counts, Verdict};

use crate::assess::concerned::{CONCERNED, Concerned, Thing};
use crate::assess::part::Part;
use crate::assess::{CAUSES, Cause};
use crate::reason::next_step;

/// What is known of one subject.
pub(super) enum Judged {
    Pass,
    /// It departs from the clause under an exception.
    Excepted,
    Fail(Reason, Option<PersonId>),
    Unknown(Reason),
    /// Unknown for a reason that is none of its own and is told once for the row.
    Barred,
}

impl Judged {
    /// How grave it is, the gravest first.
    const fn rank(&self) -> u8 {
        match self {
            Self::Fail(..) => 0,
            Self::Unknown(_) => 1,
            Self::Barred => 2,
            Self::Excepted => 3,
            Self::Pass => 4,
        }
    }

    /// The graver of two.
    pub(super) fn or(self, other: Self) -> Self {
        if other.rank() < self.rank() {
            other
        } else {
            self
        }
    }
}

/// The subjects of a row.
#[derive(Default)]
pub(super) struct Tally {
    counts: Counts,
    failing: Vec<Concerned>,
    unknown: Vec<Concerned>,
    causes: BTreeMap<(bool, Cow<'static, str>), u32>,
    bar: Option<Reason>,
}

impl Tally {
    /// With a reason why nothing can be known, where there is one.
    pub(super) fn barred(bar: Option<Reason>) -> Self {
        Self {
            bar,
            ..Self::default()
        }
    }

    pub(super) fn add(&mut self, what: Thing, judged: Judged) {
        match judged {
            Judged::Pass => self.counts.pass += 1,
            Judged::Excepted => self.counts.excepted += 1,
            Judged::Barred => self.counts.unknown += 1,
            Judged::Fail(reason, person) => {
                self.counts.fail += 1;
                self.note(what, person, Outcome::Fail, reason);
            }
            Judged::Unknown(reason) => {
                self.counts.unknown += 1;
                self.note(what, None, Outcome::Unknown, reason);
            }
        }
    }

    /// Why nothing of the row can be known.
    pub(super) fn bar(&mut self, reason: Option<Reason>) {
        self.bar = self.bar.take().or(reason);
    }

    /// Names something that keeps the row unknown and is none of its subjects.
    pub(super) fn name(&mut self, what: Thing, reason: Reason) {
        self.note(what, None, Outcome::Unknown, reason);
    }

    fn note(&mut self, what: Thing, person: Option<PersonId>, outcome: Outcome, reason: Reason) {
        let fails = outcome == Outcome::Fail;
        *self
            .causes
            .entry((!fails, reason.code.clone()))
            .or_default() += 1;
        let list = if fails {
            &mut self.failing
        } else {
            &mut self.unknown
        };
        if list.len() < CONCERNED {
            list.push(Concerned {
                what,
                person,
                outcome,
                reason,
            });
        }
    }

    /// All subjects together. `none` is the reason where there is none.
    pub(super) fn part(self, none: Reason) -> Part {
        let all = self.counts.total();
        let verdict = if self.bar.is_some() && self.counts.fail == 0 {
            Verdict::Unknown
        } else {
            self.counts.verdict()
        };
        let own = match verdict {
            Verdict::NotMet => self.failing.first(),
            Verdict::Unknown => self.unknown.first(),
            _ => None,
        };
        let own = own.map(|it| it.reason.clone());
        let reason = match verdict {
            Verdict::NotMet => told(own.as_ref(), self.counts.fail, all, || {
                let reason = Reason::new("row.failing").with("n", all);
                reason.with("failing", self.counts.fail)
            }),
            Verdict::Met => Reason::new("row.all-pass").with("n", all),
            _ if self.bar.is_some() => self.bar.clone().unwrap_or(none),
            _ if all == 0 => none,
            _ => told(own.as_ref(), self.counts.unknown, all, || {
                let reason = Reason::new("row.unknown").with("n", all);
                reason.with("unknown", self.counts.unknown)
            }),
        };
        let mut part = Part::of(verdict, reason);
        // What is to be done is said of the first; the list names the others.
        if let Some(own) = own.filter(|_| part.reason.code.starts_with("row.")) {
            part.next = next_step(&own);
        }
        part.counts = self.counts;
        part.causes = causes(self.causes);
        part.concerned = self.failing.into_iter().chain(self.unknown).collect();
        part.concerned.truncate(CONCERNED);
        part
    }
}

/// The reason of the only subject says more than a count of one.
fn told(own: Option<&Reason>, n: u32, all: u32, many: impl FnOnce() -> Reason) -> Reason {
    match own {
        Some(own) if n == 1 && all == 1 => own.clone(),
        _ => many(),
    }
}

fn causes(counted: BTreeMap<(bool, Cow<'static, str>), u32>) -> Vec<Cause> {
    let mut all: Vec<Cause> = counted
        .into_iter()
        .map(|((open, code), results)| Cause {
            outcome: if open {
                Outcome::Unknown
            } else {
                Outcome::Fail
            },
            code,
            results,
        })
        .collect();
    // Failures first, then the most frequent; of equals the first by code.
    all.sort_by_key(|cause| {
        (
            cause.outcome != Outcome::Fail,
            std::cmp::Reverse(cause.results),
        )
    });
    let mut named = (0, 0);
    all.retain(|cause| {
        let n = if cause.outcome == Outcome::Fail {
            &mut named.0
        } else {
            &mut named.1
        };
        *n += 1;
        *n <= CAUSES
    });
    all
}
