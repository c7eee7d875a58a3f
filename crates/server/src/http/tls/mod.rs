//! TLS of this server: its certificate, and the certificates that devices present.
//!
//! Plain rustls with ring, TLS 1.2 and 1.3. Clients are asked for a certificate of our own
//! authority and need not have one: people sign in with theirs absent, and agents sign their
//! requests. A certificate of anybody else ends the handshake.

mod door;
mod files;
mod issuing;
mod keeper;
mod offered;
mod peer;

pub(super) use door::Door;
pub(crate) use keeper::Keeper;
pub use keeper::TlsError;
pub(crate) use offered::Offered;
pub(super) use peer::{Peer, Presented};
