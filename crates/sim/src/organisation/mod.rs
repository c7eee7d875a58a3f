//! An invented ministry (見本省): units, posts, people, appointments and devices, made of a seed.

pub(crate) mod names;
mod staffing;
mod units;

use sekisho_domain::device::DeviceClass;
use sekisho_domain::id::{
    AccountId, AppointmentId, DeviceId, OrganisationId, PersonId, PostId, UnitId,
};
use sekisho_domain::name::{Line, Name};
use sekisho_domain::organisation::Organisation;
use sekisho_domain::post::Post;
use sekisho_domain::profile::Profile;
use sekisho_ledger::digest::Digest;
use serde::Serialize;

use crate::machine::Machine;
use crate::random::SplitMix64;

/// How large a ministry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// People; at least [`Size::SMALLEST`], so that every post can have a holder.
    pub people: u32,
    /// Issued devices (支給端末), one a person.
    pub issued: u32,
    /// Devices of people's own (支給外端末), one a person.
    pub byod: u32,
}

impl Size {
    /// The demonstration.
    pub const DEMO: Self = Self {
        people: 2_000,
        issued: 1_700,
        byod: 300,
    };
    /// Fewest people.
    pub const SMALLEST: u32 = 100;
}

/// A unit below another.
#[derive(Clone, Debug, Serialize)]
pub struct Subunit {
    /// Its id.
    pub id: UnitId,
    /// The unit above.
    pub parent: UnitId,
    /// Its name.
    pub name: Name,
}

/// A person of the ministry. Nobody of the kind exists.
#[derive(Clone, Debug, Serialize)]
pub struct Member {
    /// The id.
    pub id: PersonId,
    /// The unit.
    pub unit: UnitId,
    /// The name, with kana and Latin letters.
    pub name: Name,
    /// Mail address, in a domain that cannot exist (RFC 2606).
    pub mail: String,
}

/// Who holds which post.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Holding {
    /// The appointment.
    pub id: AppointmentId,
    /// The person.
    pub person: PersonId,
    /// The post.
    pub post: PostId,
}

/// A device and the machine it is.
#[derive(Clone, Debug, Serialize)]
pub struct Enrolled {
    /// The device.
    pub id: DeviceId,
    /// Whose it is.
    pub class: DeviceClass,
    /// The unit that answers for it.
    pub unit: UnitId,
    /// Who uses it.
    pub user: PersonId,
    /// What it is and reports.
    pub machine: Machine,
}

/// The whole ministry.
#[derive(Clone, Debug, Serialize)]
pub struct Ministry {
    /// The seed.
    pub seed: u64,
    /// The organisation, marked as a demonstration.
    pub organisation: Organisation,
    /// Every unit but the root, parents first.
    pub units: Vec<Subunit>,
    /// Every post; the first is the first officer's.
    pub posts: Vec<Post>,
    /// Everyone; the first is the first officer (統括情報セキュリティ責任者).
    pub people: Vec<Member>,
    /// The appointments; the first is the first officer's. Some posts are vacant.
    pub holdings: Vec<Holding>,
    /// The first officer's account.
    pub account: AccountId,
    /// Who enrols issued devices (情報システムセキュリティ責任者).
    pub enrols_issued: PersonId,
    /// Who enrols people's own devices (端末管理責任者).
    pub enrols_byod: PersonId,
    /// The devices, in the order of enrolment.
    pub devices: Vec<Enrolled>,
}

impl Ministry {
    /// The ministry of a seed.
    #[must_use]
    pub fn seeded(seed: u64, size: Size) -> Self {
        let fresh =
            |label: &str, number: usize| SplitMix64::fork(seed, label, number as u64).fresh();
        let root = UnitId::new(fresh("unit", 0));
        let organisation = Organisation {
            id: OrganisationId::new(fresh("organisation", 0)),
            name: name(units::MINISTRY),
            profile: Profile::Gov,
            clauses_opted_in: false,
            root,
            demo: true,
        };
        let units = subunits(root, &mut |number| UnitId::new(fresh("unit", number)));
        let people = people(seed, size.people.max(Size::SMALLEST), root, &units);
        let posts = staffing::posts(seed, &organisation, &units);
        let holdings = staffing::holdings(seed, &posts, &people);
        let holder = |role| {
            let post = posts
                .iter()
                .find(|post| post.unit == root && post.roles == [role]);
            post.and_then(|post| holdings.iter().find(|held| held.post == post.id))
                .map_or(people[0].id, |held| held.person)
        };
        Self {
            seed,
            account: AccountId::new(fresh("account", 0)),
            enrols_issued: holder(sekisho_domain::role::Role::Isso),
            enrols_byod: holder(sekisho_domain::role::Role::Tmo),
            devices: devices(seed, size, &people),
            organisation,
            units,
            posts,
            people,
            holdings,
        }
    }

    /// Digest over everything, machines included.
    #[must_use]
    pub fn digest(&self) -> Digest {
        // Plain data with text keys always serialises.
        Digest::of(&serde_json::to_vec(self).unwrap_or_default())
    }
}

pub(crate) fn line(text: &str) -> Line {
    Line::parse(text).expect("the texts of the invented ministry are short and plain")
}

fn name((ja, kana, en): units::Words) -> Name {
    Name {
        ja: line(ja),
        en: Some(line(en)),
        kana: Some(line(kana)),
    }
}

/// A division's name with that of the bureau above it: every bureau has its 総務課.
fn name_below((ja, kana, en): units::Words, above: units::Words) -> Name {
    Name {
        ja: line(&format!("{}{ja}", above.0)),
        en: Some(line(&format!("{en}, {}", above.2))),
        kana: Some(line(&format!("{}{kana}", above.1))),
    }
}

fn subunits(root: UnitId, fresh: &mut dyn FnMut(usize) -> UnitId) -> Vec<Subunit> {
    let mut all = Vec::new();
    let mut add = |parent, name| {
        let id = fresh(all.len() + 1);
        all.push(Subunit { id, parent, name });
        id
    };
    let secretariat = add(root, name(units::SECRETARIAT));
    for division in units::SECRETARIAT_DIVISIONS {
        add(secretariat, name_below(division, units::SECRETARIAT));
    }
    for (number, bureau) in units::BUREAUX.into_iter().enumerate() {
        let id = add(root, name(bureau));
        for division in units::DIVISIONS.iter().chain(units::OFFICES.get(number)) {
            add(id, name_below(*division, bureau));
        }
    }
    all
}

fn people(seed: u64, count: u32, root: UnitId, units: &[Subunit]) -> Vec<Member> {
    let divisions: Vec<UnitId> = units
        .iter()
        .filter(|unit| unit.parent != root)
        .map(|unit| unit.id)
        .collect();
    (0..count as usize)
        .map(|number| {
            let mut random = SplitMix64::fork(seed, "person", number as u64);
            let id = PersonId::new(random.fresh());
            let [ja, kana, latin] = names::draw(&mut random);
            let mail = latin.to_lowercase().replace(' ', ".");
            // One in each unit first, so that none is empty; then where chance has it.
            let unit = match number {
                0 => root,
                _ if number <= units.len() => units[number - 1].id,
                _ => random.pick(&divisions).copied().unwrap_or(root),
            };
            let name = Name {
                ja: line(&ja),
                en: Some(line(&latin)),
                kana: Some(line(&kana)),
            };
            Member {
                id,
                unit,
                name,
                mail: format!("{mail}.{number:04}@mihon.example"),
            }
        })
        .collect()
}

fn devices(seed: u64, size: Size, people: &[Member]) -> Vec<Enrolled> {
    let mut random = SplitMix64::fork(seed, "users", 0);
    let mut users: Vec<&Member> = people.iter().collect();
    let mut devices = Vec::new();
    for (class, count) in [
        (DeviceClass::Issued, size.issued),
        (DeviceClass::Byod, size.byod),
    ] {
        random.shuffle(&mut users);
        for user in users.iter().take(count as usize) {
            let number = u32::try_from(devices.len()).unwrap_or(u32::MAX);
            let mut own = SplitMix64::fork(seed, "device", u64::from(number));
            let id = DeviceId::new(own.fresh());
            let machine = Machine::draw(&mut own, number, class);
            devices.push(Enrolled {
                id,
                class,
                unit: user.unit,
                user: user.id,
                machine,
            });
        }
    }
    devices
}
