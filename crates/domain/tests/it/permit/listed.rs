//! What the registers say of software and media that somebody applies for.

use sekisho_domain::command::PermitAct;
use sekisho_domain::id::{MediumId, SoftwareId};
use sekisho_domain::permit::{HoldCause, Particulars, PermitKind};
use sekisho_domain::register::Register;
use sekisho_domain::time::Span;

use super::asked::particulars;
use super::scene::*;
use crate::commands::{fresh, sealed};

fn software(name: &str, listed: Option<u64>) -> Particulars {
    let mut asked = particulars(PermitKind::Software, STAFF, "C1I1A1");
    let Particulars::Software(it) = &mut asked else {
        panic!("{asked:?}")
    };
    it.name = name.to_owned().try_into().unwrap();
    it.listed = listed.map(|n| SoftwareId::new(fresh(n)));
    asked
}

/// What was forbidden, or needed no permit at all, once went to the officer without a word.
#[test]
fn software_is_held_against_the_lists_by_choice_and_by_name() {
    let mut scene = Scene::new();
    for (n, list, name, more) in [
        (950, "deny", "FileShare Pro", ("packages", "fileshare*")),
        (951, "allow", "図面閲覧ソフト", ("purpose", "図面")),
        (952, "conditional", "音声編集", ("condition", "単独の端末")),
        (953, "deny", "閲覧ソフト", ("versions", "3以前")),
    ] {
        let fields = [("name", name), ("list", list), more];
        scene.enter(
            SYSTEMS,
            SoftwareId::new(fresh(n)),
            Register::Software,
            &fields,
        );
    }
    for (n, name, listed, expected) in [
        (1, "別の道具", None, Ok(())),
        (2, "別の道具", Some(950), Err("permit.software-forbidden")),
        (3, "別の道具", Some(951), Err("permit.software-allowed")),
        (4, "別の道具", Some(952), Ok(())),
        (
            5,
            "ｆｉｌｅｓｈａｒｅ　ＰＲＯ",
            None,
            Err("permit.software-forbidden"),
        ),
        (6, "FileShare", None, Err("permit.software-forbidden")),
        // The number of another entry is no way round the list.
        (
            9,
            "FileShare Pro",
            Some(952),
            Err("permit.software-forbidden"),
        ),
        (10, "fileshare-gui", None, Err("permit.software-forbidden")),
        (7, "図面閲覧ソフト", None, Err("permit.software-allowed")),
        // Which versions are forbidden stands there in words: the officer reads it.
        (8, "閲覧ソフト", None, Ok(())),
    ] {
        let found = scene.apply(n, STAFF, software(name, listed)).map(|_| ());
        assert_eq!(found, expected.map_err(str::to_owned), "{name} {listed:?}");
    }
}

/// What became forbidden after the application is not approved any more.
#[test]
fn software_forbidden_meanwhile_is_not_approved() {
    let mut scene = Scene::new();
    scene.apply(1, STAFF, software("別の道具", None)).unwrap();
    let fields = [("name", "別の道具"), ("list", "deny")];
    scene.enter(
        SYSTEMS,
        SoftwareId::new(fresh(950)),
        Register::Software,
        &fields,
    );
    let refused = scene.act(1, SYSTEMS, approve());
    assert_eq!(refused, Err("permit.software-forbidden".to_owned()));
}

/// Nor taken up, made longer, or let hold again.
#[test]
fn software_forbidden_meanwhile_goes_no_further() {
    let mut scene = Scene::new();
    for n in 1..=3 {
        scene.apply(n, STAFF, software("別の道具", None)).unwrap();
        scene.act(n, SYSTEMS, approve()).unwrap();
    }
    let asked = |scene: &mut Scene, n: u64| {
        let until = scene.permit(n).grant().unwrap().term.until;
        let until = until.after(Span::days(10));
        let reason = sealed(person(STAFF));
        scene.act(n, STAFF, PermitAct::AskExtension { until, reason })
    };
    let held = PermitAct::Suspend {
        cause: HoldCause::Incident,
        remark: None,
    };
    for n in 2..=3 {
        scene.act(n, STAFF, PermitAct::Activate).unwrap();
    }
    asked(&mut scene, 2).unwrap();
    scene.act(3, SYSTEMS, held).unwrap();
    let fields = [("name", "別の道具"), ("list", "deny")];
    let id = SoftwareId::new(fresh(950));
    scene.enter(SYSTEMS, id, Register::Software, &fields);
    let forbidden = Err("permit.software-forbidden".to_owned());
    assert_eq!(scene.act(1, STAFF, PermitAct::Activate), forbidden);
    let extend = extend(None);
    assert_eq!(scene.act(2, SYSTEMS, extend), forbidden);
    assert_eq!(asked(&mut scene, 2), forbidden);
    let resume = PermitAct::Resume { remark: None };
    assert_eq!(scene.act(3, SYSTEMS, resume), forbidden);
    // What takes away is not barred by it.
    let reason = sealed(person(SYSTEMS));
    scene
        .act(2, SYSTEMS, PermitAct::RefuseExtension { reason })
        .unwrap();
    scene.act(3, STAFF, PermitAct::Return).unwrap();
}

#[test]
fn a_medium_carries_no_more_than_it_is_kept_for() {
    let mut scene = Scene::new();
    let fields = [
        ("number", "M-2"),
        ("kind", "usb_memory"),
        ("highest", "C1I1A1"),
    ];
    scene.enter(
        SYSTEMS,
        MediumId::new(fresh(960)),
        Register::Medium,
        &fields,
    );
    for (n, medium, grade, encrypted, expected) in [
        (1, 960, "C1I2A2", false, Ok(())),
        (2, 960, "C3I2A2", true, Err("permit.beyond-medium")),
        (3, 903, "C2I1A1", false, Err("permit.medium-unencrypted")),
        (4, 903, "C2I1A1", true, Ok(())),
    ] {
        let mut asked = particulars(PermitKind::Media, STAFF, grade);
        let Particulars::Media(it) = &mut asked else {
            panic!("{asked:?}")
        };
        it.medium = MediumId::new(fresh(medium));
        it.encrypted = encrypted;
        let found = scene.apply(n, STAFF, asked).map(|_| ());
        assert_eq!(found, expected.map_err(str::to_owned), "{medium} {grade}");
    }
}

#[test]
fn what_has_not_happened_yet_and_what_was_not_judged_is_no_ground() {
    let mut scene = Scene::new();
    let mut asked = particulars(PermitKind::Reconnection, STAFF, "C1I1A1");
    if let Particulars::Reconnection(it) = &mut asked {
        it.outside_since = jiff::civil::date(2099, 1, 1);
    }
    assert_eq!(
        scene.apply(1, STAFF, asked),
        Err("permit.day-in-future".to_owned())
    );
    let mut asked = particulars(PermitKind::Service, STAFF, "C1I1A1");
    if let Particulars::Service(it) = &mut asked {
        it.loss_judged = false;
    }
    assert_eq!(
        scene.apply(2, STAFF, asked),
        Err("permit.risk-not-judged".to_owned())
    );
}
