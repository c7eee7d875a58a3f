//! Opinions of the promotion body: what waits for one, what was given, and the form of one; the list of
//! conflicts that stands with them.

use maud::{Markup, html};
use sekisho_domain::opinion::{CheckResult, Stance};
use sekisho_domain::time::Timestamp;
use sekisho_domain::verdict::Verdict;
use sekisho_messages::{Lang, t};

use super::super::components::{
    Choice, Column, Field, Input, Tone, alert, cell, choices, csrf_field, empty_state, error_at,
    error_summary, field, instant, row_header, submit, table, verdict_badge,
};
use super::super::layout::{Frame, page as frame_page, titled};
use super::super::listed::files;
use super::super::register::{LinkTo, links};
use super::{CONFLICTS_PATH, OPINIONS_PATH, PATH};

/// A conflict, as people read it.
#[derive(Clone, Debug)]
pub struct ConflictShown {
    /// What conflicts.
    pub what: String,
    /// Whether it is a contradiction.
    pub contradiction: bool,
    /// The one side.
    pub one: Markup,
    /// The other.
    pub other: Markup,
}

/// The list of conflicts as a table.
#[must_use]
pub fn conflict_table(lang: Lang, list: &[ConflictShown]) -> Markup {
    if list.is_empty() {
        return html! { p { (t!(lang, "conflict.none-found")) } };
    }
    let columns = [
        Column::text(t!(lang, "conflict.what")),
        Column::text(t!(lang, "conflict.one")),
        Column::text(t!(lang, "conflict.other")),
    ];
    let [what, one, other] = &columns;
    let row = |it: &ConflictShown| {
        let key = if it.contradiction {
            "conflict.contradiction"
        } else {
            "conflict.remark"
        };
        vec![
            row_header(
                what,
                &html! { (it.what) " " span class="muted small" { (t!(lang, key)) } },
            ),
            cell(one, &it.one),
            cell(other, &it.other),
        ]
    };
    let rows: Vec<Vec<Markup>> = list.iter().map(row).collect();
    table(&t!(lang, "conflict.title"), &columns, &rows)
}

/// The page of the conflicts in force.
#[derive(Clone, Debug)]
pub struct ConflictsView {
    /// The conflicts.
    pub list: Vec<ConflictShown>,
    /// How many more there are.
    pub more: u64,
    /// What the reader can do.
    pub links: Vec<LinkTo>,
}

/// The page.
#[must_use]
pub fn conflicts_page(frame: &Frame, view: &ConflictsView) -> Markup {
    let lang = frame.lang;
    let title = t!(lang, "conflict.title");
    let trail = [(t!(lang, "rule.title").into_owned(), PATH.to_owned())];
    let main = html! {
        (titled(&trail, &html! { (title) }, &html! { (t!(lang, "conflict.lead")) }, &links(&view.links)))
        (conflict_table(lang, &view.list))
        @if view.more > 0 { p class="muted" { (t!(lang, "conflict.more", n = view.more)) } }
    };
    frame_page(frame, &title, &main)
}

/// What the body said of a proposal, for whoever decides on it.
#[derive(Clone, Debug)]
pub enum OpinionState {
    /// Nobody holds a post of the body.
    NoBody,
    /// It has said nothing yet; whether approval waits for it.
    Waiting {
        /// Whether it does.
        required: bool,
        /// Where it is given.
        href: String,
    },
    /// It has given its opinion.
    Given {
        /// What it thinks.
        stance: Stance,
        /// Why.
        sentence: String,
        /// Where the documents are.
        href: String,
    },
}

/// The state of an opinion as a note.
#[must_use]
pub fn opinion_state(lang: Lang, state: &OpinionState) -> Markup {
    match state {
        OpinionState::NoBody => alert(
            Tone::Warning,
            &t!(lang, "opinion.no-holder"),
            &html! { p { (t!(lang, "opinion.no-holder-how")) } },
        ),
        OpinionState::Waiting { required, href } => {
            let key = if *required {
                "opinion.is-awaited"
            } else {
                "opinion.is-not-needed"
            };
            alert(
                Tone::Info,
                &t!(lang, key),
                &html! { p { a href=(href) { (t!(lang, "opinion.see")) } } },
            )
        }
        OpinionState::Given {
            stance,
            sentence,
            href,
        } => {
            let tone = if *stance == Stance::Object {
                Tone::Warning
            } else {
                Tone::Info
            };
            let said = t!(lang, format!("opinion.stance.{}", stance.code()));
            alert(
                tone,
                &said,
                &html! { p { (sentence) } p { a href=(href) { (t!(lang, "opinion.see")) } } },
            )
        }
    }
}

/// Something that waits for an opinion.
#[derive(Clone, Debug)]
pub struct WaitingLine {
    /// The code of its kind.
    pub kind: &'static str,
    /// What it is called.
    pub name: String,
    /// Where the opinion is given.
    pub href: String,
}

/// An opinion that was given.
#[derive(Clone, Debug)]
pub struct GivenLine {
    /// On what kind of thing.
    pub kind: &'static str,
    /// What it is called.
    pub name: String,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// What was thought.
    pub stance: Stance,
    /// Why.
    pub sentence: String,
    /// How many contradictions and results of checks stood with it.
    pub exhibits: (u32, u32),
    /// What came of it in the approval; none where nothing was approved.
    pub answer: Option<String>,
}

/// The page's view-model.
#[derive(Clone, Debug)]
pub struct OpinionsView {
    /// What waits.
    pub waiting: Vec<WaitingLine>,
    /// What was given, the newest first.
    pub given: Vec<GivenLine>,
    /// Whether somebody holds a post of the body.
    pub has_body: bool,
    /// Whether approvals wait for opinions.
    pub required: bool,
    /// Token against forged requests, for who may settle that.
    pub settles: Option<String>,
    /// What is wrong, with the id it is about.
    pub errors: Vec<(String, String)>,
}

fn waiting(lang: Lang, list: &[WaitingLine]) -> Markup {
    html! {
        section aria-labelledby="waiting" {
            h2 id="waiting" { (t!(lang, "opinion.waiting")) }
            @if list.is_empty() {
                (empty_state(&t!(lang, "opinion.none-waiting"), &t!(lang, "opinion.none-waiting-how")))
            } @else {
                ul { @for it in list { li {
                    span class="badge" { (t!(lang, format!("opinion.kind.{}", it.kind))) } " "
                    a href=(it.href) { (it.name) }
                } } }
            }
        }
    }
}

fn given(lang: Lang, list: &[GivenLine]) -> Markup {
    let columns = [
        Column::text(t!(lang, "opinion.on")),
        Column::text(t!(lang, "opinion.at")),
        Column::text(t!(lang, "opinion.stance")),
        Column::number(t!(lang, "opinion.contradictions")),
        Column::number(t!(lang, "opinion.results")),
        Column::text(t!(lang, "opinion.answer")),
    ];
    let [on, at, stance, contradictions, results, answer] = &columns;
    let row = |it: &GivenLine| {
        let kind = t!(lang, format!("opinion.kind.{}", it.kind));
        let said = t!(lang, format!("opinion.stance.{}", it.stance.code()));
        vec![
            row_header(
                on,
                &html! { (it.name) " " span class="muted small" { (kind) } },
            ),
            cell(at, &html! { (instant(lang, it.at)) br; (it.by) }),
            cell(stance, &html! { strong { (said) } br; (it.sentence) }),
            cell(contradictions, &html! { (it.exhibits.0) }),
            cell(results, &html! { (it.exhibits.1) }),
            cell(
                answer,
                &html! { @match &it.answer { Some(answer) => { (answer) } None => { span class="muted" { "–" } } } },
            ),
        ]
    };
    let rows: Vec<Vec<Markup>> = list.iter().map(row).collect();
    html! {
        section aria-labelledby="given" {
            h2 id="given" { (t!(lang, "opinion.given")) }
            @if list.is_empty() {
                (empty_state(&t!(lang, "opinion.none-given"), &t!(lang, "opinion.none-given-how")))
            } @else {
                (table(&t!(lang, "opinion.given"), &columns, &rows))
            }
        }
    }
}

fn gate(lang: Lang, view: &OpinionsView) -> Markup {
    let error = view.errors.iter().find(|(it, _)| it == "note");
    html! {
        section aria-labelledby="gate" {
            h2 id="gate" { (t!(lang, "opinion.gate")) }
            @if !view.has_body {
                (alert(Tone::Warning, &t!(lang, "opinion.no-holder"), &html! { p { (t!(lang, "opinion.no-holder-how")) } }))
            }
            @let key = if view.required { "opinion.gate-required" } else { "opinion.gate-not-required" };
            p { (t!(lang, key)) }
            @if let Some(csrf) = &view.settles {
                form method="post" action={ (OPINIONS_PATH) "/gate" } class="form screen-only" {
                    (csrf_field(csrf))
                    input type="hidden" name="required" value=(if view.required { "no" } else { "yes" });
                    (field(lang, &Field {
                        name: "note",
                        label: t!(lang, "opinion.gate-note"),
                        support: Some(t!(lang, "plan.names-nobody")),
                        required: true,
                        input: Input::Text,
                        value: "",
                        error: error.map(|(_, said)| said.as_str()),
                        autocomplete: "off",
                        lang: None,
                    }))
                    @let label = if view.required { "opinion.gate-off" } else { "opinion.gate-on" };
                    div class="buttons" { button class="button button--secondary" type="submit" { (t!(lang, label)) } }
                }
            }
        }
    }
}

/// The page.
#[must_use]
pub fn opinions_page(frame: &Frame, view: &OpinionsView) -> Markup {
    let lang = frame.lang;
    let title = t!(lang, "opinion.title");
    let mut beside = vec![LinkTo {
        label: t!(lang, "conflict.title").into_owned(),
        href: CONFLICTS_PATH.to_owned(),
        primary: false,
    }];
    if !view.given.is_empty() {
        beside.extend(files(lang, OPINIONS_PATH));
    }
    let main = html! {
        (titled(&[], &html! { (title) }, &html! { (t!(lang, "opinion.lead")) }, &links(&beside)))
        (error_summary(lang, &view.errors))
        (waiting(lang, &view.waiting))
        (given(lang, &view.given))
        (gate(lang, view))
    };
    frame_page(frame, &title, &main)
}

/// The page of a proposal that waits for an opinion.
#[derive(Clone, Debug)]
pub struct OpinionView {
    /// The code of its kind.
    pub kind: &'static str,
    /// What it is called.
    pub name: String,
    /// Where it is read.
    pub href: Option<String>,
    /// Its state.
    pub state: u64,
    /// What tells the documents apart that the page shows.
    pub seen: String,
    /// The conflicts.
    pub conflicts: Vec<ConflictShown>,
    /// How many more there are.
    pub more: u64,
    /// What checks say, with the name of each.
    pub results: Vec<(String, CheckResult)>,
    /// The key of what is said where they say nothing.
    pub no_results: &'static str,
    /// The opinion on this state, where there is one.
    pub given: Option<OpinionState>,
    /// Token against forged requests, for who may give one.
    pub gives: Option<String>,
    /// What was entered.
    pub entered: (String, String),
    /// What is wrong, with the id it is about.
    pub errors: Vec<(String, String)>,
}

fn results(lang: Lang, list: &[(String, CheckResult)], none: &'static str) -> Markup {
    if list.is_empty() {
        return html! { p { (t!(lang, none)) } };
    }
    let columns = [
        Column::text(t!(lang, "opinion.row")),
        Column::text(t!(lang, "opinion.verdict")),
        Column::number(t!(lang, "opinion.pass")),
        Column::number(t!(lang, "opinion.fail")),
        Column::number(t!(lang, "opinion.unknown")),
    ];
    let [of, verdict, pass, fail, unknown] = &columns;
    let row = |(name, it): &(String, CheckResult)| {
        let known = Verdict::ALL.iter().find(|known| known.code() == it.verdict);
        let badge = known.map_or_else(|| html! { (it.verdict) }, |it| verdict_badge(lang, *it));
        vec![
            row_header(
                of,
                &html! { a href={ "/requirements/" (it.of) } { (it.of) } " " (name) },
            ),
            cell(verdict, &badge),
            cell(pass, &html! { (it.pass) }),
            cell(fail, &html! { (it.fail) }),
            cell(unknown, &html! { (it.unknown) }),
        ]
    };
    let rows: Vec<Vec<Markup>> = list.iter().map(row).collect();
    table(&t!(lang, "opinion.technical"), &columns, &rows)
}

fn form(lang: Lang, view: &OpinionView, csrf: &str) -> Markup {
    let at = |id: &str| error_at(&view.errors, id);
    let choice = |stance: Stance| Choice {
        value: stance.code(),
        label: t!(lang, format!("opinion.stance.{}", stance.code())),
        support: t!(lang, format!("opinion.stance.{}_help", stance.code())),
    };
    let list: Vec<Choice> = Stance::ALL.iter().map(|it| choice(*it)).collect();
    let (stance, sentence) = &view.entered;
    html! {
        section aria-labelledby="give" class="screen-only" {
            h2 id="give" { (t!(lang, "opinion.give")) }
            p { (t!(lang, "opinion.give-lead")) }
            form method="post" class="form" {
                (csrf_field(csrf))
                input type="hidden" name="state" value=(view.state);
                input type="hidden" name="seen" value=(view.seen);
                (choices(lang, "stance", &t!(lang, "opinion.stance"), &list, stance, at("stance")))
                (field(lang, &Field {
                    name: "sentence",
                    label: t!(lang, "opinion.sentence"),
                    support: Some(t!(lang, "plan.names-nobody")),
                    required: true,
                    input: Input::Text,
                    value: sentence,
                    error: at("sentence"),
                    autocomplete: "off",
                    lang: None,
                }))
                div class="buttons" { (submit(&t!(lang, "opinion.record"))) }
            }
        }
    }
}

/// The page.
#[must_use]
pub fn opinion_page(frame: &Frame, view: &OpinionView) -> Markup {
    let lang = frame.lang;
    let title = t!(lang, "opinion.of-body");
    let trail = [(
        t!(lang, "opinion.title").into_owned(),
        OPINIONS_PATH.to_owned(),
    )];
    let main = html! {
        (titled(&trail, &html! { (view.name) }, &html! { (t!(lang, format!("opinion.kind.{}", view.kind))) }, &html! {}))
        (error_summary(lang, &view.errors))
        @if let Some(given) = &view.given { (opinion_state(lang, given)) }
        @if let Some(href) = &view.href { p { a href=(href) { (t!(lang, "opinion.read-it")) } } }
        section aria-labelledby="consistency" {
            h2 id="consistency" { (t!(lang, "opinion.consistency")) }
            (conflict_table(lang, &view.conflicts))
            @if view.more > 0 { p class="muted" { (t!(lang, "conflict.more", n = view.more)) } }
        }
        section aria-labelledby="technical" {
            h2 id="technical" { (t!(lang, "opinion.technical")) }
            (results(lang, &view.results, view.no_results))
        }
        @if let Some(csrf) = &view.gives { (form(lang, view, csrf)) }
    };
    frame_page(frame, &title, &main)
}
