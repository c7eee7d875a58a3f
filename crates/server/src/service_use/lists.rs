//! The list of services that logs are looked through with: the newer of the one that comes along and the feed
//! that was brought in, then what the organisation has written on the console, then its file in the data
//! folder. What comes later counts.

use std::io::Read;
use std::path::{Path, PathBuf};

use sekisho_detect::discovery::{BYTES_MAX, Catalogue, CatalogueError, HiddenService, ServiceList};
use sekisho_domain::feed::{FeedKind, FeedState, OWN_SERVICES_PART, SERVICES_PART};
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;
use sekisho_ledger::digest::Digest;
use sekisho_store::observations::Feed;
use sekisho_store::{Observations, StoreError};

use crate::app::App;

/// The organisation's own file, in the data folder.
pub const OWN_FILE: &str = "services.toml";

/// Under which name the feed is kept that was in use before.
pub(crate) const BEFORE: &str = "services_before";

/// Why the lists cannot be used. What is wrong is told; nothing is looked for with half of them.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file cannot be read.
    #[error("{} cannot be read", .0.display())]
    Unreadable(PathBuf),
    /// A list is no list, or they do not go together.
    #[error("a list of services cannot be used: {0:?}")]
    Form(CatalogueError),
}

impl ListError {
    /// The stable code, with what it is about.
    #[must_use]
    pub fn told(&self) -> (&str, String) {
        match self {
            Self::Store(error) => (error.code(), error.subject()),
            Self::Unreadable(path) => ("discover.unreadable", path.display().to_string()),
            Self::Form(error) => told(error),
        }
    }
}

/// What is wrong with a list: the stable code, and what it is about.
#[must_use]
pub fn told(error: &CatalogueError) -> (&'static str, String) {
    match error {
        CatalogueError::Form(said) => ("discover.catalogue-form", said.clone()),
        CatalogueError::Id(id) => ("discover.catalogue-id", id.clone()),
        CatalogueError::Name(id) => ("discover.catalogue-name", id.clone()),
        CatalogueError::Domain { service, domain } => {
            ("discover.catalogue-domain", format!("{service}: {domain}"))
        }
        CatalogueError::Program(name) => ("discover.catalogue-program", name.clone()),
        CatalogueError::Large => ("discover.catalogue-large", String::new()),
    }
}

/// The lists, each as it lies.
#[derive(Clone, Debug, Default)]
pub struct ServiceLists {
    /// The feed; none where none was brought in.
    pub feed: Option<ServiceList>,
    /// Of when the feed is.
    pub feed_as_of: Option<Timestamp>,
    /// The feed before it.
    pub before: Option<ServiceList>,
    /// What was written on the console.
    pub own: ServiceList,
    /// The file.
    pub file: Option<ServiceList>,
    /// Whether a list is kept that the ledger has not recorded so; it is not used.
    pub unrecorded: bool,
    /// Whether that is so of what was written on the console.
    pub own_unrecorded: bool,
}

impl ServiceLists {
    /// Reads them from a data folder that is open already. Of what is kept only what was `recorded` counts,
    /// where somebody knows what that is.
    ///
    /// # Errors
    /// [`ListError`].
    pub fn read(
        observations: &Observations,
        root: &Path,
        recorded: Option<&[FeedState]>,
    ) -> Result<Self, ListError> {
        let mut lists = Self::default();
        // Of when a kept list is, where it counts.
        let recorded = |feed: &Feed| {
            let digest = Digest::of(&feed.content).to_string();
            let is_it = |it: &&FeedState| it.part == feed.state.name && it.digest == digest;
            match recorded {
                Some(all) => all.iter().find(is_it).map(|it| it.as_of),
                None => Some(Timestamp::from_millis(feed.state.as_of)),
            }
        };
        if let Some(feed) = observations.feed(SERVICES_PART)? {
            lists.feed_as_of = recorded(&feed);
            if lists.feed_as_of.is_some() {
                lists.feed = Some(written(&feed.content)?);
            } else {
                lists.unrecorded = true;
            }
        }
        if let Some(feed) = observations.feed(BEFORE)? {
            lists.before = Some(written(&feed.content)?);
        }
        if let Some(feed) = observations.feed(OWN_SERVICES_PART)? {
            if recorded(&feed).is_some() {
                lists.own = own_of(&feed.content)?;
            } else {
                (lists.unrecorded, lists.own_unrecorded) = (true, true);
            }
        }
        lists.file = file(&root.join(OWN_FILE))?;
        Ok(lists)
    }

    /// The lists of a running application.
    ///
    /// # Errors
    /// As [`ServiceLists::read`].
    pub fn of(app: &App) -> Result<Self, ListError> {
        let recorded = recorded_lists(&app.world());
        Self::read(app.observations(), app.folder().root(), Some(&recorded))
    }

    /// The feed where that is in use: none was brought in that is older than the list that came with an update
    /// of the program.
    ///
    /// # Errors
    /// [`ListError::Form`].
    pub fn feed_in_use(&self) -> Result<Option<&ServiceList>, ListError> {
        let (_, built_in_as_of) = built_in()?;
        let in_use = self.feed_as_of >= Some(built_in_as_of);
        Ok(self.feed.as_ref().filter(|_| in_use))
    }

    /// The newer of the feed and the list that comes along.
    ///
    /// # Errors
    /// [`ListError::Form`].
    pub fn base(&self) -> Result<ServiceList, ListError> {
        match self.feed_in_use()? {
            Some(feed) => Ok(feed.clone()),
            None => Ok(built_in()?.0),
        }
    }

    /// The programs by which a service is known: whoever writes an entry of it says nothing of them, and they stay.
    #[must_use]
    pub fn programs_of(&self, id: &str) -> Vec<String> {
        let together = self.together().ok();
        let mut all = together.iter().flat_map(|it| &it.service);
        let known = all.find(|it| it.id == id);
        known.map_or_else(Vec::new, |it| it.programs.clone())
    }

    /// All of them, one laid over the other.
    ///
    /// # Errors
    /// [`ListError::Form`].
    pub fn together(&self) -> Result<ServiceList, ListError> {
        let base = self.base()?.under(&self.own);
        Ok(match &self.file {
            Some(file) => base.under(file),
            None => base,
        })
    }

    /// The services of the published list that the organisation's own entries, the file's among them, keep from
    /// being found as what they are.
    ///
    /// # Errors
    /// [`ListError::Form`].
    pub fn hidden(&self) -> Result<Vec<HiddenService>, ListError> {
        let together = self.together()?;
        let hidden = self.base()?.hidden_in(&together);
        hidden.map_err(ListError::Form)
    }

    /// What logs are looked through with.
    ///
    /// # Errors
    /// [`ListError::Form`].
    pub fn catalogue(&self) -> Result<Catalogue, ListError> {
        Catalogue::of(self.together()?).map_err(ListError::Form)
    }
}

/// The list that comes along, and of when it is.
pub(crate) fn built_in() -> Result<(ServiceList, Timestamp), ListError> {
    let list = ServiceList::built_in().map_err(ListError::Form)?;
    let as_of = as_of(&list)?;
    let dateless = || ListError::Form(CatalogueError::Form("as_of".to_owned()));
    Ok((list, as_of.ok_or_else(dateless)?))
}

/// Of when a list says that it is; none where it does not.
pub(crate) fn as_of(list: &ServiceList) -> Result<Option<Timestamp>, ListError> {
    let wrong = |day: &str| ListError::Form(CatalogueError::Form(format!("as_of = {day}")));
    let day = list.as_of.as_deref();
    day.map(|day| Timestamp::parse(day).map_err(|_| wrong(day)))
        .transpose()
}

/// The lists of services as the ledger has recorded them.
#[must_use]
pub fn recorded_lists(world: &World) -> Vec<FeedState> {
    let lists = world.feeds.values();
    let lists = lists.filter(|feed| feed.kind == FeedKind::Services);
    lists.cloned().collect()
}

/// The recorded state of the feed; none where none was brought in.
#[must_use]
pub fn recorded_feed(world: &World) -> Option<&FeedState> {
    let mut feeds = world.feeds.values();
    feeds.find(|feed| feed.kind == FeedKind::Services && feed.part == SERVICES_PART)
}

/// A list as a publisher writes it.
fn written(content: &[u8]) -> Result<ServiceList, ListError> {
    let text = std::str::from_utf8(content)
        .map_err(|error| ListError::Form(CatalogueError::Form(error.to_string())))?;
    ServiceList::parse(text).map_err(ListError::Form)
}

/// What was written on the console, as it is kept.
pub(crate) fn own_of(content: &[u8]) -> Result<ServiceList, ListError> {
    serde_json::from_slice(content)
        .map_err(|error| ListError::Form(CatalogueError::Form(error.to_string())))
}

/// The file; none where there is none.
fn file(path: &Path) -> Result<Option<ServiceList>, ListError> {
    let unreadable = |error: std::io::Error| {
        tracing::debug!(%error, "the organisation's list of services cannot be read");
        ListError::Unreadable(path.to_owned())
    };
    let opened = match std::fs::File::open(path) {
        Ok(opened) => opened,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error)),
    };
    let mut content = Vec::new();
    opened
        .take(BYTES_MAX as u64 + 1)
        .read_to_end(&mut content)
        .map_err(unreadable)?;
    written(&content).map(Some)
}
