//! Cutting off, where nothing stands: what is cut is seen where there are tunnels.

use serde_json::json;

use super::Pair;
use crate::api::program::code;

const CUTS: &str = "/api/v1/access/cuts";

pub fn walk(pair: &mut Pair, device: &str) {
    assert_eq!(pair.stranger.get(CUTS, &[]).status, 401);
    // Whoever may only read does not learn who was connected.
    let refused = pair.reads.get(CUTS, &[]);
    assert_eq!(
        (refused.status, code(&refused).as_str()),
        (403, "authorise.out-of-scope")
    );
    let none = pair.may.get(CUTS, &[]).with_status(200).json();
    assert_eq!(none["items"], json!([]));
    let cut = json!({ "scope": "device", "id": device, "reason": "紛失の届出" });
    let done = pair.command(CUTS, &[], &cut);
    assert_eq!(
        done,
        json!({ "scope": "device", "id": device, "tunnels": 0 })
    );
    for (member, value, fault) in [
        ("scope", json!("everything"), "field.unknown-choice"),
        ("id", json!("psn_1"), "field.not-an-id"),
        ("reason", json!(" "), "field.missing"),
        ("reason", json!("長".repeat(2_001)), "field.too-long"),
    ] {
        let mut wrong = cut.clone();
        wrong[member] = value;
        let said = pair.may.command(CUTS, &[], None, &wrong);
        let error = &said.json()["errors"][0];
        assert_eq!(said.status, 422, "{error}");
        assert_eq!(error["pointer"], format!("/{member}"), "{error}");
        assert_eq!(error["code"], fault, "{error}");
    }
}
