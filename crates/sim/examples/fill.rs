//! Fills a fresh folder with the demonstration's ministry and says how long each stage took:
//! `cargo run --release -p sekisho-sim --example fill [-- FEED…]`; then how long judging all devices
//! anew takes, after each of the feeds named.

use std::time::{Duration, Instant};

use sekisho_domain::actor::Actor;
use sekisho_rules::catalogue::Catalogue;
use sekisho_server::app::App;
use sekisho_server::app::clock::MachineTime;
use sekisho_server::assessor::{hold, judge_all};
use sekisho_server::knowledge::{ImportHints, KnowledgeBase, import};
use sekisho_sim::demo::{Stage, fill};
use sekisho_sim::organisation::{Ministry, Size};
use sekisho_store::DataFolder;
use sekisho_store::keyring::MasterSource;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let place = tempfile::tempdir()?;
    let folder = DataFolder::create_or_open(place.path())?;
    let master = MasterSource::standard(&folder, None);
    let app = App::open(folder, &master, Box::new(MachineTime::default()))?;
    let catalogue = Catalogue::builtin()?;

    let began = Instant::now();
    let ministry = Ministry::seeded(1, Size::DEMO);
    println!("{:>14} {:>8.2} s", "seed", began.elapsed().as_secs_f64());
    let mut ends: Vec<(Stage, usize, Duration)> = Vec::new();
    let summary = fill(
        &app,
        &catalogue,
        &ministry,
        &|| false,
        &mut |stage, done, total| {
            if done == total && total > 0 {
                ends.push((stage, total, began.elapsed()));
            }
        },
    )?;
    let whole = began.elapsed();
    let mut before = Duration::ZERO;
    for (stage, total, end) in ends {
        println!(
            "{:>14} {:>8.2} s  {total}",
            stage.code(),
            (end - before).as_secs_f64()
        );
        before = end;
    }
    println!(
        "{:>14} {:>8.2} s  {summary:?}",
        "whole",
        whole.as_secs_f64()
    );
    let began = Instant::now();
    hold(&app, &catalogue)?;
    let held = began.elapsed().as_secs_f64();
    println!("{:>14} {held:>8.2} s", "assessment");
    anew(&app)?;
    println!(
        "{:>14} {:>8} MiB",
        "observations",
        size(&app.folder().observations())? >> 20
    );
    println!(
        "{:>14} {:>8} MiB",
        "ledger",
        size(&app.folder().ledger())? >> 20
    );
    app.stop();
    Ok(())
}

/// How long it takes to judge all devices anew: at a start with the feeds as they were, and after
/// each of the feeds named on the command line was brought in.
fn anew(app: &App) -> Result<(), Box<dyn std::error::Error>> {
    let judge = |name: &str| -> Result<(), Box<dyn std::error::Error>> {
        let began = Instant::now();
        let recorded = app.world().feeds.clone();
        app.set_knowledge(KnowledgeBase::load(
            app.observations(),
            &recorded,
            app.now(),
        )?);
        let read = began.elapsed().as_secs_f64();
        let began = Instant::now();
        let done = judge_all(app)?;
        let took = began.elapsed().as_secs_f64();
        println!("{name:>14} {took:>8.2} s  {done:?}, feeds read in {read:.2} s");
        Ok(())
    };
    judge("a start")?;
    for path in std::env::args().skip(1) {
        let path = std::path::Path::new(&path);
        let hints = ImportHints {
            as_of: Some(app.now()),
            ..ImportHints::default()
        };
        import(app, Actor::Operator, &std::fs::read(path)?, &hints)?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        judge(name.get(..14).unwrap_or(&name))?;
    }
    judge("a start")
}

/// Bytes of a database with its log.
fn size(path: &std::path::Path) -> std::io::Result<u64> {
    let log = path.with_extension("sqlite-wal");
    let log = std::fs::metadata(log).map_or(0, |file| file.len());
    Ok(std::fs::metadata(path)?.len() + log)
}
