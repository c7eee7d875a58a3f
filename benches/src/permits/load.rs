//! Fills a folder: keys and texts as the application seals them, records as its writer writes them.
//! Only the deciding is left out, which would take an hour.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Instant;

use sekisho_domain::check::{DeviceCheck, Outcome as CheckOutcome};
use sekisho_domain::device::DeviceClass;
use sekisho_domain::event::Sealed;
use sekisho_domain::time::{Span, Timestamp};
use sekisho_ledger::{Salt, SignerKey};
use sekisho_server::app::clock::MachineTime;
use sekisho_server::app::directory::PROFILE_PURPOSE;
use sekisho_server::app::open::LEDGER_NAME;
use sekisho_server::app::stored::record;
use sekisho_server::app::{App, PERMIT_PURPOSE};
use sekisho_server::assessor::take_report;
use sekisho_sim::machine::Machine;
use sekisho_sim::population::{Population, Text};
use sekisho_sim::random::SplitMix64;
use sekisho_store::keyring::{Keyring, MasterSource, Plain, Purpose};
use sekisho_store::sqlite::ledger::{Access, LedgerStore, NewEntry};
use sekisho_store::{DataFolder, entropy};

use super::house::House;
use super::{SECTION, SEED};
use crate::{Outcome, Target};

/// People whose texts are sealed in one transaction.
const SEALED: u32 = 5_000;
/// Records in one transaction.
const BATCH: usize = 8_192;

/// What is sealed of a person.
struct Texts {
    profile: Sealed,
    words: Sealed,
}

/// Fills a folder with a population; the instant up to which its records reach.
pub(crate) fn fill(place: &Path, population: Population, outcome: &mut Outcome) -> Timestamp {
    let began = Instant::now();
    let folder = || DataFolder::create_or_open(place).expect("a data folder");
    let master = MasterSource::standard(&folder(), None);
    let app = App::open(folder(), &master, Box::new(MachineTime::default())).expect("it opens");
    let now = app.now().before(Span::hours(1));
    let texts = seal(&app, population);
    app.stop();
    drop(app);
    let keyring = Keyring::open(&folder(), &master, now.as_millis()).expect("the keys are there");
    let key = keyring.active(Purpose::LedgerSigning).expect("one signs");
    let key = SignerKey::new(LEDGER_NAME, key.secret()).expect("it signs");
    let mut ledger = LedgerStore::open(&folder().ledger(), Access::Write).expect("it opens");
    let mut batch: Vec<NewEntry> = Vec::with_capacity(BATCH);
    let (mut records, mut bytes) = (0_u64, 0_u64);
    let mut append = |batch: &mut Vec<NewEntry>| {
        if !batch.is_empty() {
            records += batch.len() as u64;
            bytes += batch.iter().map(|it| it.record.len() as u64).sum::<u64>();
            let sign = |size, root| key.sign(size, root);
            ledger.append(batch, &sign).expect("it is appended");
            batch.clear();
        }
    };
    let mut text = |number: u32, what| {
        let known = &texts[number as usize];
        match what {
            Text::Profile => known.profile.clone(),
            Text::Words => known.words.clone(),
        }
    };
    let filled = population.events(SEED, now, &mut text, |event| {
        batch.push(NewEntry {
            salt: Salt(entropy::bytes()?),
            record: record(&event).expect("it has a canonical form"),
            blobs: Vec::new(),
        });
        if batch.len() == BATCH {
            append(&mut batch);
        }
        Ok::<(), sekisho_store::StoreError>(())
    });
    filled.expect("there is randomness");
    append(&mut batch);
    let took = began.elapsed().as_secs_f64();
    outcome.figure("records in the ledger", records as f64, "", Target::None);
    let each = bytes as f64 / records as f64;
    outcome.figure("bytes in a record", each, "B", Target::None);
    outcome.figure("filling the folder", took, "s", Target::None);
    now
}

fn seal(app: &App, population: Population) -> Vec<Texts> {
    let mut all = Vec::with_capacity(population.people as usize);
    for first in (0..population.people).step_by(SEALED as usize) {
        let numbers = first..population.people.min(first + SEALED);
        let people: Vec<_> = numbers
            .map(|number| {
                let profile = population.profile(SEED, number);
                // A profile is plain data and always serialises.
                let profile = serde_json::to_vec(&profile).unwrap_or_default();
                let person = population.person(SEED, number);
                (person, person.to_string(), profile)
            })
            .collect();
        let words = "資料の作成を自宅で行うため。".as_bytes();
        let plains: Vec<Plain<'_>> = people
            .iter()
            .flat_map(|(_, person, profile)| {
                [
                    (PROFILE_PURPOSE, profile.as_slice()),
                    (PERMIT_PURPOSE, words),
                ]
                .map(|(purpose, text)| Plain {
                    person,
                    purpose,
                    text,
                })
            })
            .collect();
        let sealed = app.people().seal_many(&plains, app.now().as_millis());
        let mut sealed = sealed.expect("they are sealed").into_iter();
        for (person, ..) in &people {
            let mut next = || {
                let sealed = sealed.next().expect("two of each");
                Sealed {
                    person: *person,
                    key: sealed.key,
                    nonce: sealed.nonce,
                    ciphertext: sealed.ciphertext,
                }
            };
            all.push(Texts {
                profile: next(),
                words: next(),
            });
        }
    }
    all
}

/// Lets devices report that lists will show, so that their facts are there to be read: those of the
/// first pages of what fails, of a late one, and of one section.
pub(super) fn report(house: &House) {
    let app = &house.app;
    let failing: Vec<u32> = {
        let (world, posture) = (app.world(), app.posture());
        let fails = |id| {
            let mut checks = DeviceCheck::ALL.into_iter();
            checks.any(|it| posture.standing(id, it, house.now).outcome() == CheckOutcome::Fail)
        };
        let devices = world.devices.iter().filter(|it| fails(it.id));
        devices.map(|it| it.ordinal).collect()
    };
    let first = failing.iter().take(60);
    let late = failing.iter().skip(1_940).take(70);
    let section = house.population.chief(SECTION);
    let section = section..section + 40;
    let numbers: BTreeSet<u32> = first.chain(late).copied().chain(section).collect();
    for number in numbers {
        let mut random = SplitMix64::fork(SEED, "machine", u64::from(number));
        let machine = Machine::draw(&mut random, number, DeviceClass::Issued);
        let report = machine.report(house.now);
        let body = serde_json::to_vec(&report).expect("a report is plain data");
        let device = house.population.device(SEED, number);
        take_report(app, device, 1, &body, &report, 3_600).expect("it is taken in");
    }
    // Its results are not those that the lists were looked through by.
    app.update_posture(|posture| *posture = house.population.posture(SEED, house.now));
}
