//! The ledger for witnesses and auditors (C2SP tlog-tiles): checkpoint, tiles and entry bundles
//! for anyone, since they hold salted hashes only; records only past the gate.

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use sekisho_domain::authorise::{Action, Subject};
use sekisho_ledger::digest::{Digest, entry_hash};
use sekisho_ledger::export::record_file;
use sekisho_ledger::tile::{TILE_WIDTH, bundle, bundle_path};
use sekisho_ledger::{LedgerSource, TileId};

use super::ctx::{Answer, Ctx};
use super::fault::Fault;

/// Full tiles never change.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

fn file(bytes: Vec<u8>, kind: &'static str, cache: &'static str) -> Response {
    let mut response = Response::new(Body::from(bytes));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    response
}

/// The newest signed checkpoint.
pub(super) fn checkpoint(ctx: &Ctx) -> Answer {
    let text = ctx.site.app.head().checkpoint;
    if text.is_empty() {
        return Err(Fault::not_found());
    }
    Ok(file(
        text.into_bytes(),
        "text/plain; charset=utf-8",
        "no-store",
    ))
}

/// A tile or an entry bundle.
pub(super) fn tile(ctx: &Ctx) -> Answer {
    let asked = Asked::parse(ctx.parameter("path")).ok_or_else(Fault::not_found)?;
    let store = ctx.site.app.open_ledger()?;
    let view = store.view()?;
    let id = TileId {
        level: asked.level.unwrap_or(0),
        index: asked.index,
    };
    if asked.width > id.width(view.size()) {
        return Err(Fault::not_found());
    }
    let bytes = if asked.level.is_some() {
        let mut bytes = view.tile(id)?.ok_or_else(Fault::not_found)?;
        bytes.truncate(asked.width * 32);
        bytes
    } else {
        let mut entries: Vec<Digest> = Vec::with_capacity(asked.width);
        view.range(asked.index << 8, asked.width as u64, &mut |row| {
            entries.push(entry_hash(&row.salt, row.record));
            Ok(())
        })?;
        bundle(&entries)
    };
    Ok(file(bytes, "application/octet-stream", FOR_EVER))
}

/// One record with its salt, for those who may verify.
pub(super) fn record(ctx: &Ctx) -> Answer {
    ctx.gate(Action::VerifyLedger, Subject::Body)?;
    let sequence = ctx
        .parameter("name")
        .strip_suffix(".json")
        .and_then(|n| n.parse().ok());
    let sequence: u64 = sequence.ok_or_else(Fault::not_found)?;
    let entry = ctx.site.app.ledger().entry(sequence)?;
    let (salt, record) = entry.ok_or_else(Fault::not_found)?;
    Ok(file(
        record_file(sequence, &salt.0, &record),
        "application/json",
        "no-store",
    ))
}

/// A path below `tile/`: `<L>/<N>`, `<L>/<N>.p/<W>`, `entries/<N>`, `entries/<N>.p/<W>`.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    /// None for entry bundles.
    level: Option<u8>,
    index: u64,
    width: usize,
}

impl Asked {
    fn parse(path: &str) -> Option<Self> {
        let (kind, rest) = path.split_once('/')?;
        let level: Option<u8> = if kind == "entries" {
            None
        } else {
            Some(kind.parse().ok()?)
        };
        let (number, width) = match rest.split_once(".p/") {
            Some((number, width)) => (number, width.parse().ok().filter(|w| *w > 0)?),
            None => (rest, TILE_WIDTH),
        };
        let index = number.split('/').try_fold(0_u64, |index, group| {
            let digits: u64 = group.strip_prefix('x').unwrap_or(group).parse().ok()?;
            index.checked_mul(1000)?.checked_add(digits)
        })?;
        // One tile has one path only.
        let canonical = match level {
            Some(level) if level <= sekisho_ledger::tile::MAX_TILE_LEVEL => {
                TileId { level, index }.path(width)
            }
            Some(_) => return None,
            None => bundle_path(index, width),
        };
        let sound = width <= TILE_WIDTH && index < 1 << 56;
        (sound && canonical.strip_prefix("tile/") == Some(path)).then_some(Self {
            level,
            index,
            width,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tile_has_one_path() {
        let asked = |level, index, width| {
            Some(Asked {
                level,
                index,
                width,
            })
        };
        for (path, expected) in [
            ("0/000", asked(Some(0), 0, 256)),
            ("0/x001/x234/067", asked(Some(0), 1_234_067, 256)),
            ("1/000.p/7", asked(Some(1), 0, 7)),
            ("entries/000.p/1", asked(None, 0, 1)),
            ("entries/x001/000", asked(None, 1000, 256)),
            ("0/0", None),
            ("0/000.p/0", None),
            ("0/000.p/256", None),
            ("0/000.p/257", None),
            ("0/000.p/01", None),
            ("0/x000/000", None),
            ("8/000", None),
            ("00/000", None),
            ("+0/000", None),
            ("0/x999/x999/x999/x999/x999/x999/x999/999", None),
            ("0/-01", None),
            ("../000", None),
            ("", None),
        ] {
            assert_eq!(Asked::parse(path), expected, "{path}");
        }
    }
}
