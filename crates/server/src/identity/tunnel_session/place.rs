//! Where a device meets a gateway. Which gateways there are is not this module's to know.

use sekisho_domain::code::Reason;
pub use sekisho_protocol::tunnel::TunnelPlace;

use super::desk::OpenTunnel;

/// No place can be given now. The session stays open, and the device asks again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.code)]
pub struct Unplaced(pub Reason);

/// Gives a device that has an open session its place at a gateway.
pub trait TunnelPlaces: Send + Sync {
    /// The place of a session: the same one each time for as long as the session lasts.
    ///
    /// # Errors
    /// [`Unplaced`].
    fn place(&self, session: &OpenTunnel) -> Result<TunnelPlace, Unplaced>;
}
