//! A gateway's own addresses at the inside never take a whole line for outside.

use sekisho_domain::actor::Actor;
use sekisho_domain::code::Param;
use sekisho_domain::command::{Command, decide};
use sekisho_domain::event::{Event, StoredEvent};
use sekisho_domain::field::Value;
use sekisho_domain::id::{GatewayId, LineId, PostId};
use sekisho_domain::register::inside::{InsideFault, brings, inside_fault};
use sekisho_domain::register::{Gateway, Particulars, Register};
use sekisho_domain::role::Role;
use sekisho_domain::world::{NoDocuments, World};

use super::commands::{act, at, founded, fresh, root};
use super::registers::{change, enter, holder, read, text};

fn many(texts: &[&str]) -> Value {
    Value::Many(texts.iter().map(|it| (*it).to_owned()).collect())
}

fn officer() -> PostId {
    PostId::new(fresh(1060))
}

fn line(name: &str, kind: &str, seen_as: &[&str]) -> Particulars {
    let fields = [
        ("name", text(name)),
        ("kind", text(kind)),
        ("officer", text(&officer().to_string())),
        ("seen_as", many(seen_as)),
    ];
    read(Register::Line, &fields)
}

fn gateway(name: &str, inside: &[&str]) -> Particulars {
    let fields = [
        ("name", text(name)),
        ("line", text(&LineId::new(fresh(75)).to_string())),
        ("officer", text(&officer().to_string())),
        ("endpoint", text("gate.example.jp:51820")),
        ("network", text("10.90.0.0/16")),
        ("inside", many(inside)),
    ];
    read(Register::Gateway, &fields)
}

/// The code, the field and the other entry of a refusal.
fn refused(
    world: &World,
    keeper: &Actor,
    command: &Command,
) -> (String, Option<String>, Option<Param>) {
    let refusal = decide(world, keeper, command, at(2)).unwrap_err();
    let other = refusal.reason.params.get("other").cloned();
    (refusal.reason.code.to_string(), refusal.field, other)
}

fn told(code: &str, field: &str, other: &impl ToString) -> (String, Option<String>, Option<Param>) {
    let other = Param::from(other.to_string());
    (code.to_owned(), Some(field.to_owned()), Some(other))
}

#[test]
fn they_are_few_and_leave_a_line_addresses_of_its_own() {
    let mut world = founded();
    let keeper = holder(&mut world, 60, root(), &[Role::Isso, Role::Hiso]);
    let (lan, gate) = (LineId::new(fresh(75)), GatewayId::new(fresh(76)));
    let seen_as = ["OFFICE", "192.0.2.0/24", "198.51.100.8/31"];
    let entered = enter(lan, None, line("庁内LAN", "internal", &seen_as));
    act(&mut world, &keeper, &entered, at(1)).unwrap();
    let wide = enter(gate, None, gateway("ゲートウェイ", &["192.0.2.0/24"]));
    let (code, field, _) = refused(&world, &keeper, &wide);
    assert_eq!(
        (code.as_str(), field.as_deref()),
        ("gateway.inside-wide", Some("inside"))
    );
    // All of what a line is known by, at one piece, as part of more, or in parts.
    let has_line = told("gateway.inside-has-line", "inside", &lan);
    for inside in [
        &["198.51.100.8/31"][..],
        &["198.51.100.8/30"],
        &["198.51.100.8", "198.51.100.9"],
    ] {
        let entered = enter(gate, None, gateway("ゲートウェイ", inside));
        assert_eq!(refused(&world, &keeper, &entered), has_line, "{inside:?}");
    }
    let own = ["192.0.2.9", "198.51.100.9"];
    let entered = enter(gate, None, gateway("ゲートウェイ", &own));
    act(&mut world, &keeper, &entered, at(2)).unwrap();
    // The other way round; a line that leads from outside in any case may be known by them.
    let other = LineId::new(fresh(77));
    let single = ["192.0.2.9"];
    let entered = enter(other, None, line("別館LAN", "internal", &single));
    let is_gateway = told("line.seen-as-gateway", "seen_as", &gate);
    assert_eq!(refused(&world, &keeper, &entered), is_gateway);
    let changed = change(lan, None, line("庁内LAN", "internal", &single), None);
    assert_eq!(refused(&world, &keeper, &changed), is_gateway);
    let entered = enter(
        other,
        None,
        line("リモートアクセス", "remote_access", &single),
    );
    act(&mut world, &keeper, &entered, at(3)).unwrap();
    let changed = change(
        other,
        None,
        line("リモートアクセス", "internal", &single),
        None,
    );
    assert_eq!(refused(&world, &keeper, &changed), is_gateway);
}

/// A gateway as it was recorded by a program that looked neither at lines nor at how many its addresses are.
fn entered_before(world: &mut World, keeper: &Actor, gate: GatewayId, inside: &[&str]) {
    let before = StoredEvent {
        actor: keeper.clone(),
        recorded_at: at(1),
        effective_from: None,
        event: Event::RegisterEntered {
            id: gate.into(),
            unit: None,
            particulars: gateway("ゲートウェイ", inside),
            remark: None,
        },
    };
    world.apply(&before, &NoDocuments).unwrap();
}

#[test]
fn what_an_older_entry_says_of_a_whole_line_is_left_out_and_nothing_else() {
    let lan = LineId::new(fresh(75));
    let has_line = InsideFault::HasLine(lan, "192.0.2.8/30".parse().unwrap());
    let cases = [
        (
            &["192.0.2.0/24"][..],
            Some(InsideFault::Wide),
            [false, true],
        ),
        (
            &["192.0.2.8/31", "192.0.2.64/27"][..],
            Some(InsideFault::Wide),
            [true, true],
        ),
        (&["192.0.2.8/30"][..], Some(has_line), [false, false]),
        (
            &["192.0.2.8/31", "192.0.2.10/31", "192.0.2.77"][..],
            Some(has_line),
            [false, true],
        ),
        (&["192.0.2.9"][..], None, [true, false]),
    ];
    for (inside, fault, outside) in cases {
        let mut world = founded();
        let keeper = holder(&mut world, 60, root(), &[Role::Isso, Role::Hiso]);
        let entered = enter(lan, None, line("庁内LAN", "internal", &["192.0.2.8/30"]));
        act(&mut world, &keeper, &entered, at(1)).unwrap();
        let gate = GatewayId::new(fresh(76));
        entered_before(&mut world, &keeper, gate, inside);
        let (_, known) = world.registers.get::<Gateway>(gate).unwrap();
        assert_eq!(inside_fault(&world, known), fault, "{inside:?}");
        // One of the line, and one beside it.
        let found =
            ["192.0.2.9", "192.0.2.77"].map(|it| brings(&world, known, it.parse().unwrap()));
        assert_eq!(found, outside, "{inside:?}");
        // Its tunnels are outside in any case.
        assert!(brings(&world, known, "10.90.0.7".parse().unwrap()));
    }
}

#[test]
fn an_older_entry_can_be_changed_in_something_else() {
    let mut world = founded();
    let keeper = holder(&mut world, 60, root(), &[Role::Isso, Role::Hiso]);
    let (lan, gate) = (LineId::new(fresh(75)), GatewayId::new(fresh(76)));
    let single = ["192.0.2.9"];
    let entered = enter(lan, None, line("庁内LAN", "internal", &single));
    act(&mut world, &keeper, &entered, at(1)).unwrap();
    entered_before(&mut world, &keeper, gate, &single);
    let renamed = change(gate, None, gateway("第一ゲートウェイ", &single), None);
    act(&mut world, &keeper, &renamed, at(2)).unwrap();
    let renamed = change(lan, None, line("本庁LAN", "internal", &single), None);
    act(&mut world, &keeper, &renamed, at(2)).unwrap();
    let mended = change(gate, None, gateway("第一ゲートウェイ", &[]), None);
    act(&mut world, &keeper, &mended, at(3)).unwrap();
}
