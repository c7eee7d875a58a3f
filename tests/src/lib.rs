//! Black-box tests against the real binary: how to start it, talk to it and be rid of it.
//!
//! The tests stand in `tests/it/`. They know the program only by its command line, its HTTP
//! surface and its folder.

mod command;
mod http;
mod namespace;
mod newcomer;
mod output;
mod places;
mod relay;
mod running;
mod server;
mod skip;
mod smtp_peer;
mod step;
mod words;

pub use command::{Cli, Finished};
pub use http::{Client, Reply};
pub use namespace::{Namespace, mark, no_namespaces};
pub use newcomer::{LOGIN, PASSWORD, between, hidden};
pub use places::{binary, free_address, root, shared};
pub use relay::{Mail, Relay};
pub use running::Running;
pub use server::{Launch, NotStarted, Sekisho};
pub use skip::{browser, installed, leave_out, python};
pub use smtp_peer::{PeerMail, SmtpPeer};
pub use step::wrong_clock;
pub use words::said_for_people;
