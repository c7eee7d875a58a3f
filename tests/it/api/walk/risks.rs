//! A risk assessment: drafted, proposed and approved by programs of two officers.

use serde_json::json;

use super::rules::heard;
use super::{Pair, id};

const ALL: &str = "/api/v1/risks";
const ONE: &str = "/api/v1/risks/{id}";
const DRAFT: &str = "/api/v1/risks/{id}/draft";
const ACTS: &str = "/api/v1/risks/{id}/acts";
const ANNEX: &str = "/api/v1/risks/annex";
const LOSSES: &str = "frequency=2&low=10000&high=5000000&years=2000";

pub fn walk(hiso: &mut Pair, ciso: &mut Pair, body: &mut Pair, task: &str) {
    let none = hiso.read("/api/v1/risks?limit=5", &[]);
    assert_eq!(none["items"], json!([]));
    let mut content = json!({
        "subject": task,
        "grade": "C2I1A1",
        "places": ["home"],
        "answers": { "overlooked": "no", "carried": "no", "hurried": "unknown" },
        "conclusion": "measures",
        "reason": "端末がまだ点検されていないため",
    });
    let mut wrong = content.clone();
    wrong["answers"]["carried"] = json!("perhaps");
    wrong["treatments"] = json!([{ "kind": "stop", "check": "disk_encryption" }]);
    let wrong = hiso.may.command(ALL, &[], None, &wrong);
    assert_eq!(wrong.status, 422);
    let told: Vec<_> = wrong.json()["errors"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|it| it["pointer"].as_str().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(told, ["/answers/carried", "/treatments/0/check"]);
    let begun = hiso.command(ALL, &[], &content);
    let risk = id(&begun);
    // Nothing is measured here, so that everything counts as the weakest.
    assert_eq!(
        (&begun["risk"], &begun["level"], &begun["replayed"]),
        (&json!(6), &json!("high"), &json!("same"))
    );
    let seen = hiso.reading(ONE, &[&risk]);
    let propose = json!({ "act": "propose" });
    let bare = hiso
        .may
        .command(ACTS, &[&risk], seen.header("etag"), &propose);
    assert_eq!(bare.json()["code"], "risk.high-without-treatment");
    content["treatments"] = json!([
        { "kind": "limit", "ceiling": "C1I1A1" },
        { "kind": "measure", "check": "disk_encryption" },
        { "kind": "condition", "places": ["home"], "until_hour": 20, "two_persons": true },
    ]);
    let seen = hiso.change(DRAFT, &[&risk], &seen, &content);
    assert_eq!(seen.json()["treatments"], content["treatments"]);
    let seen = hiso.change(ACTS, &[&risk], &seen, &propose);
    let approve = json!({ "act": "approve" });
    let own = hiso
        .may
        .command(ACTS, &[&risk], seen.header("etag"), &approve);
    assert_eq!(own.json()["code"], "risk.own-proposal");
    let back = json!({ "act": "send_back", "reason": "条件を見直すこと" });
    let seen = ciso.change(ACTS, &[&risk], &seen, &back);
    let seen = hiso.change(ACTS, &[&risk], &seen, &propose);
    let early = ciso
        .may
        .command(ACTS, &[&risk], seen.header("etag"), &approve);
    assert_eq!(early.json()["code"], "opinion.lacking", "{}", early.text());
    heard(body, &risk);
    let done = ciso.change(ACTS, &[&risk], &seen, &approve);
    assert_eq!(done.json()["state"], "approved");
    annex(hiso);
    let file = hiso.reading("/api/v1/risks/table?format=csv-utf8", &[]);
    assert!(file.text().contains(&risk), "{}", file.text());
}

fn annex(hiso: &mut Pair) {
    let drawn = hiso.read(&format!("{ANNEX}?{LOSSES}&seed=7"), &[]);
    assert_eq!(hiso.read(&format!("{ANNEX}?seed=7&{LOSSES}"), &[]), drawn);
    assert_ne!(hiso.read(&format!("{ANNEX}?{LOSSES}"), &[]), drawn);
    assert_eq!(drawn["lose_more_than"][50]["yen"], drawn["median"]);
}
