//! What the check of each packet costs: one device sends through the tunnel of the real program as fast as it can,
//! in turn with the gateway's packet filter and with that filter asleep, among 1,000 peers.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use sekisho_tests::no_namespaces;

use crate::revocation::stage::{Road, STAND_INS, Stage, Travellers};
use crate::tunnels::TUNNELS;
use crate::{Outcome, Target};

/// Pairs of rounds: one with the check, one without.
const PAIRS: usize = 20;
/// Seconds of one round, after one second that does not count.
const ROUND: &str = "3";
/// The most that the check may cost, in per cent.
const MOST: f64 = 5.0;
/// How long one round may take until it is given up.
const SOON: Duration = Duration::from_secs(60);

/// Measures throughput.
///
/// # Panics
/// Where the ministry cannot be filled or the road not be opened.
pub fn run() -> Outcome {
    let mut outcome = Outcome::new();
    if let Some(reason) = no_namespaces(&["ip", "nft", "conntrack", "iperf3"]) {
        println!("   not measured: {reason}");
        outcome.figure("pairs", 0.0, "", Target::AtLeast(PAIRS as f64));
        return outcome;
    }
    let place = tempfile::TempDir::new().expect("a temporary folder");
    keep_the_sleep_from_the_gateway(&place.path().join(STAND_INS));
    let travellers = Travellers::set(place.path(), &mut outcome);
    let stage = travellers.stage();
    let pairs = stage.outside.within(|| {
        let road = (0..TUNNELS).find_map(|nth| travellers.road(nth));
        let road = road.expect("somebody reaches something");
        // Once for nothing: the handshake, and what else comes first.
        rate(stage, &road);
        (0..PAIRS).map(|nth| pair(stage, &road, nth)).collect()
    });
    tell(&mut outcome, pairs);
    outcome
}

/// The gateway looks again and again whether its filter stands as it set it, and a filter that is asleep would be put
/// back at once. So there is an `nft` before the real one that leaves the sleep out when the rules are listed.
fn keep_the_sleep_from_the_gateway(folder: &Path) {
    let path = std::env::var("PATH").expect("a path of programs");
    let mut folders = path.split(':').map(|it| Path::new(it).join("nft"));
    let real = folders.find(|it| it.is_file()).expect("nft is installed");
    let text = format!(
        "#!/bin/bash\nset -o pipefail\nreal={}\ncase \" $* \" in\n*\" list ruleset \"*) \"$real\" \"$@\" | sed '/^\tflags dormant$/d' ;;\n\
         *) exec \"$real\" \"$@\" ;;\nesac\n",
        real.display()
    );
    let program = folder.join("nft");
    std::fs::create_dir(folder).expect("a folder");
    std::fs::write(&program, text).expect("a program");
    let mode = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(&program, mode).expect("it can be run");
}

/// With the check and without, each first in turn.
fn pair(stage: &Stage, road: &Road, nth: usize) -> (f64, f64) {
    let with = || {
        check(stage, true);
        rate(stage, road)
    };
    let without = || {
        check(stage, false);
        rate(stage, road)
    };
    if nth.is_multiple_of(2) {
        let first = with();
        (first, without())
    } else {
        let first = without();
        (with(), first)
    }
}

fn tell(outcome: &mut Outcome, pairs: Vec<(f64, f64)>) {
    let mean = |all: &[f64]| all.iter().sum::<f64>() / all.len() as f64;
    let (with, without): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
    let costs: Vec<f64> = pairs
        .iter()
        .map(|(one, other)| 100.0 * (1.0 - one / other))
        .collect();
    let cost = mean(&costs);
    let squares = costs.iter().map(|it| (it - cost).powi(2)).sum::<f64>();
    let count = costs.len() as f64;
    let error = (squares / (count - 1.0) / count).sqrt();
    outcome.figure("pairs", count, "", Target::AtLeast(PAIRS as f64));
    outcome.figure("with the check, mean", mean(&with), "Mbit/s", Target::None);
    outcome.figure("without, mean", mean(&without), "Mbit/s", Target::None);
    outcome.figure(
        "the check costs, mean of pairs",
        cost,
        "%",
        Target::AtMost(MOST),
    );
    outcome.figure("standard error of that", error, "%", Target::None);
}

/// Lets the packet filter work, or puts it to sleep: asleep, no packet comes to it.
fn check(stage: &Stage, works: bool) {
    let flags = if works { "" } else { "{ flags dormant ; }" };
    let table = stage.table();
    let line = format!("add table inet {table} {flags}");
    let mut command = stage.between.command("nft");
    let done = command.args(line.split_whitespace()).status();
    assert!(done.is_ok_and(|it| it.success()), "the filter is set");
    let mut command = stage.between.command("nft");
    let rules = command.args(["list", "table", "inet", &table]).output();
    let rules = rules.expect("nft runs").stdout;
    let asleep = String::from_utf8_lossy(&rules).contains("flags dormant");
    assert_eq!(asleep, !works, "the filter is as it was set");
}

/// What arrives at the system in one round, in Mbit/s.
fn rate(stage: &Stage, road: &Road) -> f64 {
    let begun = Instant::now();
    let mut server = stage
        .inside
        .command("iperf3")
        .args(["-s", "-1", "-p", "443"])
        .stdout(Stdio::null())
        .spawn()
        .expect("iperf3 starts");
    let to = road.system.to_string();
    let found = loop {
        // On the thread's own place, that of the device. The other end may not be listening yet.
        let output = Command::new("iperf3")
            .args(["-c", &to, "-p", "443", "-t", ROUND, "-O", "1", "-J"])
            .args(["--connect-timeout", "1000"])
            .output()
            .expect("iperf3 starts");
        let said: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        if let Some(figure) = said["end"]["sum_received"]["bits_per_second"].as_f64() {
            break figure / 1e6;
        }
        assert!(begun.elapsed() < SOON, "iperf3 measures: {said}");
    };
    let _ = server.kill();
    let _ = server.wait();
    found
}
