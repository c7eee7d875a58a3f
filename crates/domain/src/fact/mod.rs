//! Facts: what was seen of a subject, in one platform-neutral typed form.
//!
//! Agents, inventory tools and declarations all produce these; only the rules turn them into
//! results, and no rule may ask which collector, package manager or operating system a fact came
//! from. What could not be seen is said with its reason: absence is never a pass.

mod account;
mod network;
mod protection;
mod software;
mod system;

pub use account::{AccountFact, Accounts, LoginEvent, RecentLogins};
pub use network::{JoinedNetwork, Listening, ListeningPort, NetworkMedium, Networks, Transport};
pub use protection::{
    Antivirus, AutomaticUpdates, DiskEncryption, EncryptionLayer, Firewall, ScreenLock, SshDaemon,
    UsbDevice, UsbHistory, Volume, VolumeUse,
};
pub use software::{Package, PackageFormat, Packages, PendingUpdate, PendingUpdates, RebootNeeded};
pub use system::{
    FirmwareSecurity, HardwareForm, Kernel, MachineIdentity, OsFamily, OsRelease, TimeSync,
};

use serde::{Deserialize, Serialize};

use crate::id::DeviceId;
use crate::time::Timestamp;

/// What a fact is about, and what was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum FactValue {
    /// Marks by which the machine can be told from another.
    MachineIdentity(MachineIdentity),
    /// Operating system, edition and version.
    OsRelease(OsRelease),
    /// The running kernel.
    Kernel(Kernel),
    /// Every installed package.
    Packages(Packages),
    /// Updates that the package manager knows of and are not installed.
    PendingUpdates(PendingUpdates),
    /// Whether a restart is needed for installed updates to take effect.
    RebootNeeded(RebootNeeded),
    /// Encryption under every mounted writable file system and swap.
    DiskEncryption(DiskEncryption),
    /// Packet filter of the host.
    Firewall(Firewall),
    /// Ports on which something listens.
    Listening(Listening),
    /// Screen lock settings, or that there is no screen.
    ScreenLock(ScreenLock),
    /// Local accounts.
    Accounts(Accounts),
    /// Settings of the SSH daemon.
    SshDaemon(SshDaemon),
    /// Whether updates install themselves.
    AutomaticUpdates(AutomaticUpdates),
    /// Time synchronisation.
    TimeSync(TimeSync),
    /// Malware protection and the age of its signatures.
    Antivirus(Antivirus),
    /// USB storage attached so far.
    UsbHistory(UsbHistory),
    /// Networks joined so far.
    Networks(Networks),
    /// Secure Boot and TPM.
    FirmwareSecurity(FirmwareSecurity),
    /// Recent sign-ins to the machine.
    RecentLogins(RecentLogins),
}

/// The kinds of fact, one for each variant of [`FactValue`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FactKind {
    /// [`FactValue::MachineIdentity`]
    MachineIdentity,
    /// [`FactValue::OsRelease`]
    OsRelease,
    /// [`FactValue::Kernel`]
    Kernel,
    /// [`FactValue::Packages`]
    Packages,
    /// [`FactValue::PendingUpdates`]
    PendingUpdates,
    /// [`FactValue::RebootNeeded`]
    RebootNeeded,
    /// [`FactValue::DiskEncryption`]
    DiskEncryption,
    /// [`FactValue::Firewall`]
    Firewall,
    /// [`FactValue::Listening`]
    Listening,
    /// [`FactValue::ScreenLock`]
    ScreenLock,
    /// [`FactValue::Accounts`]
    Accounts,
    /// [`FactValue::SshDaemon`]
    SshDaemon,
    /// [`FactValue::AutomaticUpdates`]
    AutomaticUpdates,
    /// [`FactValue::TimeSync`]
    TimeSync,
    /// [`FactValue::Antivirus`]
    Antivirus,
    /// [`FactValue::UsbHistory`]
    UsbHistory,
    /// [`FactValue::Networks`]
    Networks,
    /// [`FactValue::FirmwareSecurity`]
    FirmwareSecurity,
    /// [`FactValue::RecentLogins`]
    RecentLogins,
}

impl FactKind {
    /// Every kind, in the order in which pages show them.
    pub const ALL: [Self; 19] = [
        Self::MachineIdentity,
        Self::OsRelease,
        Self::Kernel,
        Self::Packages,
        Self::PendingUpdates,
        Self::RebootNeeded,
        Self::DiskEncryption,
        Self::Firewall,
        Self::Listening,
        Self::ScreenLock,
        Self::Accounts,
        Self::SshDaemon,
        Self::AutomaticUpdates,
        Self::TimeSync,
        Self::Antivirus,
        Self::UsbHistory,
        Self::Networks,
        Self::FirmwareSecurity,
        Self::RecentLogins,
    ];

    /// The stable code, as in stored forms.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::MachineIdentity => "machine_identity",
            Self::OsRelease => "os_release",
            Self::Kernel => "kernel",
            Self::Packages => "packages",
            Self::PendingUpdates => "pending_updates",
            Self::RebootNeeded => "reboot_needed",
            Self::DiskEncryption => "disk_encryption",
            Self::Firewall => "firewall",
            Self::Listening => "listening",
            Self::ScreenLock => "screen_lock",
            Self::Accounts => "accounts",
            Self::SshDaemon => "ssh_daemon",
            Self::AutomaticUpdates => "automatic_updates",
            Self::TimeSync => "time_sync",
            Self::Antivirus => "antivirus",
            Self::UsbHistory => "usb_history",
            Self::Networks => "networks",
            Self::FirmwareSecurity => "firmware_security",
            Self::RecentLogins => "recent_logins",
        }
    }

    /// Whether it tells of persons: who signed in, where they were, who uses the machine. Reading
    /// it needs a stated purpose (decision 7).
    #[must_use]
    pub const fn is_personal(self) -> bool {
        matches!(self, Self::RecentLogins | Self::Networks | Self::Accounts)
    }

    /// The kind of a code; none for unknown codes.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

impl FactValue {
    /// The kind of this value.
    #[must_use]
    pub const fn kind(&self) -> FactKind {
        match self {
            Self::MachineIdentity(_) => FactKind::MachineIdentity,
            Self::OsRelease(_) => FactKind::OsRelease,
            Self::Kernel(_) => FactKind::Kernel,
            Self::Packages(_) => FactKind::Packages,
            Self::PendingUpdates(_) => FactKind::PendingUpdates,
            Self::RebootNeeded(_) => FactKind::RebootNeeded,
            Self::DiskEncryption(_) => FactKind::DiskEncryption,
            Self::Firewall(_) => FactKind::Firewall,
            Self::Listening(_) => FactKind::Listening,
            Self::ScreenLock(_) => FactKind::ScreenLock,
            Self::Accounts(_) => FactKind::Accounts,
            Self::SshDaemon(_) => FactKind::SshDaemon,
            Self::AutomaticUpdates(_) => FactKind::AutomaticUpdates,
            Self::TimeSync(_) => FactKind::TimeSync,
            Self::Antivirus(_) => FactKind::Antivirus,
            Self::UsbHistory(_) => FactKind::UsbHistory,
            Self::Networks(_) => FactKind::Networks,
            Self::FirmwareSecurity(_) => FactKind::FirmwareSecurity,
            Self::RecentLogins(_) => FactKind::RecentLogins,
        }
    }
}

/// Why a collector could not see what it was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum UnseenReason {
    /// Reading needs more privilege than the collector has.
    NeedsPrivilege {
        /// The file or command that refused.
        what: String,
    },
    /// The source does not exist on this machine and nothing else answers the question.
    SourceMissing {
        /// The file or command looked for.
        what: String,
    },
    /// The source exists and could not be understood.
    Unreadable {
        /// The file or command.
        what: String,
        /// Where in it, as far as known.
        detail: String,
    },
    /// The command did not answer in time.
    TimedOut {
        /// The command.
        what: String,
    },
    /// Inside a container or namespace that hides it from view.
    Hidden {
        /// What hides it.
        what: String,
    },
}

/// Seen, or not seen and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Seen {
    /// What was seen.
    Value(FactValue),
    /// What was looked for and not seen.
    Unseen {
        /// What was looked for.
        kind: FactKind,
        /// Why it could not be seen.
        reason: UnseenReason,
    },
}

impl Seen {
    /// The kind of fact this is about.
    #[must_use]
    pub const fn kind(&self) -> FactKind {
        match self {
            Self::Value(value) => value.kind(),
            Self::Unseen { kind, .. } => *kind,
        }
    }
}

/// A fact as its observer states it: no server has received it yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    /// What was seen, or why nothing was.
    pub seen: Seen,
    /// Where it was read: a file or command of the machine, or a declaration.
    pub source: String,
    /// What the observer would see besides, were it run with more privilege.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partial: Option<UnseenReason>,
    /// When it was read, by the clock of the machine observed.
    pub observed_at: Timestamp,
}

/// A fact as the server holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// The device it is about.
    pub subject: DeviceId,
    /// The observation.
    #[serde(flatten)]
    pub observation: Observation,
    /// When the server received it, by the server's trusted clock. Freshness counts from here.
    pub received_at: Timestamp,
}
