//! The certificate that the server shows: how it stands, and another one on request.

use std::time::{Duration, Instant};

use sekisho_domain::authorise::Action;
use sekisho_protocol::admin::{Answer, AuthorityLine, CertificateStands, Failure};

use super::answer::{Desk, failed, failure};
use crate::app::App;
use crate::app::certificate::{CertificateSource, CertificateStanding};

/// How long an order is waited for: its two waits for the authority, and what lies between.
const ORDERED: Duration = Duration::from_secs(180);
/// How often it is looked.
const LOOK: Duration = Duration::from_millis(50);

impl Desk {
    pub(super) fn certificate(&self, renew: bool) -> Result<Answer, Failure> {
        let action = match renew {
            true => Action::Configure,
            false => Action::ReadStatus,
        };
        self.allow(action)?;
        answer(&self.app, renew)
    }

    pub(super) fn authorities(&self, rotate: bool) -> Result<Answer, Failure> {
        let action = match rotate {
            true => Action::Configure,
            false => Action::ReadStatus,
        };
        self.allow(action)?;
        authorities(&self.app, rotate)
    }
}

/// Tells how it stands; before that orders another one where that is asked, and waits for the end of
/// the order.
fn answer(app: &App, renew: bool) -> Result<Answer, Failure> {
    let none = || failure("certificate.none", true);
    let mut standing = app.certificate().ok_or_else(none)?;
    if renew {
        standing = ordered(app, &standing)?;
    }
    Ok(Answer::Certificate(Box::new(shown(standing))))
}

/// The authorities; before that makes a new one where that is asked.
fn authorities(app: &App, rotate: bool) -> Result<Answer, Failure> {
    let authorities = match rotate {
        false => app.authorities(),
        true if app.clock().step().is_some() => return Err(failure("clock", true)),
        true => app
            .rotate_authority()
            .map_err(|error| failed(error.code(), &error, false))?,
    };
    let all = authorities.stands(app.now()).into_iter();
    let all = all.map(|it| AuthorityLine {
        fingerprint: it.fingerprint,
        made_at: it.made_at,
        trusted_until: it.trusted_until,
        certifies_devices: it.certifies_devices,
        certifies_server: it.certifies_server,
    });
    let shown = app.certificate();
    Ok(Answer::Authorities {
        all: all.collect(),
        shown: shown.is_some_and(|it| it.source == CertificateSource::BuiltIn),
    })
}

fn ordered(app: &App, before: &CertificateStanding) -> Result<CertificateStanding, Failure> {
    if before.source != CertificateSource::Acme {
        return Err(failure("certificate.not-ordered", true));
    }
    if app.clock().step().is_some() {
        return Err(failure("clock", true));
    }
    app.want_certificate();
    let begun = Instant::now();
    while begun.elapsed() < ORDERED {
        let now = app.certificate().filter(|it| it.orders > before.orders);
        match now {
            Some(CertificateStanding {
                failing: Some(failing),
                ..
            }) => {
                return Err(Failure {
                    reason: failing.reason,
                    refused: false,
                });
            }
            Some(standing) => return Ok(standing),
            None => std::thread::sleep(LOOK),
        }
    }
    Err(failure("acme.timed_out", false))
}

fn shown(standing: CertificateStanding) -> CertificateStands {
    let (holds, failing) = (standing.holds, standing.failing);
    CertificateStands {
        source: standing.source.code().to_owned(),
        from: holds.map(|it| it.from),
        until: holds.map(|it| it.until),
        renew_at: standing.renew_at,
        tries: failing.as_ref().map_or(0, |it| it.tries),
        again_at: failing.as_ref().map(|it| it.again_at),
        failing: failing.map(|it| it.reason),
    }
}
