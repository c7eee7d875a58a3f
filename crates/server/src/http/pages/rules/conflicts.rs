//! The list of conflicts as it is now, and as a file.

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use sekisho_domain::authorise::{Action, Subject};
use sekisho_messages::t;

use super::super::super::ctx::{Answer, Ctx, html};
use super::words::conflict_shown;
use crate::console::layout::Place;
use crate::console::register::LinkTo;
use crate::console::rules::{CONFLICTS_PATH, ConflictsView, conflicts_page};
use crate::rule::found;

/// `GET /rules/conflicts`
pub(in crate::http) fn list(ctx: &Ctx) -> Answer {
    ctx.gate(Action::ReadRuleEffect, Subject::Body)?;
    let document = found(&ctx.site.app, &ctx.site.catalogue, None).document(ctx.now);
    let view = ConflictsView {
        list: document
            .lines
            .iter()
            .map(|it| conflict_shown(ctx, it))
            .collect(),
        more: document.more,
        links: vec![LinkTo {
            label: t!(ctx.lang, "conflict.export").into_owned(),
            href: format!("{CONFLICTS_PATH}/file"),
            primary: false,
        }],
    };
    Ok(html(conflicts_page(&ctx.frame(Place::Rules), &view)))
}

/// `GET /rules/conflicts/file`: the very document that would stand with an opinion given now.
pub(in crate::http) fn export(ctx: &Ctx) -> Answer {
    ctx.gate(Action::ReadRuleEffect, Subject::Body)?;
    let document = found(&ctx.site.app, &ctx.site.catalogue, None).document(ctx.now);
    let bytes = sekisho_domain::opinion::encode_conflicts(&document);
    Ok(saved(bytes, "application/json", "conflicts.json"))
}

/// A file that is no table.
pub(super) fn saved(bytes: Vec<u8>, kind: &'static str, name: &str) -> Response {
    let mut response = Response::new(Body::from(bytes));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    let disposition = format!("attachment; filename=\"{name}\"");
    if let Ok(value) = HeaderValue::from_str(&disposition) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
