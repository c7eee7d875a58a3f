//! Stylesheet, script and sign: by plain name with an ETag, by name with its hash for ever.

use std::sync::OnceLock;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use sekisho_ledger::Digest;

use super::ctx::{Answer, Ctx};
use super::fault::Fault;
use crate::console::{FAVICON, SCRIPT, STYLESHEET};

struct Asset {
    stem: &'static str,
    extension: &'static str,
    kind: &'static str,
    body: &'static str,
    hash: String,
}

fn assets() -> &'static [Asset; 3] {
    static ASSETS: OnceLock<[Asset; 3]> = OnceLock::new();
    ASSETS.get_or_init(|| {
        [
            ("console", "css", "text/css; charset=utf-8", STYLESHEET),
            ("console", "js", "text/javascript; charset=utf-8", SCRIPT),
            ("favicon", "svg", "image/svg+xml", FAVICON),
        ]
        .map(|(stem, extension, kind, body)| {
            let hash = Digest::of(body.as_bytes()).to_string()[..16].to_owned();
            Asset {
                stem,
                extension,
                kind,
                body,
                hash,
            }
        })
    })
}

/// One asset.
pub(super) fn show(ctx: &Ctx) -> Answer {
    let asked = ctx.parameter("name");
    let found = assets().iter().find_map(|asset| {
        let Asset {
            stem,
            extension,
            hash,
            ..
        } = asset;
        if asked == format!("{stem}.{extension}") {
            Some((asset, false))
        } else {
            (asked == format!("{stem}.{hash}.{extension}")).then_some((asset, true))
        }
    });
    let (asset, for_ever) = found.ok_or_else(Fault::not_found)?;
    let etag = format!("\"{}\"", asset.hash);
    let known = ctx
        .headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(','))
        .any(|tag| tag.trim().trim_start_matches("W/") == etag || tag.trim() == "*");
    let mut response = if known {
        let mut unchanged = Response::new(Body::empty());
        *unchanged.status_mut() = StatusCode::NOT_MODIFIED;
        unchanged
    } else {
        Response::new(Body::from(asset.body))
    };
    let cache = if for_ever {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        headers.insert(header::ETAG, etag);
    }
    Ok(response)
}
