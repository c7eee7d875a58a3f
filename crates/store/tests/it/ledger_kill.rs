//! Killed at random moments: everything acknowledged is there, nothing half-written is visible.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use sekisho_ledger::verify;
use sekisho_store::sqlite::ledger::{Access, DataLock, LedgerStore};

use crate::ledger::{append, entry, signer};

/// Set for the child: the folder it appends to.
const CHILD: &str = "SEKISHO_TEST_LEDGER_CHILD";

/// How often the child is killed.
const KILLS: u32 = 220;

/// Not a test of its own: what the child process does. Without the variable it does nothing.
#[test]
fn child_appends_until_it_is_killed() {
    let Some(folder) = std::env::var_os(CHILD) else {
        return;
    };
    let folder = Path::new(&folder);
    let _lock = DataLock::acquire(folder).unwrap();
    let mut store = LedgerStore::open(&folder.join("ledger.sqlite"), Access::Write).unwrap();
    let mut at = store.size().unwrap();
    let mut out = std::io::stderr();
    loop {
        let count = 1 + at % 5 * 20;
        at = append(&mut store, at, count).size;
        writeln!(out, "acknowledged {at}").unwrap();
    }
}

#[test]
fn killed_at_random_moments_nothing_acknowledged_is_lost() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger.sqlite");
    let mut random = 0x9e37_79b9_u64;
    let (mut acknowledged, mut killed_while_appending) = (0u64, 0);
    for kill in 0..KILLS {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "ledger_kill::child_appends_until_it_is_killed",
                "--nocapture",
            ])
            .env(CHILD, dir.path())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        // Some die while they open, most while they append. The wait is the moment under test.
        let first = if kill % 10 == 0 { None } else { lines.next() };
        let until = Instant::now() + Duration::from_micros(random >> 33 & 0x3fff);
        while Instant::now() < until {
            std::thread::yield_now();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let said = first.into_iter().chain(lines).map(Result::unwrap);
        // A line cut by the kill is not an acknowledgement anybody could have read.
        let last = said
            .filter_map(|line| line.strip_prefix("acknowledged ")?.parse().ok())
            .max();
        killed_while_appending += u32::from(last.is_some());
        acknowledged = acknowledged.max(last.unwrap_or(0));
        if !path.exists() {
            continue;
        }
        let store = LedgerStore::open(&path, Access::Write).unwrap();
        let view = store.view().unwrap();
        assert!(
            view.size() >= acknowledged,
            "{} < {acknowledged}",
            view.size()
        );
        acknowledged = view.size();
        if kill % 4 == 0 || kill + 1 == KILLS {
            let report = verify(&view, signer().verifier(), None).unwrap();
            assert!(report.is_clean(), "{:?}", report.findings);
            assert_eq!(report.size, view.size());
        }
        let seq = acknowledged.checked_sub(1);
        if let Some(seq) = seq {
            assert_eq!(store.entry(seq).unwrap().unwrap().1, entry(seq).record);
        }
    }
    assert!(
        killed_while_appending > KILLS / 2,
        "{killed_while_appending} of {KILLS}"
    );
}
