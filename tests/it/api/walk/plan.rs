//! A plan of telework: drafted, proposed and approved by programs of two officers; use held against it, and
//! a case reassessed.

use sekisho_tests::Reply;
use serde_json::json;

use super::{Pair, id, tables};

const DRAFT: &str = "/api/v1/plan/draft";
const ACTS: &str = "/api/v1/plan/draft/acts";

pub fn walk(hiso: &mut Pair, ciso: &mut Pair, body: &mut Pair) {
    let none = hiso.read("/api/v1/plan", &[]);
    assert_eq!(
        (&none["version"], &none["content"]),
        (&json!(0), &json!(null))
    );
    let units = hiso.read("/api/v1/units", &[]);
    let task = json!({
        "unit": id(&units["items"][0]),
        "fields": { "name": "照会への回答", "grade": "C2I1A1", "state": "allowed" },
    });
    let path = "/api/v1/registers/{register}";
    let task = hiso.command(path, &["task"], &task);
    let line = json!({
        "task": id(&task),
        "decision": "allow",
        "reason": "通常の業務であるため",
        "highest": "C2I1A1",
    });
    let head = json!({ "title": "テレワーク計画", "people": 10, "person_days": 100 });
    let empty = hiso.reading(DRAFT, &[]);
    let wrong = json!({ "head": head, "lines": [{ "task": id(&task), "decision": "maybe" }] });
    let wrong = hiso.may.command(DRAFT, &[], empty.header("etag"), &wrong);
    assert_eq!(wrong.status, 422);
    assert_eq!(wrong.json()["errors"][0]["pointer"], "/lines/0/decision");
    let content = json!({ "head": head, "lines": [line] });
    let seen = hiso.change(DRAFT, &[], &empty, &content);
    assert_eq!(seen.json()["content"]["lines"][0]["decision"], "allow");
    let seen = by_table(hiso);
    let propose = json!({ "act": "propose" });
    let seen = hiso.change(ACTS, &[], &seen, &propose);
    let own = json!({ "act": "approve" });
    let own = hiso.may.command(ACTS, &[], seen.header("etag"), &own);
    assert_eq!(own.json()["code"], "plan.own-proposal");
    let back = json!({ "act": "send_back", "reason": "人数を確認すること" });
    let seen = ciso.change(ACTS, &[], &seen, &back);
    let seen = hiso.change(ACTS, &[], &seen, &propose);
    let approve = json!({ "act": "approve" });
    let early = ciso.may.command(ACTS, &[], seen.header("etag"), &approve);
    assert_eq!(early.json()["code"], "opinion.lacking", "{}", early.text());
    let proposed = seen.json();
    let plan = proposed["plan"].as_str().expect("a plan").to_owned();
    let opinion = json!({
        "state": proposed["revision"],
        "stance": "agree",
        "sentence": "規程と整合している",
    });
    body.command("/api/v1/opinions/{subject}", &[&plan], &opinion);
    let done = ciso.change(ACTS, &[], &seen, &approve);
    assert_eq!(done.json()["revision"], 0);
    let plan = hiso.read("/api/v1/plan", &[]);
    assert_eq!(
        (&plan["version"], &plan["in_force"]),
        (&json!(1), &json!(true))
    );
    let file = hiso.reading("/api/v1/plan/table?format=csv-utf8", &[]);
    assert!(file.text().contains("照会への回答"), "{}", file.text());
    cases(hiso);
    super::risks::walk(hiso, ciso, body, &id(&task));
}

/// The lines of a table take the place of those of the draft.
fn by_table(hiso: &mut Pair) -> Reply {
    let line = |task: &str| {
        format!("業務,可否,理由,最高の格付\r\n{task},認める,書面による回答であるため,C2I1A1\r\n")
    };
    let (table, faulty) = (line("照会への回答"), line("無い業務"));
    let path = "/api/v1/plan/draft/table";
    let done = tables::into_draft(hiso, (path, &[]), &table, (&faulty, "A2"));
    assert_eq!(
        done.json()["content"]["lines"][0]["reason"],
        "書面による回答であるため"
    );
    hiso.reading(DRAFT, &[])
}

fn cases(hiso: &mut Pair) {
    hiso.command("/api/v1/plan/evaluate", &[], &json!({}));
    let plan = hiso.read("/api/v1/plan", &[]);
    let unmeasured = plan["unmeasured"].as_array().expect("a list");
    let unseen = plan["unseen_use"]
        .as_array()
        .expect("who reads cases is told");
    assert_eq!(
        unseen.is_empty(),
        !unmeasured.contains(&json!("use")),
        "{plan}"
    );
    let all = hiso.read("/api/v1/cases?limit=200", &[]);
    // Nothing discovers services here, so that functions cannot be measured.
    let items = all["items"].as_array().expect("a list").clone();
    let found = items.iter().find(|it| it["trigger"] == "functions");
    let case = id(found.expect("a case"));
    let seen = hiso.reading("/api/v1/cases/{id}", &[&case]);
    assert_eq!(seen.json()["figures"][0]["measure"], "unmeasured");
    let found = json!({ "level": "low", "conclusion": "unchanged", "note": "台帳で確認した" });
    let done = hiso.change("/api/v1/cases/{id}/reassess", &[&case], &seen, &found);
    assert_eq!(done.json()["state"], "closed");
    let file = hiso.reading("/api/v1/cases/table?format=csv-utf8", &[]);
    assert!(file.text().contains(&case), "{}", file.text());
    assert!(file.text().contains("台帳で確認した"), "{}", file.text());
    assert_eq!(hiso.read("/api/v1/plan", &[])["version"], 2);
}
