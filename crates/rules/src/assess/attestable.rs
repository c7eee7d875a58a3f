//! Whether there is anything yet that a post could attest of a row.

use sekisho_domain::code::Reason;

use super::devices::{checks_of, speaks_of_devices};
use super::{
    access, body, byod, checklists, concerns, coverage, exceptions, is_review, permits, plan,
    public, registers, risk, rules, services,
};
use crate::catalogue::{Parts, Row};

/// Whether a carrier of a row can be evaluated now.
fn is_evaluated(row: &Row, carrier: &str) -> bool {
    matches!(carrier, public::PROFILE | byod::OFFICER | coverage::MAP)
        || registers::answers(carrier)
        || checklists::answers(row, carrier)
        || concerns::answers(carrier)
        || access::answers(carrier)
        || permits::answers_whole(carrier)
        || exceptions::answers(carrier)
        || plan::answers(row, carrier)
        || risk::answers(carrier)
        || services::answers(row, carrier)
        || rules::answers(carrier)
        || body::answers(carrier)
        || (checks_of(carrier).is_some() && speaks_of_devices(row))
}

/// Why nobody can attest or confirm a row yet, whatever post they hold; none where it can be done.
///
/// A word given while nothing can see the machine part would speak of nothing, and would turn the
/// row green unseen on the day its carrier comes. So it is not taken.
#[must_use]
pub fn bar_to_attesting(row: &Row) -> Option<Reason> {
    match row.parts {
        Parts::Attestation => return None,
        Parts::Both => {}
        // The owner confirms it with a date, which changes no verdict: it ends the period.
        Parts::Machine if row.confirm => {}
        Parts::Machine => return Some(Reason::new("attestation.not-asked")),
    }
    // A review is attested in the register of reviews, which is still to come.
    let carriers = || row.carried_by.iter().map(String::as_str);
    let is_check = |carrier: &str| carrier.starts_with("CK-");
    let missing: Vec<&str> = if is_review(row) {
        let kept = |carrier: &&str| !is_check(carrier) && *carrier != rules::REGISTER;
        carriers().filter(kept).collect()
    } else if carriers().any(|carrier| is_evaluated(row, carrier)) {
        let unseen = |carrier: &&str| is_check(carrier) && !is_evaluated(row, carrier);
        carriers().filter(unseen).collect()
    } else {
        row.to_come()
    };
    (!missing.is_empty())
        .then(|| Reason::new("carrier.not-yet").with("carrier", missing.join(", ")))
}
