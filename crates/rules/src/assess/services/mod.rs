//! External services and conference tools: what registers and permits say of them (4.1.2; notices, 4), held
//! against what logs show to be used.
//!
//! Logs prove use, and that nothing else is used only while all of them are read: without logs, or with
//! logs that are no longer read, these rows are unknown. What was found stays a failure until somebody says
//! whose the use is, whether or not logs are still read.

mod settings;
mod terms;
mod tools;
mod used;

use sekisho_domain::check::Outcome;
use sekisho_domain::code::Reason;
use sekisho_domain::register::{EntryId, Particulars, Register};
use sekisho_domain::time::Timestamp;
use sekisho_domain::verdict::{Counts, Evidence, Verdict};

use super::concerned::{CONCERNED, Concerned, Thing};
use super::part::Part;
use super::{Ground, access, rules};
use crate::access::{Blind, Logs};
use crate::catalogue::Row;

/// Only services of the list are used.
const UNLISTED: &str = "CK-SVC-SHADOW";
/// No confidential information in services under their terms.
const NO_SECRETS: &str = "CK-SVC-NOCONF";
/// Their terms were judged acceptable, as they are now.
const TERMS: &str = "CK-SVC-TERMS";
/// Use of them was applied for.
const APPLIED: &str = "CK-SVC-APPLIED";
/// They are used with measures.
const MEASURES: &str = "CK-SVC-MEASURES";
/// Conference tools introduced for the whole are known, each with a post in office.
const TOOLS_KNOWN: &str = "CK-CONF-INV";
/// Their operating state is known: owner, version, settings, last use.
const TOOLS_OPERATED: &str = "CK-CONF-OPER";
/// What may be handled is decided for every tool and host.
const TOOLS_GRADED: &str = "CK-CONF-GRADE";
/// Only conference tools of the register are used.
const TOOLS_UNLISTED: &str = "CK-CONF-SHADOW";
/// Tools that others offer, and their use, are known.
const TOOLS_OF_OTHERS: &str = "CK-CONF-EXT";
/// Tools are used with the settings and versions that they need.
const TOOLS_SECURED: &str = "CK-CONF-SEC";
/// A rule stands. Of the procedure for services the permits show besides that it is set up and used.
const RULE: &str = "CK-RULE-EXISTS";
/// The row that asks for that procedure.
const PROCEDURE: &str = "US-4.1.2-1-a-ウ";

/// Whether a check of a row is answered here.
pub(super) fn answers(row: &Row, check: &str) -> bool {
    matches!(
        check,
        UNLISTED
            | NO_SECRETS
            | TERMS
            | APPLIED
            | MEASURES
            | TOOLS_KNOWN
            | TOOLS_OPERATED
            | TOOLS_GRADED
            | TOOLS_UNLISTED
            | TOOLS_OF_OTHERS
            | TOOLS_SECURED
    ) || (check == RULE && row.id.as_str() == PROCEDURE)
}

/// What is known; none where the check is not answered here.
pub(super) fn judge(row: &Row, check: &str, ground: &Ground<'_>) -> Option<Part> {
    let part = match check {
        UNLISTED => used::only_listed(row, ground, false),
        TOOLS_UNLISTED => used::only_listed(row, ground, true),
        APPLIED => used::applied(ground),
        TOOLS_OF_OTHERS => used::of_others(row, ground),
        TOOLS_KNOWN => tools::known(ground),
        TOOLS_OPERATED => tools::operated(ground),
        TOOLS_GRADED => tools::graded(row, ground),
        NO_SECRETS => terms::without_secrets(ground),
        TERMS => terms::judged(ground),
        MEASURES => terms::with_measures(ground),
        RULE if row.id.as_str() == PROCEDURE => {
            let clause = rules::judge(row, check, ground);
            let both = std::iter::once(terms::procedure(ground)).chain(clause);
            return Part::all(both.collect());
        }
        TOOLS_SECURED => settings::judge(row, ground),
        _ => return None,
    };
    Some(part)
}

/// What can be said of conference tools, or of other services, where logs do not say that they show
/// everything; nothing where they do.
fn unwatched(ground: &Ground<'_>, conference: bool) -> Option<Part> {
    let reason = match ground.access.services().logs(ground.now) {
        Logs::Read { .. } => hidden(ground, conference)?,
        Logs::None => Reason::new("services.no-logs"),
        Logs::Unread { source } => Reason::new("services.logs-unread").with("source", source),
        Logs::Stale { source, days } => {
            let reason = Reason::new("services.logs-stale").with("source", source);
            let most = crate::access::LOGS_FRESH.whole_days();
            reason.with("days", days).with("max", most)
        }
    };
    Some(Part::of(Verdict::Unknown, reason))
}

/// Why logs that are read show less than the published list names; none where they show all of it. An own entry
/// that hides a service is a decision, and no evidence that nobody uses it.
fn hidden(ground: &Ground<'_>, conference: bool) -> Option<Reason> {
    match ground.access.services().blind() {
        Blind::Nowhere => None,
        Blind::Everywhere => Some(Reason::new("services.list-unusable")),
        Blind::To(hidden) => {
            let of_kind = hidden.iter().filter(|it| it.conference == conference);
            let first = of_kind.clone().next()?.name.clone();
            let reason = Reason::new("services.hidden").with("n", number(of_kind.count()));
            Some(reason.with("first", first))
        }
    }
}

/// The logs that were read, as evidence: by the day, since every reading would make another assessment.
fn logs(ground: &Ground<'_>) -> Option<Evidence> {
    match ground.access.services().logs(ground.now) {
        Logs::Read { through, .. } => Some(Evidence {
            source: "services:logs".to_owned(),
            at: through.day_begun(),
            digest: None,
        }),
        Logs::None | Logs::Unread { .. } | Logs::Stale { .. } => None,
    }
}

/// How many sources are read.
fn sources(ground: &Ground<'_>) -> u32 {
    match ground.access.services().logs(ground.now) {
        Logs::Read { sources, .. } => sources,
        Logs::None | Logs::Unread { .. } | Logs::Stale { .. } => 0,
    }
}

fn of_register(register: Register, at: Timestamp) -> Evidence {
    Evidence {
        source: format!("register:{}", register.code()),
        at,
        digest: None,
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn name(ground: &Ground<'_>, id: EntryId) -> String {
    access::name(&access::Sight::of(ground), id)
}

/// Results by what they are about, and what is said of them together.
#[derive(Default)]
struct Tally {
    counts: Counts,
    first: Option<(Reason, Verdict)>,
    concerned: Vec<Concerned>,
    newest: Option<Timestamp>,
}

impl Tally {
    fn pass(&mut self) {
        self.counts.pass += 1;
    }

    /// Something of an entry is not as it should be.
    fn fail(&mut self, entry: Option<EntryId>, reason: Reason) {
        self.counts.fail += 1;
        self.note(entry, Outcome::Fail, reason);
    }

    fn unknown(&mut self, entry: Option<EntryId>, reason: Reason) {
        self.counts.unknown += 1;
        self.note(entry, Outcome::Unknown, reason);
    }

    /// An entry with all that it lacks: it counts once, by the worst.
    fn entry(&mut self, entry: EntryId, lacks: Vec<(Outcome, Reason)>) {
        if lacks.is_empty() {
            self.counts.pass += 1;
        } else if lacks.iter().any(|(outcome, _)| *outcome == Outcome::Fail) {
            self.counts.fail += 1;
        } else {
            self.counts.unknown += 1;
        }
        for (outcome, reason) in lacks {
            self.note(Some(entry), outcome, reason);
        }
    }

    fn note(&mut self, entry: Option<EntryId>, outcome: Outcome, reason: Reason) {
        let verdict = match outcome {
            Outcome::Fail => Verdict::NotMet,
            Outcome::Pass | Outcome::Unknown => Verdict::Unknown,
        };
        let worse = |known: &(Reason, Verdict)| verdict == Verdict::NotMet && known.1 != verdict;
        if self.first.as_ref().is_none_or(worse) {
            self.first = Some((reason.clone(), verdict));
        }
        if let Some(id) = entry.filter(|_| self.concerned.len() < CONCERNED) {
            self.concerned.push(Concerned {
                what: Thing::Entry(id),
                person: None,
                outcome,
                reason,
            });
        }
    }

    fn seen(&mut self, changed_at: Timestamp) {
        self.newest = self.newest.max(Some(changed_at));
    }

    /// The part: of several reasons the first of the worst, with how many there are besides.
    fn part(self, well: Reason) -> Part {
        let all = self.counts.total();
        let off = self.counts.fail + self.counts.unknown;
        let (reason, verdict) = self.first.unwrap_or((well, Verdict::Met));
        let mut part = if off > 1 {
            // What each lacks is told one by one.
            let code = match verdict {
                Verdict::NotMet => "services.several-lack",
                _ => "services.several-unknown",
            };
            let n = if verdict == Verdict::NotMet {
                self.counts.fail
            } else {
                self.counts.unknown
            };
            Part::of(verdict, Reason::new(code).with("n", n).with("all", all))
        } else {
            Part::of(verdict, reason)
        };
        part.counts = self.counts;
        part.concerned = self.concerned;
        part
    }
}

/// Why nothing can be said where a register holds nothing: its owner's word that there is nothing, or that
/// nobody entered anything.
fn nothing_in(register: Register, ground: &Ground<'_>) -> Part {
    let reason = |code| Reason::new(code).with("register", register.code());
    let word = ground.world.registers.declared_empty(register, ground.now);
    match word.and_then(|word| word.until) {
        Some(until) => Part::of(
            Verdict::NotApplicable,
            reason("register.declared-empty").with("until", until),
        ),
        None => Part::of(Verdict::Unknown, reason("register.nothing-entered")),
    }
}

/// What can be said where a register holds nothing of the kind that is asked about. Its owner can say that it
/// is empty only while nothing else stands in it either; beside entries of other kinds the logs say whether
/// anything of the kind is used. What they show and no register carries may be of it.
pub(super) fn none_of_kind(register: Register, ground: &Ground<'_>) -> Part {
    if ground.world.registers.active(register).next().is_none() {
        return nothing_in(register, ground);
    }
    let others = || used::unlisted(ground, false).filter(|_| register == Register::Service);
    if let Some(reason) = used::unlisted(ground, true).or_else(others) {
        return Part::of(Verdict::Unknown, reason);
    }
    let of_services = || unwatched(ground, false).filter(|_| register == Register::Service);
    if let Some(part) = unwatched(ground, true).or_else(of_services) {
        return part;
    }
    let reason = Reason::new("services.none-of-kind").with("register", register.code());
    let mut part = Part::of(Verdict::Met, reason);
    part.evidence.extend(logs(ground));
    part
}

/// The name of what a particular is about.
fn title(particulars: &Particulars) -> String {
    let field = Particulars::title_field(particulars.register());
    match particulars.value(field) {
        sekisho_domain::field::Value::Text(text) => text,
        _ => String::new(),
    }
}
