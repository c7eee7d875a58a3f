//! Personnel moves, and who decides: rules, stand-ins, delegations.

use serde_json::json;

use super::Pair;
use super::organisation::Made;
use crate::api::program::{id, in_days};

pub fn walk(pair: &mut Pair, made: &Made) {
    moves(pair, made);
    rules(pair);
    stand_ins(pair, made);
    delegations(pair, made);
}

fn moves(pair: &mut Pair, made: &Made) {
    const MOVES: &str = "/api/v1/moves";
    let faulty = json!({
        "at": in_days(10),
        "lines": [
            { "kind": "concurrent", "person": made.somebody },
            { "kind": "leave", "person": made.somebody, "to": made.other },
        ],
    });
    let refused = pair.may.command(MOVES, &[], None, &faulty);
    let said = refused.json();
    let pointers = ["/lines/0/to", "/lines/1/to"];
    assert_eq!(refused.status, 422, "{said}");
    for (place, pointer) in pointers.into_iter().enumerate() {
        assert_eq!(said["errors"][place]["pointer"], pointer, "{said}");
    }
    let unread = json!({ "at": in_days(10), "lines": [{ "kind": "fly", "person": 1 }] });
    let said = pair.may.command(MOVES, &[], None, &unread).json();
    assert_eq!(said["errors"][0]["pointer"], "/lines/0/kind", "{said}");
    assert_eq!(said["errors"][1]["pointer"], "/lines/0/person", "{said}");
    let list = json!({
        "at": in_days(10),
        "lines": [
            { "kind": "transfer", "person": made.chief_is, "from": made.chief, "to": made.other },
            { "kind": "concurrent", "person": made.somebody, "to": made.chief },
        ],
    });
    let accepted = pair.command(MOVES, &[], &list);
    assert_eq!(accepted["lines"], 2, "{accepted}");
    let list = id(&accepted);
    pair.read(MOVES, &[]);
    pair.read("/api/v1/moves/{id}", &[&list]);
    let withdraw = "/api/v1/moves/{id}/withdraw";
    let withdrawn = pair.command(withdraw, &[&list], &json!({}));
    assert_eq!(withdrawn["state"], "withdrawn");
    let twice = pair.may.command(withdraw, &[&list], None, &json!({}));
    assert_eq!(
        (twice.status, &twice.json()["code"]),
        (409, &json!("moves.withdrawn"))
    );
}

fn rules(pair: &mut Pair) {
    const RULES: &str = "/api/v1/permit-rules";
    let before = pair.read(RULES, &[]);
    assert_eq!(before["approvers"]["po"], "isso", "{before}");
    let changed = json!({ "by_half": true, "approvers": { "pp": "diso" } });
    let after = pair.command(RULES, &[], &changed);
    assert_eq!(
        (&after["by_half"], &after["approvers"]["pp"]),
        (&json!(true), &json!("diso"))
    );
    for (approvers, pointer) in [
        (json!({ "pt": "diso" }), "/approvers/pt"),
        (json!({ "po": "nobody" }), "/approvers/po"),
        (json!([]), "/approvers"),
    ] {
        let wrong = json!({ "by_half": true, "approvers": approvers });
        let wrong = pair.may.command(RULES, &[], None, &wrong);
        let said = wrong.json();
        assert_eq!(
            (wrong.status, &said["errors"][0]["pointer"]),
            (422, &json!(pointer))
        );
    }
    let settled = json!({ "by_half": true, "approvers": { "po": "staff" } });
    let settled = pair.may.command(RULES, &[], None, &settled);
    assert_eq!(settled.json()["errors"][0]["pointer"], "/approvers");
}

fn stand_ins(pair: &mut Pair, made: &Made) {
    const STAND_INS: &str = "/api/v1/stand-ins";
    let by = |person: &str, until: i64| {
        json!({
            "post": made.chief,
            "person": person,
            "absence": "trip",
            "kinds": ["pt", "po"],
            "until": in_days(until),
        })
    };
    for (person, until, code, pointer) in [
        (&made.chief_is, 5, "stand-in.holder", "/person"),
        (&made.somebody, -5, "term.empty", "/until"),
    ] {
        let refused = pair.may.command(STAND_INS, &[], None, &by(person, until));
        let said = refused.json();
        assert_eq!((refused.status, &said["code"]), (409, &json!(code)));
        assert_eq!(said["errors"][0]["pointer"], pointer);
    }
    let named = id(&pair.command(STAND_INS, &[], &by(&made.somebody, 5)));
    let all = pair.read(STAND_INS, &[]);
    assert_eq!(id(&all["items"][0]), named);
    pair.read("/api/v1/stand-ins/{id}", &[&named]);
    pair.command("/api/v1/stand-ins/{id}/end", &[&named], &json!({}));
    let none = pair.read(STAND_INS, &[]);
    assert_eq!(none["items"], json!([]), "{none}");
}

fn delegations(pair: &mut Pair, made: &Made) {
    const DELEGATIONS: &str = "/api/v1/delegations";
    let to = |to: &str, ceiling: &str| json!({ "post": made.chief, "to": to, "kinds": ["po"], "ceiling": ceiling });
    let wrong = pair
        .may
        .command(DELEGATIONS, &[], None, &to(&made.other, "C4I2A1"));
    assert_eq!(
        (wrong.status, &wrong.json()["errors"][0]["pointer"]),
        (422, &json!("/ceiling"))
    );
    let itself = pair
        .may
        .command(DELEGATIONS, &[], None, &to(&made.chief, "C2I2A1"));
    assert_eq!(
        (itself.status, &itself.json()["errors"][0]["pointer"]),
        (409, &json!("/to"))
    );
    let made = id(&pair.command(DELEGATIONS, &[], &to(&made.other, "C2I2A1")));
    let all = pair.read(DELEGATIONS, &[]);
    assert_eq!(all["items"][0]["ceiling"], "C2I2A1", "{all}");
    pair.read("/api/v1/delegations/{id}", &[&made]);
    let end = json!({ "until": in_days(2) });
    let ended = pair.command("/api/v1/delegations/{id}/end", &[&made], &end);
    assert!(ended["valid"]["until"].is_string(), "{ended}");
}
