//! What protects a machine.

use sekisho_domain::device::DeviceClass;
use sekisho_domain::fact::{
    Antivirus, AutomaticUpdates, DiskEncryption, EncryptionLayer, Firewall, ScreenLock, SshDaemon,
    UsbDevice, UsbHistory, Volume, VolumeUse,
};
use sekisho_domain::time::{Span, Timestamp};

use super::{Fault, Machine, Platform};
use crate::random::SplitMix64;

fn volume(mount: &str, device: &str, used_for: VolumeUse, layer: EncryptionLayer) -> Volume {
    Volume {
        mount: mount.to_owned(),
        device: device.to_owned(),
        used_for,
        layer,
    }
}

impl Machine {
    pub(super) fn disk(&self) -> DiskEncryption {
        let plain = self.has(Fault::DiskPlain);
        if self.platform.is_windows() {
            // The system's own encryption of the whole volume.
            let layer = if plain {
                EncryptionLayer::None
            } else {
                EncryptionLayer::Native
            };
            let volumes = vec![volume("C:", "Disk0", VolumeUse::FileSystem, layer)];
            return DiskEncryption { volumes };
        }
        let open = |fault| {
            if plain || self.has(fault) {
                EncryptionLayer::None
            } else {
                EncryptionLayer::Luks
            }
        };
        let (root, swap) = if plain {
            ("/dev/nvme0n1p3", "/dev/nvme0n1p4")
        } else {
            ("/dev/mapper/mihon-root", "/dev/mapper/mihon-swap")
        };
        DiskEncryption {
            volumes: vec![
                volume("/", root, VolumeUse::FileSystem, open(Fault::DiskPlain)),
                volume(
                    "/boot",
                    "/dev/nvme0n1p2",
                    VolumeUse::Boot,
                    EncryptionLayer::None,
                ),
                volume(
                    "/boot/efi",
                    "/dev/nvme0n1p1",
                    VolumeUse::Boot,
                    EncryptionLayer::None,
                ),
                volume("swap", swap, VolumeUse::Swap, open(Fault::SwapPlain)),
            ],
        }
    }

    pub(super) fn firewall(&self) -> Firewall {
        let open = self.has(Fault::FirewallOpen);
        let filter = match self.platform {
            Platform::Rhel9 => "firewalld",
            Platform::Ubuntu2404 | Platform::Ubuntu1804 => "ufw",
            Platform::Windows11 | Platform::Windows10 => "windows-firewall",
            _ => "nftables",
        };
        Firewall {
            filter: (!open).then(|| filter.to_owned()),
            inbound_default_deny: !open,
            rules: if open {
                0
            } else {
                9 + self.details("firewall").below(12)
            },
            enforced: !open,
        }
    }

    pub(super) fn screen_lock(&self) -> ScreenLock {
        let desktop = match self.platform {
            Platform::Debian12Kde => "kde",
            Platform::Windows11 | Platform::Windows10 => "windows",
            _ => "gnome",
        };
        let off = self.has(Fault::LockOff);
        let mut random = self.details("lock");
        let minutes = if self.has(Fault::LockLate) {
            30
        } else {
            [5, 10, 15][random.below(3) as usize]
        };
        ScreenLock::Desktop {
            desktop: desktop.to_owned(),
            enabled: !off,
            idle_seconds: (!off).then_some(minutes * 60),
            locked_by_policy: self.class == DeviceClass::Issued && !off,
        }
    }

    pub(super) fn ssh(&self) -> SshDaemon {
        let open = self.has(Fault::RootOverNetwork);
        let installed = open || self.develops;
        SshDaemon {
            installed,
            running: installed.then_some(true),
            password_authentication: installed.then_some(open),
            permit_root_login: installed
                .then(|| if open { "yes" } else { "prohibit-password" }.to_owned()),
            permit_empty_passwords: installed.then_some(false),
        }
    }

    pub(super) fn automatic(&self) -> AutomaticUpdates {
        let mechanism = match self.platform {
            Platform::Rhel9 => "dnf-automatic",
            Platform::Windows11 | Platform::Windows10 => "windows-update",
            _ => "unattended-upgrades",
        };
        let on = !self.has(Fault::AutomaticOff);
        AutomaticUpdates {
            mechanism: Some(mechanism.to_owned()),
            enabled: on,
            security: on,
        }
    }

    pub(super) fn antivirus(&self, at: Timestamp) -> Antivirus {
        let mut random = self.details("antivirus");
        let age = if self.has(Fault::AntivirusOld) {
            Span::days(20 + random.below(60))
        } else {
            Span::hours(random.below(30))
        };
        let product = if self.platform.is_windows() {
            "defender"
        } else {
            "clamav"
        };
        let none = self.has(Fault::AntivirusNone);
        Antivirus {
            product: (!none).then(|| product.to_owned()),
            active: !none,
            signatures_at: (!none).then(|| at.before(age)),
        }
    }

    pub(super) fn usb(&self, at: Timestamp) -> UsbHistory {
        let mut random = self.details("usb");
        let count = if random.chance(700) {
            0
        } else {
            1 + random.below(3)
        };
        let devices = (0..count)
            .map(|_| UsbDevice {
                vendor: "f055".to_owned(),
                product: format!("{:04x}", random.below(0x1_0000)),
                serial: Some(serial(&mut random)),
                name: Some("Sample USB memory".to_owned()),
                last_seen: Some(at.before(Span::hours(random.below(24 * 30)))),
                attached: random.chance(50),
            })
            .collect();
        UsbHistory {
            devices,
            since: Some(at.before(Span::days(30))),
        }
    }
}

/// How many media the register of the demonstration has.
pub(crate) const MEDIA: u16 = 40;

/// The serial number of one of them.
pub(crate) fn medium_serial(n: u64) -> String {
    format!("SMP{:08}", 40_211 + n * 977)
}

/// Most of what people attach comes from the register, and some they brought themselves.
fn serial(random: &mut SplitMix64) -> String {
    if random.chance(850) {
        medium_serial(random.below(MEDIA.into()).into())
    } else {
        format!("MIHON{:08}", random.below(100_000_000))
    }
}
