//! What a decision on a permit would bring about.

use maud::{Markup, html};
use sekisho_domain::check::Outcome;
use sekisho_messages::{Lang, t};

use super::super::components::outcome_badge_worded;
use super::answer::{Allowing, Lacking, answer};

/// One road, as it is and as it would be.
#[derive(Clone, Debug)]
pub struct Road {
    /// With which device, to where.
    pub about: Markup,
    /// Whether it is open now.
    pub before: bool,
    /// Whether it would be open.
    pub opens: bool,
    /// What would be answered.
    pub after: Result<Allowing, Vec<Lacking>>,
    /// Why no gateway would lead there although it would be allowed.
    pub closed: Option<String>,
    /// How many tunnels use it now, where it would close.
    pub tunnels: usize,
}

/// What would be.
#[derive(Clone, Debug)]
pub struct EffectView {
    /// Whether it is about an approval; else about an end.
    pub approval: bool,
    /// The roads.
    pub roads: Vec<Road>,
    /// Whether there are more.
    pub more: bool,
}

fn badge(lang: Lang, road: &Road) -> Markup {
    match (road.before, road.opens) {
        (false, true) => outcome_badge_worded(Outcome::Pass, &t!(lang, "access-page.opens")),
        (true, true) => outcome_badge_worded(Outcome::Pass, &t!(lang, "access-page.stays_open")),
        (true, false) => outcome_badge_worded(Outcome::Fail, &t!(lang, "access-page.closes")),
        (false, false) => {
            outcome_badge_worded(Outcome::Unknown, &t!(lang, "access-page.stays_closed"))
        }
    }
}

/// What would be.
#[must_use]
pub fn effect(lang: Lang, view: &EffectView) -> Markup {
    html! {
        p class="small" {
            @if view.approval { (t!(lang, "access-page.effect_lead")) } @else { (t!(lang, "access-page.effect_end_lead")) }
        }
        @if view.roads.is_empty() { p class="muted" { (t!(lang, "access-page.no_roads")) } }
        @else {
            ul class="words" {
                @for road in &view.roads {
                    li {
                        p { (road.about) }
                        p { (badge(lang, road)) }
                        @if let Some(why) = &road.closed { p class="small" { (why) } }
                        @if road.tunnels > 0 { p { (t!(lang, "access-page.ends_tunnels", n = road.tunnels)) } }
                        @if view.approval || road.after.is_err() && road.before {
                            @if let Err(missing) = &road.after {
                                details {
                                    summary { (t!(lang, "access-page.still_missing", n = missing.len())) }
                                    (answer(lang, &road.after))
                                }
                            }
                        }
                    }
                }
            }
            @if view.more { p class="muted" { (t!(lang, "access-page.more_roads")) } }
        }
    }
}
