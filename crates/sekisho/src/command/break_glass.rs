//! `sekisho break-glass`: two officers together take up the bootstrap officer's powers.

use std::io::{BufRead, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::ArgMatches;
use sekisho_domain::time::Timestamp;
use sekisho_messages::{Arg, date};
use sekisho_protocol::admin::{Answer, Request};
use serde_json::json;

use crate::fault::Fault;
use crate::output::{Format, Output};
use crate::{desk, place};

/// Longest line that is read as a code, in bytes.
const LINE_MAX: u64 = 256;

/// `sekisho break-glass`
pub fn run(arguments: &ArgMatches, output: &Output) -> Result<ExitCode, Fault> {
    let data = place::data(arguments, false);
    if arguments.get_flag("close") {
        desk::ask(&data, &Request::BreakGlassClose, &[])?;
        match output.format {
            Format::Text => output.line(output.text("cli.break-glass.closed", &[])),
            Format::Json => output.json(&json!({"open": false})),
        }
        return Ok(ExitCode::SUCCESS);
    }
    let given = |name: &str| {
        arguments
            .get_one::<String>(name)
            .cloned()
            .unwrap_or_default()
    };
    let people = [given("first"), given("second")];
    let request = Request::BreakGlassAsk {
        first: people[0].clone(),
        second: people[1].clone(),
        reason: given("reason"),
    };
    let Answer::BreakGlassAsked { until, tries } = ask(&data, &request)? else {
        return Err(Fault::new("admin.not-understood"));
    };
    let said = [
        ("first", Arg::from(&people[0])),
        ("second", Arg::from(&people[1])),
        ("until", Arg::from(date(output.lang, until))),
    ];
    output.note(output.text("cli.break-glass.mailed", &said));
    let mut fault = Fault::refusal("break-glass.no-codes");
    for _ in 0..tries {
        let Some(codes) = codes(&people, output)? else {
            return Err(fault);
        };
        match ask(&data, &Request::BreakGlassConfirm { codes }) {
            Ok(Answer::BreakGlassOpened { until, links }) => {
                tell(output, &people, until, &links);
                return Ok(ExitCode::SUCCESS);
            }
            Ok(_) => return Err(Fault::new("admin.not-understood")),
            Err(wrong) if wrong.reason.code == "break-glass.wrong-code" => {
                output.fault(&wrong);
                fault = wrong;
            }
            Err(other) => return Err(other),
        }
    }
    Err(fault)
}

fn ask(data: &Path, request: &Request) -> Result<Answer, Fault> {
    desk::ask_server(data, request, "break-glass.no-server")
}

/// Both codes, from the terminal or one a line; none where the input ends. Never arguments: those
/// are seen by every user of the machine.
fn codes(people: &[String; 2], output: &Output) -> Result<Option<[String; 2]>, Fault> {
    let mut codes = [String::new(), String::new()];
    for (code, person) in codes.iter_mut().zip(people) {
        if std::io::stdin().is_terminal() {
            let asked = output.text("cli.break-glass.code", &[("person", Arg::from(person))]);
            let mut line = std::io::stderr().lock();
            let _ = write!(line, "{asked} ");
            let _ = line.flush();
        }
        let mut input = std::io::Read::take(std::io::stdin().lock(), LINE_MAX);
        if input.read_line(code)? == 0 {
            return Ok(None);
        }
    }
    Ok(Some(codes))
}

fn tell(output: &Output, people: &[String; 2], until: Timestamp, links: &[String]) {
    if output.format == Format::Json {
        let each = people.iter().zip(links);
        let each: Vec<_> = each
            .map(|(person, link)| json!({"person": person, "link": link}))
            .collect();
        output.json(&json!({"open": true, "until": until, "links": each}));
        return;
    }
    let said = [("until", Arg::from(date(output.lang, until)))];
    output.line(output.text("cli.break-glass.opened", &said));
    for (person, link) in people.iter().zip(links) {
        output.line(output.text("cli.break-glass.link", &[("person", Arg::from(person))]));
        output.line(format!("    {link}"));
    }
}
