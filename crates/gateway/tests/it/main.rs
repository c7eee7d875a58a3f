//! Real traffic through a real gateway: client, gateway and system in network namespaces of their
//! own, WireGuard between the first two, and a controller whose tables the test writes.

// A test that fails by panicking has said what it must.
#![allow(clippy::unwrap_used)]

mod conntrack;
mod controller;
mod cut;
mod gone;
mod lab;
mod lease;
mod process;
mod reach;
mod refusal;
mod traffic;
