//! Parts of a feed: which document it is, of which release, and how old each may be.
//!
//! A part is named by the feed's code alone or with the release it is of
//! (`debian_support_ended@bookworm`). Each part is as old as itself: an old list beside a fresh one
//! makes only what rests on the list unknown.

use sekisho_detect::advisory::feed::FeedId;
use sekisho_detect::advisory::judge::carrying;
use sekisho_domain::code::Reason;
use sekisho_domain::feed::{FeedKind, FeedState};
use sekisho_domain::time::Timestamp;

/// Which document a part is. One that the engine does not know is taken for the first of its kind,
/// so that it still ages.
pub(crate) fn id(feed: &FeedState) -> Option<FeedId> {
    let name = feed.part.split('@').next().unwrap_or_default();
    let by_name = FeedId::ALL.into_iter().find(|id| id.code() == name);
    by_name.or_else(|| {
        FeedId::ALL
            .into_iter()
            .find(|id| id.kind().code() == feed.kind.code())
    })
}

/// The release that a part is of, where its name says it.
pub(crate) fn release(feed: &FeedState) -> Option<&str> {
    feed.part.split_once('@').map(|(_, release)| release)
}

/// That a part is too old, with its name; none while it is young enough.
pub(crate) fn old(feed: &FeedState, now: Timestamp) -> Option<Reason> {
    (!feed.is_fresh(now)).then(|| {
        Reason::new("feed.part-stale")
            .with("feed", feed.kind.code())
            .with("part", feed.part.as_str())
            .with("days", now.since(feed.as_of).whole_days())
            .with("max", feed.kind.max_age().whole_days())
    })
}

/// Why the feeds of a kind cannot prove a pass; none when they can.
///
/// What carries the state of vulnerabilities decides ([`carrying`]) and, where one was brought in, the
/// newest index of what the archive offers. Of the other kinds every document is alike and the
/// newest counts, but of ends of support each: any may be the one that an answer came from. The
/// lists of package support are of one release each and decide in the results of its devices.
pub(crate) fn unproven<'a>(
    kind: FeedKind,
    feeds: impl Iterator<Item = &'a FeedState>,
    now: Timestamp,
) -> Option<Reason> {
    let feeds: Vec<(FeedId, &FeedState)> = feeds
        .filter(|feed| feed.kind == kind)
        .filter_map(|feed| Some((id(feed)?, feed)))
        .collect();
    let newest = |of: &dyn Fn(FeedId) -> bool| {
        let parts = feeds.iter().filter(|(id, _)| of(*id));
        parts.map(|(_, feed)| *feed).max_by_key(|feed| feed.as_of)
    };
    let carrying = match kind {
        FeedKind::Debian => carrying(|wanted| newest(&|id| id == wanted)),
        FeedKind::EndOfLife => feeds
            .iter()
            .map(|(_, feed)| *feed)
            .min_by_key(|feed| feed.as_of),
        FeedKind::Kev | FeedKind::Epss | FeedKind::Services => newest(&|_| true),
    };
    let Some(carrying) = carrying else {
        return Some(Reason::new("feed.missing").with("feed", kind.code()));
    };
    let offered = newest(&|id| id == FeedId::DebianSecurityArchive);
    old(carrying, now).or_else(|| old(offered?, now))
}

#[cfg(test)]
mod tests {
    use sekisho_domain::time::Span;

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_795_392_000_000);

    fn part(kind: FeedKind, part: &str, days: u32) -> FeedState {
        FeedState {
            kind,
            part: part.to_owned(),
            digest: String::new(),
            as_of: NOW.before(Span::days(days)),
            imported_at: NOW,
            entries: 1,
        }
    }

    fn told(kind: FeedKind, parts: &[(&str, u32)]) -> Option<String> {
        let feeds: Vec<_> = parts.iter().map(|(name, d)| part(kind, name, *d)).collect();
        let reason = unproven(kind, feeds.iter(), NOW)?;
        let part = reason.params.get("part");
        Some(match part {
            Some(sekisho_domain::code::Param::Text(part)) => part.clone(),
            _ => reason.code.into_owned(),
        })
    }

    #[test]
    fn each_part_is_judged_by_its_own_age() {
        let missing = Some("feed.missing".to_owned());
        let debian = |parts: &[(&str, u32)]| told(FeedKind::Debian, parts);
        let old = |part: &str| Some(part.to_owned());
        assert_eq!(debian(&[]), missing);
        assert_eq!(debian(&[("debian_tracker", 7)]), None);
        assert_eq!(debian(&[("debian_tracker", 8)]), old("debian_tracker"));
        // One statement is enough; an older one beside it takes nothing away.
        assert_eq!(
            debian(&[("debian_tracker", 1), ("debian_changelogs", 90)]),
            None
        );
        // A tracker says of everything that it was looked at: fresh changelogs lend it no age.
        assert_eq!(
            debian(&[("debian_tracker", 365), ("debian_changelogs", 0)]),
            old("debian_tracker")
        );
        assert_eq!(debian(&[("debian_changelogs", 7)]), None);
        // Nothing but lists of support states no vulnerability.
        let lists = ("debian_support_ended@bookworm", 1);
        assert_eq!(debian(&[lists]), missing);
        assert_eq!(
            debian(&[("debian_tracker", 1), ("debian_support_limited", 900)]),
            None
        );
        let offers = ("debian_security_archive@trixie", 8);
        assert_eq!(debian(&[("debian_tracker", 1), offers]), old(offers.0));
        let newer = ("debian_security_archive@bookworm", 2);
        assert_eq!(debian(&[("debian_tracker", 1), offers, newer]), None);
        let ends = [("end_of_life_date", 1), ("distro_info_debian", 181)];
        assert_eq!(
            told(FeedKind::EndOfLife, &ends),
            old("distro_info_debian"),
            "any of them may have answered"
        );
    }

    #[test]
    fn a_part_with_a_release_is_the_document_of_its_name() {
        let list = part(FeedKind::Debian, "debian_support_ended@12", 1);
        assert_eq!(id(&list), Some(FeedId::DebianSupportEnded));
        assert_eq!(release(&list), Some("12"));
        let other = part(FeedKind::Kev, "kev", 1);
        assert_eq!((id(&other), release(&other)), (Some(FeedId::Kev), None));
    }
}
