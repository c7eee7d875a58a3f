//! Which field each heading means, and what the words in a column mean.

use maud::{Markup, html};
use sekisho_messages::{Lang, t};

use super::super::super::components::{Column, cell, csrf_field, row_header, table};

/// A heading of the file.
#[derive(Clone, Debug)]
pub struct HeadingRow {
    /// Its place among the headings.
    pub index: usize,
    /// The letters of its column.
    pub letters: String,
    /// What it says.
    pub text: String,
    /// What stands under it first.
    pub sample: String,
    /// The code of the field that it means; empty for none.
    pub chosen: String,
}

/// A word that stands in a column.
#[derive(Clone, Debug)]
pub struct WordRow {
    /// The name of its input.
    pub name: String,
    /// The field's label.
    pub field: String,
    /// The word.
    pub word: String,
    /// Code and label of what it may mean.
    pub choices: Vec<(String, String)>,
    /// The code of what it means; empty where it is not understood.
    pub chosen: String,
}

/// The form.
#[derive(Clone, Debug)]
pub struct MappingView {
    /// Where the form goes.
    pub action: String,
    /// Token against forged requests.
    pub csrf: String,
    /// The sheet that was read.
    pub sheet: String,
    /// The names of all sheets.
    pub sheets: Vec<String>,
    /// The row of the headings, from 1.
    pub heading: u32,
    /// The headings.
    pub headings: Vec<HeadingRow>,
    /// Code and label of every field.
    pub fields: Vec<(String, String)>,
    /// Words in columns of choices.
    pub words: Vec<WordRow>,
    /// The name of the profile to save it as.
    pub profile: String,
    /// What is wrong with that name.
    pub profile_error: Option<String>,
    /// Whether it should stand open: something in it needs a look.
    pub open: bool,
}

fn select(name: &str, label: &str, none: &str, list: &[(String, String)], chosen: &str) -> Markup {
    html! {
        select id=(name) name=(name) aria-label=(label) {
            option value="" { (none) }
            @for (value, text) in list { option value=(value) selected[value == chosen] { (text) } }
        }
    }
}

fn headings(lang: Lang, view: &MappingView) -> Markup {
    let letters = Column::text(t!(lang, "tables.column"));
    let heading = Column::text(t!(lang, "tables.heading"));
    let sample = Column::text(t!(lang, "tables.sample"));
    let meaning = Column::text(t!(lang, "tables.meaning"));
    let none = t!(lang, "import.left-out");
    let row = |it: &HeadingRow| {
        let name = format!("h-{}", it.index);
        let label = t!(lang, "tables.meaning_of", heading = it.text.as_str());
        vec![
            cell(&letters, &html! { (it.letters) }),
            row_header(&heading, &html! { (it.text) }),
            cell(&sample, &html! { span class="muted" { (it.sample) } }),
            cell(
                &meaning,
                &select(&name, &label, &none, &view.fields, &it.chosen),
            ),
        ]
    };
    let rows: Vec<Vec<Markup>> = view.headings.iter().map(row).collect();
    table(
        &t!(lang, "tables.mapping"),
        &[
            letters.clone(),
            heading.clone(),
            sample.clone(),
            meaning.clone(),
        ],
        &rows,
    )
}

fn words(lang: Lang, view: &MappingView) -> Markup {
    let field = Column::text(t!(lang, "tables.field"));
    let word = Column::text(t!(lang, "tables.word"));
    let meaning = Column::text(t!(lang, "tables.meaning"));
    let none = t!(lang, "tables.not_understood");
    let row = |it: &WordRow| {
        let label = t!(
            lang,
            "tables.meaning_of_word",
            word = it.word.as_str(),
            field = it.field.as_str()
        );
        vec![
            row_header(&field, &html! { (it.field) }),
            cell(&word, &html! { (it.word) }),
            cell(
                &meaning,
                &select(&it.name, &label, &none, &it.choices, &it.chosen),
            ),
        ]
    };
    let rows: Vec<Vec<Markup>> = view.words.iter().map(row).collect();
    html! {
        @if !rows.is_empty() {
            h3 { (t!(lang, "tables.words")) }
            p class="small muted" { (t!(lang, "tables.words_support")) }
            (table(&t!(lang, "tables.words"), &[field.clone(), word.clone(), meaning.clone()], &rows))
        }
    }
}

fn profile(lang: Lang, view: &MappingView) -> Markup {
    let error = view.profile_error.as_deref();
    let described = if error.is_some() {
        "profile-support profile-error"
    } else {
        "profile-support"
    };
    html! {
        div class="field" {
            label for="profile" { (t!(lang, "tables.profile_name")) }
            p class="field-support" id="profile-support" { (t!(lang, "tables.profile_name_support")) }
            @if let Some(error) = error { p class="field-error" id="profile-error" { (error) } }
            input id="profile" name="profile" type="text" maxlength="60" value=(view.profile) autocomplete="off"
                aria-invalid=[error.map(|_| "true")] aria-describedby=(described);
        }
    }
}

/// Which sheet is read, where there are several.
fn sheet(lang: Lang, view: &MappingView) -> Markup {
    html! {
        @if view.sheets.len() > 1 {
            div class="field" {
                label for="sheet" { (t!(lang, "tables.sheet")) }
                p class="field-support" id="sheet-support" { (t!(lang, "tables.sheet_support")) }
                select id="sheet" name="sheet" aria-describedby="sheet-support" {
                    @for name in &view.sheets { option value=(name) selected[*name == view.sheet] { (name) } }
                }
            }
        }
    }
}

/// The form.
#[must_use]
pub fn form(lang: Lang, view: &MappingView) -> Markup {
    html! {
        details class="mapping" open[view.open] {
            summary { (t!(lang, "tables.mapping")) }
            form method="post" action=(view.action) class="form form--wide" {
                (csrf_field(&view.csrf))
                input type="hidden" name="of" value=(view.headings.len());
                (headings(lang, view))
                (words(lang, view))
                (sheet(lang, view))
                div class="field" {
                    label for="heading" { (t!(lang, "tables.heading_row")) }
                    p class="field-support" id="heading-support" {
                        @if view.sheet.is_empty() { (t!(lang, "tables.heading_row_plain", row = view.heading)) }
                        @else { (t!(lang, "tables.heading_row_support", sheet = view.sheet.as_str(), row = view.heading)) }
                    }
                    input id="heading" name="heading" type="number" min="1" max="200000" inputmode="numeric"
                        value="" autocomplete="off" aria-describedby="heading-support";
                }
                (profile(lang, view))
                div class="form-end" {
                    button class="button button--secondary" type="submit" { (t!(lang, "tables.look_again")) }
                }
            }
        }
    }
}
