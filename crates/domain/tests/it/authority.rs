//! The gate, exhaustively: every role × every action × every kind of subject, and the table as the
//! documentation prints it.

use std::collections::BTreeSet;
use std::path::PathBuf;

use sekisho_domain::actor::Actor;
use sekisho_domain::appointment::{Appointment, AppointmentKind};
use sekisho_domain::authorise::{
    Action, BOOTSTRAP, BREAK_GLASS, Basis, GRANTS, OPERATOR, Reach, SETUP, SYSTEM, Subject,
    authorise, reached,
};
use sekisho_domain::break_glass::BreakGlass;
use sekisho_domain::device::{Device, DeviceClass, DeviceKey, DeviceState};
use sekisho_domain::id::{AppointmentId, DeviceId, Fresh, PersonId, PostId, SystemId, UnitId};
use sekisho_domain::name::{Line, Name};
use sekisho_domain::post::Post;
use sekisho_domain::role::Role;
use sekisho_domain::time::{Interval, Timestamp};
use sekisho_domain::unit::Unit;
use sekisho_domain::world::World;

pub const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

pub fn fresh(byte: u8) -> Fresh {
    Fresh([byte; 16])
}

pub fn unit(byte: u8) -> UnitId {
    UnitId::new(fresh(byte))
}

pub fn person(byte: u8) -> PersonId {
    PersonId::new(fresh(byte))
}

fn device(byte: u8) -> DeviceId {
    DeviceId::new(fresh(byte))
}

pub fn name() -> Name {
    Name::ja(Line::parse("名").unwrap())
}

pub const ROOT: u8 = 1;
pub const SECTION: u8 = 2;
pub const BELOW: u8 = 3;
pub const ELSEWHERE: u8 = 4;
pub const HOLDER: u8 = 10;
const COLLEAGUE: u8 = 11;
const STRANGER: u8 = 12;

/// A body with a section, a unit below it and one elsewhere; the holder of `role` sits in the
/// section; each person has a device.
pub fn world(role: Role) -> World {
    let mut world = World::default();
    for (id, parent) in [
        (ROOT, None),
        (SECTION, Some(ROOT)),
        (BELOW, Some(SECTION)),
        (ELSEWHERE, Some(ROOT)),
    ] {
        let one = Unit::founded(unit(id), parent.map(unit), name(), Interval::starting(NOW));
        world.units.insert(one.id, one);
    }
    for (who, of) in [(HOLDER, SECTION), (COLLEAGUE, BELOW), (STRANGER, ELSEWHERE)] {
        world.people.insert(person(who), unit(of));
        let ordinal = u32::try_from(world.devices.len()).unwrap();
        world.device_ordinals.insert(device(who), ordinal);
        world.devices.push(Device {
            id: device(who),
            ordinal,
            key: DeviceKey::try_from("A".repeat(44)).unwrap(),
            class: DeviceClass::Issued,
            unit: unit(of),
            user: Some(person(who)),
            enrolled_at: NOW,
            state: DeviceState::Active,
            source: sekisho_domain::device::StateSource::Observed,
        });
    }
    let post = Post::created(PostId::new(fresh(20)), unit(SECTION), name(), vec![role]);
    let appointment = Appointment {
        id: AppointmentId::new(fresh(21)),
        person: person(HOLDER),
        post: post.id,
        valid: Interval {
            from: NOW,
            until: Some(Timestamp::from_millis(NOW.as_millis() + 1000)),
        },
        kind: AppointmentKind::Regular,
    };
    world.posts.insert(post.id, post);
    world
        .appointments_of
        .insert(person(HOLDER), vec![appointment.id]);
    world.appointments.insert(appointment.id, appointment);
    world
}

/// Every kind of subject with the least reach that covers it for the holder.
fn subjects() -> Vec<(Subject, Reach)> {
    vec![
        (Subject::Body, Reach::Body),
        (Subject::Unit(unit(ROOT)), Reach::Body),
        (Subject::Unit(unit(SECTION)), Reach::Unit),
        (Subject::Unit(unit(BELOW)), Reach::Unit),
        (Subject::Unit(unit(ELSEWHERE)), Reach::Body),
        (Subject::Person(person(COLLEAGUE)), Reach::Unit),
        (Subject::Person(person(STRANGER)), Reach::Body),
        (Subject::Device(device(COLLEAGUE)), Reach::Unit),
        (Subject::Device(device(STRANGER)), Reach::Body),
        (Subject::Entry(device(COLLEAGUE).into()), Reach::Unit),
        (Subject::Entry(device(STRANGER).into()), Reach::Body),
        (Subject::Entry(SystemId::new(fresh(30)).into()), Reach::Body),
    ]
}

fn granted(role: Role, action: Action) -> Option<Reach> {
    GRANTS
        .iter()
        .filter(|g| g.role == role && g.action == action)
        .map(|g| g.reach)
        .max()
}

#[test]
fn the_gate_opens_exactly_where_the_table_says() {
    for role in Role::ALL {
        let world = world(role);
        let actor = Actor::person(person(HOLDER));
        for action in Action::ALL {
            let reach = granted(role, action);
            for (subject, least) in subjects() {
                let open = authorise(&world, &actor, action, subject, NOW).is_ok();
                assert_eq!(
                    open,
                    reach >= Some(least),
                    "{role:?} {action:?} {subject:?}"
                );
            }
            for own in [
                Subject::Device(device(HOLDER)),
                Subject::Entry(device(HOLDER).into()),
                Subject::Person(person(HOLDER)),
            ] {
                let open = authorise(&world, &actor, action, own, NOW).is_ok();
                assert_eq!(open, reach.is_some(), "{role:?} {action:?} {own:?}");
            }
        }
    }
}

#[test]
fn an_appointment_that_is_over_or_not_begun_opens_nothing() {
    for role in Role::ALL {
        let world = world(role);
        let actor = Actor::person(person(HOLDER));
        for action in Action::ALL {
            for at in [NOW.as_millis() - 1, NOW.as_millis() + 1000] {
                let at = Timestamp::from_millis(at);
                assert!(authorise(&world, &actor, action, Subject::Body, at).is_err());
            }
        }
    }
}

#[test]
fn shell_program_device_and_link_do_only_what_their_lists_say() {
    let mut world = world(Role::Staff);
    for action in Action::ALL {
        let open = |world: &World, actor: &Actor| {
            authorise(world, actor, action, Subject::Body, NOW).is_ok()
        };
        assert_eq!(
            open(&world, &Actor::Operator),
            OPERATOR.contains(&action),
            "{action:?}"
        );
        assert_eq!(
            open(&world, &Actor::System),
            SYSTEM.contains(&action),
            "{action:?}"
        );
        assert_eq!(
            open(&world, &Actor::Setup),
            SETUP.contains(&action),
            "{action:?}"
        );
        let reporter = Actor::Device {
            device: device(HOLDER),
        };
        let own = authorise(
            &world,
            &reporter,
            action,
            Subject::Device(device(HOLDER)),
            NOW,
        );
        assert_eq!(own.is_ok(), action == Action::Report);
        let other = authorise(
            &world,
            &reporter,
            action,
            Subject::Device(device(STRANGER)),
            NOW,
        );
        assert!(other.is_err());
    }
    world.bootstrap = Some(person(STRANGER));
    for action in Action::ALL {
        let open = authorise(
            &world,
            &Actor::person(person(STRANGER)),
            action,
            Subject::Body,
            NOW,
        );
        assert_eq!(open.is_ok(), BOOTSTRAP.contains(&action), "{action:?}");
    }
}

/// Both officers, every action, every kind of subject, at every edge of its time.
#[test]
fn break_glass_gives_its_two_officers_its_list_while_it_is_open() {
    let mut world = world(Role::Staff);
    let at = |millis: i64| Timestamp::from_millis(NOW.as_millis() + millis);
    world.break_glass = Some(BreakGlass {
        first: person(COLLEAGUE),
        second: person(STRANGER),
        opened_at: NOW,
        until: at(500),
        closed_at: None,
    });
    let mut closed = world.clone();
    closed.break_glass.as_mut().unwrap().closed_at = Some(at(200));
    for (world, moment, open) in [
        (&world, at(-1), false),
        (&world, NOW, true),
        (&world, at(499), true),
        (&world, at(500), false),
        (&closed, at(199), true),
        (&closed, at(200), false),
    ] {
        for action in Action::ALL {
            for (subject, _) in subjects() {
                for who in [COLLEAGUE, STRANGER, HOLDER] {
                    let answer =
                        authorise(world, &Actor::person(person(who)), action, subject, moment);
                    let held = open && who != HOLDER && BREAK_GLASS.contains(&action);
                    assert_eq!(
                        answer == Ok(Basis::BreakGlass),
                        held,
                        "{who} {action:?} {subject:?} {moment}"
                    );
                    assert_eq!(answer.is_ok() && who != HOLDER, held, "and nothing besides");
                }
            }
        }
    }
}

#[test]
fn break_glass_is_the_power_of_the_bootstrap_officer_and_its_own_end() {
    let list = [
        Action::ReadStatus,
        Action::ReadDevice,
        Action::ReadLedger,
        Action::ReadDirectory,
        Action::FoundUnit,
        Action::CreatePost,
        Action::RegisterPerson,
        Action::IssueAccount,
        Action::Appoint,
    ];
    assert_eq!(BOOTSTRAP, list);
    let (end, powers) = BREAK_GLASS.split_last().unwrap();
    assert_eq!((powers, *end), (BOOTSTRAP, Action::CloseBreakGlass));
    // Who examines its use does not open it, and the shell alone never does.
    assert_eq!(granted(Role::Auditor, Action::OpenBreakGlass), None);
    for list in [OPERATOR, SYSTEM, SETUP, BOOTSTRAP, BREAK_GLASS] {
        assert!(!list.contains(&Action::OpenBreakGlass));
    }
}

#[test]
fn the_shell_never_approves_appoints_or_decides() {
    let never = [
        Action::OpenBreakGlass,
        Action::FoundOrganisation,
        Action::ChangeProfile,
        Action::AdoptCatalogue,
        Action::FoundUnit,
        Action::CreatePost,
        Action::RegisterPerson,
        Action::ForgetPerson,
        Action::Appoint,
        Action::IssueAccount,
        Action::Attest,
        Action::RecordVerdict,
        Action::ReadPersonal,
        Action::ApplyPermit,
        Action::DecidePermit,
        Action::HoldPermit,
        Action::ReceivePermit,
        Action::SettlePermit,
        Action::SetPermitRules,
        Action::NameStandIn,
        Action::Delegate,
        Action::CutAccess,
    ];
    for action in never {
        assert!(!OPERATOR.contains(&action), "{action:?}");
    }
}

#[test]
fn the_auditor_reads_and_changes_nothing() {
    let reads = [
        Action::ReadStatus,
        Action::ReadDevice,
        Action::ReadLedger,
        Action::ReadPersonal,
        Action::ReadDirectory,
        Action::VerifyLedger,
        Action::ReadRegisters,
        Action::ReadIncidents,
        Action::ReadConcerns,
        Action::ReadAccessRules,
        // One's own address is nobody's business but one's own.
        Action::ChangeOwnMail,
        // A token carries no more than the post: a program reads, then, and changes nothing.
        Action::IssueToken,
        Action::ReadPermit,
        Action::ReadAccess,
        Action::ReadServiceUse,
        Action::ReadPlan,
        Action::ReadCases,
        Action::ReadRisks,
        Action::ReadRules,
        Action::ReadRuleEffect,
        Action::ReadOpinions,
    ];
    for grant in GRANTS.iter().filter(|grant| grant.role == Role::Auditor) {
        let own = [Action::ApplyPermit, Action::AcknowledgeRule];
        let for_oneself = own.contains(&grant.action) && grant.reach == Reach::Own;
        assert!(reads.contains(&grant.action) || for_oneself, "{grant:?}");
    }
}

#[test]
fn no_line_of_the_table_stands_twice() {
    let lines: BTreeSet<_> = GRANTS.iter().map(|g| (g.role, g.action)).collect();
    assert_eq!(lines.len(), GRANTS.len());
}

fn printed() -> String {
    let mut text = String::from(
        "# Who may do what\n\nPrinted from `crates/domain/src/authorise.rs` by `cargo xtask golden`; \
         the tests hold both together.\n`body`: everything. `unit`: the post's unit and those below. \
         `own`: the person's own device or data. Empty: refused.\n\n",
    );
    let roles: Vec<Role> = Role::ALL
        .into_iter()
        .filter(|role| GRANTS.iter().any(|g| g.role == *role))
        .collect();
    text.push_str("| action |");
    for role in &roles {
        text.push_str(&format!(" {} |", role.code()));
    }
    text.push_str(" shell | program | bootstrap | break-glass | set-up link | device |\n|---|");
    text.push_str(&"---|".repeat(roles.len() + 6));
    text.push('\n');
    for action in Action::ALL {
        text.push_str(&format!("| {} |", action.code()));
        for role in &roles {
            let word = match granted(*role, action) {
                Some(Reach::Body) => "body",
                Some(Reach::Unit) => "unit",
                Some(Reach::Own) => "own",
                None => "",
            };
            text.push_str(&format!(" {word} |"));
        }
        let listed = |list: &[Action]| if list.contains(&action) { "yes" } else { "" };
        let device = if action == Action::Report { "own" } else { "" };
        let others = [
            listed(OPERATOR),
            listed(SYSTEM),
            listed(BOOTSTRAP),
            listed(BREAK_GLASS),
            listed(SETUP),
            device,
        ];
        for word in others {
            text.push_str(&format!(" {word} |"));
        }
        text.push('\n');
    }
    text
}

#[test]
fn golden_table_in_the_documentation_is_the_table() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/authority.md");
    if std::env::var("SEKISHO_GOLDEN").is_ok_and(|value| value == "write") {
        std::fs::write(&path, printed()).unwrap();
    }
    let stored = std::fs::read_to_string(&path).unwrap();
    assert_eq!(
        stored,
        printed(),
        "docs/authority.md is not the table; see `cargo xtask golden`"
    );
}

#[test]
fn what_someone_reaches_is_what_the_gate_opens_for() {
    let actor = Actor::person(person(HOLDER));
    for role in Role::ALL {
        let world = world(role);
        for action in Action::ALL {
            let reached = reached(&world, &actor, action, NOW);
            for id in [ROOT, SECTION, BELOW, ELSEWHERE].map(unit) {
                let mut units = reached.units.iter();
                let within =
                    reached.body || units.any(|above| world.unit_is_within(id, *above, NOW));
                let opens = authorise(&world, &actor, action, Subject::Unit(id), NOW).is_ok();
                assert_eq!(within, opens, "{role:?} {action:?} {id}");
            }
            let own = authorise(&world, &actor, action, Subject::Person(person(HOLDER)), NOW);
            assert_eq!(!reached.is_nothing(), own.is_ok(), "{role:?} {action:?}");
        }
    }
}

/// Every role over a permit of a colleague below, of a stranger and of one's own, and over posts: what
/// the table gives, and decisions by the route alone.
#[test]
fn permits_and_posts_are_reached_as_the_table_says() {
    use sekisho_domain::id::PermitId;
    for role in Role::ALL {
        let mut world = world(role);
        for who in [HOLDER, COLLEAGUE, STRANGER] {
            add_permit(&mut world, who);
        }
        let mine = PostId::new(fresh(20));
        let other = Post::created(
            PostId::new(fresh(22)),
            unit(BELOW),
            name(),
            vec![Role::Diso],
        );
        world.posts.insert(other.id, other.clone());
        let actor = Actor::person(person(HOLDER));
        let open = |action, subject| authorise(&world, &actor, action, subject, NOW);
        for action in Action::ALL {
            let reach = granted(role, action);
            for (who, least) in [
                (HOLDER, Reach::Own),
                (COLLEAGUE, Reach::Unit),
                (STRANGER, Reach::Body),
            ] {
                let answer = open(action, Subject::Permit(PermitId::new(fresh(who))));
                if action == Action::DecidePermit {
                    // No post on the route is held by anyone but possibly the holder.
                    assert!(answer.is_err() || who != HOLDER, "{role:?}");
                } else {
                    assert_eq!(
                        answer.is_ok(),
                        reach >= Some(least),
                        "{role:?} {action:?} {who}"
                    );
                }
            }
            let own = open(action, Subject::Post(mine)).is_ok();
            assert_eq!(own, reach.is_some(), "{role:?} {action:?} own post");
            let below = open(action, Subject::Post(other.id)).is_ok();
            assert_eq!(
                below,
                reach >= Some(Reach::Unit),
                "{role:?} {action:?} post below"
            );
        }
    }
}

fn add_permit(world: &mut World, who: u8) {
    use sekisho_domain::event::{Event, Sealed, StoredEvent};
    use sekisho_domain::id::PermitId;
    use sekisho_domain::permit::event::{Applied, Request};
    use sekisho_domain::permit::particulars::{Line as LineUse, LineKind};
    use sekisho_domain::permit::{Clause, Particulars, Route, Term};
    use sekisho_domain::world::NoDocuments;

    let text = "AAAA".to_owned();
    let purpose = Sealed {
        person: person(who),
        key: text.clone(),
        nonce: text.clone(),
        ciphertext: text,
    };
    let request = Request {
        particulars: Particulars::Line(LineUse {
            kind: LineKind::Home,
            line: None,
            device: None,
            system: None,
            encrypted: true,
        }),
        grade: None,
        wanted: Term {
            from: NOW,
            until: Timestamp::from_millis(NOW.as_millis() + 1000),
        },
        unit: world.people[&person(who)],
        route: Route {
            post: PostId::new(fresh(20)),
            role: Role::Isso,
            clause: Clause::Lines,
        },
        purpose,
    };
    let applied = Box::new(Applied {
        permit: PermitId::new(fresh(who)),
        applicant: person(who),
        request,
    });
    let stored = StoredEvent {
        actor: Actor::person(person(who)),
        recorded_at: NOW,
        effective_from: None,
        event: Event::PermitApplied { applied },
    };
    world.apply(&stored, &NoDocuments).unwrap();
}
