//! Registers from and to table files, at the shell: as it is first tried, and as it goes wrong.

use std::path::PathBuf;

use sekisho_tests::{Cli, Sekisho};
use serde_json::Value;

/// A founded server, its shell, and a folder for files.
struct House {
    server: Sekisho,
    shell: Cli,
}

impl House {
    fn new() -> Self {
        let server = Sekisho::up();
        server.found();
        let shell = server.cli();
        Self { server, shell }
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, bytes).expect("a file of the test");
        path
    }

    fn path(&self, name: &str) -> PathBuf {
        self.server.data().join(name)
    }

    /// Imports and gives the report.
    fn import(&self, file: &std::path::Path, more: &[&str], code: i32) -> Value {
        let mut words = vec![
            "import",
            "issued_device",
            file.to_str().expect("a plain path"),
        ];
        words.extend(["--format", "json"]);
        words.extend(more);
        self.shell.run(words).with_code(code).json()
    }

    /// Exports to a new file and gives its bytes.
    fn export(&self, kind: &str, name: &str) -> Vec<u8> {
        let path = self.path(name);
        let output = path.to_str().expect("a plain path");
        let words = ["export", "issued_device", "--as", kind, "--output", output];
        self.shell
            .run(words.into_iter().chain(["--lang", "ja"]))
            .with_code(0);
        std::fs::read(path).expect("the exported file")
    }
}

const LEDGER: &str = "情報機器管理台帳,,,,,\r\n\
    管理番号,所管,種別,製造番号,取得年月日,のぞき見防止フィルターの貸与\r\n\
    Ａ－００１,試験省,ノート型,SN-1,令和8年4月1日,○\r\n\
    A-002,〃,〃,SN-2,R8.4.1,×\r\n\
    =A-003,試験省,タブレット,SN-3,2019/4/30,有\r\n";

fn counts(report: &Value) -> [u64; 4] {
    ["entered", "changed", "unchanged", "refused"]
        .map(|name| report[name].as_u64().expect("a number"))
}

#[test]
fn a_ledger_loads_comes_out_and_changes_nothing_when_it_comes_in_again() {
    let house = House::new();
    let file = house.file("daicho.csv", LEDGER.as_bytes());
    let dry = house.import(&file, &["--dry-run"], 0);
    assert_eq!(
        (counts(&dry), &dry["carried_out"]),
        ([3, 0, 0, 0], &false.into()),
        "{dry}"
    );
    let loaded = house.import(&file, &[], 0);
    assert_eq!(
        (counts(&loaded), &loaded["carried_out"]),
        ([3, 0, 0, 0], &true.into())
    );
    // The same file again finds everything as it is.
    assert_eq!(counts(&house.import(&file, &[], 0)), [0, 0, 3, 0]);
    for kind in ["xlsx", "csv", "csv-utf8", "csv-cp932"] {
        let first = house.export(kind, &format!("first-{kind}.csv"));
        let back = house.import(&house.path(&format!("first-{kind}.csv")), &[], 0);
        assert_eq!(counts(&back), [0, 0, 3, 0], "{kind}");
        assert_eq!(
            house.export(kind, &format!("second-{kind}.csv")),
            first,
            "{kind}"
        );
    }
    let text = String::from_utf8(house.export("csv-utf8", "plain.csv")).expect("UTF-8");
    assert!(text.contains("\"'=A-003\""), "{text}");
    assert!(text.contains("\"2026-04-01\""), "{text}");
    // Into a house that knows nothing it comes as it was, identifiers included.
    let other = House::new();
    let copy = other.file("copy.csv", text.as_bytes());
    assert_eq!(counts(&other.import(&copy, &[], 0)), [3, 0, 0, 0]);
    assert_eq!(other.export("csv-utf8", "again.csv"), text.as_bytes());
}

#[test]
fn one_row_at_fault_and_nothing_changes() {
    let house = House::new();
    let bad = LEDGER.replace("R8.4.1", "H31.5.1").replace("SN-3", "SN-1");
    let file = house.file("bad.csv", bad.as_bytes());
    let report = house.import(&file, &[], 1);
    let faults: Vec<String> = report["faults"]
        .as_array()
        .expect("faults")
        .iter()
        .map(|it| format!("{} {}", it["cell"], it["reason"]["code"]).replace('"', ""))
        .collect();
    assert_eq!(faults, ["E4 cell.no-such-day", "D5 cell.twice"]);
    assert_eq!(counts(&report), [1, 0, 0, 2]);
    assert_eq!(report["carried_out"], false);
    let none = String::from_utf8(house.export("csv-utf8", "none.csv")).expect("UTF-8");
    assert_eq!(none.lines().count(), 1, "{none}");
    let said = house.shell.run([
        "import",
        "issued_device",
        file.to_str().expect("plain"),
        "--lang",
        "ja",
    ]);
    let said = said.with_code(1).stdout;
    assert!(said.contains("E4: そのような日はありません"), "{said}");
}

#[test]
fn hostile_and_unreadable_files_are_named_for_what_they_are() {
    let house = House::new();
    for (name, bytes, code) in [
        ("empty.csv", &b""[..], "file.empty"),
        ("cut.xlsx", &b"PK\x03\x04 and no more"[..], "file.damaged"),
        (
            "old.xls",
            &b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"[..],
            "file.old-or-encrypted",
        ),
        ("utf16.csv", &b"\xFF\xFEa\0,\0b\0"[..], "file.utf-16"),
        ("bad.csv", &b"a,b\r\nc,\xFF\xFF"[..], "cell.undecodable"),
    ] {
        let file = house.file(name, bytes);
        let report = house.import(&file, &[], 1);
        assert_eq!(report["faults"][0]["reason"]["code"], code, "{name}");
    }
}

#[test]
fn a_mapping_is_saved_changed_and_used() {
    let house = House::new();
    let table = "番号票,部,形,値\r\nB-1,試験省,◇,x\r\n";
    let file = house.file("own.csv", table.as_bytes());
    // Nothing of it is known: the needed columns are asked for.
    let report = house.import(&file, &["--save-mapping", "honsho"], 1);
    assert_eq!(report["faults"][0]["reason"]["code"], "file.column-missing");
    let path = house.path("mappings/issued_device/honsho.json");
    let mapping = serde_json::json!({
        "columns": {"番号票": "asset", "部": "@unit", "形": "form"},
        "words": {"form": {"◇": "tablet"}},
    });
    std::fs::write(path, mapping.to_string()).expect("the mapping");
    let report = house.import(&file, &["--mapping", "honsho"], 0);
    assert_eq!(counts(&report), [1, 0, 0, 0], "{report}");
    let plain = String::from_utf8(house.export("csv-utf8", "own-out.csv")).expect("UTF-8");
    assert!(plain.contains("\"B-1\",\"タブレット\""), "{plain}");
    let words = [
        "import",
        "issued_device",
        "x.csv",
        "--mapping",
        "../../keys",
    ];
    let refused = house
        .shell
        .run(words.into_iter().chain(["--lang", "en"]))
        .with_code(2);
    assert!(
        refused.stderr.contains("cannot be the name of a mapping"),
        "{}",
        refused.stderr
    );
}

#[test]
fn what_the_shell_may_not_load_is_told_with_who_may() {
    let house = House::new();
    let file = house.file("list.csv", "名称\r\n図表作成\r\n".as_bytes());
    let file = file.to_str().expect("a plain path");
    for (lang, words) in [("en", "is for: "), ("ja", "ができるのは、")] {
        let refused = house
            .shell
            .run(["import", "software", file, "--lang", lang]);
        let said = refused.with_code(1).said_for_people().stderr;
        assert!(said.contains(words) && !said.contains('…'), "{said}");
    }
    let machine = ["import", "software", file, "--format", "json"];
    let refused = house.shell.run(machine).with_code(1);
    let said: Value = serde_json::from_str(&refused.stderr).expect("JSON");
    assert_eq!(said["error"]["params"]["action"], "keep-software", "{said}");
}

#[test]
fn appointments_and_people_are_not_the_shell_s_to_load() {
    let house = House::new();
    let file = house.file("list.csv", "氏名\r\n甲\r\n".as_bytes());
    let file = file.to_str().expect("a plain path");
    for (of, action) in [
        ("moves", "accept-moves"),
        ("person", "register-person"),
        ("post", "create-post"),
        ("unit", "found-unit"),
    ] {
        let words = ["import", of, file, "--on", "2099-04-01", "--format", "json"];
        let refused = house.shell.run(words).with_code(1);
        let said: Value = serde_json::from_str(&refused.stderr).expect("JSON");
        assert_eq!(said["error"]["params"]["action"], action, "{said}");
    }
    let words = ["import", "moves", file, "--on", "H31.5.1", "--lang", "ja"];
    let refused = house.shell.run(words).with_code(2).said_for_people();
    assert!(refused.stderr.contains("H31.5.1"), "{}", refused.stderr);
}

#[test]
fn the_sheet_that_is_named_is_read_and_kept_in_the_mapping() {
    let house = House::new();
    let file = house.file("daicho.csv", LEDGER.as_bytes());
    house.import(&file, &[], 0);
    house.export("xlsx", "book.xlsx");
    let book = house.path("book.xlsx");
    let named = ["--sheet", "支給端末", "--save-mapping", "sheet"];
    let report = house.import(&book, &named, 0);
    assert_eq!(
        (counts(&report), &report["sheet"]),
        ([0, 0, 3, 0], &"支給端末".into())
    );
    let again = house.import(&book, &["--mapping", "sheet"], 0);
    assert_eq!(again["mapping"]["sheet"], "支給端末", "{again}");
    let codes = house.import(&book, &["--sheet", "コード表"], 1);
    assert_eq!(
        codes["faults"][0]["reason"]["code"], "file.column-missing",
        "{codes}"
    );
    let none = house.import(&book, &["--sheet", "表紙"], 1);
    assert_eq!(
        none["faults"][0]["reason"]["code"], "file.no-such-sheet",
        "{none}"
    );
}
