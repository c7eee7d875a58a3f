//! How agent and gateway speak to their server: its address, by which authorities it is known, and
//! requests over HTTP and, wherever they leave this machine, TLS. What is said over it is theirs.

mod error;
mod line;
mod server_url;
mod trust;

pub use error::UplinkError;
pub use line::{Ask, Line, Presented};
pub use server_url::ServerUrl;
pub use trust::{FirstTrust, Trust};
