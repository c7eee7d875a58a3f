//! Benchmarks beside a baseline of the same run: `cargo xtask bench [NAME…]`.
//!
//! A subject is one module of the library with `pub fn run() -> Outcome`, and one row of the table
//! below.

use std::path::Path;
use std::process::ExitCode;

use sekisho_benches::{
    Outcome, assess, authzen, decide, discovery, imports, ledger, machine, moves, permits,
    revocation, rosters, start, tables, throughput, triggers,
};

/// As in the program that is measured; the baselines of the same process have it too.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A subject's name on the command line and its function.
type Subject = (&'static str, fn() -> Outcome);

const SUBJECTS: &[Subject] = &[
    ("machine", machine::run),
    ("ledger", ledger::run),
    ("assess", assess::run),
    ("decide", decide::run),
    ("discovery", discovery::run),
    ("moves", moves::run),
    ("permits", permits::run),
    ("imports", imports::run),
    ("revocation", revocation::run),
    ("rosters", rosters::run),
    ("start", start::run),
    ("tables", tables::run),
    ("throughput", throughput::run),
    ("triggers", triggers::run),
    // Fills a store of 100,000 people.
    ("triggers-stored", triggers::stored),
    // Last: from here on the program's log is written.
    ("authzen", authzen::run),
];

fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    // A subject calls this program again to see what one log takes.
    if let [alone, form, log] = wanted.as_slice()
        && alone == discovery::ALONE
    {
        return if discovery::read_alone(form, Path::new(log)) {
            ExitCode::SUCCESS
        } else {
            ExitCode::from(2)
        };
    }
    let names: Vec<&str> = SUBJECTS.iter().map(|(name, _)| *name).collect();
    if let Some(unknown) = wanted.iter().find(|it| !names.contains(&it.as_str())) {
        eprintln!("no subject `{unknown}`; there are: {}", names.join(", "));
        return ExitCode::from(2);
    }
    let mut missed = 0;
    for (name, run) in SUBJECTS
        .iter()
        .filter(|(name, _)| wanted.is_empty() || wanted.iter().any(|it| it == name))
    {
        println!("== {name}");
        let outcome = run();
        print!("{outcome}");
        missed += outcome.missed();
    }
    println!("{missed} targets missed");
    if missed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
