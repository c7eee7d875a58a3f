//! The list of a register: search, filters, columns to sort by, pages.

use maud::{Markup, html};
use sekisho_messages::{Lang, number, t};

use super::super::components::{Pages, empty_state, pagination};
use super::super::layout::{Frame, page as frame_page, titled};

/// A link that stands as a button.
#[derive(Clone, Debug)]
pub struct LinkTo {
    /// What it says.
    pub label: String,
    /// Where it leads.
    pub href: String,
    /// Whether it is what people come for.
    pub primary: bool,
}

/// A filter to choose from.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Its name in the address.
    pub name: String,
    /// What it is about.
    pub label: String,
    /// Value and label of each choice; everything is the first, with an empty value.
    pub choices: Vec<(String, String)>,
    /// The value chosen.
    pub chosen: String,
}

/// The head of a column.
#[derive(Clone, Debug)]
pub struct Head {
    /// Its label.
    pub label: String,
    /// Where the list sorted by it stands, and whether it is sorted by it now: upwards or not.
    pub sort: Option<(String, Option<bool>)>,
}

/// Entries in use and not in use.
#[derive(Clone, Debug)]
pub struct States {
    /// Label, address and number of each state, and whether it is the one shown.
    pub list: Vec<(String, String, usize, bool)>,
}

/// The page.
#[derive(Clone, Debug)]
pub struct ListView {
    /// Pages above.
    pub trail: Vec<(String, String)>,
    /// What the register is called.
    pub title: String,
    /// What it is for.
    pub lead: String,
    /// The path of the list.
    pub path: String,
    /// What can be done.
    pub links: Vec<LinkTo>,
    /// What stands above the list.
    pub note: Markup,
    /// What is searched for.
    pub query: String,
    /// Filters.
    pub filters: Vec<Filter>,
    /// Values that the search keeps in the address.
    pub kept: Vec<(String, String)>,
    /// In use or not; none where there is no such thing.
    pub states: Option<States>,
    /// The columns.
    pub heads: Vec<Head>,
    /// The cells, the first of each row its name.
    pub rows: Vec<Vec<Markup>>,
    /// Where in the list the page stands; none when all fit.
    pub pages: Option<Pages>,
    /// The list as files: label and address of each.
    pub files: Vec<(String, String)>,
    /// How many were found.
    pub total: usize,
    /// What is said where nothing was found, and what to do.
    pub empty: (String, String),
}

/// Links that stand as buttons.
#[must_use]
pub fn links(list: &[LinkTo]) -> Markup {
    html! {
        @if !list.is_empty() {
            p class="actions" {
                @for link in list {
                    a class=(if link.primary { "button" } else { "button button--secondary" }) href=(link.href) { (link.label) }
                }
            }
        }
    }
}

fn search(lang: Lang, view: &ListView) -> Markup {
    let filtered = !view.query.is_empty() || view.filters.iter().any(|it| !it.chosen.is_empty());
    html! {
        form method="get" action=(view.path) class="search search--list" role="search" {
            @for (name, value) in &view.kept { input type="hidden" name=(name) value=(value); }
            div class="field" {
                label for="q" { (t!(lang, "register.search")) }
                input id="q" name="q" type="search" value=(view.query) maxlength="200" autocomplete="off";
            }
            @for filter in &view.filters {
                div class="field field--filter" {
                    label for=(filter.name) { (filter.label) }
                    select id=(filter.name) name=(filter.name) {
                        option value="" { (t!(lang, "register.filter_all")) }
                        @for (value, label) in &filter.choices {
                            option value=(value) selected[*value == filter.chosen] { (label) }
                        }
                    }
                }
            }
            button class="button button--secondary" type="submit" { (t!(lang, "register.search_do")) }
            @if filtered { a class="button button--quiet" href=(view.path) { (t!(lang, "register.search_clear")) } }
        }
    }
}

fn states(lang: Lang, states: &States) -> Markup {
    html! {
        nav class="filters" aria-label=(t!(lang, "register.states")) {
            ul {
                @for (label, href, count, here) in &states.list {
                    li {
                        a href=(href) aria-current=[here.then_some("true")] {
                            (label) " " span class="num" { (number(i64::try_from(*count).unwrap_or(i64::MAX))) }
                        }
                    }
                }
            }
        }
    }
}

fn head(head: &Head) -> Markup {
    match &head.sort {
        None => html! { th scope="col" role="columnheader" { (head.label) } },
        Some((href, sorted)) => {
            let direction = sorted.map(|up| if up { "ascending" } else { "descending" });
            let arrow = match sorted {
                Some(true) => " ▲",
                Some(false) => " ▼",
                None => "",
            };
            html! {
                th scope="col" role="columnheader" aria-sort=[direction] {
                    a href=(href) class="sort" { (head.label) span aria-hidden="true" { (arrow) } }
                }
            }
        }
    }
}

fn table(view: &ListView) -> Markup {
    html! {
        div class="table-wrap register-list" {
            table role="table" {
                caption class="visually-hidden" { (view.title) }
                thead role="rowgroup" { tr role="row" { @for it in &view.heads { (head(it)) } } }
                tbody role="rowgroup" {
                    @for row in &view.rows { tr role="row" { @for cell in row { (cell) } } }
                }
            }
        }
    }
}

/// The list as files.
fn files(lang: Lang, list: &[(String, String)]) -> Markup {
    html! {
        @if !list.is_empty() {
            section class="files" aria-labelledby="files" {
                h2 id="files" { (t!(lang, "tables.export")) }
                p class="actions" {
                    @for (label, href) in list { a class="button button--secondary" href=(href) { (label) } }
                }
            }
        }
    }
}

/// The page.
#[must_use]
pub fn page(frame: &Frame, view: &ListView) -> Markup {
    let lang = frame.lang;
    let main = html! {
        (titled(&view.trail, &html! { (view.title) }, &html! { (view.lead) }, &links(&view.links)))
        (view.note)
        (search(lang, view))
        @if let Some(list) = &view.states { (states(lang, list)) }
        @if view.rows.is_empty() {
            (empty_state(&view.empty.0, &view.empty.1))
        } @else {
            p class="found" role="status" { (t!(lang, "register.found", n = view.total)) }
            (table(view))
            @if let Some(pages) = &view.pages { (pagination(lang, pages)) }
            (files(lang, &view.files))
        }
    };
    frame_page(frame, &view.title, &main)
}
