//! From an evaluation to its answer: ours, or that of the application which has such resources.

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use sekisho_domain::access::Asker;
use sekisho_protocol::authzen::{Action, Entity, Evaluation, Malformed};
use sekisho_rules::application::{Asked, BUILT_IN_TYPES, Named, Said};
use sekisho_rules::decide::Decision;
use serde_json::json;

use super::question::Unasked;
use super::{point, question, reasons};
use crate::http::ctx::Ctx;
use crate::http::site::Site;

/// An answer in the form of the wire (an `Answer` of the protocol).
pub(super) struct Answered {
    pub(super) allowed: bool,
    json: String,
}

impl Answered {
    fn new(allowed: bool, context: &str) -> Self {
        let json = format!("{{\"decision\":{allowed},\"context\":{context}}}");
        Self { allowed, json }
    }

    pub(super) fn of_decision(site: &Site, decision: &Decision) -> Self {
        Self::new(decision.is_allowed(), &reasons::of_decision(site, decision))
    }

    /// As the answer to a request that asked for this alone.
    pub(super) fn response(self) -> Response {
        json(self.json)
    }
}

/// Several answers, as the answer to a request that asked for them.
pub(super) fn response(all: &[Answered]) -> Response {
    let each: Vec<&str> = all.iter().map(|it| it.json.as_str()).collect();
    json(format!("{{\"evaluations\":[{}]}}", each.join(",")))
}

/// A text that is JSON, as an answer.
pub(super) fn json(text: impl Into<Body>) -> Response {
    let mut response = Response::new(text.into());
    let kind = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

/// Answers one evaluation, which a program asked with its token.
pub(super) fn answer(ctx: &Ctx, evaluation: &Evaluation) -> Answered {
    let site = &ctx.site;
    let asker = ctx.token.as_ref().map(|token| Asker::Token(token.id));
    let kind = evaluation.resource.kind.as_str();
    if BUILT_IN_TYPES.contains(&kind) {
        return match question::of(site, evaluation) {
            Ok(question) => Answered::of_decision(site, &point::ask(site, asker, &question)),
            Err(unasked) => denied(unasked),
        };
    }
    let Some(application) = site.applications.of_resource_type(kind) else {
        return denied(Unasked::Type);
    };
    let asked = asked(evaluation);
    let ruling = application.ask(&asked);
    site.app
        .keep_ruling(application.namespace(), &asked, &ruling);
    Answered::new(
        ruling.is_allowed(),
        &reasons::of_ruling(&ruling).to_string(),
    )
}

fn denied(unasked: Unasked) -> Answered {
    Answered::new(false, &reasons::of_unasked(unasked).to_string())
}

/// One evaluation of several that cannot be understood.
pub(super) fn of_malformed(malformed: &Malformed) -> Answered {
    let error = json!({
        "status": 400,
        "message": malformed.to_string(),
        "code": malformed.code(),
        "pointer": malformed.at,
    });
    Answered::new(false, &json!({ "error": error }).to_string())
}

/// The question as an application takes it.
pub(super) fn asked(evaluation: &Evaluation) -> Asked<'_> {
    Asked {
        subject: named(&evaluation.subject),
        action: said(&evaluation.action),
        resource: named(&evaluation.resource),
        context: &evaluation.context,
    }
}

fn named(entity: &Entity) -> Named<'_> {
    Named {
        kind: &entity.kind,
        id: &entity.id,
        properties: &entity.properties,
    }
}

fn said(action: &Action) -> Said<'_> {
    Said {
        name: &action.name,
        properties: &action.properties,
    }
}
