//! Machines: what a device is, what is wrong with it, and the report that it would send.

pub(crate) mod catalogue;
mod networking;
mod protection;
mod software;
mod system;

use base64ct::{Base64UrlUnpadded, Encoding};
use p256::ecdsa::Signature;
use p256::ecdsa::SigningKey;
use p256::ecdsa::signature::Signer;
use sekisho_domain::device::{DeviceClass, DeviceKey};
use sekisho_domain::fact::{FactKind, FactValue, Observation, Seen, UnseenReason};
use sekisho_domain::time::{Span, Timestamp};
use sekisho_protocol::agent::Report;
use serde::{Deserialize, Serialize};

use crate::random::SplitMix64;

pub(crate) use protection::{MEDIA, medium_serial};

/// The system that runs on a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Platform {
    /// Debian 12 with GNOME.
    Debian12Gnome,
    /// Debian 12 with KDE Plasma.
    Debian12Kde,
    /// Ubuntu 24.04 with GNOME.
    Ubuntu2404,
    /// Red Hat Enterprise Linux 9 with GNOME.
    Rhel9,
    /// Windows 11 as a later agent would report it.
    Windows11,
    /// Debian 10: no more support.
    Debian10,
    /// Ubuntu 18.04: no more support without contract.
    Ubuntu1804,
    /// Windows 10 22H2: no more support without contract.
    Windows10,
}

/// What is wrong with a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// Nothing on the disk is encrypted.
    DiskPlain,
    /// Swap is not encrypted.
    SwapPlain,
    /// The screen never locks.
    LockOff,
    /// The screen locks too late.
    LockLate,
    /// No packet filter.
    FirewallOpen,
    /// Security updates wait.
    UpdatesWait,
    /// Update metadata has not been fetched for weeks.
    MetadataOld,
    /// A restart is outstanding.
    RestartDue,
    /// Updates do not install themselves.
    AutomaticOff,
    /// The clock is not synchronised.
    ClockLoose,
    /// No malware protection.
    AntivirusNone,
    /// Signatures are weeks old.
    AntivirusOld,
    /// An account has an empty password.
    PasswordEmpty,
    /// Root may sign in over the network with a password.
    RootOverNetwork,
    /// Secure Boot is off.
    SecureBootOff,
}

/// Each fault and how many issued machines in a thousand have it. People's own have it twice as
/// often.
const FAULTS: [(Fault, u32); 15] = [
    (Fault::DiskPlain, 25),
    (Fault::SwapPlain, 15),
    (Fault::LockOff, 20),
    (Fault::LockLate, 30),
    (Fault::FirewallOpen, 25),
    (Fault::UpdatesWait, 80),
    (Fault::MetadataOld, 25),
    (Fault::RestartDue, 60),
    (Fault::AutomaticOff, 40),
    (Fault::ClockLoose, 15),
    (Fault::AntivirusNone, 20),
    (Fault::AntivirusOld, 30),
    (Fault::PasswordEmpty, 5),
    (Fault::RootOverNetwork, 8),
    (Fault::SecureBootOff, 40),
];

/// How many in a thousand run what, for issued machines and for people's own.
const PLATFORMS: [(Platform, u32, u32); 8] = [
    (Platform::Debian12Gnome, 520, 220),
    (Platform::Debian12Kde, 180, 130),
    (Platform::Ubuntu2404, 140, 250),
    (Platform::Rhel9, 80, 20),
    (Platform::Windows11, 50, 280),
    (Platform::Debian10, 10, 20),
    (Platform::Ubuntu1804, 10, 30),
    (Platform::Windows10, 10, 50),
];

/// How many machines in a thousand have never reported.
const SILENT: u32 = 30;
/// How many machines in a thousand cannot see one of the facts.
const BLIND: u32 = 40;
/// What such a machine may not see.
const BLIND_TO: [FactKind; 5] = [
    FactKind::DiskEncryption,
    FactKind::Accounts,
    FactKind::Firewall,
    FactKind::ScreenLock,
    FactKind::PendingUpdates,
];

/// One machine, made by chance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    /// Its number in the ministry.
    pub number: u32,
    /// Whose it is.
    pub class: DeviceClass,
    /// What runs on it.
    pub platform: Platform,
    /// How far its packages are behind: 0 not at all, 1 somewhat, 2 far.
    pub behind: u32,
    /// Whether development tools are installed.
    pub develops: bool,
    /// What is wrong with it.
    pub faults: Vec<Fault>,
    /// A kind of fact that it cannot see.
    pub blind_to: Option<FactKind>,
    /// Whether it never reports.
    pub silent: bool,
    /// Where its details and its key come from.
    source: u64,
}

impl Machine {
    /// A machine of chance.
    #[must_use]
    pub fn draw(random: &mut SplitMix64, number: u32, class: DeviceClass) -> Self {
        let own = class == DeviceClass::Byod;
        let platform = platform(random.below(1000), own);
        let faults: Vec<Fault> = FAULTS
            .iter()
            .filter(|(_, often)| random.chance(if own { often * 2 } else { *often }))
            .map(|(fault, _)| *fault)
            .filter(|fault| !(own && *fault == Fault::MetadataOld))
            .collect();
        let behind = if faults.contains(&Fault::UpdatesWait) {
            1 + random.below(2)
        } else {
            0
        };
        let develops = random.chance(120);
        // Of people's own devices only those are let in that report and know their updates: so
        // that the demonstration has rows that are confirmed, too.
        let blind_to = if random.chance(BLIND) {
            let kind = random.pick(&BLIND_TO).copied();
            kind.filter(|kind| !(own && *kind == FactKind::PendingUpdates))
        } else {
            None
        };
        let silent = random.chance(SILENT) && !own;
        let source = random.next();
        Self {
            number,
            class,
            platform,
            behind,
            develops,
            faults,
            blind_to,
            silent,
            source,
        }
    }

    /// Whether something is wrong with it.
    #[must_use]
    pub fn has(&self, fault: Fault) -> bool {
        self.faults.contains(&fault)
    }

    /// A stream of details of its own for each topic.
    fn details(&self, topic: &str) -> SplitMix64 {
        SplitMix64::fork(self.source, topic, 0)
    }

    /// The machine's private key. It follows from the seed: good for a demonstration only.
    #[must_use]
    pub fn key(&self) -> SigningKey {
        let mut random = self.details("key");
        loop {
            // All but about one in 2^32 draws are keys.
            if let Ok(key) = SigningKey::from_slice(&random.bytes::<32>()) {
                return key;
            }
        }
    }

    /// The public key, as it is enrolled.
    #[must_use]
    pub fn public_key(&self) -> DeviceKey {
        let point = self.key().verifying_key().to_sec1_point(true);
        DeviceKey::try_from(Base64UrlUnpadded::encode_string(point.as_bytes()))
            .expect("a compressed point is 33 bytes, 44 characters of base64url")
    }

    /// Signs what a request signs, base64url of the fixed form.
    #[must_use]
    pub fn sign(&self, input: &[u8]) -> String {
        let signature: Signature = self.key().sign(input);
        Base64UrlUnpadded::encode_string(&signature.to_bytes())
    }

    /// What the machine would report at an instant of the server's clock, one observation for
    /// each kind of fact. Its own clock runs a few seconds beside.
    #[must_use]
    pub fn report(&self, now: Timestamp) -> Report {
        let skew = self.details("clock").below(5);
        let at = now.before(Span::seconds(skew));
        let observations = FactKind::ALL
            .into_iter()
            .map(|kind| Observation {
                seen: self.seen(kind, at),
                source: self.platform.source(kind).to_owned(),
                partial: None,
                observed_at: at,
            })
            .collect();
        let agent = concat!("demo/", env!("CARGO_PKG_VERSION")).to_owned();
        Report {
            agent,
            observed_at: at,
            observations,
        }
    }

    fn seen(&self, kind: FactKind, at: Timestamp) -> Seen {
        if self.blind_to == Some(kind) {
            let what = self.platform.source(kind).to_owned();
            let reason = if kind == FactKind::ScreenLock {
                UnseenReason::SourceMissing { what }
            } else {
                UnseenReason::NeedsPrivilege { what }
            };
            return Seen::Unseen { kind, reason };
        }
        Seen::Value(match kind {
            FactKind::MachineIdentity => FactValue::MachineIdentity(self.identity()),
            FactKind::OsRelease => FactValue::OsRelease(self.platform.release()),
            FactKind::Kernel => FactValue::Kernel(self.kernel(at)),
            FactKind::Packages => FactValue::Packages(self.packages()),
            FactKind::PendingUpdates => FactValue::PendingUpdates(self.pending(at)),
            FactKind::RebootNeeded => FactValue::RebootNeeded(self.restart()),
            FactKind::DiskEncryption => FactValue::DiskEncryption(self.disk()),
            FactKind::Firewall => FactValue::Firewall(self.firewall()),
            FactKind::Listening => FactValue::Listening(self.listening()),
            FactKind::ScreenLock => FactValue::ScreenLock(self.screen_lock()),
            FactKind::Accounts => FactValue::Accounts(self.accounts()),
            FactKind::SshDaemon => FactValue::SshDaemon(self.ssh()),
            FactKind::AutomaticUpdates => FactValue::AutomaticUpdates(self.automatic()),
            FactKind::TimeSync => FactValue::TimeSync(self.time_sync()),
            FactKind::Antivirus => FactValue::Antivirus(self.antivirus(at)),
            FactKind::UsbHistory => FactValue::UsbHistory(self.usb(at)),
            FactKind::Networks => FactValue::Networks(self.networks(at)),
            FactKind::FirmwareSecurity => FactValue::FirmwareSecurity(self.firmware()),
            FactKind::RecentLogins => FactValue::RecentLogins(self.logins(at)),
        })
    }
}

fn platform(mut draw: u32, own: bool) -> Platform {
    for (platform, issued, byod) in PLATFORMS {
        let share = if own { byod } else { issued };
        if draw < share {
            return platform;
        }
        draw -= share;
    }
    Platform::Debian12Gnome
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shares_of_platforms_are_whole() {
        let sums = PLATFORMS
            .iter()
            .fold((0, 0), |sum, row| (sum.0 + row.1, sum.1 + row.2));
        assert_eq!(sums, (1000, 1000));
    }
}
