//! Units, posts, people, appointments, accounts and devices of a population, each found by its number.

use base64ct::{Base64UrlUnpadded, Encoding};
use sekisho_domain::appointment::{Appointment, AppointmentKind};
use sekisho_domain::delegation::Delegation;
use sekisho_domain::device::{DeviceClass, DeviceKey};
use sekisho_domain::event::Event;
use sekisho_domain::id::{
    AccountId, AppointmentId, DelegationId, DeviceId, Fresh, OrganisationId, PersonId, PostId,
    StandInId, UnitId,
};
use sekisho_domain::name::Name;
use sekisho_domain::organisation::Organisation;
use sekisho_domain::permit::{PermitKind, Term};
use sekisho_domain::post::Post;
use sekisho_domain::profile::Profile;
use sekisho_domain::role::Role;
use sekisho_domain::stand_in::{Absence, StandIn};
use sekisho_domain::time::{Interval, Span, Timestamp};
use sekisho_domain::unit::Unit;
use sekisho_server::app::directory::PersonProfile;

use super::{Population, Text, Texts};
use crate::organisation::line;
use crate::organisation::names;
use crate::random::SplitMix64;

/// People in one section.
pub(super) const PER_SECTION: u32 = 40;
/// Sections in one bureau.
const PER_BUREAU: u32 = 20;
/// Of the people of a section so many, from the first on, may hold posts of officers.
pub(super) const OFFICERS: u32 = 10;
/// In one section of so many someone stands in for the chief.
const STOOD_IN: u32 = 50;
/// One chief of so many has delegated to the chief of the next section.
const DELEGATED: u32 = 40;

/// Posts of the whole, with their roles.
const CENTRAL: [Role; 7] = [
    Role::Ciso,
    Role::Hiso,
    Role::Isso,
    Role::Tmo,
    Role::ExceptionAuthority,
    Role::Auditor,
    Role::PromotionBody,
];
/// Posts of a bureau.
const BUREAU: [Role; 2] = [Role::Iso, Role::Isso];

/// The office of a population of a seed.
#[derive(Clone, Copy)]
pub(super) struct Office {
    pub(super) size: Population,
    pub(super) seed: u64,
    /// When it was founded.
    pub(super) began: Timestamp,
}

/// An identifier by label and number.
pub(super) fn id(seed: u64, label: &str, number: u32) -> Fresh {
    SplitMix64::fork(seed, label, u64::from(number)).fresh()
}

fn name(text: &str) -> Name {
    Name::ja(line(text))
}

impl Office {
    pub(super) const fn sections(self) -> u32 {
        let whole = self.size.people.div_ceil(PER_SECTION);
        if whole == 0 { 1 } else { whole }
    }

    const fn bureaux(self) -> u32 {
        self.sections().div_ceil(PER_BUREAU)
    }

    pub(super) const fn section_of(self, person: u32) -> u32 {
        person / PER_SECTION
    }

    const fn bureau_of(section: u32) -> u32 {
        section / PER_BUREAU
    }

    pub(super) fn root(self) -> UnitId {
        UnitId::new(id(self.seed, "unit", 0))
    }

    fn bureau(self, number: u32) -> UnitId {
        UnitId::new(id(self.seed, "bureau", number))
    }

    pub(super) fn section(self, number: u32) -> UnitId {
        UnitId::new(id(self.seed, "section", number))
    }

    pub(super) fn person(self, number: u32) -> PersonId {
        PersonId::new(id(self.seed, "person", number))
    }

    pub(super) fn device(self, number: u32) -> DeviceId {
        DeviceId::new(id(self.seed, "device", number))
    }

    /// The account of a person.
    pub(super) fn account(self, number: u32) -> AccountId {
        AccountId::new(id(self.seed, "account", number))
    }

    /// The class of a device.
    pub(super) const fn class(number: u32) -> DeviceClass {
        if number.is_multiple_of(7) {
            DeviceClass::Byod
        } else {
            DeviceClass::Issued
        }
    }

    /// Who uses a device: the person of its number.
    pub(super) const fn user(self, device: u32) -> Option<u32> {
        match device.checked_rem(self.size.people) {
            Some(person) => Some(person),
            None => None,
        }
    }

    fn post_id(self, label: &str, number: u32) -> PostId {
        PostId::new(id(self.seed, label, number))
    }

    /// The post of a section's chief.
    pub(super) fn chief(self, section: u32) -> PostId {
        self.post_id("chief", section)
    }

    /// The post of the officer for systems of a section's bureau.
    pub(super) fn systems_officer(self, section: u32) -> PostId {
        self.post_id("isso", Self::bureau_of(section))
    }

    /// The post of the authority for exceptions.
    pub(super) fn exceptions(self) -> PostId {
        self.post_id("exception_authority", u32::MAX)
    }

    /// Who holds a post of officers: the person by number.
    pub(super) const fn chief_of(self, section: u32) -> u32 {
        section * PER_SECTION
    }

    pub(super) const fn systems_officer_of(self, section: u32) -> u32 {
        Self::bureau_of(section) * PER_BUREAU * PER_SECTION + 2
    }

    /// Who holds a central post, by number.
    pub(super) fn central_holder(self, role: Role) -> u32 {
        let place = CENTRAL.iter().position(|it| *it == role).unwrap_or(0);
        3 + u32::try_from(place).unwrap_or(0)
    }

    /// The stand-in of a section's chief, where there is one: the stand-in's id and who it is.
    pub(super) fn stand_in(self, section: u32) -> Option<(StandInId, u32)> {
        let stands_in = section % STOOD_IN == STOOD_IN / 2;
        let stand_in = StandInId::new(id(self.seed, "stand-in", section));
        stands_in.then(|| (stand_in, self.chief_of(section) + OFFICERS + 1))
    }

    /// Everything that is not a register or a permit, in an order that a World takes.
    pub(super) fn events<E>(
        self,
        texts: &mut Texts<'_>,
        put: &mut impl FnMut(Event) -> Result<(), E>,
    ) -> Result<(), E> {
        put(Event::OrganisationFounded {
            organisation: self.organisation(),
        })?;
        self.units(put)?;
        self.posts(put)?;
        for number in 0..self.size.people {
            put(self.registered(number, texts))?;
            let (account, person) = (self.account(number), self.person(number));
            put(Event::AccountIssued { account, person })?;
        }
        let first = self.person(self.central_holder(Role::Hiso));
        if self.size.people > 0 {
            put(Event::BootstrapOpened { person: first })?;
        }
        self.appointments(put)?;
        for number in 0..self.size.devices {
            put(self.enrolled(number))?;
        }
        self.deputies(put)
    }

    fn organisation(self) -> Organisation {
        Organisation {
            id: OrganisationId::new(id(self.seed, "organisation", 0)),
            name: name("見本省"),
            profile: Profile::Gov,
            clauses_opted_in: false,
            root: self.root(),
            demo: true,
        }
    }

    fn units<E>(self, put: &mut impl FnMut(Event) -> Result<(), E>) -> Result<(), E> {
        let mut found = |unit, parent, called: &str| {
            let valid = Interval::starting(self.began);
            let unit = Unit::founded(unit, parent, name(called), valid);
            put(Event::UnitFounded { unit })
        };
        found(self.root(), None, "見本省")?;
        for number in 0..self.bureaux() {
            let called = format!("第{}局", number + 1);
            found(self.bureau(number), Some(self.root()), &called)?;
        }
        for number in 0..self.sections() {
            let bureau = Self::bureau_of(number);
            let called = format!("第{}局第{}課", bureau + 1, number % PER_BUREAU + 1);
            found(self.section(number), Some(self.bureau(bureau)), &called)?;
        }
        Ok(())
    }

    fn posts<E>(self, put: &mut impl FnMut(Event) -> Result<(), E>) -> Result<(), E> {
        let mut create = |post, unit, called: &str, role| {
            let post = Post::created(post, unit, name(called), vec![role]);
            put(Event::PostCreated { post })
        };
        for role in CENTRAL {
            let post = self.post_id(role.code(), u32::MAX);
            create(post, self.root(), role.code(), role)?;
        }
        for number in 0..self.bureaux() {
            for role in BUREAU {
                let post = self.post_id(role.code(), number);
                let called = format!("第{}局 {}", number + 1, role.code());
                create(post, self.bureau(number), &called, role)?;
            }
        }
        for number in 0..self.sections() {
            let (chief, staff) = (self.chief(number), self.post_id("staff", number));
            let section = self.section(number);
            create(chief, section, &format!("課長 {number}"), Role::Diso)?;
            create(staff, section, &format!("職員 {number}"), Role::Staff)?;
        }
        Ok(())
    }

    fn registered(self, number: u32, texts: &mut Texts<'_>) -> Event {
        Event::PersonRegistered {
            person: self.person(number),
            unit: self.section(self.section_of(number)),
            profile: texts(number, Text::Profile),
        }
    }

    /// The post that a person holds.
    fn post_of(self, person: u32) -> PostId {
        let section = self.section_of(person);
        let place = person % PER_SECTION;
        let first_of_bureau = section.is_multiple_of(PER_BUREAU);
        let central = usize::try_from(place).ok().and_then(|it| it.checked_sub(3));
        match (place, central.and_then(|it| CENTRAL.get(it))) {
            (0, _) => self.chief(section),
            (1, _) if first_of_bureau => self.post_id("iso", Self::bureau_of(section)),
            (2, _) if first_of_bureau => self.systems_officer(section),
            (_, Some(role)) if section == 0 => self.post_id(role.code(), u32::MAX),
            _ => self.post_id("staff", section),
        }
    }

    fn appointments<E>(self, put: &mut impl FnMut(Event) -> Result<(), E>) -> Result<(), E> {
        for number in 0..self.size.people {
            let appointment = Appointment {
                id: AppointmentId::new(id(self.seed, "appointment", number)),
                person: self.person(number),
                post: self.post_of(number),
                valid: Interval::starting(self.began),
                kind: AppointmentKind::Regular,
            };
            put(Event::AppointmentMade { appointment })?;
        }
        Ok(())
    }

    fn enrolled(self, number: u32) -> Event {
        let mut random = SplitMix64::fork(self.seed, "key", u64::from(number));
        let user = self.user(number);
        // Of the form of a key and no point on the curve: nothing signs in a benchmark.
        let key = Base64UrlUnpadded::encode_string(&random.bytes::<33>());
        Event::DeviceEnrolled {
            device: self.device(number),
            ordinal: number,
            key: DeviceKey::try_from(key).expect("33 bytes are 44 characters of base64url"),
            class: Self::class(number),
            unit: self.section(self.section_of(user.unwrap_or(0))),
            user: user.map(|user| self.person(user)),
        }
    }

    fn deputies<E>(self, put: &mut impl FnMut(Event) -> Result<(), E>) -> Result<(), E> {
        for section in 0..self.sections() {
            if let Some((id, person)) = self.stand_in(section) {
                let valid = Term {
                    from: self.began,
                    until: self.began.after(Span::days(900)),
                };
                let stand_in = StandIn {
                    id,
                    post: self.chief(section),
                    person: self.person(person),
                    absence: Absence::Leave,
                    kinds: Vec::new(),
                    valid,
                };
                put(Event::StandInNamed { stand_in })?;
            }
            if section % DELEGATED == 0 && section + 1 < self.sections() {
                let delegation = Delegation {
                    id: DelegationId::new(id(self.seed, "delegation", section)),
                    post: self.chief(section),
                    to: self.chief(section + 1),
                    kinds: vec![PermitKind::Telework, PermitKind::Reconnection],
                    ceiling: None,
                    valid: Interval::starting(self.began),
                };
                put(Event::DelegationMade { delegation })?;
            }
        }
        Ok(())
    }
}

/// What is sealed of a person.
pub(super) fn profile(seed: u64, number: u32) -> PersonProfile {
    let mut random = SplitMix64::fork(seed, "name", u64::from(number));
    let [ja, kana, latin] = names::draw(&mut random);
    let mail = latin.to_lowercase().replace(' ', ".");
    PersonProfile {
        name: Name {
            ja: line(&ja),
            en: Some(line(&latin)),
            kana: Some(line(&kana)),
        },
        mail: Some(format!("{mail}.{number:06}@mihon.example")),
    }
}
