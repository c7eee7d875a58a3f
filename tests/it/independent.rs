//! The independent ledger verifier is there and does verify: what it will be asked about our
//! export rests on that.

use std::process::Command;

use sekisho_tests::{leave_out, python};

/// Root hash of the one-leaf tree over 32 zero bytes: SHA-256 of 00 and the leaf (RFC 6962).
const ROOT: &str = "7f9c9e31ac8256ca2f258583df262dbc7d6f68f2a03043d5c99a4ae5a7396ce9";

#[test]
fn the_independent_verifier_hashes_leaves_as_rfc_6962_says() {
    let Some(python) = python() else {
        let name = "the_independent_verifier_hashes_leaves_as_rfc_6962_says";
        return leave_out(name, "no Python tools, run `cargo xtask test`");
    };
    let script = "from aics_tlog.hashing import leaf_hash; print(leaf_hash(bytes(32)).hex())";
    let output = Command::new(python)
        .args(["-c", script])
        .output()
        .expect("python starts");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), ROOT);
}
