//! The organisation's own rules of access: what is in force, the editor with what is wrong, the history,
//! and the facts that rules can use.

mod trial;

use maud::{Markup, html};
use sekisho_domain::time::Timestamp;
use sekisho_messages::{Arg, Lang, t, text};
use sekisho_protocol::access_rules::{RuleFault, RulesChecked, RulesShown, WHAT_IF_DAYS_MAX};
use sekisho_rules::decide::{EXAMPLE, FACTS};

use super::components::{
    Column, Field, Input, Tone, alert, cell, csrf_field, empty_state, field, instant, row_header,
    table,
};
use super::layout::{Frame, heading, page as frame_page};

pub use trial::{Count, ExampleLine, SideView, TrialView, Waiting, trial_page, waiting_page};

/// The path of the page.
pub const PATH: &str = "/access/rules";
/// Most characters that the editor takes: as many as rules can have, if each is of one byte.
pub const EDITOR_MAX: usize = sekisho_rules::decide::OWN_RULES_MAX;

/// A version in the history.
#[derive(Clone, Debug)]
pub struct VersionLine {
    /// Its number.
    pub version: u32,
    /// Since when.
    pub at: Option<Timestamp>,
    /// Who set it.
    pub by: String,
    /// Why.
    pub note: String,
}

/// What stands in the editor, and what came of looking at it.
#[derive(Clone, Debug)]
pub struct Editor {
    /// The text.
    pub text: String,
    /// Days, as entered.
    pub days: String,
    /// What is wrong with the days, or stands in the way otherwise.
    pub error: Option<String>,
    /// How the text was read, where that was asked.
    pub checked: Option<RulesChecked>,
}

/// The page's view-model.
#[derive(Clone, Debug)]
pub struct View {
    /// Token against forged requests.
    pub csrf: String,
    /// What is in force.
    pub shown: RulesShown,
    /// Every version, the newest first.
    pub history: Vec<VersionLine>,
    /// The editor, for those who may set rules.
    pub editor: Option<Editor>,
}

/// A line of a difference: what became of it, and it.
pub type DiffLine = (char, String);

/// The view-model of one version.
#[derive(Clone, Debug)]
pub struct VersionView {
    /// Token against forged requests; none for those who may not set rules.
    pub csrf: Option<String>,
    /// It.
    pub line: VersionLine,
    /// Its text.
    pub text: String,
    /// What changed against the version before.
    pub diff: Vec<DiffLine>,
    /// Whether it is in force.
    pub in_force: bool,
}

/// Everything to be told of a text.
#[must_use]
pub fn faults(lang: Lang, list: &[RuleFault]) -> Markup {
    let colon = t!(lang, "console.colon");
    html! {
        ul {
            @for fault in list {
                li {
                    @if let (Some(line), Some(column)) = (fault.line, fault.column) {
                        (t!(lang, "own-rules.place", line = line, column = column)) " "
                    }
                    @if let Some(rule) = &fault.rule {
                        (t!(lang, "own-rules.of-rule", rule = rule.as_str())) " "
                    }
                    (text(lang, &fault.code, &[]))
                    @if let Some(detail) = &fault.detail {
                        br;
                        small { (t!(lang, "own-rules.cedar-says")) (colon) span lang="en" { (detail) } }
                    }
                }
            }
        }
    }
}

fn outcome(lang: Lang, checked: &RulesChecked) -> Markup {
    html! {
        @if !checked.sound {
            (alert(Tone::Error, &t!(lang, "own-rules.faults"), &faults(lang, &checked.faults)))
        } @else if checked.remarks.is_empty() {
            (alert(Tone::Success, &t!(lang, "own-rules.sound"), &html! {}))
        } @else {
            (alert(Tone::Warning, &t!(lang, "own-rules.remarks"), &faults(lang, &checked.remarks)))
        }
    }
}

fn in_force(lang: Lang, shown: &RulesShown) -> Markup {
    let rule = Column::text(t!(lang, "own-rules.rule"));
    let says = Column::text(t!(lang, "own-rules.says"));
    let row = |it: &sekisho_protocol::access_rules::RuleLine| {
        let said = if lang == Lang::Ja { &it.ja } else { &it.en };
        vec![
            row_header(&rule, &html! { code { (it.id) } }),
            cell(&says, &html! { (said) }),
        ]
    };
    let rows: Vec<Vec<Markup>> = shown.checked.rules.iter().map(row).collect();
    let heading = t!(lang, "own-rules.in-force");
    html! {
        section {
            h2 { (heading) }
            @if !shown.checked.sound {
                (alert(Tone::Error, &t!(lang, "own-rules.unusable-heading"), &html! {
                    p { (t!(lang, "own-rules.unusable-body")) }
                    (faults(lang, &shown.checked.faults))
                }))
            }
            @if shown.text.trim().is_empty() && shown.checked.sound {
                (empty_state(&t!(lang, "own-rules.none"), &t!(lang, "own-rules.none-how")))
            } @else {
                @if !rows.is_empty() { (table(&heading, &[rule, says], &rows)) }
                details { summary { (t!(lang, "own-rules.text")) } pre { code { (shown.text) } } }
            }
        }
    }
}

fn editor(lang: Lang, csrf: &str, it: &Editor) -> Markup {
    let wrong = it.checked.as_ref().is_some_and(|checked| !checked.sound);
    html! {
        section id="editor" {
            h2 { (t!(lang, "own-rules.edit")) }
            @if let Some(checked) = &it.checked { (outcome(lang, checked)) }
            form method="post" action=(PATH) class="form" {
                (csrf_field(csrf))
                div class="field" {
                    label for="text" { (t!(lang, "own-rules.text")) }
                    p class="field-support" id="text-support" { (t!(lang, "own-rules.text-support")) }
                    textarea id="text" name="text" rows="18" spellcheck="false" autocapitalize="none"
                        maxlength=(EDITOR_MAX) aria-describedby="text-support" class="code-input"
                        aria-invalid=[wrong.then_some("true")] { "\n" (it.text) }
                }
                (field(lang, &Field {
                    name: "days",
                    label: t!(lang, "own-rules.days"),
                    support: Some(t!(lang, "own-rules.days-support")),
                    required: true,
                    input: Input::Text,
                    value: &it.days,
                    error: it.error.as_deref(),
                    autocomplete: "off",
                    lang: None,
                }))
                div class="buttons" {
                    button class="button" type="submit" name="do" value="try" { (t!(lang, "own-rules.try")) }
                    button class="button button--secondary" type="submit" name="do" value="check" {
                        (t!(lang, "own-rules.check"))
                    }
                }
            }
        }
    }
}

fn example(lang: Lang, may_set: bool) -> Markup {
    html! {
        section {
            h2 { (t!(lang, "own-rules.example")) }
            p { (t!(lang, "own-rules.example-lead")) }
            pre { code { (EXAMPLE) } }
            @if may_set {
                p { a href={ (PATH) "?example=1#editor" } { (t!(lang, "own-rules.example-use")) } }
            }
        }
    }
}

fn history(lang: Lang, list: &[VersionLine]) -> Markup {
    let columns = [
        Column::text(t!(lang, "own-rules.history")),
        Column::text(t!(lang, "own-rules.at")),
        Column::text(t!(lang, "own-rules.by")),
        Column::text(t!(lang, "own-rules.note")),
    ];
    let [version, at, by, note] = &columns;
    let row = |it: &VersionLine| {
        let href = format!("{PATH}/versions/{}", it.version);
        let name = t!(lang, "own-rules.version", n = it.version);
        vec![
            row_header(version, &html! { a href=(href) { (name) } }),
            cell(
                at,
                &html! { @if let Some(at) = it.at { (instant(lang, at)) } },
            ),
            cell(by, &html! { (it.by) }),
            cell(note, &html! { (it.note) }),
        ]
    };
    let rows: Vec<Vec<Markup>> = list.iter().map(row).collect();
    html! {
        @if !rows.is_empty() {
            section {
                h2 { (t!(lang, "own-rules.history")) }
                (table(&t!(lang, "own-rules.history"), &columns, &rows))
            }
        }
    }
}

fn facts(lang: Lang) -> Markup {
    let fact = Column::text(t!(lang, "own-rules.fact"));
    let kind = Column::text(t!(lang, "own-rules.kind"));
    let meaning = Column::text(t!(lang, "own-rules.meaning"));
    let row = |it: &sekisho_rules::decide::OwnFact| {
        let said = text(lang, format!("own-rules.means.{}", it.path), &[]);
        vec![
            row_header(&fact, &html! { code { "context." (it.path) } }),
            cell(&kind, &html! { code { (it.kind) } }),
            cell(&meaning, &html! { (said) }),
        ]
    };
    let rows: Vec<Vec<Markup>> = FACTS.iter().map(row).collect();
    html! {
        section {
            h2 { (t!(lang, "own-rules.facts")) }
            p { (t!(lang, "own-rules.facts-lead")) }
            (table(&t!(lang, "own-rules.facts"), &[fact, kind, meaning], &rows))
        }
    }
}

/// A form that tries a text as it is.
fn try_form(csrf: &str, text: &str, button: &str) -> Markup {
    html! {
        form method="post" action=(PATH) class="form" {
            (csrf_field(csrf))
            input type="hidden" name="text" value=(text);
            input type="hidden" name="days" value="28";
            div class="buttons" {
                button class="button button--secondary" type="submit" name="do" value="try" { (button) }
            }
        }
    }
}

/// The page.
#[must_use]
pub fn page(frame: &Frame, view: &View) -> Markup {
    let lang = frame.lang;
    let title = t!(lang, "own-rules.title");
    let none = view.shown.text.trim().is_empty();
    let main = html! {
        (heading(&[], &html! { (title) }, &html! { (t!(lang, "own-rules.lead")) }))
        (in_force(lang, &view.shown))
        @if let Some(it) = &view.editor {
            (editor(lang, &view.csrf, it))
            @if !none {
                section {
                    h2 { (t!(lang, "own-rules.withdraw")) }
                    p { (t!(lang, "own-rules.take-back-lead")) }
                    (try_form(&view.csrf, "", &t!(lang, "own-rules.withdraw")))
                }
            }
        }
        (example(lang, view.editor.is_some()))
        (history(lang, &view.history))
        (facts(lang))
    };
    frame_page(frame, &title, &main)
}

/// Lines with what became of them.
#[must_use]
pub fn difference(lang: Lang, lines: &[DiffLine]) -> Markup {
    html! {
        @if lines.is_empty() { p { (t!(lang, "own-rules.diff-none")) } }
        @else {
            pre class="text-diff" {
                @for (mark, line) in lines {
                    @match mark {
                        '+' => { ins { "+ " (line) } }
                        '-' => { del { "- " (line) } }
                        _ => { "  " (line) }
                    }
                    "\n"
                }
            }
        }
    }
}

/// The page of one version.
#[must_use]
pub fn version_page(frame: &Frame, view: &VersionView) -> Markup {
    let lang = frame.lang;
    let title = t!(lang, "own-rules.version", n = view.line.version);
    let trail = [(t!(lang, "own-rules.title").into_owned(), PATH.to_owned())];
    let by = text(
        lang,
        "own-rules.set-by",
        &[("name", Arg::from(view.line.by.as_str()))],
    );
    let main = html! {
        (heading(&trail, &html! { (title) }, &html! { (view.line.note) }))
        p { (by) " " @if let Some(at) = view.line.at { (instant(lang, at)) } }
        @if view.text.trim().is_empty() { p { (t!(lang, "own-rules.empty-version")) } }
        @else { pre { code { (view.text) } } }
        section { h2 { (t!(lang, "own-rules.diff")) } (difference(lang, &view.diff)) }
        @if let Some(csrf) = &view.csrf {
            @if !view.in_force {
                section {
                    h2 { (t!(lang, "own-rules.again")) }
                    p { (t!(lang, "own-rules.again-lead")) }
                    (try_form(csrf, &view.text, &t!(lang, "own-rules.again")))
                }
            }
        }
    };
    frame_page(frame, &title, &main)
}

/// The days as entered; none where they are no number within bounds.
#[must_use]
pub fn days_of(entered: &str) -> Option<u32> {
    let days = entered.trim().parse().ok();
    days.filter(|days| (1..=WHAT_IF_DAYS_MAX).contains(days))
}
