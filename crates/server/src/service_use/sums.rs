//! The services that are really used, as pages and API show them: by service, with the units, and how each
//! stands to the registers. No persons.

use std::collections::BTreeMap;

use sekisho_domain::id::UnitId;
use sekisho_domain::name::{Line, Name};
use sekisho_domain::register::EntryId;
use sekisho_domain::sighting::{Lack, NotOurs};
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;
use sekisho_store::{Observations, StoreError};
use serde::{Deserialize, Serialize};

use super::take::LOOKED_BACK;
use super::{day_of, last_day};
use crate::app::App;

/// A service as whoever read the logs described it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownService {
    /// Its name.
    pub name: Name,
    /// Code of what it is for.
    pub kind: Line,
    /// The domains by which it is known.
    pub domains: Vec<Line>,
}

impl KnownService {
    /// All that were ever seen, by what the list of services calls them.
    ///
    /// # Errors
    /// The codes of the store.
    pub fn all(observations: &Observations) -> Result<BTreeMap<String, Self>, StoreError> {
        let stored = observations.known_services()?;
        let read = |(id, text): (String, String)| Some((id, serde_json::from_str(&text).ok()?));
        Ok(stored.into_iter().filter_map(read).collect())
    }

    /// Whether it is for meetings.
    #[must_use]
    pub fn is_conference(&self) -> bool {
        self.kind.as_str() == "conference"
    }
}

/// How use of a service stands to the registers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// An entry carries it.
    Registered(EntryId),
    /// Nobody said whose it is yet.
    Open(Lack),
    /// It is not the organisation's, or has ended.
    NotOurs(NotOurs),
}

impl Standing {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Registered(_) => "registered",
            Self::Open(_) => "open",
            Self::NotOurs(why) if why.is_an_end() => "ended",
            Self::NotOurs(_) => "not_ours",
        }
    }
}

/// What a unit used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitUse {
    /// The unit; none where it is not known.
    pub unit: Option<UnitId>,
    /// How often.
    pub times: u64,
    /// Bytes, where logs count them.
    pub bytes: u64,
    /// How many people and clients, at least.
    pub people: u32,
    /// The logs that show it.
    pub sources: Vec<String>,
    /// The first moment.
    pub first_at: Timestamp,
    /// The last moment.
    pub last_at: Timestamp,
}

/// A service that is used, or for which a finding was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceInUse {
    /// What the list of services calls it.
    pub service: String,
    /// What it is.
    pub known: KnownService,
    /// How it stands to the registers.
    pub standing: Standing,
    /// The units of the last 28 days, those with the most use first; none where the use lies further back.
    pub units: Vec<UnitUse>,
    /// How often, by all of them.
    pub times: u64,
    /// Bytes.
    pub bytes: u64,
    /// How many people and clients, at least.
    pub people: u32,
    /// The first moment.
    pub first_at: Timestamp,
    /// The last moment.
    pub last_at: Timestamp,
}

/// The services that were used within the last 28 days, and those for which a finding waits or was settled:
/// what waits first, then the newest.
///
/// # Errors
/// The codes of the store.
pub fn in_use(app: &App) -> Result<Vec<ServiceInUse>, StoreError> {
    let now = app.now();
    let known = KnownService::all(app.observations())?;
    let sums = app
        .observations()
        .service_sums((&day_of(now.before(LOOKED_BACK)), &last_day(now)))?;
    let mut units: BTreeMap<String, BTreeMap<String, UnitUse>> = BTreeMap::new();
    for sum in sums {
        let of_service = units.entry(sum.service).or_default();
        let (first_at, last_at) = (
            Timestamp::from_millis(sum.first_at),
            Timestamp::from_millis(sum.last_at),
        );
        let unit = of_service
            .entry(sum.unit.clone())
            .or_insert_with(|| UnitUse {
                unit: sum.unit.parse().ok(),
                times: 0,
                bytes: 0,
                people: 0,
                sources: Vec::new(),
                first_at,
                last_at,
            });
        unit.times = unit.times.saturating_add(sum.times);
        unit.bytes = unit.bytes.saturating_add(sum.bytes);
        // The same people may stand in the logs of several sources.
        unit.people = unit.people.max(sum.people);
        unit.sources.push(sum.source);
        unit.first_at = unit.first_at.min(first_at);
        unit.last_at = unit.last_at.max(last_at);
    }
    let world = app.world();
    for sighted in world.sightings.keys() {
        units.entry(sighted.clone()).or_default();
    }
    let mut all: Vec<ServiceInUse> = units
        .into_iter()
        .filter_map(|(service, units)| one(&world, &known, service, units, now))
        .collect();
    let waits = |it: &ServiceInUse| !matches!(it.standing, Standing::Open(_));
    all.sort_by(|a, b| {
        let first = waits(a).cmp(&waits(b)).then(b.last_at.cmp(&a.last_at));
        first.then_with(|| a.service.cmp(&b.service))
    });
    Ok(all)
}

fn one(
    world: &World,
    known: &BTreeMap<String, KnownService>,
    service: String,
    units: BTreeMap<String, UnitUse>,
    now: Timestamp,
) -> Option<ServiceInUse> {
    let sighted = world.sightings.get(&service);
    let known = match (known.get(&service), sighted) {
        (Some(known), _) => known.clone(),
        (None, Some(sighted)) => KnownService {
            name: sighted.sighting.name.clone(),
            kind: sighted.sighting.kind.clone(),
            domains: sighted.sighting.domains.clone(),
        },
        (None, None) => return None,
    };
    let mut units: Vec<UnitUse> = units.into_values().collect();
    units.sort_by(|a, b| b.times.cmp(&a.times).then(a.unit.cmp(&b.unit)));
    let seen = sighted.map(|it| &it.sighting);
    let first = units.iter().map(|it| it.first_at).min();
    let last = units.iter().map(|it| it.last_at).max();
    let standing = standing(world, &known, sighted, &units, now)?;
    Some(ServiceInUse {
        service,
        standing,
        times: units.iter().map(|it| it.times).sum(),
        bytes: units.iter().map(|it| it.bytes).sum(),
        people: units.iter().map(|it| it.people).sum(),
        first_at: seen.map(|it| it.first_at).into_iter().chain(first).min()?,
        last_at: seen.map(|it| it.last_at).into_iter().chain(last).max()?,
        units,
        known,
    })
}

fn standing(
    world: &World,
    known: &KnownService,
    sighted: Option<&sekisho_domain::sighting::Sighted>,
    units: &[UnitUse],
    now: Timestamp,
) -> Option<Standing> {
    let carriers = world.carriers(&known.domains, known.is_conference());
    let lack = sighted.and_then(|it| world.lack_of(&it.sighting, now));
    let disowned = sighted.and_then(|it| it.disowned.as_ref());
    match (lack, disowned) {
        (Some(_), Some(word)) => return Some(Standing::NotOurs(word.why)),
        (Some(lack), None) => return Some(Standing::Open(lack)),
        (None, _) => {}
    }
    if let Some(carrier) = carriers.first() {
        return Some(Standing::Registered(carrier.id));
    }
    // An entry was retired after the use: the next run that shows any opens a finding.
    (!units.is_empty()).then_some(Standing::Open(Lack::Unregistered))
}
