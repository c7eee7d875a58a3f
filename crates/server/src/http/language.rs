//! The language of a page: as chosen, else as the browser asks, else Japanese.

use axum::http::{HeaderMap, header};
use sekisho_messages::Lang;

use super::ctx::{Answer, Ctx, local_path, redirect};
use super::fault::Fault;

/// The cookie that remembers a choice.
pub(super) const COOKIE: &str = "sekisho-lang";

pub(super) fn of(headers: &HeaderMap, chosen: Option<String>) -> Lang {
    let asked = || {
        let header = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
        Lang::from_accept_language(header)
    };
    chosen
        .and_then(|tag| Lang::from_tag(&tag))
        .or_else(asked)
        .unwrap_or_default()
}

/// Remembers a choice and leads back to the page.
pub(super) fn choose(ctx: &Ctx) -> Answer {
    let lang = Lang::from_tag(ctx.parameter("tag")).ok_or_else(Fault::not_found)?;
    let back = ctx.query("back").unwrap_or_default();
    let mut response = redirect(local_path(&back).unwrap_or("/"));
    let secure = if ctx.site.options.https {
        "; Secure"
    } else {
        ""
    };
    let cookie = format!(
        "{COOKIE}={}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax{secure}",
        lang.tag()
    );
    if let Ok(value) = cookie.parse() {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    Ok(response)
}
