//! What machines report.

use std::collections::BTreeMap;

use sekisho_domain::check::{DeviceCheck, Outcome};
use sekisho_domain::fact::{Fact, FactKind, FactValue, Observation, Seen};
use sekisho_domain::time::Timestamp;
use sekisho_protocol::agent::REPORT_MAX;
use sekisho_rules::check::{DeviceFacts, Knowledge, draws_on_lists, run_all};
use sekisho_server::identity::device_key;
use sekisho_sim::machine::{Fault, Machine, Platform};
use sekisho_sim::organisation::{Ministry, Size};

/// 2026-11-23T00:00:00Z.
const NOW: Timestamp = Timestamp::from_millis(1_795_392_000_000);

fn machines() -> Vec<Machine> {
    let size = Size {
        people: 400,
        issued: 300,
        byod: 100,
    };
    Ministry::seeded(11, size)
        .devices
        .into_iter()
        .map(|device| device.machine)
        .collect()
}

fn value(machine: &Machine, kind: FactKind) -> Option<FactValue> {
    let report = machine.report(NOW);
    report
        .observations
        .into_iter()
        .find_map(|observation| match observation.seen {
            Seen::Value(value) if value.kind() == kind => Some(value),
            _ => None,
        })
}

fn results(machine: &Machine) -> BTreeMap<DeviceCheck, (Outcome, String)> {
    let subject = Ministry::seeded(
        1,
        Size {
            people: 100,
            issued: 1,
            byod: 0,
        },
    )
    .devices[0]
        .id;
    let fact = |observation: Observation| Fact {
        subject,
        observation,
        received_at: NOW,
    };
    let facts: Vec<Fact> = machine
        .report(NOW)
        .observations
        .into_iter()
        .map(fact)
        .collect();
    run_all(&DeviceFacts::new(&facts), &Knowledge::new([]), NOW)
        .into_iter()
        .map(|(check, result)| (check, (result.outcome, result.reason.code.to_string())))
        .collect()
}

#[test]
fn a_report_speaks_of_every_kind_once_and_survives_the_wire() {
    for machine in machines().iter().take(60) {
        let report = machine.report(NOW);
        let kinds: Vec<FactKind> = report
            .observations
            .iter()
            .map(|observation| observation.seen.kind())
            .collect();
        assert_eq!(kinds, FactKind::ALL);
        let body = serde_json::to_vec(&report).unwrap();
        assert!(body.len() < REPORT_MAX / 50, "{}", body.len());
        assert_eq!(
            serde_json::from_slice::<sekisho_protocol::agent::Report>(&body).unwrap(),
            report
        );
        assert_eq!(report, machine.report(NOW));
    }
}

#[test]
fn a_signature_is_that_of_the_enrolled_key() {
    let machines = machines();
    let (one, other) = (&machines[0], &machines[1]);
    let signature = one.sign(b"report");
    assert!(device_key::verify(&one.public_key(), b"report", &signature));
    assert!(!device_key::verify(
        &other.public_key(),
        b"report",
        &signature
    ));
    assert!(device_key::parse_key(one.public_key().as_str()).is_some());
}

#[test]
fn a_fault_shows_in_its_check_and_nowhere_else() {
    use DeviceCheck as Check;
    let of = |fault| match fault {
        Fault::DiskPlain => Check::DiskEncryption,
        Fault::SwapPlain => Check::DiskEncryption,
        Fault::LockOff | Fault::LockLate => Check::ScreenLock,
        Fault::FirewallOpen => Check::Firewall,
        Fault::UpdatesWait => Check::SecurityUpdates,
        Fault::MetadataOld => Check::SecurityUpdates,
        Fault::RestartDue => Check::RestartDone,
        Fault::AutomaticOff => Check::AutomaticUpdates,
        Fault::ClockLoose => Check::TimeSync,
        Fault::AntivirusNone | Fault::AntivirusOld => Check::Antivirus,
        Fault::PasswordEmpty | Fault::RootOverNetwork => Check::Accounts,
        Fault::SecureBootOff => Check::SecureBoot,
    };
    let mut sound = machines().swap_remove(0);
    sound.faults.clear();
    (sound.behind, sound.blind_to) = (0, None);
    let before = results(&sound);
    // Without feeds nothing is known of support and vulnerabilities, and without registers there is nothing
    // to compare with; all else passes.
    for (check, (outcome, code)) in before.iter().filter(|(it, _)| !draws_on_lists(**it)) {
        let fed = matches!(check, Check::OsSupported | Check::Advisories);
        let expected = if fed { Outcome::Unknown } else { Outcome::Pass };
        assert_eq!(*outcome, expected, "{} {code}", check.code());
    }
    for fault in faults() {
        let behind = u32::from(fault == Fault::UpdatesWait);
        let mut machine = sound.clone();
        machine.faults.push(fault);
        machine.behind = behind;
        let after = results(&machine);
        let changed: Vec<Check> = after
            .iter()
            .filter(|(check, found)| before[*check] != **found)
            .map(|(c, _)| *c)
            .collect();
        assert_eq!(changed, [of(fault)], "{fault:?}");
        // Old metadata proves nothing; everything else is a failure that was seen.
        let expected = if fault == Fault::MetadataOld {
            Outcome::Unknown
        } else {
            Outcome::Fail
        };
        assert_eq!(after[&of(fault)].0, expected, "{fault:?}");
    }
}

fn faults() -> Vec<Fault> {
    let mut faults: Vec<Fault> = Vec::new();
    for machine in Ministry::seeded(1, Size::DEMO)
        .devices
        .iter()
        .map(|device| &device.machine)
    {
        for fault in &machine.faults {
            if !faults.contains(fault) {
                faults.push(*fault);
            }
        }
    }
    assert_eq!(
        faults.len(),
        15,
        "every fault is there in the demonstration"
    );
    faults
}

#[test]
fn what_waits_is_the_difference_to_the_newest() {
    let mut seen = 0;
    for machine in machines()
        .iter()
        .filter(|machine| machine.blind_to.is_none())
    {
        let (Some(FactValue::Packages(packages)), Some(FactValue::PendingUpdates(pending))) = (
            value(machine, FactKind::Packages),
            value(machine, FactKind::PendingUpdates),
        ) else {
            panic!("both are seen");
        };
        assert_eq!(
            machine.has(Fault::UpdatesWait),
            !pending.updates.is_empty(),
            "{machine:?}"
        );
        let windows = matches!(machine.platform, Platform::Windows10 | Platform::Windows11);
        for update in pending.updates.iter().filter(|_| !windows) {
            let package = packages
                .packages
                .iter()
                .find(|package| package.name == update.name);
            assert_eq!(package.unwrap().version, update.installed);
            assert_ne!(update.installed, update.candidate);
            seen += 1;
        }
        let debian = matches!(
            machine.platform,
            Platform::Debian12Gnome | Platform::Debian12Kde
        );
        assert!(
            !debian || (300..=800).contains(&packages.packages.len()),
            "{}",
            packages.packages.len()
        );
    }
    assert!(seen > 50, "{seen}");
}

#[test]
fn a_blind_machine_says_what_it_cannot_see() {
    let blind: Vec<Machine> = machines()
        .into_iter()
        .filter(|m| m.blind_to.is_some())
        .collect();
    assert!(!blind.is_empty());
    for machine in blind {
        let report = machine.report(NOW);
        let unseen: Vec<FactKind> = report
            .observations
            .iter()
            .filter(|observation| matches!(observation.seen, Seen::Unseen { .. }))
            .map(|observation| observation.seen.kind())
            .collect();
        assert_eq!(unseen, [machine.blind_to.unwrap()]);
    }
}
