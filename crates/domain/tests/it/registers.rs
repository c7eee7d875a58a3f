//! Keeping the registers: what is entered, what is refused, and who may.

use std::str::FromStr;

use sekisho_domain::access::{Asker, ProxyDoor};
use sekisho_domain::actor::Actor;
use sekisho_domain::command::{Command, RegisterCommand, decide};
use sekisho_domain::device::{DeviceClass, DeviceKey, DeviceState};
use sekisho_domain::field::{Value, Values};
use sekisho_domain::id::{
    ApiTokenId, DeviceId, MediumId, PersonId, PostId, SystemId, TaskId, UnitId,
};
use sekisho_domain::name::Line;
use sekisho_domain::post::Post;
use sekisho_domain::register::{EntryId, IssuedDevice, Particulars, Register, System};
use sekisho_domain::role::Role;
use sekisho_domain::time::{Interval, Timestamp};
use sekisho_domain::token::{KnownToken, Token, TokenHolder, TokenScope};
use sekisho_domain::world::World;

use super::commands::{act, at, founded, fresh, name, officer, root, sealed};

/// A person who holds one post with these roles in a unit.
pub fn holder(world: &mut World, n: u64, unit: UnitId, roles: &[Role]) -> Actor {
    use sekisho_domain::command::NewPerson;
    use sekisho_domain::id::AppointmentId;
    let person = PersonId::new(fresh(n));
    let post = PostId::new(fresh(n + 1000));
    let first = Actor::person(officer());
    for command in [
        Command::RegisterPerson {
            person: NewPerson {
                id: person,
                profile: sealed(person),
            },
            unit,
        },
        Command::CreatePost(Box::new(Post::created(
            post,
            unit,
            name("官職"),
            roles.to_vec(),
        ))),
        Command::Appoint {
            id: AppointmentId::new(fresh(n + 2000)),
            person,
            post,
            valid: Interval::starting(at(0)),
        },
    ] {
        act(world, &first, &command, at(0)).unwrap();
    }
    Actor::person(person)
}

pub fn found(world: &mut World, n: u64, parent: UnitId) -> UnitId {
    let id = UnitId::new(fresh(n));
    let command = Command::FoundUnit {
        id,
        parent,
        name: name(&format!("第{n}課")),
        valid: Interval::starting(at(0)),
    };
    act(world, &Actor::person(officer()), &command, at(0)).unwrap();
    id
}

pub fn read(register: Register, fields: &[(&str, Value)]) -> Particulars {
    let values: Values = fields
        .iter()
        .map(|(code, value)| ((*code).to_owned(), value.clone()))
        .collect();
    register.read(&values).unwrap()
}

pub fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

pub fn medium(number: &str) -> Particulars {
    read(
        Register::Medium,
        &[("number", text(number)), ("kind", text("usb_memory"))],
    )
}

pub fn enter(id: impl Into<EntryId>, unit: Option<UnitId>, particulars: Particulars) -> Command {
    Command::Register(Box::new(RegisterCommand::Enter {
        id: id.into(),
        unit,
        particulars,
        remark: None,
    }))
}

pub fn change(
    id: impl Into<EntryId>,
    unit: Option<UnitId>,
    particulars: Particulars,
    expected: Option<u64>,
) -> Command {
    Command::Register(Box::new(RegisterCommand::Change {
        id: id.into(),
        unit,
        particulars,
        remark: None,
        expected,
    }))
}

pub fn refused(code: &str) -> Result<usize, String> {
    Err(code.to_owned())
}

#[test]
fn the_codes_and_ids_of_registers_are_read_back() {
    for register in Register::ALL {
        assert_eq!(Register::from_code(register.code()), Some(*register));
        assert!(
            register
                .keys()
                .iter()
                .all(|key| register.fields().iter().any(|field| field.code == *key)),
            "{register:?}"
        );
        let title = Particulars::title_field(*register);
        assert!(
            register.fields().iter().any(|field| field.code == title),
            "{register:?}"
        );
        let grants = sekisho_domain::authorise::GRANTS.iter();
        let keepers: Vec<Role> = grants
            .filter(|grant| grant.action == register.keep())
            .map(|grant| grant.role)
            .collect();
        assert!(
            register.owners().iter().all(|role| keepers.contains(role)),
            "the owners of {register:?} may keep it"
        );
    }
    let id = EntryId::from(SystemId::new(fresh(7)));
    assert_eq!(EntryId::from_str(&id.to_string()), Ok(id));
    assert!(EntryId::from_str("psn_01040g2081040g2081040g2081").is_err());
}

#[test]
fn an_entry_lives_from_entered_to_restored_and_counts_its_versions() {
    let mut world = founded();
    let section = found(&mut world, 50, root());
    let chief = holder(&mut world, 60, section, &[Role::Diso]);
    let id = MediumId::new(fresh(70));
    let unit = Some(section);
    act(&mut world, &chief, &enter(id, unit, medium("M-1")), at(1)).unwrap();
    let again = act(&mut world, &chief, &enter(id, unit, medium("M-9")), at(1));
    assert_eq!(again, refused("entry.exists"));
    let stale = change(id, unit, medium("M-2"), Some(7));
    assert_eq!(
        act(&mut world, &chief, &stale, at(2)),
        refused("command.stale")
    );
    let same = change(id, unit, medium("M-1"), Some(1));
    assert_eq!(
        act(&mut world, &chief, &same, at(2)),
        refused("entry.unchanged")
    );
    let now = change(id, unit, medium("M-2"), Some(1));
    act(&mut world, &chief, &now, at(2)).unwrap();
    let turn = |retire: bool| {
        let (register, id, remark, expected) = (Register::Medium, id.into(), None, None);
        Command::Register(Box::new(if retire {
            RegisterCommand::Retire {
                register,
                id,
                remark,
                expected,
            }
        } else {
            RegisterCommand::Restore {
                register,
                id,
                remark,
                expected,
            }
        }))
    };
    let not_yet = act(&mut world, &chief, &turn(false), at(3));
    assert_eq!(not_yet, refused("entry.in-use"));
    act(&mut world, &chief, &turn(true), at(3)).unwrap();
    let twice = act(&mut world, &chief, &turn(true), at(3));
    assert_eq!(twice, refused("entry.retired"));
    let retired = change(id, unit, medium("M-3"), None);
    assert_eq!(
        act(&mut world, &chief, &retired, at(4)),
        refused("entry.retired")
    );
    // While it is out of use its number is free, and then it cannot come back.
    let other = MediumId::new(fresh(71));
    act(
        &mut world,
        &chief,
        &enter(other, unit, medium("Ｍ－２")),
        at(5),
    )
    .unwrap();
    let back = act(&mut world, &chief, &turn(false), at(6));
    assert_eq!(back, refused("entry.duplicate"));
    let entry = world.registers.entry(id).unwrap();
    assert_eq!((entry.version, entry.is_active()), (3, false));
}

#[test]
fn a_duplicate_key_names_the_other_entry() {
    let mut world = founded();
    let keeper = holder(&mut world, 60, root(), &[Role::Isso]);
    let device = |asset: &str, serial: &str| {
        read(
            Register::IssuedDevice,
            &[
                ("asset", text(asset)),
                ("form", text("notebook")),
                ("serial", text(serial)),
            ],
        )
    };
    let first = DeviceId::new(fresh(70));
    let command = enter(first, Some(root()), device("PC-001", "SN1"));
    act(&mut world, &keeper, &command, at(1)).unwrap();
    let twin = enter(
        DeviceId::new(fresh(71)),
        Some(root()),
        device("PC-002", "ＳＮ１"),
    );
    let refusal = decide(&world, &keeper, &twin, at(1)).unwrap_err();
    assert_eq!(refusal.reason.code, "entry.duplicate");
    assert_eq!(refusal.field.as_deref(), Some("serial"));
    let named = refusal.reason.params.get("other").unwrap();
    assert_eq!(named, &first.to_string().as_str().into());
}

pub fn system(officer: PostId) -> Particulars {
    read(
        Register::System,
        &[
            ("name", text("人事給与システム")),
            ("officer", text(&officer.to_string())),
            ("highest", text("C2I2A1")),
            ("host", text("own_premises")),
            ("parts", Value::Many(vec!["C2I1A1 勤怠".to_owned()])),
        ],
    )
}

fn task(systems: &[SystemId]) -> Particulars {
    let ids = systems.iter().map(ToString::to_string).collect();
    read(
        Register::Task,
        &[
            ("name", text("旅費の精算")),
            ("grade", text("C2I1A1")),
            ("state", text("allowed")),
            ("systems", Value::Many(ids)),
        ],
    )
}

#[test]
fn a_system_carries_handling_restrictions_as_documents_do_and_nothing_else() {
    let mut values = system(PostId::new(fresh(1060))).values();
    let mut with = |word: &str| {
        values.insert(
            "restrictions".to_owned(),
            Value::Many(vec![word.to_owned()]),
        );
        Register::System.read(&values)
    };
    let stored = with("複製禁止").unwrap().values();
    assert_eq!(
        stored["restrictions"],
        Value::Many(vec!["copy:deny".to_owned()])
    );
    let refused = with("取扱注意").unwrap_err();
    assert_eq!(refused.0.len(), 1);
    assert_eq!(refused.0[0].field, "restrictions");
}

#[test]
fn what_is_referred_to_must_be_there() {
    let mut world = founded();
    let keeper = holder(&mut world, 60, root(), &[Role::Isso, Role::Hiso]);
    let id = SystemId::new(fresh(70));
    let stranger = enter(id, None, system(PostId::new(fresh(9))));
    let refusal = decide(&world, &keeper, &stranger, at(1)).unwrap_err();
    assert_eq!(refusal.reason.code, "entry.unknown-reference");
    assert_eq!(refusal.field.as_deref(), Some("officer"));
    let known = enter(id, None, system(PostId::new(fresh(1060))));
    act(&mut world, &keeper, &known, at(1)).unwrap();
    let (_, noun) = world.registers.get::<System>(id).unwrap();
    assert_eq!(noun.part("勤怠").unwrap().to_string(), "C2I1A1");
    assert_eq!(noun.part("給与"), None);
}

#[test]
fn a_system_names_as_asking_only_tokens_that_may_ask() {
    let mut world = founded();
    let keeper = holder(&mut world, 60, root(), &[Role::Isso, Role::Hiso]);
    let post = PostId::new(fresh(1060));
    let issued = |n, scope: TokenScope, until| {
        let token = Token {
            id: ApiTokenId::new(fresh(n)),
            label: Line::parse("プロキシ").unwrap(),
            holder: TokenHolder::Service,
            post,
            issuer: officer(),
            scope: [scope].into(),
            valid: Interval {
                from: at(0),
                until: Some(at(until)),
            },
        };
        let known = KnownToken {
            token,
            revoked_at: None,
        };
        (known.token.id, known)
    };
    world.tokens.extend([
        issued(90, TokenScope::Access, 100),
        issued(91, TokenScope::Read, 100),
        issued(92, TokenScope::Access, 1),
    ]);
    let asked_with = |n: u64| {
        let Particulars::System(mut system) = system(post) else {
            panic!("a system");
        };
        system.asking_tokens = vec![ApiTokenId::new(fresh(n))];
        enter(SystemId::new(fresh(70)), None, Particulars::System(system))
    };
    // Of another scope, over, and never issued.
    for n in [91, 92, 93] {
        let refusal = decide(&world, &keeper, &asked_with(n), at(2)).unwrap_err();
        assert_eq!(refusal.reason.code, "entry.unknown-reference", "{n}");
        assert_eq!(refusal.field.as_deref(), Some("asking_tokens"));
    }
    act(&mut world, &keeper, &asked_with(90), at(2)).unwrap();
    let (_, entry) = world
        .registers
        .get::<System>(SystemId::new(fresh(70)))
        .unwrap();
    assert!(entry.names(Asker::Token(ApiTokenId::new(fresh(90)))));
    assert!(!entry.names(Asker::Proxy(ProxyDoor::ForwardAuth)));
}

#[test]
fn what_is_out_of_use_stays_where_it_is_named_and_is_not_named_anew() {
    let mut world = founded();
    let keeper = holder(&mut world, 60, root(), &[Role::Isso, Role::Hiso]);
    let (id, work) = (SystemId::new(fresh(70)), TaskId::new(fresh(80)));
    let known = enter(id, None, system(PostId::new(fresh(1060))));
    act(&mut world, &keeper, &known, at(1)).unwrap();
    let uses = enter(work, Some(root()), task(&[id]));
    act(&mut world, &keeper, &uses, at(2)).unwrap();
    let named = id.to_string();
    let referring: Vec<_> = world.registers.referring_to(&named).collect();
    assert_eq!(referring.len(), 1);
    assert_eq!(
        (referring[0].0.id, referring[0].1),
        (work.into(), "systems")
    );
    let retire = Command::Register(Box::new(RegisterCommand::Retire {
        register: Register::System,
        id: id.into(),
        remark: None,
        expected: None,
    }));
    act(&mut world, &keeper, &retire, at(3)).unwrap();
    let none = "entry.unknown-reference";
    let anew = enter(TaskId::new(fresh(81)), Some(root()), task(&[id]));
    assert_eq!(act(&mut world, &keeper, &anew, at(4)), refused(none));
    let gone = change(work, Some(root()), task(&[]), None);
    act(&mut world, &keeper, &gone, at(4)).unwrap();
    let back = change(work, Some(root()), task(&[id]), None);
    assert_eq!(act(&mut world, &keeper, &back, at(5)), refused(none));
}

#[test]
fn a_chief_keeps_what_is_below_and_nothing_else() {
    let mut world = founded();
    let mine = found(&mut world, 50, root());
    let other = found(&mut world, 51, root());
    let chief = holder(&mut world, 60, mine, &[Role::Diso]);
    let id = MediumId::new(fresh(70));
    let outside = enter(id, Some(other), medium("M-1"));
    assert_eq!(
        act(&mut world, &chief, &outside, at(1)),
        refused("authorise.out-of-reach")
    );
    act(
        &mut world,
        &chief,
        &enter(id, Some(mine), medium("M-1")),
        at(1),
    )
    .unwrap();
    let pushed = change(id, Some(other), medium("M-1"), None);
    assert_eq!(
        act(&mut world, &chief, &pushed, at(2)),
        refused("authorise.out-of-reach")
    );
    let neighbour = holder(&mut world, 61, other, &[Role::Diso]);
    let taken = change(id, Some(other), medium("M-1"), None);
    assert_eq!(
        act(&mut world, &neighbour, &taken, at(2)),
        refused("authorise.out-of-reach")
    );
    let nobody = enter(MediumId::new(fresh(71)), None, medium("M-2"));
    assert_eq!(
        act(&mut world, &Actor::System, &nobody, at(2)),
        refused("authorise.no-authority")
    );
}

#[test]
fn a_device_is_registered_first_and_enrolled_to_the_same_id() {
    let mut world = founded();
    let section = found(&mut world, 50, root());
    let keeper = holder(&mut world, 60, root(), &[Role::Isso]);
    let user = PersonId::new(fresh(60));
    let id = DeviceId::new(fresh(70));
    let particulars = |user: PersonId| {
        read(
            Register::IssuedDevice,
            &[
                ("asset", text("PC-001")),
                ("form", text("notebook")),
                ("user", text(&user.to_string())),
            ],
        )
    };
    let command = enter(id, Some(section), particulars(user));
    act(&mut world, &keeper, &command, at(1)).unwrap();
    let enrol = |class| Command::EnrolDevice {
        device: id,
        key: DeviceKey::try_from("k".repeat(44)).unwrap(),
        class,
        unit: root(),
        user: None,
        source: sekisho_domain::device::StateSource::Observed,
    };
    let wrong = act(
        &mut world,
        &Actor::Operator,
        &enrol(DeviceClass::Byod),
        at(2),
    );
    assert_eq!(wrong, refused("device.other-class"));
    let right = enrol(DeviceClass::Issued);
    act(&mut world, &Actor::Operator, &right, at(2)).unwrap();
    let known = world.device(id).unwrap();
    assert_eq!((known.unit, known.user), (section, Some(user)));
    assert_eq!(world.registers.of_person(user).count(), 1);
    let moved = change(id, Some(root()), particulars(officer()), None);
    act(&mut world, &keeper, &moved, at(3)).unwrap();
    let known = world.device(id).unwrap();
    assert_eq!((known.unit, known.user), (root(), Some(officer())));
    assert_eq!(world.registers.of_person(user).count(), 0);
    let retire = Command::Register(Box::new(RegisterCommand::Retire {
        register: Register::IssuedDevice,
        id: id.into(),
        remark: None,
        expected: None,
    }));
    assert_eq!(act(&mut world, &keeper, &retire, at(4)), Ok(2));
    assert_eq!(world.device(id).unwrap().state, DeviceState::Retired);
    assert_eq!(world.registers.active(Register::IssuedDevice).count(), 0);
    assert!(world.registers.get::<IssuedDevice>(id).is_some());
}

#[test]
fn unease_is_told_by_anyone_and_answered_without_being_rewritten() {
    let mut world = founded();
    let section = found(&mut world, 50, root());
    let staff = holder(&mut world, 60, section, &[Role::Staff]);
    let chief = holder(&mut world, 61, section, &[Role::Diso]);
    let concern = |kind: &str, state: &str| {
        read(
            Register::Concern,
            &[
                ("kind", text(kind)),
                ("state", text(state)),
                ("anonymous", Value::Flag(true)),
            ],
        )
    };
    let id = EntryId::Concern(sekisho_domain::id::ConcernId::new(fresh(70)));
    let told = |state: &str, words: Option<u64>| {
        Command::Register(Box::new(RegisterCommand::Enter {
            id,
            unit: Some(section),
            particulars: concern("line", state),
            remark: words.map(|n| sealed(PersonId::new(fresh(n)))),
        }))
    };
    let cases = [
        (told("open", None), "entry.words-required"),
        (told("open", Some(61)), "entry.words-of-another"),
        (told("answered", Some(60)), "concern.not-open"),
    ];
    for (command, code) in cases {
        assert_eq!(act(&mut world, &staff, &command, at(1)), refused(code));
    }
    act(&mut world, &staff, &told("open", Some(60)), at(1)).unwrap();
    assert!(world.is_own_entry(id, PersonId::new(fresh(60))));
    let rewritten = change_any(id, section, concern("device", "answered"));
    assert_eq!(
        act(&mut world, &chief, &rewritten, at(2)),
        refused("concern.rewritten")
    );
    let answered = change_any(id, section, concern("line", "answered"));
    assert_eq!(
        act(&mut world, &staff, &answered, at(2)),
        refused("authorise.no-authority")
    );
    // An answer has words and a command of its own; what waits for one does not go without it.
    assert_eq!(
        act(&mut world, &chief, &answered, at(2)),
        refused("concern.unanswered")
    );
    let retired = Command::Register(Box::new(RegisterCommand::Retire {
        register: Register::Concern,
        id,
        remark: None,
        expected: None,
    }));
    assert_eq!(
        act(&mut world, &chief, &retired, at(2)),
        refused("concern.unanswered")
    );
}

fn change_any(id: EntryId, unit: UnitId, particulars: Particulars) -> Command {
    Command::Register(Box::new(RegisterCommand::Change {
        id,
        unit: Some(unit),
        particulars,
        remark: None,
        expected: None,
    }))
}

#[test]
fn a_register_is_declared_empty_only_while_it_is_and_until_an_entry_comes() {
    let mut world = founded();
    let keeper = holder(&mut world, 60, root(), &[Role::Isso, Role::Hiso]);
    let chief = holder(&mut world, 61, root(), &[Role::Diso]);
    let declare = Command::Register(Box::new(RegisterCommand::DeclareEmpty {
        register: Register::Medium,
    }));
    let unit = act(&mut world, &chief, &declare, at(1));
    assert_eq!(unit, refused("authorise.out-of-reach"), "not for the whole");
    act(&mut world, &keeper, &declare, at(1)).unwrap();
    let word = |world: &World, at| world.registers.declared_empty(Register::Medium, at);
    assert!(word(&world, at(1)).is_some());
    let long_after = Timestamp::from_millis(at(1).as_millis() + 181 * 86_400_000);
    assert_eq!(
        word(&world, long_after),
        None,
        "a word does not stand for ever"
    );
    let id = MediumId::new(fresh(70));
    act(
        &mut world,
        &keeper,
        &enter(id, Some(root()), medium("M-1")),
        at(2),
    )
    .unwrap();
    assert_eq!(word(&world, at(2)), None);
    assert_eq!(
        act(&mut world, &keeper, &declare, at(3)),
        refused("register.not-empty")
    );
}
