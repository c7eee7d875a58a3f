//! A table as a file, as far as the reader may see it and, of a register, as the list is filtered.

use std::collections::HashSet;

use axum::http::StatusCode;
use maud::html as markup;
use sekisho_domain::register::EntryId;
use sekisho_messages::{t, text};

use super::super::super::attachment::attachment;
use super::super::super::ctx::{Answer, Ctx, html};
use super::super::super::fault::Fault;
use super::import::place;
use super::list;
use super::sight::Sight;
use crate::console::components::{Column, Tone, alert, cell, row_header, table};
use crate::console::layout::{heading, page};
use crate::tables::{ExportError, FileFormat, TableOf, export, fault_text};

/// Cells that a page names; a table with more of them is better exported in another form.
const SHOWN: usize = 200;

pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    let of = TableOf::from_code(ctx.parameter("register")).ok_or_else(Fault::not_found)?;
    ctx.live()?;
    let wanted = ctx.query("format").unwrap_or_default();
    let format =
        FileFormat::from_code(&wanted).ok_or_else(|| Fault::bad("table.unknown-format"))?;
    let only: Option<HashSet<EntryId>> = match of {
        TableOf::Register(register) => {
            let sight = Sight::of_register(ctx, register)?;
            list::filtered(ctx, register, &sight).map(|ids| ids.into_iter().collect())
        }
        _ => None,
    };
    let app = &ctx.site.app;
    let exported = export(app, &ctx.actor()?, of, (format, ctx.lang), only.as_ref());
    match exported {
        Ok(exported) => {
            let codes = ctx.query("codes").is_some();
            Ok(match exported.codes.filter(|_| codes) {
                Some(codes) => attachment(format, &format!("{}.codes", of.code()), codes),
                None => attachment(format, of.code(), exported.bytes),
            })
        }
        Err(ExportError::Denied(denied)) => Err(Fault::denied(denied, of.read_action())),
        Err(ExportError::Cells(faults)) => {
            let lang = ctx.lang;
            let title = t!(lang, "tables.not_written");
            let at = Column::text(t!(lang, "tables.cell"));
            let said = Column::text(t!(lang, "tables.said"));
            let rows: Vec<_> = faults
                .iter()
                .take(SHOWN)
                .map(|fault| {
                    let place = fault.place.map(|it| it.to_string()).unwrap_or_default();
                    vec![
                        row_header(&at, &markup! { (place) }),
                        cell(&said, &markup! { (fault_text(lang, &fault.reason)) }),
                    ]
                })
                .collect();
            let more = faults.len().saturating_sub(SHOWN);
            let main = markup! {
                (heading(&place::trail(lang, of), &markup! { (title) }, &markup! { (text(lang, format!("export.encoding.{}", format.code()), &[])) }))
                (alert(Tone::Error, &title, &markup! { p { (t!(lang, "export.nothing-written")) } }))
                (table(&title, &[at.clone(), said.clone()], &rows))
                @if more > 0 { p { (t!(lang, "tables.more", n = more)) } }
                p class="actions" { a class="button button--secondary" href=(place::list(of)) { (t!(lang, "tables.to_list")) } }
            };
            let mut response = html(page(&ctx.frame(place::place(of)), &title, &main));
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(response)
        }
    }
}
