//! Who is at the other end: passwords, one-time codes, passkeys, sessions, links, and keys of
//! devices.
//!
//! Identity is never authority: what a signed-in person may do is decided by
//! [`sekisho_domain::authorise`] from the appointments in force.

pub mod api_token;
pub mod ca;
pub mod counter;
pub mod device_key;
mod guessable;
pub mod link;
pub mod passkey;
pub mod password;
pub mod password_way;
pub mod pending;
pub mod policy;
pub mod rate_limit;
pub mod session;
pub mod sign_in;
pub mod token;
pub mod totp;
pub mod tunnel_session;
pub mod way;
