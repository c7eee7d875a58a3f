//! Break-glass: two officers prove by mail that it is they, and hold the bootstrap officer's
//! powers for an hour (decision 7).
//!
//! The desk asks and checks; the ledger says since when and until when; the reconciler of notices
//! tells those concerned. Nothing here gives a power: that is `domain::authorise` alone.

mod code;
mod desk;
mod letters;
mod notices;

pub use desk::BreakGlassDesk;
pub use notices::{NoticeSettings, Notices};
