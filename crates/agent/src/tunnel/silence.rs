//! A gateway that does not answer: another local UDP port is taken, a few times.
//!
//! Behind address translation two devices may come from one outside address and port, one after the other.
//! A gateway in userspace takes what comes from there for the device that it last heard there, and the other
//! gets no answer before it comes from elsewhere.
//!
//! Through a tunnel that nobody uses nothing is sent but what keeps the line open. WireGuard in userspace makes
//! its first handshake with that, and after one that no longer holds the next: until then nobody has asked
//! anything, and a gateway that says nothing is not silent.

use sekisho_domain::time::{Span, Timestamp};

use super::interface::KEEPALIVE;
use super::sight::Quiet;

/// How long an answer is waited for: until something is sent at the latest, then four tries of WireGuard, which
/// makes one every five seconds.
const PATIENCE: Span = Span::seconds(KEEPALIVE as u32 + 4 * 5);
/// How long a handshake holds (`REJECT_AFTER_TIME` of WireGuard). In use there is a new one every two minutes.
const HOLDS: Span = Span::seconds(180);
/// So many other ports are taken; then the way there is closed for another reason.
const PORTS_MAX: u32 = 4;

/// How long the gateway has been silent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Silence {
    /// Since when: since its last handshake no longer holds, or the port that is used was taken. To come
    /// while a handshake holds.
    since: Timestamp,
    /// How many other ports were taken since it last answered.
    ports: u32,
}

/// What is to be done about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// Nothing: it answers.
    Answered,
    /// It may still answer.
    Waiting,
    /// Another port is to be taken.
    TakeAnother,
    /// No other port helped.
    GivenUp,
}

impl Silence {
    /// The interface was brought up.
    pub const fn begun(now: Timestamp) -> Self {
        Self {
            since: now,
            ports: 0,
        }
    }

    /// Looks at the last handshake of the interface.
    pub fn look(&mut self, handshake_at: Option<Timestamp>, now: Timestamp) -> Line {
        let holds_until = handshake_at.map(|at| at.min(now).after(HOLDS));
        if let Some(until) = holds_until.filter(|until| now < *until) {
            // However long nobody looks: the waiting begins where the handshake ends.
            *self = Self::begun(until);
            return Line::Answered;
        }
        // A clock that was put back makes nobody wait longer.
        self.since = self.since.min(now);
        if now < self.since.after(PATIENCE) {
            Line::Waiting
        } else if self.ports < PORTS_MAX {
            self.ports += 1;
            self.since = now;
            Line::TakeAnother
        } else {
            Line::GivenUp
        }
    }

    /// What is told of it; nothing before the first other port.
    pub fn told(&self, line: Line) -> Option<Quiet> {
        (self.ports > 0).then_some(Quiet {
            ports: self.ports,
            over: line == Line::GivenUp,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEGUN: Timestamp = Timestamp::from_millis(1_790_000_000_000);

    fn at(seconds: u32) -> Timestamp {
        BEGUN.after(Span::seconds(seconds))
    }

    #[test]
    fn a_gateway_that_answers_is_left_alone() {
        let mut silence = Silence::begun(BEGUN);
        assert_eq!(silence.look(None, at(5)), Line::Waiting);
        // A handshake every two minutes.
        for seconds in (10..3_600).step_by(5) {
            let handshake = Some(at(seconds - (seconds - 10) % 120));
            assert_eq!(silence.look(handshake, at(seconds)), Line::Answered);
        }
        assert_eq!(silence.told(Line::Answered), None);
    }

    /// The last handshake of a tunnel in userspace that is up from the beginning and that nobody uses: packets
    /// that keep the line open go every 25 seconds, and one that finds no handshake that holds makes one.
    fn of_unused(seconds: u32) -> Option<u32> {
        let keepalives = (1..).map(|nth| nth * u32::from(KEEPALIVE));
        let mut last = None;
        for sent in keepalives.take_while(|sent| *sent <= seconds) {
            if last.is_none_or(|it| it + 180 <= sent) {
                last = Some(sent);
            }
        }
        last.filter(|it| seconds < it + 180)
    }

    #[test]
    fn a_tunnel_that_nobody_uses_keeps_its_port_and_nobody_is_told_of_silence() {
        for pause in [1, 5, 7, 30, 60] {
            let mut silence = Silence::begun(BEGUN);
            let (mut waited, mut answered) = (0, 0);
            for seconds in (0..7_200).step_by(pause) {
                let line = silence.look(of_unused(seconds).map(at), at(seconds));
                match line {
                    Line::Waiting => waited += 1,
                    Line::Answered => answered += 1,
                    Line::TakeAnother | Line::GivenUp => panic!("{line:?} after {seconds}"),
                }
                assert_eq!(silence.told(line), None);
            }
            // There were times without a handshake, and not many.
            assert!(0 < waited && waited * 5 < answered, "{waited} {answered}");
        }
    }

    #[test]
    fn a_silent_gateway_is_asked_from_a_few_other_ports_and_then_from_no_more() {
        let mut silence = Silence::begun(BEGUN);
        let mut taken = Vec::new();
        for seconds in (0..3_600).step_by(5) {
            let line = silence.look(None, at(seconds));
            if line == Line::TakeAnother {
                taken.push(seconds);
            }
            let told = silence.told(line);
            let ports = u32::try_from(taken.len()).unwrap();
            assert_eq!(told.map_or(0, |it| it.ports), ports, "{seconds}");
            assert_eq!(told.is_some_and(|it| it.over), 225 <= seconds, "{seconds}");
        }
        assert_eq!(taken, [45, 90, 135, 180]);
        // It answers: everything begins anew, when what it answered no longer holds.
        assert_eq!(silence.look(Some(at(3_600)), at(3_601)), Line::Answered);
        assert_eq!(silence.told(Line::Answered), None);
        assert_eq!(silence.look(None, at(3_780 + 44)), Line::Waiting);
        assert_eq!(silence.look(None, at(3_780 + 45)), Line::TakeAnother);
    }

    #[test]
    fn a_handshake_that_no_longer_holds_is_none() {
        let mut silence = Silence::begun(BEGUN);
        let last = Some(at(10));
        assert_eq!(silence.look(last, at(189)), Line::Answered);
        assert_eq!(silence.look(last, at(190)), Line::Waiting);
        assert_eq!(silence.look(last, at(234)), Line::Waiting);
        assert_eq!(silence.look(last, at(235)), Line::TakeAnother);
    }

    #[test]
    fn a_clock_that_jumps_keeps_nobody_waiting() {
        let mut silence = Silence::begun(at(86_400));
        assert_eq!(silence.look(None, at(0)), Line::Waiting);
        assert_eq!(silence.look(None, at(45)), Line::TakeAnother);
        // A handshake of the future holds for as long as the clock stays behind it, and no port is taken.
        let mut silence = Silence::begun(BEGUN);
        assert_eq!(silence.look(Some(at(86_400)), at(60)), Line::Answered);
    }
}
