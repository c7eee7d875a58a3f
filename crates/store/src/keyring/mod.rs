//! The keys: one master key, the system's own keys under it, and one key for every person.
//!
//! ```text
//! master key ── wraps ──► system keys (keys/system.json) ── people ──► person keys (keys/people.sqlite)
//! ```
//!
//! Nothing in `keys/` opens without the master key. Changing the master key re-wraps the system
//! keys only. Forgetting a person destroys that person's key; what was sealed under it, in the
//! ledger and in every copy of the ledger, cannot be read again.

pub mod acme;
pub mod forgotten;
pub mod master;
pub mod people;
pub mod system;

pub use acme::{AcmeKeys, IssuedCertificate};
pub use forgotten::{Forgotten, ForgottenList};
pub use master::{MasterKind, MasterSource, Passphrase};
pub use people::{PeopleKeys, Plain, Sealed};
pub use system::{Keyring, Purpose, SystemKey};
