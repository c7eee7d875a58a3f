//! Certificates ordered by ACME (RFC 8555): whom to ask and for what, the order itself, the challenge
//! by which the authority sees that the names are ours, and when all of that is due.
//!
//! The challenge is TLS-ALPN-01 (RFC 8737) alone. It is answered at the port where TLS is spoken
//! anyway, so that one program with one port will do: HTTP-01 would need a second, unencrypted one at
//! port 80, and DNS-01 a credential that changes the organisation's zone.

mod challenge;
mod error;
mod life;
mod line;
mod order;
mod renewer;
mod settings;

pub(crate) use challenge::{ACME_TLS, Challenges, is_for_challenge};
pub use error::AcmeError;
pub(crate) use life::leaf_of;
pub(crate) use renewer::Renewer;
pub use settings::{AcmeSettings, Binding, SettingsFault};
