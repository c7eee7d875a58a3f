//! Devices at internal lines (8.1.1(3)(c)(i)(j)): what a RADIUS server asks before a port is opened, what
//! became of devices, and where they have been since.
//!
//! The certificate names the device and the key; the World says whether that counts, the record says
//! whether the device was outside, and the rulebook decides. A port that was opened is asked about
//! again whenever something moves ([`sweep`]).

mod accounting;
mod connection;
mod desk;
mod disconnect;
mod judge;
mod packet;
mod past;
mod record;
mod secrets;
mod standing;
mod sweep;
mod whereabouts;

pub use connection::{Connection, Gone, Place};
pub use desk::InsideDesk;
pub use judge::{Answered, Presented};
pub use record::{Admission, Period};
pub use secrets::{SECRETS_MAX, SecretsError, SwitchSecrets};
pub use standing::{AtLines, Last};
