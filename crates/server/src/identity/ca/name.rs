//! The one name in a device's certificate: a URI that holds its id.

use sekisho_domain::id::DeviceId;

/// What the URI begins with; the id follows.
pub const DEVICE_URI: &str = "sekisho:device/";

/// The URI of a device.
#[must_use]
pub fn uri_of(device: DeviceId) -> String {
    format!("{DEVICE_URI}{device}")
}

/// The device that a URI names; none for every text that [`uri_of`] would not write.
#[must_use]
pub fn device_of(uri: &str) -> Option<DeviceId> {
    let device: DeviceId = uri.strip_prefix(DEVICE_URI)?.parse().ok()?;
    // One device must not go by two names.
    (uri_of(device) == uri).then_some(device)
}
