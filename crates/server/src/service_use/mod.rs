//! Use of outside services: what logs of resolvers and proxies show, taken in from the shell, kept by day
//! and unit, and by person only where a clause asks who it was and for as long as that may be known.
//!
//! ```text
//! sekisho discover ──run──► take ──► whose (client → unit, person) ──► observations
//!                             │                                          │ sums by unit
//!                             ├──► findings (ledger) ◄── registers ──────┘
//!                             └──► evidence in memory ──► assess
//! ```

pub(crate) mod blind;
mod evidence;
mod findings;
pub mod lists;
mod own;
mod sums;
mod take;
mod unused;
pub mod watched;
mod whose;

pub use evidence::read_services;
pub(crate) use findings::KeptLook;
pub use own::own_services;
pub use sums::{KnownService, ServiceInUse, Standing, UnitUse, in_use};
pub use take::{TakeError, marks, read_since, source_name, take};
pub use unused::settle_unused;

use sekisho_domain::time::{Span, Timestamp};
use sekisho_rules::access::AHEAD;

/// Purpose of the key under which a word about a finding is sealed.
pub const NOTE_PURPOSE: &str = "service.disowned";

/// How the ledger names what is read where it is asked who used a service.
#[must_use]
pub fn reading_of(service: &str) -> String {
    format!("service-use:{service}")
}

/// The last day that can have been in the zone of any log, whose clock may be ahead.
pub(crate) fn last_day(now: Timestamp) -> String {
    day_of(now.after(AHEAD).after(Span::days(1)))
}

/// The day in Japan, as logs are counted by it.
pub(crate) fn day_of(at: Timestamp) -> String {
    at.jst_date().to_string()
}
