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
use sekisho_domain::attestation::Attestation;
use sekisho_domain::check::{CheckResult, DeviceCheck, Outcome as CheckOutcome};
use sekisho_domain::code::Reason;
use sekisho_domain::device::{DeviceClass, DeviceKey};
use sekisho_domain::event::{Event, Sealed, StoredEvent};
use sekisho_domain::fact::{
    Fact, FactValue, Kernel, Observation, OsFamily, OsRelease, Package, PackageFormat, Packages,
    Seen,
};
use sekisho_domain::feed::{FeedKind, FeedState};
use sekisho_domain::id::{
    AppointmentId, AttestationId, DeviceId, Fresh, OrganisationId, PersonId, PostId, UnitId,
};
use sekisho_domain::name::{Line, Name};
use sekisho_domain::organisation::Organisation;
use sekisho_domain::post::Post;
use sekisho_domain::posture::Posture;
use sekisho_domain::profile::Profile;
use sekisho_domain::role::Role;
use sekisho_domain::time::{Interval, Span, Timestamp};
use sekisho_domain::unit::Unit;
use sekisho_domain::verdict::Scope;
use sekisho_domain::world::{NoDocuments, World};
use sekisho_rules::assess::assess;
use sekisho_rules::catalogue::Catalogue;
use sekisho_rules::check::{DeviceFacts, Knowledge, run_all};
use sekisho_rules::transitions::transitions;

use crate::{Outcome, Target};

const PEOPLE: u32 = 100_000;
const DEVICES: u32 = 100_000;
const APPOINTMENTS: u32 = 150_000;
const ATTESTATIONS: u32 = 150_000;
const UNITS: u32 = 1_000;

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
    let gib = |bytes: u64| bytes as f64 / f64::from(1 << 30);
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
    let posture = posture();
    let catalogue = Catalogue::builtin().expect("the catalogue is whole");
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
        let assessment = black_box(assess(world, &posture, &catalogue, profile, NOW));
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

fn fresh(kind: u8, n: u32) -> Fresh {
    let mut bytes = [kind; 16];
    // Ids are random in life; a multiplication by an odd number spreads these as well.
    bytes[..4].copy_from_slice(&n.wrapping_mul(0x9E37_79B1).to_be_bytes());
    bytes[12..].copy_from_slice(&n.to_be_bytes());
    Fresh(bytes)
}

fn name(text: &str) -> Name {
    Name::ja(Line::parse(text).expect("a plain name"))
}

fn world() -> World {
    let mut world = World::default();
    let mut apply = |event| {
        let stored = StoredEvent {
            actor: Actor::System,
            recorded_at: NOW.before(Span::days(1)),
            effective_from: None,
            event,
        };
        world.apply(&stored, &NoDocuments).expect("the events fit");
    };
    let unit = |n: u32| UnitId::new(fresh(1, n % UNITS));
    let post = |n: u32| PostId::new(fresh(2, n % UNITS));
    let person = |n: u32| PersonId::new(fresh(3, n % PEOPLE));
    let open = Interval::starting(NOW.before(Span::days(30)));
    apply(founded(unit(0)));
    for n in 0..UNITS {
        apply(Event::UnitFounded {
            unit: Unit {
                id: unit(n),
                parent: (n > 0).then(|| unit(n / 10)),
                name: name("課"),
                valid: open,
            },
        });
        apply(Event::PostCreated {
            post: Post {
                id: post(n),
                unit: unit(n),
                title: name("課長"),
                roles: vec![if n == 0 { Role::Isso } else { Role::Diso }],
            },
        });
    }
    for n in 0..PEOPLE {
        apply(registered(person(n), unit(n)));
    }
    for n in 0..DEVICES {
        apply(enrolled(n, unit(n), person(n)));
    }
    for n in 0..APPOINTMENTS {
        apply(Event::AppointmentMade {
            appointment: Appointment {
                id: AppointmentId::new(fresh(4, n)),
                person: person(n),
                post: post(n),
                valid: open,
            },
        });
    }
    for n in 0..ATTESTATIONS {
        apply(attested(n));
    }
    world
}

fn founded(root: UnitId) -> Event {
    Event::OrganisationFounded {
        organisation: Organisation {
            id: OrganisationId::new(fresh(9, 0)),
            name: name("検証省"),
            profile: Profile::Gov,
            clauses_opted_in: false,
            root,
            demo: true,
        },
    }
}

fn registered(person: PersonId, unit: UnitId) -> Event {
    Event::PersonRegistered {
        person,
        unit,
        profile: Sealed {
            person,
            key: String::new(),
            nonce: String::new(),
            ciphertext: String::new(),
        },
    }
}

fn enrolled(n: u32, unit: UnitId, user: PersonId) -> Event {
    Event::DeviceEnrolled {
        device: DeviceId::new(fresh(5, n)),
        ordinal: n,
        key: DeviceKey::try_from(format!("{n:A>44}")).expect("44 characters"),
        class: if n.is_multiple_of(10) {
            DeviceClass::Byod
        } else {
            DeviceClass::Issued
        },
        unit,
        user: Some(user),
    }
}

fn attested(n: u32) -> Event {
    let rows = ["US-7.1.1-1-a-盗難", "PUB-1", "US-8.1.1-3-f", "US-7.1.1-4-b"];
    Event::AttestationMade {
        attestation: Attestation {
            id: AttestationId::new(fresh(6, n)),
            row: rows[n as usize % rows.len()].parse().expect("an id"),
            scope: Scope::Body,
            appointment: AppointmentId::new(fresh(4, n)),
            valid: Interval {
                from: NOW.before(Span::days(n % 300)),
                until: Some(NOW.before(Span::days(n % 300)).after(Span::days(180))),
            },
        },
        statement: None,
    }
}

/// The same records without any map or set around them.
fn bare() -> u64 {
    let of = |count: u32, size: usize| u64::from(count) * size as u64;
    of(PEOPLE, size_of::<(PersonId, UnitId)>())
        + of(DEVICES, size_of::<sekisho_domain::device::Device>() + 44)
        + of(APPOINTMENTS, size_of::<Appointment>())
        + of(ATTESTATIONS, size_of::<Attestation>() + 20)
}

fn posture() -> Posture {
    let mut posture = Posture::default();
    let codes = [
        (CheckOutcome::Pass, "update.none-pending"),
        (CheckOutcome::Fail, "update.security-pending"),
        (CheckOutcome::Unknown, "unseen.needs-privilege"),
    ];
    for n in 0..DEVICES {
        for check in DeviceCheck::ALL {
            // One result in twenty fails, one in twenty is unknown.
            let draw = n
                .wrapping_mul(0x9E37_79B1)
                .wrapping_add(check.column() as u32 * 7_919)
                % 20;
            let (outcome, code) = codes[if draw < 2 { draw as usize + 1 } else { 0 }];
            let result = CheckResult {
                outcome,
                reason: Reason::new(code).with("n", n % 40),
                observed_at: NOW.before(Span::hours(1)),
                received_at: NOW.before(Span::minutes(n % 1_000)),
                fresh_until: NOW.after(Span::days(1)),
            };
            posture.set(DeviceId::new(fresh(5, n)), check, &result, u64::from(n));
        }
    }
    posture
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
        }),
        FactValue::Kernel(Kernel {
            release: "6.12.1-amd64".to_owned(),
            booted_at: None,
            newest_installed: None,
        }),
    ];
    let fact = |value| Fact {
        subject: DeviceId::new(fresh(5, 0)),
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

/// A line of the process's status in bytes; 0 where the system does not say.
fn status(field: &str) -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    text.lines()
        .find_map(|line| {
            line.strip_prefix(field)?
                .split_whitespace()
                .nth(1)?
                .parse()
                .ok()
        })
        .map_or(0, |kib: u64| kib * 1024)
}

fn resident() -> u64 {
    status("VmRSS")
}

fn peak() -> u64 {
    status("VmHWM").max(resident())
}

/// Forgets the peak that earlier subjects left, where the system allows it.
fn reset_peak() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}
