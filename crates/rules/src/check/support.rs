//! Packages whose security support ended early or is limited, by Debian's own lists.
//!
//! An ended support is a failure: no fix will come. A limited one (only trusted input, only some
//! uses) is not, since the list does not know the use; it is named beside the result. Whether a
//! list may be believed where it says nothing is a matter of its own age and touches nothing else.

use jiff::civil::Date;
use sekisho_detect::advisory::day::{day_of_ms, day_start_ms};
use sekisho_detect::advisory::feed::FeedId;
use sekisho_detect::advisory::index::Index;
use sekisho_detect::advisory::package::InstalledPackage;
use sekisho_detect::advisory::release::code_name;
use sekisho_detect::advisory::support::{SupportFinding, SupportState, support_findings};
use sekisho_domain::code::Reason;
use sekisho_domain::feed::FeedState;
use sekisho_domain::time::Timestamp;

use super::Found;
use crate::feed_part::{self, SUPPORT_LISTS};
use crate::reason::day;

/// Source packages of one state: how many, and the first by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Sources {
    n: u32,
    first: String,
}

impl Sources {
    fn add(&mut self, source: &str) {
        self.n += 1;
        if self.first.is_empty() || source < self.first.as_str() {
            source.clone_into(&mut self.first);
        }
    }

    fn named(&self, code: &'static str) -> Option<Reason> {
        (self.n > 0).then(|| {
            Reason::new(code)
                .with("n", self.n)
                .with("first", self.first.as_str())
        })
    }
}

/// How far a host's packages have security support.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Support {
    ended: Sources,
    limited: Sources,
    /// The next end to come.
    ends: Option<(Date, String)>,
    /// Why the lists prove nothing where they say nothing.
    unproven: Option<Reason>,
}

/// Looks a host's packages up in the lists for its release.
pub(super) fn of(
    packages: &[InstalledPackage],
    release: &str,
    index: &Index,
    feeds: &[FeedState],
    now: Timestamp,
) -> Support {
    let mut support = Support {
        unproven: unproven(release, feeds, now),
        ..Support::default()
    };
    let today = day_of_ms(now.as_millis());
    for SupportFinding { source, state, .. } in support_findings(packages, release, index, today) {
        match state {
            SupportState::Ended { .. } => support.ended.add(source),
            SupportState::Limited => support.limited.add(source),
            SupportState::Ends { on } => {
                let next = (on, source.to_owned());
                support.ends = support.ends.into_iter().chain([next]).min();
            }
        }
    }
    support
}

/// Why the lists for a release cannot show that nothing has ended: the list of ends is missing, or
/// one of the lists is old. Of several imports of one list the newest counts.
fn unproven(release: &str, feeds: &[FeedState], now: Timestamp) -> Option<Reason> {
    let concerns =
        |feed: &FeedState| feed_part::release(feed).is_none_or(|of| name(of) == name(release));
    let newest = |id: FeedId| {
        let parts = feeds.iter().filter(|feed| concerns(feed));
        parts
            .filter(|feed| feed_part::id(feed) == Some(id))
            .max_by_key(|feed| feed.as_of)
    };
    if newest(FeedId::DebianSupportEnded).is_none() {
        return Some(Reason::new("advisory.clean-support-unlisted"));
    }
    SUPPORT_LISTS
        .iter()
        .filter_map(|id| newest(*id))
        .find_map(|feed| {
            let mut old = feed_part::old(feed, now)?;
            old.code = "advisory.clean-support-unknown".into();
            Some(old)
        })
}

/// A release by its code name, where it has one.
fn name(release: &str) -> &str {
    code_name(release).unwrap_or(release)
}

impl Support {
    /// A support that ended: a failure at any age of the list, since an end is not taken back.
    pub(super) fn failing(&self) -> Option<Found> {
        self.ended.named("advisory.support-ended").map(Found::fail)
    }

    /// A pass as it stands with what the lists say: that a support ends soon bounds it, that one
    /// is limited or that the lists prove nothing is said with it.
    pub(super) fn beside(self, pass: Found) -> Found {
        let mut found = pass;
        let mut told = self
            .unproven
            .or_else(|| self.limited.named("advisory.clean-support-limited"));
        if let Some((on, first)) = self.ends {
            found = found.until(Timestamp::from_millis(day_start_ms(on)));
            told = told.or_else(|| {
                Some(
                    Reason::new("advisory.clean-support-ends")
                        .with("first", first)
                        .with("until", day(on)),
                )
            });
        }
        if let Some(reason) = told {
            found.reason = reason;
        }
        found
    }
}
