//! `cargo xtask bench`: the measurements, on a release build.

use crate::workspace::Workspace;
use crate::{shell, suite};

/// Builds in release and runs the benches package, with the names given as its arguments.
pub fn run(workspace: &Workspace, names: &[String]) -> Result<bool, String> {
    let mut build = suite::in_root(workspace);
    build.args([
        "build",
        "--release",
        "--locked",
        "-p",
        "sekisho",
        "-p",
        "sekisho-benches",
    ]);
    if !shell::show(&mut build)? {
        return Ok(false);
    }
    let release = workspace.target.join("release");
    let mut bench = std::process::Command::new(release.join("sekisho-benches"));
    bench
        .current_dir(&workspace.root)
        .args(names)
        .env("SEKISHO_BIN", release.join("sekisho"));
    shell::show(&mut bench)
}
