//! Usage errors and marks in the language asked for.

use std::process::ExitCode;

use clap::error::ErrorKind;
use sekisho_messages::{Arg, Lang, text};

/// Prints help, the version, or what is wrong with the command line and what to do.
pub fn usage(lang: Lang, error: &clap::Error) -> ExitCode {
    use clap::error::ContextKind;
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let _ = error.print();
            return ExitCode::SUCCESS;
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let _ = error.print();
            return ExitCode::from(2);
        }
        _ => {}
    }
    let context = |kind| error.get(kind).map(ToString::to_string).unwrap_or_default();
    let argument = [ContextKind::InvalidArg, ContextKind::InvalidSubcommand]
        .into_iter()
        .map(context)
        .find(|text| !text.is_empty())
        .unwrap_or_default();
    let key = match error.kind() {
        ErrorKind::InvalidSubcommand => "cli.usage.unknown-command",
        ErrorKind::UnknownArgument => "cli.usage.unknown",
        ErrorKind::MissingRequiredArgument | ErrorKind::MissingSubcommand => "cli.usage.missing",
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => "cli.usage.value",
        _ => "cli.usage.other",
    };
    let value = context(ContextKind::InvalidValue);
    let arguments = [
        ("argument", Arg::from(argument)),
        ("value", Arg::from(value)),
    ];
    let label = text(lang, "cli.error", &[]);
    eprintln!("{label}: {}", text(lang, key, &arguments));
    eprintln!("  → {}", text(lang, "cli.usage.todo", &[]));
    ExitCode::from(2)
}

/// Colour of a mark on a terminal.
pub const fn colour(verdict: &str) -> &'static str {
    match verdict.as_bytes() {
        b"met" | b"attested" | b"pass" => "\x1b[32m",
        b"not_met" | b"fail" => "\x1b[31m",
        b"unknown" => "\x1b[33m",
        _ => "\x1b[2m",
    }
}
