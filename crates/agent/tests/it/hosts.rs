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
    assert!(names.len() >= 3, "{names:?}");
    for name in names {
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
