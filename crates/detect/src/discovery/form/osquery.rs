//! osquery's results: rows of `dns_cache` (`name`, `type`, `flags`), and of processes that hold connections
//! (`path` or `name`, from `process_open_sockets` joined with `processes`). The device is the client.
//!
//! Many tables have a `name`: only a row with the other columns of `dns_cache` is a name that was looked up. A
//! process of macOS that is called `zoom.us` is none.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::super::clock::Stamp;
use super::{Line, Lookup, Subject, bytes};

#[derive(Deserialize)]
struct Entry<'a> {
    #[serde(rename = "hostIdentifier", borrow)]
    device: &'a str,
    #[serde(rename = "unixTime")]
    at: i64,
    #[serde(default, borrow)]
    action: Option<&'a str>,
    #[serde(default, borrow)]
    columns: Option<Row<'a>>,
    #[serde(default, borrow)]
    snapshot: Option<Vec<Row<'a>>>,
}

#[derive(Deserialize)]
struct Row<'a> {
    /// A name that was looked up, in `dns_cache`; the process in `processes`.
    #[serde(default, borrow)]
    name: Option<Cow<'a, str>>,
    #[serde(default, borrow)]
    path: Option<Cow<'a, str>>,
    #[serde(default, borrow)]
    remote_address: Option<&'a str>,
    /// Of which kind the record is, in `dns_cache`.
    #[serde(default, rename = "type")]
    record: Option<IgnoredAny>,
    /// Its flags, in `dns_cache`.
    #[serde(default)]
    flags: Option<IgnoredAny>,
}

pub(super) fn read<'a>(line: &'a [u8], tell: &mut dyn FnMut(Line<'a>)) {
    if line.first() != Some(&b'{') {
        return tell(Line::Malformed);
    }
    let Ok(entry) = serde_json::from_slice::<Entry<'_>>(line) else {
        return tell(Line::Malformed);
    };
    let Some(at) = entry.at.checked_mul(1000) else {
        return tell(Line::Malformed);
    };
    // A row that went away was told of when it came.
    let gone = entry.action == Some("removed");
    let rows = entry
        .columns
        .into_iter()
        .chain(entry.snapshot.into_iter().flatten());
    let mut told = false;
    for subject in rows.filter(|_| !gone).filter_map(subject) {
        told = true;
        tell(Line::Lookup(Lookup {
            at: Stamp::Millis(at),
            client: entry.device,
            user: None,
            subject,
            bytes: 0,
            answer: false,
        }));
    }
    if !told {
        tell(Line::Other);
    }
}

fn subject(row: Row<'_>) -> Option<Subject<'_>> {
    if row.remote_address.is_some() {
        // A path that needs escapes is of Windows; only the file name counts.
        let named = row.path.filter(|path| !path.is_empty()).or(row.name)?;
        return Some(Subject::Program(match named {
            Cow::Borrowed(path) => Cow::Borrowed(file_name(path).as_bytes()),
            Cow::Owned(path) => Cow::Owned(file_name(&path).as_bytes().to_vec()),
        }));
    }
    row.record.and(row.flags)?;
    Some(Subject::Name(bytes(row.name?)))
}

/// What stands after the last stroke of either kind.
fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}
