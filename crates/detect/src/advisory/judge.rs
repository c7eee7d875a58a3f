//! Judgement of a host: a stale feed may still prove a failure, never a pass.

use serde::Serialize;

use super::feed::{FeedId, FeedKind, FeedMeta, Freshness, fresh};
use super::lifecycle::{Lifecycle, LifecycleUnknown};
use super::matching::Tally;

/// A feed that a judgement needs, and how it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct FeedState {
    /// What the feed is about.
    pub kind: FeedKind,
    /// Its freshness; `None` when none has been imported.
    pub freshness: Option<Freshness>,
}

/// Of the documents that state vulnerabilities of packages, the one by whose age a pass stands or
/// falls: the tracker where there is one, since it says of every package that it has been looked at
/// and its word on a CVE comes first; else the changelogs, which cover what they name. Fresh
/// changelogs beside a stale tracker lend it no age: what they do not name rests on the tracker.
pub fn carrying<T>(mut of: impl FnMut(FeedId) -> Option<T>) -> Option<T> {
    of(FeedId::DebianTracker).or_else(|| of(FeedId::DebianChangelogs))
}

/// The state of the feeds that the judgement of CVEs needs (the document about Debian that carries
/// it, and KEV). EPSS only ranks, so its age changes no judgement.
pub fn cve_feed_states(feeds: &[FeedMeta], now: i64) -> Vec<FeedState> {
    let newest = |id: FeedId| {
        let of_id = feeds.iter().filter(|meta| meta.id == id);
        of_id
            .max_by_key(|meta| meta.as_of)
            .map(|meta| fresh(meta, now))
    };
    vec![
        FeedState {
            kind: FeedKind::Debian,
            freshness: carrying(newest),
        },
        FeedState {
            kind: FeedKind::Kev,
            freshness: newest(FeedId::Kev),
        },
    ]
}

/// Why nothing can be judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum UnknownReason {
    /// A feed that is needed has not been imported.
    FeedMissing {
        /// Which kind.
        kind: FeedKind,
    },
    /// A feed that is needed is too old.
    FeedStale {
        /// Which kind.
        kind: FeedKind,
        /// Its age in days.
        age_days: i64,
        /// The age it may have.
        max_days: i64,
    },
    /// A feed that is needed is from the future.
    FeedFromFuture {
        /// Which kind.
        kind: FeedKind,
    },
    /// Source packages that no feed has looked at.
    NotCovered {
        /// How many.
        sources: u32,
    },
    /// CVEs that cannot be told open or fixed.
    Undecided {
        /// How many.
        cves: u32,
    },
    /// The package list is missing or empty.
    NoPackages,
    /// The end of support cannot be told.
    Lifecycle {
        /// Why.
        why: LifecycleUnknown,
    },
}

/// A judgement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "judgement", rename_all = "snake_case")]
pub enum Judgement {
    /// Proved not to be in order, whatever the age of the feeds.
    Failing {
        /// CVEs that are open although a fix is to be had.
        open: u32,
        /// Open CVEs that are known to be exploited, with or without a fix.
        kev: u32,
    },
    /// Proved to be in order.
    Clean {
        /// CVEs that are open because the distribution has no fix yet.
        open_without_fix: u32,
    },
    /// Neither.
    Unknown {
        /// All reasons.
        reasons: Vec<UnknownReason>,
    },
}

fn feed_reasons(feeds: &[FeedState]) -> Vec<UnknownReason> {
    let reason = |feed: &FeedState| {
        let kind = feed.kind;
        match feed.freshness {
            Some(Freshness::Fresh { .. }) => None,
            Some(Freshness::Stale { age_days, max_days }) => Some(UnknownReason::FeedStale {
                kind,
                age_days,
                max_days,
            }),
            Some(Freshness::FromFuture) => Some(UnknownReason::FeedFromFuture { kind }),
            None => Some(UnknownReason::FeedMissing { kind }),
        }
    };
    feeds.iter().filter_map(reason).collect()
}

/// Judges a host's CVEs. `packages` is the number of packages that were matched.
pub fn judge(tally: &Tally, packages: usize, feeds: &[FeedState]) -> Judgement {
    if tally.open_fix_available > 0 || tally.open_kev > 0 {
        return Judgement::Failing {
            open: tally.open_fix_available,
            kev: tally.open_kev,
        };
    }
    let mut reasons = feed_reasons(feeds);
    if feeds.is_empty() {
        reasons.push(UnknownReason::FeedMissing {
            kind: FeedKind::Debian,
        });
    }
    if packages == 0 {
        reasons.push(UnknownReason::NoPackages);
    }
    if tally.uncovered > 0 {
        reasons.push(UnknownReason::NotCovered {
            sources: tally.uncovered,
        });
    }
    if tally.unknown > 0 {
        reasons.push(UnknownReason::Undecided {
            cves: tally.unknown,
        });
    }
    if reasons.is_empty() {
        Judgement::Clean {
            open_without_fix: tally.open_without_fix,
        }
    } else {
        Judgement::Unknown { reasons }
    }
}

/// The judgement of an end of support.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "judgement", rename_all = "snake_case")]
pub enum SupportJudgement {
    /// No free support any more, whatever the age of the data.
    Ended {
        /// The answer this rests on.
        lifecycle: Lifecycle,
    },
    /// Supported, proved by data young enough.
    Supported {
        /// The answer this rests on.
        lifecycle: Lifecycle,
    },
    /// Neither.
    Unknown {
        /// All reasons.
        reasons: Vec<UnknownReason>,
    },
}

/// Judges an end of support. Old data that says a support has ended still proves it (an end is
/// seldom taken back); old data that says it goes on does not.
pub fn judge_lifecycle(lifecycle: Lifecycle, data: Option<Freshness>) -> SupportJudgement {
    let mut reasons = feed_reasons(&[FeedState {
        kind: FeedKind::EndOfLife,
        freshness: data,
    }]);
    match lifecycle {
        Lifecycle::Ended { .. } | Lifecycle::ContractOnly { .. } => {
            SupportJudgement::Ended { lifecycle }
        }
        Lifecycle::Unknown { reason } => {
            reasons.push(UnknownReason::Lifecycle { why: reason });
            SupportJudgement::Unknown { reasons }
        }
        Lifecycle::Supported { .. } | Lifecycle::LtsOnly { .. } if reasons.is_empty() => {
            SupportJudgement::Supported { lifecycle }
        }
        Lifecycle::Supported { .. } | Lifecycle::LtsOnly { .. } => {
            SupportJudgement::Unknown { reasons }
        }
    }
}
