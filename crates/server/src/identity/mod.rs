//! Who is at the other end: passwords, one-time codes, sessions, links, and keys of devices.
//!
//! Identity is never authority: what a signed-in person may do is decided by
//! [`sekisho_domain::authorise`] from the appointments in force.

pub mod api_token;
pub mod device_key;
pub mod link;
pub mod password;
pub mod pending;
pub mod policy;
pub mod rate_limit;
pub mod session;
pub mod sign_in;
pub mod token;
pub mod totp;
