//! The shell's way to the server: the same answers whether it runs or not (decision 8).

mod access_rules;
mod answer;
mod certificate;
mod enrolment;
mod frame;
mod service_use;
mod socket;
mod tables;

pub(crate) use answer::command_failure;
pub use answer::{Desk, assess_reading, rows};
pub use frame::{FrameError, exchange, exchange_watching};
pub use socket::{AdminSocket, SocketError};
