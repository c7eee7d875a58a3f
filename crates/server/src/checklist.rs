//! Answers to checklists as a table file.

use sekisho_domain::checklist::EvidenceLink;
use sekisho_domain::command::Refusal;
use sekisho_domain::field::{Noun as _, Values};
use sekisho_domain::name::Line;
use sekisho_domain::register::checklist_item::Chapter;
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;
use sekisho_messages::{Lang, t};
use sekisho_rules::catalogue::Catalogue;
use sekisho_tabular::{Fault, Layout};

use crate::app::App;
use crate::tables::{FileFormat, Names, list_column, write_list};

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

/// The key of a column's heading, and of the words of its choices.
fn key(code: &str) -> String {
    match code {
        "standing" | "answered" | "note" | "evidence" => format!("checklist.{code}"),
        of_item => format!("register.checklist_item.{of_item}"),
    }
}

/// Writes the items with their answers as a file.
///
/// # Errors
/// Cells that the format cannot hold.
pub fn export(app: &App, format: FileFormat, lang: Lang) -> Result<Vec<u8>, Vec<Fault>> {
    let columns = AnswerRow::FIELDS.iter().map(|field| {
        let key = key(field.code);
        list_column(field, lang, &key, |code| format!("{key}.{code}"))
    });
    let layout = Layout {
        name: t!(lang, "checklist.title").into_owned(),
        columns: columns.collect(),
    };
    let (rows, names) = {
        let world = app.world();
        let now = app.now();
        let names = Names::gather(&world, &app.directory(), &layout, now, false);
        (rows(&world, now), names)
    };
    let rows: Vec<Values> = rows.iter().map(AnswerRow::values).collect();
    write_list(&layout, &rows, &names, (format, lang))
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
