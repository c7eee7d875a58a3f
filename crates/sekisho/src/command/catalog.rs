//! `sekisho catalog list|show`.

use std::process::ExitCode;

use clap::ArgMatches;
use sekisho_domain::profile::Profile;
use sekisho_messages::{Arg, Lang, text};
use sekisho_rules::catalogue::{Both, Catalogue, Row};
use sekisho_server::console::words;
use serde_json::{Value, json};

use crate::desk;
use crate::fault::Fault;
use crate::output::{Format, Output, deepest};

/// `sekisho catalog …`
pub fn run(matches: &ArgMatches, output: &Output) -> Result<ExitCode, Fault> {
    let catalogue = desk::catalogue()?;
    let arguments = deepest(matches);
    match matches.subcommand_name() {
        Some("list") => list(&catalogue, arguments, output),
        _ => show(&catalogue, arguments, output)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn list(catalogue: &Catalogue, arguments: &ArgMatches, output: &Output) {
    let profile = arguments
        .get_one::<String>("profile")
        .and_then(|code| Profile::from_code(code));
    let rows = catalogue
        .rows()
        .iter()
        .filter(|row| profile.is_none_or(|profile| row.judged_by(profile, false)));
    match output.format {
        Format::Json => output.json(&rows.map(value).collect::<Vec<_>>()),
        Format::Text => {
            for row in rows {
                let said = both(output.lang, &row.text);
                output.line(format!(
                    "{:<22} {}  {said}",
                    row.id.as_str(),
                    row.force.code()
                ));
            }
        }
    }
}

fn show(catalogue: &Catalogue, arguments: &ArgMatches, output: &Output) -> Result<(), Fault> {
    let given = arguments
        .get_one::<String>("id")
        .map(String::as_str)
        .unwrap_or_default();
    let row = given
        .parse()
        .ok()
        .and_then(|id| catalogue.row(&id))
        .ok_or_else(|| Fault::new("catalogue.unknown-row").about(given))?;
    if output.format == Format::Json {
        output.json(&value(row));
        return Ok(());
    }
    let lang = output.lang;
    let word = |family: &str, code: &str| text(lang, format!("common.{family}.{code}"), &[]);
    output.line(format!("{}  {}", row.id, both(lang, &row.text)));
    let field = |key: &str, value: &str| {
        let label = text(lang, format!("cli.catalog.{key}"), &[]);
        output.line(format!("  {label}: {value}"));
    };
    field("force", &word("force", row.force.code()));
    let owners: Vec<_> = row
        .owner
        .iter()
        .map(|role| word("role", role.code()))
        .collect();
    let presumed = if row.presumed {
        text(lang, "cli.catalog.presumed", &[])
    } else {
        std::borrow::Cow::Borrowed("")
    };
    field(
        "owner",
        &format!("{}{presumed}", owners.join(separator(lang))),
    );
    field("source", &source(lang, row));
    field("evidence", both(lang, &row.evidence));
    field("carried-by", &row.carriers());
    if let Some(attestation) = &row.attestation {
        field("attestation", both(lang, attestation));
    }
    if let Some(ours) = &row.ours {
        field("ours", both(lang, ours));
    }
    Ok(())
}

const fn separator(lang: Lang) -> &'static str {
    match lang {
        Lang::Ja => "、",
        Lang::En => ", ",
    }
}

fn both(lang: Lang, text: &Both) -> &str {
    match lang {
        Lang::Ja => &text.ja,
        Lang::En => &text.en,
    }
}

fn source(lang: Lang, row: &Row) -> String {
    let mut line = words::source(lang, &row.source);
    for alias in &row.source.aliases {
        let unverified = if alias.verified {
            std::borrow::Cow::Borrowed("")
        } else {
            text(lang, "cli.catalog.unverified", &[])
        };
        let arguments = [
            ("edition", Arg::from(&alias.edition)),
            ("clause", Arg::from(&alias.clause)),
            ("unverified", Arg::from(unverified)),
        ];
        line.push_str(&text(lang, "cli.catalog.alias", &arguments));
    }
    line
}

/// A row in the stable form for machines; the first owner answers first.
fn value(row: &Row) -> Value {
    json!({
        "id": row.id,
        "section": row.section,
        "force": row.force.code(),
        "owner": row.owner.iter().map(|role| role.code()).collect::<Vec<_>>(),
        "owner_presumed": row.presumed,
        "text": {"ja": row.text.ja, "en": row.text.en},
        "source": row.source,
        "evidence": row.evidence,
        "carried_by": row.carried_by,
        "attestation": row.attestation,
        "parts": row.parts,
        "confirm": row.confirm,
        "ours": row.ours,
    })
}
