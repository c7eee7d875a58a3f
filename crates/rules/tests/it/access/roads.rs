//! The path of remote access, where it ends, the lines and the systems on them.

use sekisho_domain::check::{DeviceCheck, Outcome};
use sekisho_domain::role::Role;
use sekisho_domain::time::Span;
use sekisho_domain::verdict::Verdict::{Attested, Met, NotMet, Unknown};

use super::*;
use crate::fixture::around_now;
use crate::permits::{give, until};

/// An office whose gateway and system are in order, and the devices that these run on.
fn in_order() -> (Scene, DeviceId, DeviceId) {
    let (mut scene, device) = office("C2I1A1");
    let (gate, host) = (
        scene.enrol(DeviceClass::Issued),
        scene.enrol(DeviceClass::Issued),
    );
    for id in [gate, host] {
        scene.all_results(id, Outcome::Pass);
    }
    gateway(&mut scene, Some(gate));
    heard(&mut scene, hours(0), false);
    give(&mut scene, 1, connection(host), 5, until(9));
    give(&mut scene, 2, remote_access(device), 5, until(9));
    traffic(&mut scene, device, hours(2));
    (scene, gate, host)
}

#[test]
fn all_is_well_where_everything_is_seen_to_be() {
    let (mut scene, _, _) = in_order();
    for id in [PATH, DESTINATION] {
        assert_eq!(verdict(&scene, id), is(Met, "row.all-pass"), "{id}");
    }
    for id in [LINES, SYSTEMS] {
        assert_eq!(
            verdict(&scene, id),
            is(Unknown, "attestation.missing"),
            "{id}"
        );
    }
    let isso = scene.appoint(Role::Isso);
    for id in [LINES, SYSTEMS] {
        scene.attest(id, isso, around_now());
        assert_eq!(verdict(&scene, id).0, Attested, "{id}");
    }
    let assessment = scene.assess();
    let evidence = &row(&assessment, PATH).verdict.evidence;
    assert_eq!(evidence.len(), 2, "{evidence:?}");
}

#[test]
fn a_gateway_counts_while_it_is_heard_and_does_what_it_is_told() {
    let (mut scene, _, _) = in_order();
    let later = NOW.after(Span::hours(1));
    assert_eq!(verdict_at(&scene, PATH, later).0, Unknown);
    assert_eq!(verdict_at(&scene, DESTINATION, later).0, Unknown);
    heard(&mut scene, later, false);
    assert_eq!(verdict_at(&scene, PATH, later).0, Met);
    heard(&mut scene, later, true);
    assert_eq!(verdict_at(&scene, PATH, later).0, Unknown);
    let (mut scene, gate, _) = in_order();
    scene.result(gate, DeviceCheck::Firewall, Outcome::Unknown);
    assert_eq!(verdict(&scene, PATH).0, Unknown);
    scene.result(gate, DeviceCheck::Firewall, Outcome::Fail);
    for id in [PATH, LINES] {
        assert_eq!(verdict(&scene, id).0, NotMet, "{id}");
    }
}

#[test]
fn a_gateway_that_is_heard_and_does_not_do_what_it_is_told_guards_nothing() {
    let all_is_well = GatewaySeen {
        heard_at: Some(NOW),
        reported_at: Some(NOW),
        failing: false,
        listed: true,
        forwards_others: Some(false),
    };
    let of = |change: fn(&mut GatewaySeen)| {
        let mut seen = all_is_well;
        change(&mut seen);
        seen
    };
    for (seen, code) in [
        (all_is_well, None),
        // It gets no table, so that what it had before may be all that it does.
        (of(|it| it.listed = false), Some("reach.gateway-unlisted")),
        (of(|it| it.failing = true), Some("reach.gateway-failing")),
        // Its machine may lead past the tunnels, or nobody knows.
        (
            of(|it| it.forwards_others = Some(true)),
            Some("reach.gateway-forwards"),
        ),
        (
            of(|it| it.forwards_others = None),
            Some("reach.gateway-forwards-unsaid"),
        ),
        // It asks for its tables, and what passes it told ten minutes ago, never, or before the clock was set back.
        (
            of(|it| it.reported_at = Some(NOW.before(Span::minutes(10)))),
            Some("reach.gateway-unreported"),
        ),
        (
            of(|it| it.reported_at = Some(NOW.before(Span::seconds(599)))),
            None,
        ),
        (
            of(|it| it.reported_at = None),
            Some("reach.gateway-forwards-unsaid"),
        ),
        (
            of(|it| it.reported_at = Some(NOW.after(Span::seconds(6)))),
            Some("reach.gateway-unreported"),
        ),
        // Heard before the clock was set back, and never since.
        (
            of(|it| it.heard_at = Some(NOW.after(Span::seconds(6)))),
            Some("reach.gateway-silent"),
        ),
        (
            of(|it| it.heard_at = Some(NOW.after(Span::seconds(5)))),
            None,
        ),
    ] {
        let (mut scene, _, _) = in_order();
        scene.access.see_gateway(gateway_id(), seen);
        let expected = code.map_or(Met, |_| Unknown);
        for id in [PATH, DESTINATION] {
            assert_eq!(verdict(&scene, id).0, expected, "{id} {seen:?}");
        }
        if let Some(code) = code {
            both_name(&scene, code, seen);
        }
    }
}

fn both_name(scene: &Scene, code: &str, seen: GatewaySeen) {
    assert_eq!(verdict(scene, DESTINATION).1, code, "{seen:?}");
    let assessment = scene.assess();
    let path = row(&assessment, PATH);
    let mut named = path.concerned.iter();
    assert!(named.any(|it| it.reason.code == code), "{seen:?}");
}

#[test]
fn another_way_in_keeps_the_path_from_passing() {
    let (mut scene, _, _) = in_order();
    line(&mut scene, 2, "remote_access", true);
    for id in [PATH, LINES] {
        assert_eq!(verdict(&scene, id), is(Unknown, "row.unknown"), "{id}");
        let assessment = scene.assess();
        let named = &row(&assessment, id).concerned;
        assert_eq!(named[0].reason.code, "reach.line-without-gateway");
        assert_eq!(row(&assessment, id).next_step.code, "set-up-gateway");
    }
    let (mut scene, _, _) = in_order();
    line(&mut scene, 2, "remote_access", false);
    for id in [PATH, LINES] {
        assert_eq!(verdict(&scene, id), is(NotMet, "row.failing"), "{id}");
    }
}

#[test]
fn traffic_without_a_permit_fails_whatever_else_is_so() {
    let (mut scene, gate, _) = in_order();
    traffic(&mut scene, gate, hours(3));
    for id in [PATH, DESTINATION, LINES] {
        assert_eq!(verdict(&scene, id).0, NotMet, "{id}");
    }
    // What was told within a lease of the end of a permit may have passed before it.
    let (mut scene, gate, _) = in_order();
    let term = sekisho_domain::permit::Term {
        from: hours(90),
        until: hours(3),
    };
    give(&mut scene, 3, remote_access(gate), 5, term);
    traffic(&mut scene, gate, hours(3).after(Span::minutes(14)));
    assert_eq!(verdict(&scene, PATH).0, Met);
    traffic(&mut scene, gate, hours(3).after(Span::minutes(16)));
    assert_eq!(verdict(&scene, PATH).0, NotMet);
}

#[test]
fn a_proxy_guards_a_system_and_shows_no_path() {
    let (mut scene, device) = office("C2I1A1");
    for id in [PATH, DESTINATION] {
        assert_eq!(verdict(&scene, id), is(Unknown, "reach.system-unguarded"));
    }
    allowed(&mut scene, device, hours(3));
    assert_eq!(verdict(&scene, PATH), is(Unknown, "reach.path-unseen"));
    assert_eq!(
        verdict(&scene, DESTINATION),
        is(Unknown, "reach.system-no-host")
    );
    scene.all_results(device, Outcome::Pass);
    give(&mut scene, 1, connection(device), 5, until(9));
    assert_eq!(verdict(&scene, DESTINATION), is(Met, "row.all-pass"));
    assert_eq!(verdict(&scene, LINES).1, "attestation.missing");
}

#[test]
fn a_system_is_as_good_as_the_devices_it_runs_on() {
    for (outcome, code) in [
        (Outcome::Fail, "reach.system-host-failing"),
        (Outcome::Unknown, "reach.system-host-unknown"),
    ] {
        let (mut scene, _, host) = in_order();
        scene.result(host, DeviceCheck::SecurityUpdates, outcome);
        let expected = if outcome == Outcome::Fail {
            NotMet
        } else {
            Unknown
        };
        for id in [DESTINATION, SYSTEMS] {
            assert_eq!(verdict(&scene, id), is(expected, code), "{id}");
        }
    }
    let (mut scene, _, host) = in_order();
    // What is asked of a notebook is not asked of a server.
    scene.result(host, DeviceCheck::ScreenLock, Outcome::Fail);
    assert_eq!(verdict(&scene, DESTINATION).0, Met);
    // Stale.
    let later = NOW.after(Span::days(2));
    assert_eq!(verdict_at(&scene, SYSTEMS, later).0, Unknown);
}

#[test]
fn without_subjects_nothing_is_known() {
    let scene = Scene::new(Profile::Gov);
    for id in ALL {
        assert_eq!(verdict(&scene, id).0, Unknown, "{id}");
    }
    let mut scene = Scene::new(Profile::Gov);
    line(&mut scene, 1, "internal", true);
    system(&mut scene, "C2I1A1", false);
    let mut other = Scene::new(Profile::Gov);
    system(&mut other, "C2I1A1", false);
    assert_eq!(verdict(&other, PATH), is(Unknown, "access.none-remote"));
    assert_eq!(
        verdict(&other, SYSTEMS),
        is(Unknown, "access.none-on-lines")
    );
    assert_eq!(verdict(&scene, LINES), is(Unknown, "access.none-reached"));
}
