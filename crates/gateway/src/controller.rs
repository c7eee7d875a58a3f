//! Where tables come from and reports go to.

use std::time::Duration;

use sekisho_protocol::gateway::{GatewayReport, ReportReceipt};

use crate::error::GatewayError;

/// The server, as a gateway sees it.
pub trait Controller: Send + Sync {
    /// The signed table after the one in force; after 0 while closed, which is answered at once. Waits at the server until there is one, for at most so
    /// long as a lease lets it.
    ///
    /// # Errors
    /// Codes under `uplink`.
    fn table(&self, after: u64, wait: Duration) -> Result<Vec<u8>, GatewayError>;

    /// Hands in what was seen.
    ///
    /// # Errors
    /// Codes under `uplink`.
    fn report(&self, report: &GatewayReport) -> Result<ReportReceipt, GatewayError>;
}
