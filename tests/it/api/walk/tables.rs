//! Units, posts, people and lists of moves by tables, and tables out.

use sekisho_tests::Reply;
use serde_json::{Value, json};

use super::{Pair, replays};
use crate::api::program::code;

const CHECK: &str = "/api/v1/registers/{register}/check";
const IMPORT: &str = "/api/v1/registers/{register}/import";
const EXPORT: &str = "/api/v1/registers/{register}/export";
const CSV: (&str, &str) = ("content-type", "text/csv");

/// What a table is of, a table, how many rows it has, one with a fault, and the cell of it.
type Case = (&'static str, &'static str, u64, &'static str, &'static str);

const CASES: [Case; 4] = [
    (
        "unit",
        "部署名,上位部署\r\n通信課,\r\n通信係,通信課\r\n",
        2,
        "部署名,上位部署\r\n電信係,無い課\r\n",
        "B2",
    ),
    (
        "post",
        "所属,官職名,役割\r\n通信課,通信課長,課室情報セキュリティ責任者\r\n通信課,通信主査,職員等\r\n",
        2,
        "所属,官職名,役割\r\n通信課,副長,無い役割\r\n",
        "C2",
    ),
    (
        "person",
        "氏名,メールアドレス,所属,官職\r\n\
         前島 密,hisoka@example.org,通信課,通信課長\r\n\
         榎本 武揚,,通信課,通信主査\r\n",
        2,
        "氏名,メールアドレス,所属,官職\r\n𠮷田 某,@,通信課,\r\n",
        "B2",
    ),
    (
        "moves",
        "異動区分,氏名,現官職,新官職,発令日\r\n退職,前島 密,,,2099-04-01\r\n",
        1,
        "異動区分,氏名,現官職,新官職,発令日\r\n退職,居ない 人,,,2099-04-01\r\n",
        "B2",
    ),
];

fn send(pair: &mut Pair, path: &str, of: &str, key: Option<&str>, table: &str) -> Reply {
    let mut headers = vec![CSV];
    headers.extend(key.map(|key| ("idempotency-key", key)));
    pair.may
        .ask("POST", (path, &[of]), &headers, table.as_bytes())
}

pub fn walk(pair: &mut Pair) {
    for (of, table, rows, faulty, cell) in CASES {
        let checked = send(pair, CHECK, of, None, table).with_status(200).json();
        let counts = (&checked["entered"], &checked["refused"]);
        assert_eq!(counts, (&json!(rows), &json!(0)), "{of}: {checked}");
        assert_eq!(checked["carried_out"], false, "{of}");
        let vacated = checked["vacated"].as_array().map(Vec::len);
        assert_eq!(vacated, Some(usize::from(of == "moves")), "{checked}");
        let refused = send(pair, IMPORT, of, Some(&format!("faulty-{of}")), faulty);
        let said = (refused.status, code(&refused));
        assert_eq!(said, (422, "api.cells".to_owned()), "{of}");
        assert_eq!(refused.json()["errors"][0]["cell"], cell, "{of}");
        let key = format!("table-{of}");
        let done = send(pair, IMPORT, of, Some(&key), table).with_status(200);
        assert_eq!(done.json()["carried_out"], true, "{of}");
        replays(&send(pair, IMPORT, of, Some(&key), table), &done);
    }
    out(pair);
}

/// Takes a table into a draft, after one token was not let and a faulty table was refused with its cell.
pub fn into_draft(
    pair: &mut Pair,
    at: (&str, &[&str]),
    table: &str,
    (faulty, cell): (&str, &str),
) -> Reply {
    let headers = |key| [CSV, ("idempotency-key", key)];
    let refused = pair
        .reads
        .ask("POST", at, &headers("draft"), table.as_bytes());
    let said = (refused.status, code(&refused));
    assert_eq!(said, (403, "authorise.out-of-scope".to_owned()));
    let keys = ["faulty", "table"].map(|it| format!("{it} {}", at.0).replace(' ', "-"));
    let refused = pair
        .may
        .ask("POST", at, &headers(&keys[0]), faulty.as_bytes());
    let said = (refused.status, code(&refused));
    assert_eq!(said, (422, "api.cells".to_owned()), "{}", refused.text());
    assert_eq!(refused.json()["errors"][0]["cell"], cell);
    let done = pair
        .may
        .ask("POST", at, &headers(&keys[1]), table.as_bytes())
        .with_status(200);
    let again = pair
        .may
        .ask("POST", at, &headers(&keys[1]), table.as_bytes());
    replays(&again, &done);
    done
}

fn export(pair: &mut Pair, of: &str, query: &str) -> Reply {
    pair.reads.get(&format!("{EXPORT}{query}"), &[of])
}

/// What comes out goes in again and changes nothing.
pub fn goes_round(pair: &mut Pair, tables: &[&str]) {
    for of in tables {
        let file = export(pair, of, "?format=csv-utf8").with_status(200);
        let kind = file.header("content-type").unwrap_or_default();
        assert!(kind.starts_with("text/csv; charset=utf-8"), "{kind}");
        let again = send(pair, CHECK, of, None, &file.text()).with_status(200);
        let again = again.json();
        let counts = [&again["entered"], &again["changed"], &again["refused"]];
        assert_eq!(counts.map(Value::as_u64), [Some(0); 3], "{of}: {again}");
    }
}

fn out(pair: &mut Pair) {
    goes_round(pair, &["unit", "post", "person"]);
    assert!(
        export(pair, "person", "?format=csv-utf8")
            .text()
            .contains("前島 密")
    );
    // The table of moves is for those who may load one.
    assert_eq!(export(pair, "moves", "").status, 403);
    let form = pair.may.get(EXPORT, &["moves"]);
    assert!(
        form.with_status(200).body.starts_with(b"PK"),
        "an XLSX file"
    );
    let unknown = export(pair, "unit", "?format=pdf");
    assert_eq!(
        (unknown.status, code(&unknown).as_str()),
        (400, "table.unknown-format")
    );
    let nothing = export(pair, "nothing", "");
    assert_eq!(nothing.status, 404, "{}", nothing.text());
}
