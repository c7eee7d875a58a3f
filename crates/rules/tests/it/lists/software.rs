//! Software by the lists of the register and the permits for it.

use sekisho_domain::check::DeviceCheck::{SoftwareAllowed, SoftwareDenied};
use sekisho_domain::check::Outcome::{Fail, Pass, Unknown};
use sekisho_domain::code::Param;
use sekisho_domain::fact::{Fact, FactKind, Seen, UnseenReason};
use sekisho_domain::profile::Profile;

use super::{is, list, listening, os, packages, ps, run_on, told};
use crate::fixture::{Scene, device, fact, seen, unseen};
use crate::permits::{give, over, until};

fn forbidding() -> Scene {
    let mut scene = Scene::new(Profile::Gov);
    let tor = ["TOR", "torbrowser-*"];
    list(&mut scene, 1, "deny", "Ｔｏｒ Browser", "", &tor);
    let daemon = ["transmission-daemon"];
    list(&mut scene, 2, "deny", "Transmission", "", &daemon);
    list(
        &mut scene,
        3,
        "deny",
        "Old Viewer",
        "3以前",
        &["old-viewer"],
    );
    scene
}

#[test]
fn forbidden_software_is_found_by_package_source_process_width_and_case() {
    let scene = forbidding();
    let (bash, sshd) = (&["bash"][..], &["sshd"][..]);
    let none: &[&str] = &[];
    for (installed, broken, running) in [
        (&["bash", "tor"][..], none, sshd),
        (&["bash", "Ｔｏｒ"], none, sshd),
        (&["tor-geoipdb/tor"], none, sshd),
        (&["torbrowser-launcher"], none, sshd),
        // By the name of the entry itself.
        (&["torbrowser"], none, sshd),
        (&["old-viewer", "tor"], none, sshd),
        (bash, &["tor"], sshd),
        (bash, none, &["transmission-da"]),
    ] {
        let values = [packages(installed, broken), listening(running)];
        let found = told(&scene, SoftwareDenied, &values);
        assert_eq!(found, is(Fail, "software.forbidden"), "{values:?}");
    }
    let facts = [
        seen(packages(&["tor", "transmission/transmission"], &[])),
        seen(listening(&[])),
    ];
    let params = run_on(&scene, SoftwareDenied, &facts).reason.params;
    assert_eq!(params["n"], Param::Int(2));
    assert_eq!(params["software"], Param::from("Transmission"));
}

#[test]
fn other_names_are_no_hit_and_limits_in_words_are_for_people_to_compare() {
    let scene = forbidding();
    for (installed, expected) in [
        (&["bash"][..], is(Pass, "software.none-forbidden")),
        (&["tortoise"], is(Pass, "software.none-forbidden")),
        (&["old-viewer"], is(Unknown, "software.forbidden-versions")),
        (&[], is(Unknown, "software.no-packages")),
    ] {
        let values = [packages(installed, &[]), listening(&["sshd"])];
        assert_eq!(told(&scene, SoftwareDenied, &values), expected);
    }
}

#[test]
fn nothing_to_compare_with_and_what_was_not_seen_never_pass() {
    let mut scene = Scene::new(Profile::Gov);
    let clean = [packages(&["bash"], &[]), listening(&["sshd"])];
    let none = is(Unknown, "software.no-deny-list");
    assert_eq!(told(&scene, SoftwareDenied, &clean), none);
    // An allowed entry is no forbidden one.
    list(&mut scene, 1, "allow", "Bash", "", &["bash"]);
    assert_eq!(told(&scene, SoftwareDenied, &clean), none);
    // An entry that devices report under some other name, which nobody entered.
    list(&mut scene, 2, "deny", "ファイル交換ソフト", "", &[]);
    let unnamed = is(Unknown, "software.deny-unnamed");
    assert_eq!(told(&scene, SoftwareDenied, &clean), unnamed);
    list(&mut scene, 3, "deny", "Tor", "", &["tor"]);
    assert_eq!(told(&scene, SoftwareDenied, &clean), unnamed);

    let mut scene = Scene::new(Profile::Gov);
    list(&mut scene, 3, "deny", "Tor", "", &["tor"]);
    assert_eq!(told(&scene, SoftwareDenied, &clean).0, Pass);
    let hidden = || {
        Some(UnseenReason::NeedsPrivilege {
            what: "x".to_owned(),
        })
    };
    let [installed, running] = clean;
    let part = |value| fact(Seen::Value(value), hidden());
    for (facts, why) in [
        (vec![seen(installed.clone())], "unseen.not-reported"),
        (
            vec![seen(installed.clone()), unseen(FactKind::Listening)],
            "unseen.needs-privilege",
        ),
        (
            vec![seen(installed.clone()), part(running.clone())],
            "unseen.needs-privilege",
        ),
        (
            vec![part(installed), seen(running.clone())],
            "unseen.needs-privilege",
        ),
        (vec![seen(running)], "unseen.not-reported"),
    ] {
        let result = run_on(&scene, SoftwareDenied, &facts);
        assert_eq!((result.outcome, &*result.reason.code), (Unknown, why));
    }
    // What is seen to fail fails whatever else is hidden.
    let facts = [part(packages(&["tor"], &[])), unseen(FactKind::Listening)];
    assert_eq!(run_on(&scene, SoftwareDenied, &facts).outcome, Fail);
}

#[test]
fn software_outside_the_list_fails_only_where_the_list_says_what_the_system_is() {
    let mut scene = Scene::new(Profile::Gov);
    let allowed = |scene: &Scene, names: &[&str], product: &str| {
        told(scene, SoftwareAllowed, &[packages(names, &[]), os(product)])
    };
    let none = is(Unknown, "software.no-allow-list");
    list(&mut scene, 1, "allow", "文書作成", "", &[]);
    list(&mut scene, 2, "deny", "Tor", "", &["tor"]);
    assert_eq!(allowed(&scene, &["bash"], "debian"), none);
    list(&mut scene, 3, "allow", "Firefox", "", &["firefox-*"]);
    list(&mut scene, 4, "conditional", "GIMP", "", &["gimp"]);
    list(&mut scene, 5, "allow", "Viewer", "5以降", &["viewer"]);
    let unlisted = is(Unknown, "software.system-unlisted");
    for (names, expected) in [
        (&["firefox-esr"][..], is(Pass, "software.all-listed")),
        (
            &["firefox-l10n-ja/firefox-esr"],
            is(Pass, "software.all-listed"),
        ),
        (&["firefox-esr", "bash"], unlisted.clone()),
        (
            &["firefox-esr", "viewer"],
            is(Unknown, "software.allowed-versions"),
        ),
        // That a condition is not kept is known without knowing the system.
        (
            &["bash", "gimp"],
            is(Fail, "software.condition-unpermitted"),
        ),
        (&[], is(Unknown, "software.no-packages")),
    ] {
        assert_eq!(allowed(&scene, names, "debian"), expected, "{names:?}");
    }
    list(
        &mut scene,
        6,
        "allow",
        "標準構成",
        "",
        &["ＯＳ:Debian", "bash", "lib*"],
    );
    let outside = is(Fail, "software.outside-list");
    assert_eq!(allowed(&scene, &["bash", "libc6"], "debian").0, Pass);
    assert_eq!(allowed(&scene, &["bash", "nmap"], "debian"), outside);
    assert_eq!(allowed(&scene, &["bash", "nmap"], "almalinux"), unlisted);
    let broken = [packages(&["bash"], &["nmap"]), os("debian")];
    assert_eq!(told(&scene, SoftwareAllowed, &broken), outside);
    // Without the product it is unknown whose list to go by.
    let no_os = [packages(&["nmap"], &[])];
    assert_eq!(
        told(&scene, SoftwareAllowed, &no_os),
        is(Unknown, "unseen.not-reported")
    );
}

#[test]
fn a_permit_covers_software_on_its_devices_while_it_holds() {
    let ground = || {
        let mut scene = Scene::new(Profile::Gov);
        list(
            &mut scene,
            1,
            "allow",
            "標準構成",
            "",
            &["os:debian", "bash"],
        );
        list(
            &mut scene,
            2,
            "conditional",
            "GIMP",
            "",
            &["gimp", "gimp-data"],
        );
        scene
    };
    let values = [packages(&["bash", "gimp-data"], &[]), os("debian")];
    let unpermitted = is(Fail, "software.condition-unpermitted");
    assert_eq!(told(&ground(), SoftwareAllowed, &values), unpermitted);
    for (permit, term, outcome) in [
        // By the name of the entry, which knows the packages.
        (ps("ＧＩＭＰ", &[device(0)]), until(1), Pass),
        (ps("GIMP", &[device(0)]), over(1), Fail),
        (ps("GIMP", &[device(1)]), until(1), Fail),
        (ps("VLC", &[device(0)]), until(1), Fail),
        // Nobody uses the device by the register, so a permit of a person does not reach it.
        (ps("GIMP", &[]), until(1), Fail),
    ] {
        let mut scene = ground();
        give(&mut scene, 1, permit.clone(), 5, term);
        let facts: Vec<Fact> = values.iter().cloned().map(seen).collect();
        let result = run_on(&scene, SoftwareAllowed, &facts);
        assert_eq!(result.outcome, outcome, "{permit:?}");
        // Once the permit ends the pass ends with it, without any report.
        if outcome == Pass {
            assert_eq!(result.fresh_until, term.until);
        }
    }
    let mut scene = ground();
    give(&mut scene, 1, ps("nmap", &[device(0)]), 5, until(9));
    let values = [packages(&["bash", "nmap"], &[]), os("debian")];
    assert_eq!(told(&scene, SoftwareAllowed, &values).0, Pass);
}
