//! Operating system, from `os-release` (freedesktop.org).

use sekisho_domain::fact::{FactValue, OsFamily, OsRelease};

use super::{Found, Missed, Outcome};
use crate::host::{Host, ReadError};

const SOURCES: [&str; 2] = ["/etc/os-release", "/usr/lib/os-release"];

/// The fields of `os-release` with their quotes removed.
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    pub(super) fn parse(text: &str) -> Self {
        let fields = text.lines().filter_map(|line| {
            let (name, value) = line.trim().split_once('=')?;
            (!name.starts_with('#')).then(|| (name.to_owned(), unquote(value)))
        });
        Self(fields.collect())
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        // The last assignment counts, as in a shell.
        let found = self.0.iter().rev().find(|(n, _)| n == name);
        found.map(|(_, v)| v.as_str()).filter(|v| !v.is_empty())
    }
}

fn unquote(value: &str) -> String {
    let value = value.trim();
    for quote in ['"', '\''] {
        let inner = value
            .strip_prefix(quote)
            .and_then(|rest| rest.strip_suffix(quote));
        if let Some(inner) = inner {
            return inner.replace("\\\"", "\"").replace("\\$", "$");
        }
    }
    value.to_owned()
}

pub(super) fn collect(host: &Host) -> Outcome {
    let mut first_error = None;
    for source in SOURCES {
        match host.read_text(source) {
            Ok(text) => return parse(&text, source),
            Err(ReadError::Missing) => {}
            Err(error) => first_error = first_error.or(Some((source, error))),
        }
    }
    let (source, error) = first_error.unwrap_or((SOURCES[0], ReadError::Missing));
    Err(Missed::read(source, &error))
}

fn parse(text: &str, source: &str) -> Outcome {
    let fields = Fields::parse(text);
    // The standard's default for a missing ID is `linux`, which would judge as some product.
    let product = fields
        .get("ID")
        .ok_or_else(|| Missed::unreadable(source, "no ID"))?;
    let version = fields.get("VERSION_ID").unwrap_or_default();
    let pretty = fields.get("PRETTY_NAME").map_or_else(
        || format!("{product} {version}").trim().to_owned(),
        str::to_owned,
    );
    let release = OsRelease {
        family: OsFamily::Linux,
        product: product.to_ascii_lowercase(),
        version: version.to_owned(),
        codename: fields.get("VERSION_CODENAME").map(str::to_owned),
        pretty,
        modified: None,
    };
    Ok(Found::new(FactValue::OsRelease(release), source))
}
