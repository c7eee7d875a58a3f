//! Detection: what is wrong with what is installed. Pure: bytes and values in, values out.

pub mod advisory;
