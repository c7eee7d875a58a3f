//! What is known beside the facts: advisories, ends of support and how old that knowledge is, and what
//! registers and permits say.

use std::cell::RefCell;
use std::collections::BTreeMap;

use sekisho_detect::advisory::cve::CveId;
use sekisho_detect::advisory::day::DAY_MS;
use sekisho_detect::advisory::feed::{FeedId, FeedMeta, Freshness, fresh};
use sekisho_detect::advisory::index::Index;
use sekisho_detect::advisory::judge::carrying;
use sekisho_detect::advisory::lifecycle::LifecycleTable;
use sekisho_detect::advisory::matching::Tally;
use sekisho_detect::advisory::memo::Memo;
use sekisho_detect::advisory::package::InstalledPackage;
use sekisho_domain::code::Reason;
use sekisho_domain::feed::{FeedKind, FeedState};
use sekisho_domain::time::Timestamp;

use super::lists::Lists;
use super::support::{self, Support};
use crate::feed_part;

/// Knowledge from feeds. Nothing of it is needed to prove a failure that the facts show alone.
#[derive(Default)]
pub struct Knowledge<'a> {
    advisories: Option<&'a Index>,
    /// Findings of builds by release: hosts share most builds, so each is matched once. A cache
    /// only; what it answers is a function of the index.
    memos: RefCell<BTreeMap<String, Memo<'a>>>,
    /// Ends of support; none when no such feed has been brought in.
    pub lifecycle: Option<&'a LifecycleTable>,
    /// What registers and permits say; none where nothing was entered.
    pub(super) lists: Option<&'a Lists>,
    feeds: Vec<FeedState>,
    metas: Vec<FeedMeta>,
}

impl<'a> Knowledge<'a> {
    /// Nothing known but which feeds were brought in.
    #[must_use]
    pub fn new<'f>(feeds: impl IntoIterator<Item = &'f FeedState>) -> Self {
        let feeds: Vec<FeedState> = feeds.into_iter().cloned().collect();
        let metas = feeds.iter().filter_map(meta).collect();
        Self {
            advisories: None,
            memos: RefCell::default(),
            lifecycle: None,
            lists: None,
            feeds,
            metas,
        }
    }

    /// With advisories.
    #[must_use]
    pub fn with_advisories(mut self, index: &'a Index) -> Self {
        self.advisories = Some(index);
        self.memos = RefCell::default();
        self
    }

    /// With ends of support.
    #[must_use]
    pub const fn with_lifecycle(mut self, table: &'a LifecycleTable) -> Self {
        self.lifecycle = Some(table);
        self
    }

    /// With what registers and permits say.
    #[must_use]
    pub const fn with_lists(mut self, lists: &'a Lists) -> Self {
        self.lists = Some(lists);
        self
    }

    /// The feeds as the matching engine names them.
    #[must_use]
    pub(super) fn metas(&self) -> &[FeedMeta] {
        &self.metas
    }

    /// How old the knowledge of a kind is: the oldest of its parts, since any of them may be the
    /// one that an answer came from. None when there is none.
    pub(super) fn freshness(&self, kind: FeedKind, now: Timestamp) -> Option<Freshness> {
        let oldest = self
            .metas
            .iter()
            .zip(&self.feeds)
            .filter(|(_, feed)| feed.kind == kind)
            .min_by_key(|(meta, _)| meta.as_of)?;
        Some(fresh(oldest.0, now.as_millis()))
    }

    /// The instant from which the feeds of vulnerabilities can no longer prove a pass: the one that
    /// carries the statements, and the newest list of exploited ones. Other parts of the same kind
    /// (what the archive offers, whose support ended) prove nothing here.
    pub(super) fn cve_feeds_prove_until(&self) -> Option<Timestamp> {
        let newest = |id: FeedId, kind: FeedKind| {
            self.metas
                .iter()
                .filter(|meta| meta.id == id)
                .map(|meta| Timestamp::from_millis(meta.as_of).after(kind.max_age()))
                .max()
        };
        let vulnerabilities = carrying(|id| newest(id, FeedKind::Debian));
        let exploited = newest(FeedId::Kev, FeedKind::Kev);
        vulnerabilities.into_iter().chain(exploited).min()
    }

    /// The instant from which the knowledge of a kind can no longer prove a pass.
    pub(super) fn proves_until(&self, kind: FeedKind) -> Option<Timestamp> {
        self.feeds
            .iter()
            .filter(|feed| feed.kind == kind)
            .map(|feed| feed.as_of.after(kind.max_age()))
            .min()
    }
}

/// What the advisories say of one host.
pub(super) struct HostTally {
    /// The numbers.
    pub(super) tally: Tally,
    /// The first CVE by number that is open and known to be exploited.
    pub(super) exploited: Option<CveId>,
}

impl Knowledge<'_> {
    /// How far a host's packages have security support.
    pub(super) fn support(
        &self,
        packages: &[InstalledPackage],
        release: &str,
        now: Timestamp,
    ) -> Support {
        self.advisories.map_or_else(Support::default, |index| {
            support::of(packages, release, index, &self.feeds, now)
        })
    }

    /// Whether a vulnerability of a source package in a release was ever stated.
    pub(super) fn names_source(&self, release: &str, source: &str) -> bool {
        self.advisories
            .is_some_and(|index| index.names_source(release, source))
    }

    /// Matches a host's packages. None when there are no advisories for its release.
    pub(super) fn match_host(
        &self,
        packages: &[InstalledPackage],
        release: &str,
        running_kernel: Option<&str>,
    ) -> Option<HostTally> {
        let index = self
            .advisories
            .filter(|index| index.knows_release(release))?;
        let mut memos = self.memos.borrow_mut();
        if !memos.contains_key(release) {
            memos.insert(release.to_owned(), Memo::new(index, release));
        }
        let memo = memos.get_mut(release)?;
        let host = memo.host(packages, running_kernel);
        let exploited = (host.tally.open_kev > 0).then(|| {
            host.builds
                .iter()
                .filter(|(_, note)| note.is_none())
                .flat_map(|(id, _)| memo.build(*id).2)
                .filter(|finding| finding.is_open() && finding.kev.is_some())
                .map(|finding| finding.cve)
                .min()
        });
        Some(HostTally {
            tally: host.tally,
            exploited: exploited.flatten(),
        })
    }
}

/// A feed under the engine's name.
fn meta(feed: &FeedState) -> Option<FeedMeta> {
    Some(FeedMeta {
        id: feed_part::id(feed)?,
        as_of: feed.as_of.as_millis(),
        imported_at: feed.imported_at.as_millis(),
        digest: feed.digest.clone(),
        entries: u64::from(feed.entries),
    })
}

/// Why a feed proves no pass; none when it may.
pub(super) fn feed_reason(kind: FeedKind, freshness: Option<Freshness>) -> Option<Reason> {
    match freshness {
        Some(Freshness::Fresh { .. }) => None,
        Some(Freshness::Stale { age_days, max_days }) => Some(
            Reason::new("feed.stale")
                .with("feed", kind.code())
                .with("days", age_days)
                .with("max", max_days),
        ),
        Some(Freshness::FromFuture) => {
            Some(Reason::new("feed.from-future").with("feed", kind.code()))
        }
        None => Some(Reason::new("feed.missing").with("feed", kind.code())),
    }
}

/// Whole days in a length of milliseconds.
pub(super) const fn days(millis: i64) -> i64 {
    millis / DAY_MS
}
