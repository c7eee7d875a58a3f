//! Bringing a list of outside services in, and writing the organisation's own: looked at wholly before
//! anything is kept, kept before it is recorded.

use sekisho_detect::advisory::error::FeedFault;
use sekisho_detect::discovery::{
    Catalogue, CatalogueError, ListChanges, ListedService, ServiceList,
};
use sekisho_domain::actor::Actor;
use sekisho_domain::command::{Command, Refusal};
use sekisho_domain::feed::{FeedKind, FeedState, OWN_SERVICES_PART, SERVICES_PART};
use sekisho_domain::name::Line;
use sekisho_ledger::digest::Digest;
use sekisho_store::StoreError;
use sekisho_store::observations::{Feed, FeedState as StoredState};

use super::ImportHints;
use crate::app::{App, CommandError};
use crate::service_use::lists::{BEFORE, ListError, ServiceLists, as_of, built_in, own_of};

/// Why a list was not taken. What there was before stays.
#[derive(Debug, thiserror::Error)]
pub enum ServicesError {
    /// It, or what it makes together with the organisation's own, is no list.
    #[error(transparent)]
    List(#[from] ListError),
    /// It does not say of when it is, and nobody else did.
    #[error("it does not say of when it is")]
    DateMissing,
    /// It was refused or could not be recorded.
    #[error(transparent)]
    Command(#[from] CommandError),
}

impl From<StoreError> for ServicesError {
    fn from(error: StoreError) -> Self {
        Self::List(ListError::Store(error))
    }
}

impl ServicesError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::List(error) => error.told().0,
            Self::DateMissing => FeedFault::DateMissing.code(),
            Self::Command(error) => error.code(),
        }
    }
}

/// What was brought in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedServices {
    /// Its state.
    pub state: FeedState,
    /// Whether it was here already, to the letter.
    pub known: bool,
    /// By which services it differs from the list that was in use.
    pub changes: ListChanges,
}

/// Brings a list in as `actor`. What it lists is looked at together with what is laid over it.
///
/// # Errors
/// [`ServicesError`].
pub fn import_services(
    app: &App,
    actor: Actor,
    bytes: &[u8],
    hints: &ImportHints,
) -> Result<ImportedServices, ServicesError> {
    let _alone = app.importing_feeds();
    let now = app.now();
    let text = std::str::from_utf8(bytes).map_err(|error| form(error.to_string()))?;
    let list = ServiceList::parse(text).map_err(ListError::Form)?;
    fit_for_records(&list)?;
    Catalogue::of(list.clone()).map_err(ListError::Form)?;
    let mut lists = ServiceLists::of(app)?;
    let changes = list.since(&lists.base()?);
    let as_of = as_of(&list)?
        .or(hints.as_of)
        .ok_or(ServicesError::DateMissing)?;
    let state = FeedState {
        kind: FeedKind::Services,
        part: SERVICES_PART.to_owned(),
        digest: Digest::of(bytes).to_string(),
        as_of,
        imported_at: now,
        entries: u32::try_from(list.service.len()).unwrap_or(u32::MAX),
    };
    if lists.feed_in_use()?.is_none() {
        beside_built_in(&state, hints.smaller)?;
    }
    (lists.feed, lists.feed_as_of) = (Some(list), Some(as_of));
    lists.catalogue()?;
    let known = put(app, actor, bytes, &state, hints.smaller)?;
    Ok(ImportedServices {
        state,
        known,
        changes,
    })
}

/// What the ledger asks of a feed beside the one before it, asked beside the list that comes along: neither is
/// an older one taken, nor one that has lost most of it unless whoever brings it in says so.
fn beside_built_in(state: &FeedState, smaller: bool) -> Result<(), ServicesError> {
    let (list, as_of) = built_in()?;
    let refused = |refusal: Refusal| Err(CommandError::from(refusal).into());
    if state.as_of < as_of {
        return refused(Refusal::new("feed.older-than-current").at("as_of"));
    }
    let most = u32::try_from(list.service.len()).unwrap_or(u32::MAX);
    if state.lost_most_of(most) && !smaller {
        return refused(Refusal::shrunk(most, state.entries));
    }
    Ok(())
}

/// Keeps a list and records it; whether it was here already.
fn put(
    app: &App,
    actor: Actor,
    bytes: &[u8],
    state: &FeedState,
    smaller: bool,
) -> Result<bool, ServicesError> {
    let command = Command::ImportFeed {
        feed: state.clone(),
        smaller,
    };
    // Refusals come before storing: an old copy must not take the place of a newer one.
    let decided =
        sekisho_domain::command::decide(&app.world(), &actor, &command, state.imported_at)
            .map_err(CommandError::from)?;
    let observations = app.observations();
    let present = observations.feed(&state.part)?;
    let is_feed = state.part == SERVICES_PART;
    if let Some(mut present) = present.filter(|it| is_feed && it.content != bytes) {
        BEFORE.clone_into(&mut present.state.name);
        observations.put_feed(&present)?;
    }
    observations.put_feed(&Feed {
        state: StoredState {
            name: state.part.clone(),
            as_of: state.as_of.as_millis(),
            imported_at: state.imported_at.as_millis(),
            digest: Digest::of(bytes).0,
            entries: i64::from(state.entries),
        },
        content: bytes.to_vec(),
    })?;
    if decided.events.is_empty() {
        return Ok(true);
    }
    let committed = app.command_blocking(actor, command, Vec::new())?;
    Ok(committed.records == 0)
}

/// What is changed of the organisation's own list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OwnChange {
    /// A service is put in, in the place of one with the same id.
    Put(ListedService),
    /// A service goes.
    Remove(String),
}

impl OwnChange {
    /// Makes it to a list; whether that is another one then.
    fn make(&self, own: &mut ServiceList) -> bool {
        let own = &mut own.service;
        match self {
            Self::Put(service) => match own.iter_mut().find(|it| it.id == service.id) {
                Some(known) if known == service => return false,
                Some(known) => *known = service.clone(),
                None => own.push(service.clone()),
            },
            Self::Remove(id) => {
                let before = own.len();
                own.retain(|it| it.id != *id);
                return own.len() != before;
            }
        }
        true
    }
}

/// Changes the organisation's own list as `actor`. Whether there was anything to change.
///
/// # Errors
/// [`ServicesError`]; the list is then as before.
pub fn change_own_services(
    app: &App,
    actor: Actor,
    change: &OwnChange,
) -> Result<bool, ServicesError> {
    let _alone = app.importing_feeds();
    let now = app.now();
    let mut lists = ServiceLists::of(app)?;
    // What is kept and was not recorded is taken up again, and so recorded.
    if let Some(kept) = app.observations().feed(OWN_SERVICES_PART)? {
        lists.own = own_of(&kept.content)?;
    }
    // Where nothing changes and what is kept stands in the ledger, there is nothing to do. Who tries again
    // what broke off before it was recorded has it recorded.
    if !change.make(&mut lists.own) && !lists.own_unrecorded {
        return Ok(false);
    }
    fit_for_records(&lists.own)?;
    Catalogue::of(lists.own.clone()).map_err(ListError::Form)?;
    lists.catalogue()?;
    let bytes = serde_json::to_vec(&lists.own).map_err(|error| form(error.to_string()))?;
    let state = FeedState {
        kind: FeedKind::Services,
        part: OWN_SERVICES_PART.to_owned(),
        digest: Digest::of(&bytes).to_string(),
        as_of: now,
        imported_at: now,
        entries: u32::try_from(lists.own.service.len()).unwrap_or(u32::MAX),
    };
    // Whoever writes it says how long it is.
    put(app, actor, &bytes, &state, true)?;
    Ok(true)
}

/// What the records can hold: names and domains are lines of text there.
fn fit_for_records(list: &ServiceList) -> Result<(), ServicesError> {
    for service in &list.service {
        let names = [&service.name.ja, &service.name.en];
        if names.into_iter().any(|it| Line::parse(it).is_err()) {
            let error = CatalogueError::Name(service.id.clone());
            return Err(ListError::Form(error).into());
        }
        if let Some(domain) = service.domains.iter().find(|it| Line::parse(it).is_err()) {
            let (service, domain) = (service.id.clone(), domain.clone());
            let error = CatalogueError::Domain { service, domain };
            return Err(ListError::Form(error).into());
        }
    }
    Ok(())
}

fn form(said: String) -> ServicesError {
    ListError::Form(CatalogueError::Form(said)).into()
}
