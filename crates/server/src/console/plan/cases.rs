//! Cases: what fired, what was measured against what, until when it is to be reassessed and by whom.

use maud::{Markup, html};
use sekisho_domain::plan::FIGURES_MAX;
use sekisho_domain::time::Timestamp;
use sekisho_messages::{Lang, t, text};

use super::super::components::{
    Column, Definitions, Field, Icon, Input, Tone, alert, cell, csrf_field, definitions,
    empty_state, error_at, error_summary, field, icon, instant, row_header, table,
};
use super::super::layout::{Frame, heading, page as frame_page, titled};
use super::super::listed::files;
use super::super::register::links;
use super::{CASES_PATH, PATH};

/// A case in the list.
#[derive(Clone, Debug)]
pub struct CaseLine {
    /// Its id.
    pub id: String,
    /// The code of the trigger.
    pub trigger: &'static str,
    /// For whom.
    pub scope: String,
    /// The gravest figure in words.
    pub what: Markup,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// Until when, in words.
    pub due: Markup,
    /// `open`, `late`, `closed` or `subsided`.
    pub state: &'static str,
    /// Whether the risk may be high.
    pub high: bool,
}

/// The list's view-model.
#[derive(Clone, Debug)]
pub struct CasesView {
    /// Those that wait, the most urgent first.
    pub open: Vec<CaseLine>,
    /// The others, the newest first.
    pub closed: Vec<CaseLine>,
}

/// What was measured, as a line.
#[derive(Clone, Debug)]
pub struct FigureLine {
    /// What.
    pub what: Markup,
    /// How much.
    pub value: String,
    /// How much the baseline has.
    pub base: String,
    /// Beyond how much it fires.
    pub level: String,
}

/// A choice of a form: its code, its word, and whether it was chosen.
pub type Choice = (&'static str, String, bool);

/// One case's view-model.
#[derive(Clone, Debug)]
pub struct CaseView {
    /// The case.
    pub line: CaseLine,
    /// Facts about it: since when, until when, who must act.
    pub facts: Definitions,
    /// What was measured.
    pub figures: Vec<FigureLine>,
    /// Whether new permits of the scope are held because of it.
    pub holds: bool,
    /// The form; none for who does not reassess it, and once it is closed.
    pub form: Option<CaseForm>,
}

/// The form by which a case is reassessed.
#[derive(Clone, Debug)]
pub struct CaseForm {
    /// Token against forged requests.
    pub csrf: String,
    /// The version of the case that the page shows.
    pub seen: u64,
    /// How high the risk is.
    pub levels: Vec<Choice>,
    /// What follows.
    pub conclusions: Vec<Choice>,
    /// In one sentence.
    pub note: String,
    /// What is wrong, with the id it is about.
    pub errors: Vec<(String, String)>,
}

fn state_badge(lang: Lang, line: &CaseLine) -> Markup {
    let (class, sign) = match line.state {
        "late" => ("not_met", Icon::Fail),
        "open" => ("findings", Icon::Findings),
        _ => ("met", Icon::Pass),
    };
    html! {
        span class={ "badge badge--" (class) } { (icon(sign)) (text(lang, format!("case.state.{}", line.state), &[])) }
        @if line.high && matches!(line.state, "open" | "late") { " " strong { (t!(lang, "case.high")) } }
    }
}

fn list(lang: Lang, caption: &str, lines: &[CaseLine]) -> Markup {
    let columns = [
        Column::text(t!(lang, "case.trigger")),
        Column::text(t!(lang, "case.scope")),
        Column::text(t!(lang, "case.what")),
        Column::text(t!(lang, "case.opened")),
        Column::text(t!(lang, "case.due")),
        Column::text(t!(lang, "case.state")),
    ];
    let [trigger, scope, what, opened, due, state] = &columns;
    let row = |line: &CaseLine| {
        let href = format!("{CASES_PATH}/{}", line.id);
        let name = text(lang, format!("case.trigger.{}", line.trigger), &[]);
        vec![
            row_header(trigger, &html! { a href=(href) { (name) } }),
            cell(scope, &html! { (line.scope) }),
            cell(what, &line.what),
            cell(opened, &instant(lang, line.opened_at)),
            cell(due, &line.due),
            cell(state, &state_badge(lang, line)),
        ]
    };
    let rows: Vec<Vec<Markup>> = lines.iter().map(row).collect();
    table(caption, &columns, &rows)
}

/// The list.
#[must_use]
pub fn cases_page(frame: &Frame, view: &CasesView) -> Markup {
    let lang = frame.lang;
    let title = t!(lang, "case.title");
    let trail = [(t!(lang, "plan.title").into_owned(), PATH.to_owned())];
    let any = !view.open.is_empty() || !view.closed.is_empty();
    let beside = html! { @if any { (links(&files(lang, CASES_PATH))) } };
    let main = html! {
        (titled(&trail, &html! { (title) }, &html! { (t!(lang, "case.lead")) }, &beside))
        section aria-labelledby="open" {
            h2 id="open" { (t!(lang, "case.open-list")) }
            @if view.open.is_empty() { (empty_state(&t!(lang, "case.none-open"), &t!(lang, "case.none-open-how"))) }
            @else { (list(lang, &t!(lang, "case.open-list"), &view.open)) }
        }
        @if !view.closed.is_empty() {
            section aria-labelledby="closed" {
                h2 id="closed" { (t!(lang, "case.closed-list")) }
                (list(lang, &t!(lang, "case.closed-list"), &view.closed))
            }
        }
    };
    frame_page(frame, &title, &main)
}

fn figures(lang: Lang, lines: &[FigureLine]) -> Markup {
    let columns = [
        Column::text(t!(lang, "case.measure")),
        Column::number(t!(lang, "case.value")),
        Column::number(t!(lang, "case.base")),
        Column::number(t!(lang, "case.level")),
    ];
    let [what, value, base, level] = &columns;
    let row = |it: &FigureLine| {
        vec![
            row_header(what, &it.what),
            cell(value, &html! { (it.value) }),
            cell(base, &html! { (it.base) }),
            cell(level, &html! { (it.level) }),
        ]
    };
    let rows: Vec<Vec<Markup>> = lines.iter().map(row).collect();
    table(&t!(lang, "case.figures"), &columns, &rows)
}

fn choices(legend: &str, name: &'static str, list: &[Choice], error: Option<&str>) -> Markup {
    html! {
        fieldset class="field choices" {
            legend { (legend) }
            @if let Some(error) = error { p class="field-error" id={ (name) "-error" } { (error) } }
            @for (index, (code, word, chosen)) in list.iter().enumerate() {
                @let id = if index == 0 { name.to_owned() } else { format!("{name}-{code}") };
                div class="choice" {
                    input type="radio" id=(id) name=(name) value=(code) checked[*chosen] required;
                    div { label for=(id) { (word) } }
                }
            }
        }
    }
}

fn form(lang: Lang, id: &str, it: &CaseForm) -> Markup {
    let at = |name: &str| error_at(&it.errors, name);
    html! {
        section aria-labelledby="reassess" class="screen-only" {
            h2 id="reassess" { (t!(lang, "case.reassess")) }
            p { (t!(lang, "case.reassess-lead")) }
            p { a class="button button--secondary" href={ (super::super::risk::PATH) "/new?case=" (id) } { (t!(lang, "risk.assess-case")) } }
            form method="post" action={ (CASES_PATH) "/" (id) } class="form" {
                (csrf_field(&it.csrf))
                input type="hidden" name="expected" value=(it.seen);
                (choices(&t!(lang, "case.risk"), "level", &it.levels, at("level")))
                (choices(&t!(lang, "case.conclusion"), "conclusion", &it.conclusions, at("conclusion")))
                (field(lang, &Field {
                    name: "note",
                    label: t!(lang, "case.note"),
                    support: Some(t!(lang, "plan.names-nobody")),
                    required: true,
                    input: Input::Text,
                    value: &it.note,
                    error: at("note"),
                    autocomplete: "off",
                    lang: None,
                }))
                div class="buttons" { button class="button" type="submit" { (t!(lang, "case.close")) } }
            }
        }
    }
}

/// One case.
#[must_use]
pub fn case_page(frame: &Frame, view: &CaseView) -> Markup {
    let lang = frame.lang;
    let title = text(lang, format!("case.trigger.{}", view.line.trigger), &[]);
    let trail = [
        (t!(lang, "plan.title").into_owned(), PATH.to_owned()),
        (t!(lang, "case.title").into_owned(), CASES_PATH.to_owned()),
    ];
    let errors = view
        .form
        .as_ref()
        .map_or(&[][..], |form| form.errors.as_slice());
    let lead = html! { (state_badge(lang, &view.line)) " " (view.line.scope) };
    let main = html! {
        (heading(&trail, &html! { (title) }, &lead))
        (error_summary(lang, errors))
        @if view.holds {
            (alert(Tone::Error, &t!(lang, "case.holds"), &html! { p { (t!(lang, "case.holds-how")) } }))
        }
        (definitions(&view.facts))
        section aria-labelledby="figures" {
            h2 id="figures" { (t!(lang, "case.figures")) }
            (figures(lang, &view.figures))
            @if view.figures.len() >= FIGURES_MAX { p class="muted" { (t!(lang, "case.full", n = FIGURES_MAX)) } }
        }
        @if let Some(it) = &view.form { (form(lang, &view.line.id, it)) }
    };
    frame_page(frame, &title, &main)
}
