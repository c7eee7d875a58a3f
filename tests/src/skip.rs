//! Tests that cannot run here say so, and never pass in silence.

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
    let found = std::env::var_os("SEKISHO_PYTHON").map(PathBuf::from);
    let in_ci = std::env::var("CI").is_ok_and(|value| !value.is_empty() && value != "false");
    assert!(
        found.is_some() || !in_ci,
        "SEKISHO_PYTHON is not set: run `cargo xtask test`"
    );
    found
}
