//! Tests that cannot run here say so, and never pass in silence.

use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;

/// Says that a test leaves itself out and why; the caller then returns.
///
/// The line goes around libtest's capture, so that `cargo xtask test` can count it.
pub fn leave_out(test: &str, reason: &str) {
    // A closed standard error leaves nobody to tell.
    let _ = writeln!(std::io::stderr(), "SKIPPED {test}: {reason}");
}

/// Python with the independent verifier; `None` where it is not installed and need not be.
///
/// # Panics
/// In CI, where every tool must be there.
pub fn python() -> Option<PathBuf> {
    needed("SEKISHO_PYTHON").map(PathBuf::from)
}

/// What a browser script is told of its tools; `None` where they are not installed and need not be.
///
/// # Panics
/// In CI, where every tool must be there.
pub fn browser() -> Option<Vec<(&'static str, OsString)>> {
    let names = [
        "SEKISHO_NODE_TOOLS",
        "SEKISHO_CHROMIUM",
        "SEKISHO_SCREENSHOTS",
    ];
    let of = |name| Some((name, needed(name)?));
    names.into_iter().map(of).collect()
}

/// Whether a program is here that a test needs; where it is not and need not be, the test is left out.
///
/// # Panics
/// In CI, where `cargo xtask test` has installed it.
#[must_use]
pub fn installed(present: bool, what: &str) -> bool {
    assert!(
        present || !in_ci(),
        "{what} is not installed: run `cargo xtask test`"
    );
    present
}

fn needed(name: &str) -> Option<OsString> {
    let found = std::env::var_os(name);
    assert!(
        found.is_some() || !in_ci(),
        "{name} is not set: run `cargo xtask test`"
    );
    found
}

fn in_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| !value.is_empty() && value != "false")
}
