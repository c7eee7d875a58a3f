//! The list of requirements, all or by section and verdict.

use maud::{Markup, html};
use sekisho_domain::requirement::Force;
use sekisho_domain::role::Role;
use sekisho_domain::time::Timestamp;
use sekisho_domain::verdict::Verdict;
use sekisho_messages::{Lang, number, t, text};

use super::components::{
    Column, Icon, age, cell, empty_state, icon, row_badge, row_header, table, verdict_badge_counted,
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
    /// Whether it is met and its confirmation found something adverse.
    pub findings: bool,
    /// Why, as a sentence in the page's language.
    pub reason: String,
    /// When the newest evidence was received.
    pub evidence_at: Option<Timestamp>,
}

/// Which rows are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Only {
    /// All.
    All,
    /// Those of one verdict.
    Verdict(Verdict),
    /// Those on which somebody must act.
    Open,
    /// Those that are met with findings.
    Findings,
    /// Those that wait for a register or check that does not exist yet.
    Waiting,
}

impl Only {
    fn query(self) -> Option<String> {
        match self {
            Self::All => None,
            Self::Verdict(verdict) => Some(format!("verdict={}", verdict.code())),
            Self::Open => Some("open=1".to_owned()),
            Self::Findings => Some("findings=1".to_owned()),
            Self::Waiting => Some("waiting=1".to_owned()),
        }
    }
}

/// The list.
#[derive(Clone, Debug)]
pub struct Requirements {
    /// Only this section.
    pub section: Option<Section>,
    /// Which rows are shown.
    pub only: Only,
    /// The counts over the section, whatever verdict is chosen.
    pub counts: VerdictCounts,
    /// How many of them are met and have findings.
    pub with_findings: u32,
    /// The rows.
    pub items: Vec<Item>,
}

/// The address of a requirement's page.
#[must_use]
pub fn href(id: &str) -> String {
    format!("/requirements/{}", percent_encode(id))
}

fn query(section: Option<Section>, only: Only) -> String {
    let section = section.map(|section| format!("section={}", section.code()));
    let parts: Vec<String> = section.into_iter().chain(only.query()).collect();
    if parts.is_empty() {
        "/requirements".to_owned()
    } else {
        format!("/requirements?{}", parts.join("&"))
    }
}

/// What is shown, where no filter says so already.
const fn special(only: Only) -> Option<&'static str> {
    match only {
        Only::Open => Some("requirement.only_open"),
        Only::Waiting => Some("requirement.only_waiting"),
        Only::All | Only::Verdict(_) | Only::Findings => None,
    }
}

fn filters(lang: Lang, view: &Requirements) -> Markup {
    let chosen = |only: Only| (view.only == only).then_some("true");
    let here = |only: Only| query(view.section, only);
    html! {
        nav class="filters" aria-label=(t!(lang, "requirement.filter")) {
            ul {
                li {
                    a href=(here(Only::All)) aria-current=[chosen(Only::All)] {
                        (t!(lang, "requirement.all", n = view.counts.total()))
                    }
                }
                @for verdict in Verdict::ALL {
                    li {
                        a href=(here(Only::Verdict(verdict))) aria-current=[chosen(Only::Verdict(verdict))] {
                            (verdict_badge_counted(lang, verdict, view.counts.of(verdict)))
                        }
                    }
                }
                @if view.with_findings > 0 {
                    li {
                        a href=(here(Only::Findings)) aria-current=[chosen(Only::Findings)] {
                            span class="badge badge--findings" {
                                (icon(Icon::Findings)) (t!(lang, "console.verdict.met_findings"))
                                " " span class="num" { (number(i64::from(view.with_findings))) }
                            }
                        }
                    }
                }
                @if let Some(key) = special(view.only) {
                    li { a href=(here(view.only)) aria-current="true" { (text(lang, key, &[])) } }
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
                cell(&verdict, &row_badge(lang, item.verdict, item.findings)),
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
