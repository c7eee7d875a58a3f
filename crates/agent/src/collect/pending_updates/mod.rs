//! Updates that the package manager offers and that are not installed, by its own metadata.
//!
//! Nothing is fetched: what the package manager last fetched is judged together with its age.

mod apk;
mod apt;
mod dnf;

use sekisho_domain::fact::PackageFormat;
use sekisho_domain::time::Timestamp;

use super::packages::format_of;
use super::{Missed, Outcome};
use crate::host::{Host, ReadError};

pub(super) fn collect(host: &Host, now: Timestamp) -> Outcome {
    match format_of(host) {
        Some(PackageFormat::Deb) => apt::collect(host, now),
        Some(PackageFormat::Apk) => apk::collect(host, now),
        Some(PackageFormat::Rpm) => dnf::collect(host, now),
        _ => Err(Missed::read("apt, dnf, apk", &ReadError::Missing)),
    }
}

/// The latest of some times, leaving out those that lie in the future: a clock that ran ahead
/// when metadata was fetched must not make it fresh for ever.
fn latest(times: impl Iterator<Item = Timestamp>, now: Timestamp) -> Option<Timestamp> {
    times.filter(|at| *at <= now).max()
}
