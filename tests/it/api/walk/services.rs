//! Services in use: taken in by the shell, read, and said not to be the organisation's.

use std::time::{SystemTime, UNIX_EPOCH};

use sekisho_tests::Sekisho;
use serde_json::json;

use super::Pair;

const ALL: &str = "/api/v1/services-in-use";
const ONE: &str = "/api/v1/services-in-use/{id}";

pub fn walk(server: &Sekisho, pair: &mut Pair) {
    let none = pair.read(ALL, &[]);
    assert_eq!(none["items"], json!([]));
    let log = SystemTime::now().duration_since(UNIX_EPOCH);
    let log = log.expect("a time after 1970").as_secs();
    let log = format!("[{log}] unbound[9:0] info: 192.0.2.7 us02web.zoom.us. A IN\n");
    let words = [
        "discover",
        "--into-server",
        "--source",
        "dns",
        "--form",
        "unbound",
        "-",
    ];
    let done = server.cli().run_with_input(words, log.as_bytes());
    done.with_code(0);
    let open = pair.read(&format!("{ALL}?state=open"), &[]);
    assert_eq!(open["items"][0]["service"], "zoom", "{open}");
    let seen = pair.reading(ONE, &["zoom"]);
    assert_eq!(seen.json()["lack"], "unregistered");
    let word = json!({ "why": "guest_network", "note": "来訪者用の回線" });
    let said = pair.change(&format!("{ONE}/not-ours"), &["zoom"], &seen, &word);
    let said = said.json();
    assert_eq!(
        (&said["state"], &said["why"]),
        (&json!("not_ours"), &json!("guest_network"))
    );
    let unknown = pair.reads.get(ONE, &["nothing"]);
    assert_eq!(unknown.status, 404);
}
