//! Break-glass: who may open it, what it gives, how it ends.

use sekisho_domain::actor::Actor;
use sekisho_domain::break_glass::LASTS;
use sekisho_domain::command::{Command, NewPerson};
use sekisho_domain::id::{AccountId, AppointmentId, PersonId, PostId};
use sekisho_domain::post::Post;
use sekisho_domain::role::Role;
use sekisho_domain::time::{Interval, Timestamp};
use sekisho_domain::world::World;

use super::commands::{act, at, founded, fresh, name, officer, root, sealed};

const ISSO: u64 = 30;
const ADMINISTRATOR: u64 = 31;
const AUDITOR: u64 = 32;
const STAFF: u64 = 33;
const WITHOUT_ACCOUNT: u64 = 34;
const CISO: u64 = 35;

fn person(n: u64) -> PersonId {
    PersonId::new(fresh(n))
}

/// An organisation with CISO and HISO appointed, so that no bootstrap power is left, and officers.
fn house() -> World {
    let mut world = founded();
    let actor = Actor::person(officer());
    let mut asked = |command| act(&mut world, &actor, &command, at(1)).unwrap();
    for (n, role) in [
        (ISSO, Role::Isso),
        (ADMINISTRATOR, Role::SystemAdministrator),
        (AUDITOR, Role::Auditor),
        (STAFF, Role::Staff),
        (WITHOUT_ACCOUNT, Role::Csirt),
        (CISO, Role::Ciso),
    ] {
        asked(Command::RegisterPerson {
            person: NewPerson {
                id: person(n),
                profile: sealed(person(n)),
            },
            unit: root(),
        });
        asked(Command::CreatePost(Box::new(Post::created(
            PostId::new(fresh(100 + n)),
            root(),
            name("官職"),
            vec![role],
        ))));
        if n != WITHOUT_ACCOUNT {
            asked(Command::IssueAccount {
                account: AccountId::new(fresh(200 + n)),
                person: person(n),
            });
        }
        asked(Command::Appoint {
            id: AppointmentId::new(fresh(300 + n)),
            person: person(n),
            post: PostId::new(fresh(100 + n)),
            valid: Interval::starting(at(1)),
        });
    }
    assert!(world.bootstrap_is_over());
    world
}

fn open(world: &mut World, first: u64, second: u64, now: Timestamp) -> Result<usize, String> {
    let command = Command::OpenBreakGlass {
        second: person(second),
        reason: sealed(person(first)),
    };
    act(world, &Actor::person(person(first)), &command, now)
}

fn found_post(n: u64) -> Command {
    Command::CreatePost(Box::new(Post::created(
        PostId::new(fresh(n)),
        root(),
        name("新しい官職"),
        vec![Role::Hiso],
    )))
}

#[test]
fn two_different_officers_with_accounts_open_it_and_nobody_else() {
    for (first, second, expected) in [
        (ISSO, ADMINISTRATOR, Ok(1)),
        (ADMINISTRATOR, CISO, Ok(1)),
        (ISSO, ISSO, Err("break-glass.same-person")),
        (ISSO, AUDITOR, Err("break-glass.no-post")),
        (ISSO, STAFF, Err("break-glass.no-post")),
        (ISSO, WITHOUT_ACCOUNT, Err("break-glass.no-account")),
        (WITHOUT_ACCOUNT, ISSO, Err("break-glass.no-account")),
        (ISSO, 999, Err("person.unknown")),
        (AUDITOR, ISSO, Err("authorise.no-authority")),
        (STAFF, ISSO, Err("authorise.no-authority")),
        (999, ISSO, Err("authorise.no-authority")),
    ] {
        let answer = open(&mut house(), first, second, at(2));
        assert_eq!(answer, expected.map_err(str::to_owned), "{first} {second}");
    }
    // Neither the shell nor the program opens it by itself.
    for actor in [Actor::Operator, Actor::System, Actor::Setup] {
        let command = Command::OpenBreakGlass {
            second: person(ISSO),
            reason: sealed(person(ISSO)),
        };
        let refused = act(&mut house(), &actor, &command, at(2));
        assert_eq!(refused, Err("authorise.no-authority".to_owned()));
    }
    // An appointment that is over counts no more, an account that is closed neither.
    let mut world = house();
    let hiso = Actor::person(officer());
    let ended = Command::EndAppointment {
        appointment: AppointmentId::new(fresh(300 + ISSO)),
        until: at(5),
    };
    act(&mut world, &hiso, &ended, at(2)).unwrap();
    let closed = Command::CloseAccount {
        account: AccountId::new(fresh(200 + ADMINISTRATOR)),
    };
    act(&mut world, &hiso, &closed, at(2)).unwrap();
    let refused = open(&mut world, CISO, ISSO, at(5));
    assert_eq!(refused, Err("break-glass.no-post".to_owned()));
    let refused = open(&mut world, CISO, ADMINISTRATOR, at(5));
    assert_eq!(refused, Err("break-glass.no-account".to_owned()));
}

#[test]
fn a_reason_under_the_key_of_another_is_refused() {
    let command = Command::OpenBreakGlass {
        second: person(ADMINISTRATOR),
        reason: sealed(person(ADMINISTRATOR)),
    };
    let refused = act(&mut house(), &Actor::person(person(ISSO)), &command, at(2));
    assert_eq!(refused, Err("break-glass.reason-of-another".to_owned()));
}

#[test]
fn both_hold_the_powers_for_an_hour_and_neither_appoints_himself() {
    let mut world = house();
    let (one, other) = (
        Actor::person(person(ISSO)),
        Actor::person(person(ADMINISTRATOR)),
    );
    let shut = act(&mut world, &one, &found_post(40), at(2));
    assert_eq!(shut, Err("authorise.no-authority".to_owned()));
    open(&mut world, ISSO, ADMINISTRATOR, at(2)).unwrap();
    assert_eq!(
        open(&mut world, CISO, ISSO, at(3)),
        Err("break-glass.open-already".to_owned())
    );
    act(&mut world, &one, &found_post(40), at(3)).unwrap();
    act(&mut world, &other, &found_post(41), at(3)).unwrap();
    let appoint = |id: u64, who: u64| Command::Appoint {
        id: AppointmentId::new(fresh(id)),
        person: person(who),
        post: PostId::new(fresh(40)),
        valid: Interval::starting(at(3)),
    };
    let oneself = act(&mut world, &one, &appoint(50, ISSO), at(3));
    assert_eq!(oneself, Err("appointment.oneself".to_owned()));
    act(&mut world, &other, &appoint(50, ISSO), at(3)).unwrap();
    // What the bootstrap officer may not, they may not.
    let forget = Command::ForgetPerson {
        person: person(STAFF),
    };
    let refused = act(&mut world, &other, &forget, at(3));
    assert_eq!(refused, Err("authorise.no-authority".to_owned()));
    let end = at(2).after(LASTS);
    let last = Timestamp::from_millis(end.as_millis() - 1);
    act(&mut world, &other, &found_post(42), last).unwrap();
    let over = act(&mut world, &other, &found_post(43), end);
    assert_eq!(over, Err("authorise.no-authority".to_owned()));
}

#[test]
fn the_shell_closes_it_early_and_the_program_notes_the_end_once() {
    let mut world = house();
    let close = Command::CloseBreakGlass;
    let not_open = Err("break-glass.not-open".to_owned());
    assert_eq!(act(&mut world, &Actor::Operator, &close, at(2)), not_open);
    open(&mut world, ISSO, ADMINISTRATOR, at(2)).unwrap();
    let end = at(2).after(LASTS);
    assert_eq!(act(&mut world, &Actor::System, &close, at(3)), not_open);
    act(&mut world, &Actor::Operator, &close, at(3)).unwrap();
    assert!(world.break_glass_open(at(3)).is_none());
    let shut = act(
        &mut world,
        &Actor::person(person(ISSO)),
        &found_post(40),
        at(3),
    );
    assert_eq!(shut, Err("authorise.no-authority".to_owned()));
    assert_eq!(act(&mut world, &Actor::Operator, &close, at(4)), not_open);
    assert_eq!(act(&mut world, &Actor::System, &close, end), not_open);
    // Another one, left to run out.
    open(&mut world, CISO, ADMINISTRATOR, at(10)).unwrap();
    let end = at(10).after(LASTS);
    assert_eq!(act(&mut world, &Actor::Operator, &close, end), not_open);
    act(&mut world, &Actor::System, &close, end).unwrap();
    assert_eq!(act(&mut world, &Actor::System, &close, end), not_open);
}

#[test]
fn ciso_and_its_two_officers_close_it_and_no_other_officer_does() {
    let mut world = house();
    let close = Command::CloseBreakGlass;
    let mut minute = 2;
    for who in [CISO, ISSO, ADMINISTRATOR] {
        let actor = Actor::person(person(who));
        open(&mut world, ISSO, ADMINISTRATOR, at(minute)).unwrap();
        act(&mut world, &actor, &close, at(minute + 1)).unwrap();
        assert!(world.break_glass_open(at(minute + 1)).is_none(), "{who}");
        minute += 2;
    }
    // One who could have opened it is not thereby among the two.
    open(&mut world, CISO, ADMINISTRATOR, at(minute)).unwrap();
    let other = Actor::person(person(ISSO));
    let refused = act(&mut world, &other, &close, at(minute + 1));
    assert_eq!(refused, Err("authorise.no-authority".to_owned()));
    assert!(world.break_glass_open(at(minute + 1)).is_some());
}
