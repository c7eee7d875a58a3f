//! The period that a confirmation looks back on (requirements.md 1.0: over the telework period
//! since the last confirmation and not only today).

use roaring::RoaringBitmap;
use sekisho_domain::check::{Continuance, DeviceCheck};
use sekisho_domain::code::Reason;
use sekisho_domain::continuity::Gap;
use sekisho_domain::time::Timestamp;
use sekisho_domain::verdict::{Period, PeriodStart};
use sekisho_domain::world::World;

use super::Ground;
use super::table::{Fleet, Sum};
use crate::catalogue::Row;

/// How far a confirmation looks back where the row's owner has never given a dated word. Our own
/// choice; no notice names a length.
pub const DEFAULT_DAYS: u32 = 28;

/// What looking back over a period shows beside the results of now.
pub(super) struct Looked {
    start: PeriodStart,
    /// Devices, by ordinal, that failed at any time within the period.
    pub(super) failed: RoaringBitmap,
    /// By fleet, the devices, by place in it, of which a stretch within the period stays unknown
    /// whatever is reported later.
    pub(super) in_the_dark: Vec<RoaringBitmap>,
    /// The longest stretch within the period that went unobserved for too long.
    longest: Option<Gap>,
    /// The longest of those that no later report closes.
    darkest: Option<Gap>,
}

/// Where the period of a row starts: where its owner last confirmed it, else [`DEFAULT_DAYS`] ago.
/// A device enters it with its enrolment.
pub(super) fn start(row: &Row, ground: &Ground<'_>) -> PeriodStart {
    ground
        .attestations
        .last_confirmed(row)
        .map_or(PeriodStart::LastDays(DEFAULT_DAYS), PeriodStart::Attested)
}

/// Looks back on some checks of some fleets.
pub(super) fn look_back(
    start: PeriodStart,
    fleets: &[&Fleet<'_>],
    checks: &[DeviceCheck],
    world: &World,
    now: Timestamp,
) -> Looked {
    let from = start.from(now);
    let mut looked = Looked {
        start,
        failed: RoaringBitmap::new(),
        in_the_dark: vec![RoaringBitmap::new(); fleets.len()],
        longest: None,
        darkest: None,
    };
    for check in checks {
        looked.failed |= world.failed_since(*check, from);
        for (number, fleet) in fleets.iter().enumerate() {
            for (place, gap) in fleet.gaps_after(*check, from) {
                looked.longest = longer(looked.longest, gap);
                if check.continuance() == Continuance::Momentary {
                    looked.darkest = longer(looked.darkest, gap);
                    // Fleets have no more devices than ordinals.
                    looked.in_the_dark[number].extend(u32::try_from(place));
                }
            }
        }
    }
    looked
}

fn longer(known: Option<Gap>, gap: Gap) -> Option<Gap> {
    // Of equals the earlier, so that the answer does not depend on the order of devices.
    let rank = |gap: &Gap| (gap.length(), std::cmp::Reverse(gap.from));
    known.into_iter().chain([gap]).max_by_key(rank)
}

impl Looked {
    /// The period as part of the finding.
    pub(super) fn period(&self, sum: &Sum) -> Period {
        Period {
            start: self.start,
            failed_within: sum.failed_within,
            longest_unobserved_days: self.longest.map_or(0, |gap| {
                u32::try_from(gap.length().whole_days()).unwrap_or(u32::MAX)
            }),
        }
    }

    /// Why devices whose results are all known now are not confirmed all the same; none where no
    /// stretch stays in the dark.
    pub(super) fn reason(&self) -> Option<Reason> {
        let gap = self.darkest?;
        let devices: u64 = self.in_the_dark.iter().map(RoaringBitmap::len).sum();
        Some(
            Reason::new("row.gap-in-evidence")
                .with("devices", i64::try_from(devices).unwrap_or(i64::MAX))
                .with("longest", gap.length().whole_days())
                .with("from", gap.from)
                .with("to", gap.until),
        )
    }
}

#[cfg(test)]
mod tests {
    use sekisho_domain::actor::Actor;
    use sekisho_domain::check::{CheckResult, Outcome};
    use sekisho_domain::device::{DeviceClass, DeviceKey};
    use sekisho_domain::event::{Event, StoredEvent};
    use sekisho_domain::id::{DeviceId, Fresh, UnitId};
    use sekisho_domain::posture::Posture;
    use sekisho_domain::time::Span;
    use sekisho_domain::world::NoDocuments;

    use super::super::table::{Asked, DeviceTable, sum};
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_795_392_000_000);

    fn ago(days: u32) -> Timestamp {
        NOW.before(Span::days(days))
    }

    /// One device enrolled 60 days ago, silent from `from` to `until` days ago.
    fn silent(check: DeviceCheck, from: u32, until: u32) -> (World, Posture) {
        let id = DeviceId::new(Fresh([1; 16]));
        let mut world = World::default();
        let stored = StoredEvent {
            actor: Actor::System,
            recorded_at: ago(60),
            effective_from: None,
            event: Event::DeviceEnrolled {
                device: id,
                ordinal: 0,
                key: DeviceKey::try_from("0".repeat(44)).unwrap(),
                class: DeviceClass::Issued,
                unit: UnitId::new(Fresh([2; 16])),
                user: None,
            },
        };
        world.apply(&stored, &NoDocuments).unwrap();
        let mut posture = Posture::default();
        for day in (0..=60).rev().filter(|day| *day >= from || *day <= until) {
            let result = CheckResult {
                outcome: Outcome::Pass,
                reason: Reason::new("disk.encrypted"),
                observed_at: ago(day),
                received_at: ago(day),
                fresh_until: ago(day).after(check.freshness()),
            };
            posture.set(id, check, &result, 1);
        }
        (world, posture)
    }

    /// Devices confirmed, and the reason of those left in the dark.
    fn told(check: DeviceCheck, days: u32, silence: (u32, u32)) -> (u32, Option<Reason>) {
        let (world, posture) = silent(check, silence.0, silence.1);
        let table = DeviceTable::new(&world, &posture, NOW);
        let fleets = table.fleets(true, false);
        let looked = look_back(PeriodStart::LastDays(days), &fleets, &[check], &world, NOW);
        let asked = Asked {
            checks: &[check],
            word: false,
        };
        let sum = sum(&fleets, asked, Some(&looked));
        assert_eq!(sum.counts.total(), 1);
        (sum.confirmed, looked.reason())
    }

    #[test]
    fn a_later_report_closes_a_gap_only_where_the_state_adds_up() {
        for check in DeviceCheck::ALL {
            let (confirmed, dark) = told(check, 28, (20, 11));
            match check.continuance() {
                Continuance::Cumulative => {
                    assert_eq!((confirmed, dark), (1, None), "{check:?}");
                }
                Continuance::Momentary => {
                    assert_eq!(confirmed, 0, "{check:?}");
                    let dark = dark.unwrap();
                    assert_eq!(dark.code, "row.gap-in-evidence");
                    assert_eq!(dark.params["devices"], 1_i64.into());
                    assert_eq!(dark.params["longest"], 9_i64.into());
                    assert_eq!(dark.params["from"], ago(20).into());
                    assert_eq!(dark.params["to"], ago(11).into());
                }
            }
        }
    }

    #[test]
    fn a_gap_is_over_once_it_has_left_the_period() {
        let lock = DeviceCheck::ScreenLock;
        for (days, confirmed) in [(28, 0), (16, 0), (14, 1), (5, 1)] {
            // From 20 to 11 days ago; what is left of it in 14 days is within the limit.
            assert_eq!(told(lock, days, (20, 11)).0, confirmed, "{days}");
        }
        // No longer than evidence stays fresh: no gap at all.
        assert_eq!(told(lock, 28, (20, 17)).0, 1);
    }
}
