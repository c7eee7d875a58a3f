//! Gateways as the server sees them: which there are, which tunnels stand, what each of them reaches,
//! and the signed table that says so.
//!
//! A gateway is an entry of the register that names the key of its requests. What it lets
//! through follows from World, posture and time alone; a table is made whenever one of them moves, by
//! asking about those anew whom it concerns (an answer that is another one than before goes into the log of
//! decisions), and says nothing that [`decide`](sekisho_rules::decide::decide) does not allow.

mod answers;
mod bounds;
mod carrier;
mod desk;
mod heard;
mod path;
mod place;
mod reach;
mod shared;
mod standing;
mod table;
mod tunnels;
mod uses;
mod worst;

pub use answers::{Answers, Given, KEPT_FOR};
pub use bounds::{LeftOut, Share};
pub use desk::{GatewayDesk, GatewaySight, HOLD_MAX, Hello, TableFault};
pub use path::PathSeen;
pub use place::GatewayPlaces;
pub use reach::{
    Asked, Openness, Reached, asked, bounded, candidates_now, is_permitted, openness, reached,
    reached_by, through_a_tunnel, told,
};
pub use shared::PassedTo;
pub use standing::{GatewayStanding, Standing};
pub use table::{Unlisted, own_address, table_of, table_with, wire as on_the_wire};
pub use tunnels::{Addresses, AddressesFull, Tunnelled};
