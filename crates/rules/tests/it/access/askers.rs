//! Who asks the decision point: only what the entry of a system names as standing before it guards it.

use sekisho_domain::code::Reason;
use sekisho_domain::event::Event;
use sekisho_domain::id::{ApiTokenId, GatewayId, LineId, PostId};
use sekisho_domain::name::Line;
use sekisho_domain::register::Particulars;
use sekisho_domain::time::{Interval, Span};
use sekisho_domain::token::{Token, TokenHolder, TokenScope};
use sekisho_domain::verdict::Verdict::Unknown;
use sekisho_rules::reason::next_step;

use super::*;

fn token_id() -> ApiTokenId {
    ApiTokenId::new(fresh(23, 1))
}

/// A program of the organisation may ask the decision point.
fn issue(scene: &mut Scene) {
    let token = Token {
        id: token_id(),
        label: Line::parse("文書管理のプロキシ").unwrap(),
        holder: TokenHolder::Service,
        post: PostId::new(fresh(4, 900)),
        issuer: person(),
        scope: [TokenScope::Access].into(),
        valid: Interval {
            from: NOW.before(Span::days(30)),
            until: Some(NOW.after(Span::days(30))),
        },
    };
    scene.apply(Event::TokenIssued { token });
}

/// The entry of the system names these as standing before it.
fn name_askers(scene: &mut Scene, proxies: &[ProxyDoor], tokens: &[ApiTokenId]) {
    let Particulars::System(mut system) = a_system("C3I2A2", true) else {
        panic!("a system");
    };
    system.asking_proxies = proxies.to_vec();
    system.asking_tokens = tokens.to_vec();
    scene.apply(Event::RegisterChanged {
        id: system_id().into(),
        unit: None,
        particulars: Particulars::System(system),
        remark: None,
    });
}

/// Why the system is not guarded, as the row names it.
fn why(scene: &Scene) -> Reason {
    let assessment = scene.assess();
    let row = row(&assessment, HANDLED);
    assert_eq!(row.verdict.verdict, Unknown);
    assert_eq!(row.verdict.reason.code, "access.unguarded");
    row.concerned[0].reason.clone()
}

#[test]
fn a_token_that_the_entry_does_not_name_guards_nothing() {
    let (mut scene, _) = office("C3I2A2");
    issue(&mut scene);
    let token = Some(Asker::Token(token_id()));
    scene.access.asked(system_id(), token, hours(3));
    let reason = why(&scene);
    assert_eq!(reason.code, "reach.token-unnamed");
    assert_eq!(next_step(&reason).code, "name-token");
    let label = reason.params.get("token");
    assert_eq!(label, Some(&"文書管理のプロキシ".into()));
    // Named, the same question counts.
    name_askers(&mut scene, &[], &[token_id()]);
    assert_eq!(verdict(&scene, HANDLED).1, "attestation.missing");
    // A token that can no longer be used asks nothing any more.
    scene.apply(Event::TokenRevoked { token: token_id() });
    assert_eq!(why(&scene).code, "reach.system-unguarded");
}

#[test]
fn a_proxy_of_another_kind_and_an_unknown_asker_guard_nothing() {
    for (by, code, next) in [
        (
            Some(Asker::Proxy(ProxyDoor::ExtAuthz)),
            "reach.proxy-unnamed",
            "name-proxy",
        ),
        (None, "reach.asker-unknown", "name-asker"),
    ] {
        let (mut scene, _) = office("C3I2A2");
        scene.access.asked(system_id(), by, hours(3));
        let reason = why(&scene);
        assert_eq!(reason.code, code);
        assert_eq!(next_step(&reason).code, next);
        // What is named asks as well.
        asked(&mut scene, hours(4));
        assert_eq!(verdict(&scene, HANDLED).1, "attestation.missing");
    }
}

#[test]
fn an_entry_that_names_nothing_is_guarded_by_no_question() {
    let (mut scene, _) = office("C3I2A2");
    asked(&mut scene, hours(3));
    assert_eq!(verdict(&scene, HANDLED).1, "attestation.missing");
    name_askers(&mut scene, &[], &[]);
    assert_eq!(why(&scene).code, "reach.proxy-unnamed");
    // What asked a week ago is told of no longer.
    let (mut scene, _) = office("C3I2A2");
    scene.access.asked(system_id(), None, hours(24 * 8));
    assert_eq!(why(&scene).code, "reach.system-unguarded");
}

#[test]
fn a_gateway_that_asks_for_its_tunnels_is_no_asker_of_the_system() {
    let (mut scene, _) = office("C3I2A2");
    for by in [
        Asker::Gateway(GatewayId::new(fresh(24, 1))),
        Asker::Line(LineId::new(fresh(25, 1))),
    ] {
        scene.access.asked(system_id(), Some(by), hours(3));
        assert_eq!(why(&scene).code, "reach.system-unguarded", "{by:?}");
    }
}
