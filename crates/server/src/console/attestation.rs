//! What a post attests of a requirement: how its word stands, what was said, and the form.

use maud::{Markup, html};
use sekisho_domain::check::Outcome;
use sekisho_domain::role::Role;
use sekisho_domain::time::Timestamp;
use sekisho_messages::{Lang, t};

use super::components::{
    Field, Input, Tone, alert, confirmation, csrf_field, error_summary, field, instant,
    outcome_badge, submit, text_area,
};
use super::words::{self, Localised};

/// Longest statement that is taken, in characters.
pub const STATEMENT_MAX: usize = 2000;

/// What the word of a post does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WordKind {
    /// It carries a part of the row, until it expires.
    Attestation,
    /// It changes no verdict: it records that what machines found over a period was looked at, and
    /// the next period starts there.
    Confirmation,
}

/// The part of a row that a post attests.
#[derive(Clone, Debug)]
pub struct AttestationPart {
    /// What its word does.
    pub kind: WordKind,
    /// What is attested.
    pub what: Localised,
    /// Who may attest it.
    pub by: Vec<Role>,
    /// How the attestation stands.
    pub state: AttestationState,
    /// What has been attested, newest first.
    pub words: Vec<AttestationWord>,
    /// What the reader can do.
    pub may: MayAttest,
}

/// How an attestation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttestationState {
    /// None was given.
    Missing,
    /// Given, and it holds.
    Given {
        /// When it was given.
        at: Timestamp,
        /// Until when it holds.
        until: Timestamp,
    },
    /// Given, and over.
    Expired {
        /// Since when.
        until: Timestamp,
    },
}

/// One attestation.
#[derive(Clone, Debug)]
pub struct AttestationWord {
    /// The post under which it was given.
    pub post: Localised,
    /// When it was given.
    pub at: Timestamp,
    /// Until when it holds.
    pub until: Timestamp,
    /// What was said.
    pub statement: Statement,
    /// Number of the record in the ledger.
    pub sequence: Option<u64>,
}

/// What was said, as far as the reader may see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Statement {
    /// Nothing was said.
    None,
    /// The text.
    Text(String),
    /// The reader may not read it.
    Hidden,
    /// Its author was forgotten: nobody can read it any more.
    Forgotten,
}

/// What the reader can do about a row.
#[derive(Clone, Debug)]
pub enum MayAttest {
    /// Nobody can attest it yet, and why, as a sentence.
    NotYet(String),
    /// No post can speak for the whole organisation on it.
    Nobody,
    /// Others can.
    Others,
    /// The reader can, with this form.
    Form(Box<AttestForm>),
}

/// The form, with what was entered and what is wrong with it.
#[derive(Clone, Debug, Default)]
pub struct AttestForm {
    /// Token against forged requests.
    pub csrf: String,
    /// Where it is sent.
    pub action: String,
    /// The statement entered.
    pub statement: String,
    /// The last day entered, or the latest possible.
    pub last_day: String,
    /// What is wrong, by field.
    pub wrong: Vec<(&'static str, String)>,
}

impl AttestForm {
    fn at(&self, field: &str) -> Option<&str> {
        let wrong = self.wrong.iter().find(|(name, _)| *name == field);
        wrong.map(|(_, sentence)| sentence.as_str())
    }
}

impl AttestationState {
    const fn outcome(self) -> Outcome {
        match self {
            Self::Given { .. } => Outcome::Pass,
            Self::Missing | Self::Expired { .. } => Outcome::Unknown,
        }
    }
}

/// The part as an item of the list of parts.
pub(super) fn part(lang: Lang, part: &AttestationPart) -> Markup {
    let by = words::list(lang, part.by.iter().map(|role| words::role(lang, *role)));
    html! {
        li {
            p class="part-head" {
                (outcome_badge(lang, part.state.outcome())) " " strong { (part.what.show(lang)) } " "
                span class="muted" { (t!(lang, "requirement.part.attestation")) }
            }
            p class="part-why" {
                (t!(lang, "requirement.attested_by")) (t!(lang, "console.colon")) (by)
                br;
                @match part.state {
                    AttestationState::Missing => (t!(lang, "requirement.attestation.missing")),
                    AttestationState::Given { at, until } => {
                        (t!(lang, "requirement.attestation.given")) (t!(lang, "console.colon")) (instant(lang, at))
                        " " (t!(lang, "requirement.attestation.until")) (t!(lang, "console.colon")) (instant(lang, until))
                    },
                    AttestationState::Expired { until } => {
                        span class="stale" { (t!(lang, "requirement.attestation.expired")) (t!(lang, "console.colon")) (instant(lang, until)) }
                    },
                }
            }
        }
    }
}

fn word(lang: Lang, now: Timestamp, kind: WordKind, word: &AttestationWord) -> Markup {
    let over = word.until <= now;
    html! {
        li {
            p {
                strong { (word.post.show(lang)) } " "
                span class="muted small" {
                    (t!(lang, "requirement.attestation.given")) (t!(lang, "console.colon")) (instant(lang, word.at)) " "
                    @if kind == WordKind::Attestation {
                        span class=[over.then_some("stale")] {
                            (t!(lang, "requirement.attestation.until")) (t!(lang, "console.colon")) (instant(lang, word.until))
                            @if over { " " (t!(lang, "attest.over")) }
                        }
                    }
                }
            }
            @match &word.statement {
                Statement::None => {}
                Statement::Text(text) => { p class="statement" { (text) } }
                Statement::Hidden => { p class="muted small" { (t!(lang, "attest.hidden")) } }
                Statement::Forgotten => { p class="muted small" { (t!(lang, "attest.forgotten")) } }
            }
            @if let Some(sequence) = word.sequence {
                a class="small" href={ "/ledger?record=" (sequence) } { (t!(lang, "requirement.record", n = sequence)) }
            }
        }
    }
}

fn form(lang: Lang, kind: WordKind, entered: &AttestForm) -> Markup {
    let errors: Vec<(&str, &str)> = entered
        .wrong
        .iter()
        .map(|(n, e)| (*n, e.as_str()))
        .collect();
    if kind == WordKind::Confirmation {
        return confirm_form(lang, entered, &errors);
    }
    let statement = Field {
        name: "statement",
        label: t!(lang, "attest.statement"),
        support: Some(t!(lang, "attest.statement_support", n = STATEMENT_MAX)),
        required: true,
        input: Input::Text,
        value: &entered.statement,
        error: entered.at("statement"),
        autocomplete: "off",
        lang: None,
    };
    let last_day = Field {
        name: "last_day",
        label: t!(lang, "attest.last_day"),
        support: Some(t!(lang, "attest.last_day_support")),
        input: Input::Date,
        value: &entered.last_day,
        error: entered.at("last_day"),
        ..statement.clone()
    };
    html! {
        h3 { (t!(lang, "attest.form")) }
        (error_summary(lang, &errors))
        form method="post" action=(entered.action) class="form" {
            (csrf_field(&entered.csrf))
            (text_area(lang, &statement, STATEMENT_MAX))
            (field(lang, &last_day))
            (confirmation(lang, "confirmed", &t!(lang, "attest.confirmed"), entered.at("confirmed")))
            (submit(&t!(lang, "attest.do")))
        }
    }
}

fn confirm_form(lang: Lang, entered: &AttestForm, errors: &[(&str, &str)]) -> Markup {
    let remark = Field {
        name: "statement",
        label: t!(lang, "confirm.remark"),
        support: Some(t!(lang, "confirm.remark_support", n = STATEMENT_MAX)),
        required: false,
        input: Input::Text,
        value: &entered.statement,
        error: entered.at("statement"),
        autocomplete: "off",
        lang: None,
    };
    html! {
        h3 { (t!(lang, "confirm.form")) }
        (error_summary(lang, errors))
        form method="post" action=(entered.action) class="form" {
            (csrf_field(&entered.csrf))
            (text_area(lang, &remark, STATEMENT_MAX))
            (confirmation(lang, "confirmed", &t!(lang, "confirm.confirmed"), entered.at("confirmed")))
            (submit(&t!(lang, "confirm.do")))
        }
    }
}

/// What the owner of a row that machines check has confirmed, and the form for whoever may.
fn confirmations(lang: Lang, now: Timestamp, part: &AttestationPart) -> Markup {
    let by = words::list(lang, part.by.iter().map(|role| words::role(lang, *role)));
    html! {
        section id="attestations" aria-labelledby="attestations-title" {
            h2 id="attestations-title" { (t!(lang, "confirm.title")) }
            p class="small muted" { (t!(lang, "confirm.limits")) }
            @if part.words.is_empty() { p { (t!(lang, "confirm.none")) } }
            @else { ul class="words" { @for known in &part.words { (word(lang, now, part.kind, known)) } } }
            @match &part.may {
                MayAttest::NotYet(why) => (alert(Tone::Info, &t!(lang, "confirm.not_yet"), &html! { p { (why) } })),
                MayAttest::Nobody => {}
                MayAttest::Others => p class="small" { (t!(lang, "confirm.others", by = by)) },
                MayAttest::Form(entered) => (form(lang, part.kind, entered)),
            }
        }
    }
}

/// What has been attested, what an attestation can do, and the form for whoever may.
pub(super) fn section(lang: Lang, now: Timestamp, part: &AttestationPart) -> Markup {
    if part.kind == WordKind::Confirmation {
        return confirmations(lang, now, part);
    }
    let by = words::list(lang, part.by.iter().map(|role| words::role(lang, *role)));
    html! {
        section id="attestations" aria-labelledby="attestations-title" {
            h2 id="attestations-title" { (t!(lang, "attest.title")) }
            p class="small muted" { (t!(lang, "attest.limits")) }
            @if part.words.is_empty() { p { (t!(lang, "requirement.attestation.missing")) } }
            @else { ul class="words" { @for known in &part.words { (word(lang, now, part.kind, known)) } } }
            @match &part.may {
                MayAttest::NotYet(why) => (alert(Tone::Info, &t!(lang, "attest.not_yet"), &html! {
                    p { (why) } p { (t!(lang, "attest.not_yet_how")) }
                })),
                MayAttest::Nobody => (alert(Tone::Info, &t!(lang, "attest.nobody"), &html! { p { (t!(lang, "attest.nobody_how")) } })),
                MayAttest::Others => p class="small" { (t!(lang, "attest.others", by = by)) },
                MayAttest::Form(entered) => (form(lang, part.kind, entered)),
            }
        }
    }
}
