//! Packages whose security support ended early or is limited, by Debian's own lists.
//!
//! An ended support is a failure: no fix will come. A limited one (only trusted input, only some
//! uses) is not, since the list does not know the use; it is named beside the result. A list of ends
//! that is old or missing proves an end it names and no pass, as any feed.

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
use crate::feed_part;
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
    /// Why the list of ended supports proves nothing where it says nothing.
    unproven: Option<Reason>,
    /// Until when it is young enough to prove it.
    proven_until: Option<Timestamp>,
}

/// Looks a host's packages up in the lists for its release.
pub(super) fn of(
    packages: &[InstalledPackage],
    release: &str,
    index: &Index,
    feeds: &[FeedState],
    now: Timestamp,
) -> Support {
    let list = list(release, feeds);
    let mut support = Support {
        unproven: unproven(list, now),
        proven_until: list.map(|list| list.as_of.after(list.kind.max_age())),
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

/// The list of ended supports for a release; of several imports the newest counts. The list of
/// limited ones hides no failure, at whatever age.
fn list<'f>(release: &str, feeds: &'f [FeedState]) -> Option<&'f FeedState> {
    let concerns =
        |feed: &FeedState| feed_part::release(feed).is_none_or(|of| name(of) == name(release));
    feeds
        .iter()
        .filter(|feed| feed_part::id(feed) == Some(FeedId::DebianSupportEnded) && concerns(feed))
        .max_by_key(|feed| feed.as_of)
}

/// Why the list cannot show that nothing has ended: it is missing or old.
fn unproven(list: Option<&FeedState>, now: Timestamp) -> Option<Reason> {
    let Some(list) = list else {
        return Some(Reason::new("advisory.clean-support-unlisted"));
    };
    let mut old = feed_part::old(list, now)?;
    old.code = "advisory.clean-support-unknown".into();
    Some(old)
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
    /// is limited is said with it. A list that proves nothing leaves no pass: among what it does not
    /// show there may be a package for which no fix will come.
    pub(super) fn beside(self, pass: Found) -> Found {
        if let Some(reason) = self.unproven {
            return Found::unknown(reason);
        }
        let mut found = self
            .proven_until
            .map_or(pass.clone(), |until| pass.until(until));
        let mut told = self.limited.named("advisory.clean-support-limited");
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
