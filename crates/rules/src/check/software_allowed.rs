//! Whether what is installed stands on the list of allowed software (7.1.1(1)(b)), or is permitted
//! (PS, 8.1.1(3)(d)).
//!
//! An operating system comes as hundreds of packages, and a list that names products only says nothing
//! of them. What is outside the list is a failure where the list says that it names the whole of what
//! the system consists of (`os:debian`), or where the software is allowed under a condition and not
//! permitted; else it is unknown which of it belongs to the system.

use std::collections::BTreeSet;

use sekisho_domain::code::Reason;
use sekisho_domain::fact::{FactKind, Packages};
use sekisho_domain::name::folded;
use sekisho_domain::time::Timestamp;

use super::facts::sight;
use super::lists::Lists;
use super::software_denied::names;
use super::{Found, Given, Judged};

pub(super) const NEEDS: &[FactKind] = &[FactKind::Packages, FactKind::OsRelease];

/// What is installed, by what the lists say of it.
#[derive(Default)]
struct Sorted<'a> {
    /// Software allowed under a condition, by its name in the register.
    conditional: BTreeSet<&'a str>,
    /// Software allowed in versions that only words say.
    limited: BTreeSet<&'a str>,
    /// Packages that nothing names.
    outside: BTreeSet<&'a str>,
    /// When the first permit ends that something rests on.
    until: Option<Timestamp>,
}

pub(super) fn judge(given: Given<'_, '_>) -> Judged {
    let packages = sight!(given, Packages)?;
    let lists = given.knowledge.lists;
    let names_any = |lists: &&Lists| {
        let entries = lists.allowed.entries();
        entries.iter().any(|it| it.names_packages) || !lists.systems.is_empty()
    };
    let Some(lists) = lists.filter(names_any) else {
        return Err(Reason::new("software.no-allow-list"));
    };
    if packages.value.packages.is_empty() {
        return Err(Reason::new("software.no-packages"));
    }
    let sorted = sorted(packages.value, lists, given);
    if let Some(first) = sorted.conditional.first() {
        let n = sorted.conditional.len();
        let reason = Reason::new("software.condition-unpermitted").with("n", n);
        return Ok(Found::fail(reason.with("software", *first)));
    }
    if let Some(first) = sorted.outside.first() {
        return outside(given, lists, first, sorted.outside.len());
    }
    if let Some(first) = sorted.limited.first() {
        let n = sorted.limited.len();
        let reason = Reason::new("software.allowed-versions").with("n", n);
        return Err(reason.with("software", *first));
    }
    let pass = Found::pass(Reason::new("software.all-listed"));
    let pass = sorted.until.map_or(pass.clone(), |until| pass.until(until));
    Ok(pass.unless_hidden(packages.partial))
}

fn sorted<'a>(packages: &'a Packages, lists: &'a Lists, given: Given<'_, '_>) -> Sorted<'a> {
    let mut sorted = Sorted::default();
    let whole = packages
        .packages
        .iter()
        .map(|it| (it.name.as_str(), names(it)));
    let broken = packages
        .broken
        .iter()
        .map(|it| (it.as_str(), [it.as_str(); 2]));
    for (name, names) in whole.chain(broken) {
        let allowed = lists.allowed.find(&names);
        if allowed.is_some_and(|it| it.versions.is_none()) {
            continue;
        }
        if let Some(until) = lists.permitted(given.facts.subject(), &names, given.now) {
            sorted.until = Some(sorted.until.map_or(until, |known| known.min(until)));
        } else if let Some(entry) = allowed {
            sorted.limited.insert(&entry.name);
        } else if let Some(entry) = lists.conditional.find(&names) {
            sorted.conditional.insert(&entry.name);
        } else {
            sorted.outside.insert(name);
        }
    }
    sorted
}

/// Something is installed that nothing names.
fn outside(given: Given<'_, '_>, lists: &Lists, first: &str, n: usize) -> Judged {
    let product = &sight!(given, OsRelease)?.value.product;
    let whole = lists.systems.contains(&folded(product));
    let (code, found): (_, fn(Reason) -> Found) = if whole {
        ("software.outside-list", Found::fail)
    } else {
        ("software.system-unlisted", Found::unknown)
    };
    let reason = Reason::new(code).with("n", n).with("first", first);
    Ok(found(if whole {
        reason
    } else {
        reason.with("system", product.as_str())
    }))
}
