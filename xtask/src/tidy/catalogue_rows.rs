//! The requirement catalogue: 149 rows, each whole.
//!
//! Rows stand in `catalog/requirements/*.toml` as arrays of tables:
//!
//! ```toml
//! [[row]]
//! id = "GOV-3-1-c"
//! force = "I"
//! owner = ["isso"]
//! text = { ja = "…", en = "…" }
//! source = { clause = "…", aliases = ["…"] }
//! evidence = "…"                # a text, a list, or { ja, en }
//! carried_by = ["CK-OS-CURRENT"] # checks, or `attestation = "…"`, or both
//! ```

use std::collections::BTreeMap;

use toml::{Table, Value};

use super::Finding;
use super::tree::{File, Tree};

const FOLDER: &str = "catalog/requirements";
const ROWS: usize = 149;
const FORCES: &[&str] = &["M", "N", "I", "E", "S", "G"];

/// Silent until the folder has a file; from then on every row counts.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut seen: BTreeMap<String, &File> = BTreeMap::new();
    let mut files = 0;
    for file in tree.below(FOLDER, "toml") {
        files += 1;
        match file.text.parse::<Table>() {
            Ok(table) => {
                for row in rows(&table) {
                    judge(file, row, &mut seen, &mut findings);
                }
            }
            Err(error) => findings.push(Finding::new(&file.path, 0, format!("{error}"))),
        }
    }
    if files > 0 && seen.len() != ROWS {
        findings.push(Finding::new(
            FOLDER,
            0,
            format!("{} rows, must be {ROWS}", seen.len()),
        ));
    }
    findings
}

fn rows(table: &Table) -> impl Iterator<Item = &Table> {
    table
        .values()
        .filter_map(Value::as_array)
        .flatten()
        .filter_map(Value::as_table)
}

fn judge<'a>(
    file: &'a File,
    row: &Table,
    seen: &mut BTreeMap<String, &'a File>,
    findings: &mut Vec<Finding>,
) {
    let id = row
        .get("id")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .trim()
        .to_owned();
    let line = file
        .text
        .lines()
        .position(|line| line.contains(&format!("\"{id}\"")));
    let line = line.map_or(0, |index| index + 1);
    let mut say = |text: String| findings.push(Finding::new(&file.path, line, text));
    if id.is_empty() {
        say("a row without id".to_owned());
        return;
    }
    let force = row.get("force").and_then(Value::as_str).unwrap_or_default();
    if !FORCES.contains(&force) {
        say(format!("{id}: force must be one of {}", FORCES.join(", ")));
    }
    for field in ["owner", "evidence"] {
        if !is_said(row.get(field)) {
            say(format!("{id}: no {field}"));
        }
    }
    for language in ["ja", "en"] {
        if !is_said(row.get("text").and_then(|it| it.get(language))) {
            say(format!("{id}: no text.{language}"));
        }
    }
    let source = row.get("source");
    if !is_said(source.and_then(|it| it.get("clause"))) {
        say(format!("{id}: no source.clause"));
    }
    // An empty list is an answer: the clause has no other number in any edition.
    if !source
        .and_then(|it| it.get("aliases"))
        .is_some_and(Value::is_array)
    {
        say(format!("{id}: no source.aliases"));
    }
    if !is_said(row.get("carried_by")) && !is_said(row.get("attestation")) {
        say(format!("{id}: carried by no check and no attestation"));
    }
    if let Some(first) = seen.insert(id.clone(), file) {
        say(format!("{id} stands already in {}", first.path.display()));
    }
}

/// A text, a list or a table in which every value says something.
fn is_said(value: Option<&Value>) -> bool {
    match value {
        Some(Value::String(text)) => !text.trim().is_empty(),
        Some(Value::Array(list)) => !list.is_empty() && list.iter().all(|it| is_said(Some(it))),
        Some(Value::Table(table)) => {
            !table.is_empty() && table.values().all(|it| is_said(Some(it)))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: usize) -> String {
        format!(
            "[[row]]\nid = \"R-{id}\"\nforce = \"I\"\nowner = [\"isso\"]\n\
             text = {{ ja = \"日\", en = \"e\" }}\nsource = {{ clause = \"3(1)\", aliases = [] }}\n\
             evidence = \"facts\"\ncarried_by = [\"CK-X\"]\n"
        )
    }

    fn found(text: &str) -> Vec<String> {
        let tree = Tree::of(&[("catalog/requirements/a.toml", text)]);
        check(&tree).into_iter().map(|it| it.text).collect()
    }

    #[test]
    fn all_rows_whole_is_well_and_no_folder_is_silent() {
        let all: String = (0..ROWS).map(row).collect();
        assert_eq!(found(&all), [""; 0]);
        assert_eq!(check(&Tree::default()), []);
    }

    #[test]
    fn a_row_too_few_or_too_many_is_found() {
        for count in [0, ROWS - 1, ROWS + 1] {
            let all: String = (0..count).map(row).collect();
            assert_eq!(found(&all).len(), 1, "{count}");
        }
    }

    #[test]
    fn every_missing_part_is_found() {
        let whole: String = (0..ROWS).map(row).collect();
        for (part, instead) in [
            ("force = \"I\"", "force = \"X\""),
            ("owner = [\"isso\"]", "owner = []"),
            ("ja = \"日\"", "ja = \" \""),
            ("en = \"e\"", "fr = \"e\""),
            ("clause = \"3(1)\"", "page = 3"),
            ("aliases = []", "alias = 1"),
            ("evidence = \"facts\"", "evidence = \"\""),
            ("carried_by = [\"CK-X\"]", "carried_by = []"),
            ("id = \"R-0\"", "id = \"R-1\""),
        ] {
            let broken = whole.replacen(part, instead, 1);
            assert!(!found(&broken).is_empty(), "{part}");
        }
    }
}
