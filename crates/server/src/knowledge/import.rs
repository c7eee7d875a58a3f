//! Bringing a feed in: read wholly before anything is stored, stored before it is recorded.

use sekisho_detect::advisory::error::FeedError;
use sekisho_detect::advisory::feed::FeedId;
use sekisho_detect::advisory::import::{Hints, import as read};
use sekisho_detect::advisory::unpack::Limits;
use sekisho_domain::actor::Actor;
use sekisho_domain::command::Command;
use sekisho_domain::feed::{FeedKind, FeedState, OWN_SERVICES_PART};
use sekisho_domain::time::Timestamp;
use sekisho_ledger::digest::Digest;
use sekisho_protocol::admin::FeedLine;
use sekisho_store::StoreError;
use sekisho_store::observations::{Feed, FeedState as StoredState};

use crate::app::{App, CommandError};
use crate::service_use::lists::built_in;

/// What the one who brings it in knows beside the bytes.
#[derive(Clone, Debug, Default)]
pub struct ImportHints {
    /// The moment the data is of, for formats that do not say.
    pub as_of: Option<Timestamp>,
    /// The release, for formats that do not say.
    pub release: Option<String>,
    /// Whether it shall be taken although it holds far less than the one in use.
    pub smaller: bool,
}

/// Why a feed was not brought in. What was there before stays.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// It is no whole, plausible feed.
    #[error(transparent)]
    Feed(#[from] FeedError),
    /// It could not be stored.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It was refused or could not be recorded.
    #[error(transparent)]
    Command(#[from] CommandError),
}

/// What was brought in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedFeed {
    /// Its state.
    pub state: FeedState,
    /// Whether it was here already, to the letter.
    pub known: bool,
    /// Releases of which it lost a part.
    pub in_part: Vec<String>,
}

pub(super) fn kind_of(id: FeedId) -> FeedKind {
    use sekisho_detect::advisory::feed::FeedKind as Engine;
    match id.kind() {
        Engine::Kev => FeedKind::Kev,
        Engine::Debian => FeedKind::Debian,
        Engine::Epss => FeedKind::Epss,
        Engine::EndOfLife => FeedKind::EndOfLife,
    }
}

/// Whether a feed of this id is kept once for each release.
const fn by_release(id: FeedId) -> bool {
    matches!(
        id,
        FeedId::DebianSecurityArchive | FeedId::DebianSupportEnded | FeedId::DebianSupportLimited
    )
}

/// Brings a document in as `actor`.
///
/// # Errors
/// [`ImportError`].
pub fn import(
    app: &App,
    actor: Actor,
    bytes: &[u8],
    hints: &ImportHints,
) -> Result<ImportedFeed, ImportError> {
    // One at a time: what is stored last must be what is recorded last.
    let _alone = app.importing_feeds();
    let now = app.now();
    let given = Hints {
        as_of: hints.as_of.map(Timestamp::as_millis),
        release: hints.release.as_deref(),
    };
    let imported = read(bytes, given, Limits::default(), now.as_millis())?;
    let id = imported.meta.id;
    let part = match &hints.release {
        Some(release) if by_release(id) => format!("{}@{release}", id.code()),
        _ => id.code().to_owned(),
    };
    let in_part = owned(imported.in_part());
    let mut state = FeedState {
        kind: kind_of(id),
        part: part.clone(),
        digest: Digest::of(bytes).to_string(),
        as_of: Timestamp::from_millis(imported.meta.as_of),
        imported_at: now,
        entries: u32::try_from(imported.meta.entries).unwrap_or(u32::MAX),
    };
    if !id.changes_seldom() {
        state = as_recorded(app, state);
    }
    let command = Command::ImportFeed {
        feed: state.clone(),
        smaller: hints.smaller,
    };
    // Refusals come before storing: an old copy must not take the place of a newer one.
    sekisho_domain::command::decide(&app.world(), &actor, &command, now)
        .map_err(CommandError::from)?;
    app.observations().put_feed(&Feed {
        state: StoredState {
            name: part,
            as_of: state.as_of.as_millis(),
            imported_at: state.imported_at.as_millis(),
            digest: Digest::of(bytes).0,
            entries: i64::from(state.entries),
        },
        content: bytes.to_vec(),
    })?;
    let committed = app.command_blocking(actor, command, Vec::new())?;
    // Even where nothing new was recorded: the bytes may have been missing here.
    app.knowledge_changed();
    Ok(ImportedFeed {
        state,
        known: committed.records == 0,
        in_part,
    })
}

pub(super) fn owned(releases: std::collections::BTreeSet<&str>) -> Vec<String> {
    releases.into_iter().map(str::to_owned).collect()
}

/// The state of a document that is here already as it was recorded: for what changes every day,
/// naming the same bytes again makes them no younger.
fn as_recorded(app: &App, state: FeedState) -> FeedState {
    let world = app.world();
    let mut recorded = world.feeds.values();
    recorded
        .find(|known| known.part == state.part && known.digest == state.digest)
        .filter(|known| known.as_of <= state.as_of)
        .cloned()
        .unwrap_or(state)
}

/// A feed as the shell shows it, but for what it lost a part of.
pub(crate) fn feed_line(feed: &FeedState, now: Timestamp) -> FeedLine {
    FeedLine {
        kind: feed.kind.code().to_owned(),
        part: feed.part.clone(),
        as_of: Some(feed.as_of),
        imported_at: Some(feed.imported_at),
        entries: feed.entries,
        fresh: feed.is_fresh(now),
        max_age_days: feed.kind.max_age().whole_days(),
        in_part: None,
    }
}

/// The feeds as the shell and the pages show them; kinds that were never brought in have a line
/// of their own, so that what is missing is seen.
#[must_use]
pub fn lines(app: &App) -> Vec<FeedLine> {
    let now = app.now();
    let knowledge = app.knowledge();
    let world = app.world();
    let mut lines = Vec::new();
    let came_along = built_in().ok().map(|(_, as_of)| as_of);
    for kind in FeedKind::ALL {
        let mut any = false;
        let of_kind = world.feeds.values().filter(|feed| feed.kind == kind);
        // A list that came with an update of the program takes the place of an older one that was brought in.
        let of_kind = of_kind.filter(|feed| !kind.comes_along() || came_along <= Some(feed.as_of));
        // What the organisation writes itself does not age.
        for feed in of_kind.filter(|feed| feed.part != OWN_SERVICES_PART) {
            any = true;
            lines.push(FeedLine {
                in_part: knowledge.in_part(feed).map(<[String]>::to_vec),
                ..feed_line(feed, now)
            });
        }
        if !any && !kind.comes_along() {
            lines.push(FeedLine {
                kind: kind.code().to_owned(),
                part: String::new(),
                as_of: None,
                imported_at: None,
                entries: 0,
                fresh: false,
                max_age_days: kind.max_age().whole_days(),
                in_part: None,
            });
        }
    }
    lines
}
