//! Threads of a gateway at work.

use std::thread::{Builder, JoinHandle};

use crate::error::GatewayError;

/// Begins one.
pub(super) fn spawn(
    name: &str,
    work: impl FnOnce() + Send + 'static,
) -> Result<JoinHandle<()>, GatewayError> {
    Builder::new()
        .name(name.to_owned())
        .spawn(work)
        .map_err(|error| GatewayError::System {
            detail: error.to_string(),
        })
}
