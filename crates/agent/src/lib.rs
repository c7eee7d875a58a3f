//! The endpoint: collectors, identity, reports.
//!
//! Collectors read through a [`host::Host`], which is either this machine or a recorded tree, and
//! turn what they find into the typed facts of the domain. The device's key is made here and
//! never leaves; every report is signed with it.

mod agent;
mod certificate;
pub mod client;
pub mod collect;
pub mod error;
pub mod host;
pub mod identity;
pub mod run;
pub mod state;
pub mod tunnel;
pub mod watch;

pub use certificate::FILE_FOR_OTHERS as CERTIFICATE_FILE;
pub use identity::KEY as KEY_FILE;
pub use sekisho_uplink::{FirstTrust, UplinkError};

/// Lower-case hex digits of bytes.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut hex, byte| {
            // Writing to a string cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}
