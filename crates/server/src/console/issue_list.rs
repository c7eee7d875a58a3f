//! Accounts for many people at once: the list, and the sheet of links that is shown once.

use maud::{Markup, html};
use sekisho_domain::time::Timestamp;
use sekisho_messages::{Lang, t};

use super::components::{Column, Tone, alert, cell, csrf_field, instant, row_header, table};
use super::layout::{Frame, heading, page as frame_page};

/// An account that was issued.
#[derive(Clone, Debug)]
pub struct Handed {
    /// The person's name.
    pub name: String,
    /// The login.
    pub login: String,
    /// The one-time link, with the address of the server.
    pub link: String,
}

/// What was issued.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// Until when the links hold.
    pub until: Timestamp,
    /// One row for each account.
    pub handed: Vec<Handed>,
}

/// The page's view-model.
#[derive(Clone, Debug)]
pub struct View {
    /// Token against forged requests.
    pub csrf: String,
    /// The list as it stands in the form.
    pub list: String,
    /// Most accounts of one list.
    pub most: usize,
    /// What is wrong, by the number of the line.
    pub wrong: Vec<(usize, String)>,
    /// What was issued just now.
    pub handed: Option<Sheet>,
}

fn sheet(lang: Lang, sheet: &Sheet) -> Markup {
    let name = Column::text(t!(lang, "people.name"));
    let login = Column::text(t!(lang, "setup.login"));
    let link = Column::text(t!(lang, "accounts.link"));
    let row = |it: &Handed| {
        vec![
            row_header(&name, &html! { (it.name) }),
            cell(&login, &html! { code { (it.login) } }),
            cell(&link, &html! { code class="digest" { (it.link) } }),
        ]
    };
    let rows: Vec<Vec<Markup>> = sheet.handed.iter().map(row).collect();
    html! {
        (alert(Tone::Success, &t!(lang, "accounts.issued", n = rows.len()), &html! {
            p { (t!(lang, "accounts.once")) }
            p { (t!(lang, "accounts.until")) " " (instant(lang, sheet.until)) }
        }))
        (table(&t!(lang, "accounts.sheet"), &[name, login, link], &rows))
    }
}

fn form(lang: Lang, view: &View) -> Markup {
    html! {
        form method="post" action="/organisation/accounts" class="form" {
            (csrf_field(&view.csrf))
            div class="field" {
                label for="list" { (t!(lang, "accounts.list")) }
                p class="field-support" id="list-support" { (t!(lang, "accounts.list_support", n = view.most)) }
                @if !view.wrong.is_empty() {
                    div class="field-error" id="list-error" {
                        ul {
                            @for (line, said) in &view.wrong { li { (t!(lang, "accounts.at_line", n = *line)) (said) } }
                        }
                    }
                }
                textarea id="list" name="list" rows="12" required spellcheck="false" autocapitalize="none"
                    maxlength="40000" aria-describedby={ "list-support" @if !view.wrong.is_empty() { " list-error" } }
                    aria-invalid=[(!view.wrong.is_empty()).then_some("true")] { "\n" (view.list) }
            }
            div class="buttons" {
                button class="button" type="submit" name="as" value="sheet" { (t!(lang, "accounts.do")) }
                button class="button button--secondary" type="submit" name="as" value="csv" { (t!(lang, "accounts.do_csv")) }
            }
        }
    }
}

/// The page.
#[must_use]
pub fn page(frame: &Frame, view: &View) -> Markup {
    let lang = frame.lang;
    let title = t!(lang, "accounts.title");
    let trail = [
        (
            t!(lang, "domain.organisation").into_owned(),
            "/organisation".to_owned(),
        ),
        (
            t!(lang, "people.list").into_owned(),
            "/organisation/people".to_owned(),
        ),
    ];
    let done = view.handed.is_some() && view.wrong.is_empty();
    let main = html! {
        (heading(&trail, &html! { (title) }, &html! { (t!(lang, "accounts.lead")) }))
        @if let Some(it) = &view.handed { (sheet(lang, it)) }
        @if done { p { a href="/organisation/people" { (t!(lang, "accounts.back")) } } }
        @else { (form(lang, view)) }
    };
    frame_page(frame, &title, &main)
}
