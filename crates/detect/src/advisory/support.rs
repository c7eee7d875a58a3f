//! Lists of source packages whose security support ended early or is limited, and what of a host
//! they concern.

use std::collections::HashSet;
use std::io::Read;
use std::sync::Arc;

use jiff::civil::Date;
use serde::Serialize;

use super::day::parse_day;
use super::debian::DebianRecord;
use super::error::{FeedError, FeedFault};
use super::guard::Text;
use super::index::{Index, SupportRule};
use super::package::InstalledPackage;
use super::release::ReleaseVote;
use super::version::DebVersion;

/// A source package of a host that is not, or not fully, covered by security support.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SupportFinding<'a> {
    /// Source package.
    pub source: &'a str,
    /// Installed source version.
    pub installed: &'a str,
    /// Installed binaries of that source.
    pub binaries: Vec<&'a str>,
    /// What the list says.
    #[serde(flatten)]
    pub state: SupportState,
    /// The list's remark, as published.
    pub note: Arc<str>,
}

/// How far a source package has security support.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "support", rename_all = "snake_case")]
pub enum SupportState {
    /// Support ended on a day that has come.
    Ended {
        /// The day it ended.
        on: Date,
    },
    /// Support will end on a day to come.
    Ends {
        /// The day it will end.
        on: Date,
    },
    /// Support is limited (only trusted input, only some uses); see the note.
    Limited,
}

/// What of a host's packages has ended, ending or limited security support on a day. The installed
/// version does not matter: support of the package in this release ended, whatever its version.
pub fn support_findings<'a>(
    packages: &'a [InstalledPackage],
    release: &str,
    index: &Index,
    today: Date,
) -> Vec<SupportFinding<'a>> {
    // Few packages of a host are listed: only those are grouped.
    let (patterns, names): (Vec<&SupportRule>, Vec<&SupportRule>) = index
        .support_rules(release)
        .partition(|rule| rule.is_pattern());
    let names: HashSet<&str> = names.iter().map(|rule| rule.source()).collect();
    let listed = packages.iter().filter(|package| {
        let source = package.advised_build().0;
        names.contains(source) || patterns.iter().any(|rule| rule.applies_to(source))
    });
    let mut findings: Vec<SupportFinding<'a>> = Vec::new();
    for group in super::package::grouped(listed) {
        let matching = index
            .support_rules(release)
            .filter(|rule| rule.applies_to(group.source));
        for SupportRule { ended, note, .. } in matching {
            let state = match ended {
                Some(on) if *on <= today => SupportState::Ended { on: *on },
                Some(on) => SupportState::Ends { on: *on },
                None => SupportState::Limited,
            };
            findings.push(SupportFinding {
                source: group.source,
                installed: group.version,
                binaries: group.binaries.clone(),
                state,
                note: note.clone(),
            });
        }
    }
    findings
}

pub(crate) fn parse_ended<R: Read>(
    text: &mut Text<R>,
    release: Option<&str>,
    max: usize,
) -> Result<Vec<DebianRecord>, FeedError> {
    let mut vote = ReleaseVote::default();
    let rows = rows(text, max, |line| {
        let (source, rest) = column(line);
        let (last, rest) = column(rest);
        let (on, note) = column(rest);
        vote.see(last);
        let last = DebVersion::new(last).ok_or(FeedFault::BadField("version"))?;
        Ok((name(source)?, last, parse_day(on)?, Arc::<str>::from(note)))
    })?;
    let release = release
        .or(vote.winner())
        .ok_or(FeedError::whole(FeedFault::ReleaseMissing))?;
    let release: Arc<str> = release.into();
    let record = |(source, last, on, note)| {
        let release = release.clone();
        DebianRecord::SupportEnded {
            release,
            source,
            last,
            on,
            note,
        }
    };
    Ok(rows.into_iter().map(record).collect())
}

pub(crate) fn parse_limited<R: Read>(
    text: &mut Text<R>,
    max: usize,
) -> Result<Vec<DebianRecord>, FeedError> {
    rows(text, max, |line| {
        let (source, note) = column(line);
        Ok(DebianRecord::SupportLimited {
            source: name(source)?,
            note: note.into(),
        })
    })
}

fn name(text: &str) -> Result<Arc<str>, FeedFault> {
    let good = !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic());
    good.then(|| text.into())
        .ok_or(FeedFault::BadField("source"))
}

/// The first column and the rest; columns are separated by any number of spaces or tabs.
fn column(line: &str) -> (&str, &str) {
    let line = line.trim();
    line.split_once([' ', '\t'])
        .map_or((line, ""), |(first, rest)| (first, rest.trim_start()))
}

fn rows<R: Read, T>(
    text: &mut Text<R>,
    max: usize,
    mut parse: impl FnMut(&str) -> Result<T, FeedFault>,
) -> Result<Vec<T>, FeedError> {
    let mut rows = Vec::new();
    loop {
        let number = text.line_number() + 1;
        let Some(line) = text.next_line()? else {
            return Ok(rows);
        };
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        rows.push(parse(line).map_err(|fault| FeedError::at_line(fault, number))?);
        if rows.len() > max {
            return Err(FeedError::at_line(FeedFault::TooManyEntries(max), number));
        }
    }
}
