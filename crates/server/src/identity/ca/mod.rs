//! The server's own small certificate authority.
//!
//! One key of the keyring (`certificate-authority`) certifies two things: the names of this site,
//! and the keys that devices made at their enrolment (decision 10). A device's certificate says
//! `sekisho:device/<id>` and nothing else: whose device it is, and whether it may do anything, the
//! ledger says at each request, so that no list of revoked certificates is needed.
//!
//! Everything here is pure: keys, serial numbers and the time are given by the caller.

mod authorities;
mod authority;
mod judge;
mod lifetime;
mod name;

pub use authorities::{Authorities, AuthorityStands, INTRODUCTION};
pub use authority::{Authority, CaError, key_identifier};
pub use judge::{Chain, Standing, Stated, Unfit, judge};
pub use lifetime::{Lifetime, Validity};
pub use name::{DEVICE_URI, device_of, uri_of};

#[cfg(test)]
mod tests;
