//! Which rows of the catalogue bear on a rule or an exception: what checks say of those is the technical side of it
//! (notices, 5-c).

use sekisho_domain::permit::particulars::Exception;
use sekisho_domain::requirement::RequirementId;
use sekisho_domain::rule::{RuleContent, RuleVersion};

use crate::catalogue::Row;

/// Whether a row bears on a rule: a clause answers it or the row that it stands for, or is bound to one of its checks.
#[must_use]
pub fn on_rule(row: &Row, content: &RuleContent) -> bool {
    content.clauses.iter().any(|clause| {
        let terms = &clause.terms;
        let names = |id: &RequirementId| terms.rows.contains(id);
        let by_check = |check: &str| terms.checks.iter().any(|it| it.as_str() == check);
        names(&row.id) || row.same_as.iter().any(names) || row.checks().any(by_check)
    })
}

/// Whether a row bears on an exception: it is the one departed from.
#[must_use]
pub fn on_exception(row: &Row, exception: &Exception) -> bool {
    exception.requirement.as_str() == row.id.as_str()
}

/// What is looked at of a draft or version, given the versions before it: itself, and where it takes the rule out of
/// force, what it repeals.
#[must_use]
pub fn spoken_of<'a>(content: &'a RuleContent, earlier: &'a [RuleVersion]) -> &'a RuleContent {
    if !content.clauses.is_empty() {
        return content;
    }
    let mut earlier = earlier.iter().rev().map(|it| it.content.as_ref());
    let repealed = earlier.find(|it| !it.clauses.is_empty());
    repealed.unwrap_or(content)
}
