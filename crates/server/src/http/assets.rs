//! Stylesheet, script and sign: by plain name with an ETag, by name with its hash for ever.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;

use super::ctx::{Answer, Ctx};
use super::fault::Fault;
use crate::console::assets::assets;

/// One asset.
pub(super) fn show(ctx: &Ctx) -> Answer {
    let asked = ctx.parameter("name");
    let found = assets().iter().find_map(|asset| {
        if asked == asset.name() {
            Some((asset, true))
        } else {
            (asked == asset.plain_name()).then_some((asset, false))
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
