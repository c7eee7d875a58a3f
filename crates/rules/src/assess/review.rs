//! Review rows (…-f, -j, -e): a finding that was confirmed asks for a review of procedures and
//! measures.

use std::collections::BTreeMap;

use sekisho_domain::code::Reason;
use sekisho_domain::requirement::RequirementId;
use sekisho_domain::verdict::{Counts, Finding, Verdict};

use super::part::Part;
use super::{Ground, RowAssessment, devices, rules};
use crate::catalogue::Row;

/// The check that carries the review rows.
pub(super) const CHECK: &str = "CK-REVIEW-OPEN";

/// The reason of a review row when everything was confirmed and nothing adverse found.
pub(super) const NOT_NEEDED: &str = "review.not-needed";

/// Not met while an adverse finding has no review; unknown while anything of the section is
/// unconfirmed; met when all was confirmed and nothing adverse found.
///
/// There is no register of reviews yet, so no finding can have one: an adverse finding always
/// counts, and the reason names the rows it stands in. It counts for as long as it would if nobody
/// had confirmed the row: confirming a finding is what calls for the review.
pub(super) fn judge(
    row: &Row,
    ground: &Ground<'_>,
    verdicts: &BTreeMap<&RequirementId, RowAssessment>,
) -> Part {
    let mut adverse = Vec::new();
    let mut unconfirmed = Vec::new();
    let mut counts = Counts::default();
    let looked_at = ground.catalogue.rows().iter().filter(|other| {
        other.confirm
            && other.section == row.section
            && other.source.document == row.source.document
    });
    for other in looked_at {
        let Some(known) = verdicts.get(&other.id) else {
            continue;
        };
        let found = known.verdict.finding.as_ref();
        let adverse_before = || devices::failed_before_it_was_confirmed(other, ground);
        if found.is_some_and(Finding::is_adverse) || adverse_before() {
            counts.fail += 1;
            adverse.push(other.id.as_str());
        } else if known.verdict.verdict.is_open() {
            counts.unknown += 1;
            unconfirmed.push(other.id.as_str());
        } else {
            counts.pass += 1;
        }
    }
    if counts.total() == 0 && rules::asks_revision(row) {
        return rules::revised(ground);
    }
    if counts.total() == 0 {
        // Nothing in its section asks to confirm: its own register carries it.
        return Part::not_yet(row);
    }
    let reason = match counts.verdict() {
        Verdict::NotMet => Reason::new("review.none-opened").with("rows", adverse.join(", ")),
        Verdict::Met => Reason::new(NOT_NEEDED),
        _ => Reason::new("review.twins-unconfirmed").with("rows", unconfirmed.join(", ")),
    };
    let mut part = Part::of(counts.verdict(), reason);
    part.counts = counts;
    part
}
