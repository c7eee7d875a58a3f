//! Facts about what protects the machine and what is on it.

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// What a volume is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VolumeUse {
    /// A writable file system.
    FileSystem,
    /// Swap space.
    Swap,
    /// The boot or EFI partition, which firmware must read.
    Boot,
}

/// What encrypts a volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EncryptionLayer {
    /// LUKS below it.
    Luks,
    /// Plain dm-crypt below it (encrypted swap with a random key).
    DmCrypt,
    /// The file system's own encryption (ZFS, ext4 fscrypt over the whole).
    Native,
    /// Not on a disk at all (zram, tmpfs).
    Memory,
    /// Nothing encrypts it.
    None,
    /// The layers below it could not be followed.
    Unknown,
}

/// One mounted volume.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Volume {
    /// Where it is mounted, or the swap device.
    pub mount: String,
    /// The block device below it.
    pub device: String,
    /// What it is used for.
    pub used_for: VolumeUse,
    /// What encrypts it.
    pub layer: EncryptionLayer,
}

/// Encryption under every mounted writable file system and swap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiskEncryption {
    /// The volumes, by mount point. Memory file systems are left out.
    pub volumes: Vec<Volume>,
}

/// Packet filter of the host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Firewall {
    /// The filter in use (`nftables`, `iptables`, `ufw`, `firewalld`); none when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// Whether inbound connections are refused unless a rule allows them.
    pub inbound_default_deny: bool,
    /// How many rules are loaded or configured.
    pub rules: u32,
    /// Whether this is what the kernel enforces now, or only what is configured.
    pub enforced: bool,
}

/// Screen lock settings, or that there is no screen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ScreenLock {
    /// No graphical session can run here.
    Headless,
    /// A desktop, and what it is set to.
    Desktop {
        /// The desktop (`gnome`, `kde`).
        desktop: String,
        /// Whether the screen locks by itself.
        enabled: bool,
        /// Seconds without input until it locks; none when it never does.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        idle_seconds: Option<u32>,
        /// Whether users can change it, or policy holds it.
        locked_by_policy: bool,
    },
}

/// Settings of the SSH daemon.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SshDaemon {
    /// Whether it is installed.
    pub installed: bool,
    /// Whether it runs now; none where processes cannot be seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub running: Option<bool>,
    /// Whether passwords are accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_authentication: Option<bool>,
    /// Setting of `PermitRootLogin`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permit_root_login: Option<String>,
    /// Whether empty passwords are accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permit_empty_passwords: Option<bool>,
}

/// Whether updates install themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AutomaticUpdates {
    /// What would install them; none where nothing would.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mechanism: Option<String>,
    /// Whether it is switched on.
    pub enabled: bool,
    /// Whether it installs security updates in particular.
    pub security: bool,
}

/// Malware protection and the age of its signatures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Antivirus {
    /// The product; none where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<String>,
    /// Whether it scans on access or its daemon runs.
    pub active: bool,
    /// When its signatures were last updated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signatures_at: Option<Timestamp>,
}

/// A USB storage device attached now or earlier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsbDevice {
    /// Vendor id in hex.
    pub vendor: String,
    /// Product id in hex.
    pub product: String,
    /// Serial number it states.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// Name it states.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// When it was last attached; none when that is not recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen: Option<Timestamp>,
    /// Whether it is attached now.
    pub attached: bool,
}

/// USB storage attached so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsbHistory {
    /// The devices seen.
    pub devices: Vec<UsbDevice>,
    /// How far back the record goes; none when only what is attached now can be seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
}
