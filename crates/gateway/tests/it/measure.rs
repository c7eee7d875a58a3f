//! Figures. Revocation is held against its bar; throughput is only printed, since the spread between
//! runs on a shared machine is wider than what is looked for. Run alone, and on a quiet machine:
//! `SEKISHO_MEASURE=1 cargo test -p sekisho-gateway --test it measure -- --nocapture --test-threads=1`.
//! Without that word they do nothing: they take minutes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use sekisho_domain::id::{Fresh, TunnelSessionId};
use sekisho_protocol::access_table::{Protocol, TablePeer};
use sekisho_protocol::wireguard_key::WireGuardKey;

use crate::lab::{CLIENT_ADDRESS, Lab, SYSTEM, reach, until, within};
use crate::traffic::{Heard, Servers};

const PEERS: u16 = 1_000;
const TRIALS: usize = 200;
/// Half of them with the check, half without, in turn.
const ROUNDS: usize = 40;
/// Longer than the bar: what comes later than this would be seen.
const SILENCE: Duration = Duration::from_millis(400);

fn asked_for() -> bool {
    let asked = std::env::var_os("SEKISHO_MEASURE").is_some();
    if !asked {
        println!("not measured: set SEKISHO_MEASURE=1");
    }
    asked
}

fn others() -> Vec<TablePeer> {
    let other = |number: u16| {
        let [high, low] = number.to_be_bytes();
        let mut bytes = [7; 32];
        bytes[..2].copy_from_slice(&[high + 1, low]);
        let mut id = [9; 16];
        id[..2].copy_from_slice(&[high, low]);
        TablePeer {
            address: std::net::IpAddr::from([10, 9, 16 + high, low]),
            key: WireGuardKey::new(bytes).unwrap(),
            reach: vec![
                reach(SYSTEM, Protocol::Tcp, Some(443)),
                reach(SYSTEM, Protocol::Udp, Some(53)),
            ],
            session: TunnelSessionId::new(Fresh(id)),
        }
    };
    (1..PEERS).map(other).collect()
}

/// Sends a datagram every millisecond and notes when one comes back.
fn stream(namespace: &str, to: &str, stop: &AtomicBool, heard: &Heard) {
    within(namespace, || {
        let socket = std::net::UdpSocket::bind((CLIENT_ADDRESS, 0)).unwrap();
        socket.set_nonblocking(true).unwrap();
        let mut bytes = [0; 64];
        while !stop.load(Ordering::Relaxed) {
            let _ = socket.send_to(b"tick", to);
            while socket.recv(&mut bytes).is_ok() {
                *heard.lock().unwrap() = Some(Instant::now());
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    });
}

#[test]
fn revocation_among_a_thousand_peers() {
    if !asked_for() {
        return;
    }
    let Some(lab) = Lab::new("revocation_among_a_thousand_peers", 60) else {
        return;
    };
    let to = format!("{SYSTEM}:8443");
    let servers = Servers::start(&lab.namespaces.system, &[&to]);
    let (stop, heard) = (AtomicBool::new(false), Arc::new(Heard::new(None)));
    let mut took = Vec::new();
    std::thread::scope(|scope| {
        scope.spawn(|| stream(&lab.namespaces.client, &to, &stop, &heard));
        for _ in 0..TRIALS {
            took.push(trial(&lab, &servers, &heard));
        }
        stop.store(true, Ordering::Relaxed);
    });
    took.sort_unstable();
    let at = |share: usize| took[(took.len() * share / 100).min(took.len() - 1)];
    println!(
        "revocation, {PEERS} peers, {TRIALS} trials: p50 {:?}, p99 {:?}, max {:?}",
        at(50),
        at(99),
        took[took.len() - 1]
    );
    assert!(at(99) <= Duration::from_millis(250));
}

fn trial(lab: &Lab, servers: &Servers, heard: &Heard) -> Duration {
    let mut peers = others();
    peers.push(lab.peer(vec![reach(SYSTEM, Protocol::Udp, Some(8443))]));
    lab.controller.publish(peers);
    lab.controller.wait_in_force();
    lab.renew_client();
    let opened = Instant::now();
    until("datagrams come back", Duration::from_secs(15), || {
        heard.lock().unwrap().is_some_and(|it| it > opened)
    });
    let published = lab.controller.publish(others());
    let last = || {
        let client = heard.lock().unwrap().unwrap();
        client.max(servers.heard.lock().unwrap().unwrap())
    };
    until("it is silent", Duration::from_secs(10), || {
        last().elapsed() > SILENCE
    });
    last().saturating_duration_since(published)
}

#[test]
fn what_the_check_costs() {
    if !asked_for() {
        return;
    }
    let Some(lab) = Lab::new("what_the_check_costs", 900) else {
        return;
    };
    let mut peers = others();
    peers.push(lab.peer(vec![reach(SYSTEM, Protocol::Tcp, Some(8443))]));
    lab.controller.publish(peers);
    lab.controller.wait_in_force();
    lab.renew_client();
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        // Dormant, a table is not asked at all.
        let (flags, figures) = if round % 2 == 0 {
            ("", &mut with)
        } else {
            ("{ flags dormant ; }", &mut without)
        };
        let line = format!("nft add table inet {} {flags}", lab.table());
        let done = lab
            .command(&lab.namespaces.gateway, line.trim_end())
            .status();
        assert!(done.unwrap().success());
        assert_eq!(lab.rules().contains("flags dormant"), round % 2 == 1);
        figures.push(throughput(&lab));
    }
    let median = |figures: &mut Vec<f64>| {
        figures.sort_unstable_by(f64::total_cmp);
        figures[figures.len() / 2]
    };
    println!("with the check {with:.0?}, without {without:.0?} Mbit/s");
    let spread = |figures: &[f64]| {
        let mean = figures.iter().sum::<f64>() / figures.len() as f64;
        let square = |it: &f64| (it - mean).powi(2);
        let variance = figures.iter().map(square).sum::<f64>() / (figures.len() - 1) as f64;
        (mean, (variance / figures.len() as f64).sqrt())
    };
    let (one, other) = (spread(&with), spread(&without));
    println!("means and standard errors: with {one:.1?}, without {other:.1?} Mbit/s");
    let (with, without) = (median(&mut with), median(&mut without));
    let cost = 100.0 * (1.0 - with / without);
    println!("throughput: with {with:.0} Mbit/s, without {without:.0} Mbit/s, cost {cost:.1} %");
}

fn throughput(lab: &Lab) -> f64 {
    let server = "iperf3 -s -1 -p 8443".to_owned();
    let mut server = lab
        .command(&lab.namespaces.system, &server)
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let client = format!("iperf3 -c {SYSTEM} -p 8443 -t 2 -J --connect-timeout 1000");
    let mut figure = None;
    until("iperf3 has measured", Duration::from_secs(30), || {
        let output = lab
            .command(&lab.namespaces.client, &client)
            .output()
            .unwrap();
        let said: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        figure = said["end"]["sum_received"]["bits_per_second"].as_f64();
        figure.is_some()
    });
    let _ = server.kill();
    let _ = server.wait();
    figure.unwrap() / 1e6
}
