//! What a machine says of itself and its system.

use sekisho_domain::device::DeviceClass;
use sekisho_domain::fact::{
    AccountFact, Accounts, FactKind, FirmwareSecurity, HardwareForm, Kernel, LoginEvent,
    MachineIdentity, OsFamily, OsRelease, RecentLogins, TimeSync,
};
use sekisho_domain::time::{Span, Timestamp};
use sekisho_ledger::digest::Digest;

use super::{Fault, Machine, Platform};

impl Platform {
    /// Whether it is one of Windows.
    pub(super) const fn is_windows(self) -> bool {
        matches!(self, Self::Windows11 | Self::Windows10)
    }

    /// Family, product, version, code name, name for people.
    pub(super) fn release(self) -> OsRelease {
        let (family, product, version, codename, pretty) = match self {
            Self::Debian12Gnome | Self::Debian12Kde => (
                OsFamily::Linux,
                "debian",
                "12",
                Some("bookworm"),
                "Debian GNU/Linux 12 (bookworm)",
            ),
            Self::Debian10 => (
                OsFamily::Linux,
                "debian",
                "10",
                Some("buster"),
                "Debian GNU/Linux 10 (buster)",
            ),
            Self::Ubuntu2404 => (
                OsFamily::Linux,
                "ubuntu",
                "24.04",
                Some("noble"),
                "Ubuntu 24.04.4 LTS",
            ),
            Self::Ubuntu1804 => (
                OsFamily::Linux,
                "ubuntu",
                "18.04",
                Some("bionic"),
                "Ubuntu 18.04.6 LTS",
            ),
            Self::Rhel9 => (
                OsFamily::Linux,
                "rhel",
                "9.8",
                Some("plow"),
                "Red Hat Enterprise Linux 9.8 (Plow)",
            ),
            Self::Windows11 => (
                OsFamily::Windows,
                "windows",
                "11-25h2-e",
                None,
                "Windows 11 Enterprise 25H2",
            ),
            Self::Windows10 => (
                OsFamily::Windows,
                "windows",
                "10-22h2",
                None,
                "Windows 10 Pro 22H2",
            ),
        };
        OsRelease {
            family,
            product: product.to_owned(),
            version: version.to_owned(),
            codename: codename.map(str::to_owned),
            pretty: pretty.to_owned(),
            modified: None,
        }
    }

    /// Where a collector on such a machine reads a fact.
    pub(super) const fn source(self, kind: FactKind) -> &'static str {
        if self.is_windows() {
            return "wmi";
        }
        let rpm = matches!(self, Self::Rhel9);
        match kind {
            FactKind::MachineIdentity => "/sys/class/dmi/id",
            FactKind::OsRelease => "/etc/os-release",
            FactKind::Kernel => "/proc/sys/kernel/osrelease",
            FactKind::Packages if rpm => "/var/lib/rpm",
            FactKind::Packages => "/var/lib/dpkg/status",
            FactKind::PendingUpdates if rpm => "dnf updateinfo",
            FactKind::PendingUpdates => "/var/lib/apt/lists",
            FactKind::RebootNeeded => "/run/reboot-required",
            FactKind::DiskEncryption => "/proc/self/mountinfo",
            FactKind::Firewall => "nft list ruleset",
            FactKind::Listening => "/proc/net/tcp",
            FactKind::ScreenLock => "/etc/dconf/db/local",
            FactKind::Accounts => "/etc/shadow",
            FactKind::SshDaemon => "/etc/ssh/sshd_config",
            FactKind::AutomaticUpdates if rpm => "/etc/dnf/automatic.conf",
            FactKind::AutomaticUpdates => "/etc/apt/apt.conf.d",
            FactKind::TimeSync => "timedatectl show",
            FactKind::Antivirus => "/var/lib/clamav",
            FactKind::UsbHistory => "journalctl -k",
            FactKind::Networks => "/etc/NetworkManager/system-connections",
            FactKind::FirmwareSecurity => "/sys/firmware/efi/efivars",
            FactKind::RecentLogins => "/var/log/wtmp",
        }
    }
}

impl Machine {
    pub(super) fn identity(&self) -> MachineIdentity {
        let mut random = self.details("identity");
        let issued = self.class == DeviceClass::Issued;
        let prefix = if issued { "mihon" } else { "byod" };
        let models = ["Sample Note 14", "Sample Note 13 Light", "Sample Tower 5"];
        let model = if random.chance(80) {
            models[2]
        } else {
            models[random.below(2) as usize]
        };
        let form = if model == models[2] {
            HardwareForm::Desktop
        } else {
            HardwareForm::Portable
        };
        MachineIdentity {
            host_name: format!("{prefix}-{:05}", self.number),
            machine_id_digest: Some(Digest::of(&random.bytes::<16>()).to_string()),
            serial: Some(format!("MHN{:08}", random.below(100_000_000))),
            vendor: Some("Mihon Computing (fictitious)".to_owned()),
            model: Some(model.to_owned()),
            form,
        }
    }

    pub(super) fn kernel(&self, at: Timestamp) -> Kernel {
        let mut random = self.details("kernel");
        let (release, older) = match self.platform {
            Platform::Debian12Gnome | Platform::Debian12Kde => ("6.1.0-51-amd64", "6.1.0-47-amd64"),
            Platform::Debian10 => ("4.19.0-27-amd64", "4.19.0-26-amd64"),
            Platform::Ubuntu2404 => ("6.8.0-110-generic", "6.8.0-106-generic"),
            Platform::Ubuntu1804 => ("4.15.0-213-generic", "4.15.0-212-generic"),
            Platform::Rhel9 => ("5.14.0-611.el9.x86_64", "5.14.0-570.el9.x86_64"),
            Platform::Windows11 => ("10.0.26200", "10.0.26200"),
            Platform::Windows10 => ("10.0.19045", "10.0.19045"),
        };
        let due = self.has(Fault::RestartDue);
        let days = if due {
            20 + random.below(40)
        } else {
            random.below(9)
        };
        let hours = 1 + random.below(23);
        Kernel {
            release: if due { older } else { release }.to_owned(),
            booted_at: Some(at.before(Span::days(days)).before(Span::hours(hours))),
            newest_installed: (!self.platform.is_windows()).then(|| release.to_owned()),
        }
    }

    pub(super) fn accounts(&self) -> Accounts {
        let mut random = self.details("accounts");
        let account = |name: &str, uid, administrator| AccountFact {
            name: name.to_owned(),
            uid,
            can_login: true,
            has_password: Some(true),
            empty_password: Some(false),
            administrator,
        };
        let mut root = account("root", 0, true);
        root.has_password = Some(self.has(Fault::RootOverNetwork));
        let own = self.class == DeviceClass::Byod;
        let mut accounts = vec![root, account("user", 1000, own || random.chance(60))];
        if !own {
            accounts.push(account("kanri", 1001, true));
        }
        if self.has(Fault::PasswordEmpty) {
            let mut guest = account("guest", 1002, false);
            guest.has_password = Some(false);
            guest.empty_password = Some(true);
            accounts.push(guest);
        }
        Accounts { accounts }
    }

    pub(super) fn time_sync(&self) -> TimeSync {
        let service = match self.platform {
            Platform::Rhel9 => "chronyd",
            Platform::Windows11 | Platform::Windows10 => "w32time",
            _ => "systemd-timesyncd",
        };
        let loose = self.has(Fault::ClockLoose);
        TimeSync {
            service: Some(service.to_owned()),
            active: !loose,
            synchronised: Some(!loose),
        }
    }

    pub(super) fn firmware(&self) -> FirmwareSecurity {
        FirmwareSecurity {
            uefi: true,
            secure_boot: Some(!self.has(Fault::SecureBootOff)),
            tpm: Some("2.0".to_owned()),
        }
    }

    pub(super) fn logins(&self, at: Timestamp) -> RecentLogins {
        let mut random = self.details("logins");
        let mut when = at;
        let logins = (0..3 + random.below(5))
            .map(|_| {
                when = when.before(Span::minutes(30 + random.below(60 * 30)));
                LoginEvent {
                    user: "user".to_owned(),
                    line: "tty2".to_owned(),
                    from: String::new(),
                    at: when,
                }
            })
            .collect();
        RecentLogins {
            logins,
            since: Some(at.before(Span::days(30))),
        }
    }
}
