//! Advisories: feeds of known vulnerabilities and support ends, and their match against packages.
//!
//! A feed's bytes go in at [`import::import`], which recognises the format by content and gives
//! typed records with the date the data is of. [`index::Index`] joins them; [`matching`] compares
//! a host's packages with the index; [`judge`] turns matches and feed freshness into a judgement,
//! in which a stale feed may still prove a failure but never a pass.
//!
//! Nothing here reads a clock, a file or the network: the caller gives readers and times.

pub mod changelog;
pub mod cve;
pub mod day;
pub mod debian;
pub mod distro_info;
pub mod endoflife;
pub mod epss;
pub mod error;
pub mod feed;
mod guard;
pub mod import;
pub mod index;
pub mod judge;
pub mod kev;
pub mod lifecycle;
pub mod matching;
pub mod memo;
pub mod package;
mod packages_index;
pub mod pending;
pub mod release;
mod sniff;
pub mod support;
mod tracker;
pub mod unpack;
pub mod version;
