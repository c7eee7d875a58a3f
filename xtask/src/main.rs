//! House tasks: `cargo xtask test | tidy | browser | bench | golden | deny`.

mod bench;
mod browser;
mod count;
mod deny;
mod golden;
mod leftovers;
mod needs;
mod outcome;
mod report;
mod shell;
mod suite;
mod tidy;
mod workspace;

use std::process::ExitCode;

use workspace::Workspace;

const USAGE: &str = "\
usage: cargo xtask <task>

  test            everything: tools, format, tidy, clippy, tests, browser tests
  tidy            the house rules alone
  browser [PART…] the browser tests alone, those whose names contain a part
  bench [NAME…]   release build and the measurements, side by side with baselines
  golden          write the golden files and the pictures anew and show what changed
  deny [--install]  licences, bans and sources of all dependencies with cargo-deny";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let rest = arguments.get(1..).unwrap_or_default();
    let outcome = match arguments.first().map(String::as_str) {
        Some("test") => Workspace::load().and_then(|it| suite::run(&it)),
        Some("tidy") => Workspace::load().and_then(|it| tidy::run(&it)),
        Some("browser") => Workspace::load().and_then(|it| browser::alone(&it, rest)),
        Some("bench") => Workspace::load().and_then(|it| bench::run(&it, rest)),
        Some("golden") => Workspace::load().and_then(|it| golden::run(&it)),
        Some("deny") => Workspace::load().and_then(|it| deny::run(&it, rest)),
        Some("help" | "--help" | "-h") => {
            println!("{USAGE}");
            Ok(true)
        }
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::from(2)
        }
    }
}
