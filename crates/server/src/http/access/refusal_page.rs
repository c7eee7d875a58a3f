//! What somebody sees whom a proxy does not let through: why, in both languages, without anything that
//! would have to be fetched from here; for programs the same as JSON.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};
use sekisho_messages::{Lang, t};
use sekisho_rules::decide::{Decision, Denied, Missing};

use super::answers::Answered;
use super::reasons;
use crate::console::components::instant;
use crate::console::words;
use crate::http::ctx::{Ctx, json};
use crate::http::fault::Fault;

/// Both, the reader's own first.
fn languages(ctx: &Ctx) -> [Lang; 2] {
    match ctx.lang {
        Lang::Ja => [Lang::Ja, Lang::En],
        Lang::En => [Lang::En, Lang::Ja],
    }
}

/// Whether a program reads it.
fn wants_json(ctx: &Ctx) -> bool {
    let accept = ctx.headers.get(header::ACCEPT);
    let accept = accept.and_then(|it| it.to_str().ok()).unwrap_or_default();
    accept.contains("json") && !accept.contains("text/html")
}

/// It may not be done.
pub(super) fn denied(ctx: &Ctx, denied: Denied) -> Response {
    if wants_json(ctx) {
        let decision = Decision::Deny(denied);
        let answered = Answered::of_decision(&ctx.site, &decision);
        return (StatusCode::FORBIDDEN, answered.response()).into_response();
    }
    let missing = match &denied {
        Denied::Missing(missing) => missing.as_slice(),
        Denied::Failed(why) => {
            tracing::error!(code = "access.failed", %why, "a decision could not be made");
            &[]
        }
    };
    let part = |lang: Lang| {
        html! {
            h1 { (t!(lang, "access.denied")) }
            @if missing.is_empty() { p { (t!(lang, "access.failed")) } }
            @for one in missing { (one_missing(lang, one)) }
        }
    };
    page(ctx, StatusCode::FORBIDDEN, part)
}

fn one_missing(lang: Lang, missing: &Missing) -> Markup {
    let colon = t!(lang, "console.colon");
    html! {
        section {
            h2 { (words::missing(lang, missing)) }
            dl {
                @if let Some(clause) = &missing.rule.clause {
                    dt { (t!(lang, "access.clause")) } dd { (clause.to_string()) }
                }
                @if missing.own {
                    dt { (t!(lang, "access.own-rule")) } dd { code { (missing.rule.id) } }
                }
                @if let Some(from) = missing.from {
                    dt { (t!(lang, "access.from")) } dd { (instant(lang, from)) }
                }
                @if let Some(grantor) = missing.grantor {
                    dt { (t!(lang, "access.grantor")) } dd { (reasons::grantor_name(lang, grantor)) }
                }
            }
            @if !missing.fixes.is_empty() {
                p { (t!(lang, "access.todo")) (colon) }
                ul { @for fix in &missing.fixes { li { (reasons::fix_words(lang, fix)) } } }
            }
        }
    }
}

/// Nobody is signed in.
pub(super) fn sign_in(ctx: &Ctx, location: &str) -> Response {
    if wants_json(ctx) {
        let code = "authorise.not-signed-in";
        let body = serde_json::json!({ "code": code, "location": location });
        return (StatusCode::UNAUTHORIZED, json(&body)).into_response();
    }
    let part = |lang: Lang| {
        html! {
            h1 { (t!(lang, "access.sign-in")) }
            p { a href=(location) { (t!(lang, "access.to-sign-in")) } }
        }
    };
    page(ctx, StatusCode::UNAUTHORIZED, part)
}

/// Something is wrong with the question or here.
pub(super) fn fault(ctx: &Ctx, fault: Fault) -> Response {
    if wants_json(ctx) {
        return fault.problem(ctx);
    }
    let status = fault.status;
    let part = |lang: Lang| {
        let words = fault.words(lang);
        html! {
            h1 { (words.what) }
            p { (words.todo) }
            p { code { (fault.code) } }
        }
    };
    page(ctx, status, part)
}

fn page(ctx: &Ctx, status: StatusCode, part: impl Fn(Lang) -> Markup) -> Response {
    let markup = html! {
        (DOCTYPE)
        html lang=(ctx.lang.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width";
                title { (t!(ctx.lang, "access.title")) }
            }
            body {
                @for lang in languages(ctx) { main lang=(lang.tag()) { (part(lang)) } }
            }
        }
    };
    let mut response = (status, markup.into_string()).into_response();
    let kind = HeaderValue::from_static("text/html; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use sekisho_domain::permit::PermitKind;
    use sekisho_domain::time::Timestamp;
    use sekisho_rules::decide::{Fix, Lack, Rule};

    use super::*;

    fn missing() -> Missing {
        let rule = Rule {
            id: "remote-access".to_owned(),
            clause: None,
            lack: Some(Lack::Permit(PermitKind::RemoteAccess)),
            ja: "許可がありません。".to_owned(),
            en: "There is no permit.".to_owned(),
        };
        Missing {
            rule: Arc::new(rule),
            own: false,
            failing: Vec::new(),
            inspection: None,
            permit: None,
            from: None,
            risks: Vec::new(),
            grantor: None,
            fixes: vec![Fix::Apply(PermitKind::RemoteAccess)],
        }
    }

    #[test]
    fn what_holds_later_by_itself_says_from_when() {
        let begins = Timestamp::parse("2027-04-01T00:00:00+09:00").unwrap();
        let later = Missing {
            from: Some(begins),
            fixes: Vec::new(),
            ..missing()
        };
        for lang in [Lang::Ja, Lang::En] {
            let label = t!(lang, "access.from").into_owned();
            let page = one_missing(lang, &later).into_string();
            assert!(page.contains(&label), "{page}");
            assert!(
                page.contains(&instant(lang, begins).into_string()),
                "{page}"
            );
            assert!(!page.contains(t!(lang, "access.todo").as_ref()), "{page}");
            let page = one_missing(lang, &missing()).into_string();
            assert!(!page.contains(&label), "{page}");
            assert!(page.contains(t!(lang, "access.todo").as_ref()), "{page}");
        }
    }
}
