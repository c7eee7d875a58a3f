//! Five thousand people moved by one list, through the real writer, while decisions go on.

use std::time::{Duration, Instant};

use sekisho_domain::actor::Actor;
use sekisho_domain::command::{Command, MovesCommand};
use sekisho_domain::event::BlobRef;
use sekisho_domain::id::{AppointmentId, MoveListId, PostId};
use sekisho_domain::moves::{MoveKind, MoveLine, MoveState, encode_lines};
use sekisho_domain::role::Role;
use sekisho_domain::time::Span;
use sekisho_ledger::digest::Digest;
use sekisho_server::app::{App, fresh};
use sekisho_server::reconcile::Settler;
use sekisho_sim::organisation::Size;

use crate::measure::Times;
use crate::office::{Office, Others};
use crate::{Outcome, Target};

/// People moved.
const MOVED: usize = 5_000;
/// Commands of the baseline.
const BASELINE: usize = 200;

/// Measures a list of moves carried out, and commands beside it.
///
/// # Panics
/// Where the application does not open or a command is refused.
pub fn run() -> Outcome {
    let place = tempfile::TempDir::new().expect("a temporary folder");
    let size = Size {
        people: 5_400,
        issued: 50,
        byod: 10,
    };
    let office = Office::filled(place.path(), 11, size);
    let mut outcome = Outcome::new();

    let alone: Vec<f64> = (0..BASELINE).map(|_| office.entered()).collect();
    outcome.figure("a decision alone, p99", p99(&alone), "s", Target::None);

    let list = accept(&office);
    let app = &office.app;
    let settler = Settler::start(app.clone()).expect("a thread");
    let others = Others::at_work(&office);
    wait_until_carried_out(app, list);
    let day = app.world().moves.list(list).map(|it| it.at);
    let took = day.map_or(f64::NAN, |day| {
        app.now().since(day).as_millis() as f64 / 1000.0
    });
    let took_beside = others.told();
    settler.stop();
    let name = format!("{MOVED} people moved, from the instant of the list on");
    outcome.figure(&name, took, "s", Target::AtMost(60.0));
    let count = took_beside.len() as f64;
    outcome.figure("decisions meanwhile", count, "", Target::AtLeast(1.0));
    let slowest = took_beside.iter().copied().fold(0.0, f64::max);
    outcome.figure(
        "a decision meanwhile, p99",
        p99(&took_beside),
        "s",
        Target::None,
    );
    outcome.figure(
        "a decision meanwhile, slowest",
        slowest,
        "s",
        Target::AtMost(2.0),
    );
    app.stop();
    outcome
}

fn wait_until_carried_out(app: &App, list: MoveListId) {
    let begun = Instant::now();
    while app.world().moves.list(list).map(|it| it.state) != Some(MoveState::Done) {
        assert!(
            begun.elapsed() < Duration::from_secs(300),
            "it is carried out"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn p99(took: &[f64]) -> f64 {
    took.iter().copied().collect::<Times>().at(99) / 1_000.0
}

/// A list that moves members of staff one post on, from now on.
fn accept(office: &Office) -> MoveListId {
    let (app, ministry) = (&office.app, &office.ministry);
    let mut posts = ministry.posts.iter();
    let staff: Vec<PostId> = posts
        .by_ref()
        .filter(|post| post.roles == [Role::Staff])
        .map(|post| post.id)
        .collect();
    let place = |post: PostId| staff.iter().position(|it| *it == post);
    let held = ministry.holdings.iter();
    let lines: Vec<MoveLine> = held
        .filter_map(|held| Some((held, place(held.post)?)))
        .take(MOVED)
        .map(|(held, place)| MoveLine {
            kind: MoveKind::Transfer,
            person: held.person,
            from: Some(held.post),
            to: Some(staff[(place + 1) % staff.len()]),
            unit: None,
            appointment: Some(AppointmentId::new(fresh().expect("randomness"))),
        })
        .collect();
    assert_eq!(lines.len(), MOVED, "enough members of staff");
    let list = MoveListId::new(fresh().expect("randomness"));
    let document = encode_lines(&lines);
    let command = MovesCommand::Accept {
        list,
        at: app.now().after(Span::seconds(2)),
        lines,
        document: BlobRef {
            blob: Digest::of(&document).to_string(),
            size: document.len() as u64,
        },
    };
    let actor = Actor::person(office.holder(Role::Ciso));
    app.command_blocking(actor, Command::Moves(Box::new(command)), vec![document])
        .expect("the list is accepted");
    list
}
