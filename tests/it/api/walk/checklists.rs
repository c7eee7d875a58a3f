//! A checklist: an item entered into its register, answered, and saved with its answer.

use serde_json::json;

use super::Pair;
use crate::api::program::{code, id};

const ANSWER: &str = "/api/v1/checklists/items/{id}/answer";

pub fn walk(pair: &mut Pair) {
    let item = json!({ "fields": {
        "list": "JNSA 2020",
        "edition": "2020-05-19",
        "chapter": "joining",
        "number": "2-1",
        "text": "手元の写しの項目",
    } });
    let item = id(&pair.command("/api/v1/registers/{register}", &["checklist_item"], &item));
    let all = pair.read("/api/v1/checklists/items?limit=10", &[]);
    assert_eq!(all["items"][0]["standing"], "unanswered");
    assert_eq!(all["items"][0]["newest"], json!(null));
    let unshown = json!({ "answer": "yes", "evidence": [], "version": 1 });
    let unshown = pair.may.command(ANSWER, &[&item], None, &unshown);
    assert_eq!(
        (unshown.status, code(&unshown).as_str()),
        (409, "checklist.no-evidence")
    );
    // A check that nobody knows shows nothing.
    let invented = json!({ "answer": "yes", "evidence": ["CK-NO-SUCH"], "version": 1 });
    let invented = pair.may.command(ANSWER, &[&item], None, &invented);
    assert_eq!(
        (invented.status, code(&invented).as_str()),
        (409, "checklist.unknown-link")
    );
    let answer = json!({ "answer": "partly", "note": "一部の端末", "evidence": ["GOV-3-1-a", "#1"], "version": 1 });
    let answered = pair.command(ANSWER, &[&item], &answer);
    assert_eq!(answered["standing"], "partly");
    assert_eq!(answered["newest"]["evidence"], json!(["GOV-3-1-a", "#1"]));
    let file = pair.reading("/api/v1/checklists/answers?format=csv-utf8", &[]);
    assert!(file.text().contains("GOV-3-1-a"), "{}", file.text());
}
