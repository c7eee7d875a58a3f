//! What registers and permits say that devices are compared with: lists of software, media, lines, and
//! the permits for software (PS), equipment (PP) and lines (PL).
//!
//! It is taken from the World whenever one of these changes, and named by digests: of what concerns
//! every device, and of what concerns one. So a permit has one device judged anew and not all of them.

mod equipment;
mod lines;
mod names;
mod tools;

use std::cell::OnceCell;
use std::collections::{BTreeSet, HashMap};

use sekisho_domain::check::DeviceCheck;
use sekisho_domain::id::{DeviceId, PersonId};
use sekisho_domain::name::folded;
use sekisho_domain::permit::{Particulars, Permit, PermitKind, Stage, Term};
use sekisho_domain::register::Software;
use sekisho_domain::register::software::SoftwareList;
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;
use serde::Serialize;

use crate::digest::of_json;
use equipment::Equipment;
pub(super) use equipment::SIGHTINGS_DAYS;
pub(super) use lines::Known as KnownLine;
use lines::Lines;
pub(super) use names::{List, Listed};
use names::{Pattern, any};
pub(super) use tools::Tool;
pub use tools::Tools;

/// How a list of allowed software says that it names the whole of what a system consists of:
/// `os:debian`, with the name of the product as devices report it.
const SYSTEM: &str = "os:";

/// What registers and permits say that devices are compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lists {
    pub(super) denied: List,
    pub(super) allowed: List,
    pub(super) conditional: List,
    /// Products of operating systems of which the list of allowed software names the whole.
    pub(super) systems: BTreeSet<String>,
    equipment: Equipment,
    lines: Lines,
    tools: Tools,
    software: HashMap<DeviceId, Vec<SoftwarePermit>>,
    marks: Marks,
}

/// Digests of what concerns every device.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Marks {
    denied: String,
    allowed: String,
    media: String,
    lines: String,
}

/// A permit for software outside the list (PS) that can hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct SoftwarePermit {
    term: Term,
    patterns: Vec<Pattern>,
}

/// As of an empty World.
impl Default for Lists {
    fn default() -> Self {
        Self::of(&World::default(), Timestamp::from_millis(0))
    }
}

impl Lists {
    /// What the World says. Permits for equipment that ended before sightings count are left out.
    #[must_use]
    pub fn of(world: &World, now: Timestamp) -> Self {
        let of = |list| List::new(entries(world, list));
        let holders = Holders::new(world);
        let mut lists = Self {
            denied: of(SoftwareList::Deny),
            allowed: of(SoftwareList::Allow),
            conditional: of(SoftwareList::Conditional),
            systems: systems(world),
            equipment: Equipment::of(world, &holders, now),
            lines: Lines::of(world, &holders, now),
            tools: Tools::of(world),
            software: software(world, &holders, now),
            marks: Marks::default(),
        };
        let allowed = (lists.allowed.entries(), lists.conditional.entries());
        lists.marks = Marks {
            denied: of_json(&lists.denied.entries()),
            allowed: of_json(&(allowed, &lists.systems)),
            media: lists.equipment.mark(),
            lines: lists.lines.mark(),
        };
        lists
    }

    /// A digest of what a check compares every device with; none for checks that draw on no list.
    #[must_use]
    pub fn mark(&self, check: DeviceCheck) -> Option<&str> {
        match check {
            DeviceCheck::SoftwareDenied => Some(&self.marks.denied),
            DeviceCheck::SoftwareAllowed => Some(&self.marks.allowed),
            DeviceCheck::Peripherals => Some(&self.marks.media),
            DeviceCheck::Lines => Some(&self.marks.lines),
            _ => None,
        }
    }

    /// A digest of what concerns one device besides; none where nothing does.
    #[must_use]
    pub fn mark_of(&self, check: DeviceCheck, device: DeviceId) -> Option<String> {
        match check {
            DeviceCheck::SoftwareAllowed => self.software.get(&device).map(of_json),
            DeviceCheck::Peripherals => self.equipment.mark_of(device),
            DeviceCheck::Lines => self.lines.mark_of(device),
            _ => None,
        }
    }

    /// The devices that something concerns besides what concerns every device.
    #[must_use]
    pub fn marked(&self, check: DeviceCheck) -> Vec<DeviceId> {
        match check {
            DeviceCheck::SoftwareAllowed => self.software.keys().copied().collect(),
            DeviceCheck::Peripherals => self.equipment.devices().collect(),
            DeviceCheck::Lines => self.lines.devices().collect(),
            _ => Vec::new(),
        }
    }

    /// Until when software of these names is permitted on a device; none where it is not.
    pub(super) fn permitted(
        &self,
        device: Option<DeviceId>,
        names: &[&str],
        now: Timestamp,
    ) -> Option<Timestamp> {
        let permits = self.software.get(&device?)?.iter();
        permits
            .filter(|permit| permit.term.holds(now) && any(&permit.patterns, names))
            .map(|permit| permit.term.until)
            .max()
    }

    /// The conference tools whose clients are looked for.
    #[must_use]
    pub const fn tools(&self) -> &Tools {
        &self.tools
    }

    /// What is said of lines.
    pub(super) const fn lines(&self) -> &Lines {
        &self.lines
    }

    /// What is said of equipment.
    pub(super) const fn equipment(&self) -> &Equipment {
        &self.equipment
    }
}

fn entries(world: &World, list: SoftwareList) -> Vec<Listed> {
    let nouns = world.registers.nouns::<Software>();
    let of_list = nouns.filter(|(_, software)| software.list == list);
    of_list
        .map(|(_, software)| Listed {
            name: software.name.as_str().to_owned(),
            versions: software.versions.as_ref().map(|it| it.as_str().to_owned()),
            names_packages: packages(software).next().is_some(),
            patterns: patterns(software),
        })
        .collect()
}

/// The names of packages of an entry, without what it says of systems.
fn packages(software: &Software) -> impl Iterator<Item = &str> {
    let all = software.packages.iter().map(|it| it.as_str());
    all.filter(|it| !folded(it).starts_with(SYSTEM))
}

fn patterns(software: &Software) -> Vec<Pattern> {
    // Software of which nothing else is known is at least looked for by its own name.
    let own = Pattern::Is(folded(software.name.as_str()));
    let all: BTreeSet<Pattern> = packages(software).map(Pattern::of).chain([own]).collect();
    all.into_iter().collect()
}

/// The products of which the list of allowed software says that it names the whole.
fn systems(world: &World) -> BTreeSet<String> {
    let nouns = world.registers.nouns::<Software>();
    nouns
        .filter(|(_, software)| software.list == SoftwareList::Allow)
        .flat_map(|(_, software)| &software.packages)
        .filter_map(|it| Some(folded(it.as_str()).strip_prefix(SYSTEM)?.to_owned()))
        .collect()
}

fn software(
    world: &World,
    holders: &Holders<'_>,
    now: Timestamp,
) -> HashMap<DeviceId, Vec<SoftwarePermit>> {
    let mut of_name: HashMap<String, Vec<Pattern>> = HashMap::new();
    for (_, software) in world.registers.nouns::<Software>() {
        if software.list != SoftwareList::Deny {
            let known = of_name.entry(folded(software.name.as_str())).or_default();
            known.extend(patterns(software));
        }
    }
    let mut found: HashMap<DeviceId, Vec<SoftwarePermit>> = HashMap::new();
    for permit in world.permits.of_kind(PermitKind::Software) {
        let (Particulars::Software(asked), Some(term)) =
            (permit.particulars.as_ref(), live(permit, now))
        else {
            continue;
        };
        let listed = asked
            .listed
            .and_then(|it| world.registers.get::<Software>(it));
        let listed = listed.filter(|(_, it)| it.list != SoftwareList::Deny);
        let mut all: BTreeSet<Pattern> = listed
            .map(|(_, it)| patterns(it))
            .into_iter()
            .flatten()
            .collect();
        let name = folded(asked.name.as_str());
        all.extend(of_name.get(&name).cloned().unwrap_or_default());
        all.insert(Pattern::Is(name));
        for device in holders.devices_of(permit, &asked.devices) {
            found.entry(device).or_default().push(SoftwarePermit {
                term,
                patterns: all.iter().cloned().collect(),
            });
        }
    }
    found
}

/// The term of a permit that holds or will hold as things stand.
fn live(permit: &Permit, now: Timestamp) -> Option<Term> {
    let grant = permit.grant()?;
    let stands = matches!(
        grant.stage,
        Stage::Live {
            taken_up: true,
            held: None,
            ..
        }
    );
    (stands && now < grant.term.until).then_some(grant.term)
}

/// Who uses which device, made when it is first asked.
struct Holders<'w> {
    world: &'w World,
    devices: OnceCell<HashMap<PersonId, Vec<DeviceId>>>,
}

impl<'w> Holders<'w> {
    const fn new(world: &'w World) -> Self {
        Self {
            world,
            devices: OnceCell::new(),
        }
    }

    /// The devices that a permit is for: those it names, else those that its holder uses. One that is
    /// given to a person is not given for every device of the organisation.
    fn devices_of(&self, permit: &Permit, named: &[DeviceId]) -> Vec<DeviceId> {
        if !named.is_empty() {
            return named.to_vec();
        }
        let of_people = self.devices.get_or_init(|| {
            let mut all: HashMap<PersonId, Vec<DeviceId>> = HashMap::new();
            for device in &self.world.devices {
                if let Some(user) = device.user {
                    all.entry(user).or_default().push(device.id);
                }
            }
            all
        });
        of_people
            .get(&permit.applicant)
            .cloned()
            .unwrap_or_default()
    }
}
