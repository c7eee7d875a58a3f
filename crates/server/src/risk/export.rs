//! Assessments as a table file, with the five levels of SP 800-30 beside our own.

use sekisho_messages::{Lang, t, text};
use sekisho_rules::risk::FiveLevels;
use sekisho_tabular::sheet::Sheet;
use sekisho_tabular::{Cell, Fault, csv, xlsx};

use crate::tables::FileFormat;

/// One assessment, in words.
#[derive(Clone, Debug)]
pub struct RiskLine {
    /// Its id.
    pub id: String,
    /// What was assessed.
    pub subject: String,
    /// The grade.
    pub grade: String,
    /// Where.
    pub places: String,
    /// Importance, highest likelihood and risk.
    pub numbers: [u8; 3],
    /// The level.
    pub level: String,
    /// Likelihood, impact and risk in five levels.
    pub five: (FiveLevels, FiveLevels, FiveLevels),
    /// The gravest scenario.
    pub gravest: String,
    /// What is done about it.
    pub treatments: String,
    /// In one sentence.
    pub reason: String,
    /// Who wrote it and who approved it.
    pub people: [String; 2],
    /// When its inputs were frozen and when it was approved, as days in ISO form.
    pub days: [String; 2],
    /// Whether another took its place.
    pub superseded: bool,
    /// The hash of its frozen inputs.
    pub digest: String,
}

/// The columns, by the keys of their headings.
const COLUMNS: [&str; 19] = [
    "id",
    "subject",
    "grade",
    "places",
    "importance",
    "likelihood",
    "risk",
    "level",
    "five-likelihood",
    "five-impact",
    "five-risk",
    "gravest",
    "treatments",
    "reason",
    "author",
    "approver",
    "frozen",
    "approved",
    "digest",
];

fn cells(lang: Lang, it: &RiskLine) -> Vec<Cell> {
    let five =
        |level: FiveLevels| Cell::text(text(lang, format!("risk.five.{}", level.code()), &[]));
    let number = |place: usize| Cell::Number(f64::from(it.numbers[place]));
    let mut level = it.level.clone();
    if it.superseded {
        level = format!("{level} ({})", t!(lang, "risk.superseded"));
    }
    vec![
        Cell::text(&*it.id),
        Cell::text(&*it.subject),
        Cell::text(&*it.grade),
        Cell::text(&*it.places),
        number(0),
        number(1),
        number(2),
        Cell::text(level),
        five(it.five.0),
        five(it.five.1),
        five(it.five.2),
        Cell::text(&*it.gravest),
        Cell::text(&*it.treatments),
        Cell::text(&*it.reason),
        Cell::text(&*it.people[0]),
        Cell::text(&*it.people[1]),
        Cell::text(&*it.days[0]),
        Cell::text(&*it.days[1]),
        Cell::text(&*it.digest),
    ]
}

/// Writes assessments as a file.
///
/// # Errors
/// Cells that the format cannot hold.
pub fn export(lang: Lang, lines: &[RiskLine], format: FileFormat) -> Result<Vec<u8>, Vec<Fault>> {
    let mut sheet = Sheet::new(&t!(lang, "risk.title"));
    let heading = |key: &&str| Cell::text(text(lang, format!("risk.column.{key}"), &[]));
    sheet.rows.push(COLUMNS.iter().map(heading).collect());
    sheet.rows.extend(lines.iter().map(|it| cells(lang, it)));
    match format {
        FileFormat::Xlsx => xlsx::write(&[sheet]),
        FileFormat::Csv(encoding) => csv::write(&sheet, encoding),
    }
}
