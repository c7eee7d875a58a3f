//! Whether forbidden software is installed or runs (8.1.1(3)(d)), by the list of forbidden software
//! (7.1.1(1)(b)).
//!
//! A name that stands on the list and is seen proves a failure. That nothing is seen proves something
//! only where every entry says by which names devices report it, and what is installed and what listens
//! could both be seen whole.

use sekisho_domain::code::Reason;
use sekisho_domain::fact::{FactKind, Package};

use super::facts::sight;
use super::lists::{List, Listed};
use super::{Found, Given, Judged};

pub(super) const NEEDS: &[FactKind] = &[FactKind::Packages, FactKind::Listening];

/// What was seen of an entry.
struct Hit<'a> {
    entry: &'a Listed,
    seen: &'a str,
}

pub(super) fn judge(given: Given<'_, '_>) -> Judged {
    let packages = sight!(given, Packages)?;
    let listening = sight!(given, Listening);
    let denied = given.knowledge.lists.map(|lists| &lists.denied);
    let Some(denied) = denied.filter(|list| !list.entries().is_empty()) else {
        return Err(Reason::new("software.no-deny-list"));
    };
    let installed = &packages.value.packages;
    let mut hits: Vec<Hit<'_>> = installed
        .iter()
        .filter_map(|it| hit(denied.find(&names(it)), &it.name))
        .collect();
    // What was installed in part is there all the same.
    let broken = packages.value.broken.iter();
    hits.extend(broken.filter_map(|name| hit(denied.find(&[name]), name)));
    if let Ok(listening) = &listening {
        let processes = listening
            .value
            .ports
            .iter()
            .filter_map(|it| it.process.as_deref());
        hits.extend(processes.filter_map(|name| hit(denied.find_process(name), name)));
    }
    if let Some(found) = told(&hits) {
        return Ok(found);
    }
    if installed.is_empty() {
        return Err(Reason::new("software.no-packages"));
    }
    Ok(none_of(denied)
        .unless_hidden(packages.partial)
        .unless_hidden(listening?.partial))
}

/// The names under which a list may know a package.
pub(super) fn names(package: &Package) -> [&str; 2] {
    [&package.name, package.source_name()]
}

fn hit<'a>(entry: Option<&'a Listed>, seen: &'a str) -> Option<Hit<'a>> {
    entry.map(|entry| Hit { entry, seen })
}

/// What the hits come to; none where there are none. An entry that is limited to some versions says so
/// in words, which a person has to compare.
fn told(hits: &[Hit<'_>]) -> Option<Found> {
    let first = |limited: bool| {
        let hits = hits.iter();
        hits.filter(|it| it.entry.versions.is_some() == limited)
            .min_by_key(|it| (&it.entry.name, it.seen))
    };
    if let Some(first) = first(false) {
        let mut all: Vec<&str> = hits.iter().map(|it| it.entry.name.as_str()).collect();
        all.sort_unstable();
        all.dedup();
        let reason = Reason::new("software.forbidden").with("n", all.len());
        return Some(Found::fail(spoken(reason, first)));
    }
    let first = first(true)?;
    let versions = first.entry.versions.as_deref().unwrap_or_default();
    let reason = Reason::new("software.forbidden-versions").with("versions", versions);
    Some(Found::unknown(spoken(reason, first)))
}

fn spoken(reason: Reason, hit: &Hit<'_>) -> Reason {
    reason
        .with("software", hit.entry.name.as_str())
        .with("seen", hit.seen)
}

/// Nothing of the list was seen: a pass where each entry could have been.
fn none_of(denied: &List) -> Found {
    let unnamed = || denied.entries().iter().filter(|it| !it.names_packages);
    match unnamed().map(|it| it.name.as_str()).min() {
        Some(first) => {
            let reason = Reason::new("software.deny-unnamed").with("n", unnamed().count());
            Found::unknown(reason.with("software", first))
        }
        None => {
            let n = denied.entries().len();
            Found::pass(Reason::new("software.none-forbidden").with("n", n))
        }
    }
}
