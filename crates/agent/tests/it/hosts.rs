//! Every recorded host, fact by fact: the whole against `expected.json`, what matters most by
//! name. After a wanted change, `SEKISHO_BLESS=1` writes the files anew.

use std::path::PathBuf;

use sekisho_agent::collect;
use sekisho_agent::host::open_recorded;
use sekisho_domain::fact::{
    EncryptionLayer, FactKind, FactValue, HardwareForm, Observation, PendingUpdates, ScreenLock,
    Seen, UnseenReason,
};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/hosts")
}

fn observe(name: &str) -> Vec<Observation> {
    let (host, now) = open_recorded(&folder().join(name)).unwrap();
    collect::all(&host, now)
}

fn one(observations: &[Observation], kind: FactKind) -> &Observation {
    let mut of_kind = observations.iter().filter(|o| o.seen.kind() == kind);
    let found = of_kind
        .next()
        .unwrap_or_else(|| panic!("no {}", kind.code()));
    assert!(of_kind.next().is_none(), "{} twice", kind.code());
    found
}

fn value(observations: &[Observation], kind: FactKind) -> &FactValue {
    match &one(observations, kind).seen {
        Seen::Value(value) => value,
        Seen::Unseen { reason, .. } => panic!("{} unseen: {reason:?}", kind.code()),
    }
}

fn reason(observations: &[Observation], kind: FactKind) -> &UnseenReason {
    match &one(observations, kind).seen {
        Seen::Unseen { reason, .. } => reason,
        Seen::Value(value) => panic!("{} seen: {value:?}", kind.code()),
    }
}

fn layers(observations: &[Observation]) -> Vec<(&str, EncryptionLayer)> {
    let FactValue::DiskEncryption(disk) = value(observations, FactKind::DiskEncryption) else {
        panic!("another kind")
    };
    disk.volumes
        .iter()
        .map(|v| (v.mount.as_str(), v.layer))
        .collect()
}

fn updates(observations: &[Observation]) -> &PendingUpdates {
    match value(observations, FactKind::PendingUpdates) {
        FactValue::PendingUpdates(updates) => updates,
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_recorded_host_gives_what_is_expected() {
    let mut names: Vec<String> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().join("commands.toml").is_file())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert!(names.len() >= 9, "{names:?}");
    for name in names {
        let kinds: Vec<FactKind> = observe(&name).iter().map(|o| o.seen.kind()).collect();
        assert_eq!(kinds, FactKind::ALL, "{name}");
        let path = folder().join(&name).join("expected.json");
        let mut seen = serde_json::to_string_pretty(&observe(&name)).unwrap();
        seen.push('\n');
        if std::env::var_os("SEKISHO_BLESS").is_some() {
            std::fs::write(&path, &seen).unwrap();
        }
        let expected = std::fs::read_to_string(&path).unwrap();
        assert!(seen == expected, "{name} gives something else:\n{seen}");
    }
}

#[test]
fn luks_laptop_with_gnome() {
    use EncryptionLayer::{DmCrypt, Luks, None};
    let seen = observe("debian12-luks-gnome");
    let expected = [
        ("/", Luks),
        ("/boot", None),
        ("/boot/efi", None),
        ("/dev/dm-1", DmCrypt),
    ];
    assert_eq!(layers(&seen), expected);
    let lock = ScreenLock::Desktop {
        desktop: "gnome".to_owned(),
        enabled: true,
        idle_seconds: Some(300),
        locked_by_policy: true,
    };
    // The user's own database says never; the administrator's lock makes that void.
    assert_eq!(
        value(&seen, FactKind::ScreenLock),
        &FactValue::ScreenLock(lock)
    );
    let FactValue::Firewall(firewall) = value(&seen, FactKind::Firewall) else {
        panic!("another kind")
    };
    assert!(firewall.enforced && firewall.inbound_default_deny);
    let FactValue::MachineIdentity(identity) = value(&seen, FactKind::MachineIdentity) else {
        panic!("another kind")
    };
    assert_eq!(identity.form, HardwareForm::Portable);
    let updates = updates(&seen);
    let brief: Vec<_> = updates
        .updates
        .iter()
        .map(|u| (u.name.as_str(), u.candidate.as_str(), u.security))
        .collect();
    let expected = [
        ("libc6", "2.36-9+deb12u13", true),
        ("openssl", "3.0.17-1~deb12u2", true),
    ];
    assert_eq!(brief, expected);
    assert!(updates.security_source);
    assert_eq!(
        updates.metadata_at.unwrap().to_rfc3339(),
        "2026-11-22T22:00:00Z"
    );
    let FactValue::Packages(packages) = value(&seen, FactKind::Packages) else {
        panic!("another kind")
    };
    let cves = |name: &str| {
        let package = packages.packages.iter().find(|p| p.name == name).unwrap();
        package.changelog_cves.clone()
    };
    assert_eq!(
        cves("less"),
        ["CVE-2014-9488", "CVE-2022-48624", "CVE-2024-32487"]
    );
    // The changelog there is that of another build.
    assert!(cves("openssl").is_empty());
    assert_eq!(packages.packages.len(), 7);
}

#[test]
fn luks_below_lvm_seen_without_privilege() {
    use EncryptionLayer::{Luks, Memory, None};
    let seen = observe("debian12-lvm-on-luks");
    let expected = [
        ("/", Luks),
        ("/boot", None),
        ("/dev/dm-2", Luks),
        ("/dev/zram0", Memory),
        ("/home", Luks),
    ];
    assert_eq!(layers(&seen), expected);
    let hidden = reason(&seen, FactKind::ScreenLock);
    assert!(
        matches!(hidden, UnseenReason::NeedsPrivilege { what } if what.contains("/home/suzuki"))
    );
    let hidden = reason(&seen, FactKind::Firewall);
    assert!(matches!(hidden, UnseenReason::NeedsPrivilege { .. }));
    assert_eq!(updates(&seen).updates.len(), 2);
    assert!(!updates(&seen).updates.iter().any(|u| u.security));
    let FactValue::Kernel(kernel) = value(&seen, FactKind::Kernel) else {
        panic!("another kind")
    };
    assert_eq!(kernel.newest_installed.as_deref(), Some("6.1.0-37-amd64"));
    let partial = &one(&seen, FactKind::MachineIdentity).partial;
    assert!(matches!(partial, Some(UnseenReason::NeedsPrivilege { .. })));
}

#[test]
fn swap_beside_the_encrypted_disk_is_found() {
    use EncryptionLayer::{Luks, None};
    let seen = observe("ubuntu2404-plain-swap");
    let expected = [
        ("/", Luks),
        ("/boot", None),
        ("/dev/nvme0n1p4", None),
        ("/swap.img", Luks),
    ];
    assert_eq!(layers(&seen), expected);
    assert!(matches!(
        reason(&seen, FactKind::PendingUpdates),
        UnseenReason::TimedOut { .. }
    ));
    // One user's screen never locks: that settles it although the other's settings are hidden.
    assert!(matches!(
        value(&seen, FactKind::ScreenLock),
        FactValue::ScreenLock(ScreenLock::Desktop { enabled: false, .. })
    ));
    assert!(one(&seen, FactKind::ScreenLock).partial.is_some());
    let FactValue::Firewall(firewall) = value(&seen, FactKind::Firewall) else {
        panic!("another kind")
    };
    assert_eq!(firewall.filter.as_deref(), Some("ufw"));
    assert!(firewall.inbound_default_deny && !firewall.enforced);
}

/// The value of a fact, by its variant.
macro_rules! fact {
    ($seen:expr, $kind:ident) => {
        match value($seen, FactKind::$kind) {
            FactValue::$kind(value) => value,
            other => panic!("{other:?}"),
        }
    };
}

#[test]
fn kde_laptop_with_names_that_are_not_utf8() {
    let seen = observe("debian12-kde");
    let identity = fact!(&seen, MachineIdentity);
    assert_eq!(identity.host_name, "tsubame-\\xff\\x83");
    assert!(seen.iter().all(|o| o.partial.is_none()), "{seen:#?}");
    assert!(matches!(
        fact!(&seen, ScreenLock),
        ScreenLock::Desktop { desktop, enabled: true, locked_by_policy: true, .. } if desktop == "kde"
    ));
    // The update is in, and a newer kernel of another flavour is no reason to restart.
    assert!(fact!(&seen, PendingUpdates).updates.is_empty());
    assert!(!fact!(&seen, RebootNeeded).needed);
    let ports: Vec<_> = fact!(&seen, Listening)
        .ports
        .iter()
        .map(|p| (p.port, p.loopback, p.process.as_deref()))
        .collect();
    let expected = [
        (22, false, Some("sshd")),
        (22, false, Some("sshd")),
        (631, true, Some("cupsd")),
        (5353, false, Some("avahi-daemon")),
    ];
    assert_eq!(ports, expected);
    let accounts = &fact!(&seen, Accounts).accounts;
    let administrators: Vec<_> = accounts
        .iter()
        .filter(|a| a.administrator)
        .map(|a| a.name.as_str())
        .collect();
    assert_eq!(administrators, ["root", "kato"]);
    assert_eq!(accounts[0].has_password, Some(false));
    let ssh = fact!(&seen, SshDaemon);
    assert_eq!(
        (ssh.running, ssh.password_authentication),
        (Some(true), Some(false))
    );
    assert_eq!(ssh.permit_root_login.as_deref(), Some("prohibit-password"));
}

#[test]
fn kde_laptop_is_kept_and_remembers() {
    let seen = observe("debian12-kde");
    let automatic = fact!(&seen, AutomaticUpdates);
    assert!(automatic.enabled && automatic.security);
    assert_eq!(fact!(&seen, TimeSync).synchronised, Some(true));
    let antivirus = fact!(&seen, Antivirus);
    assert!(antivirus.active);
    assert_eq!(
        antivirus.signatures_at.unwrap().as_millis(),
        1_795_332_000_000
    );
    let usb = fact!(&seen, UsbHistory);
    let brief: Vec<_> = usb
        .devices
        .iter()
        .map(|d| (d.serial.as_deref().unwrap(), d.attached))
        .collect();
    assert_eq!(brief, [("1234567", true), ("E0D55EA573", false)]);
    assert_eq!(usb.since.unwrap().to_rfc3339(), "2026-11-01T00:00:00Z");
    let networks = &fact!(&seen, Networks).networks;
    assert!(networks[0].joined && networks[0].open == Some(false));
    assert_eq!(
        networks[0].gateway_mac.as_deref(),
        Some("02:00:5e:10:00:01")
    );
    assert_eq!(
        (networks[1].name.as_str(), networks[1].open),
        ("caf\\xe9", Some(true))
    );
    let firmware = fact!(&seen, FirmwareSecurity);
    assert_eq!(
        (firmware.secure_boot, firmware.tpm.as_deref()),
        (Some(true), Some("2.0"))
    );
    let logins = fact!(&seen, RecentLogins);
    let lines: Vec<_> = logins.logins.iter().map(|l| l.line.as_str()).collect();
    assert_eq!(lines, ["pts/0", "tty2"]);
    assert_eq!(logins.logins[0].from, "192.0.2.44");
}

#[test]
fn secure_boot_off_seen_without_privilege() {
    let seen = observe("ubuntu2404-secure-boot-off");
    assert_eq!(fact!(&seen, FirmwareSecurity).secure_boot, Some(false));
    let reboot = fact!(&seen, RebootNeeded);
    assert!(reboot.needed);
    assert_eq!(reboot.because, ["libc6", "linux-base"]);
    for kind in [
        FactKind::Accounts,
        FactKind::Listening,
        FactKind::Networks,
        FactKind::UsbHistory,
    ] {
        let partial = &one(&seen, kind).partial;
        let needs = matches!(partial, Some(UnseenReason::NeedsPrivilege { .. }));
        assert!(needs, "{}: {partial:?}", kind.code());
    }
    let ports = &fact!(&seen, Listening).ports;
    assert_eq!(ports[0].process, None);
    assert_eq!(ports[1].process.as_deref(), Some("node"));
    let accounts = &fact!(&seen, Accounts).accounts;
    // Hidden is not empty, and an empty field of passwd needs no shadow.
    assert_eq!(accounts[1].empty_password, None);
    assert_eq!(accounts[2].empty_password, Some(true));
    // The first value counts.
    let ssh = fact!(&seen, SshDaemon);
    assert_eq!(ssh.permit_root_login.as_deref(), Some("yes"));
    assert!(!fact!(&seen, AutomaticUpdates).enabled);
    assert_eq!(fact!(&seen, TimeSync).synchronised, Some(false));
    assert!(matches!(
        reason(&seen, FactKind::RecentLogins),
        UnseenReason::Unreadable { .. }
    ));
}

#[test]
fn rpm_host_with_dnf() {
    let seen = observe("fedora41-dnf");
    assert_eq!(fact!(&seen, Packages).packages.len(), 3);
    let secure: Vec<_> = updates(&seen)
        .updates
        .iter()
        .map(|u| (u.name.as_str(), u.security))
        .collect();
    assert_eq!(secure, [("bash", false), ("openssl-libs", true)]);
    let reboot = fact!(&seen, RebootNeeded);
    let expected = ["linux 6.11.10-300.fc41.x86_64", "sshd: libcrypto.so.3.2.2"];
    assert_eq!(reboot.because, expected);
    // The chain accepts whatever the name of its keeper.
    let firewall = fact!(&seen, Firewall);
    assert_eq!(firewall.filter.as_deref(), Some("firewalld"));
    assert!(!firewall.inbound_default_deny);
    let accounts = &fact!(&seen, Accounts).accounts;
    assert_eq!(accounts[1].empty_password, Some(true));
    assert!(accounts[1].administrator);
    assert_eq!(fact!(&seen, SshDaemon).password_authentication, Some(true));
    assert_eq!(fact!(&seen, TimeSync).service.as_deref(), Some("chrony"));
    assert!(fact!(&seen, AutomaticUpdates).security);
    // A socket of the kernel itself has no process.
    assert_eq!(fact!(&seen, Listening).ports[1].process, None);
    assert_eq!(one(&seen, FactKind::Listening).partial, None);
}

#[test]
fn alpine_with_openrc() {
    let seen = observe("alpine320");
    assert_eq!(updates(&seen).updates.len(), 1);
    assert_eq!(fact!(&seen, RebootNeeded).because, ["linux 6.6.69-0-lts"]);
    assert!(fact!(&seen, Accounts).accounts[1].administrator);
    let automatic = fact!(&seen, AutomaticUpdates);
    assert!(automatic.enabled && automatic.security);
    // A daemon that runs is not a clock that is right.
    let clock = fact!(&seen, TimeSync);
    assert_eq!((clock.active, clock.synchronised), (true, None));
    assert_eq!(fact!(&seen, UsbHistory).devices[0].vendor, "0781");
    assert_eq!(fact!(&seen, Networks).networks[0].open, Some(true));
    assert!(matches!(
        reason(&seen, FactKind::RecentLogins),
        UnseenReason::SourceMissing { .. }
    ));
}

#[test]
fn half_installed_packages_are_named() {
    let seen = observe("debian12-half-installed");
    assert_eq!(fact!(&seen, Packages).broken, ["libc6", "openssl"]);
    assert_eq!(updates(&seen).updates.len(), 2);
    assert_eq!(fact!(&seen, Antivirus).signatures_at, None);
    assert!(one(&seen, FactKind::Antivirus).partial.is_some());
    assert_eq!(
        fact!(&seen, Accounts).accounts[0].empty_password,
        Some(true)
    );
}

#[test]
fn damaged_files_are_unseen_and_never_empty() {
    let seen = observe("debian12-truncated-status");
    for kind in [
        FactKind::Packages,
        FactKind::PendingUpdates,
        FactKind::Listening,
        FactKind::Accounts,
        FactKind::FirmwareSecurity,
    ] {
        let damaged = matches!(reason(&seen, kind), UnseenReason::Unreadable { .. });
        assert!(damaged, "{}", kind.code());
    }
}
