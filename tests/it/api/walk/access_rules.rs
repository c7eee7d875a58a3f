//! The organisation's own rules of access: checked, tried, set and taken back by a program.

use serde_json::json;

use super::Pair;

const RULES: &str = "/api/v1/access-rules";
const TEXT: &str = "@id(\"own.closed\") @ja(\"利用できません。\") @en(\"Closed.\")\n\
    forbid (principal, action == Sekisho::Action::\"reach\", resource);\n";

pub fn walk(pair: &mut Pair) {
    let none = pair.reading(RULES, &[]);
    assert_eq!(none.json()["version"]["version"], 0);
    let checked = pair.command("/api/v1/access-rules/check", &[], &json!({ "text": TEXT }));
    assert_eq!(
        (&checked["sound"], &checked["rules"][0]["id"]),
        (&json!(true), &json!("own.closed"))
    );
    let tried = json!({ "text": TEXT, "days": 28 });
    let tried = pair.command("/api/v1/access-rules/what-if", &[], &tried);
    assert_eq!(tried["refused"]["answers"], 0);
    for (body, pointer) in [
        (json!({ "text": TEXT, "days": 93 }), "/days"),
        (json!({ "text": "forbid", "days": 1 }), "/text"),
    ] {
        let wrong = pair
            .may
            .command("/api/v1/access-rules/what-if", &[], None, &body);
        assert_eq!(wrong.status, 422);
        assert_eq!(wrong.json()["errors"][0]["pointer"], pointer);
    }
    let set = json!({ "text": TEXT, "note": "棚卸し" });
    let set = pair.change(RULES, &[], &none, &set);
    assert_eq!(set.json()["version"]["version"], 1);
    let wrong = json!({ "text": "forbid (principal, action);", "note": "誤り" });
    let wrong = pair.may.command(RULES, &[], set.header("etag"), &wrong);
    assert_eq!(wrong.status, 422);
    let over = pair.change(RULES, &[], &set, &json!({ "text": "", "note": "終了" }));
    assert_eq!(
        (&over.json()["version"]["version"], &over.json()["text"]),
        (&json!(2), &json!(""))
    );
    let history = pair.read("/api/v1/access-rules/versions", &[]);
    assert_eq!(history["items"][0]["note"], "終了");
    let first = pair.read("/api/v1/access-rules/versions/{version}", &["1"]);
    assert_eq!(first["text"], TEXT);
}
