//! One assessment: the number, what it rests on, that it comes out the same again, and what is decided.

use maud::{Markup, html};
use sekisho_domain::plan::RiskLevel;
use sekisho_domain::risk::{Rank, RiskResult};
use sekisho_messages::{Lang, t};

use super::super::components::{
    Column, Definitions, Tone, alert, cell, csrf_field, definitions, error_summary, row_header,
    table,
};
use super::super::layout::{Frame, page as frame_page, titled};
use super::super::register::{LinkTo, links};
use super::super::rules::answer_field;
use super::parts::{Errors, TreatmentForm, at, line, treatments};
use super::{PATH, level_badge};

/// A scenario as a line.
#[derive(Clone, Debug)]
pub struct ScenarioLine {
    /// Its name.
    pub name: String,
    /// Threat, weakness and likelihood.
    pub ranks: [Rank; 3],
    /// The risk.
    pub risk: u8,
    /// Its level.
    pub level: RiskLevel,
    /// Why the threat was raised and the weakness is what it is, in words.
    pub why: Vec<String>,
}

/// What a weakness was measured by, as a line.
#[derive(Clone, Debug)]
pub struct BoundLine {
    /// Which scenario.
    pub scenario: String,
    /// By what.
    pub what: Markup,
    /// Subjects that pass, fail, are stale and unknown.
    pub counts: [u32; 4],
    /// When the oldest evidence came.
    pub oldest: Option<Markup>,
}

/// What raised a threat, as a line.
#[derive(Clone, Debug)]
pub struct FactLine {
    /// Which scenario.
    pub scenario: String,
    /// What.
    pub what: Markup,
    /// When.
    pub at: Markup,
}

/// The view-model.
#[derive(Clone, Debug)]
pub struct ShowView {
    /// Its id.
    pub id: String,
    /// What is assessed.
    pub subject: String,
    /// What was found.
    pub result: RiskResult,
    /// Facts about it.
    pub facts: Definitions,
    /// Scenario by scenario.
    pub scenarios: Vec<ScenarioLine>,
    /// What weaknesses were measured by.
    pub bound: Vec<BoundLine>,
    /// What raised threats.
    pub raised: Vec<FactLine>,
    /// What could not be measured.
    pub unmeasured: Vec<String>,
    /// What is done about it, in words.
    pub treatments: Vec<String>,
    /// Whether putting the frozen inputs to the method again gave the same number; in words.
    pub replayed: (bool, String),
    /// Whether a high risk has nothing that stands against it.
    pub open: bool,
    /// The assessment that took its place.
    pub superseded: bool,
    /// Why it was sent back.
    pub sent_back: Option<String>,
    /// The revision of what is worked on; none for what was approved.
    pub revision: Option<u64>,
    /// Whether it waits for approval.
    pub proposed: bool,
    /// Token against forged requests.
    pub csrf: String,
    /// The form of treatments, for who drafts.
    pub form: Option<TreatmentForm>,
    /// Whether the reader may decide.
    pub approves: bool,
    /// Who decides, in words.
    pub decider: String,
    /// What the reader can do.
    pub links: Vec<LinkTo>,
    /// What is wrong.
    pub errors: Errors,
}

fn scenarios(lang: Lang, view: &ShowView) -> Markup {
    let columns = [
        Column::text(t!(lang, "risk.scenario")),
        Column::number(t!(lang, "risk.threat")),
        Column::number(t!(lang, "risk.weakness")),
        Column::number(t!(lang, "risk.likelihood")),
        Column::number(t!(lang, "risk.risk")),
        Column::text(t!(lang, "risk.level")),
        Column::text(t!(lang, "risk.why")),
    ];
    let [name, threat, weakness, likelihood, risk, level, why] = &columns;
    let row = |it: &ScenarioLine| {
        vec![
            row_header(name, &html! { (it.name) }),
            cell(threat, &html! { (it.ranks[0].number()) }),
            cell(weakness, &html! { (it.ranks[1].number()) }),
            cell(likelihood, &html! { (it.ranks[2].number()) }),
            cell(risk, &html! { (it.risk) }),
            cell(level, &level_badge(lang, it.level)),
            cell(
                why,
                &html! {
                    @if it.why.is_empty() { span class="muted" { "–" } }
                    @else { ul class="values" { @for said in &it.why { li { (said) } } } }
                },
            ),
        ]
    };
    let rows: Vec<Vec<Markup>> = view.scenarios.iter().map(row).collect();
    table(&t!(lang, "risk.scenarios"), &columns, &rows)
}

fn bound(lang: Lang, view: &ShowView) -> Markup {
    let columns = [
        Column::text(t!(lang, "risk.scenario")),
        Column::text(t!(lang, "risk.check")),
        Column::number(t!(lang, "risk.pass")),
        Column::number(t!(lang, "risk.fail")),
        Column::number(t!(lang, "risk.stale")),
        Column::number(t!(lang, "risk.unknown")),
        Column::text(t!(lang, "risk.oldest")),
    ];
    let row = |it: &BoundLine| {
        let mut row = vec![
            row_header(&columns[0], &html! { (it.scenario) }),
            cell(&columns[1], &it.what),
        ];
        row.extend(
            it.counts
                .iter()
                .zip(&columns[2..6])
                .map(|(count, column)| cell(column, &html! { (count) })),
        );
        let none = html! { span class="muted" { "–" } };
        row.push(cell(&columns[6], it.oldest.as_ref().unwrap_or(&none)));
        row
    };
    let rows: Vec<Vec<Markup>> = view.bound.iter().map(row).collect();
    table(&t!(lang, "risk.bound"), &columns, &rows)
}

fn raised(lang: Lang, view: &ShowView) -> Markup {
    let columns = [
        Column::text(t!(lang, "risk.scenario")),
        Column::text(t!(lang, "risk.fact")),
        Column::text(t!(lang, "risk.when")),
    ];
    let row = |it: &FactLine| {
        vec![
            row_header(&columns[0], &html! { (it.scenario) }),
            cell(&columns[1], &it.what),
            cell(&columns[2], &it.at),
        ]
    };
    let rows: Vec<Vec<Markup>> = view.raised.iter().map(row).collect();
    table(&t!(lang, "risk.facts"), &columns, &rows)
}

fn act(view: &ShowView, revision: u64, act: &str, label: &str, class: &str) -> Markup {
    html! {
        form method="post" action={ (PATH) "/" (view.id) "/" (act) } {
            (csrf_field(&view.csrf))
            input type="hidden" name="expected" value=(revision);
            button class=(class) type="submit" { (label) }
        }
    }
}

fn work(lang: Lang, view: &ShowView, revision: u64) -> Markup {
    html! {
        @if let Some(form) = &view.form {
            section aria-labelledby="treat" class="screen-only" {
                h2 id="treat" { (t!(lang, "risk.treat")) }
                p { (t!(lang, "risk.treat-lead")) }
                (treatments(lang, form))
            }
            section aria-labelledby="go-on" class="screen-only" {
                h2 id="go-on" { (t!(lang, "risk.go-on")) }
                p { (t!(lang, "risk.go-on-lead")) }
                div class="buttons" {
                    (act(view, revision, "propose", &t!(lang, "risk.propose"), "button"))
                    (act(view, revision, "drop", &t!(lang, "risk.drop"), "button button--secondary"))
                }
            }
        }
        @if view.proposed {
            section aria-labelledby="decide" class="screen-only" {
                h2 id="decide" { (t!(lang, "risk.decide")) }
                @if view.approves {
                    p { (t!(lang, "risk.decide-lead")) }
                    form method="post" action={ (PATH) "/" (view.id) "/approve" } class="form" {
                        (csrf_field(&view.csrf))
                        input type="hidden" name="expected" value=(revision);
                        (answer_field(lang, at(&view.errors, "answer")))
                        div class="buttons" { button class="button" type="submit" { (t!(lang, "risk.approve")) } }
                    }
                    form method="post" action={ (PATH) "/" (view.id) "/send-back" } class="form" {
                        (csrf_field(&view.csrf))
                        (line(lang, ("reason", t!(lang, "plan.send-back-reason").into_owned()), Some(t!(lang, "plan.names-nobody").into_owned()), (true, ""), at(&view.errors, "reason")))
                        div class="buttons" { button class="button button--secondary" type="submit" { (t!(lang, "risk.send-back")) } }
                    }
                } @else {
                    p { (t!(lang, "risk.decider", who = view.decider.as_str())) }
                }
            }
        }
    }
}

/// The page.
#[must_use]
pub fn show_page(frame: &Frame, view: &ShowView) -> Markup {
    let lang = frame.lang;
    let title = t!(lang, "risk.one", subject = view.subject.as_str());
    let trail = [(t!(lang, "risk.title").into_owned(), PATH.to_owned())];
    let errors: Vec<(&str, &str)> = view
        .errors
        .iter()
        .map(|(id, said)| (id.as_str(), said.as_str()))
        .collect();
    let lead = html! {
        (level_badge(lang, view.result.level)) " "
        strong class="num" { (view.result.risk) } " "
        (t!(lang, "risk.product", importance = u32::from(view.result.importance.number()), likelihood = u32::from(view.result.likelihood().number())))
    };
    let (same, said) = &view.replayed;
    let tone = if *same { Tone::Info } else { Tone::Error };
    let main = html! {
        (titled(&trail, &html! { (title) }, &lead, &links(&view.links)))
        (error_summary(lang, &errors))
        @if view.open { (alert(Tone::Error, &t!(lang, "risk.open-one"), &html! { p { (t!(lang, "risk.open-high-how")) } })) }
        @if view.superseded { (alert(Tone::Info, &t!(lang, "risk.superseded-note"), &html! {})) }
        @if let Some(reason) = &view.sent_back {
            (alert(Tone::Warning, &t!(lang, "plan.was-sent-back"), &html! { p { (reason) } }))
        }
        (definitions(&view.facts))
        section aria-labelledby="treatments" {
            h2 id="treatments" { (t!(lang, "risk.treatments")) }
            @if view.treatments.is_empty() { p class="muted" { (t!(lang, "risk.no-treatment")) } }
            @else { ul { @for it in &view.treatments { li { (it) } } } }
        }
        @if let Some(revision) = view.revision { (work(lang, view, revision)) }
        section aria-labelledby="scenarios" {
            h2 id="scenarios" { (t!(lang, "risk.scenarios")) }
            (scenarios(lang, view))
        }
        section aria-labelledby="frozen" {
            h2 id="frozen" { (t!(lang, "risk.frozen-inputs")) }
            (alert(tone, said, &html! {}))
            @if !view.unmeasured.is_empty() {
                (alert(Tone::Warning, &t!(lang, "risk.unmeasured"), &html! { ul { @for it in &view.unmeasured { li { (it) } } } }))
            }
            @if !view.raised.is_empty() { (raised(lang, view)) }
            @if !view.bound.is_empty() { (bound(lang, view)) }
        }
    };
    frame_page(frame, &title, &main)
}
