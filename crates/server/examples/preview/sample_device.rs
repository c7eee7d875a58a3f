//! Invented data for the pages of devices.

use sekisho_domain::check::{DeviceCheck, Outcome};
use sekisho_domain::device::DeviceClass;
use sekisho_domain::fact::{
    AccountFact, Accounts, Antivirus, DiskEncryption, EncryptionLayer, Fact, FactKind, FactValue,
    Firewall, FirmwareSecurity, HardwareForm, Kernel, Listening, ListeningPort, MachineIdentity,
    Observation, OsFamily, OsRelease, Package, PackageFormat, Packages, PendingUpdate,
    PendingUpdates, RebootNeeded, Seen, SshDaemon, TimeSync, Transport, UnseenReason, UsbDevice,
    UsbHistory, Volume, VolumeUse,
};
use sekisho_domain::id::{DeviceId, Fresh};
use sekisho_domain::time::Span;
use sekisho_messages::Lang;
use sekisho_server::console::components::Pages;
use sekisho_server::console::device::{CheckItem, DeviceView};
use sekisho_server::console::devices::{DeviceItem, Devices, Filter};
use sekisho_server::console::words::Localised;

use crate::sample::{NOW, say};

pub fn devices(lang: Lang) -> Devices {
    let unit = Localised {
        ja: "総務課".to_owned(),
        en: None,
    };
    let item =
        |name: &str, class, outcome, failing: &[DeviceCheck], unknown: &[DeviceCheck]| DeviceItem {
            id: DeviceId::new(Fresh([7; 16])).to_string(),
            name: name.to_owned(),
            class,
            unit: unit.clone(),
            user: Some("佐藤 花子".to_owned()),
            system: Some("Debian GNU/Linux 12".to_owned()),
            outcome,
            failing: failing.to_vec(),
            unknown: unknown.to_vec(),
            reported_at: (outcome != Outcome::Unknown).then(|| NOW.before(Span::minutes(3))),
        };
    let _ = lang;
    Devices {
        filter: Filter::All,
        totals: [2000, 31, 118, 1851],
        items: vec![
            item(
                "PC-00412",
                DeviceClass::Issued,
                Outcome::Fail,
                &[DeviceCheck::Advisories, DeviceCheck::DiskEncryption],
                &[DeviceCheck::Antivirus],
            ),
            item(
                "PC-00977",
                DeviceClass::Byod,
                Outcome::Unknown,
                &[],
                &[DeviceCheck::OsSupported],
            ),
            item("PC-00003", DeviceClass::Issued, Outcome::Pass, &[], &[]),
        ],
        pages: Some(Pages {
            previous: None,
            next: Some("/devices?page=2".to_owned()),
            first: 1,
            last: 50,
            total: 2000,
        }),
    }
}

fn values() -> Vec<(&'static str, FactValue)> {
    let volume = |mount: &str, device: &str, used_for, layer| Volume {
        mount: mount.to_owned(),
        device: device.to_owned(),
        used_for,
        layer,
    };
    let port = |port, address: &str, loopback, process: Option<&str>| ListeningPort {
        transport: Transport::Tcp,
        address: address.to_owned(),
        port,
        loopback,
        process: process.map(str::to_owned),
    };
    let package = |name: &str, version: &str| Package {
        name: name.to_owned(),
        version: version.to_owned(),
        arch: "amd64".to_owned(),
        source: None,
        source_version: None,
        changelog_cves: Vec::new(),
    };
    let account = |name: &str, uid, administrator, has_password| AccountFact {
        name: name.to_owned(),
        uid,
        can_login: true,
        has_password,
        empty_password: None,
        administrator,
    };
    vec![
        (
            "/etc/hostname, /sys/class/dmi",
            FactValue::MachineIdentity(MachineIdentity {
                host_name: "pc-00412".to_owned(),
                machine_id_digest: Some("9f86d081884c7d659a2feaa0c55ad0".to_owned()),
                serial: Some("5CD1234XYZ".to_owned()),
                vendor: Some("Mizuho Computer".to_owned()),
                model: Some("Notebook 14".to_owned()),
                form: HardwareForm::Portable,
            }),
        ),
        (
            "/etc/os-release",
            FactValue::OsRelease(OsRelease {
                family: OsFamily::Linux,
                product: "debian".to_owned(),
                version: "12".to_owned(),
                codename: Some("bookworm".to_owned()),
                pretty: "Debian GNU/Linux 12 (bookworm)".to_owned(),
            }),
        ),
        (
            "uname, /boot",
            FactValue::Kernel(Kernel {
                release: "6.1.0-39-amd64".to_owned(),
                booted_at: Some(NOW.before(Span::days(6))),
                newest_installed: Some("6.1.0-40-amd64".to_owned()),
            }),
        ),
        (
            "/var/lib/dpkg/status",
            FactValue::Packages(Packages {
                format: PackageFormat::Deb,
                packages: vec![
                    package("adduser", "3.134"),
                    package("apt", "2.6.1"),
                    package("bash", "5.2.15-2+b7"),
                ],
                broken: Vec::new(),
            }),
        ),
        (
            "/var/lib/apt/lists",
            FactValue::PendingUpdates(PendingUpdates {
                updates: vec![PendingUpdate {
                    name: "openssl".to_owned(),
                    installed: "3.0.17-1~deb12u1".to_owned(),
                    candidate: "3.0.17-1~deb12u3".to_owned(),
                    security: true,
                }],
                metadata_at: Some(NOW.before(Span::hours(5))),
                security_source: true,
            }),
        ),
        (
            "/run/reboot-required",
            FactValue::RebootNeeded(RebootNeeded {
                needed: true,
                because: vec!["linux-image-amd64".to_owned()],
            }),
        ),
        (
            "/proc/self/mountinfo, /sys/block",
            FactValue::DiskEncryption(DiskEncryption {
                volumes: vec![
                    volume(
                        "/",
                        "/dev/mapper/pc-root",
                        VolumeUse::FileSystem,
                        EncryptionLayer::Luks,
                    ),
                    volume(
                        "/boot",
                        "/dev/nvme0n1p2",
                        VolumeUse::Boot,
                        EncryptionLayer::None,
                    ),
                    volume(
                        "swap",
                        "/dev/nvme0n1p4",
                        VolumeUse::Swap,
                        EncryptionLayer::None,
                    ),
                ],
            }),
        ),
        (
            "nft list ruleset",
            FactValue::Firewall(Firewall {
                filter: Some("nftables".to_owned()),
                inbound_default_deny: true,
                rules: 42,
                enforced: true,
            }),
        ),
        (
            "/proc/net/tcp",
            FactValue::Listening(Listening {
                ports: vec![
                    port(22, "0.0.0.0", false, Some("sshd")),
                    port(631, "127.0.0.1", true, None),
                ],
            }),
        ),
        (
            "/etc/passwd, /etc/sudoers",
            FactValue::Accounts(Accounts {
                accounts: vec![
                    account("root", 0, true, Some(false)),
                    account("hanako", 1000, true, None),
                ],
            }),
        ),
        (
            "/etc/ssh/sshd_config",
            FactValue::SshDaemon(SshDaemon {
                installed: true,
                running: Some(true),
                password_authentication: Some(false),
                permit_root_login: Some("prohibit-password".to_owned()),
                permit_empty_passwords: Some(false),
            }),
        ),
        (
            "/run/systemd/timesync",
            FactValue::TimeSync(TimeSync {
                service: Some("systemd-timesyncd".to_owned()),
                active: true,
                synchronised: None,
            }),
        ),
        (
            "/var/lib/clamav",
            FactValue::Antivirus(Antivirus {
                product: Some("ClamAV".to_owned()),
                active: true,
                signatures_at: Some(NOW.before(Span::hours(26))),
            }),
        ),
        (
            "/sys/bus/usb",
            FactValue::UsbHistory(UsbHistory {
                devices: vec![UsbDevice {
                    vendor: "0951".to_owned(),
                    product: "1666".to_owned(),
                    serial: Some("E0D55EA57414".to_owned()),
                    name: Some("DataTraveler 3.0".to_owned()),
                    last_seen: Some(NOW.before(Span::days(3))),
                    attached: false,
                }],
                since: None,
            }),
        ),
        (
            "/sys/firmware/efi",
            FactValue::FirmwareSecurity(FirmwareSecurity {
                uefi: true,
                secure_boot: Some(false),
                tpm: Some("2.0".to_owned()),
            }),
        ),
    ]
}

fn facts() -> Vec<Fact> {
    let fact = |source: &str, seen| Fact {
        subject: DeviceId::new(Fresh([7; 16])),
        observation: Observation {
            seen,
            source: source.to_owned(),
            partial: None,
            observed_at: NOW.before(Span::minutes(4)),
        },
        received_at: NOW.before(Span::minutes(3)),
    };
    let mut all: Vec<Fact> = values()
        .into_iter()
        .map(|(source, value)| fact(source, Seen::Value(value)))
        .collect();
    if let Some(accounts) = all
        .iter_mut()
        .find(|f| f.observation.seen.kind() == FactKind::Accounts)
    {
        accounts.observation.partial = Some(UnseenReason::NeedsPrivilege {
            what: "/etc/shadow".to_owned(),
        });
    }
    all.push(fact(
        "loginctl",
        Seen::Unseen {
            kind: FactKind::ScreenLock,
            reason: UnseenReason::SourceMissing {
                what: "gsettings".to_owned(),
            },
        },
    ));
    all
}

pub fn device(lang: Lang) -> DeviceView {
    let check =
        |check, outcome, ja: &str, en: &str, todo: Option<(&str, &str)>, id: &str| CheckItem {
            check,
            outcome,
            reason: say(lang, ja, en),
            next_step: todo.map(|(ja, en)| say(lang, ja, en)),
            received_at: (outcome != Outcome::Unknown).then(|| NOW.before(Span::minutes(3))),
            fresh_until: (outcome != Outcome::Unknown).then(|| NOW.after(Span::days(3))),
            requirements: vec![id.to_owned()],
        };
    DeviceView {
        id: DeviceId::new(Fresh([7; 16])).to_string(),
        name: "pc-00412".to_owned(),
        class: DeviceClass::Issued,
        unit: Localised::both("総務課", "General Affairs Division"),
        user: Some("佐藤 花子".to_owned()),
        not_active: None,
        enrolled_at: NOW.before(Span::days(120)),
        reported_at: Some(NOW.before(Span::minutes(3))),
        key: "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8S9t0U1v2".to_owned(),
        checks: vec![
            check(
                DeviceCheck::OsSupported,
                Outcome::Pass,
                "Debian 12 は2028年6月30日までサポートされます。",
                "Debian 12 is supported until 30 Jun 2028.",
                None,
                "GOV-3-1-c",
            ),
            check(
                DeviceCheck::SecurityUpdates,
                Outcome::Fail,
                "セキュリティ更新が1件適用されていません。",
                "1 security update waits.",
                Some((
                    "更新を適用して再起動してください。",
                    "Install it and restart.",
                )),
                "GOV-3-1-c",
            ),
            check(
                DeviceCheck::DiskEncryption,
                Outcome::Fail,
                "スワップ（/dev/nvme0n1p4）が暗号化されていません。",
                "Swap (/dev/nvme0n1p4) is not encrypted.",
                Some((
                    "スワップを暗号化するか、無効にしてください。",
                    "Encrypt swap or switch it off.",
                )),
                "US-7.1.1-1-a-盗難",
            ),
            check(
                DeviceCheck::ScreenLock,
                Outcome::Unknown,
                "画面ロックの設定を確認できませんでした。",
                "The settings of the screen lock could not be seen.",
                Some((
                    "利用者の権限でエージェントを実行してください。",
                    "Run the agent as the user.",
                )),
                "US-8.1.1-3-f",
            ),
        ],
        facts: facts(),
        all_packages: false,
    }
}
