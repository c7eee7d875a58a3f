//! A gateway that does not answer: another local UDP port is taken, a few times.
//!
//! Behind address translation two devices may come from one outside address and port, one after the other.
//! A gateway in userspace takes what comes from there for the device that it last heard there, and the other
//! gets no answer before it comes from elsewhere.

use sekisho_domain::time::{Span, Timestamp};

use super::sight::Quiet;

/// How long an answer is waited for: three tries of WireGuard, which makes one every five seconds.
const PATIENCE: Span = Span::seconds(15);
/// How long a handshake holds (`REJECT_AFTER_TIME` of WireGuard). At work there is a new one every two minutes.
const HOLDS: Span = Span::seconds(180);
/// So many other ports are taken; then the way there is closed for another reason.
const PORTS_MAX: u32 = 4;

/// How long the gateway has been silent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Silence {
    /// Since when, or since the port that is used was taken.
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
        if handshake_at.is_some_and(|at| now < at.min(now).after(HOLDS)) {
            *self = Self::begun(now);
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
            assert_eq!(told.is_some_and(|it| it.over), 75 <= seconds, "{seconds}");
        }
        assert_eq!(taken, [15, 30, 45, 60]);
        // It answers: everything begins anew.
        assert_eq!(silence.look(Some(at(3_600)), at(3_601)), Line::Answered);
        assert_eq!(silence.told(Line::Answered), None);
        assert_eq!(silence.look(None, at(3_616)), Line::TakeAnother);
    }

    #[test]
    fn a_handshake_that_no_longer_holds_is_none() {
        let mut silence = Silence::begun(BEGUN);
        let last = Some(at(10));
        assert_eq!(silence.look(last, at(189)), Line::Answered);
        assert_eq!(silence.look(last, at(190)), Line::Waiting);
        assert_eq!(silence.look(last, at(203)), Line::Waiting);
        assert_eq!(silence.look(last, at(204)), Line::TakeAnother);
    }

    #[test]
    fn a_clock_that_jumps_keeps_nobody_waiting() {
        let mut silence = Silence::begun(at(86_400));
        assert_eq!(silence.look(None, at(0)), Line::Waiting);
        assert_eq!(silence.look(None, at(15)), Line::TakeAnother);
        // A handshake of the future holds for as long as the clock stays behind it, and no port is taken.
        let mut silence = Silence::begun(BEGUN);
        assert_eq!(silence.look(Some(at(86_400)), at(60)), Line::Answered);
    }
}
