//! One permit: what was asked for, what was decided, what is owed, and its history.

use maud::{Markup, html};
use sekisho_messages::t;

use super::super::components::{Definitions, definitions};
use super::super::layout::{Frame, page as frame_page, titled};
use super::super::register::{Change, LinkTo, history, links};

/// Something owed.
#[derive(Clone, Debug)]
pub struct Duty {
    /// What.
    pub what: String,
    /// Until when, and whether that is past.
    pub due: Markup,
    /// Where it is recorded as done, for those who may.
    pub act: Option<LinkTo>,
}

/// The page.
#[derive(Clone, Debug)]
pub struct PermitView {
    /// Pages above.
    pub trail: Vec<(String, String)>,
    /// What the permit is called.
    pub title: String,
    /// Where it stands, and whose it is.
    pub lead: Markup,
    /// What the reader can do now.
    pub links: Vec<LinkTo>,
    /// What must be said first.
    pub notes: Vec<Markup>,
    /// What the officer who decides should know; none for others.
    pub weigh: Option<Markup>,
    /// What the decision would bring about; none where nothing lies ahead, or for who may not see it.
    pub effect: Option<Markup>,
    /// The form of the decision; none for who does not decide now.
    pub decide: Option<Markup>,
    /// Who applies for what.
    pub asked: Definitions,
    /// What was decided, by whom and on what ground.
    pub decided: Definitions,
    /// On what conditions.
    pub conditions: Definitions,
    /// What is owed.
    pub duties: Vec<Duty>,
    /// What happened, the newest first.
    pub history: Vec<Change>,
}

fn duties(list: &[Duty]) -> Markup {
    html! {
        ul class="words duties" {
            @for duty in list {
                li {
                    p { strong { (duty.what) } " " (duty.due) }
                    @if let Some(act) = &duty.act { p { a class="button button--secondary" href=(act.href) { (act.label) } } }
                }
            }
        }
    }
}

/// The page.
#[must_use]
pub fn page(frame: &Frame, view: &PermitView) -> Markup {
    let lang = frame.lang;
    let main = html! {
        (titled(&view.trail, &html! { (view.title) }, &view.lead, &links(&view.links)))
        @for note in &view.notes { (note) }
        div class=(if view.decide.is_some() || view.weigh.is_some() || view.effect.is_some() { "split" } else { "split split--even" }) {
            div {
                section aria-labelledby="asked" {
                    h2 id="asked" { (t!(lang, "permits.asked")) }
                    (definitions(&view.asked))
                }
                @if !view.decided.is_empty() {
                    section aria-labelledby="decided" {
                        h2 id="decided" { (t!(lang, "permits.decided")) }
                        (definitions(&view.decided))
                    }
                }
                @if !view.conditions.is_empty() {
                    section aria-labelledby="conditions" {
                        h2 id="conditions" { (t!(lang, "permits.conditions")) }
                        (definitions(&view.conditions))
                    }
                }
                @if !view.duties.is_empty() {
                    section aria-labelledby="duties" {
                        h2 id="duties" { (t!(lang, "permits.duties")) }
                        (duties(&view.duties))
                    }
                }
            }
            div class="screen-only" {
                @if let Some(weigh) = &view.weigh {
                    section aria-labelledby="weigh" class="weigh" { h2 id="weigh" { (t!(lang, "permits.weigh")) } (weigh) }
                }
                @if let Some(effect) = &view.effect {
                    section aria-labelledby="effect" class="weigh" { (effect) }
                }
                @if let Some(decide) = &view.decide {
                    section aria-labelledby="decide" { h2 id="decide" { (t!(lang, "permits.decide")) } (decide) }
                }
                section aria-labelledby="history" {
                    h2 id="history" { (t!(lang, "register.history")) }
                    (history(frame, &view.history))
                }
            }
        }
    };
    frame_page(frame, &view.title, &main)
}
