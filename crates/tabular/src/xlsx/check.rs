//! What the parts of an XLSX file must be like before a reader of spreadsheets sees them.

use crate::archive::Part;
use crate::fault::Fault;

/// Parts that say nothing about cells: pictures, caches, links to other files, macros.
const LEFT_OUT: &[&str] = &[
    "xl/drawings/",
    "xl/media/",
    "xl/embeddings/",
    "xl/charts/",
    "xl/externallinks/",
    "xl/pivotcache/",
    "xl/pivottables/",
    "xl/printersettings/",
    "xl/theme/",
    "xl/tables/",
    "xl/comments",
    "xl/threadedcomments/",
    "xl/persons/",
    "customxml/",
    "docprops/",
];

/// Whether a part is needed to read cells.
pub(super) fn is_wanted(name: &str) -> bool {
    let name = name.trim_start_matches('/').to_ascii_lowercase();
    let is_text = name.ends_with(".xml") || name.ends_with(".rels");
    is_text && !LEFT_OUT.iter().any(|area| name.starts_with(area))
}

/// Refuses what a part has no need of and a reader could be hurt by: declared entities, other
/// encodings than UTF-8, a number of shared strings that the part cannot hold (room for so many is
/// made before they are read).
///
/// # Errors
/// `file.xml-entities`, `file.damaged`.
pub(super) fn check(part: &Part) -> Result<(), Fault> {
    let damaged = || Fault::file("file.damaged").with("part", part.name.as_str());
    let text = std::str::from_utf8(&part.bytes).map_err(|_| damaged())?;
    if text.contains("<!DOCTYPE") || text.contains("<!ENTITY") {
        return Err(Fault::file("file.xml-entities").with("part", part.name.as_str()));
    }
    let text = text.trim_start_matches('\u{FEFF}');
    if let Some(declaration) = text
        .strip_prefix("<?xml")
        .and_then(|it| it.split_once("?>"))
    {
        let declared = declaration.0.to_ascii_lowercase();
        let other = declared.contains("encoding")
            && !declared.contains("utf-8")
            && !declared.contains("utf8");
        if other {
            return Err(damaged());
        }
    }
    for (at, word) in text.match_indices("uniqueCount") {
        let value = text[at + word.len()..].trim_start();
        let Some(value) = value.strip_prefix('=') else {
            continue;
        };
        let digits = value.trim_start().trim_start_matches(['"', '\'', '+']);
        let end = digits.find(|c: char| !c.is_ascii_digit());
        let count = &digits[..end.unwrap_or(digits.len())];
        // The shortest shared string is `<si/>`.
        let held = count.is_empty() || count.parse::<usize>().is_ok_and(|n| n <= text.len() / 5);
        if !held {
            return Err(damaged());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Option<String> {
        let part = Part {
            name: "xl/sharedStrings.xml".to_owned(),
            bytes: text.as_bytes().to_vec(),
        };
        check(&part).err().map(|fault| fault.code().to_owned())
    }

    #[test]
    fn what_could_hurt_a_reader_is_refused() {
        for (text, expected) in [
            (
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?><sst uniqueCount=\"1\"><si/></sst>",
                None,
            ),
            ("<sst/>", None),
            (
                "<!DOCTYPE a [<!ENTITY b \"c\">]><sst/>",
                Some("file.xml-entities"),
            ),
            (
                "<?xml version='1.0' encoding='UTF-16'?><sst/>",
                Some("file.damaged"),
            ),
            (
                "<sst uniqueCount=\"99999999999\"><si/></sst>",
                Some("file.damaged"),
            ),
            (
                "<sst uniqueCount = '999999999999999999999999'/>",
                Some("file.damaged"),
            ),
        ] {
            assert_eq!(code(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn only_what_bears_on_cells_is_unpacked() {
        for name in [
            "xl/workbook.xml",
            "_rels/.rels",
            "xl/worksheets/sheet1.xml",
            "[Content_Types].xml",
        ] {
            assert!(is_wanted(name), "{name}");
        }
        for name in [
            "xl/media/a.png",
            "xl/vbaProject.bin",
            "docProps/core.xml",
            "XL/Drawings/a.xml",
        ] {
            assert!(!is_wanted(name), "{name}");
        }
    }
}
