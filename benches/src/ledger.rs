//! The ledger beside raw SQLite and plain SHA-256 in the same run.

use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use rusqlite::{Connection, params};
use sekisho_ledger::{Record, Salt, SignerKey, verify};
use sekisho_store::sqlite::ledger::{Access, LedgerStore, NewEntry};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::{Outcome, Target};

/// Entries appended, in batches as group commit makes them.
const ENTRIES: u64 = 200_000;
const BATCH: u64 = 128;

/// Entries appended one by one.
const SINGLES: u64 = 1_000;

/// Measures appending, replay and verification.
///
/// # Panics
/// Where the temporary folder cannot be written.
pub fn run() -> Outcome {
    let dir = std::env::temp_dir().join(format!("sekisho-bench-ledger-{}", std::process::id()));
    std::fs::create_dir_all(&dir).expect("the temporary folder can be written");
    let mut outcome = Outcome::new();
    append_ratio(&dir, &mut outcome);
    replay(&dir, &mut outcome);
    verify_ratio(&dir, &mut outcome);
    let _ = std::fs::remove_dir_all(&dir);
    outcome
}

/// An entry of about 376 bytes, as a governance event is.
fn entry(n: u64) -> NewEntry {
    let record = Record {
        kind: "permit.approved".into(),
        version: 1,
        actor: json!({"person": format!("p-{:08}", n % 2000), "post": "section-chief-0042"}),
        recorded_at: 1_767_225_600_000 + n.cast_signed(),
        effective_from: Some(1_767_225_600_000),
        payload: json!({
            "permit": format!("permit-{n:012}"), "device": format!("device-{:012}", n * 7),
            "grade": 2, "until": 1_798_761_600_000_i64, "clause": "5.1.2-(3)",
            "reason": {"cipher": "Zm9vYmFyYmF6cXV1eGZvb2JhcmJhenF1dXg=", "key": format!("k-{n}")},
        }),
    };
    let mut salt = [0; 16];
    salt[..8].copy_from_slice(&n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes());
    NewEntry {
        salt: Salt(salt),
        record: record.to_bytes().expect("the record is within its limits"),
        blobs: Vec::new(),
    }
}

/// Appends `entries` in batches; entries a second.
fn append(path: &Path, entries: &[NewEntry], batch: u64) -> f64 {
    let key = SignerKey::new("bench.example/ledger", &[1; 32]).expect("the name is plain");
    let mut store = LedgerStore::open(path, Access::Write).expect("a new ledger opens");
    let began = Instant::now();
    for part in entries.chunks(batch as usize) {
        store
            .append(part, &|size, root| key.sign(size, root))
            .expect("the batch is appended");
    }
    entries.len() as f64 / began.elapsed().as_secs_f64()
}

/// Inserts the same bytes in the same batches into a plain table, as durably; rows a second.
fn insert(path: &Path, entries: &[NewEntry], batch: u64) -> rusqlite::Result<f64> {
    let mut conn = Connection::open(path)?;
    conn.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         CREATE TABLE entries (seq INTEGER PRIMARY KEY, salt BLOB NOT NULL, record BLOB NOT NULL)",
    )?;
    let began = Instant::now();
    let mut seq = 0i64;
    for part in entries.chunks(batch as usize) {
        let tx = conn.transaction()?;
        for entry in part {
            tx.prepare_cached("INSERT INTO entries VALUES (?1, ?2, ?3)")?
                .execute(params![seq, entry.salt.0, entry.record])?;
            seq += 1;
        }
        tx.commit()?;
    }
    Ok(entries.len() as f64 / began.elapsed().as_secs_f64())
}

/// Appending beside raw durable inserts of the same bytes in the same batches.
fn append_ratio(dir: &Path, outcome: &mut Outcome) {
    let entries: Vec<_> = (0..ENTRIES).map(entry).collect();
    for (name, count, batch) in [("one by one", SINGLES, 1), ("by 128", ENTRIES, BATCH)] {
        let entries = &entries[..count as usize];
        let raw =
            insert(&dir.join(format!("raw-{batch}")), entries, batch).expect("rows are inserted");
        let ours = append(&dir.join(format!("ledger-{batch}")), entries, batch);
        outcome.figure(
            &format!("raw durable inserts {name}"),
            raw,
            "1/s",
            Target::None,
        );
        outcome.figure(&format!("ledger append {name}"), ours, "1/s", Target::None);
        let target = Target::AtLeast(0.5);
        outcome.figure(&format!("append to raw, {name}"), ours / raw, "", target);
    }
}

/// Streaming every entry, with the head of its record read as a fold needs it.
fn replay(dir: &Path, outcome: &mut Outcome) {
    let path = dir.join(format!("ledger-{BATCH}"));
    let store = LedgerStore::open(&path, Access::Read).expect("the ledger opens");
    let began = Instant::now();
    let count = store.range(0, u64::MAX, &mut |row| {
        let head = sekisho_ledger::record::scan(row.record, &mut |_| {});
        black_box(head.expect("the record is canonical"));
        Ok(())
    });
    let rate = count.expect("the ledger is read") as f64 / began.elapsed().as_secs_f64();
    outcome.figure("replay", rate, "events/s", Target::AtLeast(400_000.0));
}

/// How often verification and its baseline are each measured; the best of each counts, because
/// other work on the machine only ever slows one down.
const ROUNDS: u32 = 7;

/// Blocks of SHA-256 that verifying one record takes: its entry (salt and record), its leaf hash
/// (33 bytes) and one inner node of the tree (65 bytes); each is padded by at least 9 bytes.
fn blocks(record: usize) -> usize {
    (16 + record + 9).div_ceil(64) + (33usize + 9).div_ceil(64) + (65usize + 9).div_ceil(64)
}

/// Processor time of this process so far, in seconds: fair where other work shares the machine.
/// `/proc` counts it in hundredths of a second.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    let ticks: f64 = fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<f64>().ok())
        .sum();
    ticks / 100.0
}

/// SHA-256 alone over as many blocks as verification hashes, on one processor; entries a second.
fn hash(entries: &[NewEntry]) -> f64 {
    let began = Instant::now();
    for entry in entries {
        // Entry, leaf and one inner node: as many blocks as the tree needs for each entry.
        let mut hasher = Sha256::new();
        hasher.update(entry.salt.0);
        hasher.update(&entry.record);
        black_box(hasher.finalize());
        black_box(Sha256::digest(black_box([0u8; 33])));
        black_box(Sha256::digest(black_box([1u8; 65])));
    }
    entries.len() as f64 / began.elapsed().as_secs_f64()
}

/// Verifying everything beside SHA-256 over as many blocks as it hashes.
fn verify_ratio(dir: &Path, outcome: &mut Outcome) {
    let path = dir.join(format!("ledger-{BATCH}"));
    let entries: Vec<_> = (0..ENTRIES).map(entry).collect();
    let bytes: usize = entries.iter().map(|entry| entry.record.len()).sum();
    let key = SignerKey::new("bench.example/ledger", &[1; 32]).expect("the name is plain");
    let store = LedgerStore::open(&path, Access::Read).expect("the ledger opens");
    let (mut plain, mut ours) = (0f64, 0f64);
    let (mut plain_cpu, mut ours_cpu) = (0f64, 0f64);
    for _ in 0..ROUNDS {
        let started = cpu_seconds();
        plain = plain.max(hash(&entries));
        let hashed = cpu_seconds();
        plain_cpu += hashed - started;
        let view = store.view().expect("a view is taken");
        let began = Instant::now();
        let report = verify(&view, key.verifier(), None).expect("the ledger is read");
        ours = ours.max(ENTRIES as f64 / began.elapsed().as_secs_f64());
        ours_cpu += cpu_seconds() - hashed;
        assert!(
            report.is_clean() && report.records == ENTRIES,
            "the ledger verifies"
        );
    }
    outcome.figure(
        "bytes in a record",
        bytes as f64 / ENTRIES as f64,
        "B",
        Target::None,
    );
    let blocks: usize = entries.iter().map(|entry| blocks(entry.record.len())).sum();
    outcome.figure(
        "SHA-256 blocks a record",
        blocks as f64 / ENTRIES as f64,
        "",
        Target::None,
    );
    outcome.figure(
        "SHA-256 of the same blocks alone",
        plain,
        "events/s",
        Target::None,
    );
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let name = format!("verification on {threads} processors");
    outcome.figure(&name, ours, "events/s", Target::None);
    outcome.figure(
        "verification to SHA-256 in processor time",
        plain_cpu / ours_cpu,
        "",
        Target::None,
    );
    outcome.figure(
        "verification to SHA-256",
        ours / plain,
        "",
        Target::AtLeast(0.6),
    );
}
