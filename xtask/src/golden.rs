//! `cargo xtask golden`: stored forms and pictures written anew, for a person to read and commit.

use std::path::{Path, PathBuf};

use crate::workspace::Workspace;
use crate::{browser, leftovers, needs, shell, suite};

/// Set to `write` for the tests whose names contain `golden`.
const SWITCH: &str = "SEKISHO_GOLDEN";

/// Runs the golden tests in writing mode, takes the pictures, and prints what changed.
pub fn run(workspace: &Workspace) -> Result<bool, String> {
    if shell::in_ci() {
        return Err("golden files are written by a person, never in CI".to_owned());
    }
    let before = changed_files(workspace)?;
    let mark = leftovers::new_mark();
    let (tools, _) = needs::provide(workspace);
    let mut cargo = suite::in_root(workspace);
    cargo
        .args(["test", "--workspace", "--no-fail-fast", "golden"])
        .env(SWITCH, "write");
    suite::equip(&mut cargo, workspace, &tools, &mark);
    let mut held = shell::show(&mut cargo)?;
    let mut build = suite::in_root(workspace);
    build.args(["build", "--workspace", "--bins", "--lib", "--tests"]);
    held &= shell::show(&mut build)?;
    if held && tools.node.is_some() {
        held &= browser::run(workspace, &tools, &mark, &[])?.count.failed == 0;
        copy_pictures(workspace)?;
    }
    leftovers::end_all(&mark);
    let after = changed_files(workspace)?;
    println!("\nchanged by this run:");
    let news: Vec<&String> = after.iter().filter(|line| !before.contains(line)).collect();
    if news.is_empty() {
        println!("   nothing (files already changed before are not listed again)");
    }
    for line in news {
        println!("   {line}");
    }
    Ok(held)
}

/// The pictures that the documentation shows: every `docs-*.png` without its prefix.
fn copy_pictures(workspace: &Workspace) -> Result<(), String> {
    let from = workspace.target.join("screenshots");
    let to = workspace.root.join("docs/images");
    let say = |path: &Path, error| format!("{}: {error}", path.display());
    std::fs::create_dir_all(&to).map_err(|error| say(&to, error))?;
    for (path, name) in pictures(&from).map_err(|error| say(&from, error))? {
        let target = to.join(&name);
        std::fs::copy(&path, &target).map_err(|error| say(&target, error))?;
    }
    Ok(())
}

fn pictures(folder: &Path) -> std::io::Result<Vec<(PathBuf, String)>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path
            .file_name()
            .and_then(|it| it.to_str())
            .unwrap_or_default();
        if let Some(rest) = name.strip_prefix("docs-").filter(|it| it.ends_with(".png")) {
            found.push((path.clone(), rest.to_owned()));
        }
    }
    Ok(found)
}

fn changed_files(workspace: &Workspace) -> Result<Vec<String>, String> {
    let mut git = std::process::Command::new("git");
    git.current_dir(&workspace.root)
        .args(["status", "--porcelain"]);
    Ok(shell::capture(&mut git)?
        .lines()
        .map(str::to_owned)
        .collect())
}
