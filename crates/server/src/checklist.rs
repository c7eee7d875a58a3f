//! Answers to checklists as a table file.

use sekisho_domain::checklist::EvidenceLink;
use sekisho_domain::command::Refusal;
use sekisho_domain::field::{Field, FieldKind, Noun as _};
use sekisho_domain::name::Line;
use sekisho_domain::register::checklist_item::Chapter;
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;
use sekisho_messages::{Lang, t, text};
use sekisho_rules::catalogue::Catalogue;
use sekisho_tabular::layout::{Column, Word};
use sekisho_tabular::values::write;
use sekisho_tabular::{Fault, Layout, csv, values, xlsx};

use crate::app::App;
use crate::tables::{FileFormat, Names};

sekisho_domain::choice! {
    /// Where an item stands: how it was answered, or why that answer does not count.
    pub enum Stands {
        /// It is done.
        Yes = "yes",
        /// A part of it is.
        Partly = "partly",
        /// It is not done.
        No = "no",
        /// It does not concern the organisation.
        NotApplicable = "not_applicable",
        /// It was never answered.
        Unanswered = "unanswered",
        /// The answer is older than a year.
        Stale = "stale",
        /// The item was changed after the answer.
        Reworded = "reworded",
        /// Nothing shows the answer.
        Unshown = "unshown",
    }
}

sekisho_domain::noun! {
    /// An item with its answer, as a row.
    pub struct AnswerRow {
        /// The list.
        pub list: Line,
        /// The chapter.
        pub chapter: Chapter,
        /// The number.
        pub number: Line,
        /// What it asks.
        pub text: Line,
        /// Where it stands.
        pub standing: Option<Stands>,
        /// The day on which it was answered, as `2026-11-23`.
        pub answered: Option<Line>,
        /// In one sentence.
        pub note: Option<Line>,
        /// What shows it.
        pub evidence: Vec<EvidenceLink>,
    }
}

/// Refuses links to rows and checks that the catalogue does not have: a command knows them by their form alone.
///
/// # Errors
/// `checklist.unknown-link` names the first.
pub fn known_links(catalogue: &Catalogue, links: &[EvidenceLink]) -> Result<(), Refusal> {
    let unknown = links.iter().find(|link| match link {
        EvidenceLink::Row(row) => catalogue.row(row).is_none(),
        EvidenceLink::Check(code) => !catalogue.knows_check(code),
        EvidenceLink::Entry(_) | EvidenceLink::Record(_) => false,
    });
    let Some(unknown) = unknown else {
        return Ok(());
    };
    let mut refusal = Refusal::new("checklist.unknown-link").at("evidence");
    refusal.reason = refusal.reason.with("link", unknown.to_string());
    Err(refusal)
}

/// The items in use with their answers, in the order of lists, chapters and numbers.
#[must_use]
pub fn rows(world: &World, now: Timestamp) -> Vec<AnswerRow> {
    let mut rows: Vec<AnswerRow> = world
        .checklist_items(now)
        .map(|(id, _, item, standing)| {
            let newest = world.checklist.newest(id);
            let answered = newest.map(|given| &given.answered);
            AnswerRow {
                list: item.list.clone(),
                chapter: item.chapter,
                number: item.number.clone(),
                text: item.text.clone(),
                standing: Stands::from_code(standing.code()),
                answered: newest
                    .and_then(|given| Line::parse(&given.at.jst_date().to_string()).ok()),
                note: answered.and_then(|it| it.note.clone()),
                evidence: answered.map(|it| it.evidence.clone()).unwrap_or_default(),
            }
        })
        .collect();
    rows.sort_by_cached_key(|it| (it.list.clone(), it.chapter, by_number(it.number.as_str())));
    rows
}

/// Numbers in the order of people: 2 before 10, 1-2 before 1-10.
#[must_use]
pub fn by_number(number: &str) -> Vec<(u64, String)> {
    let part = |part: &str| (part.parse().unwrap_or(u64::MAX), part.to_owned());
    number
        .split(|it: char| !it.is_alphanumeric())
        .map(part)
        .collect()
}

const fn other(lang: Lang) -> Lang {
    match lang {
        Lang::Ja => Lang::En,
        Lang::En => Lang::Ja,
    }
}

/// The key of a column's heading, and of the words of its choices.
fn key(code: &str) -> String {
    match code {
        "standing" | "answered" | "note" | "evidence" => format!("checklist.{code}"),
        of_item => format!("register.checklist_item.{of_item}"),
    }
}

fn column(field: &Field, lang: Lang) -> Column {
    let key = key(field.code);
    let word = |code: &&'static str| {
        let key = format!("{key}.{code}");
        Word {
            code: (*code).to_owned(),
            label: text(lang, &key, &[]).into_owned(),
            others: vec![text(other(lang), &key, &[]).into_owned()],
        }
    };
    let words = match field.kind {
        FieldKind::Choice(codes) => codes.iter().map(word).collect(),
        _ => Vec::new(),
    };
    let others = vec![text(other(lang), &key, &[]).into_owned()];
    Column::of(field, text(lang, &key, &[]).into_owned(), others, words)
}

/// Writes the items with their answers as a file.
///
/// # Errors
/// Cells that the format cannot hold.
pub fn export(app: &App, format: FileFormat, lang: Lang) -> Result<Vec<u8>, Vec<Fault>> {
    let layout = Layout {
        name: t!(lang, "checklist.title").into_owned(),
        columns: AnswerRow::FIELDS
            .iter()
            .map(|field| column(field, lang))
            .collect(),
    };
    let (rows, names) = {
        let world = app.world();
        let now = app.now();
        let names = Names::gather(&world, &app.directory(), &layout, now, false);
        (rows(&world, now), names)
    };
    let values: Vec<_> = rows.iter().map(AnswerRow::values).collect();
    let sheet = write(&layout, values.iter().map(|it| ("", it)), &names);
    match format {
        FileFormat::Xlsx => {
            let codes = values::codes_sheet(
                &layout,
                &t!(lang, "import.codes.sheet"),
                [
                    &t!(lang, "import.codes.heading"),
                    &t!(lang, "import.codes.field"),
                    &t!(lang, "import.codes.code"),
                    &t!(lang, "import.codes.word"),
                ],
            );
            xlsx::write(&[sheet, codes])
        }
        FileFormat::Csv(encoding) => csv::write(&sheet, encoding),
    }
}

#[cfg(test)]
mod tests {
    use super::by_number;

    #[test]
    fn numbers_stand_in_the_order_of_people() {
        let mut numbers = ["10", "2", "1-10", "1-2", "1"];
        numbers.sort_by_key(|it| by_number(it));
        assert_eq!(numbers, ["1", "1-2", "1-10", "2", "10"]);
    }
}
