//! `sekisho assess`: the verdict on every row, as a table or as JSON.

use std::process::ExitCode;

use clap::ArgMatches;
use sekisho_agent::identity::Enrolment;
use sekisho_agent::run::device_clock;
use sekisho_domain::code::{Param, Reason};
use sekisho_domain::id::DeviceId;
use sekisho_domain::profile::Profile;
use sekisho_domain::requirement::Force;
use sekisho_domain::time::Timestamp;
use sekisho_domain::verdict::Verdict;
use sekisho_messages::{Arg, Lang, date, next_step, reason, text};
use sekisho_protocol::admin::{Answer, Assessed, AssessedRow, Request};
use sekisho_rules::exit::sets_exit_code;
use sekisho_server::console::words;
use serde_json::{Value, json};

use crate::fault::Fault;
use crate::output::{Format, Output};
use crate::text::colour;
use crate::{desk, place};

const RESET: &str = "\x1b[0m";

/// `sekisho assess`
pub fn run(arguments: &ArgMatches, output: &Output) -> Result<ExitCode, Fault> {
    let data = place::data(arguments, false);
    let at = arguments.get_one::<String>("at").map(|given| {
        Timestamp::parse(given).map_err(|_| Fault::new("assess.time-form").about(given))
    });
    let at = at.transpose()?;
    if let Some(at) = at.filter(|at| *at > device_clock()) {
        return Err(Fault::new("assess.future").about(at.to_rfc3339_jst()));
    }
    let profile = arguments
        .get_one::<String>("profile")
        .and_then(|code| Profile::from_code(code));
    let device = if arguments.get_flag("here") {
        Some(this_device(&data)?)
    } else {
        None
    };
    let request = Request::Assess {
        at,
        device,
        profile,
    };
    let (answer, only_read) = desk::ask_or_read(&data, &request)?;
    if only_read {
        output.note(output.text("cli.assess.only_read", &[]));
    }
    let Answer::Assessed(assessed) = answer else {
        return Err(Fault::new("admin.not-understood"));
    };
    match output.format {
        Format::Json => output.json(&json(&assessed, output)),
        Format::Text => {
            let unset = |row: &AssessedRow| row.reason.code == "profile.not-set";
            let chosen = profile.is_some() || !assessed.rows.iter().any(unset);
            table(&assessed, chosen, output);
        }
    }
    let strict = arguments.get_flag("strict");
    let found = assessed.rows.iter().any(|row| sets_code(row, strict));
    Ok(ExitCode::from(u8::from(found)))
}

/// The device that this machine was enrolled as, by the agent that `up` runs.
fn this_device(data: &std::path::Path) -> Result<DeviceId, Fault> {
    // Read beside the running agent, which holds the folder's lock.
    let file = super::up::agent_folder(data).join("enrolment.json");
    let bytes = std::fs::read(file).map_err(|_| Fault::new("assess.not-enrolled"))?;
    serde_json::from_slice::<Enrolment>(&bytes)
        .map(|enrolment| enrolment.device)
        .map_err(|_| Fault::new("assess.not-enrolled"))
}

fn sets_code(row: &AssessedRow, strict: bool) -> bool {
    let verdict = Verdict::ALL
        .into_iter()
        .find(|verdict| verdict.code() == row.verdict);
    let forces = [Force::M, Force::N, Force::I, Force::E, Force::S, Force::G];
    let force = forces.into_iter().find(|force| force.code() == row.force);
    match (force, verdict) {
        (Some(force), Some(verdict)) => sets_exit_code(force, verdict, strict),
        // An answer that is not understood is no clean bill.
        _ => true,
    }
}

/// The stable form, with sentences in both languages beside the codes.
fn json(assessed: &Assessed, output: &Output) -> Value {
    let said = |value: &Reason, next: bool| {
        let sentence = |lang| {
            if next {
                next_step(lang, value)
            } else {
                words::reason(lang, value)
            }
        };
        json!({
            "code": value.code, "params": value.params,
            "ja": sentence(Lang::Ja), "en": sentence(Lang::En),
        })
    };
    let rows = assessed.rows.iter().map(|row| {
        json!({
            "id": row.id, "force": row.force, "verdict": row.verdict,
            "reason": said(&row.reason, false),
            "counts": row.counts,
            "finding": row.finding,
            "evidence": row.evidence.iter().map(|evidence| json!({
                "source": evidence.source, "at": evidence.at.to_rfc3339(), "digest": evidence.digest,
            })).collect::<Vec<_>>(),
            "owner": row.owner,
            "next_step": row.next_step.as_ref().map(|step| said(step, true)),
            "since": row.since.map(Timestamp::to_rfc3339),
        })
    });
    let checks = assessed.checks.iter().map(|check| {
        json!({
            "check": check.check, "outcome": check.outcome,
            "reason": said(&check.reason, false),
            "observed_at": check.observed_at.map(Timestamp::to_rfc3339),
            "fresh_until": check.fresh_until.map(Timestamp::to_rfc3339),
        })
    });
    let _ = output;
    json!({
        "at": assessed.at.to_rfc3339_millis(), "profile": assessed.profile,
        "rows": rows.collect::<Vec<_>>(), "checks": checks.collect::<Vec<_>>(),
    })
}

fn table(assessed: &Assessed, chosen: bool, output: &Output) {
    let lang = output.lang;
    let profile = text(lang, format!("common.profile.{}", assessed.profile), &[]);
    let heading = [
        ("profile", Arg::from(profile)),
        ("at", Arg::from(date(lang, assessed.at))),
    ];
    // Before the set-up nobody has said what the organisation is.
    let key = if chosen {
        "cli.assess.heading"
    } else {
        "cli.assess.heading_unset"
    };
    output.line(output.text(key, &heading));
    summary(assessed, output);
    if !assessed.checks.is_empty() {
        output.line("");
        output.line(output.text("cli.assess.here", &[]));
        for check in &assessed.checks {
            let name = text(lang, format!("device.check.{}", check.check), &[]);
            let mark = mark(output, "outcome", check.outcome.code());
            output.line(format!("  {mark} {name}"));
            output.line(format!("      {}", reason(lang, &check.reason)));
        }
    }
    output.line("");
    let judged = assessed
        .rows
        .iter()
        .filter(|row| row.verdict != Verdict::NotApplicable.code());
    let (waiting, known): (Vec<_>, Vec<_>) =
        judged.partition(|row| row.reason.code == words::NOT_YET);
    for row in known {
        line(row, output);
    }
    if !waiting.is_empty() {
        output.line("");
        let said = [("n", Arg::from(waiting.len()))];
        output.line(output.text("cli.assess.not_yet", &said));
        for row in waiting {
            output.line(not_yet(row, lang));
        }
    }
}

/// A row that nothing can feed yet, with the names of what will carry it.
fn not_yet(row: &AssessedRow, lang: Lang) -> String {
    let carriers = match row.reason.params.get("carrier") {
        Some(Param::Text(codes)) => words::carriers(lang, codes),
        _ => String::new(),
    };
    let colon = text(lang, "console.colon", &[]);
    format!("  ? {} [{}]{colon}{carriers}", row.id, row.force)
}

fn line(row: &AssessedRow, output: &Output) {
    let lang = output.lang;
    let mark = mark(output, "verdict", &row.verdict);
    let finding = row
        .finding
        .as_ref()
        .and_then(|finding| finding.reason.as_ref());
    // As in the console's lists: what is met with findings is not as settled as the rest.
    let found = finding.is_some() && ["met", "attested"].contains(&row.verdict.as_str());
    let marked = match found {
        true => output.text("cli.assess.with_finding", &[("mark", Arg::from(mark))]),
        false => mark,
    };
    output.line(format!("{marked} {} [{}]", row.id, row.force));
    output.line(format!("      {}", words::reason(lang, &row.reason)));
    if let Some(finding) = finding {
        let said = [("finding", Arg::from(reason(lang, finding)))];
        output.line(format!(
            "      {}",
            output.text("cli.assess.finding", &said)
        ));
    }
    if let Some(step) = &row.next_step {
        let role = |role: &String| text(lang, format!("common.role.{role}"), &[]);
        let owners = words::list(lang, row.owner.iter().map(role));
        let said = [
            ("owner", Arg::from(owners)),
            ("step", Arg::from(next_step(lang, step))),
        ];
        output.line(format!("      {}", output.text("cli.assess.next", &said)));
    }
}

/// A verdict or outcome as a sign and a word.
pub fn mark(output: &Output, family: &str, code: &str) -> String {
    let sign = match code {
        "met" | "pass" => "✓",
        "attested" => "✎",
        "not_met" | "fail" => "✗",
        "not_applicable" => "–",
        _ => "?",
    };
    let word = text(output.lang, format!("common.{family}.{code}"), &[]);
    if output.colour {
        format!("{}{sign} {word}{RESET}", colour(code))
    } else {
        format!("{sign} {word}")
    }
}

fn summary(assessed: &Assessed, output: &Output) {
    let counts: Vec<String> = Verdict::ALL
        .into_iter()
        .map(|verdict| {
            let n = assessed
                .rows
                .iter()
                .filter(|row| row.verdict == verdict.code())
                .count();
            format!(
                "{} {n}",
                text(
                    output.lang,
                    format!("common.verdict.{}", verdict.code()),
                    &[]
                )
            )
        })
        .collect();
    output.line(counts.join("  "));
}
