//! Assessing: 100,000 devices from stored results, facts to results, and what World weighs.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::hint::black_box;
use std::time::Instant;

use sekisho_detect::advisory::debian::{AdvisoryStatus, DebianRecord};
use sekisho_detect::advisory::feed::{FeedId, FeedMeta};
use sekisho_detect::advisory::import::{Imported, Payload};
use sekisho_detect::advisory::index::{Index, IndexBuilder};
use sekisho_detect::advisory::version::DebVersion;
use sekisho_domain::actor::Actor;
use sekisho_domain::appointment::Appointment;
use sekisho_domain::check::{DeviceCheck, Outcome as CheckOutcome};
use sekisho_domain::code::Reason;
use sekisho_domain::event::{CheckChange, DeviceSet, Event, StoredEvent};
use sekisho_domain::fact::{
    Fact, FactValue, Kernel, Observation, OsFamily, OsRelease, Package, PackageFormat, Packages,
    Seen,
};
use sekisho_domain::feed::{FeedKind, FeedState};
use sekisho_domain::id::{DeviceId, Fresh, PersonId, UnitId};
use sekisho_domain::permit::Permit;
use sekisho_domain::profile::Profile;
use sekisho_domain::time::{Span, Timestamp};
use sekisho_domain::world::{NoDocuments, World};
use sekisho_rules::access::AccessEvidence;
use sekisho_rules::assess::assess;
use sekisho_rules::catalogue::Catalogue;
use sekisho_rules::check::{DeviceFacts, Knowledge, run_all};
use sekisho_rules::transitions::transitions;
use sekisho_sim::population::Population;

use crate::measure::{gib, peak, reset_peak, resident};
use crate::{Outcome, Target};

const PEOPLE: u32 = 100_000;
const DEVICES: u32 = 100_000;
const PERMITS: u32 = 300_000;
const POPULATION: Population = Population {
    people: PEOPLE,
    devices: DEVICES,
    permits: PERMITS,
    ready: 0,
};
const SEED: u64 = 2026;

/// 2026-11-23T00:00:00Z.
const NOW: Timestamp = Timestamp::from_millis(1_795_392_000_000);

/// Verdicts from stored results, results from facts, and the weight of World.
///
/// # Panics
/// Where the World refuses the simulated events or the catalogue is damaged.
pub fn run() -> Outcome {
    let mut outcome = Outcome::new();
    let before = resident();
    reset_peak();
    let world = world();
    let (after, peak) = (resident(), peak());
    let target = Target::AtMost(1.5);
    outcome.figure(
        "World, resident",
        gib(after.saturating_sub(before)),
        "GiB",
        target,
    );
    outcome.figure("highest resident of the process", gib(peak), "GiB", target);
    outcome.figure("the same as bare records", gib(bare()), "GiB", Target::None);
    verdicts(&world, &mut outcome);
    drop(world);
    results(&mut outcome);
    outcome
}

fn verdicts(world: &World, outcome: &mut Outcome) {
    let posture = POPULATION.posture(SEED, NOW);
    let catalogue = Catalogue::builtin().expect("the catalogue is whole");
    let access = AccessEvidence::default();
    let began = Instant::now();
    let mut sum = 0_u64;
    for device in &world.devices {
        for check in DeviceCheck::ALL {
            sum += posture.standing(device.id, check, NOW).outcome() as u64;
        }
    }
    black_box(sum);
    let read = began.elapsed().as_secs_f64();
    outcome.figure("every result read once", read, "s", Target::None);
    for (name, profile) in [("gov", Profile::Gov), ("general", Profile::General)] {
        let began = Instant::now();
        let assessment = black_box(assess(world, &posture, &access, &catalogue, profile, NOW));
        let took = began.elapsed().as_secs_f64();
        let name = format!("assess 100,000 devices, {name}");
        outcome.figure(&name, took, "s", Target::AtMost(1.0));
        if profile == Profile::Gov {
            let began = Instant::now();
            black_box(transitions(
                world,
                &posture,
                &assessment,
                &catalogue,
                "bench",
            ));
            let took = began.elapsed().as_secs_f64();
            outcome.figure("what of it is new", took, "s", Target::None);
        }
    }
}

fn results(outcome: &mut Outcome) {
    const HOSTS: usize = 10_000;
    const KINDS: usize = 50;
    let index = index();
    let feeds = [FeedKind::Debian, FeedKind::Kev].map(|kind| FeedState {
        kind,
        part: if kind == FeedKind::Kev {
            "kev"
        } else {
            "debian_tracker"
        }
        .to_owned(),
        digest: String::new(),
        as_of: NOW.before(Span::days(1)),
        imported_at: NOW,
        entries: 1,
    });
    let knowledge = Knowledge::new(&feeds).with_advisories(&index);
    // Fleets are built from few images: fifty sets of facts, each on two hundred hosts.
    let kinds: Vec<Vec<Fact>> = (0..KINDS).map(facts).collect();
    let began = Instant::now();
    for host in 0..HOSTS {
        let mut hasher = DefaultHasher::new();
        for fact in &kinds[host % KINDS] {
            if let Seen::Value(FactValue::Packages(packages)) = &fact.observation.seen {
                for package in &packages.packages {
                    (&package.name, &package.version).hash(&mut hasher);
                }
            }
        }
        black_box(hasher.finish());
    }
    let baseline = began.elapsed().as_secs_f64();
    let began = Instant::now();
    for host in 0..HOSTS {
        let facts = DeviceFacts::new(&kinds[host % KINDS]);
        black_box(run_all(&facts, &knowledge, NOW));
    }
    let took = began.elapsed().as_secs_f64();
    let name = "every name and version of 10,000 × 1,000 packages hashed once";
    outcome.figure(name, baseline, "s", Target::None);
    let name = "facts to results, 10,000 devices × 1,000 packages";
    outcome.figure(name, took, "s", Target::None);
    outcome.figure(
        "ratio to the baseline",
        took / baseline,
        "times",
        Target::None,
    );
}

/// The simulated ministry, with checks that failed and were put right.
fn world() -> World {
    let mut world = POPULATION
        .world(SEED, NOW.before(Span::days(4)))
        .expect("the events fit");
    for (check, to, at) in turns() {
        let devices = (0..DEVICES).filter(|n| to == CheckOutcome::Pass || n % 3 == 0);
        let change = CheckChange {
            check,
            to,
            cause: Reason::new("check.stale"),
            devices: DeviceSet::Listed(devices.collect()),
        };
        let stored = StoredEvent {
            actor: Actor::System,
            recorded_at: at,
            effective_from: None,
            event: Event::CheckChanged { change },
        };
        world.apply(&stored, &NoDocuments).expect("the events fit");
    }
    world
}

/// Every check fails on a third of the devices and is put right a day later.
fn turns() -> impl Iterator<Item = (DeviceCheck, CheckOutcome, Timestamp)> {
    DeviceCheck::ALL.into_iter().flat_map(|check| {
        [
            (check, CheckOutcome::Fail, NOW.before(Span::days(3))),
            (check, CheckOutcome::Pass, NOW.before(Span::days(2))),
        ]
    })
}

/// The same records without any map or set around them.
fn bare() -> u64 {
    let of = |count: u32, size: usize| u64::from(count) * size as u64;
    of(PEOPLE, size_of::<(PersonId, UnitId)>())
        + of(DEVICES, size_of::<sekisho_domain::device::Device>() + 44)
        + of(PEOPLE, size_of::<Appointment>())
        + of(PERMITS, size_of::<Permit>() + 20)
}

/// A thousand sources with ten statements each.
fn index() -> Index {
    let release = "trixie";
    let mut records = vec![DebianRecord::CoversAll {
        release: release.into(),
    }];
    for source in 0..1_000_u32 {
        for n in 0..10_u32 {
            let cve = format!("CVE-2026-{}", 10_000 + source * 10 + n);
            records.push(DebianRecord::Advisory {
                release: release.into(),
                source: format!("source{source}").into(),
                cve: cve.parse().expect("an identifier"),
                status: AdvisoryStatus::Fixed {
                    version: DebVersion::new(&format!("1.{n}-1")).expect("a version"),
                    suite: None,
                },
            });
        }
    }
    let mut builder = IndexBuilder::new();
    builder.add(&Imported {
        meta: FeedMeta {
            id: FeedId::DebianTracker,
            as_of: NOW.as_millis(),
            imported_at: NOW.as_millis(),
            digest: String::new(),
            entries: 10_000,
        },
        payload: Payload::Debian(records),
    });
    builder.build()
}

fn facts(image: usize) -> Vec<Fact> {
    let package = |n: usize| Package {
        name: format!("package{n}"),
        // One package in twenty differs from image to image.
        version: format!("1.{}-1", if n % 20 == image % 20 { image % 12 } else { 9 }),
        arch: "amd64".to_owned(),
        source: Some(format!("source{n}")),
        source_version: None,
        changelog_cves: Vec::new(),
    };
    let values = [
        FactValue::Packages(Packages {
            format: PackageFormat::Deb,
            packages: (0..1_000).map(package).collect(),
            broken: Vec::new(),
        }),
        FactValue::OsRelease(OsRelease {
            family: OsFamily::Linux,
            product: "debian".to_owned(),
            version: "13".to_owned(),
            codename: None,
            pretty: "Debian GNU/Linux 13".to_owned(),
            modified: None,
        }),
        FactValue::Kernel(Kernel {
            release: "6.12.1-amd64".to_owned(),
            booted_at: None,
            newest_installed: None,
        }),
    ];
    let fact = |value| Fact {
        subject: DeviceId::new(Fresh([5; 16])),
        observation: Observation {
            seen: Seen::Value(value),
            source: "bench".to_owned(),
            partial: None,
            observed_at: NOW.before(Span::hours(1)),
        },
        received_at: NOW.before(Span::hours(1)),
    };
    values.into_iter().map(fact).collect()
}
