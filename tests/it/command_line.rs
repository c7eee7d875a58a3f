//! The interface that scripts rely on: codes, streams, version.

use sekisho_tests::{Cli, leave_out};

/// Until the command line exists the binary says nothing and ends well.
fn is_built() -> bool {
    let said = Cli::new().run(["--version"]);
    !(said.code == Some(0) && said.stdout.is_empty() && said.stderr.is_empty())
}

#[test]
fn version_names_the_program_and_its_version() {
    if !is_built() {
        return leave_out(
            "version_names_the_program_and_its_version",
            "no command line yet",
        );
    }
    let said = Cli::new().run(["--version"]).with_code(0);
    assert_eq!(
        said.stdout.trim_end(),
        format!("sekisho {}", env!("CARGO_PKG_VERSION"))
    );
    assert_eq!(said.stderr, "");
}

#[test]
fn a_wrong_word_is_a_usage_error_on_standard_error() {
    if !is_built() {
        return leave_out(
            "a_wrong_word_is_a_usage_error_on_standard_error",
            "no command line yet",
        );
    }
    let said = Cli::new().run(["no-such-command"]).with_code(2);
    assert_eq!(said.stdout, "");
    assert!(!said.stderr.is_empty());
    // An error for people, not for programmers.
    for word in ["panicked", "Error {", "RUST_BACKTRACE"] {
        assert!(!said.stderr.contains(word), "{}", said.stderr);
    }
}
