//! Where a gateway stands.

use sekisho_domain::id::GatewayId;
use sekisho_domain::register::{EntryId, Gateway, Register, Registered};
use sekisho_domain::time::{Span, Timestamp};
use sekisho_protocol::gateway::HOLD_DIVISOR;

use super::desk::{GatewaySight, HOLD_MAX};
use super::heard::fails;
use super::worst::{Earlier, open_until};
use crate::app::App;

/// What is allowed for the way of a request.
const ON_THE_WAY: Span = Span::seconds(5);

/// How long a gateway that asks for its tables may report nothing: four of its reports. Our own choice.
const UNREPORTED: Span = Span::minutes(2);

/// Whether a gateway is heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The register knows no key of it: nobody can speak for it.
    NoKey,
    /// It has not been heard since this run began.
    NotHeard,
    /// It is heard, and has what it needs.
    Heard,
    /// It is heard, and gets no table: the code says why.
    Unlisted(&'static str),
    /// It is heard, and says that it cannot carry out its table, or refuses what it is sent.
    Failing,
    /// It asks for its tables and has told for a while neither what passes nor that it cannot: nobody knows what it does.
    Unreported,
    /// It was heard, and should have been heard again.
    Lost,
    /// Its entry is retired: it is given no table any more, and may still carry out the last one.
    Retired,
}

/// A gateway as it stands now.
#[derive(Clone, Debug)]
pub struct GatewayStanding {
    /// Which.
    pub gateway: GatewayId,
    /// What the register says of it.
    pub entry: Gateway,
    /// What was seen of it since this run began.
    pub sight: GatewaySight,
    /// Whether it is heard.
    pub standing: Standing,
    /// Where it is not heard, gets no table or refuses what it is sent, the worst case: the last instant at
    /// which the road may be open there. The newest table that was sent, or one of an earlier run, may have
    /// arrived, and holds until its lease is over. None where that is past.
    pub open_until: Option<Timestamp>,
}

/// What says whether a gateway is at work.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pulse {
    heard_at: Option<Timestamp>,
    /// When it last reported, and since when it is heard: the first report comes a while after that.
    told_at: [Option<Timestamp>; 2],
    unlisted: Option<&'static str>,
    failing: bool,
}

impl Pulse {
    /// Whether it was heard in this run.
    pub(super) const fn was_heard(self) -> bool {
        self.heard_at.is_some()
    }

    /// That of a gateway as it is seen.
    pub(super) fn of(sight: &GatewaySight) -> Self {
        let report = sight.report.as_ref();
        Self {
            heard_at: sight.heard_at,
            told_at: [sight.reported_at, sight.heard_since],
            unlisted: sight.unlisted,
            failing: report.is_some_and(fails),
        }
    }

    /// Where the gateway stands.
    pub(super) fn standing(self, entry: &Gateway, now: Timestamp) -> Standing {
        if entry.request_key().is_none() {
            return Standing::NoKey;
        }
        let Some(heard_at) = self.heard_at else {
            return Standing::NotHeard;
        };
        if !is_heard(entry, heard_at, now) {
            return Standing::Lost;
        }
        if let Some(code) = self.unlisted {
            return Standing::Unlisted(code);
        }
        if self.failing {
            return Standing::Failing;
        }
        let reports = |at: Timestamp| at <= now.after(ON_THE_WAY) && now <= at.after(UNREPORTED);
        if self.told_at.into_iter().flatten().any(reports) {
            Standing::Heard
        } else {
            Standing::Unreported
        }
    }
}

/// Whether a gateway that was heard then is still: it asks for the next table as soon as it has one, and
/// is answered within this hold. What was heard in the future was heard before the clock was set back, nobody
/// knows how long ago.
pub(super) fn is_heard(entry: &Gateway, heard_at: Timestamp, now: Timestamp) -> bool {
    let hold = hold(entry);
    heard_at <= now.after(ON_THE_WAY) && heard_at.after(hold).after(hold).after(ON_THE_WAY) >= now
}

/// How long a request of a gateway for its table is held at most.
pub(super) fn hold(entry: &Gateway) -> Span {
    Span::seconds(entry.lease() / HOLD_DIVISOR).min(HOLD_MAX)
}

/// Until when after the server's start the gateway that had the tunnels before is waited for: a gateway at work
/// asks again within a hold.
pub(super) fn awaited_until(entry: &Gateway, begun_at: Timestamp) -> Timestamp {
    begun_at.after(hold(entry)).after(ON_THE_WAY)
}

/// The gateway that carries the tunnels, of those that have said hello, in the order of their ids: the
/// one that has them keeps them while it is heard and in order; else the first that is; where none is
/// in order, one that is at least heard. One that is silent has no tunnels.
pub(super) fn choose(
    standings: impl Iterator<Item = (GatewayId, Standing)>,
    carries: Option<GatewayId>,
) -> Option<GatewayId> {
    let is_there = |standing: Standing| {
        matches!(
            standing,
            Standing::Heard | Standing::Failing | Standing::Unreported | Standing::Unlisted(_)
        )
    };
    let there = standings.filter(|(_, standing)| is_there(*standing));
    // The first of the least.
    let rank = |(id, standing): &(GatewayId, Standing)| {
        (*standing != Standing::Heard, Some(*id) != carries)
    };
    there.min_by_key(rank).map(|(id, _)| id)
}

impl App {
    /// The gateways in use, as they stand; and those that were retired and may still be open.
    #[must_use]
    pub fn gateway_standings(&self) -> Vec<GatewayStanding> {
        let now = self.now();
        let begun_at = self.access().begun_at();
        let known: Vec<(GatewayId, Gateway, bool, Earlier)> = {
            let world = self.world();
            let all = world.registers.all(Register::Gateway);
            all.filter_map(|entry| {
                let earlier = Earlier::of(entry, begun_at, now);
                match (entry.id, &entry.particulars) {
                    (EntryId::Gateway(id), it) => {
                        Some((id, Gateway::of(it)?.clone(), entry.is_active(), earlier))
                    }
                    _ => None,
                }
            })
            .collect()
        };
        let of = |(gateway, entry, active, earlier): (GatewayId, Gateway, bool, Earlier)| {
            let sight = self.access().gateways().sight(gateway);
            let standing = if active {
                Pulse::of(&sight).standing(&entry, now)
            } else {
                Standing::Retired
            };
            let until = open_until(standing, &entry, &sight, earlier);
            GatewayStanding {
                gateway,
                open_until: until.filter(|until| *until > now),
                entry,
                sight,
                standing,
            }
        };
        let all = known.into_iter().map(of);
        let counts =
            |it: &GatewayStanding| it.standing != Standing::Retired || it.open_until.is_some();
        all.filter(counts).collect()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use sekisho_domain::id::{Fresh, LineId, PostId};
    use sekisho_domain::name::Line;
    use sekisho_protocol::gateway::GatewayReport;

    use super::*;

    pub(in crate::access::gateway) const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    pub(in crate::access::gateway) fn entry(key: bool) -> Gateway {
        // The generator of P-256, compressed.
        let point = "A2sX0fLhLEJH-Lzm5WOkQPJ3A32BLeszoPShOUXYmMKW";
        Gateway {
            name: Line::parse("g").unwrap(),
            line: LineId::new(Fresh([1; 16])),
            officer: PostId::new(Fresh([2; 16])),
            key: key.then(|| Line::parse(point).unwrap()),
            device: None,
            endpoint: "gate.example.jp:51820".parse().unwrap(),
            network: "10.90.0.0/24".parse().unwrap(),
            lease_seconds: Some(60),
            inside: Vec::new(),
        }
    }

    pub(in crate::access::gateway) fn heard(before: Span) -> GatewaySight {
        GatewaySight {
            heard_at: Some(NOW.before(before)),
            heard_since: Some(NOW.before(before)),
            lease_until: Some(NOW.before(before).after(Span::seconds(60))),
            ..GatewaySight::default()
        }
    }

    fn standing(entry: &Gateway, sight: &GatewaySight, now: Timestamp) -> Standing {
        Pulse::of(sight).standing(entry, now)
    }

    #[test]
    fn tunnels_stay_where_they_are_while_their_gateway_is_heard() {
        use Standing::{Failing, Heard, Lost, NotHeard, Unlisted, Unreported};
        let id = |nth: u8| GatewayId::new(Fresh([nth; 16]));
        let chosen = |all: &[Standing], carries: Option<u8>| {
            let all = (1_u8..).map(id).zip(all.iter().copied());
            choose(all, carries.map(id))
        };
        for (all, carries, expected) in [
            (&[][..], None, None),
            (&[Heard, Heard], None, Some(1)),
            // No jumping back.
            (&[Heard, Heard], Some(2), Some(2)),
            // A lost one, or one that has said hello and nothing since, is skipped.
            (&[Lost, Heard], Some(1), Some(2)),
            (&[NotHeard, Heard], None, Some(2)),
            (&[NotHeard, Lost], Some(2), None),
            // So is one that cannot carry them, while another can.
            (&[Failing, Heard], Some(1), Some(2)),
            (&[Unlisted("gateway.unknown"), Heard], None, Some(2)),
            // And one of which nobody knows whether it does.
            (&[Unreported, Heard], Some(1), Some(2)),
            (&[Unreported, Lost], Some(1), Some(1)),
            (&[Failing, Failing], Some(2), Some(2)),
            (&[Lost, Failing], Some(1), Some(2)),
            // The one that had them is no longer in the register.
            (&[Heard], Some(7), Some(1)),
        ] {
            assert_eq!(
                chosen(all, carries),
                expected.map(id),
                "{all:?} {carries:?}"
            );
        }
    }

    #[test]
    fn a_gateway_is_lost_when_it_should_have_asked_twice() {
        for (sight, expected) in [
            (GatewaySight::default(), Standing::NotHeard),
            (heard(Span::seconds(0)), Standing::Heard),
            (heard(Span::seconds(44)), Standing::Heard),
            (heard(Span::seconds(46)), Standing::Lost),
        ] {
            assert_eq!(standing(&entry(true), &sight, NOW), expected);
            assert_eq!(standing(&entry(false), &sight, NOW), Standing::NoKey);
        }
        let unlisted = GatewaySight {
            unlisted: Some("gateway.unknown"),
            ..heard(Span::seconds(1))
        };
        let expected = Standing::Unlisted("gateway.unknown");
        assert_eq!(standing(&entry(true), &unlisted, NOW), expected);
    }

    #[test]
    fn a_gateway_that_asks_for_tables_and_reports_nothing_is_not_in_order() {
        let minutes = |count| NOW.before(Span::minutes(count));
        for (since, reported, expected) in [
            // Its first report is due.
            (minutes(2), None, Standing::Heard),
            (minutes(3), None, Standing::Unreported),
            (minutes(60), Some(minutes(2)), Standing::Heard),
            (minutes(60), Some(minutes(3)), Standing::Unreported),
            // It was silent meanwhile, and is heard again.
            (minutes(1), Some(minutes(60)), Standing::Heard),
            // Told before the clock was set back, nobody knows how long ago.
            (
                minutes(60),
                Some(NOW.after(Span::minutes(1))),
                Standing::Unreported,
            ),
        ] {
            let sight = GatewaySight {
                heard_since: Some(since),
                reported_at: reported,
                ..heard(Span::seconds(1))
            };
            let told = standing(&entry(true), &sight, NOW);
            assert_eq!(told, expected, "{since:?} {reported:?}");
        }
        // Nothing at all is known of it.
        let sight = GatewaySight {
            heard_since: None,
            ..heard(Span::seconds(1))
        };
        let told = standing(&entry(true), &sight, NOW);
        assert_eq!(told, Standing::Unreported);
    }

    pub(in crate::access::gateway) fn reported(
        refused: bool,
        failing: bool,
        open: bool,
    ) -> GatewaySight {
        let code = |said: bool| said.then(|| "code".to_owned());
        GatewaySight {
            report: Some(GatewayReport {
                version: "1".to_owned(),
                run_began_at: NOW,
                observed_at: NOW,
                sequence: None,
                closes_at: open.then(|| NOW.after(Span::seconds(20))),
                refused: code(refused),
                failing: code(failing),
                filter_gone_at: None,
                forwards_others: Some(false),
                listen_port: None,
                dropped_packets: 0,
                sessions: Vec::new(),
            }),
            ..heard(Span::seconds(30))
        }
    }

    #[test]
    fn a_gateway_that_refuses_its_tables_does_not_count_as_one_in_order() {
        for (refused, failing, expected) in [
            (false, false, Standing::Heard),
            (false, true, Standing::Failing),
            (true, false, Standing::Failing),
            (true, true, Standing::Failing),
        ] {
            let sight = reported(refused, failing, true);
            assert_eq!(standing(&entry(true), &sight, NOW), expected);
            assert_eq!(
                fails(sight.report.as_ref().unwrap()),
                expected == Standing::Failing
            );
        }
    }

    #[test]
    fn a_clock_set_back_keeps_no_dead_gateway_heard() {
        // By a day, and by no more than what clocks and ways differ.
        for (ahead, expected) in [
            (Span::days(1), Standing::Lost),
            (Span::seconds(6), Standing::Lost),
            (Span::seconds(5), Standing::Heard),
        ] {
            let sight = GatewaySight {
                heard_at: Some(NOW.after(ahead)),
                heard_since: Some(NOW.after(ahead)),
                ..GatewaySight::default()
            };
            assert_eq!(standing(&entry(true), &sight, NOW), expected, "{ahead:?}");
        }
    }

    #[test]
    fn the_gateway_that_had_the_tunnels_is_waited_for_after_a_start() {
        // A third of a lease of 60 seconds, and the way.
        assert_eq!(
            awaited_until(&entry(true), NOW),
            NOW.after(Span::seconds(25))
        );
    }
}
