//! The HTTP surface in process: no port is opened.

mod agents;
mod gate;
mod house;
mod ledger_files;
mod set_up;
mod sign_in;
mod slow;
mod surface;
