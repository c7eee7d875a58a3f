//! The single writer, the HTTP surface and the console.

pub mod app;
pub mod console;
pub mod http;
pub mod identity;
