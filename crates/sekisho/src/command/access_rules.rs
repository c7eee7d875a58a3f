//! `sekisho access rules …`: the organisation's own rules of access.

use std::io::Read;
use std::path::Path;
use std::process::ExitCode;

use clap::ArgMatches;
use sekisho_messages::{Arg, text};
use sekisho_protocol::access_rules::{
    AnswersOf, Changed, RuleFault, RulesChecked, RulesShown, RulesVersion, WhatIfReport,
};
use sekisho_protocol::admin::{Answer, Request};
use sekisho_rules::decide::OWN_RULES_MAX;

use super::tables::progress::Bar;
use crate::fault::Fault;
use crate::output::{Format, Output, deepest};
use crate::{desk, place};

/// Lines of one count that are printed for people; JSON has more of them.
const PRINTED: usize = 10;

/// `sekisho access rules show|check|set|history|what-if`
pub fn run(matches: &ArgMatches, output: &Output) -> Result<ExitCode, Fault> {
    let arguments = deepest(matches);
    let below = matches.subcommand().map(|(_, rules)| rules);
    match below.and_then(ArgMatches::subcommand_name) {
        Some("check") => check(arguments, output),
        Some("set") => set(arguments, output),
        Some("history") => history(arguments, output),
        Some("what-if") => what_if(arguments, output),
        _ => show(arguments, output),
    }
}

fn show(arguments: &ArgMatches, output: &Output) -> Result<ExitCode, Fault> {
    let request = Request::AccessRules {
        version: arguments.get_one::<u32>("number").copied(),
    };
    let Answer::AccessRules(shown) = desk::ask(&place::data(arguments, false), &request, &[])?
    else {
        return Err(Fault::new("admin.not-understood"));
    };
    match output.format {
        Format::Json => output.json(&shown),
        Format::Text => print(&shown, output),
    }
    Ok(ExitCode::from(u8::from(!shown.checked.sound)))
}

fn print(shown: &RulesShown, output: &Output) {
    if shown.version.version > 0 {
        output.line(version(&shown.version, output));
    }
    if shown.text.trim().is_empty() && shown.checked.sound {
        output.line(output.text("own-rules.none", &[]));
        return;
    }
    output.line(shown.text.trim_end());
    if !shown.checked.sound {
        output.note(output.text("cli.own-rules.unusable", &[]));
    }
    faults(&shown.checked, output);
}

fn version(version: &RulesVersion, output: &Output) -> String {
    let at = version.at.map(|at| at.to_rfc3339_jst());
    output.text(
        "cli.own-rules.line",
        &[
            ("version", Arg::from(version.version)),
            ("at", Arg::from(at.unwrap_or_default())),
            ("by", Arg::from(version.by.clone().unwrap_or_default())),
            ("note", Arg::from(version.note.clone().unwrap_or_default())),
        ],
    )
}

fn history(arguments: &ArgMatches, output: &Output) -> Result<ExitCode, Fault> {
    let answer = desk::ask(
        &place::data(arguments, false),
        &Request::AccessRulesHistory,
        &[],
    )?;
    let Answer::AccessRulesHistory(versions) = answer else {
        return Err(Fault::new("admin.not-understood"));
    };
    match output.format {
        Format::Json => output.json(&versions),
        Format::Text => {
            if versions.is_empty() {
                output.line(output.text("own-rules.none", &[]));
            }
            for one in &versions {
                output.line(version(one, output));
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn check(arguments: &ArgMatches, output: &Output) -> Result<ExitCode, Fault> {
    let text = read(arguments)?;
    let request = Request::CheckAccessRules {
        size: text.len() as u64,
    };
    match desk::ask(&place::data(arguments, false), &request, &text)? {
        Answer::AccessRulesChecked(checked) => Ok(told(&checked, output)),
        _ => Err(Fault::new("admin.not-understood")),
    }
}

fn set(arguments: &ArgMatches, output: &Output) -> Result<ExitCode, Fault> {
    let text = read(arguments)?;
    let nothing = text.iter().all(u8::is_ascii_whitespace);
    if nothing && !arguments.get_flag("withdraw") {
        return Err(Fault::refusal("own-rules.withdraw"));
    }
    let note = arguments.get_one::<String>("note").cloned();
    let request = Request::SetAccessRules {
        size: text.len() as u64,
        note: note.unwrap_or_default(),
    };
    let shown = match desk::ask(&place::data(arguments, false), &request, &text)? {
        Answer::AccessRules(shown) => shown,
        Answer::AccessRulesChecked(checked) => return Ok(told(&checked, output)),
        _ => return Err(Fault::new("admin.not-understood")),
    };
    match output.format {
        Format::Json => output.json(&shown),
        Format::Text => {
            let arguments = [
                ("version", Arg::from(shown.version.version)),
                ("n", Arg::from(shown.checked.rules.len() as u64)),
            ];
            output.line(output.text("cli.own-rules.set", &arguments));
            faults(&shown.checked, output);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn what_if(arguments: &ArgMatches, output: &Output) -> Result<ExitCode, Fault> {
    let text = read(arguments)?;
    let request = Request::AccessRulesWhatIf {
        size: text.len() as u64,
        days: arguments.get_one::<u32>("days").copied().unwrap_or(28),
    };
    let mut bar = Bar::new(*output);
    let data = place::data(arguments, false);
    let answer = desk::ask_watching(&data, &request, &text, &mut |progress| bar.show(progress));
    bar.clear();
    let report = match answer? {
        Answer::AccessRulesWhatIf(report) => report,
        Answer::AccessRulesChecked(checked) => return Ok(told(&checked, output)),
        _ => return Err(Fault::new("admin.not-understood")),
    };
    match output.format {
        Format::Json => output.json(&report),
        Format::Text => print_report(&report, output),
    }
    Ok(ExitCode::SUCCESS)
}

fn print_report(report: &WhatIfReport, output: &Output) {
    let times = [
        ("from", Arg::from(report.from.to_rfc3339_jst())),
        ("until", Arg::from(report.until.to_rfc3339_jst())),
    ];
    output.line(output.text("own-rules.trial-lead", &times));
    let counts = [
        ("answers", Arg::from(report.answers)),
        ("replayed", Arg::from(report.replayed)),
    ];
    output.line(output.text("own-rules.trial-replayed", &counts));
    for (key, n) in [
        ("own-rules.trial-without", report.without_facts),
        ("own-rules.trial-unevaluated", report.failed),
        ("own-rules.trial-beyond", report.beyond),
    ] {
        if n > 0 {
            output.line(output.text(key, &[("n", Arg::from(n))]));
        }
    }
    for (key, side) in [
        ("own-rules.trial-refused", &report.refused),
        ("own-rules.trial-allowed", &report.allowed),
    ] {
        print_side(key, side, output);
    }
}

fn print_side(key: &str, side: &Changed, output: &Output) {
    let heading = output.text(key, &[]);
    let counts = output.text(
        "own-rules.trial-counts",
        &[
            ("answers", Arg::from(side.answers)),
            ("people", Arg::from(side.people)),
        ],
    );
    output.line(format!("\n{heading}: {counts}"));
    let lists: [(&str, &[AnswersOf]); 3] = [
        ("own-rules.by-rule", &side.rules),
        ("own-rules.by-resource", &side.resources),
        ("own-rules.by-unit", &side.units),
    ];
    for (key, lines) in lists {
        if lines.is_empty() {
            continue;
        }
        output.line(format!("  {}", output.text(key, &[])));
        for line in lines.iter().take(PRINTED) {
            output.line(format!("    {:>8}  {}", line.answers, line.id));
        }
    }
}

/// What is to be told of a text, and the exit code that goes with it.
fn told(checked: &RulesChecked, output: &Output) -> ExitCode {
    match output.format {
        Format::Json => output.json(checked),
        Format::Text => {
            if checked.sound {
                let n = Arg::from(checked.rules.len() as u64);
                output.line(output.text("cli.own-rules.sound", &[("n", n)]));
            }
            faults(checked, output);
        }
    }
    ExitCode::from(u8::from(!checked.sound))
}

fn faults(checked: &RulesChecked, output: &Output) {
    for (key, list) in [
        ("own-rules.faults", &checked.faults),
        ("own-rules.remarks", &checked.remarks),
    ] {
        if !list.is_empty() {
            output.note(output.text(key, &[]));
        }
        for fault in list {
            output.note(format!("  {}", one(fault, output)));
        }
    }
}

fn one(fault: &RuleFault, output: &Output) -> String {
    let mut parts = Vec::new();
    if let (Some(line), Some(column)) = (fault.line, fault.column) {
        let place = [("line", Arg::from(line)), ("column", Arg::from(column))];
        parts.push(output.text("own-rules.place", &place));
    }
    if let Some(rule) = &fault.rule {
        parts.push(output.text("own-rules.of-rule", &[("rule", Arg::from(rule.as_str()))]));
    }
    let said = text(output.lang, &fault.code, &[]);
    parts.push(said.into_owned());
    let mut line = parts.join(" ");
    if let Some(detail) = &fault.detail {
        line.push_str("\n    Cedar: ");
        line.push_str(detail);
    }
    line
}

fn read(arguments: &ArgMatches) -> Result<Vec<u8>, Fault> {
    let file = arguments.get_one::<String>("file").cloned();
    let file = file.unwrap_or_default();
    let fault = |error: std::io::Error| {
        tracing::debug!(%error, "a file of rules cannot be read");
        Fault::new("own-rules.unreadable").about(&file)
    };
    let mut bytes = Vec::new();
    let opened = std::fs::File::open(Path::new(&file)).map_err(fault)?;
    let most = OWN_RULES_MAX as u64 + 1;
    opened.take(most).read_to_end(&mut bytes).map_err(fault)?;
    if bytes.len() > OWN_RULES_MAX {
        return Err(Fault::refusal("own-rules.too-long"));
    }
    Ok(bytes)
}
