//! `cargo xtask test`: everything, in the order in which a fault is cheapest to find.

use std::process::Command;

use crate::count::Count;
use crate::needs::Tools;
use crate::outcome::Outcome;
use crate::report::Report;
use crate::workspace::Workspace;
use crate::{browser, deny, leftovers, needs, shell, tidy};

/// Runs all steps. True where nothing failed.
pub fn run(workspace: &Workspace) -> Result<bool, String> {
    let mark = leftovers::new_mark();
    let mut report = Report::new();
    let mut tools = Tools::default();
    report.step("Tools for the tests", || {
        let (found, count) = needs::provide(workspace);
        tools = found;
        Ok(count)
    });
    report.step("Format", || {
        let mut cargo = in_root(workspace);
        shell::show(cargo.args(["fmt", "--all", "--check"])).map(Count::one)
    });
    report.step("House rules", || tidy::check(workspace));
    report.step("Clippy", || {
        let mut cargo = in_root(workspace);
        cargo.args([
            "clippy",
            "--workspace",
            "--all-targets",
            "--locked",
            "--",
            "-D",
            "warnings",
        ]);
        shell::show(&mut cargo).map(Count::one)
    });
    let built = report.step("Build", || {
        let mut cargo = in_root(workspace);
        // With the test targets in the same call the features are those of the tests, so that
        // the binary and the tests share every compiled dependency.
        cargo.args([
            "build",
            "--workspace",
            "--bins",
            "--lib",
            "--tests",
            "--locked",
        ]);
        shell::show(&mut cargo).map(Count::one)
    });
    if built {
        report.both(
            ("Browser tests", || {
                browser::run(workspace, &tools, &mark, &[])
            }),
            ("Tests", || rust_tests(workspace, &tools, &mark)),
        );
        report.step("Nothing left running", || Ok(none_left(&mark)));
    }
    report.step("Dependencies", || deny::check_if_installed(workspace));
    Ok(report.close())
}

/// Cargo in the workspace root.
pub fn in_root(workspace: &Workspace) -> Command {
    let mut cargo = shell::cargo();
    cargo.current_dir(&workspace.root);
    cargo
}

/// Tells a test process where the binary and the tools are.
pub fn equip(command: &mut Command, workspace: &Workspace, tools: &Tools, mark: &str) {
    leftovers::mark(command, mark);
    command.env("SEKISHO_BIN", workspace.binary());
    command.env("SEKISHO_ROOT", &workspace.root);
    for (name, value) in [
        ("SEKISHO_PYTHON", &tools.python),
        ("SEKISHO_NODE_TOOLS", &tools.node),
    ] {
        match value {
            Some(path) => command.env(name, path),
            None => command.env_remove(name),
        };
    }
    if tools.node.is_some() {
        command.env("SEKISHO_CHROMIUM", needs::CHROMIUM);
        command.env("SEKISHO_SCREENSHOTS", workspace.target.join("screenshots"));
    }
}

fn rust_tests(workspace: &Workspace, tools: &Tools, mark: &str) -> Result<Outcome, String> {
    let mut cargo = in_root(workspace);
    cargo.args(["test", "--workspace", "--locked", "--no-fail-fast"]);
    equip(&mut cargo, workspace, tools, mark);
    let (held, output) = shell::tee(&mut cargo)?;
    Ok(Outcome::read(held, &output))
}

fn none_left(mark: &str) -> Count {
    let ended = leftovers::end_all(mark);
    for process in &ended {
        println!("   left running, now ended: {process}");
    }
    Count::one(ended.is_empty())
}
