//! What time has made due is recorded by the program: a list of moves on its day.

use std::time::{Duration, Instant};

use sekisho_domain::actor::Actor;
use sekisho_domain::command::{Command, MovesCommand, NewPerson, PersonCommand};
use sekisho_domain::event::BlobRef;
use sekisho_domain::id::{AccountId, AppointmentId, MoveListId, PersonId, PostId};
use sekisho_domain::moves::{MoveKind, MoveLine, MoveState, encode_lines};
use sekisho_domain::post::Post;
use sekisho_domain::role::Role;
use sekisho_domain::time::{Interval, Span};
use sekisho_ledger::digest::Digest;
use sekisho_server::app::directory::{PROFILE_PURPOSE, PersonProfile};
use sekisho_server::app::{App, fresh};
use sekisho_server::reconcile::Settler;

use super::reconcile_house::open;

fn officer(app: &App) -> Actor {
    Actor::person(app.world().bootstrap.unwrap())
}

fn profile(app: &App, person: PersonId, name: &str) -> sekisho_domain::event::Sealed {
    let profile = PersonProfile {
        name: serde_json::from_str(&format!(r#"{{"ja":"{name}"}}"#)).unwrap(),
        mail: None,
    };
    let text = serde_json::to_vec(&profile).unwrap();
    app.seal(person, PROFILE_PURPOSE, &text).unwrap()
}

/// A person with a post of these roles and an account.
fn member(app: &App, roles: &[Role]) -> (PersonId, PostId) {
    let (person, post) = (
        PersonId::new(fresh().unwrap()),
        PostId::new(fresh().unwrap()),
    );
    let root = app.world().organisation.as_ref().unwrap().root;
    for command in [
        Command::RegisterPerson {
            person: NewPerson {
                id: person,
                profile: profile(app, person, "山田"),
            },
            unit: root,
        },
        Command::CreatePost(Box::new(Post::created(
            post,
            root,
            serde_json::from_str(r#"{"ja":"官職"}"#).unwrap(),
            roles.to_vec(),
        ))),
        Command::Appoint {
            id: AppointmentId::new(fresh().unwrap()),
            person,
            post,
            valid: Interval::starting(app.now()),
        },
        Command::IssueAccount {
            account: AccountId::new(fresh().unwrap()),
            person,
        },
    ] {
        app.command_blocking(officer(app), command, Vec::new())
            .unwrap();
    }
    (person, post)
}

/// Waits for something that comes by itself.
fn comes(what: impl Fn() -> bool) {
    let begun = Instant::now();
    while !what() {
        assert!(
            begun.elapsed() < Duration::from_secs(30),
            "it does not come"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_list_is_carried_out_on_its_day_and_after_a_restart() {
    let place = tempfile::tempdir().unwrap();
    let app = open(place.path());
    let (mover, old) = member(&app, &[Role::Staff]);
    let (leaver, new) = member(&app, &[Role::Staff]);
    let (ciso, _) = member(&app, &[Role::Ciso]);
    let line = |kind, person, from, to| MoveLine {
        kind,
        person,
        from: Some(from),
        to,
        unit: None,
        appointment: to.map(|_: PostId| AppointmentId::new(fresh().unwrap())),
    };
    let lines = vec![
        line(MoveKind::Transfer, mover, old, Some(new)),
        line(MoveKind::Leave, leaver, new, None),
    ];
    let list = MoveListId::new(fresh().unwrap());
    let document = encode_lines(&lines);
    let command = Command::Moves(Box::new(MovesCommand::Accept {
        list,
        at: app.now().after(Span::seconds(1)),
        lines,
        document: BlobRef {
            blob: Digest::of(&document).to_string(),
            size: document.len() as u64,
        },
    }));
    app.command_blocking(Actor::person(ciso), command, vec![document])
        .unwrap();
    // Stopped before the day, started after it: the list is found in the ledger.
    app.stop();
    drop(app);
    let app = open(place.path());
    let settler = Settler::start(app.clone()).unwrap();
    comes(|| app.world().moves.list(list).unwrap().state == MoveState::Done);
    {
        let (now, world) = (app.now(), app.world());
        assert!(world.moves.list(list).unwrap().skipped.is_empty());
        assert_eq!(world.holders(old, now).count(), 0);
        assert_eq!(world.holders(new, now).collect::<Vec<_>>(), [mover]);
        assert!(!world.has_open_account(leaver) && world.has_open_account(mover));
    }
    settler.stop();
    app.stop();
}

#[test]
fn a_changed_name_is_read_after_a_restart_from_a_snapshot() {
    let place = tempfile::tempdir().unwrap();
    let app = open(place.path());
    let (person, _) = member(&app, &[Role::Staff]);
    let change = Command::Person(Box::new(PersonCommand::Change {
        person,
        unit: None,
        profile: Some(profile(&app, person, "鈴木")),
        expected: Some(0),
    }));
    let (head, _) = member(&app, &[Role::Hiso]);
    app.command_blocking(Actor::person(head), change, Vec::new())
        .unwrap();
    let name = |app: &App| {
        let names = app.directory();
        names.get(person).unwrap().name.ja.as_str().to_owned()
    };
    assert_eq!(name(&app), "鈴木");
    app.stop();
    drop(app);
    let app = open(place.path());
    assert_eq!(name(&app), "鈴木");
    app.stop();
}
