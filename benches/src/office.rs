//! A ministry at work: what subjects need that measure how others fare beside something large.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Instant;

use sekisho_domain::actor::Actor;
use sekisho_domain::command::{Command, RegisterCommand};
use sekisho_domain::field::{Value, Values};
use sekisho_domain::id::{MediumId, PersonId};
use sekisho_domain::register::Register;
use sekisho_domain::role::Role;
use sekisho_rules::catalogue::Catalogue;
use sekisho_server::app::clock::MachineTime;
use sekisho_server::app::{App, fresh};
use sekisho_sim::demo::fill;
use sekisho_sim::organisation::{Ministry, Size};
use sekisho_store::DataFolder;
use sekisho_store::keyring::MasterSource;

/// A running application with a ministry in it.
#[derive(Clone)]
pub struct Office {
    /// The application.
    pub app: App,
    /// The ministry.
    pub ministry: Ministry,
}

impl Office {
    /// Fills a folder with a ministry of this seed and size.
    ///
    /// # Panics
    /// Where the application does not open or a command is refused.
    #[must_use]
    pub fn filled(data: &Path, seed: u64, size: Size) -> Self {
        let folder = DataFolder::create_or_open(data).expect("a data folder");
        let master = MasterSource::standard(&folder, None);
        let app = App::open(folder, &master, Box::new(MachineTime::default())).expect("it opens");
        let catalogue = Catalogue::builtin().expect("the catalogue");
        let ministry = Ministry::seeded(seed, size);
        fill(&app, &catalogue, &ministry, &|| false, &mut |_, _, _| {}).expect("it is filled");
        Self { app, ministry }
    }

    /// A small ministry: what is measured comes to it.
    ///
    /// # Panics
    /// As [`Office::filled`].
    #[must_use]
    pub fn small(data: &Path, seed: u64) -> Self {
        let size = Size {
            people: 400,
            issued: 50,
            byod: 10,
        };
        Self::filled(data, seed, size)
    }

    /// The slowest of so many commands while nothing else is done, in seconds.
    ///
    /// # Panics
    /// Where one is refused.
    #[must_use]
    pub fn slowest_alone(&self, commands: usize) -> f64 {
        (0..commands).map(|_| self.entered()).fold(0.0, f64::max)
    }

    /// Who holds a central post of a role.
    ///
    /// # Panics
    /// Where nobody does.
    #[must_use]
    pub fn holder(&self, role: Role) -> PersonId {
        let root = self.ministry.organisation.root;
        let mut posts = self.ministry.posts.iter();
        let post = posts.find(|post| post.unit == root && post.roles == [role]);
        let mut holdings = self.ministry.holdings.iter();
        let held = post.and_then(|post| holdings.find(|held| held.post == post.id));
        held.expect("central posts are held").person
    }

    /// Seconds that a command takes until it is durable: a medium is entered.
    ///
    /// # Panics
    /// Where it is refused.
    #[must_use]
    pub fn entered(&self) -> f64 {
        let id = MediumId::new(fresh().expect("randomness"));
        let text = |text: &str| Value::Text(text.to_owned());
        let values = Values::from([
            ("number".to_owned(), text(&id.to_string())),
            ("kind".to_owned(), text("usb_memory")),
        ]);
        let command = RegisterCommand::Enter {
            id: id.into(),
            unit: Some(self.ministry.organisation.root),
            particulars: Register::Medium.read(&values).expect("a medium"),
            remark: None,
        };
        let actor = Actor::person(self.holder(Role::Isso));
        let command = Command::Register(Box::new(command));
        let begun = Instant::now();
        self.app
            .command_blocking(actor, command, Vec::new())
            .expect("it is entered");
        begun.elapsed().as_secs_f64()
    }
}

/// Others who work on until they are told that it is done.
pub struct Others {
    done: Arc<AtomicBool>,
    thread: JoinHandle<Vec<f64>>,
}

impl Others {
    /// Sets them to work.
    #[must_use]
    pub fn at_work(office: &Office) -> Self {
        let done = Arc::new(AtomicBool::new(false));
        let (office, told) = (office.clone(), Arc::clone(&done));
        let thread = std::thread::spawn(move || {
            let mut took = Vec::new();
            while !told.load(Ordering::Acquire) {
                took.push(office.entered());
            }
            took
        });
        Self { done, thread }
    }

    /// Tells them, and gives the seconds that each of their commands took.
    ///
    /// # Panics
    /// Where one of them was refused.
    #[must_use]
    pub fn told(self) -> Vec<f64> {
        self.done.store(true, Ordering::Release);
        self.thread.join().expect("others work on")
    }
}
