//! Feeds: outside knowledge that was brought in, by digest.

use serde::{Deserialize, Serialize};

use crate::time::{Span, Timestamp};

/// A kind of feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeedKind {
    /// Known exploited vulnerabilities.
    Kev,
    /// State of vulnerabilities in Debian.
    Debian,
    /// Exploit prediction scores.
    Epss,
    /// Ends of support.
    EndOfLife,
    /// Outside services and the names by which they are known.
    Services,
}

impl FeedKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [
        Self::Kev,
        Self::Debian,
        Self::Epss,
        Self::EndOfLife,
        Self::Services,
    ];

    /// Whether one comes with the program, so that none need be brought in.
    #[must_use]
    pub const fn comes_along(self) -> bool {
        matches!(self, Self::Services)
    }

    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Kev => "kev",
            Self::Debian => "debian",
            Self::Epss => "epss",
            Self::EndOfLife => "end_of_life",
            Self::Services => "services",
        }
    }

    /// The kind of a code; none for unknown codes.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// The age past which a feed can still prove a failure and no longer a pass. Of the list of services:
    /// past which it is told to be old; it is looked with all the same.
    #[must_use]
    pub const fn max_age(self) -> Span {
        match self {
            Self::Kev | Self::Debian => Span::days(7),
            Self::Epss => Span::days(30),
            Self::EndOfLife | Self::Services => Span::days(180),
        }
    }
}

/// The part of [`FeedKind::Services`] that a publisher gives.
pub const SERVICES_PART: &str = "services";
/// The part of [`FeedKind::Services`] that the organisation writes itself, on the console. It does not age.
pub const OWN_SERVICES_PART: &str = "services_own";

/// One import of a feed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedState {
    /// Which feed.
    pub kind: FeedKind,
    /// The part of it, where a feed is made of several documents (`changelogs`, `index`, …).
    pub part: String,
    /// SHA-256 in hex of the document as brought in.
    pub digest: String,
    /// The moment its content speaks of, as the document itself says.
    pub as_of: Timestamp,
    /// When it was brought in.
    pub imported_at: Timestamp,
    /// How many entries it has.
    pub entries: u32,
}

impl FeedState {
    /// Whether it is the organisation's own part of the list of services.
    #[must_use]
    pub fn is_own_services(&self) -> bool {
        self.kind == FeedKind::Services && self.part == OWN_SERVICES_PART
    }

    /// Whether it holds less than half of the `most` entries that the feed ever had: advisories come
    /// and seldom go, so a list that lost most of itself was probably cut on its way, and what it
    /// lost would seem to be clean.
    #[must_use]
    pub fn lost_most_of(&self, most: u32) -> bool {
        u64::from(self.entries) * 2 < u64::from(most)
    }

    /// The most entries that the feed ever had once this import is in. One that lost most of them was
    /// insisted on, and is the new measure.
    #[must_use]
    pub fn most_after(&self, most: u32) -> u32 {
        if self.lost_most_of(most) {
            self.entries
        } else {
            self.entries.max(most)
        }
    }

    /// The name under which the World keeps it.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}/{}", self.kind.code(), self.part)
    }

    /// Whether it is young enough to prove a pass.
    #[must_use]
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        now.since(self.as_of) <= self.kind.max_age()
    }
}
