//! Files that were made to hurt, and files that were hurt on their way.

use std::io::Write;

use flate2::Compression;
use flate2::write::DeflateEncoder;
use sekisho_tabular::{Cell, Limits, Sheet, open, xlsx};

/// A part of an archive: its name, what it says, and the size it claims.
struct Part<'a>(&'a str, Vec<u8>, Option<u32>);

/// An archive with compression, in which parts may claim another size than they have.
fn archive(parts: &[Part<'_>]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut listing = Vec::new();
    for Part(name, bytes, claimed) in parts {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        let packed = encoder.finish().unwrap();
        let mut sum = flate2::Crc::new();
        sum.update(bytes);
        let size = claimed.unwrap_or(bytes.len() as u32);
        let mut common = vec![20, 0, 0, 0, 8, 0, 0, 0, 0x21, 0];
        common.extend(sum.sum().to_le_bytes());
        common.extend((packed.len() as u32).to_le_bytes());
        common.extend(size.to_le_bytes());
        common.extend((name.len() as u16).to_le_bytes());
        common.extend([0, 0]);
        let offset = out.len() as u32;
        out.extend(b"PK\x03\x04");
        out.extend(&common);
        out.extend(name.as_bytes());
        out.extend(packed);
        listing.extend(b"PK\x01\x02\x14\x00");
        listing.extend(&common);
        listing.extend([0; 10]);
        listing.extend(offset.to_le_bytes());
        listing.extend(name.as_bytes());
    }
    let start = out.len() as u32;
    let length = listing.len() as u32;
    out.extend(listing);
    out.extend(b"PK\x05\x06\0\0\0\0");
    let count = parts.len() as u16;
    out.extend(count.to_le_bytes());
    out.extend(count.to_le_bytes());
    out.extend(length.to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0, 0]);
    out
}

const TYPES: &str =
    r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>"#;
const ROOT: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const BOOK: &str = r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="台帳" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
const RELATIONS: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;

fn workbook(sheet: Vec<u8>, claimed: Option<u32>, more: Option<(&str, &str)>) -> Vec<u8> {
    let mut parts = vec![
        Part("[Content_Types].xml", TYPES.into(), None),
        Part("_rels/.rels", ROOT.into(), None),
        Part("xl/workbook.xml", BOOK.into(), None),
        Part("xl/_rels/workbook.xml.rels", RELATIONS.into(), None),
        Part("xl/worksheets/sheet1.xml", sheet, claimed),
    ];
    if let Some((name, text)) = more {
        parts.push(Part(name, text.into(), None));
    }
    archive(&parts)
}

fn sheet(rows: &str) -> Vec<u8> {
    format!(r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>"#).into_bytes()
}

fn outcome(bytes: &[u8]) -> String {
    match open(bytes, &Limits::DEFAULT) {
        Ok(book) => format!("{} rows", book.sheets[0].rows.len()),
        Err(fault) => fault.to_string(),
    }
}

#[test]
fn a_plain_workbook_of_this_harness_is_read() {
    let plain = workbook(
        sheet(r#"<row r="1"><c r="A1" t="inlineStr"><is><t>名称</t></is></c></row>"#),
        None,
        None,
    );
    assert_eq!(outcome(&plain), "1 rows");
}

#[test]
fn bombs_are_refused_by_their_word_and_in_truth() {
    // 300 MiB of nothing packs into 300 KiB.
    let bomb = workbook(vec![b' '; 300 * 1024 * 1024], None, None);
    assert!(bomb.len() < 1024 * 1024);
    assert_eq!(outcome(&bomb), "file.too-large-unpacked");
    let liar = workbook(vec![b' '; 300 * 1024 * 1024], Some(1000), None);
    assert_eq!(outcome(&liar), "file.damaged");
    // A second archive inside is nothing that is looked into.
    let nested = workbook(sheet(""), None, Some(("xl/embeddings/a.xml", "PK")));
    assert_eq!(outcome(&nested), "0 rows");
}

#[test]
fn entities_and_promised_strings_are_refused() {
    let entity = r#"<!DOCTYPE a [<!ENTITY b "b"><!ENTITY c "&b;&b;&b;">]><worksheet/>"#;
    assert_eq!(
        outcome(&workbook(entity.into(), None, None)),
        "file.xml-entities"
    );
    let strings = r#"<sst uniqueCount="99999999999999"><si><t>a</t></si></sst>"#;
    let promised = workbook(sheet(""), None, Some(("xl/sharedStrings.xml", strings)));
    assert_eq!(outcome(&promised), "file.damaged");
    let unknown = sheet(r#"<row><c t="inlineStr"><is><t>&nobody;</t></is></c></row>"#);
    assert_eq!(outcome(&workbook(unknown, None, None)), "file.damaged");
}

#[test]
fn sheets_that_are_too_large_name_the_cell_and_take_no_room() {
    let corner = |place: &str| {
        sheet(&format!(
            r#"<row><c r="A1"><v>1</v></c></row><row><c r="{place}"><v>1</v></c></row>"#
        ))
    };
    for (place, expected) in [
        ("NTP1", "NTP1: file.too-many-columns"),
        ("XFD1048576", "XFD1048576: file.too-many-rows"),
        ("A1048576", "A1048576: file.too-many-rows"),
        ("C3", "3 rows"),
    ] {
        assert_eq!(outcome(&workbook(corner(place), None, None)), expected);
    }
    let wide: String = (0..10_000).map(|n| format!("<c><v>{n}</v></c>")).collect();
    let wide = workbook(sheet(&format!("<row>{wide}</row>")), None, None);
    assert_eq!(outcome(&wide), "GS1: file.too-many-columns");
    // Cells with nothing but a style do not make a sheet large.
    let styled = sheet(
        r#"<row><c r="A1"><v>1</v></c><c r="XFD1" s="1"/></row><row r="1048576"><c r="A1048576" s="1"/></row>"#,
    );
    assert_eq!(outcome(&workbook(styled, None, None)), "1 rows");
    let far: String = (1..=100_000)
        .map(|row| format!(r#"<row r="{row}"><c r="GR{row}"><v>1</v></c></row>"#))
        .collect();
    assert!(outcome(&workbook(sheet(&far), None, None)).ends_with("file.too-many-cells"));
}

#[test]
fn other_files_are_told_for_what_they_are() {
    assert_eq!(outcome(b""), "file.empty");
    assert_eq!(
        outcome(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"),
        "file.old-or-encrypted"
    );
    assert_eq!(outcome(b"PK\x03\x04 and no more"), "file.damaged");
    let document = archive(&[Part("word/document.xml", b"<a/>".to_vec(), None)]);
    assert_eq!(outcome(&document), "file.not-xlsx");
    assert_eq!(outcome(b"%PDF-1.7\0"), "file.binary");
}

/// Every cut, and many changed bytes: an answer, never a panic, never a row too many.
#[test]
fn damaged_workbooks_are_answered() {
    let mut table = Sheet::new("台帳");
    table.rows = (0..20)
        .map(|n| vec![Cell::Number(f64::from(n)), Cell::text(format!("端末{n}"))])
        .collect();
    let whole = xlsx::write(&[table]).unwrap();
    assert_eq!(outcome(&whole), "20 rows");
    // Shorter than its first mark, it is text like any other.
    for length in 4..whole.len() {
        let found = outcome(&whole[..length]);
        assert!(!found.ends_with("rows"), "cut at {length}: {found}");
    }
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        changed[at] = changed[at].wrapping_add(1 + (at % 254) as u8);
        let _ = open(&changed, &Limits::DEFAULT);
    }
}

/// Changed letters inside the parts, where no checksum of the archive stands in the way.
#[test]
fn damaged_parts_are_answered() {
    let rows: String = (1..6)
        .map(|row| {
            format!(
                r#"<row r="{row}"><c r="A{row}" s="1" t="s"><v>0</v></c><c r="B{row}"><v>46113</v></c><c r="C{row}" t="str"><f>1+1</f><v>2</v></c></row>"#
            )
        })
        .collect();
    let good = sheet(&rows);
    let strings = r#"<sst count="1" uniqueCount="1"><si><t>a</t></si></sst>"#;
    for at in 0..good.len() {
        for put in [b'0', b'9', b'<', b'"', b'Z', b'&', b'-'] {
            let mut changed = good.clone();
            changed[at] = put;
            let bytes = workbook(changed, None, Some(("xl/sharedStrings.xml", strings)));
            let _ = open(&bytes, &Limits::DEFAULT);
        }
    }
}
