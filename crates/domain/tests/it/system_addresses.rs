//! Addresses of systems: which are none, and that they are apart from the networks of tunnels.

use sekisho_domain::actor::Actor;
use sekisho_domain::code::Param;
use sekisho_domain::command::{Command, RegisterCommand, decide};
use sekisho_domain::event::{Event, StoredEvent};
use sekisho_domain::id::{GatewayId, LineId, PostId, SystemId};
use sekisho_domain::register::{EntryId, Particulars, Register, System};
use sekisho_domain::role::Role;
use sekisho_domain::world::{NoDocuments, World};

use super::commands::{act, at, founded, fresh, root};
use super::registers::{change, enter, holder, read, system, text};

fn at_address(officer: PostId, address: &str) -> Particulars {
    let mut values = system(officer).values();
    values.insert("address".to_owned(), text(address));
    Register::System.read(&values).unwrap()
}

#[test]
fn an_address_that_no_system_can_have_is_refused_and_an_older_entry_with_one_is_still_read() {
    let mut world = founded();
    let keeper = holder(&mut world, 60, root(), &[Role::Isso, Role::Hiso]);
    let officer = PostId::new(fresh(1060));
    let id = SystemId::new(fresh(70));
    for (address, code) in [
        ("0.0.0.0/0", "system.address-wide"),
        ("127.0.0.1", "system.address-special"),
        ("224.0.0.1", "system.address-special"),
    ] {
        let entered = enter(id, None, at_address(officer, address));
        let refusal = decide(&world, &keeper, &entered, at(1)).unwrap_err();
        assert_eq!(refusal.reason.code, code, "{address}");
        assert_eq!(refusal.field.as_deref(), Some("address"));
    }
    // As it was recorded by a program that looked at no address.
    let before = StoredEvent {
        actor: keeper.clone(),
        recorded_at: at(1),
        effective_from: None,
        event: Event::RegisterEntered {
            id: id.into(),
            unit: None,
            particulars: at_address(officer, "0.0.0.0/0"),
            remark: None,
        },
    };
    world.apply(&before, &NoDocuments).unwrap();
    let (_, known) = world.registers.get::<System>(id).unwrap();
    assert!(known.place().is_err() && known.network().is_none());
    // It stays until it is put right, and that it can be.
    let mended = change(id, None, at_address(officer, "192.0.2.10"), None);
    act(&mut world, &keeper, &mended, at(2)).unwrap();
    let (_, known) = world.registers.get::<System>(id).unwrap();
    assert_eq!(known.network().unwrap().to_string(), "192.0.2.10/32");
}

fn gateway(line: LineId, officer: PostId, network: &str) -> Particulars {
    let fields = [
        ("name", text("ゲートウェイ")),
        ("line", text(&line.to_string())),
        ("officer", text(&officer.to_string())),
        ("endpoint", text("gate.example.jp:51820")),
        ("network", text(network)),
    ];
    read(Register::Gateway, &fields)
}

fn internal_line(world: &mut World, keeper: &Actor, officer: PostId) -> LineId {
    let line = LineId::new(fresh(75));
    let fields = [
        ("name", text("庁内LAN")),
        ("kind", text("internal")),
        ("officer", text(&officer.to_string())),
    ];
    let entered = enter(line, None, read(Register::Line, &fields));
    act(world, keeper, &entered, at(1)).unwrap();
    line
}

/// A system goes out of use, or comes back.
fn turned(id: SystemId, retires: bool) -> Command {
    let (register, id) = (Register::System, EntryId::from(id));
    Command::Register(Box::new(if retires {
        RegisterCommand::Retire {
            register,
            id,
            remark: None,
            expected: None,
        }
    } else {
        RegisterCommand::Restore {
            register,
            id,
            remark: None,
            expected: None,
        }
    }))
}

#[test]
fn systems_and_the_networks_of_tunnels_are_apart() {
    let mut world = founded();
    let keeper = holder(&mut world, 60, root(), &[Role::Isso, Role::Hiso]);
    let officer = PostId::new(fresh(1060));
    let line = internal_line(&mut world, &keeper, officer);
    let (gate, id) = (GatewayId::new(fresh(76)), SystemId::new(fresh(70)));
    let entered = enter(gate, None, gateway(line, officer, "10.90.0.0/16"));
    act(&mut world, &keeper, &entered, at(1)).unwrap();
    let refused = |world: &World, command: &Command| {
        let refusal = decide(world, &keeper, command, at(2)).unwrap_err();
        let other = refusal.reason.params.get("other").cloned();
        (refusal.reason.code.to_string(), refusal.field, other)
    };
    let told = |code: &str, field: &str, other: String| {
        let other = Param::from(other);
        (code.to_owned(), Some(field.to_owned()), Some(other))
    };
    let in_tunnels = told("system.address-in-tunnels", "address", gate.to_string());
    for address in ["10.90.0.7", "10.0.0.0/8", "10.90.0.0/16"] {
        let entered = enter(id, None, at_address(officer, address));
        assert_eq!(refused(&world, &entered), in_tunnels, "{address}");
    }
    let entered = enter(id, None, at_address(officer, "10.91.0.7"));
    act(&mut world, &keeper, &entered, at(2)).unwrap();
    let changed = change(id, None, at_address(officer, "10.90.0.7"), None);
    assert_eq!(refused(&world, &changed), in_tunnels);
    // The other way round, also where the system comes back.
    let changed = change(gate, None, gateway(line, officer, "10.91.0.0/24"), None);
    let has_system = told("gateway.network-has-system", "network", id.to_string());
    assert_eq!(refused(&world, &changed), has_system);
    act(&mut world, &keeper, &turned(id, true), at(3)).unwrap();
    act(&mut world, &keeper, &changed, at(3)).unwrap();
    assert_eq!(refused(&world, &turned(id, false)), in_tunnels);
}

#[test]
fn what_stood_in_a_tunnels_network_before_keeps_no_other_field_from_being_changed() {
    let mut world = founded();
    let keeper = holder(&mut world, 60, root(), &[Role::Isso, Role::Hiso]);
    let officer = PostId::new(fresh(1060));
    let line = internal_line(&mut world, &keeper, officer);
    let (gate, id) = (GatewayId::new(fresh(76)), SystemId::new(fresh(70)));
    let entered = enter(gate, None, gateway(line, officer, "10.90.0.0/16"));
    act(&mut world, &keeper, &entered, at(1)).unwrap();
    // As it was recorded by a program that did not look for it.
    let before = StoredEvent {
        actor: keeper.clone(),
        recorded_at: at(1),
        effective_from: None,
        event: Event::RegisterEntered {
            id: id.into(),
            unit: None,
            particulars: at_address(officer, "10.90.0.7"),
            remark: None,
        },
    };
    world.apply(&before, &NoDocuments).unwrap();
    // A lost key is replaced, and a system gets another name.
    let with_key = |network: &str| {
        let mut values = gateway(line, officer, network).values();
        values.insert("key".to_owned(), text(&"k".repeat(44)));
        Register::Gateway.read(&values).unwrap()
    };
    let changed = change(gate, None, with_key("10.90.0.0/16"), None);
    act(&mut world, &keeper, &changed, at(2)).unwrap();
    let mut values = at_address(officer, "10.90.0.7").values();
    values.insert("name".to_owned(), text("別の名の情報システム"));
    let renamed = Register::System.read(&values).unwrap();
    act(&mut world, &keeper, &change(id, None, renamed, None), at(2)).unwrap();
    // Where the network or the address itself is another one, it is looked at.
    let code = |world: &World, command: &Command| {
        let refusal = decide(world, &keeper, command, at(3)).unwrap_err();
        refusal.reason.code.to_string()
    };
    let narrower = change(gate, None, with_key("10.90.0.0/24"), None);
    assert_eq!(code(&world, &narrower), "gateway.network-has-system");
    let moved = change(id, None, at_address(officer, "10.90.0.8"), None);
    assert_eq!(code(&world, &moved), "system.address-in-tunnels");
}
