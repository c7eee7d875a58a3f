//! The device's end of the tunnel.
//!
//! The running agent holds it: it makes the WireGuard key, asks the server, brings the interface up
//! once a person has said yes, keeps it in step with the session, and takes it down. Whoever sits at
//! the device tells it so through a socket in the state folder, which only the folder's owner opens.

mod desk;
mod door;
mod interface;
mod keeper;
mod sight;
mod silence;

pub use sekisho_tunnel::InterfaceName;

use crate::agent::Agent;
use crate::error::AgentError;

pub use door::{Sights, ask};
pub use sight::{Quiet, Refusal, SystemSight, TunnelAct, TunnelSight, Unheard};

use desk::TunnelDesk;
use door::Door;
use keeper::Keeper;

/// The interface where no other name is given.
pub const INTERFACE: &str = "sekisho1";

/// Runs `work`, and beside it the tunnel, until `work` ends; then the interface is taken away. The
/// session stays at the server until its end, so that an agent that starts again takes it up.
///
/// # Errors
/// The socket cannot be made; then `work` has not begun.
pub fn beside<T>(
    agent: &Agent,
    interface: &InterfaceName,
    told: impl Fn(&TunnelSight) + Send,
    work: impl FnOnce() -> T,
) -> Result<T, AgentError> {
    let door = Door::open(&agent.state)?;
    let desk = TunnelDesk::default();
    // Ends both threads however `work` ends.
    let closing = Closing(&desk, &door);
    Ok(std::thread::scope(|scope| {
        let _closing = closing;
        scope.spawn(|| door.serve(&desk));
        scope.spawn(|| Keeper::new(agent, interface, &desk).keep(told));
        work()
    }))
}

struct Closing<'a>(&'a TunnelDesk, &'a Door);

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        self.0.close();
        self.1.wake();
    }
}
