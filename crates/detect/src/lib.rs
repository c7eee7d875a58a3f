//! Detection: what is wrong with what is installed, and which outside services are used. Pure: bytes and values in, values out.

pub mod advisory;
pub mod discovery;
