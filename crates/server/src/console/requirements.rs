//! The list of requirements, all or by section and verdict.

use maud::{Markup, html};
use sekisho_domain::requirement::Force;
use sekisho_domain::role::Role;
use sekisho_domain::time::Timestamp;
use sekisho_domain::verdict::Verdict;
use sekisho_messages::{Lang, t};

use super::components::{
    Column, age, cell, empty_state, row_header, table, verdict_badge, verdict_badge_counted,
};
use super::layout::{Frame, heading, page as frame_page, percent_encode};
use super::overview::Section;
use super::svg::VerdictCounts;
use super::words::{self, Localised};

/// One row of the list.
#[derive(Clone, Debug)]
pub struct Item {
    /// Its id.
    pub id: String,
    /// What must be true.
    pub text: Localised,
    /// Its force under the profile.
    pub force: Force,
    /// Who answers for it.
    pub owner: Role,
    /// The verdict.
    pub verdict: Verdict,
    /// Why, as a sentence in the page's language.
    pub reason: String,
    /// When the newest evidence was received.
    pub evidence_at: Option<Timestamp>,
}

/// The list.
#[derive(Clone, Debug)]
pub struct Requirements {
    /// Only this section.
    pub section: Option<Section>,
    /// Only this verdict.
    pub verdict: Option<Verdict>,
    /// Only what is not met or unknown.
    pub open_only: bool,
    /// The counts over the section, whatever verdict is chosen.
    pub counts: VerdictCounts,
    /// The rows.
    pub items: Vec<Item>,
}

/// The address of a requirement's page.
#[must_use]
pub fn href(id: &str) -> String {
    format!("/requirements/{}", percent_encode(id))
}

fn query(section: Option<Section>, verdict: Option<Verdict>) -> String {
    let section = section.map(|section| format!("section={}", section.code()));
    let verdict = verdict.map(|verdict| format!("verdict={}", verdict.code()));
    let parts: Vec<String> = section.into_iter().chain(verdict).collect();
    if parts.is_empty() {
        "/requirements".to_owned()
    } else {
        format!("/requirements?{}", parts.join("&"))
    }
}

fn filters(lang: Lang, view: &Requirements) -> Markup {
    let everything = view.verdict.is_none() && !view.open_only;
    html! {
        nav class="filters" aria-label=(t!(lang, "requirement.filter")) {
            ul {
                li {
                    a href=(query(view.section, None)) aria-current=[everything.then_some("true")] {
                        (t!(lang, "requirement.all", n = view.counts.total()))
                    }
                }
                @for verdict in Verdict::ALL {
                    @let chosen = view.verdict == Some(verdict);
                    li {
                        a href=(query(view.section, Some(verdict))) aria-current=[chosen.then_some("true")] {
                            (verdict_badge_counted(lang, verdict, view.counts.of(verdict)))
                        }
                    }
                }
            }
        }
    }
}

fn rows(frame: &Frame, items: &[&Item]) -> Markup {
    let lang = frame.lang;
    let id = Column::text(t!(lang, "requirement.column.id"));
    let what = Column::text(t!(lang, "requirement.column.text"));
    let verdict = Column::text(t!(lang, "requirement.column.verdict"));
    let owner = Column::text(t!(lang, "requirement.column.owner"));
    let evidence = Column::text(t!(lang, "requirement.column.evidence"));
    let columns = [
        id.clone(),
        what.clone(),
        verdict.clone(),
        owner.clone(),
        evidence.clone(),
    ];
    let none = html! { span class="muted" { (t!(lang, "overview.no_evidence")) } };
    let rows: Vec<Vec<Markup>> = items
        .iter()
        .map(|item| {
            let about = html! {
                (item.text.show(lang))
                p class="small muted" { (item.reason) }
            };
            let seen = item
                .evidence_at
                .map_or_else(|| none.clone(), |at| age(lang, at, frame.now));
            let link = html! {
                a class="code" href=(href(&item.id)) { (item.id) }
                p class="small muted" { (words::force(lang, item.force)) }
            };
            vec![
                row_header(&id, &link),
                cell(&what, &about),
                cell(&verdict, &verdict_badge(lang, item.verdict)),
                cell(&owner, &html! { (words::role(lang, item.owner)) }),
                cell(&evidence, &seen),
            ]
        })
        .collect();
    table(&t!(lang, "requirement.list"), &columns, &rows)
}

/// The page.
#[must_use]
pub fn page(frame: &Frame, view: &Requirements) -> Markup {
    let lang = frame.lang;
    let title = view
        .section
        .map_or_else(|| t!(lang, "requirement.list"), |s| s.name(lang));
    let trail = if view.section.is_some() {
        vec![(
            t!(lang, "requirement.list").into_owned(),
            "/requirements".to_owned(),
        )]
    } else {
        Vec::new()
    };
    let main = html! {
        (heading(&trail, &html! { (title) }, &html! { (t!(lang, "requirement.list_lead")) }))
        (filters(lang, view))
        @if view.items.is_empty() {
            (empty_state(&t!(lang, "requirement.none"), &t!(lang, "requirement.none_how")))
        } @else {
            @for section in Section::ALL {
                @let here: Vec<&Item> = view.items.iter().filter(|item| Section::of(&item.id) == Some(section)).collect();
                @if !here.is_empty() {
                    section class="requirement-list" {
                        @if view.section.is_none() { h2 { (section.name(lang)) } }
                        (rows(frame, &here))
                    }
                }
            }
        }
    };
    frame_page(frame, &title, &main)
}
