//! Checklists: chapters with their items, how each is answered, and the form that answers one.

use maud::{Markup, html};
use sekisho_messages::{Lang, t, text};

use super::components::{
    Column, Definitions, Field, Icon, Input, cell, csrf_field, definitions, empty_state, error_at,
    error_summary, field, icon, row_header, submit, table, text_area,
};
use super::layout::{Frame, heading, page as frame_page, titled};

/// The path of the checklists.
pub const PATH: &str = "/checklists";
/// Where their items are loaded.
pub const LOAD_PATH: &str = "/registers/checklist_item/import";

/// An item in its chapter.
#[derive(Clone, Debug)]
pub struct ItemLine {
    /// Its id.
    pub id: String,
    /// Its number.
    pub number: String,
    /// What it asks.
    pub text: String,
    /// The code of where it stands.
    pub standing: &'static str,
    /// When it was answered, in words; empty where it was not.
    pub answered: String,
}

/// A chapter with its items.
#[derive(Clone, Debug)]
pub struct ChapterView {
    /// Its title.
    pub title: String,
    /// Its items.
    pub items: Vec<ItemLine>,
}

/// A list with its chapters.
#[derive(Clone, Debug)]
pub struct ChecklistView {
    /// What it is called.
    pub title: String,
    /// Of which edition and where the copy came from.
    pub source: String,
    /// Its chapters.
    pub chapters: Vec<ChapterView>,
}

/// The page's view-model.
#[derive(Clone, Debug)]
pub struct ChecklistsView {
    /// The lists, JNSA's first, which stands there empty where nothing is loaded.
    pub lists: Vec<ChecklistView>,
    /// Whether the reader loads items.
    pub loads: bool,
}

/// A choice of a form: its code, its word, and whether it was chosen.
pub type Choice = (&'static str, String, bool);

/// One item.
#[derive(Clone, Debug)]
pub struct ItemView {
    /// Its id.
    pub id: String,
    /// Its number.
    pub number: String,
    /// What it asks.
    pub text: String,
    /// The code of where it stands.
    pub standing: &'static str,
    /// Facts about it.
    pub facts: Definitions,
    /// Earlier answers, the newest first: when and by whom, how, the note, and what shows it.
    pub answers: Vec<(Markup, String, String, Markup)>,
    /// The form; none for who does not answer.
    pub form: Option<ItemForm>,
}

/// The form that answers an item.
#[derive(Clone, Debug)]
pub struct ItemForm {
    /// Token against forged requests.
    pub csrf: String,
    /// The version that the page shows.
    pub seen: u64,
    /// How.
    pub answers: Vec<Choice>,
    /// In one sentence.
    pub note: String,
    /// What shows it, one a line.
    pub evidence: String,
    /// What is wrong, with the id it is about.
    pub errors: Vec<(String, String)>,
}

fn badge(lang: Lang, standing: &str) -> Markup {
    let (class, sign) = match standing {
        "yes" | "not_applicable" => ("met", Icon::Pass),
        "partly" | "no" => ("findings", Icon::Findings),
        "unanswered" => ("not_met", Icon::Fail),
        _ => ("unknown", Icon::Info),
    };
    html! {
        span class={ "badge badge--" (class) } {
            (icon(sign)) (text(lang, format!("checklist.standing.{standing}"), &[]))
        }
    }
}

fn chapter(lang: Lang, chapter: &ChapterView) -> Markup {
    let columns = [
        Column::text(t!(lang, "register.checklist_item.number")),
        Column::text(t!(lang, "register.checklist_item.text")),
        Column::text(t!(lang, "checklist.standing")),
        Column::text(t!(lang, "checklist.answered")),
    ];
    let [number, asks, standing, answered] = &columns;
    let row = |item: &ItemLine| {
        let href = format!("{PATH}/{}", item.id);
        vec![
            row_header(number, &html! { (item.number) }),
            cell(asks, &html! { a href=(href) { (item.text) } }),
            cell(standing, &badge(lang, item.standing)),
            cell(answered, &html! { (item.answered) }),
        ]
    };
    let rows: Vec<Vec<Markup>> = chapter.items.iter().map(row).collect();
    html! {
        h3 { (chapter.title) }
        @if rows.is_empty() { p class="muted" { (t!(lang, "checklist.no_items")) } }
        @else { (table(&chapter.title, &columns, &rows)) }
    }
}

/// The lists.
#[must_use]
pub fn checklists_page(frame: &Frame, view: &ChecklistsView) -> Markup {
    let lang = frame.lang;
    let title = t!(lang, "checklist.title");
    let beside = html! {
        div class="actions" {
            @if view.loads { a class="button" href=(LOAD_PATH) { (t!(lang, "checklist.load")) } }
            a class="button button--secondary" href={ (PATH) "/answers?format=xlsx" } { (t!(lang, "checklist.save")) }
        }
    };
    let empty = view
        .lists
        .iter()
        .all(|list| list.chapters.iter().all(|it| it.items.is_empty()));
    let main = html! {
        (titled(&[], &html! { (title) }, &html! { (t!(lang, "checklist.lead")) }, &beside))
        @if empty { (empty_state(&t!(lang, "checklist.empty"), &t!(lang, "checklist.empty_how"))) }
        @for list in &view.lists {
            section {
                h2 { (list.title) }
                p class="muted" { (list.source) }
                @for it in &list.chapters { (chapter(lang, it)) }
            }
        }
    };
    frame_page(frame, &title, &main)
}

fn form(lang: Lang, id: &str, it: &ItemForm) -> Markup {
    let at = |name: &str| error_at(&it.errors, name);
    let note = Field {
        name: "note",
        label: t!(lang, "checklist.note"),
        support: Some(t!(lang, "plan.names-nobody")),
        required: false,
        input: Input::Text,
        value: &it.note,
        error: at("note"),
        autocomplete: "off",
        lang: None,
    };
    let evidence = Field {
        name: "evidence",
        label: t!(lang, "checklist.evidence"),
        support: Some(t!(lang, "checklist.evidence_how")),
        required: false,
        input: Input::Text,
        value: &it.evidence,
        error: at("evidence"),
        autocomplete: "off",
        lang: None,
    };
    html! {
        section aria-labelledby="answering" class="screen-only" {
            h2 id="answering" { (t!(lang, "checklist.answer")) }
            form method="post" action={ (PATH) "/" (id) } class="form" {
                (csrf_field(&it.csrf))
                input type="hidden" name="expected" value=(it.seen);
                fieldset class="field choices" {
                    legend { (t!(lang, "checklist.standing")) }
                    @if let Some(error) = at("answer") { p class="field-error" id="answer-error" { (error) } }
                    @for (index, (code, word, chosen)) in it.answers.iter().enumerate() {
                        @let id = if index == 0 { "answer".to_owned() } else { format!("answer-{code}") };
                        div class="choice" {
                            input type="radio" id=(id) name="answer" value=(code) checked[*chosen] required;
                            div { label for=(id) { (word) } }
                        }
                    }
                }
                (field(lang, &note))
                (text_area(lang, &evidence, 2000))
                (submit(&t!(lang, "checklist.answer_do")))
            }
        }
    }
}

/// One item.
#[must_use]
pub fn item_page(frame: &Frame, view: &ItemView) -> Markup {
    let lang = frame.lang;
    let trail = [(t!(lang, "checklist.title").into_owned(), PATH.to_owned())];
    let errors = view
        .form
        .as_ref()
        .map_or(&[][..], |form| form.errors.as_slice());
    let columns = [
        Column::text(t!(lang, "checklist.answered")),
        Column::text(t!(lang, "checklist.standing")),
        Column::text(t!(lang, "checklist.note")),
        Column::text(t!(lang, "checklist.evidence")),
    ];
    let [when, how, note, shown] = &columns;
    let rows: Vec<Vec<Markup>> = view
        .answers
        .iter()
        .map(|(at, answer, said, links)| {
            vec![
                row_header(when, at),
                cell(how, &html! { (answer) }),
                cell(note, &html! { (said) }),
                cell(shown, links),
            ]
        })
        .collect();
    let main = html! {
        (heading(&trail, &html! { (view.number) " " (view.text) }, &badge(lang, view.standing)))
        (error_summary(lang, errors))
        (definitions(&view.facts))
        section aria-labelledby="answers" {
            h2 id="answers" { (t!(lang, "checklist.answers")) }
            @if rows.is_empty() { p class="muted" { (t!(lang, "checklist.no_answer")) } }
            @else { (table(&t!(lang, "checklist.answers"), &columns, &rows)) }
        }
        @if let Some(it) = &view.form { (form(lang, &view.id, it)) }
    };
    frame_page(frame, &view.text, &main)
}
