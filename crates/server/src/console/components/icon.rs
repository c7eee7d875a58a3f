//! Icons, drawn here: a shape for every status, so that none rests on colour.

use maud::{Markup, html};
use sekisho_domain::check::Outcome;
use sekisho_domain::verdict::Verdict;

/// An icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    /// A tick in a disc.
    Pass,
    /// A tick with an exclamation mark in a square: met, with findings.
    Findings,
    /// A cross in an octagon.
    Fail,
    /// A question mark in a diamond.
    Unknown,
    /// A signed sheet.
    Signed,
    /// A bar in a circle.
    None,
    /// A triangle with an exclamation mark.
    Warning,
    /// An i in a disc.
    Info,
    /// Three bars.
    Menu,
}

impl From<Verdict> for Icon {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Met => Self::Pass,
            Verdict::NotMet => Self::Fail,
            Verdict::Attested => Self::Signed,
            Verdict::NotApplicable => Self::None,
            Verdict::Unknown => Self::Unknown,
        }
    }
}

impl From<Outcome> for Icon {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Pass => Self::Pass,
            Outcome::Fail => Self::Fail,
            Outcome::Unknown => Self::Unknown,
        }
    }
}

/// Path data of the filled shape, and of the mark cut into it.
const fn paths(icon: Icon) -> (&'static str, &'static str) {
    match icon {
        Icon::Pass => (
            "M10 1a9 9 0 1 0 0 18a9 9 0 0 0 0-18z",
            "M5.8 10.4l2.9 2.9l5.6-6.3",
        ),
        Icon::Findings => (
            "M4 1h12a3 3 0 0 1 3 3v12a3 3 0 0 1-3 3H4a3 3 0 0 1-3-3V4a3 3 0 0 1 3-3z",
            "M3.8 10.4l3 3l4.6-6.6M15.400 5.500v5.500M15.400 14v.3",
        ),
        Icon::Fail => (
            "M6.3 1h7.4L19 6.3v7.4L13.7 19H6.3L1 13.7V6.3z",
            "M6.8 6.8l6.4 6.4M13.2 6.8l-6.4 6.4",
        ),
        Icon::Unknown => (
            "M10 .4L19.6 10L10 19.6L.4 10z",
            "M7.7 7.9a2.3 2.3 0 1 1 3.5 2c-.8.5-1.2.9-1.2 1.8M10 14v.3",
        ),
        Icon::Signed => ("M4 1h8.5L17 5.5V19H4z", "M7 11.500l2.2 2.200l4-4.600M7 6h4"),
        Icon::None => ("M10 1a9 9 0 1 0 0 18a9 9 0 0 0 0-18z", "M6 10h8"),
        Icon::Warning => ("M10 1.200L19.6 18.500H.4z", "M10 7.500v5M10 15.500v.3"),
        Icon::Info => (
            "M10 1a9 9 0 1 0 0 18a9 9 0 0 0 0-18z",
            "M10 9v5.5M10 5.800v.3",
        ),
        Icon::Menu => ("", "M2 5h16M2 10h16M2 15h16"),
    }
}

/// Draws an icon in the colour of the text. Hidden from screen readers: the word beside it says
/// the same.
#[must_use]
pub fn icon(icon: Icon) -> Markup {
    let (shape, mark) = paths(icon);
    let class = if matches!(icon, Icon::Menu) {
        "icon icon--line"
    } else {
        "icon"
    };
    html! {
        svg class=(class) viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" focusable="false" {
            @if !shape.is_empty() { path class="icon-shape" d=(shape) {} }
            path class="icon-mark" d=(mark) {}
        }
    }
}
