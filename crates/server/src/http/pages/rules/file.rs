//! A rule as a file: saved as Markdown or a table, and brought into a draft.

use std::sync::Arc;

use sekisho_domain::rule::{Clause, RuleContent};
use sekisho_messages::t;

use super::super::super::attachment::{asked_format, list_file};
use super::super::super::ctx::{Answer, Ctx, redirect};
use super::super::super::fault::Fault;
use super::super::super::multipart::Multipart;
use super::super::draft_form::{FAULTS_MAX, Places, cells_told};
use super::super::sentence;
use super::conflicts::saved;
use super::draft::{render, unproposed, worked_on};
use super::form::write;
use super::{asked, path};
use crate::rule::{RuleTable, read_markdown, write_markdown};

/// `GET /rules/{id}/file?format=md|xlsx|csv…&of=draft`
pub(in crate::http) fn save(ctx: &Ctx) -> Answer {
    let content = if ctx.query("of").as_deref() == Some("draft") {
        Arc::clone(&worked_on(ctx)?.1.content)
    } else {
        let document = asked(ctx)?;
        let version = document.in_force(ctx.now);
        Arc::clone(&version.ok_or_else(Fault::not_found)?.content)
    };
    if ctx.query("format").as_deref() == Some("md") {
        let text = write_markdown(&content);
        let kind = "text/markdown; charset=utf-8";
        return Ok(saved(text.into_bytes(), kind, "rule.md"));
    }
    let format = asked_format(ctx)?;
    let written = RuleTable::export(&ctx.site.app, &content.clauses, format, ctx.lang);
    list_file((format, "rule"), written)
}

/// Whether the reader may bring a file in now.
pub(in crate::http) fn may_bring(ctx: &Ctx) -> Result<(), Fault> {
    unproposed(ctx).map(|_| ())
}

/// Whether a file is text with headings, and no table.
fn as_markdown(bytes: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut lines = text.trim_start_matches('\u{FEFF}').lines();
    let first = lines.find(|line| !line.trim().is_empty())?;
    first.starts_with('#').then_some(text)
}

fn read(
    ctx: &Ctx,
    known: &RuleContent,
    rule: sekisho_domain::id::RuleId,
    bytes: &[u8],
) -> Result<Vec<Clause>, Places> {
    let app = &ctx.site.app;
    let next = app.next_clause(rule, known.last_number());
    if let Some(text) = as_markdown(bytes) {
        return match read_markdown(text, Some(known), next) {
            Ok(read) => Ok(read.clauses),
            Err(faults) => Err(faults
                .iter()
                .take(FAULTS_MAX)
                .map(|fault| {
                    let place = t!(ctx.lang, "rule.line", n = fault.line).into_owned();
                    (Some(place), sentence(ctx.lang, fault.code, &[]))
                })
                .collect()),
        };
    }
    RuleTable::read(app, bytes, Some(known), next).map_err(|faults| cells_told(ctx.lang, &faults))
}

/// `POST /rules/{id}/draft/file`: the clauses of the file take the place of those of the draft.
pub(in crate::http) fn bring(ctx: &Ctx, form: &Multipart<'_>) -> Answer {
    let (document, work) = unproposed(ctx)?;
    let file = form.file("file").map_or(&[][..], |file| file.bytes);
    let again = |faults: Places| render(ctx, (&document, &work), "", Vec::new(), faults);
    match read(ctx, &work.content, document.rule, file) {
        Err(faults) => again(faults),
        Ok(clauses) => {
            let head = work.content.head.clone();
            let content = RuleContent { head, clauses };
            match write(ctx, (document.rule, Some(document.revision)), content) {
                Ok(()) => Ok(redirect(&format!("{}/draft", path(document.rule)))),
                Err(Ok(wrong)) => again(wrong.into_iter().map(|(_, said)| (None, said)).collect()),
                Err(Err(fault)) => Err(fault),
            }
        }
    }
}
