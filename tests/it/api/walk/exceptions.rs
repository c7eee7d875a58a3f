//! An exception: looked at again, decided again, and stopped, with what was measured of it.

use serde_json::json;

use super::rules::heard;
use super::{Pair, id, in_days};

const ONE: &str = "/api/v1/exceptions/{id}";
const ACTS: &str = "/api/v1/exceptions/{id}/acts";

#[expect(clippy::too_many_lines, reason = "one story or table")]
pub fn walk(staff: &mut Pair, authority: &mut Pair, body: &mut Pair, device: &str) {
    let day = |n: i64| in_days(n)[..10].to_owned();
    let application = json!({
        "kind": "pe",
        "fields": {
            "requirement": "US-8.1.1-3-e",
            "grade": "C1I1A1",
            "place": "controlled",
            "device": device,
            "review_on": day(9),
            "urgent": true,
            "measures": ["firewall: 外からの接続を断る", "毎夕、課長が確認する"],
        },
        "from": in_days(0),
        "until": in_days(20),
        "purpose": "検証用の記憶媒体を接続するため",
    });
    let mut backwards = application.clone();
    backwards["until"] = json!(in_days(-1));
    let wrong = staff.may.command("/api/v1/permits", &[], None, &backwards);
    assert_eq!(wrong.json()["code"], "term.empty");
    let permit = id(&staff.command("/api/v1/permits", &[], &application));
    let acts = "/api/v1/permits/{id}/acts";
    let seen = authority.reading("/api/v1/permits/{id}", &[&permit]);
    let approve = json!({ "act": "approve" });
    let early = authority
        .may
        .command(acts, &[&permit], seen.header("etag"), &approve);
    assert_eq!(early.json()["code"], "opinion.lacking", "{}", early.text());
    heard(body, &permit);
    let seen = authority.change(acts, &[&permit], &seen, &approve);
    staff.change(acts, &[&permit], &seen, &json!({ "act": "activate" }));

    let all = authority.read("/api/v1/exceptions", &[]);
    assert_eq!(id(&all["items"][0]), permit);
    let seen = authority.reading(ONE, &[&permit]);
    let shown = seen.json();
    assert_eq!(
        (&shown["state"], &shown["urgent"]),
        (&json!("running"), &json!(true))
    );
    assert_eq!(shown["effect"]["measures"][1]["standing"], "unknown");
    let note = "一週間の状況を確認した";
    let review = json!({
        "act": "review",
        "judgement": "effective",
        "words": [1],
        "review_on": day(15),
        "note": note,
    });
    let own = staff
        .may
        .command(ACTS, &[&permit], seen.header("etag"), &review);
    assert_eq!(own.status, 403);
    let seen = authority.change(ACTS, &[&permit], &seen, &review);
    assert_eq!(seen.json()["reviews"][0]["judgement"], "effective");
    assert_eq!(seen.json()["effect"]["measures"][1]["standing"], "holds");
    let clause = "rul_02081040g2081040g2081040g2/3";
    let regularise = json!({ "act": "regularise", "clause": clause, "note": note });
    let early = authority
        .may
        .command(ACTS, &[&permit], seen.header("etag"), &regularise);
    assert_eq!(early.json()["code"], "exception.measures-not-in-effect");
    let again = json!({
        "act": "decide_again",
        "review_on": day(18),
        "for_everybody": true,
        "note": note,
    });
    let seen = authority.change(ACTS, &[&permit], &seen, &again);
    assert_eq!(seen.json()["review_on"], day(18));
    let stop = json!({ "act": "stop", "note": note });
    let seen = authority.change(ACTS, &[&permit], &seen, &stop);
    assert_eq!(seen.json()["state"], "stopped");
    let file = authority.reading("/api/v1/exceptions/table?format=csv-utf8", &[]);
    assert!(file.text().contains("US-8.1.1-3-e"), "{}", file.text());
}
