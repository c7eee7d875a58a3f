//! The golden ledgers: every kind of event as a release stored it, for ever readable.
//!
//! In each folder of `fixtures/golden`, `records.jsonl` holds salt and record of each entry,
//! `checkpoint` the signed checkpoint, `key` the verifier key, `world.json` what the fold must
//! give. A later release adds a folder and never touches those that are there.

use std::path::PathBuf;
use std::sync::Once;

use sekisho_domain::actor::Actor;
use sekisho_domain::event::{Event, StoredEvent};
use sekisho_domain::world::{Documents, NoDocuments, World};
use sekisho_ledger::checkpoint::{SignerKey, VerifierKey};
use sekisho_ledger::digest::{Digest, Salt, entry_hash, leaf_hash};
use sekisho_ledger::tree;
use sekisho_server::app::stored;
use serde_json::{Value, json};

use super::golden_events::{ALL, DOCUMENTS, Golden, events};

fn folder(golden: &Golden) -> PathBuf {
    let all = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/golden");
    all.join(golden.folder)
}

fn read(golden: &Golden, name: &str) -> String {
    let path = folder(golden).join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| {
        panic!(
            "{}: {error}; `cargo xtask golden` writes it",
            path.display()
        )
    })
}

/// The salt of an entry in the golden ledger: fixed, where real ones are random.
fn salt(sequence: usize) -> Salt {
    let byte = u8::try_from(sequence % 251).unwrap();
    Salt([byte; 16])
}

fn signer() -> SignerKey {
    SignerKey::new("sekisho.local/ledger", &[7; 32]).unwrap()
}

/// What golden events refer to.
struct GoldenDocuments;

impl Documents for GoldenDocuments {
    fn document(&self, digest: &str) -> Option<Vec<u8>> {
        let mut all = DOCUMENTS.iter().map(|text| text.as_bytes().to_vec());
        all.find(|bytes| Digest::of(bytes).to_string() == digest)
    }
}

fn fold(events: &[StoredEvent]) -> World {
    let mut world = World::default();
    for event in events {
        world.apply(event, &GoldenDocuments).unwrap();
    }
    world
}

/// Stored in sorted form, so that hash maps do not shuffle the file.
fn world_text(world: &World) -> String {
    let mut text = serde_json::to_string_pretty(&serde_json::to_value(world).unwrap()).unwrap();
    text.push('\n');
    text
}

fn write(golden: &Golden) {
    let events = (golden.events)();
    let records: Vec<Vec<u8>> = events.iter().map(|e| stored::record(e).unwrap()).collect();
    let mut lines = String::new();
    let mut leaves = Vec::new();
    for (sequence, record) in records.iter().enumerate() {
        let salt = salt(sequence);
        let text: Value = serde_json::from_slice(record).unwrap();
        lines.push_str(&json!({"salt": salt, "record": text}).to_string());
        lines.push('\n');
        leaves.push(leaf_hash(&entry_hash(&salt, record)));
    }
    std::fs::create_dir_all(folder(golden)).unwrap();
    let put = |name: &str, text: &str| std::fs::write(folder(golden).join(name), text).unwrap();
    put("records.jsonl", &lines);
    put(
        "checkpoint",
        &signer().sign(leaves.len() as u64, tree::root_of(&leaves)),
    );
    put("key", &format!("{}\n", signer().verifier()));
    put("world.json", &world_text(&fold(&events)));
}

/// What a release has written is for ever: only a folder that is missing is made, and once.
fn write_missing() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let writing = std::env::var("SEKISHO_GOLDEN").is_ok_and(|value| value == "write");
        for golden in ALL.iter().filter(|golden| !folder(golden).exists()) {
            if writing {
                write(golden);
            }
        }
    });
}

#[test]
fn golden_ledgers_are_read_verified_and_folded() {
    write_missing();
    for golden in ALL {
        is_read_verified_and_folded(golden);
    }
}

fn is_read_verified_and_folded(golden: &Golden) {
    let mut events = Vec::new();
    let mut leaves = Vec::new();
    for line in read(golden, "records.jsonl").lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let salt: Salt = serde_json::from_value(line["salt"].clone()).unwrap();
        let record = sekisho_ledger::canonical::to_bytes(&line["record"]).unwrap();
        leaves.push(leaf_hash(&entry_hash(&salt, &record)));
        events.push(stored::event(&record).unwrap());
    }
    let key: VerifierKey = read(golden, "key").trim().parse().unwrap();
    let checkpoint = key.open(read(golden, "checkpoint").as_bytes()).unwrap();
    assert_eq!(checkpoint.size, leaves.len() as u64);
    assert_eq!(checkpoint.root, tree::root_of(&leaves));
    let world = fold(&events);
    let expected: Value = serde_json::from_str(&read(golden, "world.json")).unwrap();
    let ours = serde_json::to_value(&world).unwrap();
    // A later program may read more out of the same records, and never anything else.
    for (member, value) in expected.as_object().unwrap() {
        assert_eq!(&ours[member], value, "{}: {member}", golden.folder);
    }
}

#[test]
fn golden_folders_are_all_in_the_table() {
    let all = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/golden");
    let there = std::fs::read_dir(all).unwrap();
    for entry in there {
        let name = entry.unwrap().file_name();
        let name = name.to_str().unwrap();
        assert!(ALL.iter().any(|golden| golden.folder == name), "{name}");
    }
}

#[test]
fn golden_records_are_what_this_program_would_write() {
    write_missing();
    for golden in ALL {
        let stored: Vec<String> = read(golden, "records.jsonl")
            .lines()
            .map(str::to_owned)
            .collect();
        let events = (golden.events)();
        assert_eq!(stored.len(), events.len());
        for (line, event) in stored.iter().zip(&events) {
            let line: Value = serde_json::from_str(line).unwrap();
            let ours: Value = serde_json::from_slice(&stored::record(event).unwrap()).unwrap();
            assert_eq!(line["record"], ours, "{}", golden.folder);
        }
    }
}

#[test]
fn a_snapshot_of_the_golden_world_is_the_world() {
    let world = fold(&events());
    let text = serde_json::to_string(&world).unwrap();
    assert_eq!(serde_json::from_str::<World>(&text).unwrap(), world);
}

#[test]
fn forgetting_a_person_leaves_the_world_as_it_was() {
    let before = fold(&events());
    let person = *before.people.keys().min().unwrap();
    let mut after = before.clone();
    let forgotten = StoredEvent {
        actor: Actor::System,
        recorded_at: before.recorded_at,
        effective_from: None,
        event: Event::PersonForgotten { person },
    };
    after.apply(&forgotten, &NoDocuments).unwrap();
    after.events = before.events;
    assert_eq!(after, before);
}

#[test]
fn an_unknown_kind_or_newer_version_is_named() {
    let unknown = Event::decode("permit.levitated", 1, json!({})).unwrap_err();
    assert_eq!(unknown.to_string(), "unknown event kind permit.levitated");
    let newer = Event::decode("unit.founded", 99, json!({})).unwrap_err();
    assert_eq!(
        newer.to_string(),
        "unknown version 99 of event kind unit.founded"
    );
}
