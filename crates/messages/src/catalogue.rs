//! The catalogue files, compiled in and parsed once.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::args::{Args, fill};
use crate::gap;
use crate::lang::Lang;

macro_rules! area_files {
    ($($area:literal),+ $(,)?) => {
        &[$((
            $area,
            include_str!(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/../../catalog/messages/",
                $area,
                ".toml"
            )),
        )),+]
    };
}

/// Every catalogue file. A new file is named here; a test finds one that is not.
const AREAS: &[(&str, &str)] = area_files![
    "access",
    "access-page",
    "accounts",
    "acme",
    "action",
    "agent",
    "api",
    "attest",
    "backup",
    "break_glass",
    "cause",
    "checklist",
    "checkpoint",
    "certificate",
    "cli",
    "common",
    "confirm",
    "connect",
    "console",
    "device",
    "discover",
    "domain",
    "domain-register",
    "error",
    "error-command",
    "error-field",
    "error-register",
    "error-store",
    "exception",
    "fact",
    "feeds",
    "field",
    "gateway",
    "help",
    "import",
    "import-page",
    "inside",
    "ledger",
    "ledger-damage",
    "letter",
    "listed",
    "mail",
    "moves",
    "overview",
    "own-rules",
    "passkey",
    "people",
    "period",
    "plan",
    "rule",
    "permit",
    "permit-field",
    "permit-page",
    "permit-paper",
    "personal",
    "reason",
    "register",
    "register-help",
    "register-house",
    "register-page",
    "requirement",
    "restriction",
    "risk",
    "services",
    "setup",
    "switch-secrets",
    "working_day",
    "telephone",
    "tunnel",
    "unease",
    "uplink",
];

/// The key of a message, where a type is wanted rather than a bare text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(pub &'static str);

impl Key {
    /// The message without arguments.
    #[must_use]
    pub fn text(self, lang: Lang) -> Cow<'static, str> {
        text(lang, self.0, &[])
    }
}

impl AsRef<str> for Key {
    fn as_ref(&self) -> &str {
        self.0
    }
}

struct Message {
    ja: &'static str,
    en: &'static str,
}

struct Catalogue {
    messages: BTreeMap<String, Message>,
    /// Areas that could not be read, and why; always empty in a program whose tests passed.
    broken: Vec<String>,
}

fn catalogue() -> &'static Catalogue {
    static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
    CATALOGUE.get_or_init(|| {
        let mut all = Catalogue {
            messages: BTreeMap::new(),
            broken: Vec::new(),
        };
        for (area, file) in AREAS {
            match file.parse::<toml::Table>() {
                Ok(table) => collect(&mut all, "", &table),
                Err(error) => all.broken.push(format!("{area}: {error}")),
            }
        }
        all
    })
}

fn collect(all: &mut Catalogue, prefix: &str, table: &toml::Table) {
    if let (Some(ja), Some(en)) = (string(table, "ja"), string(table, "en")) {
        let clash = all.messages.insert(prefix.to_owned(), Message { ja, en });
        if clash.is_some() {
            all.broken.push(format!("{prefix}: twice"));
        }
    }
    for (name, value) in table {
        let key = if prefix.is_empty() {
            name.clone()
        } else {
            format!("{prefix}.{name}")
        };
        match value {
            toml::Value::Table(inner) => collect(all, &key, inner),
            toml::Value::String(_) if (name == "ja" || name == "en") && table.len() >= 2 => {}
            _ => all
                .broken
                .push(format!("{key}: not a message with ja and en")),
        }
    }
}

/// The text under a name, kept for the life of the program: the catalogue is parsed once.
fn string(table: &toml::Table, name: &str) -> Option<&'static str> {
    let text = table.get(name)?.as_str()?;
    Some(Box::leak(text.to_owned().into_boxed_str()))
}

/// The message of a key with arguments put in; the key in brackets when there is none.
#[must_use]
pub fn text(lang: Lang, key: impl AsRef<str>, args: Args<'_>) -> Cow<'static, str> {
    let key = key.as_ref();
    match raw(lang, key) {
        Some(message) if args.is_empty() && !message.contains(['{', '}']) => Cow::Borrowed(message),
        Some(message) => Cow::Owned(fill(message, args, &mut |name| gap::found(key, name))),
        None => Cow::Owned(format!("[{key}]")),
    }
}

/// The message of a key as the catalogue has it, placeholders and all.
#[must_use]
pub fn raw(lang: Lang, key: &str) -> Option<&'static str> {
    let message = catalogue().messages.get(key)?;
    Some(match lang {
        Lang::Ja => message.ja,
        Lang::En => message.en,
    })
}

/// Whether the catalogue has a key.
#[must_use]
pub fn contains(key: &str) -> bool {
    catalogue().messages.contains_key(key)
}

/// Every key, in order.
pub fn keys() -> impl Iterator<Item = &'static str> {
    catalogue().messages.keys().map(String::as_str)
}

/// The names of the catalogue files.
pub fn areas() -> impl Iterator<Item = &'static str> {
    AREAS.iter().map(|(area, _)| *area)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::args::{Piece, pieces};

    fn names(message: &str) -> BTreeSet<&str> {
        pieces(message)
            .into_iter()
            .filter_map(|piece| match piece {
                Piece::Plain(_) => None,
                Piece::Value(name) | Piece::Choice { name, .. } => Some(name),
            })
            .collect()
    }

    #[test]
    fn every_file_is_read_whole() {
        assert_eq!(catalogue().broken, Vec::<String>::new());
        assert!(keys().count() > 40);
    }

    #[test]
    fn both_languages_say_the_same() {
        for (key, message) in &catalogue().messages {
            assert!(!message.ja.trim().is_empty(), "{key}: ja is empty");
            assert!(!message.en.trim().is_empty(), "{key}: en is empty");
            assert_eq!(names(message.ja), names(message.en), "{key}: placeholders");
            for name in names(message.ja) {
                let plain = name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
                assert!(plain && !name.is_empty(), "{key}: placeholder {name:?}");
            }
        }
    }

    #[test]
    fn japanese_is_written_in_full_width_kana() {
        for (key, message) in &catalogue().messages {
            let bad = message.ja.chars().find(
                |c| matches!(c, '\u{ff61}'..='\u{ff9f}' | '！' | '\u{ff10}'..='\u{ff19}' | '　'),
            );
            assert_eq!(bad, None, "{key}: {}", message.ja);
            let foreign = message.en.chars().find(|c| {
                matches!(c, '\u{3001}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}' | '\u{ff00}'..='\u{ffef}')
            });
            let own_name = ["console.brand", "common.verdict_mark", "common.counter_ja"]
                .iter()
                .any(|prefix| key.starts_with(prefix));
            assert!(foreign.is_none() || own_name, "{key}: {}", message.en);
        }
    }

    #[test]
    fn a_missing_key_shows_itself() {
        assert_eq!(text(Lang::Ja, "no.such.key", &[]), "[no.such.key]");
    }
}
