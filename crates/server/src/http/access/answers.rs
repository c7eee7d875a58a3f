//! From an evaluation to its answer: ours, or that of the application which has such resources.

use sekisho_protocol::authzen::{Action, Answer, Entity, Evaluation, Malformed};
use sekisho_rules::application::{Asked, BUILT_IN_TYPES, Named, Said};
use serde_json::json;

use super::question::Unasked;
use super::{point, question, reasons};
use crate::http::site::Site;

/// Answers one evaluation.
pub(super) fn answer(site: &Site, evaluation: &Evaluation) -> Answer {
    let kind = evaluation.resource.kind.as_str();
    if BUILT_IN_TYPES.contains(&kind) {
        return match question::of(site, evaluation) {
            Ok(question) => {
                let decision = point::ask(site, &question);
                Answer {
                    decision: decision.is_allowed(),
                    context: Some(reasons::of_decision(&decision)),
                }
            }
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
    Answer {
        decision: ruling.is_allowed(),
        context: Some(reasons::of_ruling(&ruling)),
    }
}

fn denied(unasked: Unasked) -> Answer {
    Answer {
        decision: false,
        context: Some(reasons::of_unasked(unasked)),
    }
}

/// One evaluation of several that cannot be understood.
pub(super) fn of_malformed(malformed: &Malformed) -> Answer {
    let error = json!({
        "status": 400,
        "message": malformed.to_string(),
        "code": malformed.code(),
        "pointer": malformed.at,
    });
    Answer {
        decision: false,
        context: Some(json!({ "error": error })),
    }
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
