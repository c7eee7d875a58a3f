//! Lines that devices joined, by the register of lines and the permits for lines (8.1.1(3)(b)).

use sekisho_domain::check::DeviceCheck::Lines;
use sekisho_domain::check::Outcome::{Fail, Pass, Unknown};
use sekisho_domain::device::DeviceClass;
use sekisho_domain::fact::{FactValue, JoinedNetwork, NetworkMedium, Networks, Seen, UnseenReason};
use sekisho_domain::field::Value;
use sekisho_domain::id::{LineId, PostId};
use sekisho_domain::permit::Particulars;
use sekisho_domain::permit::particulars::{Line, LineKind};
use sekisho_domain::profile::Profile;
use sekisho_domain::register::Register;
use sekisho_domain::time::Span;

use super::{is, run_on, told};
use crate::fixture::{NOW, Scene, device, fact, fresh};
use crate::permits::{give, over, until};
use crate::registers::enter;

use NetworkMedium::{Mobile, Vpn, Wifi, Wired};

pub fn joined(medium: NetworkMedium, name: &str, mac: Option<&str>) -> JoinedNetwork {
    JoinedNetwork {
        medium,
        name: name.to_owned(),
        gateway_mac: mac.map(str::to_owned),
        open: None,
        last_joined: None,
        joined: true,
    }
}

fn before(medium: NetworkMedium, name: &str, days: u32) -> JoinedNetwork {
    JoinedNetwork {
        last_joined: Some(NOW.before(Span::days(days))),
        joined: false,
        ..joined(medium, name, None)
    }
}

pub fn networks(list: &[JoinedNetwork]) -> FactValue {
    FactValue::Networks(Networks {
        networks: list.to_vec(),
    })
}

pub fn line(scene: &mut Scene, n: u32, kind: &str, seen_as: &[&str]) -> LineId {
    let id = LineId::new(fresh(21, n));
    let text = |text: String| Value::Text(text);
    let seen_as = seen_as.iter().map(|it| (*it).to_owned()).collect();
    let fields = [
        ("name", text(format!("回線{n}"))),
        ("kind", text(kind.to_owned())),
        ("seen_as", Value::Many(seen_as)),
        ("officer", text(PostId::new(fresh(4, 900)).to_string())),
    ];
    enter(scene, Register::Line, id, &fields);
    id
}

fn permit(line: Option<LineId>) -> Particulars {
    Particulars::Line(Line {
        kind: LineKind::Home,
        line,
        device: Some(device(0)),
        system: None,
        encrypted: true,
    })
}

const MAC: &str = "02:00:5e:00:00:01";

#[test]
fn networks_are_told_by_their_marks() {
    let mut scene = Scene::new(Profile::Gov);
    line(&mut scene, 1, "internal", &["office", "02:00:5E:00:00:01"]);
    for (list, outcome, code) in [
        (
            vec![joined(Wifi, "ＯＦＦＩＣＥ", None)],
            Pass,
            "line.permitted",
        ),
        (
            vec![joined(Wired, "eth0", Some(MAC))],
            Pass,
            "line.permitted",
        ),
        // The name of a cable is the device's own.
        (
            vec![joined(Wired, "office", None)],
            Unknown,
            "line.unidentified",
        ),
        (vec![joined(Wifi, "cafe", None)], Fail, "line.unpermitted"),
        (
            vec![joined(Mobile, "phone", None)],
            Fail,
            "line.unpermitted",
        ),
        (
            vec![joined(Wired, "eth0", Some("02:00:5e:00:00:02"))],
            Fail,
            "line.unpermitted",
        ),
        // One in order does not hide one that is not.
        (
            vec![joined(Wifi, "office", None), before(Wifi, "cafe", 3)],
            Fail,
            "line.unpermitted",
        ),
        (
            vec![joined(Wifi, "office", None), before(Wifi, "cafe", 29)],
            Pass,
            "line.permitted",
        ),
        (
            vec![joined(Wifi, "office", None), before(Wired, "kabel", 2)],
            Pass,
            "line.permitted",
        ),
        // A tunnel rides on another line.
        (vec![joined(Vpn, "vpn", None)], Unknown, "line.none-seen"),
        (vec![], Unknown, "line.none-seen"),
    ] {
        assert_eq!(
            told(&scene, Lines, &[networks(&list)]),
            is(outcome, code),
            "{list:?}"
        );
    }
}

#[test]
fn what_the_agent_may_not_read_keeps_a_device_unknown() {
    let mut scene = Scene::new(Profile::Gov);
    line(&mut scene, 1, "internal", &["office", "02:00:5E:00:00:01"]);
    let hidden = Some(UnseenReason::NeedsPrivilege {
        what: "/etc/NetworkManager".to_owned(),
    });
    let part = fact(
        Seen::Value(networks(&[joined(Wifi, "office", None)])),
        hidden,
    );
    assert_eq!(run_on(&scene, Lines, &[part]).outcome, Unknown);
}

#[test]
fn a_permit_covers_the_line_that_it_names_or_one_by_the_word_of_its_user() {
    let here = || vec![joined(Wifi, "home", Some(MAC))];
    let two = || vec![joined(Wifi, "home", Some(MAC)), before(Wifi, "cafe", 2)];
    let empty = Scene::new(Profile::Gov);
    let nothing = is(Unknown, "line.none-registered");
    assert_eq!(told(&empty, Lines, &[networks(&here())]), nothing);
    for (term, list, outcome, code) in [
        (until(9), here(), Pass, "line.by-word"),
        (until(9), two(), Unknown, "line.more-than-permits"),
        (over(1), here(), Fail, "line.unpermitted"),
    ] {
        let mut scene = Scene::new(Profile::Gov);
        line(&mut scene, 1, "internal", &["office"]);
        give(&mut scene, 1, permit(None), 5, term);
        assert_eq!(
            told(&scene, Lines, &[networks(&list)]),
            is(outcome, code),
            "{list:?}"
        );
    }
    // Of a registered line that is seen as something, the permit is for that.
    let mut scene = Scene::new(Profile::Gov);
    let known = LineId::new(fresh(21, 2));
    let fields = [
        ("name", Value::Text("宿舎".to_owned())),
        ("kind", Value::Text("home".to_owned())),
        ("seen_as", Value::Many(vec!["home".to_owned()])),
    ];
    enter(&mut scene, Register::Line, known, &fields);
    assert_eq!(told(&scene, Lines, &[networks(&here())]).0, Fail);
    give(&mut scene, 1, permit(Some(known)), 5, until(2));
    assert_eq!(
        told(&scene, Lines, &[networks(&here())]),
        is(Pass, "line.permitted")
    );
    let result = run_on(&scene, Lines, &[crate::fixture::seen(networks(&here()))]);
    assert_eq!(
        result.fresh_until,
        NOW.after(Span::days(2)),
        "ends with the permit"
    );
    assert_eq!(told(&scene, Lines, &[networks(&two())]).0, Fail);
}

#[test]
fn a_kind_of_line_permitted_as_such_covers_one_network_of_each_device() {
    let mut scene = Scene::new(Profile::Gov);
    line(&mut scene, 1, "home", &[]);
    line(&mut scene, 2, "public", &[]);
    let home = joined(Wifi, "home", Some(MAC));
    let found = told(&scene, Lines, &[networks(std::slice::from_ref(&home))]);
    assert_eq!(found, is(Pass, "line.by-word"));
    let both = [home, before(Wifi, "cafe", 2)];
    assert_eq!(
        told(&scene, Lines, &[networks(&both)]).1,
        "line.more-than-permits"
    );
}

#[test]
fn peoples_own_devices_are_left_alone() {
    let mut scene = Scene::new(Profile::Gov);
    line(&mut scene, 1, "internal", &["office"]);
    scene.enrol(DeviceClass::Byod);
    let cafe = networks(&[joined(Wifi, "cafe", None)]);
    assert_eq!(told(&scene, Lines, &[cafe]), is(Pass, "line.own-device"));
}
