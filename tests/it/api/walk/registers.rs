//! The registers, by that of lines.

use serde_json::json;

use super::Pair;
use crate::api::program::id;

const LINES: &str = "/api/v1/registers/{register}";
const ENTRY: &str = "/api/v1/registers/{register}/{id}";

pub fn walk(pair: &mut Pair) {
    let line = json!({
        "fields": { "name": "庁内LAN", "kind": "internal", "encrypted": false },
        "remark": "開庁時から",
    });
    let entered = id(&pair.command(LINES, &["line"], &line));
    pair.read(&format!("{LINES}?state=all"), &["line"]);
    let ids = ["line", entered.as_str()];
    let mut seen = pair.reading(ENTRY, &ids);
    let line = json!({
        "fields": { "name": "庁内LAN", "kind": "internal", "encrypted": true },
    });
    seen = pair.change(&format!("{ENTRY}/change"), &ids, &seen, &line);
    for act in ["retire", "restore"] {
        let remark = json!({ "remark": "更新のため" });
        seen = pair.change(&format!("{ENTRY}/{act}"), &ids, &seen, &remark);
    }
    assert_eq!(seen.json()["state"], "active");
}
