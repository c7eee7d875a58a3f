//! The rows that the comparisons carry, and what has devices judged anew.

use sekisho_domain::check::DeviceCheck;
use sekisho_domain::device::DeviceClass;
use sekisho_domain::fact::{Fact, FactValue};
use sekisho_domain::id::DeviceId;
use sekisho_domain::profile::Profile;
use sekisho_domain::role::Role;
use sekisho_domain::time::Timestamp;
use sekisho_domain::verdict::Verdict;
use sekisho_rules::check::{DeviceFacts, Knowledge, Lists, run};

use super::{list, listening, medium, os, packages, ps, stick, usb};
use crate::fixture::{NOW, Scene, around_now, device, row, seen};
use crate::permits::{give, said, until};

use DeviceCheck::{Peripherals, SoftwareAllowed, SoftwareDenied};

/// Puts the facts of a device to the three checks and keeps the results, as the server does.
fn judge(scene: &mut Scene, id: DeviceId, values: &[FactValue], at: Timestamp) {
    let mut facts: Vec<Fact> = values.iter().cloned().map(seen).collect();
    for fact in &mut facts {
        fact.subject = id;
    }
    let lists = Lists::of(&scene.world, at);
    let knowledge = Knowledge::new(&[]).with_lists(&lists);
    for check in [SoftwareDenied, SoftwareAllowed, Peripherals] {
        let result = run(check, &DeviceFacts::new(&facts), &knowledge, at).unwrap();
        scene.posture.set(id, check, &result, 1);
    }
}

const DENIED: &str = "US-8.1.1-3-d1";
const OUTSIDE: &str = "US-8.1.1-3-d2";
const ATTACHED: &str = "US-8.1.1-3-e";

/// What a device reports: packages, and storage seen yesterday where there was any.
fn reports(installed: &[&str], seen: Option<&str>, since: Option<u32>) -> [FactValue; 4] {
    let sticks: Vec<_> = seen
        .map(|it| stick(Some(it), Some(1)))
        .into_iter()
        .collect();
    [
        packages(installed, &[]),
        listening(&[]),
        os("debian"),
        usb(&sticks, since),
    ]
}

fn is(verdict: Verdict, code: &str) -> (Verdict, String) {
    (verdict, code.to_owned())
}

#[test]
fn the_rows_follow_the_lists() {
    use Verdict::{Met, NotMet, Unknown};
    let mut scene = Scene::new(Profile::Gov);
    let id = scene.enrol(DeviceClass::Issued);
    let values = reports(&["bash", "anydesk"], Some("S-1"), Some(30));
    assert_eq!(said(&scene, DENIED), is(Unknown, "check.never"));
    judge(&mut scene, id, &values, NOW);
    let (no_deny, no_allow) = ("software.no-deny-list", "software.no-allow-list");
    assert_eq!(said(&scene, DENIED), is(Unknown, no_deny));
    assert_eq!(said(&scene, OUTSIDE), is(Unknown, no_allow));
    assert_eq!(said(&scene, ATTACHED), is(NotMet, "usb.unpermitted"));
    list(&mut scene, 1, "deny", "AnyDesk", "", &["anydesk"]);
    let standard = ["os:debian", "bash"];
    list(&mut scene, 2, "allow", "標準構成", "", &standard);
    medium(&mut scene, 1, "S-1");
    judge(&mut scene, id, &values, NOW);
    assert_eq!(said(&scene, DENIED), is(NotMet, "software.forbidden"));
    assert_eq!(said(&scene, OUTSIDE), is(NotMet, "software.outside-list"));
    assert_eq!(said(&scene, ATTACHED), is(Met, "row.all-pass"));
    // The software is removed.
    judge(&mut scene, id, &reports(&["bash"], None, None), NOW);
    assert_eq!(said(&scene, DENIED), is(Met, "row.all-pass"));
    assert_eq!(said(&scene, OUTSIDE), is(Unknown, "attestation.missing"));
    assert_eq!(said(&scene, ATTACHED), is(Unknown, "usb.no-history"));
}

#[test]
fn that_the_need_was_looked_at_is_attested_and_never_lifts_the_machine_part() {
    let mut scene = Scene::new(Profile::Gov);
    let id = scene.enrol(DeviceClass::Issued);
    let isso = scene.appoint(Role::Isso);
    let standard = ["os:debian", "bash"];
    list(&mut scene, 2, "allow", "標準構成", "", &standard);
    scene.attest(OUTSIDE, isso, around_now());
    judge(&mut scene, id, &reports(&["bash"], None, None), NOW);
    assert_eq!(said(&scene, OUTSIDE).0, Verdict::Attested);
    judge(&mut scene, id, &reports(&["bash", "nmap"], None, None), NOW);
    let outside = is(Verdict::NotMet, "software.outside-list");
    assert_eq!(said(&scene, OUTSIDE), outside);
    let assessment = scene.assess();
    let next = &row(&assessment, OUTSIDE).next_step;
    assert_eq!(next.code, "list-or-remove-software");
}

#[test]
fn a_list_has_everything_judged_anew_and_a_permit_one_device() {
    let mut scene = Scene::new(Profile::Gov);
    let marks = |scene: &Scene| {
        let lists = Lists::of(&scene.world, NOW);
        DeviceCheck::ALL.map(|it| (lists.mark(it).map(str::to_owned), lists.marked(it)))
    };
    let changed = |before: &Scene, after: &Scene| {
        let (before, after) = (marks(before), marks(after));
        let other = DeviceCheck::ALL
            .into_iter()
            .zip(before.into_iter().zip(after));
        let other = other.filter(|(_, (a, b))| a != b);
        other.map(|(check, _)| check).collect::<Vec<_>>()
    };
    assert_eq!(Lists::of(&scene.world, NOW), Lists::default());
    let step = |scene: &mut Scene, act: &dyn Fn(&mut Scene)| {
        let mut before = Scene::new(Profile::Gov);
        std::mem::swap(&mut before.world, &mut scene.world);
        scene.world = before.world.clone();
        act(scene);
        changed(&before, scene)
    };
    let deny = |scene: &mut Scene| list(scene, 1, "deny", "Tor", "", &["tor"]);
    assert_eq!(step(&mut scene, &deny), [SoftwareDenied]);
    let allow = |scene: &mut Scene| list(scene, 2, "allow", "Bash", "", &["bash"]);
    assert_eq!(step(&mut scene, &allow), [SoftwareAllowed]);
    let known = |scene: &mut Scene| {
        medium(scene, 1, "S-1");
    };
    assert_eq!(step(&mut scene, &known), [Peripherals]);
    let mark = Lists::of(&scene.world, NOW);
    let soft = |scene: &mut Scene| give(scene, 1, ps("nmap", &[device(7)]), 5, until(5));
    assert_eq!(step(&mut scene, &soft), [SoftwareAllowed]);
    let lists = Lists::of(&scene.world, NOW);
    // What concerns every device is as it was.
    assert_eq!(lists.mark(SoftwareAllowed), mark.mark(SoftwareAllowed));
    assert_eq!(lists.marked(SoftwareAllowed), [device(7)]);
    assert!(lists.mark_of(SoftwareAllowed, device(7)).is_some());
    assert_eq!(lists.mark_of(SoftwareAllowed, device(8)), None);
    assert_eq!(lists.mark_of(Peripherals, device(7)), None);
}
