//! Feeds: which there are, how old each may be, and what is remembered of an imported one.

use serde::{Deserialize, Serialize};

use super::day::DAY_MS;

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

    /// Whether the publisher changes it a few times a year only, so that the same document may
    /// well be the newest one months later. All others change within days: an unchanged copy of
    /// those was not fetched again.
    pub const fn changes_seldom(self) -> bool {
        matches!(
            self,
            Self::DebianSupportEnded
                | Self::DebianSupportLimited
                | Self::DistroInfoDebian
                | Self::DistroInfoUbuntu
        )
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
