//! Status badges: icon and word, never colour alone.

use maud::{Markup, html};
use sekisho_domain::check::Outcome;
use sekisho_domain::verdict::Verdict;
use sekisho_messages::{Lang, number, t};

use super::icon::{Icon, icon};
use crate::console::words;

/// The badge of a verdict.
#[must_use]
pub fn verdict_badge(lang: Lang, verdict: Verdict) -> Markup {
    html! {
        span class={ "badge badge--" (verdict.code()) } {
            (icon(Icon::from(verdict))) (words::verdict(lang, verdict))
        }
    }
}

/// The badge of a row: what is met with an adverse finding is told from what is plainly met.
#[must_use]
pub fn row_badge(lang: Lang, verdict: Verdict, findings: bool) -> Markup {
    if findings && matches!(verdict, Verdict::Met | Verdict::Attested) {
        html! { span class="badge badge--findings" { (icon(Icon::Findings)) (t!(lang, "console.verdict.met_findings")) } }
    } else {
        verdict_badge(lang, verdict)
    }
}

/// The badge of a verdict with how often it was given; faint when never.
#[must_use]
pub fn verdict_badge_counted(lang: Lang, verdict: Verdict, count: u32) -> Markup {
    let faint = if count == 0 { " badge--faint" } else { "" };
    html! {
        span class={ "badge badge--" (verdict.code()) (faint) } {
            (icon(Icon::from(verdict))) (words::verdict(lang, verdict))
            " " span class="num" { (number(i64::from(count))) }
        }
    }
}

/// The badge of a check's outcome.
#[must_use]
pub fn outcome_badge(lang: Lang, outcome: Outcome) -> Markup {
    outcome_badge_worded(outcome, &words::outcome(lang, outcome))
}

/// The badge of an outcome in words of its own.
#[must_use]
pub fn outcome_badge_worded(outcome: Outcome, word: &str) -> Markup {
    let class = match outcome {
        Outcome::Pass => "met",
        Outcome::Fail => "not_met",
        Outcome::Unknown => "unknown",
    };
    html! {
        span class={ "badge badge--" (class) } {
            (icon(Icon::from(outcome))) (word)
        }
    }
}
