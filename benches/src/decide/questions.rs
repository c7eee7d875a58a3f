//! The questions: half from people who are ready to work from elsewhere, half from anybody about
//! anything, from every place, also to join lines.

use sekisho_domain::id::{DeviceId, LineId, PersonId, SystemId};
use sekisho_domain::permit::{Particulars, Place};
use sekisho_domain::register::{EntryId, Register};
use sekisho_domain::time::Span;
use sekisho_domain::world::World;
use sekisho_rules::decide::{Act, Origin, Outing, Question};
use sekisho_sim::population::Population;
use sekisho_sim::random::SplitMix64;

use super::{NOW, SEED};

/// What questions are drawn from.
pub(super) struct Sources {
    population: Population,
    systems: Vec<SystemId>,
    lines: Vec<LineId>,
    people: Vec<PersonId>,
    devices: Vec<(DeviceId, Option<PersonId>)>,
    /// Who may ask for which system with which device by a permit for remote access, in force or not.
    named: Vec<(PersonId, DeviceId, SystemId)>,
}

impl Sources {
    pub(super) fn of(world: &World, population: Population) -> Self {
        let active = |register| world.registers.active(register).map(|entry| entry.id);
        let systems = active(Register::System).filter_map(|id| match id {
            EntryId::System(id) => Some(id),
            _ => None,
        });
        let lines = active(Register::Line).filter_map(|id| match id {
            EntryId::Line(id) => Some(id),
            _ => None,
        });
        let mut people: Vec<PersonId> = world.people.keys().copied().collect();
        people.sort_unstable();
        let named = world
            .permits
            .iter()
            .filter_map(|permit| match permit.particulars.as_ref() {
                Particulars::RemoteAccess(it) => Some((permit.applicant, it.device, it.system)),
                _ => None,
            });
        Self {
            population,
            systems: systems.collect(),
            lines: lines.collect(),
            people,
            devices: world.devices.iter().map(|it| (it.id, it.user)).collect(),
            named: named.collect(),
        }
    }

    /// So many questions; other ones by another label.
    pub(super) fn questions(&self, label: &str, count: usize) -> Vec<Question> {
        let mut random = SplitMix64::fork(SEED, label, 0);
        let one = |n: usize| {
            if n.is_multiple_of(2) {
                self.ready(&mut random)
            } else {
                self.any(&mut random)
            }
        };
        (0..count).map(one).collect()
    }

    fn ready(&self, random: &mut SplitMix64) -> Question {
        let population = self.population;
        let number = population.ready_person(random.below(population.ready));
        let system = population.system_of(SEED, number / 40);
        let (person, device) = (
            population.person(SEED, number),
            population.device(SEED, number % population.devices),
        );
        question(person, device, Act::Reach { system, part: None })
    }

    fn any(&self, random: &mut SplitMix64) -> Question {
        let system = one(random, &self.systems);
        let (device, user) = one(random, &self.devices);
        let person = match user {
            Some(user) if !random.chance(50) => user,
            _ => one(random, &self.people),
        };
        let mut asked = match random.below(10) {
            0..=4 => {
                let (person, device, system) = one(random, &self.named);
                question(person, device, Act::Reach { system, part: None })
            }
            5..=7 => question(person, device, Act::Reach { system, part: None }),
            _ => self.join(random, person, device),
        };
        if random.chance(300) {
            asked.origin.place = one(random, Place::ALL);
        }
        if random.chance(300) {
            asked.origin.line = Some(one(random, &self.lines));
        }
        if random.chance(20) {
            asked.device = None;
        }
        asked
    }

    fn join(&self, random: &mut SplitMix64, person: PersonId, device: DeviceId) -> Question {
        let outing = if random.chance(500) {
            Outing::None
        } else {
            Outing::Back {
                last_inside: None,
                since: NOW.before(Span::hours(1)),
            }
        };
        let line = one(random, &self.lines);
        let mut asked = question(person, device, Act::Join { line, outing });
        asked.origin.place = Place::ControlledArea;
        asked
    }
}

fn one<T: Copy>(random: &mut SplitMix64, all: &[T]) -> T {
    *random.pick(all).expect("there is one of everything")
}

fn question(person: PersonId, device: DeviceId, act: Act) -> Question {
    Question {
        person: Some(person),
        device: Some(device),
        act,
        origin: Origin {
            place: Place::OutsideOrganisation,
            line: None,
        },
        task: None,
        grade: None,
    }
}
