//! The feeds in memory, in the form that the rules ask, with what registers and permits say.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use sekisho_detect::advisory::feed::FeedId;
use sekisho_detect::advisory::import::{Hints, Imported, Payload, import};
use sekisho_detect::advisory::index::{Index, IndexBuilder};
use sekisho_detect::advisory::lifecycle::LifecycleTable;
use sekisho_detect::advisory::unpack::Limits;
use sekisho_domain::check::DeviceCheck;
use sekisho_domain::feed::{FeedKind, FeedState};
use sekisho_domain::id::DeviceId;
use sekisho_domain::time::Timestamp;
use sekisho_ledger::digest::Digest;
use sekisho_rules::check::{CLIENTS_AS, EDITION, Knowledge, Lists, feeds_of};
use sekisho_store::observations::Feed;
use sekisho_store::{Observations, StoreError};

use super::import::{kind_of, owned};

/// The order in which feeds are laid one on another: where two speak of the same thing the
/// earlier one counts.
const ORDER: [FeedId; 10] = [
    FeedId::DebianTracker,
    FeedId::DebianChangelogs,
    FeedId::DebianSecurityArchive,
    FeedId::DebianSupportEnded,
    FeedId::DebianSupportLimited,
    FeedId::DistroInfoDebian,
    FeedId::DistroInfoUbuntu,
    FeedId::EndOfLifeDate,
    FeedId::Kev,
    FeedId::Epss,
];

/// Advisories and ends of support, ready to be asked.
///
/// It knows which feeds it was made of. What it is judged with, and how old that is, follows from
/// those alone: the World may have recorded others meanwhile, whose content is not in here.
#[derive(Debug, Default)]
pub struct KnowledgeBase {
    read: Arc<Feeds>,
    /// What the World's registers and permits say; the application keeps it up to date.
    lists: Lists,
}

/// Feeds as they were read.
#[derive(Debug, Default)]
struct Feeds {
    /// What was read, with the digest of the very bytes.
    feeds: Vec<FeedState>,
    advisories: Option<Index>,
    lifecycle: Option<LifecycleTable>,
    /// Stored feeds that could not be read again; they prove nothing.
    unreadable: Vec<String>,
    /// Releases of which a feed lost a part, by its stored name.
    in_part: BTreeMap<String, Vec<String>>,
}

/// The state of a stored feed, no younger than the ledger says: of what is here as it was `recorded` the
/// recorded day counts, and what was stored and never recorded, as the program ended in between, is as
/// old as what was recorded before it, or too old to prove anything.
fn as_recorded(id: FeedId, feed: &Feed, recorded: &BTreeMap<String, FeedState>) -> FeedState {
    let stored = FeedState {
        kind: kind_of(id),
        part: feed.state.name.clone(),
        digest: Digest::of(&feed.content).to_string(),
        as_of: Timestamp::from_millis(feed.state.as_of),
        imported_at: Timestamp::from_millis(feed.state.imported_at),
        entries: u32::try_from(feed.state.entries).unwrap_or(u32::MAX),
    };
    match recorded.get(&stored.key()) {
        Some(known) if known.digest == stored.digest => known.clone(),
        Some(known) => FeedState {
            as_of: stored.as_of.min(known.as_of),
            ..stored
        },
        None => FeedState {
            as_of: Timestamp::from_millis(0),
            ..stored
        },
    }
}

impl KnowledgeBase {
    /// Reads what has been brought in. A stored feed that can no longer be read is left out and
    /// named: what rests on it becomes unknown, never met. Nothing is younger than the ledger has
    /// `recorded`.
    ///
    /// # Errors
    /// The store's codes.
    pub fn load(
        observations: &Observations,
        recorded: &BTreeMap<String, FeedState>,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let mut index = IndexBuilder::new();
        let mut lifecycle = LifecycleTable::default();
        let (mut advisories, mut cycles) = (false, false);
        let (mut feeds, mut unreadable) = (Vec::new(), Vec::new());
        let mut in_part = BTreeMap::new();
        for id in ORDER {
            for name in names(observations, id)? {
                let Some(feed) = observations.feed(&name)? else {
                    continue;
                };
                let state = as_recorded(id, &feed, recorded);
                let as_of = state.as_of.as_millis();
                feeds.push(state);
                let release = name.split_once('@').map(|(_, release)| release.to_owned());
                let hints = Hints {
                    as_of: Some(as_of),
                    release: release.as_deref(),
                };
                let read = import(&*feed.content, hints, Limits::default(), now.as_millis());
                match read {
                    Ok(Imported {
                        payload: Payload::LifeCycles(found),
                        ..
                    }) => {
                        lifecycle.add(found);
                        cycles = true;
                    }
                    Ok(imported) => {
                        in_part.insert(name, owned(imported.in_part()));
                        index.add(&imported);
                        advisories = true;
                    }
                    Err(error) => {
                        tracing::warn!(code = error.fault.code(), feed = name, "feed unreadable");
                        unreadable.push(name);
                    }
                }
            }
        }
        Ok(Self {
            read: Arc::new(Feeds {
                feeds,
                advisories: advisories.then(|| index.build()),
                lifecycle: cycles.then_some(lifecycle),
                unreadable,
                in_part,
            }),
            lists: Lists::default(),
        })
    }

    /// The same feeds with other lists; none where these are the lists it has.
    pub(crate) fn with_lists(&self, lists: Lists) -> Option<Self> {
        (self.lists != lists).then(|| Self {
            read: Arc::clone(&self.read),
            lists,
        })
    }

    /// The devices of which permits say something that a check draws on.
    pub(crate) fn marked(&self, check: DeviceCheck) -> Vec<DeviceId> {
        self.lists.marked(check)
    }

    /// Releases of which a feed lost a part; none where it is not among what was read, so that nothing
    /// is known of it.
    pub fn in_part(&self, feed: &FeedState) -> Option<&[String]> {
        let read = &self.read;
        let is_it = |known: &&FeedState| known.part == feed.part && known.digest == feed.digest;
        read.feeds.iter().find(is_it)?;
        Some(read.in_part.get(&feed.part).map_or(&[], Vec::as_slice))
    }

    /// Whether it was made of these feeds, to the letter.
    pub fn is_made_of<'f>(&self, feeds: impl IntoIterator<Item = &'f FeedState>) -> bool {
        // The day counts as well: the same bytes may have been stated true of a later one.
        fn named<'s>(
            feeds: impl Iterator<Item = &'s FeedState>,
        ) -> BTreeSet<(&'s str, &'s str, Timestamp)> {
            feeds
                .map(|feed| (feed.part.as_str(), feed.digest.as_str(), feed.as_of))
                .collect()
        }
        // Devices are judged with none of the lists of services.
        let judged_with = feeds
            .into_iter()
            .filter(|feed| feed.kind != FeedKind::Services);
        named(self.read.feeds.iter()) == named(judged_with)
    }

    /// What each check is judged with.
    #[must_use]
    pub fn editions(&self) -> Editions {
        Editions(DeviceCheck::ALL.map(|check| self.edition(check)))
    }

    fn edition(&self, check: DeviceCheck) -> String {
        let feeds = self.read.feeds.iter();
        let mut parts: Vec<String> = feeds
            .filter(|feed| feeds_of(check).contains(&feed.kind))
            .map(|feed| {
                let read = !self.read.unreadable.contains(&feed.part);
                let (kind, at) = (feed.kind.code(), feed.as_of.as_millis());
                format!("{kind}/{}={}@{at}/{read}", feed.part, feed.digest)
            })
            .collect();
        parts.sort_unstable();
        parts.extend(self.lists.mark(check).map(|mark| format!("lists={mark}")));
        let program = env!("CARGO_PKG_VERSION");
        let text = format!("{program}/{EDITION}\n{}", parts.join("\n"));
        Digest::of(text.as_bytes()).to_string()
    }

    /// What a check of one device is judged with: as for every device, and what permits say of this one.
    pub(crate) fn edition_of(&self, check: DeviceCheck, device: DeviceId, all: &str) -> String {
        match self.lists.mark_of(check, device) {
            Some(mark) => Digest::of(format!("{all}\n{mark}").as_bytes()).to_string(),
            None => all.to_owned(),
        }
    }

    /// What clients of conference tools are judged with; none where no tool says how it is reported.
    pub(crate) fn edition_of_clients(&self) -> Option<String> {
        let mark = self.lists.tools().mark()?;
        let feeds = self.edition(CLIENTS_AS);
        Some(Digest::of(format!("{feeds}\n{mark}").as_bytes()).to_string())
    }

    /// The form that the rules ask.
    #[must_use]
    pub fn knowledge(&self) -> Knowledge<'_> {
        let read = &self.read;
        let feeds = read.feeds.iter();
        let usable = feeds.filter(|feed| !read.unreadable.contains(&feed.part));
        let mut knowledge = Knowledge::new(usable).with_lists(&self.lists);
        if let Some(index) = &read.advisories {
            knowledge = knowledge.with_advisories(index);
        }
        if let Some(table) = &read.lifecycle {
            knowledge = knowledge.with_lifecycle(table);
        }
        knowledge
    }
}

/// By check, a digest of what a result of it rests on besides the facts: the program's rules, and
/// the feeds and registers that the check draws on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Editions([String; DeviceCheck::COUNT]);

impl Editions {
    /// The digest of one check, in hex.
    #[must_use]
    pub fn of(&self, check: DeviceCheck) -> &str {
        &self.0[check.column()]
    }
}

/// Stored names of one feed: its code alone, or with the release it is of.
fn names(observations: &Observations, id: FeedId) -> Result<Vec<String>, StoreError> {
    let code = id.code();
    let states = observations.feed_states()?;
    let ours = |name: &str| name == code || name.split_once('@').is_some_and(|(n, _)| n == code);
    Ok(states
        .into_iter()
        .map(|state| state.name)
        .filter(|name| ours(name))
        .collect())
}
