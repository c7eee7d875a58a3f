//! Whether the operating system's release still gets security support.

use sekisho_detect::advisory::day::{day_of_ms, day_start_ms};
use sekisho_detect::advisory::judge::{SupportJudgement, judge_lifecycle};
use sekisho_detect::advisory::lifecycle::{Lifecycle, LifecycleUnknown};
use sekisho_domain::check::Outcome;
use sekisho_domain::code::Reason;
use sekisho_domain::device::StateSource;
use sekisho_domain::fact::{FactKind, OsRelease};
use sekisho_domain::feed::FeedKind;
use sekisho_domain::time::{Span, Timestamp};

use super::facts::sight;
use super::knowledge::feed_reason;
use super::{Found, Given, Judged};
use crate::reason::day;

pub(super) const NEEDS: &[FactKind] = &[FactKind::OsRelease];

pub(super) fn judge(given: Given<'_, '_>) -> Judged {
    let os = sight!(given, OsRelease)?;
    let of = |code| {
        Reason::new(code)
            .with("product", os.value.product.as_str())
            .with("version", os.value.version.as_str())
    };
    // Nobody supports a system that was broken open, whatever its release.
    match os.value.modified {
        Some(true) => return Ok(Found::fail(of("os.modified"))),
        None if given.facts.source() == StateSource::Declared => {
            return Err(of("os.modified-unstated"));
        }
        _ => {}
    }
    let freshness = given.knowledge.freshness(FeedKind::EndOfLife, given.now);
    let Some(table) = given.knowledge.lifecycle else {
        return Err(feed_reason(FeedKind::EndOfLife, None).unwrap_or_else(|| of("os.not-listed")));
    };
    let lifecycle = lookup(os.value, table, given.now);
    let found = match judge_lifecycle(lifecycle, freshness) {
        SupportJudgement::Ended { lifecycle } => Found::fail(ended(lifecycle, of)),
        SupportJudgement::Supported { lifecycle } => supported(lifecycle, of),
        SupportJudgement::Unknown { .. } => Found::unknown(unknown(lifecycle, freshness, of)),
    };
    let found = match given.knowledge.proves_until(FeedKind::EndOfLife) {
        Some(until) if found.outcome == Outcome::Pass => found.until(until),
        _ => found,
    };
    Ok(found.unless_hidden(os.partial))
}

fn lookup(
    os: &OsRelease,
    table: &sekisho_detect::advisory::lifecycle::LifecycleTable,
    now: Timestamp,
) -> Lifecycle {
    let today = day_of_ms(now.as_millis());
    let by_version = table.lookup(&os.product, &os.version, today);
    let unlisted = matches!(by_version, Lifecycle::Unknown { .. });
    match &os.codename {
        Some(name) if unlisted => table.lookup(&os.product, name, today),
        _ => by_version,
    }
}

fn ended(lifecycle: Lifecycle, of: impl Fn(&'static str) -> Reason) -> Reason {
    match lifecycle {
        Lifecycle::Ended { at: Some(at) } => of("os.ended-on").with("ended", day(at)),
        Lifecycle::ContractOnly { until, .. } => of("os.contract-only").with("until", day(until)),
        _ => of("os.ended"),
    }
}

fn supported(lifecycle: Lifecycle, of: impl Fn(&'static str) -> Reason) -> Found {
    let (code, until) = match lifecycle {
        Lifecycle::LtsOnly { until } => ("os.lts-only", Some(until)),
        Lifecycle::Supported { until: Some(until) } => ("os.supported-until", Some(until)),
        _ => ("os.supported", None),
    };
    match until {
        // The last day is still a supported one.
        Some(last) => Found::pass(of(code).with("until", day(last)))
            .until(Timestamp::from_millis(day_start_ms(last)).after(Span::days(1))),
        None => Found::pass(of(code)),
    }
}

fn unknown(
    lifecycle: Lifecycle,
    freshness: Option<sekisho_detect::advisory::feed::Freshness>,
    of: impl Fn(&'static str) -> Reason,
) -> Reason {
    let from_feed = feed_reason(FeedKind::EndOfLife, freshness);
    match lifecycle {
        Lifecycle::Unknown {
            reason: LifecycleUnknown::NotReleased,
        } => of("os.not-released"),
        Lifecycle::Unknown {
            reason: LifecycleUnknown::NoData,
        } => from_feed.unwrap_or_else(|| of("os.not-listed")),
        Lifecycle::Unknown { .. } => of("os.not-listed"),
        _ => from_feed.unwrap_or_else(|| of("os.not-listed")),
    }
}
