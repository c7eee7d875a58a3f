//! What a command prints: text for people, JSON for machines, faults with what to do.

use std::io::{IsTerminal, Write};

use clap::ArgMatches;
use sekisho_domain::authorise::Action;
use sekisho_domain::code::{Param, Reason};
use sekisho_messages::{Arg, ErrorText, Lang, error_text, word};
use sekisho_server::console::words;
use serde::Serialize;

use crate::fault::Fault;

/// The form asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// Where and how a command prints.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    /// Language of the text.
    pub lang: Lang,
    /// Form of the result.
    pub format: Format,
    /// Whether marks may be coloured.
    pub colour: bool,
}

impl Output {
    /// From the arguments. Colour only on a terminal, and not where `NO_COLOR` asks for none.
    pub fn new(lang: Lang, matches: &ArgMatches) -> Self {
        let deepest = deepest(matches);
        let json = deepest
            .get_one::<String>("format")
            .is_some_and(|format| format == "json");
        let colour = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        Self {
            lang,
            format: if json { Format::Json } else { Format::Text },
            colour,
        }
    }

    /// A line of text. A reader that has gone away (a closed pipe) is no fault.
    pub fn line(&self, text: impl AsRef<str>) {
        let mut out = std::io::stdout().lock();
        let _ = writeln!(out, "{}", text.as_ref());
    }

    /// A line about progress, apart from the result.
    pub fn note(&self, text: impl AsRef<str>) {
        let mut out = std::io::stderr().lock();
        let _ = writeln!(out, "{}", text.as_ref());
    }

    /// The result as JSON.
    pub fn json(&self, value: &impl Serialize) {
        match serde_json::to_string_pretty(value) {
            Ok(text) => self.line(text),
            Err(error) => self.note(error.to_string()),
        }
    }

    /// A message of the catalogue.
    pub fn text(&self, key: &str, args: &[(&str, Arg<'_>)]) -> String {
        sekisho_messages::text(self.lang, key, args).into_owned()
    }

    /// A fault: what happened, where, what to do; as JSON with its code where that is asked.
    pub fn fault(&self, fault: &Fault) {
        let text = self.fault_text(&fault.reason);
        if self.format == Format::Json {
            let value = serde_json::json!({"error": {
                "code": fault.reason.code, "params": fault.reason.params,
                "what": text.what, "where": text.where_, "todo": text.todo,
            }});
            self.note(value.to_string());
            return;
        }
        let label = self.text("cli.error", &[]);
        let place = text.where_.map(|place| format!("\n  {place}"));
        let place = place.unwrap_or_default();
        self.note(format!("{label}: {}{place}\n  → {}", text.what, text.todo));
    }

    fn fault_text(&self, reason: &Reason) -> ErrorText {
        let mut args = arguments(self.lang, reason);
        // The gate names what was to be done by its code.
        if let Some(Param::Text(code)) = reason.params.get("action")
            && let Some(action) = Action::ALL.iter().find(|it| it.code() == code)
        {
            args.retain(|(name, _)| *name != "action");
            args.push(("action", words::action(self.lang, *action).into()));
            args.push(("roles", words::who_may(self.lang, *action).into()));
        }
        let mut text = error_text(self.lang, &reason.code, &args);
        let said = |detail: &str| {
            let place = text.where_.as_deref().unwrap_or_default();
            text.what.contains(detail) || place.contains(detail)
        };
        if let Some(Param::Text(detail)) = reason.params.get("detail")
            && !said(detail)
        {
            text.what = match self.lang {
                Lang::Ja => format!("{}（{detail}）", text.what),
                Lang::En => format!("{} ({detail})", text.what),
            };
        }
        text
    }
}

/// The parameters of a reason as arguments of a message, codes by their words.
fn arguments(lang: Lang, reason: &Reason) -> Vec<(&str, Arg<'_>)> {
    let argument = |(name, param)| match param {
        &Param::Int(number) => Arg::from(number),
        &Param::Time { at } => Arg::from(at.to_rfc3339_jst()),
        Param::Text(text) => word(lang, name, text).map_or_else(|| Arg::from(text), Arg::Text),
    };
    let params = reason.params.iter();
    params
        .map(|(name, param)| (name.as_ref(), argument((name, param))))
        .collect()
}

/// The arguments of the command that was named last.
pub fn deepest(matches: &ArgMatches) -> &ArgMatches {
    let mut here = matches;
    while let Some((_, below)) = here.subcommand() {
        here = below;
    }
    here
}
