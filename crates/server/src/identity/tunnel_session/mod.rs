//! Sessions of tunnels: device and person together (decision 10).
//!
//! A session ties three things: the device, which signs every question; the WireGuard key, which
//! the device made for it; and the person, who was signed in when he said yes. There is no token
//! beside these: the session's id is worth nothing without the device's key.
//!
//! What is stored says who said yes and until when. Whether a session is open is asked anew each
//! time ([`judge`]): the account may be closed, the device suspended, meanwhile.

mod code;
mod desk;
mod judge;
mod place;
mod wireguard_key;

pub use code::UserCode;
pub use desk::{DeskError, OpenTunnel, POLL_EVERY, Waiting, Wish};
pub use desk::{confirm, end, end_own, open_of, open_sessions, refuse, request, state, waiting};
pub use judge::{Ended, Known, LONGEST, State, judge, may_use};
pub use place::{TunnelPlaces, Unplaced};
pub use wireguard_key::WireGuardKey;
