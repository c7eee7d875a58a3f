//! Arbitrary tables come back as they were, and the same table gives the same bytes.

use proptest::prelude::*;
use sekisho_tabular::encoding::{Encoding, as_cp932};
use sekisho_tabular::{Cell, Limits, Sheet, csv, xlsx};

fn text() -> impl Strategy<Value = String> {
    let awkward = prop::sample::select(vec![
        "=1+1",
        "'=1",
        "''=1",
        "-1",
        "＝１",
        "@x",
        "\"",
        "\"\"",
        ",",
        "a,b",
        "a\nb",
        "a\r\nb",
        " a ",
        "_x000D_",
        "_x005F_",
        "<&>'\"",
        "〜",
        "−",
        "①㈱髙",
        "𠮷",
        "\t",
        "'",
        "1",
        "0012",
        "2026-04-01",
        "TRUE",
        "　全角　",
    ]);
    prop_oneof![
        awkward.prop_map(str::to_owned),
        "\\PC{0,12}",
        "[あ-んア-ン一-十a-z0-9=+@'\", ]{0,8}",
    ]
}

fn texts() -> impl Strategy<Value = Sheet> {
    (1_usize..6).prop_flat_map(|columns| {
        prop::collection::vec(prop::collection::vec(text(), columns), 1..8).prop_map(|rows| {
            let mut sheet = Sheet::new("一覧");
            sheet.rows = rows
                .into_iter()
                .map(|row| row.into_iter().map(Cell::text).collect())
                .collect();
            sheet
        })
    })
}

fn day() -> impl Strategy<Value = jiff::civil::Date> {
    (1901_i16..2200, 1_i8..13, 1_i8..29).prop_map(|(y, m, d)| jiff::civil::date(y, m, d))
}

fn cells() -> impl Strategy<Value = Sheet> {
    let cell = prop_oneof![
        text().prop_map(Cell::text),
        any::<u32>().prop_map(|n| Cell::Number(f64::from(n))),
        any::<bool>().prop_map(Cell::Flag),
        day().prop_map(Cell::Date),
        Just(Cell::Empty),
    ];
    prop::collection::vec(prop::collection::vec(cell, 1..6), 1..8).prop_map(|rows| {
        let mut sheet = Sheet::new("一覧");
        sheet.rows = rows;
        sheet
    })
}

/// Cells at the end of a row and rows at the end that hold nothing are not told apart from none.
fn trimmed(mut sheet: Sheet) -> Vec<Vec<Cell>> {
    for row in &mut sheet.rows {
        while row.last() == Some(&Cell::Empty) {
            row.pop();
        }
    }
    while sheet.rows.last().is_some_and(Vec::is_empty) {
        sheet.rows.pop();
    }
    sheet.rows
}

proptest! {
    #[test]
    fn csv_in_utf8_comes_back(sheet in texts(), marked: bool) {
        let encoding = if marked { Encoding::Utf8Marked } else { Encoding::Utf8 };
        let bytes = csv::write(&sheet, encoding).unwrap();
        let (back, found) = csv::read(&bytes, &Limits::DEFAULT).unwrap();
        prop_assert_eq!(found, encoding);
        prop_assert_eq!(&back.rows, &sheet.rows);
        prop_assert_eq!(csv::write(&back, encoding).unwrap(), bytes);
    }

    #[test]
    fn csv_in_cp932_comes_back_after_the_stated_normalisation_or_names_every_cell(sheet in texts()) {
        match csv::write(&sheet, Encoding::Cp932) {
            Ok(bytes) => {
                let (back, found) = csv::read(&bytes, &Limits::DEFAULT).unwrap();
                prop_assume!(found == Encoding::Cp932 || bytes.is_ascii());
                for (row, before) in back.rows.iter().zip(&sheet.rows) {
                    for (cell, before) in row.iter().zip(before) {
                        let shown = before.shown();
                        prop_assert_eq!(cell.shown(), as_cp932(&shown).into_owned());
                    }
                }
                prop_assert_eq!(csv::write(&back, Encoding::Cp932).unwrap(), bytes);
            }
            Err(faults) => {
                // Each named cell alone is refused too, and every other one is taken.
                for (row, cells) in (0..).zip(&sheet.rows) {
                    for (column, cell) in (0..).zip(cells) {
                        let mut alone = Sheet::new("");
                        alone.rows = vec![vec![cell.clone()]];
                        let place = sekisho_tabular::Place::at(row, column);
                        let named = faults.iter().any(|fault| fault.place == Some(place));
                        prop_assert_eq!(csv::write(&alone, Encoding::Cp932).is_err(), named);
                    }
                }
            }
        }
    }

    #[test]
    fn xlsx_comes_back(sheet in cells()) {
        let bytes = xlsx::write(std::slice::from_ref(&sheet)).unwrap();
        let book = xlsx::read(&bytes, &Limits::DEFAULT).unwrap();
        prop_assert_eq!(&book.sheets[0].name, "一覧");
        prop_assert_eq!(trimmed(book.sheets[0].clone()), trimmed(sheet.clone()));
        prop_assert_eq!(xlsx::write(&[sheet]).unwrap(), bytes);
    }
}

#[test]
fn two_writings_are_the_same_bytes_whatever_the_clock_says() {
    let mut sheet = Sheet::new("端末");
    sheet.rows = vec![vec![Cell::text("名称")], vec![Cell::text("=危険")]];
    let first = xlsx::write(std::slice::from_ref(&sheet)).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(1100));
    assert_eq!(xlsx::write(&[sheet]).unwrap(), first);
}
