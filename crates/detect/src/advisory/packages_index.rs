//! The Packages index of a security archive: as the archive publishes it, or as a table
//! (`binary TAB version TAB source`, where the source may carry its own version in parentheses).

use std::io::Read;
use std::sync::Arc;

use super::debian::{DebianRecord, Interner};
use super::error::{FeedError, FeedFault};
use super::guard::Text;
use super::package::split_source_field;
use super::release::ReleaseVote;
use super::version::{DebVersion, without_binnmu};

struct Row {
    binary: Arc<str>,
    version: DebVersion,
    source: Arc<str>,
    source_version: DebVersion,
}

#[derive(Default)]
struct Rows {
    rows: Vec<Row>,
    names: Interner,
    vote: ReleaseVote,
}

impl Rows {
    fn push(&mut self, binary: &str, version: &str, source: &str) -> Result<(), FeedFault> {
        let bad = FeedFault::BadField;
        if binary.is_empty() || !binary.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(bad("package"));
        }
        let (name, own) = split_source_field(source).ok_or(bad("source"))?;
        let name = if name.is_empty() { binary } else { name };
        let source_version =
            DebVersion::new(own.unwrap_or(without_binnmu(version))).ok_or(bad("source"))?;
        let version = DebVersion::new(version).ok_or(bad("version"))?;
        self.vote.see(version.as_str());
        let (binary, source) = (self.names.get(binary), self.names.get(name));
        self.rows.push(Row {
            binary,
            version,
            source,
            source_version,
        });
        Ok(())
    }

    fn finish(mut self, release: Option<&str>) -> Result<Vec<DebianRecord>, FeedError> {
        let release = release.or(self.vote.winner());
        let release = release.ok_or(FeedError::whole(FeedFault::ReleaseMissing))?;
        let release = self.names.get(release);
        let record = |row: Row| DebianRecord::Candidate {
            release: release.clone(),
            binary: row.binary,
            version: row.version,
            source: row.source,
            source_version: row.source_version,
        };
        Ok(self.rows.into_iter().map(record).collect())
    }
}

pub(crate) fn parse_table<R: Read>(
    text: &mut Text<R>,
    release: Option<&str>,
    max: usize,
) -> Result<Vec<DebianRecord>, FeedError> {
    let mut rows = Rows::default();
    loop {
        let number = text.line_number() + 1;
        let Some(line) = text.next_line()? else { break };
        let mut fields = line.split('\t');
        let parts = (fields.next(), fields.next(), fields.next(), fields.next());
        let (Some(binary), Some(version), Some(source), None) = parts else {
            return Err(FeedError::at_line(FeedFault::BadField("columns"), number));
        };
        rows.push(binary, version, source)
            .map_err(|f| FeedError::at_line(f, number))?;
        if rows.rows.len() > max {
            return Err(FeedError::at_line(FeedFault::TooManyEntries(max), number));
        }
    }
    rows.finish(release)
}

pub(crate) fn parse_stanzas<R: Read>(
    text: &mut Text<R>,
    release: Option<&str>,
    max: usize,
) -> Result<Vec<DebianRecord>, FeedError> {
    let mut rows = Rows::default();
    let mut stanza = Stanza::default();
    loop {
        let number = text.line_number() + 1;
        let line = text.next_line()?;
        if line.is_none_or(str::is_empty) {
            let ended = line.is_none();
            stanza
                .close(&mut rows)
                .map_err(|f| FeedError::at_line(f, number))?;
            if rows.rows.len() > max {
                return Err(FeedError::at_line(FeedFault::TooManyEntries(max), number));
            }
            if ended {
                break;
            }
        } else if let Some(line) = line {
            stanza.line(line);
        }
    }
    rows.finish(release)
}

#[derive(Default)]
struct Stanza {
    any: bool,
    package: Option<String>,
    version: Option<String>,
    source: Option<String>,
}

impl Stanza {
    fn line(&mut self, line: &str) {
        self.any = true;
        match line.split_once(": ") {
            Some(("Package", value)) => self.package = Some(value.trim().to_owned()),
            Some(("Version", value)) => self.version = Some(value.trim().to_owned()),
            Some(("Source", value)) => self.source = Some(value.trim().to_owned()),
            _ => {}
        }
    }

    fn close(&mut self, rows: &mut Rows) -> Result<(), FeedFault> {
        let stanza = std::mem::take(self);
        if !stanza.any {
            return Ok(());
        }
        let package = stanza.package.ok_or(FeedFault::BadField("package"))?;
        let version = stanza.version.ok_or(FeedFault::BadField("version"))?;
        rows.push(&package, &version, stanza.source.as_deref().unwrap_or(""))
    }
}
