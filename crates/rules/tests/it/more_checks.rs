//! Advisories, restart, packet filter, automatic updates, clock, malware, accounts, firmware.

use jiff::civil::date;
use sekisho_detect::advisory::debian::{AdvisoryStatus, DebianRecord};
use sekisho_detect::advisory::feed::{FeedId, FeedMeta};
use sekisho_detect::advisory::import::{Imported, Payload};
use sekisho_detect::advisory::index::{Index, IndexBuilder};
use sekisho_detect::advisory::kev::Kev;
use sekisho_detect::advisory::version::DebVersion;
use sekisho_domain::check::{DeviceCheck, Outcome};
use sekisho_domain::fact::{
    AccountFact, Accounts, Antivirus, AutomaticUpdates, Fact, FactKind, FactValue, Firewall,
    FirmwareSecurity, Kernel, Package, PackageFormat, Packages, RebootNeeded, Seen, SshDaemon,
    TimeSync, UnseenReason,
};
use sekisho_domain::feed::{FeedKind, FeedState};
use sekisho_domain::time::Span;

use crate::checks::{judged, os, updates};
use crate::fixture::{NOW, fact, feed, seen, unseen};

/// Advisories of one release: `libfixed` has a fix in 2.0, `libkev` is exploited and has none,
/// `libopen` has no fix, `libundecided` is not decided.
pub fn index() -> Index {
    let advisory = |source: &str, cve: &str, status| DebianRecord::Advisory {
        release: "trixie".into(),
        source: source.into(),
        cve: cve.parse().unwrap(),
        status,
    };
    let fixed = AdvisoryStatus::Fixed {
        version: DebVersion::new("2.0").unwrap(),
        suite: None,
    };
    let open = || AdvisoryStatus::Open { unimportant: false };
    let records = vec![
        DebianRecord::CoversAll {
            release: "trixie".into(),
        },
        advisory("libfixed", "CVE-2026-0001", fixed),
        advisory("libkev", "CVE-2026-0002", open()),
        advisory("libopen", "CVE-2026-0003", open()),
        advisory(
            "libundecided",
            "CVE-2026-0004",
            AdvisoryStatus::Undetermined,
        ),
    ];
    let kev = Kev {
        added: date(2026, 1, 1),
        due: date(2026, 1, 22),
        ransomware: false,
    };
    let imported = |id, payload| Imported {
        meta: FeedMeta {
            id,
            as_of: 0,
            imported_at: 0,
            digest: String::new(),
            entries: 1,
        },
        payload,
    };
    let mut builder = IndexBuilder::new();
    builder.add(&imported(FeedId::DebianTracker, Payload::Debian(records)));
    let exploited = vec![("CVE-2026-0002".parse().unwrap(), kev)];
    builder.add(&imported(FeedId::Kev, Payload::Kev(exploited)));
    builder.build()
}

fn packages(list: &[(&str, &str)]) -> FactValue {
    let package = |(name, version): &(&str, &str)| Package {
        name: (*name).to_owned(),
        version: (*version).to_owned(),
        arch: "amd64".to_owned(),
        source: None,
        source_version: None,
        changelog_cves: Vec::new(),
    };
    FactValue::Packages(Packages {
        format: PackageFormat::Deb,
        packages: list.iter().map(package).collect(),
        broken: Vec::new(),
    })
}

fn kernel() -> FactValue {
    FactValue::Kernel(Kernel {
        release: "6.12.1-amd64".to_owned(),
        booted_at: None,
        newest_installed: Some("6.12.1-amd64".to_owned()),
    })
}

fn reboot(needed: bool) -> FactValue {
    FactValue::RebootNeeded(RebootNeeded {
        needed,
        because: Vec::new(),
    })
}

fn firewall(filter: Option<&str>, deny: bool, enforced: bool) -> FactValue {
    FactValue::Firewall(Firewall {
        filter: filter.map(str::to_owned),
        inbound_default_deny: deny,
        rules: 3,
        enforced,
    })
}

fn automatic(mechanism: Option<&str>, enabled: bool, security: bool) -> FactValue {
    FactValue::AutomaticUpdates(AutomaticUpdates {
        mechanism: mechanism.map(str::to_owned),
        enabled,
        security,
    })
}

fn clock(active: bool, synchronised: Option<bool>) -> FactValue {
    FactValue::TimeSync(TimeSync {
        service: active.then(|| "ntp".to_owned()),
        active,
        synchronised,
    })
}

fn antivirus(product: Option<&str>, active: bool, age: Option<Span>) -> FactValue {
    FactValue::Antivirus(Antivirus {
        product: product.map(str::to_owned),
        active,
        signatures_at: age.map(|age| NOW.before(Span::hours(1)).before(age)),
    })
}

fn account(uid: u32, has_password: Option<bool>, empty_password: Option<bool>) -> AccountFact {
    AccountFact {
        name: format!("user{uid}"),
        uid,
        can_login: true,
        has_password,
        empty_password,
        administrator: uid == 0,
    }
}

fn accounts(accounts: Vec<AccountFact>) -> FactValue {
    FactValue::Accounts(Accounts { accounts })
}

fn ssh(password: Option<bool>, root: Option<&str>, empty: Option<bool>) -> FactValue {
    FactValue::SshDaemon(SshDaemon {
        installed: true,
        running: None,
        password_authentication: password,
        permit_root_login: root.map(str::to_owned),
        permit_empty_passwords: empty,
    })
}

fn no_ssh() -> FactValue {
    FactValue::SshDaemon(SshDaemon {
        installed: false,
        running: None,
        password_authentication: None,
        permit_root_login: None,
        permit_empty_passwords: None,
    })
}

fn firmware(uefi: bool, secure_boot: Option<bool>) -> FactValue {
    FactValue::FirmwareSecurity(FirmwareSecurity {
        uefi,
        secure_boot,
        tpm: None,
    })
}

fn sound() -> Vec<AccountFact> {
    vec![account(0, Some(true), Some(false))]
}

/// For each of these checks, values with which it passes.
pub fn passing() -> Vec<(DeviceCheck, Vec<FactValue>)> {
    let hidden = ssh(Some(false), Some("no"), Some(false));
    vec![
        (
            DeviceCheck::Advisories,
            vec![packages(&[("libfixed", "2.0")]), os("13"), kernel()],
        ),
        (DeviceCheck::RestartDone, vec![reboot(false)]),
        (
            DeviceCheck::Firewall,
            vec![firewall(Some("nftables"), true, true)],
        ),
        (
            DeviceCheck::AutomaticUpdates,
            vec![automatic(Some("x"), true, true)],
        ),
        (DeviceCheck::TimeSync, vec![clock(true, Some(true))]),
        (
            DeviceCheck::Antivirus,
            vec![antivirus(Some("x"), true, Some(Span::days(1)))],
        ),
        (DeviceCheck::Accounts, vec![accounts(sound()), hidden]),
        (DeviceCheck::SecureBoot, vec![firmware(true, Some(true))]),
    ]
}

fn feeds(debian: Span, kev: Span) -> Vec<FeedState> {
    vec![
        feed(FeedKind::Debian, "debian_tracker", debian),
        feed(FeedKind::Kev, "kev", kev),
        feed(
            FeedKind::Debian,
            "debian_support_ended@trixie",
            Span::days(1),
        ),
    ]
}

fn told(check: DeviceCheck, facts: &[Fact], feeds: &[FeedState]) -> (Outcome, String) {
    let result = judged(check, facts, feeds);
    (result.outcome, result.reason.code.into_owned())
}

#[test]
fn open_vulnerabilities_fail_at_any_age_and_old_feeds_never_pass() {
    use Outcome::{Fail, Pass, Unknown};
    let day = Span::days(1);
    let (young, old) = (feeds(day, day), feeds(Span::days(400), Span::days(400)));
    let tells = |package, feeds: &[FeedState], outcome, code: &str| {
        let facts = [seen(packages(&[package])), seen(os("13")), seen(kernel())];
        let found = told(DeviceCheck::Advisories, &facts, feeds);
        assert_eq!(found, (outcome, code.to_owned()), "{package:?}");
    };
    tells(("libfixed", "2.0"), &young, Pass, "advisory.clean");
    tells(("libopen", "1.0"), &young, Pass, "advisory.clean");
    tells(("libfixed", "1.9"), &young, Fail, "advisory.open");
    tells(("libfixed", "1.9"), &old, Fail, "advisory.open");
    tells(("libkev", "1.0"), &young, Fail, "advisory.exploited");
    tells(("libkev", "1.0"), &old, Fail, "advisory.exploited");
    tells(
        ("libundecided", "1.0"),
        &young,
        Unknown,
        "advisory.undecided",
    );
    tells(("libfixed", "2.0"), &old, Unknown, "feed.stale");
    tells(("libfixed", "2.0"), &[], Unknown, "feed.missing");
    let none = [seen(packages(&[])), seen(os("13")), seen(kernel())];
    let found = told(DeviceCheck::Advisories, &none, &young);
    assert_eq!(found, (Unknown, "advisory.no-packages".to_owned()));
}

/// A tracker cut short to one package said of a machine with 84 waiting security updates that nothing
/// was open.
#[test]
fn feeds_that_find_nothing_where_security_updates_wait_prove_no_pass() {
    use Outcome::{Fail, Pass, Unknown};
    let young = feeds(Span::days(1), Span::days(1));
    let waits = updates(&[true, false, true], Some(Span::days(30)), false);
    let none = updates(&[false], Some(Span::days(1)), true);
    for (package, pending, outcome, code) in [
        (
            ("libfixed", "2.0"),
            &waits,
            Unknown,
            "advisory.updates-wait",
        ),
        (("libfixed", "1.9"), &waits, Fail, "advisory.open"),
        (("libfixed", "2.0"), &none, Pass, "advisory.clean"),
    ] {
        let facts = [packages(&[package]), os("13"), kernel(), pending.clone()];
        let found = told(DeviceCheck::Advisories, &facts.map(seen), &young);
        assert_eq!(found, (outcome, code.to_owned()), "{package:?}");
    }
}

/// Three changelogs brought in today once made a tracker of last year prove a pass.
#[test]
fn fresh_changelogs_lend_a_stale_tracker_no_age() {
    let facts = [packages(&[("libfixed", "2.0")]), os("13"), kernel()].map(seen);
    let mut list = feeds(Span::days(365), Span::days(1));
    list.push(feed(FeedKind::Debian, "debian_changelogs", Span::days(0)));
    let result = judged(DeviceCheck::Advisories, &facts, &list);
    assert_eq!(
        (result.outcome, &*result.reason.code),
        (Outcome::Unknown, "feed.stale")
    );
}

#[test]
fn a_missing_list_of_exploited_vulnerabilities_is_missing_knowledge() {
    let facts = [
        seen(packages(&[("libfixed", "2.0")])),
        seen(os("13")),
        seen(kernel()),
    ];
    let only_debian = vec![feed(FeedKind::Debian, "debian_tracker", Span::days(1))];
    let result = judged(DeviceCheck::Advisories, &facts, &only_debian);
    assert_eq!(result.outcome, Outcome::Unknown);
    assert_eq!(result.reason.code, "feed.missing");
    assert_eq!(result.reason.params["feed"], "kev".into());
}

/// An old list of limited support once made every pass expire at once.
#[test]
fn a_pass_lasts_as_long_as_the_feeds_of_vulnerabilities_and_no_other_part_shortens_it() {
    let facts = [
        seen(packages(&[("libfixed", "2.0")])),
        seen(os("13")),
        seen(kernel()),
    ];
    let mut list = feeds(Span::days(6), Span::days(5));
    list.push(feed(
        FeedKind::Debian,
        "debian_support_limited",
        Span::days(900),
    ));
    let result = judged(DeviceCheck::Advisories, &facts, &list);
    assert_eq!(result.outcome, Outcome::Pass);
    assert_eq!(result.fresh_until, NOW.after(Span::days(1)));
}

#[test]
fn what_no_feed_describes_is_unknown() {
    let day = Span::days(1);
    let mut rpm = packages(&[("libfixed", "2.0")]);
    if let FactValue::Packages(packages) = &mut rpm {
        packages.format = PackageFormat::Rpm;
    }
    let mut broken = packages(&[("libfixed", "2.0")]);
    if let FactValue::Packages(packages) = &mut broken {
        packages.broken.push("libhalf".to_owned());
    }
    let mut other = os("13");
    if let FactValue::OsRelease(os) = &mut other {
        os.product = "derived".to_owned();
    }
    let good = || packages(&[("libfixed", "2.0")]);
    for (list, os, code) in [
        (rpm, os("13"), "advisory.other-format"),
        (good(), other, "advisory.other-format"),
        (good(), os("9"), "feed.missing"),
        (broken, os("13"), "advisory.broken-packages"),
    ] {
        let facts = [seen(list), seen(os), seen(kernel())];
        let found = told(DeviceCheck::Advisories, &facts, &feeds(day, day));
        assert_eq!(found, (Outcome::Unknown, code.to_owned()));
    }
}

/// Holds one fact against the result it must give.
fn tells(check: DeviceCheck, value: FactValue, outcome: Outcome, code: &str) {
    assert_eq!(told(check, &[seen(value)], &[]), (outcome, code.to_owned()));
}

#[test]
fn restarts_and_automatic_updates_tell_their_cases() {
    use Outcome::{Fail, Pass};
    let restart = |value, outcome, code| tells(DeviceCheck::RestartDone, value, outcome, code);
    restart(reboot(false), Pass, "restart.done");
    restart(reboot(true), Fail, "restart.needed");
    let updates = |value, outcome, code| tells(DeviceCheck::AutomaticUpdates, value, outcome, code);
    updates(automatic(None, false, false), Fail, "automatic.off");
    updates(automatic(Some("x"), false, true), Fail, "automatic.off");
    updates(
        automatic(Some("x"), true, false),
        Fail,
        "automatic.not-security",
    );
    updates(automatic(Some("x"), true, true), Pass, "automatic.on");
}

#[test]
fn packet_filter_and_clock_tell_their_cases() {
    use Outcome::{Fail, Pass, Unknown};
    let filter = |value, outcome, code| tells(DeviceCheck::Firewall, value, outcome, code);
    filter(firewall(Some("x"), true, true), Pass, "firewall.denies");
    filter(firewall(None, false, true), Fail, "firewall.none");
    filter(firewall(Some("x"), false, true), Fail, "firewall.open");
    filter(
        firewall(Some("x"), true, false),
        Unknown,
        "firewall.only-configured",
    );
    let time = |value, outcome, code| tells(DeviceCheck::TimeSync, value, outcome, code);
    time(clock(true, Some(true)), Pass, "clock.synchronised");
    time(clock(true, Some(false)), Fail, "clock.not-synchronised");
    time(clock(true, None), Unknown, "clock.running");
    time(clock(false, None), Fail, "clock.no-service");
}

#[test]
fn malware_protection_and_firmware_tell_their_cases() {
    use Outcome::{Fail, Pass, Unknown};
    let scan = |value, outcome, code| tells(DeviceCheck::Antivirus, value, outcome, code);
    let aged = |days| antivirus(Some("x"), true, Some(Span::days(days)));
    scan(antivirus(None, false, None), Fail, "antivirus.none");
    scan(
        antivirus(Some("x"), false, None),
        Fail,
        "antivirus.inactive",
    );
    scan(
        antivirus(Some("x"), true, None),
        Unknown,
        "antivirus.signatures-unknown",
    );
    scan(aged(7), Pass, "antivirus.active");
    scan(aged(8), Fail, "antivirus.old-signatures");
    let boot = |value, outcome, code| tells(DeviceCheck::SecureBoot, value, outcome, code);
    boot(firmware(true, Some(true)), Pass, "boot.secure");
    boot(firmware(true, Some(false)), Fail, "boot.off");
    boot(firmware(true, None), Unknown, "boot.not-stated");
    boot(firmware(false, None), Fail, "boot.no-uefi");
}

#[test]
fn accounts_that_are_open_fail_and_passwords_unseen_are_unknown() {
    use Outcome::{Fail, Pass, Unknown};
    let closed = || ssh(Some(false), Some("no"), Some(false));
    let unread = || vec![account(0, None, None)];
    let empty = vec![account(1000, Some(true), Some(true))];
    let locked_root = vec![account(0, Some(false), Some(false))];
    for (list, daemon, outcome, code) in [
        (sound(), closed(), Pass, "account.sound"),
        (sound(), no_ssh(), Pass, "account.sound"),
        (empty, closed(), Fail, "account.empty-password"),
        (unread(), closed(), Unknown, "account.password-unseen"),
        (vec![], closed(), Unknown, "account.none-listed"),
        (
            sound(),
            ssh(Some(true), Some("yes"), Some(false)),
            Fail,
            "account.root-by-password",
        ),
        (
            locked_root,
            ssh(Some(true), Some("yes"), Some(false)),
            Pass,
            "account.sound",
        ),
        (
            sound(),
            ssh(Some(true), Some("no"), Some(true)),
            Fail,
            "account.empty-over-network",
        ),
        (
            sound(),
            ssh(None, Some("no"), Some(false)),
            Unknown,
            "account.remote-unseen",
        ),
        (
            sound(),
            ssh(Some(true), None, Some(false)),
            Unknown,
            "account.remote-unseen",
        ),
    ] {
        let facts = [seen(accounts(list)), seen(daemon)];
        let found = told(DeviceCheck::Accounts, &facts, &[]);
        assert_eq!(found, (outcome, code.to_owned()));
    }
}

/// Without privilege the configured filter is seen and the kernel's is not: neither is proved.
#[test]
fn a_packet_filter_seen_in_part_proves_nothing() {
    let why = || UnseenReason::NeedsPrivilege {
        what: "nft list ruleset".to_owned(),
    };
    for value in [
        firewall(None, false, false),
        firewall(Some("x"), true, true),
    ] {
        let part = fact(Seen::Value(value), Some(why()));
        let found = told(DeviceCheck::Firewall, &[part], &[]);
        assert_eq!(
            found,
            (Outcome::Unknown, "unseen.needs-privilege".to_owned())
        );
    }
}

#[test]
fn an_empty_password_fails_although_the_daemon_was_not_seen() {
    let empty = vec![account(1000, Some(true), Some(true))];
    let facts = [seen(accounts(empty)), unseen(FactKind::SshDaemon)];
    let found = told(DeviceCheck::Accounts, &facts, &[]);
    assert_eq!(found.0, Outcome::Fail);
}
