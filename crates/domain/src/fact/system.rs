//! Facts about the machine and its operating system.

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// The shape of the hardware, as far as it says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HardwareForm {
    /// Laptop, notebook, convertible.
    Portable,
    /// Tablet or phone.
    Handheld,
    /// Desktop, tower, all-in-one.
    Desktop,
    /// Rack, blade, other servers.
    Server,
    /// A virtual machine.
    Virtual,
    /// A container on some host.
    Container,
    /// The hardware does not say.
    Unstated,
}

/// Marks by which the machine can be told from another. Never used to identify a device, only to
/// raise a clone finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MachineIdentity {
    /// The host name; bytes that are not UTF-8 are written as `\xNN`.
    pub host_name: String,
    /// SHA-256 of the operating system's machine id, in hex: comparable, and not the id itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine_id_digest: Option<String>,
    /// Serial number of the hardware.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// Maker of the hardware.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor: Option<String>,
    /// Model of the hardware.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Shape of the hardware.
    pub form: HardwareForm,
}

/// The large families of operating systems.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OsFamily {
    /// Linux distributions.
    Linux,
    /// Microsoft Windows.
    Windows,
    /// Apple macOS.
    MacOs,
    /// Apple iOS and iPadOS.
    Ios,
    /// Android.
    Android,
    /// Anything else.
    Other,
}

/// Operating system, edition and version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OsRelease {
    /// The family.
    pub family: OsFamily,
    /// The product in lower case, as `os-release` ID has it: `debian`, `rhel`, `alpine`.
    pub product: String,
    /// The release: `12`, `9.4`, `3.20.1`; empty where the product rolls.
    pub version: String,
    /// The release's code name where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub codename: Option<String>,
    /// The name for people.
    pub pretty: String,
    /// Whether protection that its maker built in was broken open (jailbreak, root, an unlocked boot
    /// loader), where that can be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<bool>,
}

/// The running kernel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kernel {
    /// Release as the kernel states it.
    pub release: String,
    /// When the machine was started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub booted_at: Option<Timestamp>,
    /// The newest installed kernel's release, where kernels are installed here at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newest_installed: Option<String>,
}

/// Time synchronisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeSync {
    /// The service that keeps the clock, where one is installed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// Whether that service runs or is set to run.
    pub active: bool,
    /// Whether the clock is known to be synchronised; none when nothing says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub synchronised: Option<bool>,
}

/// Secure Boot and TPM.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirmwareSecurity {
    /// Whether the machine was started by UEFI.
    pub uefi: bool,
    /// Whether Secure Boot is on; none where the firmware has no such thing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secure_boot: Option<bool>,
    /// Version of the TPM (`2.0`, `1.2`); none where there is no TPM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tpm: Option<String>,
}
