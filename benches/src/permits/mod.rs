//! A large ministry: 100,000 people, 100,000 devices, 300,000 permits. What pages and commands take
//! on it, what memory, and how long a start.
//!
//! `SEKISHO_BENCH_SHARE=10` makes a tenth of it, to look at something quickly; the targets are those of
//! the whole.

mod commands;
mod house;
mod load;
mod pages;

use sekisho_sim::population::Population;

use crate::measure::{gib, peak, reset_peak};
use crate::{Outcome, Target};
use house::House;
pub(crate) use load::fill;

/// Seed of the ministry.
const SEED: u64 = 2026;
/// A section of which someone stands in for the chief.
const SECTION: u32 = 25;
/// Memory that may be taken, in GiB.
const MEMORY: f64 = 3.0;

/// Measures the large ministry.
///
/// # Panics
/// Where the folder cannot be filled or opened, a page does not answer or a command is refused.
pub fn run() -> Outcome {
    let share = std::env::var("SEKISHO_BENCH_SHARE").ok();
    let share: u32 = share.and_then(|it| it.parse().ok()).unwrap_or(1).max(1);
    let population = Population {
        people: 100_000 / share,
        devices: 100_000 / share,
        permits: 300_000 / share,
        ready: 0,
    };
    let mut outcome = Outcome::new();
    let place = tempfile::TempDir::new().expect("a temporary folder");
    let now = load::fill(place.path(), population, &mut outcome);
    reset_peak();
    let house = House::open(place.path(), population, now, &mut outcome);
    outcome.figure(
        "most memory, replaying",
        gib(peak()),
        "GiB",
        Target::AtMost(MEMORY),
    );
    let house = house.open_again(&mut outcome);
    load::report(&house);
    let work = house.at_work();
    pages::measure(&house, &mut outcome);
    commands::measure(&house, &mut outcome);
    outcome.figure(
        "most memory of the whole process",
        gib(peak()),
        "GiB",
        Target::AtMost(MEMORY),
    );
    house.close(work);
    outcome
}
