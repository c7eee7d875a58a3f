//! The judge of the API's document and answers, which is not ours: `tests/peers/openapi.py`.

use std::process::Command;

use sekisho_tests::{python, root};
use serde_json::Value;
use tempfile::TempDir;

/// What is wrong, a line each; none where Python is not equipped.
pub fn faults(document: &Value, exchanges: &[Value]) -> Option<Vec<String>> {
    let python = python()?;
    let folder = TempDir::new().expect("a temporary folder");
    let write = |name: &str, text: String| {
        std::fs::write(folder.path().join(name), text).expect("written");
    };
    write("document.json", document.to_string());
    write(
        "exchanges.json",
        Value::from(exchanges.to_vec()).to_string(),
    );
    let judged = Command::new(python)
        .arg(root().join("tests/peers/openapi.py"))
        .arg(folder.path())
        .output()
        .expect("python starts");
    let said = String::from_utf8_lossy(&judged.stdout).into_owned();
    let complained = String::from_utf8_lossy(&judged.stderr);
    assert!(complained.is_empty(), "{complained}");
    let faults: Vec<String> = said.lines().map(str::to_owned).collect();
    assert_eq!(judged.status.success(), faults.is_empty(), "{said}");
    Some(faults)
}
