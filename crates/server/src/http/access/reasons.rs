//! Why something is allowed or not, as the context of an answer: for people in both languages, for
//! programs by stable codes.

use sekisho_domain::device::StateSource;
use sekisho_domain::role::Role;
use sekisho_domain::time::Timestamp;
use sekisho_messages::{Arg, Lang, text};
use sekisho_rules::application::{Note, Ruling, Unknown};
use sekisho_rules::decide::{
    Allowed, Bar, Counted, Decision, Denied, Fix, Grantor, Inspection, Missing,
};
use serde_json::{Value, json};

use super::question::Unasked;
use crate::console::words;
use crate::http::site::Site;

/// Something in both languages.
fn both(of: impl Fn(Lang) -> String) -> Value {
    json!({ "ja": of(Lang::Ja), "en": of(Lang::En) })
}

fn said(key: &'static str) -> Value {
    both(|lang| text(lang, key, &[]).into_owned())
}

/// Of our own decision.
pub(super) fn of_decision(site: &Site, decision: &Decision) -> String {
    match decision {
        Decision::Allow(allowed) => of_allowed(allowed).to_string(),
        Decision::Deny(Denied::Missing(missing)) => site.prepared.refusal(missing),
        Decision::Deny(Denied::Failed(why)) => {
            tracing::error!(code = "access.failed", %why, "a decision could not be made");
            json!({ "reason_user": said("access.failed"), "code": "access.failed" }).to_string()
        }
    }
}

fn of_allowed(allowed: &Allowed) -> Value {
    let permits: Vec<String> = allowed.permits.iter().map(ToString::to_string).collect();
    let mut context = json!({ "permits": permits, "restrictions": allowed.restrictions });
    if let Some(until) = allowed.until {
        context["until"] = until.to_rfc3339_jst().into();
    }
    if allowed.declared {
        // Whoever lets through should know that nothing measured the device.
        context["device_state"] = StateSource::Declared.code().into();
    }
    context
}

/// All that is said of one thing that is missing.
pub(super) fn one_missing(missing: &Missing) -> Value {
    let rule = &missing.rule;
    let mut it = json!({
        "rule": rule.id,
        "own": missing.own,
        "reason_user": both(|lang| words::missing(lang, missing).into_owned()),
        "fixes": missing.fixes.iter().map(of_fix).collect::<Vec<_>>(),
    });
    if let Some(clause) = &rule.clause {
        it["clause"] = clause.to_string().into();
    }
    if let Some(lack) = rule.lack {
        it["lack"] = lack.to_string().into();
    }
    if let Some(permit) = missing.permit {
        it["permit"] = permit.to_string().into();
    }
    if let Some(from) = missing.from {
        it["from"] = from.to_rfc3339_jst().into();
    }
    if let Some(grantor) = missing.grantor {
        it["grantor"] = json!({
            "code": grantor_code(grantor),
            "name": both(|lang| grantor_name(lang, grantor)),
        });
    }
    if !missing.risks.is_empty() {
        let risks = missing.risks.iter().map(|it| {
            let mut told = json!({
                "risk": it.risk.to_string(),
                "treatment": it.bar.code(),
                "clause": it.bar.clause(),
            });
            if let Bar::Measure(check) = it.bar {
                told["check"] = check.code().into();
            }
            told
        });
        it["risks"] = risks.collect();
    }
    if !missing.failing.is_empty() {
        it["failing"] = missing.failing.iter().map(counted).collect();
    }
    if let Some(inspection) = &missing.inspection {
        it["inspection"] = inspected(inspection);
    }
    it
}

fn counted(it: &Counted) -> Value {
    json!({
        "check": it.check.code(),
        "outcome": it.outcome.code(),
        "reason": both(|lang| words::reason(lang, &it.reason)),
    })
}

/// The whole list, with what is not part of it yet and so has no outcome.
fn inspected(it: &Inspection) -> Value {
    let later = it.later.iter().map(|later| {
        json!({
            "check": later.code(),
            "reason": both(words::later_check_state),
        })
    });
    json!({
        "since": it.since.map(Timestamp::to_rfc3339_jst),
        "checks": it.checks.iter().map(counted).collect::<Vec<_>>(),
        "later": later.collect::<Vec<_>>(),
    })
}

fn of_fix(fix: &Fix) -> Value {
    json!({ "code": fix.code(), "todo": both(|lang| fix_words(lang, fix)) })
}

fn grantor_code(grantor: Grantor) -> &'static str {
    match grantor {
        Grantor::Oneself => "oneself",
        Grantor::Operator => "operator",
        Grantor::Role(role) => role.code(),
    }
}

/// Who can grant what is missing.
pub(in crate::http) fn grantor_name(lang: Lang, grantor: Grantor) -> String {
    let role = |role: Role| words::role(lang, role).into_owned();
    match grantor {
        Grantor::Oneself => text(lang, "access.grantor.oneself", &[]).into_owned(),
        Grantor::Operator => text(lang, "access.grantor.operator", &[]).into_owned(),
        Grantor::Role(it) => role(it),
    }
}

/// What can be done.
pub(in crate::http) fn fix_words(lang: Lang, fix: &Fix) -> String {
    let key = format!("access.fix.{}", fix.code());
    let named = |name: &'static str, value: String| {
        text(lang, key.clone(), &[(name, Arg::from(value))]).into_owned()
    };
    match fix {
        Fix::Check(_, check) => named("check", words::check(lang, *check).into_owned()),
        Fix::Apply(kind) | Fix::ApplyWhole(kind) => named(
            "kind",
            text(lang, format!("permits.kind.{}", kind.code()), &[]).into_owned(),
        ),
        Fix::TakeUp(permit)
        | Fix::AwaitDecision(permit)
        | Fix::Resubmit(permit)
        | Fix::Resume(permit) => named("permit", permit.to_string()),
        Fix::ReviewRisk(risk) => named("risk", risk.to_string()),
        _ => text(lang, key, &[]).into_owned(),
    }
}

/// Of a ruling on a resource of an application.
pub(super) fn of_ruling(ruling: &Ruling) -> Value {
    match ruling {
        Ruling::Allow(notes) => json!({ "rules": of_notes(notes) }),
        Ruling::Deny(notes) if notes.is_empty() => {
            json!({ "reason_user": said("access.nothing-permits"), "code": "access.nothing-permits" })
        }
        Ruling::Deny(notes) => json!({
            "reason_user": both(|lang| of_note(notes, lang)),
            "rules": of_notes(notes),
        }),
        Ruling::Unknown(Unknown::Type) => of_unasked(Unasked::Type),
        Ruling::Unknown(Unknown::Action) => of_unasked(Unasked::Action),
        Ruling::Misfit(why) => json!({
            "reason_user": said("access.misfit"),
            "reason_admin": { "en": why },
            "code": "access.misfit",
        }),
        Ruling::Failed(why) => json!({
            "reason_user": said("access.failed"),
            "reason_admin": { "en": why },
            "code": "access.failed",
        }),
    }
}

fn of_notes(notes: &[Note]) -> Vec<&str> {
    notes.iter().map(|note| note.id.as_str()).collect()
}

fn of_note(notes: &[Note], lang: Lang) -> String {
    let line = |note: &Note| {
        let said = if lang == Lang::Ja { &note.ja } else { &note.en };
        said.clone().unwrap_or_else(|| {
            text(
                lang,
                "access.forbidden",
                &[("rule", Arg::from(note.id.as_str()))],
            )
            .into_owned()
        })
    };
    let lines: Vec<String> = notes.iter().map(line).collect();
    lines.join(if lang == Lang::Ja { "" } else { " " })
}

/// Where nothing could be asked.
pub(super) fn of_unasked(unasked: Unasked) -> Value {
    match unasked {
        Unasked::Type => {
            json!({ "reason_user": said("access.unknown-type"), "code": "access.unknown-type" })
        }
        Unasked::Action => {
            json!({ "reason_user": said("access.unknown-action"), "code": "access.unknown-action" })
        }
        Unasked::Value(place) => json!({
            "reason_user": said("access.misfit"),
            "code": "access.misfit",
            "pointer": place,
        }),
    }
}
