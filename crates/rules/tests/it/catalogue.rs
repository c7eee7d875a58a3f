//! The catalogue is the 149 rows of the specification, whole.

use std::collections::{BTreeMap, BTreeSet};

use sekisho_domain::check::DeviceCheck;
use sekisho_domain::command::speaks_for_the_body;
use sekisho_domain::profile::Profile;
use sekisho_domain::requirement::Force;
use sekisho_domain::role::Role;
use sekisho_rules::assess::{attesters, bar_to_attesting, checks_of};
use sekisho_rules::catalogue::{Catalogue, Document, Parts, Row, Section};

/// Every row with its force and owners, as committed: `GOV-1-a I diso,hiso`.
const ROWS: &str = include_str!("rows.txt");

fn catalogue() -> Catalogue {
    Catalogue::builtin().unwrap()
}

fn owners(row: &Row) -> BTreeSet<&'static str> {
    row.owner.iter().map(|role| role.code()).collect()
}

#[test]
fn the_rows_are_those_committed() {
    let catalogue = catalogue();
    let lines: Vec<String> = catalogue
        .rows()
        .iter()
        .map(|row| {
            let owners: Vec<_> = owners(row).into_iter().collect();
            format!("{} {} {}", row.id, row.force.code(), owners.join(","))
        })
        .collect();
    assert_eq!(lines, ROWS.lines().collect::<Vec<_>>());
}

#[test]
fn there_are_149_in_four_parts() {
    let catalogue = catalogue();
    let count = |prefix: &str| {
        catalogue
            .rows()
            .iter()
            .filter(|row| row.id.as_str().starts_with(prefix))
            .count()
    };
    assert_eq!(["PUB-", "GOV-", "CI-", "US-"].map(count), [5, 55, 51, 38]);
    assert_eq!(catalogue.rows().len(), 149);
}

#[test]
fn the_version_stands_for_the_data() {
    // A changed row needs a new version: change both lines together.
    let catalogue = catalogue();
    assert_eq!(catalogue.version(), "2026.11-3");
    assert_eq!(catalogue.digest(), include_str!("digest.txt").trim());
}

#[test]
fn rows_are_whole_and_consistent() {
    for row in catalogue().rows() {
        let id = row.id.as_str();
        let prefix_fits = match row.source.document {
            Document::FrontPage => id.starts_with("PUB-"),
            Document::Gov => id.starts_with("GOV-"),
            Document::Ci => id.starts_with("CI-"),
            Document::Clauses => id.starts_with("US-") || id == "PUB-5",
        };
        assert!(prefix_fits, "{id}");
        assert_eq!(id.starts_with("US-"), row.section == Section::Us, "{id}");
        assert_eq!(id.starts_with("US-"), row.force == Force::M, "{id}");
        assert_eq!(
            row.attestation.is_some(),
            row.parts != Parts::Machine,
            "{id}"
        );
        let named_by_source = matches!(row.section, Section::Us) || row.section == Section::Body;
        let is_body = ["PUB-1", "PUB-2"].contains(&id);
        assert_eq!(
            row.owner == [Role::Organisation] && row.section == Section::Public,
            is_body
        );
        assert_eq!(
            row.presumed,
            (!named_by_source && !is_body) || id == "CI-6",
            "{id}"
        );
        for alias in &row.source.aliases {
            assert!(alias.until.is_none_or(|until| alias.from < until), "{id}");
        }
        assert_eq!(
            id.starts_with("US-"),
            !row.source.aliases.is_empty(),
            "{id}"
        );
        if !id.starts_with("CI-") {
            assert_eq!(row.same_as, [], "{id}");
        }
    }
}

#[test]
fn twins_have_the_same_carriers_unless_the_specification_says_otherwise() {
    let catalogue = catalogue();
    for row in catalogue.rows() {
        for twin in &row.same_as {
            let twin = catalogue.row(twin).unwrap();
            let differs = ["CI-1-k", "CI-6"].contains(&row.id.as_str());
            let all = twin.carried_by.iter().all(|it| row.carried_by.contains(it));
            assert!(all || differs, "{} and {}", row.id, twin.id);
        }
    }
}

#[test]
fn the_rows_that_ask_to_confirm_are_those_of_the_legend() {
    let asked: BTreeSet<String> = catalogue()
        .rows()
        .iter()
        .filter(|row| row.confirm)
        .map(|row| row.id.to_string())
        .collect();
    let mut expected = BTreeSet::new();
    for notice in ["GOV", "CI"] {
        for (section, letters) in [("3-1", "abcde"), ("3-2", "abcdefghi"), ("3-3", "cd")] {
            expected.extend(letters.chars().map(|l| format!("{notice}-{section}-{l}")));
        }
    }
    expected.extend("abcdefg".chars().map(|l| format!("GOV-4-{l}")));
    expected.extend("abc".chars().map(|l| format!("CI-4-{l}")));
    assert_eq!(asked, expected);
}

#[test]
fn each_profile_judges_its_rows() {
    let catalogue = catalogue();
    let judged = |profile, opted_in| {
        catalogue
            .rows()
            .iter()
            .filter(|row| row.judged_by(profile, opted_in))
            .count()
    };
    assert_eq!(judged(Profile::Gov, false), 5 + 55 + 38);
    assert_eq!(judged(Profile::Ci, false), 4 + 51);
    assert_eq!(judged(Profile::Ci, true), 4 + 51 + 38);
    assert_eq!(judged(Profile::General, false), 149);
    for row in catalogue.rows() {
        assert_eq!(row.force_for(Profile::General), Force::G);
        assert_eq!(row.force_for(Profile::Gov), row.force);
    }
}

#[test]
fn no_text_copies_the_notices() {
    let path = std::env::var("SEKISHO_SHARED")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared").to_owned());
    let Ok(notices) = std::fs::read_to_string(format!("{path}/notices.txt")) else {
        eprintln!("SKIPPED no_text_copies_the_notices: no notices.txt beside the checkout");
        return;
    };
    let notices: Vec<char> = notices.chars().filter(|c| !c.is_whitespace()).collect();
    let windows: BTreeSet<&[char]> = notices.windows(17).collect();
    for row in catalogue().rows() {
        let text: Vec<char> = row.text.ja.chars().collect();
        let copied = text.windows(17).find(|part| windows.contains(part));
        assert_eq!(copied.map(String::from_iter), None, "{}", row.id);
    }
}

/// The rows of the specification's tables: id, force and, where it names them, owners.
fn specified(text: &str) -> BTreeMap<String, (String, Option<BTreeSet<&'static str>>)> {
    let mut rows = BTreeMap::new();
    let mut above = BTreeSet::new();
    for line in text.lines().filter(|line| line.starts_with('|')) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').collect();
        let [ids, force, who, ..] = cells.as_slice() else {
            continue;
        };
        let is_row = ["PUB-", "GOV-", "CI-", "US-"]
            .iter()
            .any(|it| ids.starts_with(it));
        if !is_row || force.len() != 1 {
            continue;
        }
        let is_twin = ids.starts_with("CI-");
        if !is_twin && *who != "〃" {
            above = roles(who);
        }
        for id in expand(ids) {
            let owners = (!is_twin).then(|| above.clone());
            rows.insert(id, ((*force).to_owned(), owners));
        }
    }
    rows
}

/// `CI-1-a…g`, `CI-3-1-a, b` and plain ids.
fn expand(ids: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for part in ids.split(", ") {
        let stem = |id: &str| id.rsplit_once('-').map(|(stem, _)| stem.to_owned());
        let whole = match all.last().and_then(|first| stem(first)) {
            Some(stem) if part.chars().count() == 1 => format!("{stem}-{part}"),
            _ => part.to_owned(),
        };
        match whole.split_once('…') {
            Some((first, last)) => {
                let stem = stem(first).unwrap();
                let from = first.chars().last().unwrap();
                let to = last.chars().last().unwrap();
                all.extend((from..=to).map(|letter| format!("{stem}-{letter}")));
            }
            None => all.push(whole),
        }
    }
    all
}

fn roles(who: &str) -> BTreeSet<&'static str> {
    [
        ("機関", "organisation"),
        ("統括 HISO", "hiso"),
        ("責任者 ISO", "iso"),
        ("シス責 ISSO", "isso"),
        ("課室責 DISO", "diso"),
        ("端管責 TMO", "tmo"),
        ("職員等", "staff"),
        ("推進 Body", "promotion_body"),
        ("CSIRT", "csirt"),
        ("CISO", "ciso"),
    ]
    .into_iter()
    .filter(|(name, _)| who.contains(name))
    .map(|(_, code)| code)
    .collect()
}

#[test]
fn the_rows_are_those_of_the_specification() {
    let path = std::env::var("SEKISHO_SHARED")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared").to_owned());
    let Ok(text) = std::fs::read_to_string(format!("{path}/requirements.md")) else {
        eprintln!("SKIPPED the_rows_are_those_of_the_specification: no requirements.md");
        return;
    };
    let specified = specified(&text);
    assert_eq!(specified.len(), 149);
    let catalogue = catalogue();
    for row in catalogue.rows() {
        let (force, who) = &specified[row.id.as_str()];
        assert_eq!(row.force.code(), force, "{}", row.id);
        if let Some(who) = who {
            assert_eq!(&owners(row), who, "{}", row.id);
        }
    }
}

/// A row owned by staff could be attested by nobody: no post of theirs speaks for the whole body.
#[test]
fn whatever_can_be_attested_has_a_post_that_may() {
    let catalogue = catalogue();
    let open = |row: &&Row| bar_to_attesting(row).is_none();
    let rows: Vec<&Row> = catalogue.rows().iter().filter(open).collect();
    assert!(rows.iter().any(|row| row.owner.contains(&Role::Staff)));
    let by_nobody: Vec<_> = rows
        .into_iter()
        .map(|row| (row.id.as_str(), attesters(row)))
        .filter(|(_, roles)| !roles.iter().copied().any(speaks_for_the_body))
        .collect();
    assert_eq!(by_nobody, []);
}

#[test]
fn device_checks_and_those_of_the_catalogue_point_at_each_other() {
    let catalogue = catalogue();
    for code in catalogue.rows().iter().flat_map(Row::checks) {
        for check in checks_of(code).into_iter().flatten() {
            assert!(check.catalogued().contains(&code), "{code} {check:?}");
        }
    }
    for check in DeviceCheck::ALL {
        for code in check.catalogued() {
            let all = checks_of(code).unwrap_or_default();
            assert!(all.contains(&check), "{code} {check:?}");
        }
    }
}
