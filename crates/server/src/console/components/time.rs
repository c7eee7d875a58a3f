//! Instants, with the exact time for machines and the age for people.

use maud::{Markup, html};
use sekisho_domain::time::Timestamp;
use sekisho_messages::{Lang, age as age_text, date, month_day};

/// An instant in full.
#[must_use]
pub fn instant(lang: Lang, at: Timestamp) -> Markup {
    html! { time datetime=(at.to_rfc3339()) { (date(lang, at)) } }
}

/// An instant without the year, and its age below; the full date is in the title.
#[must_use]
pub fn instant_with_age(lang: Lang, at: Timestamp, now: Timestamp) -> Markup {
    let same_year = at.jst_date().year() == now.jst_date().year();
    let shown = if same_year {
        month_day(lang, at)
    } else {
        date(lang, at)
    };
    html! {
        time class="when" datetime=(at.to_rfc3339()) title=(date(lang, at)) {
            (shown) " " span class="age" { (age_text(lang, at, now)) }
        }
    }
}

/// The age of an instant; the full date is in the title.
#[must_use]
pub fn age(lang: Lang, at: Timestamp, now: Timestamp) -> Markup {
    html! {
        time datetime=(at.to_rfc3339()) title=(date(lang, at)) { (age_text(lang, at, now)) }
    }
}
