//! Snapshots are written beside the writer: it waits for none of them but the last.

use std::sync::{Arc, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

use sekisho_domain::world::World;
use sekisho_store::sqlite::ledger::{Access, LedgerStore};

use super::super::Inner;
use super::SnapshotError;

/// A snapshot is written after so many records, and when the writer stops.
const EVERY: u64 = 50_000;

/// The writing of snapshots, one at a time, on a thread of its own.
#[derive(Default)]
pub(in super::super) struct Beside {
    /// Records since the last was begun.
    since: u64,
    under_way: Option<JoinHandle<()>>,
}

impl Beside {
    /// Takes note of records that have become visible, and begins a snapshot where it is time and none
    /// is under way.
    pub(in super::super) fn follow(&mut self, inner: &Arc<Inner>, records: u64) {
        self.since += records;
        if self.since >= EVERY {
            self.begin(inner);
        }
    }

    fn begin(&mut self, inner: &Arc<Inner>) {
        if self.under_way.as_ref().is_some_and(|it| !it.is_finished()) {
            return;
        }
        self.join();
        let inner = Arc::clone(inner);
        let thread = std::thread::Builder::new().name("snapshot".to_owned());
        match thread.spawn(move || told(write_visible(&inner))) {
            Ok(handle) => self.under_way = Some(handle),
            Err(error) => told(Err(error.into())),
        }
        self.since = 0;
    }

    /// Waits for what is under way and writes the last: the World in which the writer stops.
    pub(in super::super) fn finish(&mut self, inner: &Inner, world: &World, ledger: &LedgerStore) {
        self.join();
        told(super::write(&inner.folder, world, ledger));
    }

    /// Waits for what is under way and says if it did not end well.
    fn join(&mut self) {
        if let Some(under_way) = self.under_way.take()
            && under_way.join().is_err()
        {
            tracing::error!(code = "snapshot.panicked", "a snapshot ended abnormally");
        }
    }
}

/// The visible World is held for as long as taking what is stored of it takes; the rest of the work
/// holds nothing.
fn write_visible(inner: &Inner) -> Result<(), SnapshotError> {
    let begun = Instant::now();
    let frozen = inner
        .world
        .read()
        .unwrap_or_else(PoisonError::into_inner)
        .frozen();
    tracing::debug!(held = ?begun.elapsed(), "the World was held for a snapshot");
    let ledger = LedgerStore::open(&inner.folder.ledger(), Access::Read)?;
    super::write(&inner.folder, &frozen, &ledger)
}

/// A snapshot is only a cache: without one the next start replays.
fn told(written: Result<(), SnapshotError>) {
    if let Err(error) = written {
        tracing::warn!(code = "snapshot.failed", %error, "no snapshot");
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use sekisho_domain::actor::Actor;
    use sekisho_domain::command::{Command, FirstOfficer, NewPerson};
    use sekisho_domain::id::{
        AccountId, AppointmentId, Fresh, OrganisationId, PersonId, PostId, UnitId,
    };
    use sekisho_domain::name::{Line, Name};
    use sekisho_domain::organisation::Organisation;
    use sekisho_domain::post::Post;
    use sekisho_domain::profile::Profile;
    use sekisho_domain::role::Role;
    use sekisho_store::DataFolder;
    use sekisho_store::keyring::MasterSource;

    use super::super::super::App;
    use super::super::super::clock::MachineTime;
    use super::super::super::open::replay;
    use super::*;

    fn open(path: &Path) -> App {
        let folder = DataFolder::create_or_open(path).unwrap();
        let master = MasterSource::standard(&folder, None);
        App::open(folder, &master, Box::new(MachineTime::default())).unwrap()
    }

    fn found(app: &App) {
        let name = || Name::ja(Line::parse("見本省").unwrap());
        let (person, root) = (PersonId::new(Fresh([1; 16])), UnitId::new(Fresh([2; 16])));
        let post = PostId::new(Fresh([3; 16]));
        let profile = app.seal(person, "person.profile", b"{}").unwrap();
        let command = Command::FoundOrganisation {
            organisation: Box::new(Organisation {
                id: OrganisationId::new(Fresh([4; 16])),
                name: name(),
                profile: Profile::Gov,
                clauses_opted_in: false,
                root,
                demo: false,
            }),
            officer: Box::new(FirstOfficer {
                person: NewPerson {
                    id: person,
                    profile,
                },
                account: AccountId::new(Fresh([5; 16])),
                post: Post::created(post, root, name(), vec![Role::Hiso]),
                appointment: AppointmentId::new(Fresh([6; 16])),
            }),
            catalogue: "1".to_owned(),
            catalogue_digest: "d".to_owned(),
        };
        let founded = app.command_blocking(Actor::Setup, command, Vec::new());
        founded.unwrap();
    }

    fn grow(app: &App, n: usize) {
        let command = Command::SetCheckpointTargets {
            targets: vec![format!("file:/{n}")],
        };
        let done = app.command_blocking(Actor::Operator, command, Vec::new());
        assert_eq!(done.unwrap().records, 1);
    }

    #[test]
    fn a_snapshot_written_while_commands_go_on_is_the_world_of_one_moment() {
        let place = tempfile::tempdir().unwrap();
        let app = open(place.path());
        found(&app);
        grow(&app, 0);
        let others = app.clone();
        let others = std::thread::spawn(move || (1..200).for_each(|n| grow(&others, n)));
        let mut beside = Beside::default();
        let mut sizes = Vec::new();
        while !others.is_finished() || sizes.is_empty() {
            beside.begin(&app.0);
            beside.under_way.take().unwrap().join().unwrap();
            let ledger = app.open_ledger().unwrap();
            let mut world = super::super::read(app.folder(), &ledger).unwrap();
            sizes.push(world.events);
            // What it does not hold yet is in the ledger: nothing is missing and nothing comes twice.
            let before = ledger.size().unwrap();
            replay(&ledger, &mut world, &mut |_| (), None).unwrap();
            let after = ledger.size().unwrap();
            assert!((before..=after).contains(&world.events), "{}", world.events);
        }
        others.join().unwrap();
        assert!(sizes.is_sorted(), "{sizes:?}");
        // One that a crash left half written is not looked at.
        let draft = app.folder().snapshots().join("world.draft");
        std::fs::write(draft, b"{\"form\":").unwrap();
        let ledger = app.open_ledger().unwrap();
        let mut world = super::super::read(app.folder(), &ledger).unwrap();
        replay(&ledger, &mut world, &mut |_| (), None).unwrap();
        assert_eq!(world, *app.world());
        app.stop();
        let last = super::super::read(app.folder(), &ledger).unwrap();
        assert_eq!(last, *app.world());
    }

    #[test]
    fn one_is_begun_each_time_so_many_records_have_come() {
        let place = tempfile::tempdir().unwrap();
        let app = open(place.path());
        let mut beside = Beside::default();
        beside.follow(&app.0, EVERY - 1);
        assert!(beside.under_way.is_none());
        beside.follow(&app.0, 1);
        assert!(beside.under_way.is_some());
        assert_eq!(beside.since, 0);
        // The last waits for it.
        let world = app.world().clone();
        let ledger = app.open_ledger().unwrap();
        beside.finish(&app.0, &world, &ledger);
        assert!(beside.under_way.is_none());
        assert_eq!(super::super::read(app.folder(), &ledger), Some(world));
        app.stop();
    }
}
