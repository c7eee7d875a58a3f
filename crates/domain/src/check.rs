//! Checks of a device: the columns of the posture.

use serde::{Deserialize, Serialize};

use crate::code::Reason;
use crate::device::StateSource;
use crate::time::{Span, Timestamp};

/// How long a declaration counts after the server received it. Our own policy: long enough that people
/// are not asked for a word every week, short enough that a month's updates do not pass unasked.
pub const DECLARATION_FRESH: Span = Span::days(30);

/// What came of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// As it should be.
    Pass,
    /// Not as it should be.
    Fail,
    /// Not known. Never a pass.
    Unknown,
}

impl Outcome {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Unknown => "unknown",
        }
    }

    /// The outcome of a code; none for unknown codes.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Pass, Self::Fail, Self::Unknown]
            .into_iter()
            .find(|outcome| outcome.code() == code)
    }
}

/// A check that every device is put to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceCheck {
    /// The operating system's release still gets security support.
    OsSupported,
    /// No security update of the operating system waits, and its metadata is fresh.
    SecurityUpdates,
    /// No restart is outstanding for updates to take effect.
    RestartDone,
    /// No installed package has an open vulnerability with a fix, none is known exploited.
    Advisories,
    /// Every writable volume and swap is encrypted.
    DiskEncryption,
    /// The screen locks by itself, soon enough.
    ScreenLock,
    /// Inbound connections are refused unless allowed.
    Firewall,
    /// Updates install themselves.
    AutomaticUpdates,
    /// The clock is synchronised.
    TimeSync,
    /// Malware protection runs with fresh signatures.
    Antivirus,
    /// Accounts: no empty passwords, root not open to passwords over the network.
    Accounts,
    /// Started through Secure Boot.
    SecureBoot,
    /// No forbidden software is installed or running, by the register (8.1.1(3)(d)).
    SoftwareDenied,
    /// What is installed stands on the list of allowed software or is permitted (8.1.1(3)(d)).
    SoftwareAllowed,
    /// No storage is attached that is neither registered nor permitted (8.1.1(3)(e)).
    Peripherals,
    /// No line was joined that is neither registered nor permitted (8.1.1(3)(b)).
    Lines,
}

impl DeviceCheck {
    /// Every check, in the order of pages and posture columns. New ones go to the end.
    pub const ALL: [Self; 16] = [
        Self::OsSupported,
        Self::SecurityUpdates,
        Self::RestartDone,
        Self::Advisories,
        Self::DiskEncryption,
        Self::ScreenLock,
        Self::Firewall,
        Self::AutomaticUpdates,
        Self::TimeSync,
        Self::Antivirus,
        Self::Accounts,
        Self::SecureBoot,
        Self::SoftwareDenied,
        Self::SoftwareAllowed,
        Self::Peripherals,
        Self::Lines,
    ];

    /// How many checks there are.
    pub const COUNT: usize = Self::ALL.len();

    /// The column of this check in the posture.
    #[must_use]
    pub const fn column(self) -> usize {
        self as usize
    }

    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::OsSupported => "os_supported",
            Self::SecurityUpdates => "security_updates",
            Self::RestartDone => "restart_done",
            Self::Advisories => "advisories",
            Self::DiskEncryption => "disk_encryption",
            Self::ScreenLock => "screen_lock",
            Self::Firewall => "firewall",
            Self::AutomaticUpdates => "automatic_updates",
            Self::TimeSync => "time_sync",
            Self::Antivirus => "antivirus",
            Self::Accounts => "accounts",
            Self::SecureBoot => "secure_boot",
            Self::SoftwareDenied => "software_denied",
            Self::SoftwareAllowed => "software_allowed",
            Self::Peripherals => "peripherals",
            Self::Lines => "lines",
        }
    }

    /// The checks of the catalogue that rest on it; none where no row asks for it by itself.
    #[must_use]
    pub const fn catalogued(self) -> &'static [&'static str] {
        match self {
            Self::OsSupported | Self::RestartDone => &["CK-OS-CURRENT"],
            Self::SecurityUpdates => &["CK-OS-CURRENT", "CK-VULN"],
            Self::Advisories => &["CK-VULN"],
            Self::DiskEncryption => &["CK-DEV-ENC"],
            Self::ScreenLock | Self::Accounts => &["CK-LOCK"],
            Self::SoftwareDenied => &["CK-SW-DENY"],
            Self::SoftwareAllowed => &["CK-SW-ALLOW"],
            Self::Peripherals => &["CK-PERIPH"],
            Self::Lines => &["CK-LINE-OK"],
            Self::Firewall
            | Self::AutomaticUpdates
            | Self::TimeSync
            | Self::Antivirus
            | Self::SecureBoot => &[],
        }
    }

    /// The check of a code; none for unknown codes.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|check| check.code() == code)
    }

    /// What a later report says of the time before it. Releases, installed updates and packages and
    /// the restart that puts them into effect add up; settings and protections come and go.
    #[must_use]
    pub const fn continuance(self) -> Continuance {
        match self {
            Self::OsSupported | Self::SecurityUpdates | Self::RestartDone | Self::Advisories => {
                Continuance::Cumulative
            }
            Self::DiskEncryption
            | Self::ScreenLock
            | Self::Firewall
            | Self::AutomaticUpdates
            | Self::TimeSync
            | Self::Antivirus
            | Self::Accounts
            | Self::SecureBoot
            | Self::SoftwareDenied
            | Self::SoftwareAllowed
            | Self::Peripherals
            | Self::Lines => Continuance::Momentary,
        }
    }

    /// Whether a result of this check that is unknown makes a device unknown as a whole. The list of
    /// allowed software and the register of lines are the organisation's to write: until they say what
    /// systems consist of and which lines there are, the row says so, and lists of devices still tell
    /// which devices are in the dark.
    #[must_use]
    pub const fn unknown_weighs(self) -> bool {
        !matches!(self, Self::SoftwareAllowed | Self::Lines)
    }

    /// Whether a person who holds the device can tell of it by what the device shows. Of everything
    /// else on a device whose state is declared nobody knows.
    #[must_use]
    pub const fn is_declarable(self) -> bool {
        matches!(
            self,
            Self::OsSupported
                | Self::SecurityUpdates
                | Self::RestartDone
                | Self::DiskEncryption
                | Self::ScreenLock
        )
    }

    /// Whether the check can be put to a device whose state is told in this way.
    #[must_use]
    pub const fn is_told_by(self, source: StateSource) -> bool {
        match source {
            StateSource::Observed => true,
            StateSource::Declared => self.is_declarable(),
        }
    }

    /// How long a result stays fresh after the server received the observations it rests on. Our own
    /// policy, not the notices'.
    #[must_use]
    pub const fn freshness(self) -> Span {
        match self {
            Self::OsSupported | Self::DiskEncryption | Self::SecureBoot => Span::days(7),
            _ => Span::days(3),
        }
    }

    /// The same for what is told in this way.
    #[must_use]
    pub const fn freshness_of(self, source: StateSource) -> Span {
        match source {
            StateSource::Observed => self.freshness(),
            StateSource::Declared => DECLARATION_FRESH,
        }
    }
}

/// What a later report says of the time before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Continuance {
    /// The state adds up: what was installed stays, so that a later report shows all that happened
    /// since the one before. It closes a stretch that went unobserved; the stretch stays part of
    /// the finding.
    Cumulative,
    /// The state comes and goes: a later report says nothing of the time before it, and a stretch
    /// that went unobserved stays open until it has left the period.
    Momentary,
}

/// The result of one check on one device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckResult {
    /// What came of it.
    pub outcome: Outcome,
    /// Why.
    pub reason: Reason,
    /// When the oldest fact it rests on was observed, by the device's clock.
    pub observed_at: Timestamp,
    /// When the server received the oldest fact it rests on.
    pub received_at: Timestamp,
    /// From this instant on the result is `unknown`, by comparing times alone.
    pub fresh_until: Timestamp,
}
