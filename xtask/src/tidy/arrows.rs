//! A room knows only the rooms below it.

use super::Finding;
use super::tree::Tree;

/// Every member and the members it may depend on, dev-dependencies included.
///
/// `sekisho-benches` measures any room, and the binary from outside as the tests do.
/// `sekisho-tests` drives the binary from outside and may only speak its wire types and read its
/// ledger.
const MAY_KNOW: &[(&str, &[&str])] = &[
    ("sekisho-domain", &[]),
    ("sekisho-ledger", &[]),
    ("sekisho-protocol", &["domain"]),
    ("sekisho-messages", &["domain"]),
    ("sekisho-detect", &["domain"]),
    ("sekisho-rules", &["domain", "detect"]),
    ("sekisho-tabular", &["domain"]),
    ("sekisho-store", &["ledger"]),
    ("sekisho-tunnel", &[]),
    ("sekisho-uplink", &[]),
    (
        "sekisho-agent",
        &["domain", "protocol", "detect", "tunnel", "uplink"],
    ),
    (
        "sekisho-gateway",
        &["domain", "protocol", "tunnel", "uplink"],
    ),
    (
        "sekisho-server",
        &[
            "domain", "ledger", "protocol", "messages", "rules", "detect", "store", "tabular",
        ],
    ),
    (
        "sekisho-sim",
        &[
            "domain", "ledger", "protocol", "messages", "rules", "detect", "store", "agent",
            "server",
        ],
    ),
    (
        "sekisho",
        &[
            "domain", "ledger", "protocol", "messages", "rules", "detect", "store", "agent",
            "gateway", "server", "sim",
        ],
    ),
    ("sekisho-tests", &["domain", "ledger", "protocol"]),
    (
        "sekisho-benches",
        &[
            "domain", "ledger", "protocol", "messages", "rules", "detect", "store", "agent",
            "gateway", "tunnel", "server", "sim", "tabular", "tests",
        ],
    ),
    ("xtask", &[]),
];

/// Finds arrows that point up or sideways, and rooms without a place in the table.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, member) in &tree.members {
        let manifest = member.folder.join("Cargo.toml");
        let Some((_, allowed)) = MAY_KNOW.iter().find(|(known, _)| known == name) else {
            findings.push(Finding::new(
                manifest,
                0,
                format!("{name} has no place in the house plan"),
            ));
            continue;
        };
        for dependency in &member.dependencies {
            let ours = tree.members.contains_key(&dependency.name);
            let short = dependency
                .name
                .strip_prefix("sekisho-")
                .unwrap_or(&dependency.name);
            if ours && !allowed.contains(&short) {
                let text = format!("{name} must not know {}", dependency.name);
                findings.push(Finding::new(&manifest, 0, text));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::{Dependency, Member};

    fn member(name: &str, dependencies: &[&str]) -> (String, Member) {
        let dependencies = dependencies
            .iter()
            .map(|name| Dependency {
                name: (*name).to_owned(),
                dev: false,
            })
            .collect();
        (
            name.to_owned(),
            Member {
                folder: name.into(),
                dependencies,
            },
        )
    }

    #[test]
    fn an_arrow_that_points_up_is_found() {
        let up = member("sekisho-domain", &["serde", "sekisho-store"]);
        let tree = Tree {
            members: [up, member("sekisho-store", &["sekisho-ledger"])].into(),
            ..Tree::default()
        };
        let findings = check(&tree);
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert!(
            findings[0]
                .text
                .contains("sekisho-domain must not know sekisho-store")
        );
    }

    #[test]
    fn a_room_outside_the_plan_is_found() {
        let tree = Tree {
            members: [member("sekisho-attic", &[])].into(),
            ..Tree::default()
        };
        assert_eq!(check(&tree).len(), 1);
    }

    #[test]
    fn the_plan_has_no_cycle() {
        // A room may only know rooms whose own list does not lead back to it.
        fn reaches(from: &str, to: &str, depth: usize) -> bool {
            let below = MAY_KNOW
                .iter()
                .find(|(name, _)| name.trim_start_matches("sekisho-") == from);
            depth < MAY_KNOW.len()
                && below.is_some_and(|(_, all)| {
                    all.iter().any(|it| *it == to || reaches(it, to, depth + 1))
                })
        }
        for (name, _) in MAY_KNOW {
            let short = name.trim_start_matches("sekisho-");
            assert!(!reaches(short, short, 0), "{name}");
        }
    }
}
