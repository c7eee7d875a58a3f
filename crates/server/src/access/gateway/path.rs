//! What can be said of the way of a tunnel from what WireGuard counts: how old its newest handshake is, and
//! how much passes.
//!
//! WireGuard counts neither lost packets nor round trips, and the filter lets nothing of the gateway's own into a
//! tunnel, so that neither is measured, and neither is told.

use std::collections::HashMap;

use sekisho_domain::id::TunnelSessionId;
use sekisho_domain::time::Timestamp;
use sekisho_protocol::gateway::{GatewayReport, SessionReport};

/// The shortest time between two reports by which a rate is told, in milliseconds.
const RATE_LEAST: i64 = 1_000;

/// The way of a tunnel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PathSeen {
    /// When the newest handshake was, by the server's clock, however far the gateway's is off.
    pub handshake_at: Option<Timestamp>,
    /// Bytes in a second from the device and to it, between the last two reports.
    pub rate: Option<(u64, u64)>,
}

/// The ways that a report tells of, after the one before.
pub(super) fn paths(
    report: &GatewayReport,
    before: Option<&GatewayReport>,
    received_at: Timestamp,
) -> HashMap<TunnelSessionId, PathSeen> {
    // Another run counts from nothing.
    let before = before.filter(|it| it.run_began_at == report.run_began_at);
    let passed = before.map_or(0, |it| report.observed_at.since(it.observed_at).as_millis());
    let earlier: HashMap<TunnelSessionId, &SessionReport> = before
        .filter(|_| passed >= RATE_LEAST)
        .into_iter()
        .flat_map(|it| &it.sessions)
        .map(|it| (it.session, it))
        .collect();
    let millis = u64::try_from(passed).unwrap_or_default();
    let path = |now: &SessionReport| {
        let age = now.handshake_at.map(|at| report.observed_at.since(at));
        let rate = earlier.get(&now.session).and_then(|then| {
            let grown = |now: u64, then: u64| {
                let bytes = now.checked_sub(then)?;
                bytes.saturating_mul(1_000).checked_div(millis)
            };
            Some((
                grown(now.received_bytes, then.received_bytes)?,
                grown(now.sent_bytes, then.sent_bytes)?,
            ))
        });
        PathSeen {
            handshake_at: age.map(|age| received_at.before(age)),
            rate,
        }
    };
    let standing = report.sessions.iter().filter(|it| it.ended_at.is_none());
    standing.map(|it| (it.session, path(it))).collect()
}

#[cfg(test)]
mod tests {
    use sekisho_domain::id::Fresh;
    use sekisho_domain::time::Span;

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    fn report(run: Timestamp, at: Timestamp, bytes: (u64, u64)) -> GatewayReport {
        GatewayReport {
            version: "1".to_owned(),
            run_began_at: run,
            observed_at: at,
            sequence: None,
            closes_at: None,
            refused: None,
            failing: None,
            filter_gone_at: None,
            forwards_others: None,
            listen_port: None,
            dropped_packets: 0,
            sessions: vec![SessionReport {
                session: TunnelSessionId::new(Fresh([1; 16])),
                ended_at: None,
                handshake_at: Some(at.before(Span::seconds(40))),
                endpoint: None,
                received_bytes: bytes.0,
                sent_bytes: bytes.1,
                systems: Vec::new(),
            }],
        }
    }

    fn told(report: &GatewayReport, before: Option<&GatewayReport>) -> PathSeen {
        paths(report, before, NOW)[&report.sessions[0].session]
    }

    #[test]
    fn the_age_of_a_handshake_is_that_of_the_gateways_clock_alone() {
        // Its clock is four minutes behind.
        let report = report(NOW, NOW.before(Span::minutes(4)), (0, 0));
        let seen = told(&report, None);
        assert_eq!(seen.handshake_at, Some(NOW.before(Span::seconds(40))));
        assert_eq!(seen.rate, None);
    }

    #[test]
    fn a_rate_is_told_between_two_reports_of_one_run() {
        let later = |seconds| NOW.after(Span::seconds(seconds));
        let first = report(NOW, NOW, (1_000, 5_000));
        let second = report(NOW, later(10), (21_000, 5_000));
        assert_eq!(told(&second, Some(&first)).rate, Some((2_000, 0)));
        // Another run, a session that counts from nothing again, and reports at one moment.
        let restarted = report(later(5), later(10), (21_000, 5_000));
        assert_eq!(told(&restarted, Some(&first)).rate, None);
        let anew = report(NOW, later(10), (900, 6_000));
        assert_eq!(told(&anew, Some(&first)).rate, None);
        let at_once = report(NOW, NOW, (21_000, 5_000));
        assert_eq!(told(&at_once, Some(&first)).rate, None);
    }

    #[test]
    fn a_session_that_has_ended_has_no_way() {
        let mut over = report(NOW, NOW, (0, 0));
        over.sessions[0].ended_at = Some(NOW);
        assert!(paths(&over, None, NOW).is_empty());
    }
}
