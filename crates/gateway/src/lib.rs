//! The enforcement point at the line: tunnels, packet filter, and the access table that both follow.
//!
//! Nothing is let through that the newest signed table does not name, and nothing outlives its lease:
//! every element of the packet filter's sets carries a timeout, so that a controller that is gone
//! closes the road by being gone.
//!
//! `plan` and `lease` are pure; `filter`, `conntrack` and the tunnel carry out; `run` holds them
//! together and follows a [`controller::Controller`].

pub mod client;
mod clock;
mod conntrack;
pub mod controller;
mod error;
pub mod filter;
pub mod lease;
mod masquerade;
pub mod plan;
pub mod run;
mod state;
mod usage;

pub use error::GatewayError;
pub use run::{Event, Gateway, Options, Stop};
pub use sekisho_tunnel::InterfaceName;
pub use sekisho_uplink::{FirstTrust, UplinkError};
