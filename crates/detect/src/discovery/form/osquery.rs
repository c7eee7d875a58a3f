//! osquery's results: rows of `dns_cache` (`name`, `type`, `flags`), and of processes that hold connections
//! (`path` or `name`, from `process_open_sockets` joined with `processes`). The device is the client.
//!
//! Many tables have a `name`: only a row with the other columns of `dns_cache` is a name that was looked up. A
//! process of macOS that is called `zoom.us` is none.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::super::clock::Stamp;
use super::plain::{Plain, Value};
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

#[derive(Default, Deserialize)]
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
    match quickly(line) {
        Some(said) => tell(said),
        None => whole(line, tell),
    }
}

/// A row that came or went, as osquery writes it: three times as fast as [`whole`]. None where anything is
/// written otherwise, or stands twice.
fn quickly(line: &[u8]) -> Option<Line<'_>> {
    let (mut device, mut at, mut action) = (None, None, None);
    let mut row = Row::default();
    let mut rows = 0;
    let mut plain = Plain::of(line);
    plain.object(|here, name| match name {
        "hostIdentifier" => once(&mut device, here.text()?),
        "unixTime" => once(&mut at, here.number()?),
        "action" => once(&mut action, here.text()?),
        "columns" => {
            rows += 1;
            here.object(|here, name| row.take(name, here.value()?))
        }
        "snapshot" => None,
        // What is added to each line by the configuration; its names are of no meaning here.
        "decorations" => here.object(|here, _| here.value().map(|_| ())),
        _ => here.value().map(|_| ()),
    })?;
    (plain.is_read() && rows == 1).then_some(())?;
    let (device, at) = (device?, at?.checked_mul(1000)?);
    if action == Some("removed") {
        return Some(Line::Other);
    }
    Some(subject(row).map_or(Line::Other, |subject| lookup(device, at, subject)))
}

fn once<T>(field: &mut Option<T>, value: T) -> Option<()> {
    field.replace(value).is_none().then_some(())
}

impl<'a> Row<'a> {
    /// Takes a column that is written plainly. None where it stands twice or is not what it should be.
    fn take(&mut self, name: &str, value: Value<'a>) -> Option<()> {
        let text = || match value {
            Value::Text(text) => Some(text),
            Value::Number(_) | Value::Truth => None,
        };
        match name {
            "name" => once(&mut self.name, Cow::Borrowed(text()?)),
            "path" => once(&mut self.path, Cow::Borrowed(text()?)),
            "remote_address" => once(&mut self.remote_address, text()?),
            "type" => once(&mut self.record, IgnoredAny),
            "flags" => once(&mut self.flags, IgnoredAny),
            _ => Some(()),
        }
    }
}

fn lookup<'a>(device: &'a str, at: i64, subject: Subject<'a>) -> Line<'a> {
    Line::Lookup(Lookup {
        at: Stamp::Millis(at),
        client: device,
        user: None,
        subject,
        bytes: 0,
        answer: false,
    })
}

fn whole<'a>(line: &'a [u8], tell: &mut dyn FnMut(Line<'a>)) {
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
        tell(lookup(entry.device, at, subject));
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LINES: [&str; 6] = [
        r#"{"name":"dns_cache","hostIdentifier":"PC-7","calendarTime":"Sun Nov 29 07:00:00 2026 UTC","unixTime":1795935600,"epoch":0,"numerics":false,"columns":{"flags":"0","name":"zoom.us","type":"A"},"action":"added"}"#,
        r#"{"name":"dns","hostIdentifier":"PC-7","unixTime":1795935600,"decorations":{"name":"evil.example","hostIdentifier":"x"},"columns":{"flags":0,"name":"zoom.us","type":"A"},"action":"added"}"#,
        r#"{"name":"sockets","hostIdentifier":"PC-7","unixTime":1795935600,"columns":{"path":"/usr/bin/zoom","remote_address":"198.51.100.3"}}"#,
        r#"{"name":"dns","hostIdentifier":"PC-7","unixTime":1795935600,"action":"removed","columns":{"name":"zoom.us","type":"A","flags":"0"}}"#,
        r#"{"name":"sockets","hostIdentifier":"PC-7","unixTime":1795935600,"columns":{"path":"C:\\Zoom.exe","remote_address":"198.51.100.3"}}"#,
        r#"{"name":"s","hostIdentifier":"PC-7","unixTime":1795935600,"action":"snapshot","snapshot":[{"name":"curl","path":"","remote_address":"198.51.100.4"}]}"#,
    ];

    fn all(line: &[u8]) -> Vec<Line<'_>> {
        let mut said = Vec::new();
        whole(line, &mut |line| said.push(line));
        said
    }

    #[test]
    fn the_quick_way_reads_rows_without_strokes_and_leaves_the_rest() {
        assert_eq!(
            LINES.map(|line| quickly(line.as_bytes()).is_some()),
            [true, true, true, true, false, false]
        );
        // JSON's reader refuses what stands twice; so it is asked.
        let twice = r#"{"hostIdentifier":"a","unixTime":1,"columns":{"name":"b.c","name":"d.e","type":"A","flags":"0"}}"#;
        assert_eq!(quickly(twice.as_bytes()), None);
        assert_eq!(all(twice.as_bytes()), [Line::Malformed]);
    }

    proptest! {
        /// Where the quick way reads a line, it reads what the whole line says.
        #[test]
        fn both_ways_agree(at in 0..LINES.len(), from in 0_usize..220, put in "[a-z\",:{}\\\\.0-9]{0,6}", cut in 0_usize..4) {
            let mut line = LINES[at].as_bytes().to_vec();
            let from = from.min(line.len());
            let to = (from + cut).min(line.len());
            line.splice(from..to, put.bytes());
            if let Some(quick) = quickly(&line) {
                prop_assert_eq!(vec![quick], all(&line), "{}", String::from_utf8_lossy(&line));
            }
        }

        /// Fields in any order, some of them twice or of another kind.
        #[test]
        fn both_ways_agree_on_shuffled_fields(order in proptest::collection::vec(0_usize..9, 0..7)) {
            const FIELDS: [&str; 9] = [
                r#""hostIdentifier":"PC-7""#, r#""unixTime":1795935600"#, r#""action":"added""#,
                r#""action":"removed""#, r#""action":1"#, r#""unixTime":"1""#,
                r#""columns":{"name":"zoom.us","type":"A","flags":"0"}"#,
                r#""columns":{"name":1,"type":"A","flags":"0"}"#,
                r#""columns":{"path":"","name":"curl","remote_address":"198.51.100.3"}"#,
            ];
            let fields: Vec<&str> = order.iter().map(|at| FIELDS[*at]).collect();
            let line = format!("{{{}}}", fields.join(","));
            if let Some(quick) = quickly(line.as_bytes()) {
                prop_assert_eq!(vec![quick], all(line.as_bytes()), "{}", line);
            }
        }
    }
}
