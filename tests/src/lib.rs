//! Black-box tests against the real binary: how to start it, talk to it and be rid of it.
//!
//! The tests stand in `tests/it/`. They know the program only by its command line, its HTTP
//! surface and its folder.

mod command;
mod http;
mod output;
mod places;
mod server;
mod skip;

pub use command::{Cli, Finished};
pub use http::{Client, Reply};
pub use places::{binary, free_address, root, shared};
pub use server::{Launch, NotStarted, Sekisho};
pub use skip::{leave_out, python};
