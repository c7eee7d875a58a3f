//! Imports a feed from a reader: unpacks, recognises and parses it, and dates it.

use std::collections::BTreeSet;
use std::io::BufRead;

use super::cve::CveId;
use super::day::{DAY_MS, day_start_ms};
use super::debian::{self, DebianRecord};
use super::epss::{self, Epss};
use super::error::{FeedError, FeedFault};
use super::feed::{FeedId, FeedMeta};
use super::guard::{HEAD_BYTES, Text};
use super::kev::{self, Kev};
use super::lifecycle::Cycle;
use super::sniff::{Format, recognise};
use super::unpack::{self, Limits, Unpacked};
use super::{changelog, distro_info, endoflife, packages_index, support, tracker};

/// What the importer knows beside the bytes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Hints<'a> {
    /// The time the data is of (milliseconds since the Unix epoch), for formats that do not tell.
    /// Where the data tells its own time, that wins.
    pub as_of: Option<i64>,
    /// Debian release (code name or number), for formats that do not tell.
    pub release: Option<&'a str>,
}

/// The typed content of a feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Payload {
    /// Statements about Debian packages.
    Debian(Vec<DebianRecord>),
    /// Known exploited vulnerabilities.
    Kev(Vec<(CveId, Kev)>),
    /// Exploitation probabilities.
    Epss(Vec<(CveId, Epss)>),
    /// Life cycles of products.
    LifeCycles(Vec<Cycle>),
}

impl Payload {
    /// Number of entries.
    pub fn len(&self) -> usize {
        match self {
            Self::Debian(records) => records.len(),
            Self::Kev(entries) => entries.len(),
            Self::Epss(rows) => rows.len(),
            Self::LifeCycles(cycles) => cycles.len(),
        }
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// An imported feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// What to remember of it.
    pub meta: FeedMeta,
    /// Its content.
    pub payload: Payload,
}

impl Imported {
    /// Releases of which a security tracker lost a part: what it says of them counts, and what it
    /// does not say of them proves nothing.
    pub fn in_part(&self) -> BTreeSet<&str> {
        let Payload::Debian(records) = &self.payload else {
            return BTreeSet::new();
        };
        if self.meta.id != FeedId::DebianTracker {
            return BTreeSet::new();
        }
        let (mut named, mut whole) = (BTreeSet::new(), BTreeSet::new());
        for record in records {
            match record {
                DebianRecord::Advisory { release, .. } => named.insert(&**release),
                DebianRecord::CoversAll { release } => whole.insert(&**release),
                _ => false,
            };
        }
        named.difference(&whole).copied().collect()
    }
}

/// How the data tells the time it is of.
enum AsOf {
    Stated(i64),
    NotBefore(Option<i64>),
}

struct Parsed {
    id: FeedId,
    as_of: AsOf,
    payload: Payload,
}

/// Imports one feed from a reader, packed or not, within the limits. `now` is in milliseconds
/// since the Unix epoch.
///
/// # Errors
/// A [`FeedError`] with a stable code and the place for everything that is not a whole, plausible
/// feed of a known format. Nothing of a refused feed is given out.
pub fn import<R: BufRead>(
    reader: R,
    hints: Hints<'_>,
    limits: Limits,
    now: i64,
) -> Result<Imported, FeedError> {
    let mut text = Text::new(unpack::open(reader, limits)?, limits.line);
    let head = text.head()?;
    let blank = head.trim().is_empty();
    if blank && head.len() < HEAD_BYTES {
        return Err(FeedError::whole(FeedFault::Empty));
    }
    let Some(format) = recognise(head) else {
        let cut = is_cut_json(head);
        if blank {
            // Blanks without end are no feed of the wrong kind: the limits say what they are.
            text.drain()?;
        }
        let fault = if cut {
            FeedFault::Truncated
        } else {
            FeedFault::WrongType
        };
        return Err(FeedError::at_offset(fault, 0));
    };
    let parsed = parse(format, &mut text, hints, limits.entries)?;
    text.drain()?;
    if parsed.payload.is_empty() {
        return Err(FeedError::whole(FeedFault::Empty));
    }
    let as_of = match parsed.as_of {
        AsOf::Stated(time) => time,
        AsOf::NotBefore(bound) => hints
            .as_of
            .or(bound)
            .ok_or(FeedError::whole(FeedFault::DateMissing))?,
    };
    if as_of > now.saturating_add(DAY_MS) {
        return Err(FeedError::whole(FeedFault::FutureDate));
    }
    let digest = text
        .source()
        .digest()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let entries = parsed.payload.len() as u64;
    let meta = FeedMeta {
        id: parsed.id,
        as_of,
        imported_at: now,
        digest,
        entries,
    };
    Ok(Imported {
        meta,
        payload: parsed.payload,
    })
}

/// Whether data that is seen whole is JSON that ends in the middle: too little of a feed to tell
/// which one it was to be.
fn is_cut_json(head: &str) -> bool {
    let whole: Result<serde::de::IgnoredAny, _> = serde_json::from_str(head);
    head.trim_start().starts_with('{')
        && head.len() < HEAD_BYTES
        && whole.is_err_and(|error| error.is_eof())
}

fn parse<R: BufRead>(
    format: Format,
    text: &mut Text<Unpacked<R>>,
    hints: Hints<'_>,
    max: usize,
) -> Result<Parsed, FeedError> {
    let release = hints
        .release
        .map(|r| super::release::code_name(r).unwrap_or(r));
    let debian = |id, records| Parsed {
        id,
        as_of: AsOf::NotBefore(None),
        payload: Payload::Debian(records),
    };
    Ok(match format {
        Format::Stored => {
            let stored = debian::parse_stored(text, max)?;
            Parsed {
                as_of: AsOf::Stated(stored.as_of),
                ..debian(stored.id, stored.records)
            }
        }
        Format::Changelogs => {
            let parsed = changelog::parse(text, release, max)?;
            let as_of = AsOf::NotBefore(parsed.not_before);
            Parsed {
                as_of,
                ..debian(FeedId::DebianChangelogs, parsed.records)
            }
        }
        Format::Tracker => debian(FeedId::DebianTracker, tracker::parse(text, max)?),
        Format::PackagesTable => debian(
            FeedId::DebianSecurityArchive,
            packages_index::parse_table(text, release, max)?,
        ),
        Format::PackagesStanzas => debian(
            FeedId::DebianSecurityArchive,
            packages_index::parse_stanzas(text, release, max)?,
        ),
        Format::SupportEnded => debian(
            FeedId::DebianSupportEnded,
            support::parse_ended(text, release, max)?,
        ),
        Format::SupportLimited => debian(
            FeedId::DebianSupportLimited,
            support::parse_limited(text, max)?,
        ),
        _ => return parse_general(format, text, max),
    })
}

/// The feeds that are not about Debian packages.
fn parse_general<R: BufRead>(
    format: Format,
    text: &mut Text<Unpacked<R>>,
    max: usize,
) -> Result<Parsed, FeedError> {
    let cycles = |id, as_of, cycles| Parsed {
        id,
        as_of,
        payload: Payload::LifeCycles(cycles),
    };
    Ok(match format {
        Format::Kev => {
            let parsed = kev::parse(text, max)?;
            let payload = Payload::Kev(parsed.entries);
            Parsed {
                id: FeedId::Kev,
                as_of: AsOf::Stated(parsed.as_of),
                payload,
            }
        }
        Format::Epss => {
            let parsed = epss::parse(text, max)?;
            let as_of = parsed.as_of.map_or(AsOf::NotBefore(None), AsOf::Stated);
            Parsed {
                id: FeedId::Epss,
                as_of,
                payload: Payload::Epss(parsed.rows),
            }
        }
        Format::DistroInfoDebian => cycles(
            FeedId::DistroInfoDebian,
            AsOf::NotBefore(None),
            distro_info::parse(text, "debian", max)?,
        ),
        Format::DistroInfoUbuntu => cycles(
            FeedId::DistroInfoUbuntu,
            AsOf::NotBefore(None),
            distro_info::parse(text, "ubuntu", max)?,
        ),
        Format::EndOfLife => {
            let parsed = endoflife::parse(text, max)?;
            let bound = AsOf::NotBefore(parsed.not_before.map(day_start_ms));
            cycles(FeedId::EndOfLifeDate, bound, parsed.cycles)
        }
        _ => return Err(FeedError::at_offset(FeedFault::WrongType, 0)),
    })
}
