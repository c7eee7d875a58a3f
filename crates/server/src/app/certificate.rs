//! What is known of the certificate by which this server is known: until when it holds, when another
//! is due, and what stands in the way of that. Kept by whoever ends TLS, read by metrics, readiness,
//! alarms and the shell.

use sekisho_domain::code::Reason;
use sekisho_domain::time::Timestamp;
use tokio::sync::{Notify, watch};

use super::App;
use super::alarms::AlarmSource;
use crate::identity::ca::Validity;

/// Where a certificate comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateSource {
    /// This server's own authority.
    BuiltIn,
    /// Files.
    Files,
    /// An authority that is asked by ACME.
    Acme,
}

impl CertificateSource {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::BuiltIn => "built-in",
            Self::Files => "files",
            Self::Acme => "acme",
        }
    }
}

/// Why there is no newer certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failing {
    /// What went wrong the last time.
    pub reason: Reason,
    /// How often in a row.
    pub tries: u32,
    /// When it is tried again.
    pub again_at: Timestamp,
}

/// How it stands with the certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateStanding {
    /// Where it comes from.
    pub source: CertificateSource,
    /// From when until when it holds; none while there is none.
    pub holds: Option<Validity>,
    /// When another is made or ordered; none where files are replaced by somebody else.
    pub renew_at: Option<Timestamp>,
    /// Why there is no newer one although one is due.
    pub failing: Option<Failing>,
    /// How often one was ordered since the start, with success or without.
    pub orders: u64,
}

impl CertificateStanding {
    /// Where nothing is known yet.
    pub(crate) const fn of(source: CertificateSource) -> Self {
        Self {
            source,
            holds: None,
            renew_at: None,
            failing: None,
            orders: 0,
        }
    }

    /// What everybody has to see of it.
    fn alarms(&self, now: Timestamp) -> Vec<Reason> {
        let held = self.holds.filter(|it| it.holds(now));
        let ordered = self.source == CertificateSource::Acme;
        if !ordered || (held.is_some() && self.failing.is_none()) {
            return Vec::new();
        }
        let first = match held {
            Some(holds) => {
                let until = holds.until.to_rfc3339_jst();
                Reason::new("acme.renewal-failing").with("detail", until)
            }
            None => Reason::new("acme.none-yet"),
        };
        let cause = self.failing.as_ref().map(|it| it.reason.clone());
        std::iter::once(first).chain(cause).collect()
    }
}

/// Where it is written down.
#[derive(Default)]
pub(super) struct CertificateBoard {
    standing: watch::Sender<Option<CertificateStanding>>,
    wanted: Notify,
    moved: Notify,
}

impl CertificateBoard {
    /// Has whoever ends TLS look at once whether it is still as it should be.
    pub(super) fn look(&self) {
        self.moved.notify_one();
    }
}

impl App {
    /// How it stands with the certificate; none where this server does not end TLS.
    #[must_use]
    pub fn certificate(&self) -> Option<CertificateStanding> {
        self.0.certificate.standing.borrow().clone()
    }

    /// Follows how it stands with the certificate.
    #[must_use]
    pub fn follow_certificate(&self) -> watch::Receiver<Option<CertificateStanding>> {
        self.0.certificate.standing.subscribe()
    }

    /// Whether whoever connects over TLS is shown a certificate that holds.
    #[must_use]
    pub fn certificate_holds(&self) -> bool {
        let standing = self.0.certificate.standing.borrow();
        let known = standing.as_ref().and_then(|it| it.holds);
        standing.is_none() || known.is_some_and(|holds| holds.holds(self.now()))
    }

    /// Writes down how it stands, and raises or takes back the alarms that follow.
    pub(crate) fn set_certificate(&self, change: impl FnOnce(&mut Option<CertificateStanding>)) {
        self.0.certificate.standing.send_modify(change);
        let standing = self.certificate();
        let alarms = standing.map(|it| it.alarms(self.now())).unwrap_or_default();
        self.raise(AlarmSource::Certificate, alarms);
    }

    /// Asks whoever orders certificates to order one now.
    pub(crate) fn want_certificate(&self) {
        self.0.certificate.wanted.notify_one();
    }

    /// Waits until what TLS rests on has changed.
    pub(crate) async fn certificate_moved(&self) {
        self.0.certificate.moved.notified().await;
    }

    /// Waits until somebody wants one.
    pub(crate) async fn certificate_wanted(&self) {
        self.0.certificate.wanted.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_is_an_alarm_that_says_until_when_the_old_one_holds() {
        let at = Timestamp::from_millis;
        let mut standing = CertificateStanding::of(CertificateSource::Acme);
        assert_eq!(standing.alarms(at(0)), [Reason::new("acme.none-yet")]);
        standing.failing = Some(Failing {
            reason: Reason::new("acme.unreachable"),
            tries: 1,
            again_at: at(60),
        });
        let codes = |standing: &CertificateStanding, now| -> Vec<String> {
            let alarms = standing.alarms(at(now)).into_iter();
            alarms.map(|it| it.code.into_owned()).collect()
        };
        assert_eq!(codes(&standing, 0), ["acme.none-yet", "acme.unreachable"]);
        standing.holds = Some(Validity {
            from: at(0),
            until: at(100),
        });
        let held = ["acme.renewal-failing", "acme.unreachable"];
        assert_eq!(codes(&standing, 99), held);
        assert_eq!(codes(&standing, 100)[0], "acme.none-yet");
        standing.failing = None;
        assert_eq!(standing.alarms(at(99)), []);
        assert_eq!(standing.alarms(at(100)), [Reason::new("acme.none-yet")]);
        // What files hold is replaced by whoever wrote them.
        standing.source = CertificateSource::Files;
        assert_eq!(standing.alarms(at(100)), []);
    }
}
