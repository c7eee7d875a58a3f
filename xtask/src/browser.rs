//! The tests that read the console in a real browser.

use std::process::Command;

use crate::count::Count;
use crate::needs::{self, Tools};
use crate::workspace::Workspace;
use crate::{shell, suite};

/// Runs `tests/browser/run.mjs` under Node; pictures go to `target/screenshots`.
pub fn run(workspace: &Workspace, tools: &Tools, mark: &str) -> Result<Count, String> {
    if tools.node.is_none() {
        if shell::in_ci() {
            return Err("the browser or its driver is missing, see the first step".to_owned());
        }
        println!("   left out: the browser or its driver is missing, see the first step");
        return Ok(Count::skip());
    }
    let mut node = Command::new("node");
    node.current_dir(&workspace.root)
        .arg("tests/browser/run.mjs");
    suite::equip(&mut node, workspace, tools, mark);
    node.env("SEKISHO_CHROMIUM", needs::CHROMIUM);
    node.env("SEKISHO_SCREENSHOTS", workspace.target.join("screenshots"));
    let (held, output) = shell::tee(&mut node)?;
    let mut count = Count::read(&output);
    if !held && count.failed == 0 {
        count += Count::failure();
    }
    Ok(count)
}
