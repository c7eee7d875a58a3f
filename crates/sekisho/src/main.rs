//! The one binary: server, agent and shell.

mod acme;
mod applications;
mod cli;
mod command;
mod config;
mod desk;
mod fault;
mod given_file;
mod log;
mod mail;
mod output;
mod place;
mod replace_file;
mod service;
mod signals;
mod switch_secrets;
mod text;

use std::process::ExitCode;

use sekisho_messages::Lang;

use output::Output;

/// As in the benchmarks, so that these measure what runs.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let lang = language();
    let matches = match cli::command(lang).try_get_matches() {
        Ok(matches) => matches,
        Err(error) => return text::usage(lang, &error),
    };
    let output = Output::new(lang, &matches);
    match command::run(&matches, &output) {
        Ok(code) => code,
        Err(fault) => {
            output.fault(&fault);
            ExitCode::from(fault.exit_code())
        }
    }
}

/// The language is needed before the arguments are understood: help is written in it.
fn language() -> Lang {
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let value = match argument.strip_prefix("--lang") {
            Some("") => arguments.next(),
            Some(rest) => rest.strip_prefix('=').map(str::to_owned),
            None => None,
        };
        if let Some(lang) = value.as_deref().and_then(Lang::from_tag) {
            return lang;
        }
    }
    ["SEKISHO_LANG", "LC_ALL", "LC_MESSAGES", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
        .and_then(|value| Lang::from_tag(&value))
        .unwrap_or(Lang::En)
}
