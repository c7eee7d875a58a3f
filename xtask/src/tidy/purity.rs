//! The pure rooms: no clock, no randomness, no I/O, no tasks or threads, and few dependencies.

use super::Finding;
use super::scan::{close_of, words};
use super::tree::{File, Tree};

/// The pure rooms and the foreign crates that each may use. None of them reads a clock, a random
/// source, a file or a socket in the way it is used here.
const PURE: &[(&str, &[&str])] = &[
    (
        "sekisho-domain",
        &[
            "jiff",
            "serde",
            "serde_json",
            "thiserror",
            "roaring",
            "sha2",
        ],
    ),
    (
        "sekisho-ledger",
        &[
            "serde",
            "serde_json",
            "thiserror",
            "sha2",
            "ed25519-dalek",
            "tlog_tiles",
            "signed_note",
            "base64ct",
            "zeroize",
        ],
    ),
    (
        "sekisho-protocol",
        &[
            "serde",
            "serde_json",
            "thiserror",
            "p256",
            "ed25519-dalek",
            "base64ct",
            "sha2",
        ],
    ),
    ("sekisho-messages", &["toml", "jiff", "serde", "thiserror"]),
    (
        "sekisho-rules",
        &[
            "serde",
            "serde_json",
            "thiserror",
            "toml",
            "roaring",
            "cedar-policy",
            "miette",
            "jiff",
            "sha2",
        ],
    ),
    (
        "sekisho-tabular",
        // The writer of spreadsheets would ask the clock for a date; it is given a fixed one.
        &[
            "calamine",
            "encoding_rs",
            "flate2",
            "jiff",
            "rust_xlsxwriter",
        ],
    ),
    (
        "sekisho-detect",
        &[
            "serde",
            "serde_json",
            "thiserror",
            "flate2",
            "lzma-rust2",
            "sha2",
            "deb-version",
            "rpm-version",
            "semver",
            "jiff",
            "idna",
            "memchr",
            "toml",
        ],
    ),
];

/// Paths and names that reach the outside. Each is matched as whole words.
const BANNED: &[&str] = &[
    "tokio",
    "async_std",
    "smol",
    "std::fs",
    "std::net",
    "std::process",
    "std::env",
    "std::thread",
    "std::os",
    "std::io::stdin",
    "std::io::stdout",
    "std::io::stderr",
    "SystemTime",
    "Instant",
    "Timestamp::now",
    "Zoned::now",
    "getrandom",
    "rand",
    "OsRng",
    "thread_rng",
    "RandomState",
    "println",
    "eprintln",
    "print",
    "eprint",
];

/// The same, inside `use std::{…}`.
const BANNED_MODULES: &[&str] = &["fs", "net", "process", "env", "thread", "os"];

/// Finds foreign crates off the list and reaches outside in code that is not a test.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, allowed) in PURE {
        let Some(member) = tree.members.get(*name) else {
            continue;
        };
        for dependency in member.dependencies.iter().filter(|it| !it.dev) {
            let ours = tree.members.contains_key(&dependency.name);
            if !ours && !allowed.contains(&dependency.name.as_str()) {
                let text = format!("{name} is pure; {} is not on its list", dependency.name);
                findings.push(Finding::new(member.folder.join("Cargo.toml"), 0, text));
            }
        }
        let source = member.folder.join("src");
        for file in tree
            .files
            .iter()
            .filter(|file| file.path.starts_with(&source))
        {
            findings.extend(reaches_outside(file));
        }
    }
    findings
}

fn reaches_outside(file: &File) -> Vec<Finding> {
    let Some(scanned) = file.rust.as_ref().filter(|_| !file.is_test_file()) else {
        return Vec::new();
    };
    let code = &scanned.code;
    let mut found: Vec<(usize, &str)> = Vec::new();
    for banned in BANNED {
        found.extend(words(code, banned).map(|at| (at, *banned)));
    }
    for (at, start) in code.match_indices("std::{") {
        let end = close_of(code, at + start.len() - 1).unwrap_or(code.len());
        for module in BANNED_MODULES {
            found.extend(words(&code[at..end], module).map(|offset| (at + offset, *module)));
        }
    }
    found
        .into_iter()
        .map(|(at, banned)| (scanned.line_of(at), banned))
        .filter(|(line, _)| !scanned.in_test(*line))
        .map(|(line, banned)| Finding::new(&file.path, line, format!("`{banned}` in a pure room")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> usize {
        reaches_outside(&File::new("crates/domain/src/x.rs", text)).len()
    }

    #[test]
    fn clocks_files_and_randomness_are_found() {
        for text in [
            "use std::fs;",
            "use std::{fmt, fs};",
            "let a = std::time::Instant::now();",
            "fn a() { let t = SystemTime::now(); }",
            "fn a() { rand::random() }",
            "async fn a() { tokio::spawn(b()) }",
            "fn a() { println!(\"\") }",
        ] {
            assert!(found(text) > 0, "{text}");
        }
    }

    #[test]
    fn talk_of_them_and_tests_are_free() {
        for text in [
            "//! No std::fs here, no SystemTime.",
            "let a = \"tokio\";",
            "fn operand(brand: u8) {}",
            "#[cfg(test)]\nmod tests { use std::fs; }",
            "use std::{fmt, collections::BTreeMap};",
        ] {
            assert_eq!(found(text), 0, "{text}");
        }
    }
}
