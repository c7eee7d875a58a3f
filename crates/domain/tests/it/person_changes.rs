//! What is known of people changes; people leave and return.

use sekisho_domain::actor::Actor;
use sekisho_domain::command::{Command, NewPerson, PersonCommand};
use sekisho_domain::id::{AccountId, AppointmentId, PersonId, PostId, UnitId};
use sekisho_domain::post::Post;
use sekisho_domain::role::Role;
use sekisho_domain::time::Interval;
use sekisho_domain::world::World;

use super::commands::{act, at, founded, fresh, name, officer, root, sealed};

const MEMBER: u64 = 60;

fn member() -> PersonId {
    PersonId::new(fresh(MEMBER))
}

fn with_member() -> World {
    let mut world = founded();
    let first = Actor::person(officer());
    for command in [
        Command::FoundUnit {
            id: UnitId::new(fresh(50)),
            parent: root(),
            name: name("課"),
            valid: Interval::starting(at(0)),
        },
        Command::RegisterPerson {
            person: NewPerson {
                id: member(),
                profile: sealed(member()),
            },
            unit: root(),
        },
        Command::CreatePost(Box::new(Post::created(
            PostId::new(fresh(61)),
            root(),
            name("係員"),
            vec![Role::Staff],
        ))),
        Command::Appoint {
            id: AppointmentId::new(fresh(62)),
            person: member(),
            post: PostId::new(fresh(61)),
            valid: Interval::starting(at(0)),
        },
        Command::IssueAccount {
            account: AccountId::new(fresh(63)),
            person: member(),
        },
    ] {
        act(&mut world, &first, &command, at(0)).unwrap();
    }
    world
}

fn person(command: PersonCommand) -> Command {
    Command::Person(Box::new(command))
}

#[test]
fn unit_and_name_change_under_the_persons_own_key() {
    let mut world = with_member();
    let first = Actor::person(officer());
    let change = |unit: Option<u64>, key: Option<PersonId>, expected| {
        person(PersonCommand::Change {
            person: member(),
            unit: unit.map(|n| UnitId::new(fresh(n))),
            profile: key.map(sealed),
            expected,
        })
    };
    for (command, code) in [
        (change(None, None, None), "person.unchanged"),
        (change(Some(99), None, None), "unit.unknown"),
        (change(None, Some(officer()), None), "person.key-of-another"),
        (change(Some(50), None, Some(1)), "command.stale"),
    ] {
        assert_eq!(
            act(&mut world, &first, &command, at(1)),
            Err(code.to_owned())
        );
    }
    act(
        &mut world,
        &first,
        &change(Some(50), Some(member()), Some(0)),
        at(1),
    )
    .unwrap();
    assert_eq!(world.unit_of(member(), at(1)), Some(UnitId::new(fresh(50))));
    assert_eq!(world.person_versions[&member()], 1);
    // Until then the person was where the person had been.
    assert_eq!(world.was_in[&member()], [(at(1), root())]);
}

#[test]
fn ones_own_mail_is_changed_by_oneself_alone() {
    let mut world = with_member();
    let change = |who| {
        person(PersonCommand::ChangeOwnMail {
            person: who,
            profile: sealed(who),
            expected: None,
        })
    };
    act(
        &mut world,
        &Actor::person(member()),
        &change(member()),
        at(1),
    )
    .unwrap();
    let others = act(
        &mut world,
        &Actor::person(member()),
        &change(officer()),
        at(1),
    );
    assert_eq!(others, Err("authorise.out-of-reach".to_owned()));
}

#[test]
fn who_leaves_holds_no_post_and_has_no_account() {
    let mut world = with_member();
    let first = Actor::person(officer());
    let leave = person(PersonCommand::Leave {
        person: member(),
        expected: None,
    });
    let back = person(PersonCommand::Return {
        person: member(),
        unit: UnitId::new(fresh(50)),
        expected: None,
    });
    let early = act(&mut world, &first, &back, at(1));
    assert_eq!(early, Err("person.not-left".to_owned()));
    assert_eq!(act(&mut world, &first, &leave, at(2)), Ok(3));
    assert!(!world.is_member(member(), at(2)));
    assert_eq!(world.posts_held(member(), at(2)).count(), 0);
    assert!(!world.has_open_account(member()));
    let again = act(&mut world, &first, &leave, at(3));
    assert_eq!(again, Err("person.left".to_owned()));
    let account = Command::IssueAccount {
        account: AccountId::new(fresh(64)),
        person: member(),
    };
    let refused = act(&mut world, &first, &account, at(3));
    assert_eq!(refused, Err("person.left".to_owned()));
    act(&mut world, &first, &back, at(4)).unwrap();
    assert_eq!(world.unit_of(member(), at(4)), Some(UnitId::new(fresh(50))));
    act(&mut world, &first, &account, at(5)).unwrap();
}
