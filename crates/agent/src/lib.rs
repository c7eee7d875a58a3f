//! The endpoint: collectors, identity, reports.
//!
//! Collectors read through a [`host::Host`], which is either this machine or a recorded tree, and
//! turn what they find into the typed facts of the domain. The device's key is made here and
//! never leaves; every report is signed with it.

pub mod collect;
pub mod host;
