//! An office's own ledger (台帳): a title, merged headings, era dates, full-width digits, ditto marks,
//! ○×△, notes below, as they are found.

use jiff::civil::date;
use rust_xlsxwriter::{Format, Workbook, Worksheet};
use sekisho_domain::field::{Field, FieldKind, Value, Values};
use sekisho_domain::mapping::Mapping;
use sekisho_tabular::encoding::Encoding;
use sekisho_tabular::layout::{Column, ID, UNIT, Word};
use sekisho_tabular::values::{self, IdsOnly, Lost, References};
use sekisho_tabular::{Cell, Layout, Limits, Sheet, Table, csv, open, xlsx};

const FORMS: &[&str] = &["notebook", "tablet"];
const LISTS: &[&str] = &["allow", "conditional", "deny"];

fn column(code: &'static str, kind: FieldKind, required: bool, label: &str) -> Column {
    let field = Field {
        code,
        kind,
        required,
        many: false,
    };
    let words = match kind {
        FieldKind::Flag => vec![("yes", "はい"), ("no", "いいえ")],
        FieldKind::Choice(codes) if codes == FORMS => {
            vec![("notebook", "ノート型"), ("tablet", "タブレット")]
        }
        FieldKind::Choice(_) => vec![
            ("allow", "許可"),
            ("conditional", "条件付き許可"),
            ("deny", "禁止"),
        ],
        _ => Vec::new(),
    };
    let words = words.into_iter().map(|(code, label)| Word {
        code: code.to_owned(),
        label: label.to_owned(),
        others: Vec::new(),
    });
    Column::of(&field, label.to_owned(), Vec::new(), words.collect())
}

fn layout() -> Layout {
    let mut asset = column("asset", FieldKind::Line, true, "資産番号");
    asset.others = vec!["管理番号".to_owned()];
    let mut tags = column("tags", FieldKind::Line, false, "用途");
    tags.many = true;
    Layout {
        name: "支給端末".to_owned(),
        columns: vec![
            column(ID, FieldKind::Reference("dev"), false, "識別子"),
            column(UNIT, FieldKind::Reference("unt"), true, "課室"),
            asset,
            column("form", FieldKind::Choice(FORMS), true, "種類"),
            column("listed", FieldKind::Choice(LISTS), false, "持ち出し"),
            column("filter", FieldKind::Flag, false, "フィルター"),
            column("acquired", FieldKind::Date, false, "取得日"),
            column("count", FieldKind::Number, false, "台数"),
            column("grade", FieldKind::Grade, false, "格付"),
            tags,
        ],
    }
}

/// Two units by name, one name twice.
struct Units;

impl References for Units {
    fn find(&self, prefix: &str, text: &str) -> Result<String, Lost> {
        match (prefix, text) {
            ("unt", "総務課") => Ok("unt_1".to_owned()),
            ("unt", "経理課") => Ok("unt_2".to_owned()),
            ("unt", "企画課") => Err(Lost::Several),
            _ => IdsOnly.find(prefix, text),
        }
    }

    fn name(&self, _prefix: &str, id: &str) -> String {
        match id {
            "unt_1" => "総務課",
            "unt_2" => "経理課",
            other => other,
        }
        .to_owned()
    }
}

/// The ledger of an office, as Excel saves it.
fn ledger() -> Vec<u8> {
    let mut workbook = Workbook::new();
    let cover = workbook.add_worksheet();
    cover.set_name("表紙").unwrap();
    cover.write(0, 0, "情報機器管理台帳").unwrap();
    let sheet = workbook.add_worksheet();
    sheet.set_name("台帳").unwrap();
    let plain = Format::new();
    sheet
        .merge_range(0, 0, 0, 7, "情報機器管理台帳（令和8年4月1日現在）", &plain)
        .unwrap();
    for (column, heading) in [
        (0, "管理番号\n（必須）"),
        (1, "課室"),
        (2, "種類"),
        (7, "格付"),
    ] {
        sheet
            .merge_range(2, column, 3, column, heading, &plain)
            .unwrap();
    }
    sheet.merge_range(2, 3, 2, 6, "貸与", &plain).unwrap();
    for (column, heading) in [
        (3, "取得日"),
        (4, "持ち出し"),
        (5, "フィルター"),
        (6, "台数"),
    ] {
        sheet.write(3, column, heading).unwrap();
    }
    let rows = [
        [
            "Ａ－００１",
            "総務課",
            "ノート型",
            "令和8年4月1日",
            "○",
            "有",
            "１２",
            "C2I2A1",
        ],
        [
            "A-002",
            "〃",
            "同上",
            "R8.4.1",
            "△",
            "×",
            "1,200",
            "機密性2 完全性2 可用性1",
        ],
        ["A-003", "経理課", "ﾀﾌﾞﾚｯﾄ", "H31.4.30", "×", "無", "3", ""],
    ];
    for (row, cells) in (4..).zip(rows) {
        for (column, text) in (0..).zip(cells) {
            sheet.write(row, column, text).unwrap();
        }
    }
    numbers_and_notes(sheet, &plain);
    workbook.save_to_buffer().unwrap()
}

fn numbers_and_notes(sheet: &mut Worksheet, plain: &Format) {
    let day = Format::new().set_num_format("yyyy/m/d");
    // Numbers and days that are numbers and days, and a unit merged over two rows.
    sheet.write(7, 0, 4).unwrap();
    sheet.merge_range(7, 1, 8, 1, "総務課", plain).unwrap();
    sheet.write(7, 2, "ノート型").unwrap();
    sheet.write_number_with_format(7, 3, 46113, &day).unwrap();
    sheet.write(8, 0, "A-005").unwrap();
    sheet.write(8, 2, "ノート型").unwrap();
    sheet.write(8, 3, 46113).unwrap();
    sheet
        .write(10, 0, "※ 持ち出しには課室長の許可が必要")
        .unwrap();
}

fn marks() -> Mapping {
    let book = open(&ledger(), &Limits::DEFAULT).unwrap();
    let table = Table::find(book, &layout(), None, &Limits::DEFAULT).unwrap();
    let mut mapping = table.guess(&layout());
    for (mark, code) in [("○", "allow"), ("△", "conditional"), ("×", "deny")] {
        mapping.set_word("listed", mark, code);
    }
    mapping
}

#[test]
fn the_headings_are_found_and_understood() {
    let book = open(&ledger(), &Limits::DEFAULT).unwrap();
    let table = Table::find(book, &layout(), None, &Limits::DEFAULT).unwrap();
    assert_eq!((table.sheet.as_str(), table.heading), ("台帳", 3));
    let texts: Vec<&str> = table.headings.iter().map(|it| it.text.as_str()).collect();
    assert_eq!(
        texts,
        [
            "管理番号 （必須）",
            "課室",
            "種類",
            "貸与\n取得日",
            "貸与\n持ち出し",
            "貸与\nフィルター",
            "貸与\n台数",
            "格付"
        ]
    );
    assert_eq!(table.rows.len(), 5);
    assert_eq!(marks().columns.len(), 8);
}

#[test]
fn the_ledger_loads_as_it_is() {
    let mapping = marks();
    assert!(mapping.is_bounded());
    let book = open(&ledger(), &Limits::DEFAULT).unwrap();
    let table = Table::find(book, &layout(), Some(&mapping), &Limits::DEFAULT).unwrap();
    let (rows, faults) = values::read(&table, &layout(), &mapping, &Units).unwrap();
    assert_eq!(faults, []);
    let text = |row: usize, field: &str| match rows[row].values.get(field) {
        Some(Value::Text(text)) => text.clone(),
        Some(other) => format!("{other:?}"),
        None => String::new(),
    };
    let column =
        |field: &str| -> Vec<String> { (0..rows.len()).map(|row| text(row, field)).collect() };
    assert_eq!(
        column("asset"),
        ["Ａ－００１", "A-002", "A-003", "4", "A-005"]
    );
    assert_eq!(column(UNIT), ["unt_1", "unt_1", "unt_2", "unt_1", "unt_1"]);
    assert_eq!(
        column("form"),
        ["notebook", "notebook", "tablet", "notebook", "notebook"]
    );
    assert_eq!(
        column("acquired"),
        [
            "2026-04-01",
            "2026-04-01",
            "2019-04-30",
            "2026-04-01",
            "2026-04-01"
        ]
    );
    assert_eq!(column("listed"), ["allow", "conditional", "deny", "", ""]);
    assert_eq!(
        column("filter"),
        ["Flag(true)", "Flag(false)", "Flag(false)", "", ""]
    );
    assert_eq!(
        column("count"),
        ["Number(12)", "Number(1200)", "Number(3)", "", ""]
    );
    assert_eq!(column("grade"), ["C2I2A1", "C2I2A1", "", "", ""]);
}

#[test]
fn every_cell_at_fault_is_named() {
    let heading = "資産番号,課室,種類,取得日,フィルター,台数,格付,持ち出し\r\n";
    for (line, expected) in [
        (",総務課,ノート型,,,,,", "A2: cell.missing"),
        ("A,財務課,ノート型,,,,,", "B2: cell.unknown-reference"),
        ("A,企画課,ノート型,,,,,", "B2: cell.ambiguous-reference"),
        ("A,総務課,大型,,,,,", "C2: cell.unknown-choice"),
        ("A,総務課,ノート型,H31.5.1,,,,", "D2: cell.no-such-day"),
        ("A,総務課,ノート型,R0.1.1,,,,", "D2: cell.no-such-day"),
        ("A,総務課,ノート型,45748,,,,", "D2: cell.not-a-date"),
        ("A,総務課,ノート型,,△,,,", "E2: cell.not-yes-or-no"),
        ("A,総務課,ノート型,,,-1,,", "F2: cell.not-a-number"),
        ("A,総務課,ノート型,,,99999999999,,", "F2: cell.not-a-number"),
        ("A,総務課,ノート型,,,,機密性2,", "G2: cell.not-a-grade"),
        ("A,総務課,ノート型,,,,,△", "H2: cell.unknown-choice"),
        ("A,〃,ノート型,,,,,", "B2: cell.ditto-without-above"),
    ] {
        let file = format!("{heading}{line}\r\n");
        let book = open(file.as_bytes(), &Limits::DEFAULT).unwrap();
        let table = Table::find(book, &layout(), None, &Limits::DEFAULT).unwrap();
        let mapping = table.guess(&layout());
        let (rows, faults) = values::read(&table, &layout(), &mapping, &Units).unwrap();
        let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
        assert_eq!(
            (rows.len(), faults),
            (0, vec![expected.to_owned()]),
            "{line}"
        );
    }
}

#[test]
fn a_column_that_must_be_there_is_asked_for() {
    let book = open(
        "資産番号,種類\r\nA,ノート型\r\n".as_bytes(),
        &Limits::DEFAULT,
    )
    .unwrap();
    let table = Table::find(book, &layout(), None, &Limits::DEFAULT).unwrap();
    let mapping = table.guess(&layout());
    let faults = values::read(&table, &layout(), &mapping, &Units).unwrap_err();
    assert_eq!(faults.len(), 1);
    assert_eq!(faults[0].code(), "file.column-missing");
}

#[test]
fn sheets_without_a_table_and_sheets_that_are_not_there_are_told_apart() {
    let find = |mapping: &Mapping| {
        let book = open(&ledger(), &Limits::DEFAULT).unwrap();
        Table::find(book, &layout(), Some(mapping), &Limits::DEFAULT)
            .map(|table| table.heading)
            .map_err(|fault| fault.code().to_owned())
    };
    let sheet = |name: &str, heading| Mapping {
        sheet: Some(name.to_owned()),
        heading,
        ..Mapping::default()
    };
    assert_eq!(find(&sheet("台帳", None)), Ok(3));
    assert_eq!(find(&sheet("台帳", Some(4))), Ok(3));
    assert_eq!(
        find(&sheet("台帳", Some(4000))),
        Err("file.no-table".to_owned())
    );
    assert_eq!(find(&sheet("表紙", None)), Err("file.no-table".to_owned()));
    assert_eq!(
        find(&sheet("目次", None)),
        Err("file.no-such-sheet".to_owned())
    );
}

fn entries() -> Vec<(String, Values)> {
    let text = |text: &str| Value::Text(text.to_owned());
    vec![
        (
            "dev_1".to_owned(),
            Values::from([
                (UNIT.to_owned(), text("unt_1")),
                ("asset".to_owned(), text("=危険")),
                ("form".to_owned(), text("notebook")),
                ("filter".to_owned(), Value::Flag(true)),
                ("acquired".to_owned(), text("2026-04-01")),
                ("count".to_owned(), Value::Number(0)),
                ("grade".to_owned(), text("C3I2A2")),
                (
                    "tags".to_owned(),
                    Value::Many(vec!["会議;打合せ".into(), "出張".into()]),
                ),
            ]),
        ),
        (
            "dev_2".to_owned(),
            Values::from([
                (UNIT.to_owned(), text("unt_9")),
                ("asset".to_owned(), text("〃")),
                ("form".to_owned(), text("tablet")),
                ("filter".to_owned(), Value::Flag(false)),
            ]),
        ),
    ]
}

fn back(bytes: &[u8]) -> Vec<(String, Values)> {
    let book = open(bytes, &Limits::DEFAULT).unwrap();
    let table = Table::find(book, &layout(), None, &Limits::DEFAULT).unwrap();
    let mapping = table.guess(&layout());
    let (rows, faults) = values::read(&table, &layout(), &mapping, &Units).unwrap();
    assert_eq!(faults, []);
    rows.into_iter()
        .map(|row| (row.id.unwrap(), row.values))
        .collect()
}

fn exported(entries: &[(String, Values)]) -> Sheet {
    let rows = entries.iter().map(|(id, values)| (id.as_str(), values));
    values::write(&layout(), rows, &Units)
}

#[test]
fn what_is_exported_imports_as_itself_and_exports_to_the_same_bytes() {
    let entries = entries();
    let sheet = exported(&entries);
    assert_eq!(sheet.rows[0][0], Cell::text("識別子"));
    assert_eq!(sheet.rows[1][6], Cell::Date(date(2026, 4, 1)));
    let codes = values::codes_sheet(&layout(), "コード表", ["項目", "コード", "値", "表示"]);
    let book = xlsx::write(&[sheet.clone(), codes.clone()]).unwrap();
    let read = back(&book);
    assert_eq!(read, entries);
    assert_eq!(xlsx::write(&[exported(&read), codes]).unwrap(), book);
    for encoding in [Encoding::Utf8, Encoding::Utf8Marked, Encoding::Cp932] {
        let file = csv::write(&sheet, encoding).unwrap();
        let read = back(&file);
        assert_eq!(read, entries, "{encoding:?}");
        assert_eq!(csv::write(&exported(&read), encoding).unwrap(), file);
    }
}
