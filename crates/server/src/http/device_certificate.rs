//! What the rest of the server knows of a device's certificate.

use sekisho_domain::id::DeviceId;

/// Marks a request that came over mutual TLS: the device whose certificate was presented, judged
/// by the ledger as it was when the request came. It proves the device and allows nothing: a
/// suspended one is marked as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeviceCertificate(pub DeviceId);
