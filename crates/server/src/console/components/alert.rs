//! Notices inside a page, and what stands where there is nothing to show.

use maud::{Markup, html};

use super::icon::{Icon, icon};

/// How grave a notice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// For information.
    Info,
    /// It went well.
    Success,
    /// Somebody should look.
    Warning,
    /// Something failed.
    Error,
}

impl Tone {
    const fn class(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Success => "success",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    const fn icon(self) -> Icon {
        match self {
            Self::Info => Icon::Info,
            Self::Success => Icon::Pass,
            Self::Warning => Icon::Warning,
            Self::Error => Icon::Fail,
        }
    }
}

/// A notice with a heading and a body.
#[must_use]
pub fn alert(tone: Tone, heading: &str, body: &Markup) -> Markup {
    html! {
        div class={ "alert alert--" (tone.class()) } role=[matches!(tone, Tone::Error).then_some("alert")] {
            (icon(tone.icon()))
            div class="alert-body" {
                p class="alert-heading" { (heading) }
                (body)
            }
        }
    }
}

/// What stands where a list has nothing in it: what it would hold, and how it comes to.
#[must_use]
pub fn empty_state(what: &str, how: &str) -> Markup {
    html! {
        div class="empty" {
            p class="empty-what" { (what) }
            p { (how) }
        }
    }
}
