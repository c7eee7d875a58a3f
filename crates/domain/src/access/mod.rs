//! Access as far as it is a matter of record: what the decision point answered and who asks it, and
//! tunnels that an officer cut off.

mod asker;
mod cut;
mod record;

pub use asker::{Asker, NoAsker, ProxyDoor};
pub use cut::{CUT_MAX, Cut, CutScope, CutTunnel, Cuts, KnownCut};
pub use record::{ACCESS_RECORDS_MAX, AccessRecord};
