//! Bringing a file in: the file, the profile by which it is read, and what is on the desk already.

use maud::{Markup, html};
use sekisho_messages::{Lang, t};

use super::super::super::components::{Field, Input, csrf_field, error_summary, field};
use super::super::super::layout::{Frame, heading, page as frame_page};

/// A profile that was saved.
#[derive(Clone, Debug)]
pub struct SavedProfile {
    /// Its name.
    pub name: String,
    /// When it was saved.
    pub saved: Markup,
}

/// A file that the reader has on the desk.
#[derive(Clone, Debug)]
pub struct UnderWay {
    /// The file's name.
    pub name: String,
    /// Where it stands.
    pub href: String,
    /// How far it has come.
    pub state: String,
}

/// The page.
#[derive(Clone, Debug)]
pub struct AskView {
    /// Pages above.
    pub trail: Vec<(String, String)>,
    /// What is done.
    pub title: String,
    /// The path of the page, to which the form goes.
    pub path: String,
    /// Token against forged requests.
    pub csrf: String,
    /// Largest file, in MiB.
    pub mebibytes: usize,
    /// Most rows.
    pub rows: usize,
    /// Profiles to choose from.
    pub profiles: Vec<SavedProfile>,
    /// Files on the desk.
    pub under_way: Vec<UnderWay>,
    /// The table to begin with, as a file.
    pub example: String,
    /// The day as it was entered, where the list has one.
    pub day: Option<String>,
    /// What is wrong with what was sent, and with which field.
    pub error: Option<(&'static str, String)>,
}

impl AskView {
    fn error_at(&self, field: &str) -> Option<&str> {
        let error = self.error.as_ref().filter(|(at, _)| *at == field);
        error.map(|(_, said)| said.as_str())
    }
}

fn day_field(lang: Lang, view: &AskView) -> Markup {
    html! {
        @if let Some(day) = &view.day {
            (field(lang, &Field {
                name: "on", label: t!(lang, "tables.on"), support: Some(t!(lang, "tables.on_support")),
                required: false, input: Input::Text, value: day, error: view.error_at("on"), autocomplete: "off",
                lang: None,
            }))
        }
    }
}

fn file_field(lang: Lang, view: &AskView) -> Markup {
    let error = view.error_at("file");
    let described = if error.is_some() {
        "file-support file-error"
    } else {
        "file-support"
    };
    html! {
        div class="field" {
            label for="file" { (t!(lang, "tables.file")) " " span class="mark mark--required" { (t!(lang, "console.form.required")) } }
            p class="field-support" id="file-support" {
                (t!(lang, "tables.file_support", mebibytes = view.mebibytes, rows = view.rows))
            }
            @if let Some(error) = error { p class="field-error" id="file-error" { (error) } }
            input id="file" name="file" type="file" required
                accept=".xlsx,.csv,text/csv,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
                aria-invalid=[error.map(|_| "true")] aria-describedby=(described);
        }
    }
}

fn profile_field(lang: Lang, view: &AskView) -> Markup {
    html! {
        @if !view.profiles.is_empty() {
            div class="field" {
                label for="profile" { (t!(lang, "tables.profile")) }
                p class="field-support" id="profile-support" { (t!(lang, "tables.profile_support")) }
                select id="profile" name="profile" aria-describedby="profile-support" {
                    option value="" { (t!(lang, "tables.profile_none")) }
                    @for profile in &view.profiles { option value=(profile.name) { (profile.name) } }
                }
            }
        }
    }
}

fn under_way(lang: Lang, view: &AskView) -> Markup {
    html! {
        @if !view.under_way.is_empty() {
            section aria-labelledby="under-way" {
                h2 id="under-way" { (t!(lang, "tables.under_way")) }
                ul class="words" {
                    @for it in &view.under_way {
                        li { a href=(it.href) { (it.name) } " " span class="muted" { (it.state) } }
                    }
                }
            }
        }
    }
}

fn profiles(lang: Lang, view: &AskView) -> Markup {
    html! {
        @if !view.profiles.is_empty() {
            section aria-labelledby="profiles" {
                h2 id="profiles" { (t!(lang, "tables.profiles")) }
                ul class="words" {
                    @for profile in &view.profiles {
                        li {
                            form method="post" action={ (view.path) "/profiles/remove" } {
                                (csrf_field(&view.csrf))
                                input type="hidden" name="profile" value=(profile.name);
                                strong { (profile.name) } " " span class="muted small" { (profile.saved) } " "
                                button class="button button--quiet" type="submit" {
                                    (t!(lang, "tables.profile_remove"))
                                    span class="visually-hidden" { " – " (profile.name) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The page.
#[must_use]
pub fn page(frame: &Frame, view: &AskView) -> Markup {
    let lang = frame.lang;
    let errors: Vec<(&str, &str)> = view
        .error
        .iter()
        .map(|(at, said)| (*at, said.as_str()))
        .collect();
    let main = html! {
        (heading(&view.trail, &html! { (view.title) }, &html! { (t!(lang, "tables.lead")) }))
        (error_summary(lang, &errors))
        (under_way(lang, view))
        form method="post" action=(view.path) enctype="multipart/form-data" class="form" {
            (csrf_field(&view.csrf))
            (profile_field(lang, view))
            (day_field(lang, view))
            (file_field(lang, view))
            div class="form-end" {
                button class="button" type="submit" { (t!(lang, "tables.look")) }
                a class="button button--quiet" href=(view.example) { (t!(lang, "tables.example")) }
            }
        }
        (profiles(lang, view))
    };
    frame_page(frame, &view.title, &main)
}
