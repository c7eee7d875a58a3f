//! The state and the verdicts over the API.

use std::sync::Arc;

use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::time::Timestamp;
use sekisho_domain::verdict::Verdict;
use sekisho_messages::{Lang, next_step};
use sekisho_rules::assess::{Assessment, RowAssessment};
use serde_json::{Value, json};

use super::call::Call;
use super::operation::{Done, Outcome};
use super::schema::{Schema, count, flag, instant, list, object, one_of, or_null, text};
use crate::assessor::assess_then;
use crate::console::words;
use crate::http::fault::Fault;
use crate::http::pages::{standing, tally};

/// `GET /api/v1/status`: the state in counts.
pub(super) fn status(call: &Call<'_>) -> Done {
    let ctx = call.ctx;
    ctx.gate(Action::ReadStatus, Subject::Body)?;
    let app = &ctx.site.app;
    let tally = tally::devices(&app.world());
    let assessment = standing(ctx);
    let rows = assessment.as_deref().map(counts);
    let assessed = assessment
        .as_ref()
        .map(|known| known.at.to_rfc3339_millis());
    let profile = app.world().organisation.as_ref().map(|o| o.profile.code());
    Ok(Outcome::found(json!({
        "at": ctx.now.to_rfc3339_millis(),
        "profile": profile,
        "assessed_at": assessed,
        "rows": rows,
        "devices": {
            "all": tally.all(),
            "failing": tally.failing,
            "unknown": tally.unknown,
            "sound": tally.sound,
        },
        "ledger": { "size": app.head().size, "clock_trusted": app.clock().step().is_none() },
    })))
}

pub(super) fn status_schema() -> Schema {
    object([
        ("at", instant()),
        ("profile", or_null(text())),
        ("assessed_at", or_null(instant())),
        (
            "rows",
            or_null(serde_json::json!({ "type": "object", "additionalProperties": count() })),
        ),
        (
            "devices",
            object([
                ("all", count()),
                ("failing", count()),
                ("unknown", count()),
                ("sound", count()),
            ]),
        ),
        (
            "ledger",
            object([("size", count()), ("clock_trusted", flag())]),
        ),
    ])
}

fn counts(assessment: &Assessment) -> Value {
    let of = |verdict| {
        assessment
            .rows
            .iter()
            .filter(|r| r.verdict.verdict == verdict)
            .count()
    };
    Verdict::ALL
        .into_iter()
        .map(|verdict| (verdict.code().to_owned(), json!(of(verdict))))
        .collect()
}

/// `GET /api/v1/assess[?at=TIME]`: the verdict of every row, now or as it was known at a moment.
pub(super) fn assess(call: &Call<'_>) -> Done {
    let ctx = call.ctx;
    ctx.gate(Action::ReadStatus, Subject::Body)?;
    let not_founded = || Fault::new(axum::http::StatusCode::CONFLICT, "organisation.not-founded");
    let assessment = match ctx.query("at") {
        None => standing(ctx).ok_or_else(not_founded)?,
        Some(at) => {
            let at = Timestamp::parse(&at).map_err(|_| Fault::bad("time.form"))?;
            let then = assess_then(&ctx.site.app, &ctx.site.catalogue, at);
            let then = then.map_err(Fault::internal)?;
            Arc::new(then.ok_or_else(not_founded)?)
        }
    };
    Ok(Outcome::found(assessment_json(ctx.lang, &assessment)))
}

/// The stable form of an assessment.
fn assessment_json(lang: Lang, assessment: &Assessment) -> Value {
    let rows: Vec<Value> = assessment
        .rows
        .iter()
        .map(|row| row_json(lang, row))
        .collect();
    json!({
        "at": assessment.at.to_rfc3339_millis(),
        "profile": assessment.profile.code(),
        "rows": rows,
    })
}

fn row_json(lang: Lang, row: &RowAssessment) -> Value {
    let known = &row.verdict;
    let evidence: Vec<Value> = known
        .evidence
        .iter()
        .map(|item| json!({ "source": item.source, "at": item.at.to_rfc3339(), "digest": item.digest }))
        .collect();
    let counts = known.counts;
    json!({
        "id": row.id.as_str(),
        "verdict": known.verdict.code(),
        "reason": { "code": known.reason.code, "text": words::reason(lang, &known.reason) },
        "counts": {
            "pass": counts.pass,
            "fail": counts.fail,
            "excepted": counts.excepted,
            "unknown": counts.unknown,
        },
        "evidence": evidence,
        "owner": row.owner.iter().map(|role| role.code()).collect::<Vec<_>>(),
        "next_step": { "code": row.next_step.code, "text": next_step(lang, &row.next_step) },
    })
}

pub(super) fn assessment_schema() -> Schema {
    let said = || object([("code", text()), ("text", text())]);
    let evidence = object([
        ("source", text()),
        ("at", instant()),
        ("digest", or_null(text())),
    ]);
    let counts = object([
        ("pass", count()),
        ("fail", count()),
        ("excepted", count()),
        ("unknown", count()),
    ]);
    let row = object([
        ("id", text()),
        ("verdict", one_of(Verdict::ALL.map(Verdict::code))),
        ("reason", said()),
        ("counts", counts),
        ("evidence", list(evidence)),
        ("owner", list(text())),
        ("next_step", said()),
    ]);
    object([("at", instant()), ("profile", text()), ("rows", list(row))])
}
