//! The words of permits.

use std::borrow::Cow;

use maud::{Markup, html};
use sekisho_domain::permit::{Clause, PermitKind, Status, Term};
use sekisho_domain::time::Span;
use sekisho_messages::{Lang, day, t, text};

/// What a kind of permit is called.
#[must_use]
pub fn kind_name(lang: Lang, kind: PermitKind) -> Cow<'static, str> {
    text(lang, format!("permits.kind.{}", kind.code()), &[])
}

/// What a kind of permit is for, in plain words.
#[must_use]
pub fn kind_help(lang: Lang, kind: PermitKind) -> Cow<'static, str> {
    text(lang, format!("permits.kind.{}_help", kind.code()), &[])
}

/// Where a permit stands, in a word.
#[must_use]
pub fn status_word(lang: Lang, status: Status) -> Cow<'static, str> {
    text(lang, format!("permits.status.{}", status.code()), &[])
}

/// Where a permit stands, as a badge.
#[must_use]
pub fn status_badge(lang: Lang, status: Status) -> Markup {
    let tone = match status {
        Status::Applied | Status::Approved => "wait",
        Status::SentBack | Status::Suspended | Status::Ended => "warn",
        Status::Active => "good",
        Status::Refused => "bad",
        Status::Withdrawn | Status::Closed => "over",
    };
    html! { span class={ "state state--" (tone) } { (status_word(lang, status)) } }
}

/// A term as its first and last day.
#[must_use]
pub fn term_words(lang: Lang, term: Term) -> Markup {
    let last = term.until.before(Span::seconds(1));
    html! {
        time datetime=(term.from.jst_date()) { (day(lang, term.from)) }
        (t!(lang, "permits.to"))
        time datetime=(last.jst_date()) { (day(lang, last)) }
    }
}

/// On what ground a permission rests.
#[must_use]
pub fn clause_word(lang: Lang, clause: Clause) -> Cow<'static, str> {
    match clause {
        Clause::Default => t!(lang, "permits.clause_default"),
        clause => Cow::Borrowed(clause.code()),
    }
}
