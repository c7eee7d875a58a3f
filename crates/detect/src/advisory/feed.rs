//! Feeds: their kinds, how old they may be, and the import of one from a reader.

use std::io::BufRead;

use serde::{Deserialize, Serialize};

use super::cve::CveId;
use super::day::{DAY_MS, day_start_ms};
use super::debian::{self, DebianRecord};
use super::epss::{self, Epss};
use super::error::{FeedError, FeedFault};
use super::guard::{HEAD_BYTES, Text};
use super::kev::{self, Kev};
use super::lifecycle::Cycle;
use super::sniff::{Format, recognise};
use super::unpack::{self, Limits, Unpacked};
use super::{changelog, distro_info, endoflife, packages_index, support, tracker};

/// What a feed is about, which decides how old it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeedKind {
    /// Known exploited vulnerabilities.
    Kev,
    /// The state of Debian packages.
    Debian,
    /// Exploitation probabilities.
    Epss,
    /// Ends of support of products.
    EndOfLife,
}

impl FeedKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Kev, Self::Debian, Self::Epss, Self::EndOfLife];

    /// The age in days up to which a feed of this kind may prove that nothing is wrong.
    pub const fn max_age_days(self) -> i64 {
        match self {
            Self::Kev | Self::Debian => 7,
            Self::Epss => 30,
            Self::EndOfLife => 180,
        }
    }

    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Kev => "kev",
            Self::Debian => "debian",
            Self::Epss => "epss",
            Self::EndOfLife => "end_of_life",
        }
    }
}

/// Which feed it is. Importing one again replaces the former of the same id (and release).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeedId {
    /// CVEs named in the changelogs of Debian packages.
    DebianChangelogs,
    /// The Debian security tracker.
    DebianTracker,
    /// The Packages index of the Debian security archive.
    DebianSecurityArchive,
    /// Debian packages whose security support ended early.
    DebianSupportEnded,
    /// Debian packages whose security support is limited.
    DebianSupportLimited,
    /// Debian's table of its own releases.
    DistroInfoDebian,
    /// Ubuntu's table of its own releases.
    DistroInfoUbuntu,
    /// The endoflife.date export.
    EndOfLifeDate,
    /// CISA KEV.
    Kev,
    /// FIRST EPSS.
    Epss,
}

impl FeedId {
    /// All feeds.
    pub const ALL: [Self; 10] = [
        Self::DebianChangelogs,
        Self::DebianTracker,
        Self::DebianSecurityArchive,
        Self::DebianSupportEnded,
        Self::DebianSupportLimited,
        Self::DistroInfoDebian,
        Self::DistroInfoUbuntu,
        Self::EndOfLifeDate,
        Self::Kev,
        Self::Epss,
    ];

    /// What the feed is about.
    pub const fn kind(self) -> FeedKind {
        match self {
            Self::DebianChangelogs
            | Self::DebianTracker
            | Self::DebianSecurityArchive
            | Self::DebianSupportEnded
            | Self::DebianSupportLimited => FeedKind::Debian,
            Self::DistroInfoDebian | Self::DistroInfoUbuntu | Self::EndOfLifeDate => {
                FeedKind::EndOfLife
            }
            Self::Kev => FeedKind::Kev,
            Self::Epss => FeedKind::Epss,
        }
    }

    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::DebianChangelogs => "debian_changelogs",
            Self::DebianTracker => "debian_tracker",
            Self::DebianSecurityArchive => "debian_security_archive",
            Self::DebianSupportEnded => "debian_support_ended",
            Self::DebianSupportLimited => "debian_support_limited",
            Self::DistroInfoDebian => "distro_info_debian",
            Self::DistroInfoUbuntu => "distro_info_ubuntu",
            Self::EndOfLifeDate => "end_of_life_date",
            Self::Kev => "kev",
            Self::Epss => "epss",
        }
    }
}

/// What is remembered of an imported feed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedMeta {
    /// Which feed.
    pub id: FeedId,
    /// The time the data is of: milliseconds since the Unix epoch, UTC. Where the data only tells
    /// a time it cannot be older than, that time.
    pub as_of: i64,
    /// When it was imported, in the same unit.
    pub imported_at: i64,
    /// SHA-256 of the bytes as given (packed), in lower-case hexadecimal.
    pub digest: String,
    /// Number of entries.
    pub entries: u64,
}

/// Whether a feed is young enough to prove that nothing is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "freshness", rename_all = "snake_case")]
pub enum Freshness {
    /// Young enough.
    Fresh {
        /// Age in whole days.
        age_days: i64,
    },
    /// Too old.
    Stale {
        /// Age in whole days.
        age_days: i64,
        /// The age it may have.
        max_days: i64,
    },
    /// From after `now` by more than a day: the clock or the data is wrong, so it proves no pass.
    FromFuture,
}

impl Freshness {
    /// Whether the feed may prove a pass.
    pub fn is_fresh(self) -> bool {
        matches!(self, Self::Fresh { .. })
    }
}

/// The freshness of a feed at a time (milliseconds since the Unix epoch). A feed exactly as old as
/// its kind allows is still fresh.
pub fn fresh(meta: &FeedMeta, now: i64) -> Freshness {
    let age = now.saturating_sub(meta.as_of);
    let (age_days, max_days) = (age.div_euclid(DAY_MS), meta.id.kind().max_age_days());
    if age < -DAY_MS {
        Freshness::FromFuture
    } else if age <= max_days * DAY_MS {
        Freshness::Fresh {
            age_days: age_days.max(0),
        }
    } else {
        Freshness::Stale { age_days, max_days }
    }
}

/// What the importer knows beside the bytes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Hints<'a> {
    /// The time the data is of (milliseconds since the Unix epoch), for formats that do not tell.
    /// Where the data tells its own time, that wins.
    pub as_of: Option<i64>,
    /// Debian release (code name or number), for formats that do not tell. For the tracker, which
    /// tells all, it selects one.
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
    if head.trim().is_empty() && head.len() < HEAD_BYTES {
        return Err(FeedError::whole(FeedFault::Empty));
    }
    let format = recognise(head).ok_or(FeedError::at_offset(FeedFault::WrongType, 0))?;
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
        Format::Tracker => debian(FeedId::DebianTracker, tracker::parse(text, release, max)?),
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
