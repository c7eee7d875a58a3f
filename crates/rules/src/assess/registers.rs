//! Rows that a register answers by itself: lists that are defined, services with their officers and work.
//! Conference tools are looked at entry by entry (`services/tools`).
//!
//! A register in which nothing stands shows nothing: its owner may have entered nothing yet. Only
//! the owner's dated word that there is nothing makes a row not apply. Of services the logs show whether one
//! is used of a kind of which none is entered beside others.

use sekisho_domain::code::Reason;
use sekisho_domain::id::PostId;
use sekisho_domain::register::service::ServiceKind;
use sekisho_domain::register::software::SoftwareList;
use sekisho_domain::register::{Register, Registered, Service, Software};
use sekisho_domain::time::Timestamp;
use sekisho_domain::verdict::{Counts, Evidence, Verdict};

use super::part::Part;
use super::{Ground, services};
use crate::catalogue::Row;

/// The lists of allowed and of forbidden software are defined (7.1.1(1)(b)).
const SOFTWARE_LIST: &str = "CK-SW-LIST";
/// The row of the two that asks for the list of forbidden software.
const FORBIDDEN: &str = "US-7.1.1-1-b-禁";
/// Each service used on its provider's terms says which work may use it (4.1.2(1)(a)(ア)).
const SERVICE_SCOPE: &str = "CK-SVC-SCOPE";
/// Each service has a responsible person in office (4.1.2(1)(b)).
const SERVICE_OWNER: &str = "CK-SVC-OWNER";

/// Whether a register answers a check by itself.
pub(super) fn answers(check: &str) -> bool {
    matches!(check, SOFTWARE_LIST | SERVICE_SCOPE | SERVICE_OWNER)
}

/// What the register says; none where it does not answer the check.
pub(super) fn judge(row: &Row, check: &str, ground: &Ground<'_>) -> Option<Part> {
    let part = match check {
        SOFTWARE_LIST => {
            let forbidden = row.id.as_str() == FORBIDDEN;
            let wanted = |it: &Software| (it.list == SoftwareList::Deny) == forbidden;
            Look::over(ground, wanted, |_| true).part(row)
        }
        SERVICE_SCOPE => {
            let on_terms = |it: &Service| it.kind == ServiceKind::Terms;
            Look::over(ground, on_terms, |it| !it.tasks.is_empty()).part(row)
        }
        SERVICE_OWNER => {
            Look::over(ground, |_: &Service| true, |it| in_office(ground, it.owner)).part(row)
        }
        _ => return None,
    };
    Some(part)
}

fn in_office(ground: &Ground<'_>, post: Option<PostId>) -> bool {
    post.is_some_and(|post| ground.world.holders(post, ground.now).next().is_some())
}

/// The entries of a register that a row speaks of.
struct Look {
    register: Register,
    counts: Counts,
    /// When the newest of them was written.
    newest: Option<Timestamp>,
    /// Until when the word stands that the register is empty.
    empty_until: Option<Timestamp>,
    /// What logs say where entries of other kinds stand in it and none that the row speaks of.
    none_of_kind: Option<Part>,
}

impl Look {
    fn over<N: Registered + 'static>(
        ground: &Ground<'_>,
        speaks_of: impl Fn(&N) -> bool,
        is_well: impl Fn(&N) -> bool,
    ) -> Self {
        let registers = &ground.world.registers;
        let mut counts = Counts::default();
        let mut newest = None;
        for (entry, noun) in registers.nouns::<N>().filter(|(_, noun)| speaks_of(noun)) {
            if is_well(noun) {
                counts.pass += 1;
            } else {
                counts.fail += 1;
            }
            newest = newest.max(Some(entry.changed_at));
        }
        let word = registers.declared_empty(N::REGISTER, ground.now);
        let seen_in_logs = N::REGISTER == Register::Service;
        let others = counts.total() == 0 && registers.active(N::REGISTER).next().is_some();
        Self {
            register: N::REGISTER,
            none_of_kind: (others && seen_in_logs)
                .then(|| services::none_of_kind(N::REGISTER, ground)),
            counts,
            newest,
            empty_until: word.and_then(|word| word.until),
        }
    }

    fn reason(&self, code: &'static str) -> Reason {
        Reason::new(code).with("register", self.register.code())
    }

    fn part(self, row: &Row) -> Part {
        let all = self.counts.total();
        if all == 0 {
            return self.nothing(row);
        }
        let reason = if self.counts.fail > 0 {
            let reason = self.reason("register.incomplete").with("all", all);
            reason.with("n", self.counts.fail)
        } else {
            self.reason("register.complete").with("n", all)
        };
        let mut part = Part::of(self.counts.verdict(), reason);
        part.counts = self.counts;
        part.evidence.extend(self.newest.map(|at| Evidence {
            source: format!("register:{}", self.register.code()),
            at,
            digest: None,
        }));
        part
    }

    /// Nothing stands in the register that the row speaks of.
    fn nothing(mut self, row: &Row) -> Part {
        if let Some(part) = self.none_of_kind.take() {
            return part;
        }
        // The lists of software are asked for as such: none is no reason not to apply.
        let may_be_empty = !row.checks().any(|check| check == SOFTWARE_LIST);
        match self.empty_until.filter(|_| may_be_empty) {
            Some(until) => {
                let reason = self.reason("register.declared-empty").with("until", until);
                Part::of(Verdict::NotApplicable, reason)
            }
            None => Part::of(Verdict::Unknown, self.reason("register.nothing-entered")),
        }
    }
}
