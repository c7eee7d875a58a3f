//! `cargo xtask deny`: licences, bans, sources and, where its database is at hand, advisories.
//!
//! `tidy` holds licences and sources by itself on every run; cargo-deny adds duplicates, bans and
//! advisories but costs minutes to compile, so it is used when installed and never brought along.

use std::path::Path;

use crate::count::Count;
use crate::workspace::Workspace;
use crate::{shell, suite};

/// The version that `--install` builds.
const VERSION: &str = "0.20";

/// Runs cargo-deny, installing it where asked.
pub fn run(workspace: &Workspace, arguments: &[String]) -> Result<bool, String> {
    if !installed() {
        let install = ["install", "--locked", "cargo-deny", "--version", VERSION];
        if arguments.first().map(String::as_str) != Some("--install") {
            return Err(format!(
                "cargo-deny is not installed; run `cargo {}` or `cargo xtask deny --install`",
                install.join(" ")
            ));
        }
        if !shell::show(suite::in_root(workspace).args(install))? {
            return Ok(false);
        }
    }
    check(workspace)
}

/// The step of the test run: checks where cargo-deny is installed, says so where it is not.
pub fn check_if_installed(workspace: &Workspace) -> Result<Count, String> {
    if installed() {
        return check(workspace).map(Count::one);
    }
    println!(
        "   cargo-deny is not installed; licences and sources were checked by the house rules"
    );
    println!("   for bans and advisories too: cargo xtask deny --install");
    Ok(Count::default())
}

fn check(workspace: &Workspace) -> Result<bool, String> {
    let mut cargo = suite::in_root(workspace);
    cargo.args(["deny", "--offline", "check", "licenses", "bans", "sources"]);
    if has_advisories() {
        cargo.arg("advisories");
    } else {
        println!(
            "   no advisory database on this machine: `cargo deny fetch` brings it where the network allows"
        );
    }
    shell::show(&mut cargo)
}

fn installed() -> bool {
    shell::works("cargo-deny", &["--version"])
}

/// Whether a database was fetched. A fetch that failed leaves its lock file behind and no folder.
fn has_advisories() -> bool {
    let home = std::env::var_os("CARGO_HOME")
        .map(std::path::PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(".cargo")));
    home.and_then(|it| std::fs::read_dir(it.join("advisory-dbs")).ok())
        .is_some_and(|entries| entries.flatten().any(|it| it.path().is_dir()))
}
