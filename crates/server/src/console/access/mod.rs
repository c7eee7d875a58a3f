//! The look of the pages of access: who reaches what and why, tunnels that stand, and cutting them off.

mod answer;
mod effect;
mod gateways;
mod tunnels;

use maud::{Markup, html};
use sekisho_messages::{Lang, t};

use super::layout::{Frame, heading, page as frame_page};

pub use answer::{Allowing, AnswerView, Lacking, answer, answers};
pub use effect::{EffectView, Road, effect};
pub use gateways::{GatewayView, gateways};
pub use tunnels::{Reaching, TunnelView, size, tunnels};

/// The pages, as tabs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tab {
    /// Gateways, tunnels and refused attempts.
    Overview,
    /// What one person reaches.
    People,
    /// Who reaches one system.
    Systems,
    /// What the reader reaches.
    Mine,
}

impl Tab {
    const ALL: [Self; 4] = [Self::Overview, Self::People, Self::Systems, Self::Mine];

    const fn href(self) -> &'static str {
        match self {
            Self::Overview => "/access",
            Self::People => "/access/people",
            Self::Systems => "/access/systems",
            Self::Mine => "/access/mine",
        }
    }

    fn label(self, lang: Lang) -> std::borrow::Cow<'static, str> {
        match self {
            Self::Overview => t!(lang, "access-page.overview"),
            Self::People => t!(lang, "access-page.people"),
            Self::Systems => t!(lang, "access-page.systems"),
            Self::Mine => t!(lang, "access-page.mine"),
        }
    }
}

/// The tabs; whoever sees only what is his own has no need of them.
fn tabs(lang: Lang, here: Tab) -> Markup {
    html! {
        nav class="filters" aria-label=(t!(lang, "access-page.tabs")) {
            ul {
                @for tab in Tab::ALL {
                    li { a href=(tab.href()) aria-current=[(tab == here).then_some("page")] { (tab.label(lang)) } }
                }
            }
        }
    }
}

/// A page of access.
#[derive(Clone, Debug)]
pub struct AccessPage {
    /// Pages above.
    pub trail: Vec<(String, String)>,
    /// What it is called.
    pub title: String,
    /// What it says.
    pub lead: Markup,
    /// The tab it stands under; none where the reader has no tabs.
    pub tab: Option<Tab>,
    /// What stands on it.
    pub body: Markup,
}

/// The page.
#[must_use]
pub fn page(frame: &Frame, view: &AccessPage) -> Markup {
    let main = html! {
        (heading(&view.trail, &html! { (view.title) }, &view.lead))
        @if let Some(tab) = view.tab { (tabs(frame.lang, tab)) }
        (view.body)
    };
    frame_page(frame, &view.title, &main)
}
