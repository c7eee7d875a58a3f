//! PUB-5: the clauses of the annex go on in the edition in force, and what that edition holds beyond them is
//! named. Whether any of that applies is for the promotion body to say.

use sekisho_domain::code::Reason;
use sekisho_domain::verdict::{Counts, Finding, Verdict};

use super::Ground;
use super::part::Part;
use crate::catalogue::{Alias, Row, Section};

/// The map of the catalogue to the clauses of an edition.
pub(crate) const MAP: &str = "CK-COVERAGE";

/// Whether the map is whole: every clause has its number in the newest edition in force, and what lies outside
/// is named for that same edition. Numbers that nobody read in the edition itself are a finding.
pub(super) fn map(ground: &Ground<'_>) -> Part {
    let today = ground.now.jst_date();
    let holds =
        |alias: &&Alias| alias.from <= today && alias.until.is_none_or(|until| today < until);
    let clauses = ground.catalogue.rows().iter();
    let clauses: Vec<&Row> = clauses.filter(|row| row.section == Section::Us).collect();
    let all_aliases = clauses.iter().flat_map(|row| &row.source.aliases);
    let newest = all_aliases.filter(holds).max_by_key(|alias| alias.from);
    let Some(edition) = newest.map(|alias| alias.edition.as_str()) else {
        return Part::of(Verdict::Unknown, Reason::new("coverage.no-edition"));
    };
    let reason = |code| Reason::new(code).with("edition", edition);
    let mut mapped = Counts::default();
    let mut unverified = 0_u32;
    for row in &clauses {
        let mut aliases = row.source.aliases.iter().filter(holds);
        match aliases.find(|alias| alias.edition == edition) {
            Some(alias) => {
                mapped.pass += 1;
                unverified += u32::from(!alias.verified);
            }
            // Where the clause went nobody knows.
            None => mapped.unknown += 1,
        }
    }
    let all = mapped.total();
    let outside = ground.catalogue.outside();
    let outside = outside.filter(|it| it.edition == edition && !it.clauses.is_empty());
    let mut part = if mapped.unknown > 0 {
        let lacking = reason("coverage.clauses-unmapped").with("n", mapped.unknown);
        Part::of(Verdict::Unknown, lacking.with("all", all))
    } else if let Some(outside) = outside {
        let whole = reason("coverage.mapped").with("n", all);
        Part::of(Verdict::Met, whole.with("outside", outside.clauses.len()))
    } else {
        Part::of(Verdict::Unknown, reason("coverage.outside-unnamed"))
    };
    let unread = reason("coverage.unverified").with("n", unverified);
    part.finding = (unverified > 0).then(|| Finding {
        counts: Counts {
            pass: mapped.pass - unverified,
            unknown: unverified,
            ..Counts::default()
        },
        reason: Some(unread.with("all", all)),
        period: None,
    });
    part.counts = mapped;
    part
}
