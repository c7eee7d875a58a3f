//! Storage by the register of media and the permits for equipment.

use sekisho_domain::check::DeviceCheck::Peripherals;
use sekisho_domain::check::Outcome::{Fail, Pass, Unknown};
use sekisho_domain::code::Param;
use sekisho_domain::device::{DeviceClass, DeviceKey};
use sekisho_domain::event::Event;
use sekisho_domain::fact::{Seen, UnseenReason};
use sekisho_domain::id::UnitId;
use sekisho_domain::profile::Profile;
use sekisho_domain::time::Span;

use super::{is, medium, pp, run_on, stick, told, usb};
use crate::fixture::{NOW, Scene, device, fact, fresh, seen};
use crate::permits::{give, over, person, until};

#[test]
fn a_permit_without_devices_covers_those_that_its_holder_uses() {
    let mut scene = Scene::new(Profile::Gov);
    scene.apply(Event::DeviceEnrolled {
        device: device(0),
        ordinal: 0,
        key: DeviceKey::try_from("0".repeat(44)).unwrap(),
        class: DeviceClass::Issued,
        unit: UnitId::new(fresh(2, 0)),
        user: Some(person()),
    });
    let storage = [usb(&[stick(Some("S-1"), Some(1))], Some(30))];
    assert_eq!(told(&scene, Peripherals, &storage).0, Fail);
    give(&mut scene, 1, pp("Stick", Some("ｓ-1"), None), 5, until(9));
    assert_eq!(
        told(&scene, Peripherals, &storage),
        is(Pass, "usb.permitted")
    );
}

#[test]
fn storage_counts_while_it_is_attached_and_for_the_period_after() {
    let scene = Scene::new(Profile::Gov);
    let s = |days| stick(Some("S-1"), days);
    for (devices, since, outcome, code) in [
        (&[][..], Some(30), Pass, "usb.none-seen"),
        (&[], None, Unknown, "usb.no-history"),
        (&[s(Some(0))], Some(30), Fail, "usb.unpermitted-attached"),
        (&[s(Some(1))], Some(30), Fail, "usb.unpermitted"),
        (&[s(Some(28))], None, Fail, "usb.unpermitted"),
        (&[s(Some(29))], Some(90), Pass, "usb.none-seen"),
        (&[s(None)], Some(90), Unknown, "usb.undated"),
        (&[s(None), s(Some(2))], Some(90), Fail, "usb.unpermitted"),
    ] {
        let found = told(&scene, Peripherals, &[usb(devices, since)]);
        assert_eq!(found, is(outcome, code), "{devices:?}");
    }
    let both = [s(Some(3)), stick(None, Some(2)), s(Some(40))];
    let result = run_on(&scene, Peripherals, &[seen(usb(&both, Some(90)))]);
    let params = &result.reason.params;
    assert_eq!(params["n"], Param::Int(2));
    assert_eq!(params["first"], Param::from("Sample Stick f055:0001"));
    assert_eq!(params["at"], Param::from(NOW.before(Span::days(2))));
    let hidden = Some(UnseenReason::NeedsPrivilege {
        what: "journal".to_owned(),
    });
    let part = fact(Seen::Value(usb(&[], Some(30))), hidden);
    assert_eq!(run_on(&scene, Peripherals, &[part]).outcome, Unknown);
}

#[test]
fn media_of_the_register_and_permits_cover_storage_by_serial_and_time() {
    let on = |days| usb(&[stick(Some("S-1"), Some(days))], Some(30));
    let mut scene = Scene::new(Profile::Gov);
    let id = medium(&mut scene, 1, "ｓ-１");
    assert_eq!(
        told(&scene, Peripherals, &[on(0)]),
        is(Pass, "usb.permitted")
    );
    // Retired three days ago: what was attached before then was in order.
    let retired = Event::RegisterRetired {
        id: id.into(),
        remark: None,
    };
    scene.apply_at(retired, NOW.before(Span::days(3)));
    assert_eq!(told(&scene, Peripherals, &[on(5)]).0, Pass);
    assert_eq!(told(&scene, Peripherals, &[on(2)]).0, Fail);
    assert_eq!(told(&scene, Peripherals, &[on(0)]).0, Fail);

    let here = Some(device(0));
    let nameless = |days| usb(&[stick(None, Some(days))], Some(30));
    for (permit, term, value, outcome) in [
        (pp("x", Some("S-1"), here), until(1), on(0), Pass),
        (pp("x", Some("S-1"), here), until(1), on(20), Pass),
        (pp("x", Some("S-2"), here), until(1), on(0), Fail),
        (pp("x", Some("S-1"), Some(device(1))), until(1), on(0), Fail),
        // Over for nine days: what was attached while it held was in order.
        (pp("x", Some("S-1"), here), over(9), on(10), Pass),
        (pp("x", Some("S-1"), here), over(9), on(8), Fail),
        (pp("x", Some("S-1"), here), over(9), on(0), Fail),
        // A permit that states no serial number means the model on the device that it names.
        (pp("sample stick", None, here), until(1), nameless(1), Pass),
        (pp("F055:0001", None, here), until(1), on(1), Pass),
        (pp("Other Stick", None, here), until(1), on(1), Fail),
        (pp("x", Some("S-1"), here), until(1), nameless(1), Fail),
    ] {
        let mut scene = Scene::new(Profile::Gov);
        give(&mut scene, 1, permit.clone(), 5, term);
        let found = told(&scene, Peripherals, std::slice::from_ref(&value));
        assert_eq!(found.0, outcome, "{permit:?} {value:?}");
    }
}
