//! Rules with their clauses, what changed between versions, what was counted under them; opinions of the
//! promotion body and the list of conflicts.

mod changes;
mod draft;
mod effect;
mod list;
mod opinions;
mod show;

use maud::{Markup, html};
use sekisho_messages::{Lang, t};

use super::components::{Definitions, Field, Input, definitions, empty_state, field};

pub use changes::{ChangeLine, ChangesView, changes_page, pieces};
pub use draft::{DraftView, draft_page};
pub use effect::{EffectLine, EffectView, effect_page};
pub use list::{ListView, RuleLine, list_page};
pub use opinions::{
    ConflictShown, ConflictsView, GivenLine, OpinionState, OpinionView, OpinionsView, WaitingLine,
    conflict_table, conflicts_page, opinion_page, opinion_state, opinions_page,
};
pub use show::{RuleView, VersionLine, rule_page, version_page};

/// The path of the list of rules.
pub const PATH: &str = "/rules";
/// The path of the opinions.
pub const OPINIONS_PATH: &str = "/opinions";
/// The path of the list of conflicts.
pub const CONFLICTS_PATH: &str = "/rules/conflicts";

/// A clause, as people read it.
#[derive(Clone, Debug)]
pub struct ClauseShown {
    /// Its number, for good.
    pub number: u32,
    /// What is printed before it.
    pub label: String,
    /// Its text.
    pub text: String,
    /// What it is bound to and limits.
    pub facts: Definitions,
    /// Where it is changed; none where it is not.
    pub href: Option<String>,
}

/// The clauses of a rule.
#[must_use]
pub fn clauses(lang: Lang, list: &[ClauseShown]) -> Markup {
    if list.is_empty() {
        return empty_state(
            &t!(lang, "rule.no-clauses-yet"),
            &t!(lang, "rule.no-clauses-how"),
        );
    }
    html! {
        @for clause in list {
            article class="clause" id={ "clause-" (clause.number) } {
                h3 {
                    @if let Some(href) = &clause.href { a href=(href) { (clause.label) } } @else { (clause.label) }
                    " " span class="muted small" { (t!(lang, "rule.clause-number", n = clause.number)) }
                }
                p class="clause-text" { (clause.text) }
                @if !clause.facts.is_empty() {
                    details { summary { (t!(lang, "rule.bound")) } (definitions(&clause.facts)) }
                }
            }
        }
    }
}

/// The field for the answer to an objection of the promotion body, for whoever approves.
#[must_use]
pub fn answer_field(lang: Lang, error: Option<&str>) -> Markup {
    answer_again(lang, "", error)
}

/// The same with what was written there already.
#[must_use]
pub fn answer_again(lang: Lang, written: &str, error: Option<&str>) -> Markup {
    field(
        lang,
        &Field {
            name: "answer",
            label: t!(lang, "opinion.answer"),
            support: Some(t!(lang, "opinion.answer-support")),
            required: false,
            input: Input::Text,
            value: written,
            error,
            autocomplete: "off",
            lang: None,
        },
    )
}
