//! What logs show of outside services: how far each source was read, what registered services were used,
//! and whether people had applied for those under their provider's terms.
//!
//! As with access, whether a permit stood behind a use is judged when the use comes in, and only the newest
//! instant of each outcome is kept.

use std::collections::BTreeMap;

use sekisho_domain::id::{PersonId, ServiceId};
use sekisho_domain::permit::{EndKind, Particulars, PermitKind, Stage};
use sekisho_domain::register::service::ServiceKind;
use sekisho_domain::register::{EntryId, Service};
use sekisho_domain::time::{Span, Timestamp};
use sekisho_domain::world::World;

use super::LOOKED_BACK;

/// How old what was read of a source may be. Our own choice: logs are turned over daily, and a weekend
/// with a holiday must not turn rows over.
pub const LOGS_FRESH: Span = Span::days(4);

/// How far ahead of now a use may lie: clocks differ. What a wrong clock puts later than that has not been.
pub const AHEAD: Span = Span::days(1);

/// Most persons and services under terms of which it is held whether there was an application: some dozens of services
/// for all of a ministry.
const PAIRS_MAX: usize = 2_000_000;

/// Use of a service that a register carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServiceUse {
    /// The entry.
    pub entry: EntryId,
    /// By whom, where that is known.
    pub person: Option<PersonId>,
    /// The first and the last moment.
    pub within: (Timestamp, Timestamp),
}

/// When a person last used a service under terms, with and without a permit for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Applied {
    with: Option<Timestamp>,
    without: Option<Timestamp>,
}

/// Whether the logs say anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Logs {
    /// None was ever brought in.
    None,
    /// One is known, and was never read to its end with most of its lines understood.
    Unread {
        /// Which source.
        source: String,
    },
    /// One has not been read for too long.
    Stale {
        /// Which source.
        source: String,
        /// For how many days.
        days: i64,
    },
    /// So many sources are read, the oldest up to then.
    Read {
        /// How many.
        sources: u32,
        /// Until when all of them were read.
        through: Timestamp,
    },
}

/// A service of the published list that own entries keep from being found as what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hidden {
    /// What it is called in every language: its id in the list.
    pub name: String,
    /// Whether it is one for meetings, by the published list.
    pub conference: bool,
}

/// What logs are not looked through for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Blind {
    /// Every service of the published list is looked for.
    #[default]
    Nowhere,
    /// These are not.
    To(Vec<Hidden>),
    /// The lists cannot be used as they lie: nothing is looked for.
    Everywhere,
}

/// The permits with which a person applied for a service, looked up once for all that person's uses of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applications {
    of: (PersonId, ServiceId),
    /// From when until when each stood.
    terms: Vec<(Timestamp, Timestamp)>,
}

impl Applications {
    /// Those of a person for a service. One that is held for the time being counts for its whole term: since when it is
    /// held is not kept beside it.
    #[must_use]
    pub fn of(world: &World, person: PersonId, service: ServiceId) -> Self {
        let own = world.permits.of_person(person);
        let terms = own.filter_map(|permit| {
            let of_service = match permit.particulars.as_ref() {
                Particulars::Service(it) => it.service == service,
                _ => false,
            };
            if permit.kind() != PermitKind::Service || !of_service {
                return None;
            }
            let grant = permit.grant()?;
            let until = match grant.stage {
                Stage::Ended(end) | Stage::Closed(end) if end.how == EndKind::Withdrawn => {
                    return None;
                }
                Stage::Ended(end) | Stage::Closed(end) => grant.term.until.min(end.at),
                Stage::Live { .. } => grant.term.until,
            };
            Some((grant.term.from, until))
        });
        Self {
            of: (person, service),
            terms: terms.collect(),
        }
    }

    /// Whether a permit stood at any instant of a stretch.
    fn stood(&self, (since, at): (Timestamp, Timestamp)) -> bool {
        let mut terms = self.terms.iter();
        terms.any(|(from, until)| *from <= at && since < *until)
    }
}

/// What logs show of outside services.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServicesSeen {
    /// Until when each was read; one that has fallen silent stays, until an officer says that it is none any
    /// more.
    sources: BTreeMap<String, Option<Timestamp>>,
    used: BTreeMap<EntryId, Timestamp>,
    people: BTreeMap<(PersonId, ServiceId), Applied>,
    /// Most of them that are held.
    pairs_max: usize,
    unattributed: BTreeMap<ServiceId, Timestamp>,
    /// When somebody of whom it is not held used a service last, where more persons did than are held.
    cut: Option<Timestamp>,
    blind: Blind,
}

impl Default for ServicesSeen {
    fn default() -> Self {
        Self::of_at_most(PAIRS_MAX)
    }
}

impl ServicesSeen {
    /// One that holds of at most so many persons and services whether there was an application: of the rest nothing is
    /// known, and it is told.
    #[must_use]
    pub fn of_at_most(pairs: usize) -> Self {
        Self {
            sources: BTreeMap::new(),
            used: BTreeMap::new(),
            people: BTreeMap::new(),
            pairs_max: pairs,
            unattributed: BTreeMap::new(),
            cut: None,
            blind: Blind::default(),
        }
    }

    /// Notes until when the logs of a source were read.
    pub fn read(&mut self, source: &str, through: Timestamp) {
        self.source(source, Some(through));
    }

    /// Notes that a source is there, and until when its logs were read; none where that cannot be told.
    pub fn source(&mut self, source: &str, through: Option<Timestamp>) {
        let known = self.sources.entry(source.to_owned()).or_default();
        *known = (*known).max(through);
    }

    /// Whether every person is held who used a service under terms.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.cut.is_none()
    }

    /// Notes that of some who used services, last at an instant, it is not known whether they had applied.
    pub fn cut(&mut self, at: Timestamp) {
        self.cut = self.cut.max(Some(at));
    }

    /// Notes what logs are not looked through for.
    pub fn look(&mut self, blind: Blind) {
        self.blind = blind;
    }

    /// What logs are not looked through for.
    #[must_use]
    pub const fn blind(&self) -> &Blind {
        &self.blind
    }

    /// Notes that an entry's service was used, whoever it was.
    pub fn note(&mut self, entry: EntryId, at: Timestamp) {
        newer(&mut self.used, entry, at);
    }

    /// Takes in a use.
    pub fn take(&mut self, world: &World, used: &ServiceUse) {
        let (_, at) = used.within;
        newer(&mut self.used, used.entry, at);
        let EntryId::Service(service) = used.entry else {
            return;
        };
        let known = world.registers.get::<Service>(service);
        if known.is_none_or(|(_, it)| it.kind != ServiceKind::Terms) {
            return;
        }
        let Some(person) = used.person else {
            newer(&mut self.unattributed, service, at);
            return;
        };
        self.take_of(&Applications::of(world, person, service), used.within);
    }

    /// Takes in a use, within a stretch, of a service under terms by a person who applied so. Stretches are taken one by
    /// one: a permit that was given between two of them is none for the first.
    pub fn take_of(&mut self, applications: &Applications, within: (Timestamp, Timestamp)) {
        let (_, at) = within;
        newer(&mut self.used, applications.of.1.into(), at);
        if self.people.len() >= self.pairs_max && !self.people.contains_key(&applications.of) {
            self.cut(at);
            return;
        }
        let applied = self.people.entry(applications.of).or_default();
        let which = if applications.stood(within) {
            &mut applied.with
        } else {
            &mut applied.without
        };
        *which = (*which).max(Some(at));
    }

    /// Lets go of what no longer counts.
    pub(super) fn forget(&mut self, now: Timestamp) {
        self.used.retain(|_, at| is_within(*at, now));
        self.unattributed.retain(|_, at| is_within(*at, now));
        self.cut = self.cut.filter(|at| is_within(*at, now));
        self.people.retain(|_, it| {
            it.with = it.with.filter(|at| is_within(*at, now));
            it.without = it.without.filter(|at| is_within(*at, now));
            it.with.is_some() || it.without.is_some()
        });
    }

    /// Lets go of who used what before an instant, and of uses that were nobody's: for longer it is not kept who they
    /// were. What was used stays.
    pub fn forget_people(&mut self, before: Timestamp) {
        self.unattributed.retain(|_, at| before <= *at);
        self.people.retain(|_, it| {
            it.with = it.with.filter(|at| before <= *at);
            it.without = it.without.filter(|at| before <= *at);
            it.with.is_some() || it.without.is_some()
        });
    }

    /// Whether the logs say anything now.
    #[must_use]
    pub fn logs(&self, now: Timestamp) -> Logs {
        let Some((source, through)) = self.sources.iter().min_by_key(|(_, at)| **at) else {
            return Logs::None;
        };
        let Some(through) = through else {
            let source = source.clone();
            return Logs::Unread { source };
        };
        if through.after(LOGS_FRESH) <= now {
            return Logs::Stale {
                source: source.clone(),
                days: now.since(*through).whole_days(),
            };
        }
        Logs::Read {
            sources: u32::try_from(self.sources.len()).unwrap_or(u32::MAX),
            through: *through,
        }
    }

    /// When an entry was last used, within the period.
    #[must_use]
    pub fn used_at(&self, entry: EntryId, now: Timestamp) -> Option<Timestamp> {
        let at = *self.used.get(&entry)?;
        is_within(at, now).then_some(at)
    }

    /// Uses of services under terms within the period: with a permit; without one, by person and service;
    /// and services with uses nobody is known for.
    #[must_use]
    pub fn applied(&self, now: Timestamp) -> (u32, Vec<(PersonId, ServiceId)>, Vec<ServiceId>) {
        let counts = |at: Option<Timestamp>| at.is_some_and(|at| is_within(at, now));
        let mut with = 0;
        let mut without = Vec::new();
        for (of, applied) in &self.people {
            if counts(applied.without) {
                without.push(*of);
            } else if counts(applied.with) {
                with += 1;
            }
        }
        let unknown = self.unattributed.iter();
        let unknown = unknown.filter(|(_, at)| is_within(**at, now));
        (with, without, unknown.map(|(id, _)| *id).collect())
    }
}

/// Whether a use lies within the period looked back at.
fn is_within(at: Timestamp, now: Timestamp) -> bool {
    now.before(LOOKED_BACK) <= at && at <= now.after(AHEAD)
}

fn newer<K: Ord>(known: &mut BTreeMap<K, Timestamp>, key: K, at: Timestamp) {
    let known = known.entry(key).or_insert(at);
    *known = (*known).max(at);
}
