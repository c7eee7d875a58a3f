//! How long a certificate holds, what it is for, and when another is due: by comparing times alone.

use rustls::client::verify_server_name;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::server::ParsedCertificate;
use sekisho_domain::time::Timestamp;
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::identity::ca::Validity;

const MINUTE: i64 = 60 * 1000;
/// The first wait after an order that failed.
const FIRST: i64 = MINUTE;
/// The longest.
const LONGEST: i64 = 6 * 60 * MINUTE;

/// From when until when a certificate holds; none where it is no certificate.
pub(crate) fn leaf_of(chain: &[CertificateDer<'_>]) -> Option<Validity> {
    let (_, leaf) = X509Certificate::from_der(chain.first()?).ok()?;
    let millis = |seconds: i64| Timestamp::from_millis(seconds.saturating_mul(1000));
    let validity = leaf.validity();
    // The last second stands in the certificate and still counts.
    Some(Validity {
        from: millis(validity.not_before.timestamp()),
        until: millis(validity.not_after.timestamp().saturating_add(1)),
    })
}

/// The names that a certificate is not for.
pub(crate) fn names_lacking<'a>(chain: &[CertificateDer<'_>], names: &'a [String]) -> Vec<&'a str> {
    let leaf = chain.first().map(ParsedCertificate::try_from);
    let Some(Ok(leaf)) = leaf else {
        return names.iter().map(String::as_str).collect();
    };
    let holds = |name: &str| {
        let name = ServerName::try_from(name).ok();
        name.is_some_and(|name| verify_server_name(&leaf, &name).is_ok())
    };
    let names = names.iter().map(String::as_str);
    names.filter(|name| !holds(name)).collect()
}

/// When a certificate is to be replaced: after two thirds of its time.
pub(super) fn renew_at(validity: Validity) -> Timestamp {
    let lasts = validity.until.since(validity.from).as_millis();
    let two_thirds = lasts / 3 * 2 + lasts % 3 * 2 / 3;
    Timestamp::from_millis(validity.from.as_millis().saturating_add(two_thirds))
}

/// When to try again after so many orders in a row that failed: a minute later, then twice as long each
/// time, six hours at most. Where a certificate still holds, there are ten tries at least in what is left
/// of it, as far as minutes go.
pub(super) fn again_at(now: Timestamp, failures: u32, holds_until: Option<Timestamp>) -> Timestamp {
    let doubled = FIRST.saturating_mul(1 << failures.saturating_sub(1).min(20));
    let mut wait = doubled.min(LONGEST);
    if let Some(until) = holds_until {
        let left = until.since(now).as_millis();
        wait = wait.min((left / 10).max(FIRST));
    }
    Timestamp::from_millis(now.as_millis().saturating_add(wait))
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn a_certificate_is_due_after_two_thirds_of_its_time() {
        let of = |from, until| {
            renew_at(Validity {
                from: at(from),
                until: at(until),
            })
        };
        assert_eq!(of(0, 90), at(60));
        assert_eq!(of(1000, 1100), at(1066));
        assert_eq!(of(5, 5), at(5));
    }

    #[test]
    fn tries_grow_rarer_and_never_miss_the_end() {
        let wait = |failures, until| again_at(at(0), failures, until).as_millis() / MINUTE;
        let waits: Vec<i64> = (1..=11).map(|n| wait(n, None)).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360]);
        assert_eq!(wait(u32::MAX, None), 360);
        // Ten hours are left: every hour at least.
        assert_eq!(wait(20, Some(at(600 * MINUTE))), 60);
        // A few seconds are left, or nothing is: not more often than each minute.
        assert_eq!(wait(20, Some(at(5))), 1);
        assert_eq!(wait(20, Some(at(-5))), 1);
    }
}
