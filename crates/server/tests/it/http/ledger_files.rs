//! The ledger's files as a witness reads them.

use axum::http::StatusCode;
use sekisho_ledger::digest::leaf_hash;
use sekisho_ledger::tile::{read_bundle, read_tile};
use sekisho_ledger::tree::root_of;

use super::house::House;

#[tokio::test]
async fn a_witness_rebuilds_the_signed_root_without_signing_in() {
    let house = House::founded().await;
    let mut witness = house.browser();
    let text = witness.get("/ledger/checkpoint").await;
    let checkpoint = house.app.verifier().open(&text.bytes).unwrap();
    assert_eq!(checkpoint.size, 8);
    let bundle = witness.get("/ledger/tile/entries/000.p/8").await;
    let entries = read_bundle(&bundle.bytes).unwrap();
    let leaves: Vec<_> = entries.iter().map(leaf_hash).collect();
    assert_eq!(root_of(&leaves), checkpoint.root);
    let tile = witness.get("/ledger/tile/0/000.p/8").await;
    assert_eq!(read_tile(&tile.bytes).unwrap(), leaves);
    let earlier = witness.get("/ledger/tile/0/000.p/3").await;
    assert_eq!(read_tile(&earlier.bytes).unwrap(), leaves[..3]);
    for absent in [
        "0/000",
        "0/000.p/9",
        "entries/000",
        "1/000.p/1",
        "0/001.p/1",
    ] {
        let reply = witness.get(&format!("/ledger/tile/{absent}")).await;
        assert_eq!(reply.status, StatusCode::NOT_FOUND, "{absent}");
    }
    let record = house
        .signed_in(house.first_account())
        .get("/ledger/records/0.json")
        .await;
    let (salt, record) = sekisho_ledger::export::read_record_file(0, &record.bytes).unwrap();
    assert_eq!(
        sekisho_ledger::digest::entry_hash(&salt, record),
        entries[0]
    );
}

#[tokio::test]
async fn verification_runs_and_says_what_it_cannot_know() {
    let house = House::founded().await;
    let mut browser = house.signed_in(house.first_account());
    let page = browser.get("/ledger").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains(house.app.verifier().name()));
    let begun = browser
        .post("/ledger/verify", &[("csrf", &page.csrf())])
        .await;
    assert_eq!(begun.header("location"), "/ledger");
    let sound = sekisho_messages::text(sekisho_messages::Lang::Ja, "ledger.sound_inside", &[]);
    // Ends by itself: eight records are verified at once.
    for _ in 0..200 {
        if browser.get("/ledger").await.text().contains(&*sound) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!(
        "the verification did not end: {}",
        browser.get("/ledger").await.text()
    );
}
