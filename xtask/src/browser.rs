//! The tests that read the console in a real browser.

use std::process::Command;

use crate::count::Count;
use crate::needs::{self, Tools};
use crate::outcome::Outcome;
use crate::workspace::Workspace;
use crate::{leftovers, shell, suite};

/// The command of its own: builds the binary and runs the tests that the parts of names choose.
pub fn alone(workspace: &Workspace, chosen: &[String]) -> Result<bool, String> {
    let mut build = suite::in_root(workspace);
    if !shell::show(build.args(["build", "--workspace", "--bins", "--lib", "--tests"]))? {
        return Ok(false);
    }
    let (tools, _) = needs::provide(workspace);
    let mark = leftovers::new_mark();
    let outcome = run(workspace, &tools, &mark, chosen)?;
    leftovers::end_all(&mark);
    Ok(outcome.count.failed == 0)
}

/// Runs `tests/browser/run.mjs` under Node, all tests or those that the parts of names choose;
/// pictures go to `target/screenshots`.
pub fn run(
    workspace: &Workspace,
    tools: &Tools,
    mark: &str,
    chosen: &[String],
) -> Result<Outcome, String> {
    if tools.node.is_none() {
        if shell::in_ci() {
            return Err("the browser or its driver is missing, see the first step".to_owned());
        }
        println!("   left out: the browser or its driver is missing, see the first step");
        return Ok(Count::skip().into());
    }
    let mut node = Command::new("node");
    node.current_dir(&workspace.root)
        .arg("tests/browser/run.mjs")
        .args(chosen);
    suite::equip(&mut node, workspace, tools, mark);
    let (held, output) = shell::tee(&mut node)?;
    Ok(Outcome::read(held, &output))
}
