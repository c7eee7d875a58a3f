//! Refusals in the form of the wire. What is said of one thing that is missing follows from that thing
//! alone, and offices meet the same few hundred over and over: each is written once and put together
//! with the others from then on.

use std::fmt::Write as _;
use std::sync::{Arc, PoisonError, RwLock};

use sekisho_messages::{Arg, Lang, text};
use sekisho_rules::decide::Missing;
use sekisho_rules::halves::{Found, Halves};

use super::reasons::one_missing;
use crate::console::words;

/// Most things in one half of the memory: a few megabytes in all.
const HALF_MAX: usize = 2_048;

/// What is said of one thing that is missing.
#[derive(Debug, PartialEq, Eq)]
struct Piece {
    /// The whole of it, as a JSON object.
    whole: String,
    /// Its sentence as the inside of a JSON string, in Japanese and in English.
    said: [String; 2],
}

/// What was written already.
pub(in crate::http) struct Prepared(RwLock<Halves<Missing, Arc<Piece>>>);

impl Default for Prepared {
    fn default() -> Self {
        Self(RwLock::new(Halves::new(HALF_MAX)))
    }
}

impl Prepared {
    /// The context of a refusal, as a JSON object.
    pub(super) fn refusal(&self, missing: &[Missing]) -> String {
        let pieces: Vec<Arc<Piece>> = missing.iter().map(|it| self.piece(it)).collect();
        let length: usize = pieces
            .iter()
            .map(|it| it.whole.len() + it.said[0].len() + it.said[1].len() + 4)
            .sum();
        let mut context = String::with_capacity(length + 512);
        context.push_str("{\"reason_user\":{\"ja\":\"");
        joined(
            &mut context,
            "",
            pieces.iter().map(|it| it.said[0].as_str()),
        );
        context.push_str("\",\"en\":\"");
        joined(
            &mut context,
            " ",
            pieces.iter().map(|it| it.said[1].as_str()),
        );
        context.push_str("\"},\"reason_admin\":{\"ja\":");
        let rules: Vec<&str> = missing.iter().map(|it| it.rule.id.as_str()).collect();
        let rules = rules.join(", ");
        let admin = |lang| text(lang, "access.rules", &[("rules", Arg::from(&rules))]);
        quoted(&mut context, &admin(Lang::Ja));
        context.push_str(",\"en\":");
        quoted(&mut context, &admin(Lang::En));
        context.push_str("},\"missing\":[");
        joined(&mut context, ",", pieces.iter().map(|it| it.whole.as_str()));
        context.push_str("]}");
        context
    }

    fn piece(&self, missing: &Missing) -> Arc<Piece> {
        let found = {
            let halves = self.0.read().unwrap_or_else(PoisonError::into_inner);
            halves.find(missing)
        };
        let piece = match found {
            Found::Newer(piece) => return piece,
            Found::Older(piece) => piece,
            Found::Nowhere => Arc::new(Piece::of(missing)),
        };
        let mut halves = self.0.write().unwrap_or_else(PoisonError::into_inner);
        halves.put(missing.clone(), Arc::clone(&piece));
        piece
    }
}

impl Piece {
    fn of(missing: &Missing) -> Self {
        let said = |lang| {
            let mut said = String::new();
            quoted(&mut said, &words::missing(lang, missing));
            // What is joined with others stands in one string with them.
            said[1..said.len() - 1].to_owned()
        };
        Self {
            whole: one_missing(missing).to_string(),
            said: [said(Lang::Ja), said(Lang::En)],
        }
    }
}

/// Writes a text as a JSON string.
fn quoted(to: &mut String, text: &str) {
    // Displaying a JSON value writes no error of its own, and a String takes everything.
    let _ = write!(to, "{}", serde_json::Value::from(text));
}

fn joined<'a>(to: &mut String, between: &str, parts: impl Iterator<Item = &'a str>) {
    for (number, part) in parts.enumerate() {
        if number > 0 {
            to.push_str(between);
        }
        to.push_str(part);
    }
}
