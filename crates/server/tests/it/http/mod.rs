//! The HTTP surface in process: no port is opened.

mod agents;
mod arrivals;
mod attest;
mod compared;
mod current;
mod desk;
mod device_life;
mod gate;
pub mod house;
mod imports;
mod issue_list;
mod ledger_files;
mod passkeys;
mod people;
mod permit_section;
mod permits;
mod personal;
mod registers;
mod roster_pages;
mod rosters;
mod set_up;
mod sign_in;
mod slow;
mod structure;
mod surface;
mod tls;
mod tunnels;
