//! WireGuard as both ends use it: an interface, its key and its peers, by the kernel where it has
//! the protocol and by a program of our own process otherwise. One code path for agent and gateway.
//!
//! ```no_run
//! # fn main() -> Result<(), sekisho_tunnel::TunnelError> {
//! use sekisho_tunnel::{Config, InterfaceName, PrivateKey, Tunnel};
//!
//! let key = PrivateKey::load_or_make("/var/lib/sekisho/gateway/wireguard.key".as_ref())?;
//! let tunnel = Tunnel::open(
//!     &Config {
//!         name: InterfaceName::parse("sekisho0")?,
//!         address: std::net::IpAddr::from([10, 9, 0, 1]),
//!         prefix: 16,
//!         listen_port: Some(51_820),
//!         mtu: Config::MTU,
//!     },
//!     &key,
//! )?;
//! tunnel.sync(&[])?;
//! # Ok(())
//! # }
//! ```

mod error;
mod interface_name;
mod key;
mod peer;
pub mod private_file;
mod reconcile;
mod tunnel;

pub use error::TunnelError;
pub use interface_name::InterfaceName;
pub use key::{PrivateKey, PublicKey};
pub use peer::{Peer, PeerState};
pub use reconcile::Changes;
pub use tunnel::{Config, Kind, Tunnel};
