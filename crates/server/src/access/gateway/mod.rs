//! Gateways as the server sees them: which there are, which tunnels stand, what each of them reaches,
//! and the signed table that says so.
//!
//! A gateway is an entry of the register that names the key of its requests. What it lets
//! through follows from World, posture and time alone; a table is made anew whenever one of them
//! moves, and says nothing that [`decide`](sekisho_rules::decide::decide) does not allow.

mod desk;
mod heard;
mod place;
mod reach;
mod table;
mod tunnels;
mod uses;

pub use desk::{GatewayDesk, GatewaySight, HOLD_MAX, Hello, TableFault};
pub use place::GatewayPlaces;
pub(super) use reach::through_a_tunnel;
pub use reach::{Reached, candidates, reached};
pub use table::{Unlisted, own_address, table_of, wire as on_the_wire};
pub use tunnels::{Addresses, AddressesFull, Tunnelled};
