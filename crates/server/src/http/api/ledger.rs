//! The ledger and the feeds over the API.

use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::event::StoredEvent;
use sekisho_domain::feed::FeedKind;
use sekisho_ledger::digest::entry_hash;
use serde_json::{Value, json};

use super::call::Call;
use super::operation::{Done, Outcome};
use super::schema::{Schema, count, flag, instant, list, object, one_of, or_null, text};
use crate::app::stored;
use crate::http::fault::Fault;
use crate::knowledge::lines;

pub(super) fn head_schema() -> Schema {
    object([("size", count()), ("checkpoint", text()), ("key", text())])
}

pub(super) fn head(call: &Call<'_>) -> Done {
    call.ctx.gate(Action::ReadLedger, Subject::Body)?;
    let app = &call.ctx.site.app;
    let head = app.head();
    Ok(Outcome::found(json!({
        "size": head.size,
        "checkpoint": head.checkpoint,
        "key": app.verifier().to_string(),
    })))
}

pub(super) fn record_schema() -> Schema {
    object([
        ("sequence", count()),
        ("kind", text()),
        ("recorded_at", instant()),
        ("hash", text()),
    ])
}

/// Number, kind, time and hash of records: what they say stays in the ledger.
pub(super) fn records(call: &Call<'_>) -> Done {
    call.ctx.gate(Action::ReadLedger, Subject::Body)?;
    let page = call.page()?;
    let first = match &page.after {
        None => 0,
        Some(after) => {
            let after: u64 = after.parse().map_err(|_| Fault::bad("api.cursor"))?;
            after.saturating_add(1)
        }
    };
    let app = &call.ctx.site.app;
    let size = app.head().size;
    let limit = u64::try_from(page.limit).unwrap_or(u64::MAX);
    let until = first.saturating_add(limit).min(size);
    let mut items: Vec<Value> = Vec::new();
    if first < until {
        app.open_ledger()?.range(first, until - first, &mut |row| {
            let event: Option<StoredEvent> = stored::event(row.record).ok();
            items.push(json!({
                "sequence": row.seq,
                "kind": event.as_ref().map_or("", |event| event.event.kind().0),
                "recorded_at": event.map_or_else(String::new, |event| event.recorded_at.to_rfc3339()),
                "hash": entry_hash(&row.salt, row.record).to_string(),
            }));
            Ok(())
        })?;
    }
    let next = (until < size && first < until).then(|| (until - 1).to_string());
    Ok(Outcome::found(json!({ "items": items, "next": next })))
}

pub(super) fn feeds_schema() -> Schema {
    let feed = object([
        ("kind", one_of(FeedKind::ALL.map(FeedKind::code))),
        ("part", text()),
        ("as_of", or_null(instant())),
        ("imported_at", or_null(instant())),
        ("entries", count()),
        ("fresh", flag()),
        ("in_part", or_null(list(text()))),
    ]);
    object([("items", list(feed))])
}

pub(super) fn feeds(call: &Call<'_>) -> Done {
    call.ctx.gate(Action::ReadStatus, Subject::Body)?;
    let lines = lines(&call.ctx.site.app).into_iter().map(|line| {
        json!({
            "kind": line.kind,
            "part": line.part,
            "as_of": line.as_of.map(|at| at.to_rfc3339()),
            "imported_at": line.imported_at.map(|at| at.to_rfc3339()),
            "entries": line.entries,
            "fresh": line.fresh,
            "in_part": line.in_part,
        })
    });
    Ok(Outcome::found(
        json!({ "items": lines.collect::<Vec<_>>() }),
    ))
}
