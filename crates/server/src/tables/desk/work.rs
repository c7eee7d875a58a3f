//! The work on a file, on a thread of its own.

use std::sync::{Arc, PoisonError};

use sekisho_domain::actor::Actor;
use sekisho_domain::register::{EntryId, EntryKeys, ImportRow};
use sekisho_domain::world::World;

use super::super::import::{PrepareError, Prepared, prepare};
use super::super::plan::{Plan, commit};
use super::Desk;
use super::upload::{Again, Done, Overtaken, State, Upload};
use crate::app::App;

/// Most changes of others that are named.
const OVERTAKEN_MAX: usize = 100;

/// Says so if the work ends without a word, so that no page waits for ever.
struct Watch(Arc<Upload>);

impl Drop for Watch {
    fn drop(&mut self) {
        if self.0.is_at_work() {
            self.0.set(State::Failed("http.internal".to_owned()));
        }
    }
}

fn begin(desk: &Arc<Desk>, upload: &Arc<Upload>, work: impl FnOnce(&Upload) + Send + 'static) {
    let desk = Arc::clone(desk);
    let watch = Watch(Arc::clone(upload));
    let thread = std::thread::Builder::new().name("import".to_owned());
    let begun = thread.spawn(move || {
        let _turn = desk.turn.lock().unwrap_or_else(PoisonError::into_inner);
        work(&watch.0);
    });
    if let Err(error) = begun {
        // The closure is gone, and its watch has said that the work failed.
        tracing::error!(code = "io", %error, "no thread for an import");
    }
}

/// Looks through a file.
pub(super) fn look(desk: &Arc<Desk>, app: &App, upload: &Arc<Upload>) {
    let app = app.clone();
    begin(desk, upload, move |upload| {
        let state = looked(&app, upload, None);
        upload.set(state);
    });
}

fn looked(app: &App, upload: &Upload, again: Option<Again>) -> State {
    let (bytes, given) = upload.file();
    let progress = |stage| upload.set(State::Working(stage));
    let actor = Actor::person(upload.owner);
    let found = prepare(app, &actor, upload.of, (&bytes, &given), &progress);
    match found {
        Ok(prepared) => State::Looked {
            prepared: Arc::new(prepared),
            again,
        },
        Err(PrepareError::File { faults, sheets }) => State::Unreadable {
            faults: Arc::new(faults),
            sheets: Arc::new(sheets),
        },
        Err(PrepareError::Denied(denied)) => State::Failed(denied.code().to_owned()),
    }
}

/// Stores what a file would do. Where the writer refuses, what changed meanwhile is named and the file
/// is looked through again.
pub(super) fn store(desk: &Arc<Desk>, app: &App, upload: &Arc<Upload>, prepared: Arc<Prepared>) {
    let app = app.clone();
    begin(desk, upload, move |upload| {
        let (entered, changed, unchanged) =
            (prepared.entered(), prepared.changed(), prepared.unchanged);
        let actor = Actor::person(upload.owner);
        let state = match commit(&app, actor, &prepared) {
            Ok(committed) => State::Done(Done {
                record: committed.first,
                at: committed.recorded_at,
                entered,
                changed,
                unchanged,
            }),
            Err(error) => {
                let again = Again {
                    overtaken: overtaken(&app.world(), &prepared),
                    error: Arc::new(error),
                };
                looked(&app, upload, Some(again))
            }
        };
        upload.set(state);
    });
}

/// The rows whose entries are not as they were when the file was looked through.
fn overtaken(world: &World, prepared: &Prepared) -> Vec<Overtaken> {
    let Plan::Entries { rows, .. } = &prepared.plan else {
        return Vec::new();
    };
    let rows = rows.iter().zip(&prepared.lines);
    rows.filter_map(|(row, line)| {
        let entry = other(world, row)?;
        let line = line + 1;
        Some(Overtaken { line, entry })
    })
    .take(OVERTAKEN_MAX)
    .collect()
}

fn other(world: &World, row: &ImportRow) -> Option<EntryId> {
    let known = world.registers.entry(row.id);
    let same = match (row.expected, known) {
        (Some(version), Some(entry)) => entry.version == version && entry.is_active(),
        (None, None) => true,
        _ => false,
    };
    if !same {
        return Some(row.id);
    }
    let twin = world
        .registers
        .twin(row.id, &EntryKeys::of(&row.particulars));
    twin.map(|(_, id)| id)
}
