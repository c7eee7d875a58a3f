//! Where the things of a table stand in the console.

use maud::{Markup, html};
use sekisho_messages::{Lang, t, text};

use super::super::super::super::ctx::Ctx;
use super::super::super::organisation::somewhere;
use super::super::{path as register_path, trail as register_trail};
use crate::console::layout::Place;
use crate::tables::TableOf;

/// What the table is of.
pub(in crate::http::pages) fn name(lang: Lang, of: TableOf) -> String {
    text(lang, of.name_key(), &[]).into_owned()
}

/// The list of what the table is of.
pub(in crate::http::pages) fn list(of: TableOf) -> String {
    match of {
        TableOf::Register(register) => register_path(register),
        TableOf::Units => "/organisation/units".to_owned(),
        TableOf::Posts => "/organisation".to_owned(),
        TableOf::People => "/organisation/people".to_owned(),
        TableOf::Moves => "/organisation/moves".to_owned(),
    }
}

/// The trail to that list.
pub(in crate::http::pages) fn trail(lang: Lang, of: TableOf) -> Vec<(String, String)> {
    match of {
        TableOf::Register(register) => register_trail(lang, register),
        other => vec![
            (
                t!(lang, "domain.organisation").into_owned(),
                "/organisation".to_owned(),
            ),
            (name(lang, other), list(other)),
        ],
    }
}

/// The place in the navigation.
pub(in crate::http::pages) const fn place(of: TableOf) -> Place {
    match of {
        TableOf::Register(register) => Place::Register(register),
        _ => Place::Organisation,
    }
}

/// Where tables of a kind are brought in and taken out, for those who may: links under its list.
pub(in crate::http::pages) fn files(ctx: &Ctx, of: TableOf) -> Markup {
    let lang = ctx.lang;
    let code = of.code();
    let import = super::open_at(ctx, of);
    let export = somewhere(ctx, of.read_action());
    html! {
        @if import.is_some() || export {
            p class="actions" {
                @if let Some(href) = &import {
                    a class="button button--secondary" href=(href) { (t!(lang, "tables.import")) }
                }
                @if export {
                    a class="button button--quiet" href={ "/registers/" (code) "/export?format=xlsx" } {
                        (t!(lang, "tables.export")) (t!(lang, "console.colon")) (t!(lang, "tables.as_xlsx"))
                    }
                    a class="button button--quiet" href={ "/registers/" (code) "/export?format=csv" } { (t!(lang, "tables.as_csv")) }
                    a class="button button--quiet" href={ "/registers/" (code) "/export?format=csv-cp932" } { (t!(lang, "tables.as_cp932")) }
                }
            }
        }
    }
}
