//! Judging devices anew, and how steadily they were known.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use sekisho_domain::actor::Actor;
use sekisho_domain::check::{DeviceCheck, Outcome};
use sekisho_domain::command::Command;
use sekisho_domain::continuity::Gap;
use sekisho_domain::device::{DeviceClass, DeviceKey};
use sekisho_domain::fact::{
    FactValue, Kernel, Observation, OsFamily, OsRelease, Package, PackageFormat, Packages, Seen,
};
use sekisho_domain::id::{DeviceId, Fresh};
use sekisho_domain::posture::Standing;
use sekisho_domain::time::{Span, Timestamp};
use sekisho_ledger::digest::Digest;
use sekisho_protocol::agent::Report;
use sekisho_server::app::App;
use sekisho_server::app::clock::TimeSource;
use sekisho_server::assessor::{Rejudged, judge_all, renew, take_report};
use sekisho_server::knowledge::{ImportHints, KnowledgeBase, import};
use sekisho_store::observations::{Feed, FeedState};

use crate::writer::{found, root, try_open};

/// 2026-11-23T00:00:00Z.
const START: i64 = 1_795_392_000_000;
const EPSS: &[u8] = include_bytes!("../../../../fixtures/feeds/epss.csv");
const RELEASES: &[u8] = include_bytes!("../../../../fixtures/feeds/distro-info-debian.csv");
const KEV: &[u8] = include_bytes!("../../../../fixtures/feeds/kev.json");

/// Time that passes when it is told to, for both clocks alike.
#[derive(Clone, Default)]
pub struct Passing(Arc<AtomicI64>);

impl Passing {
    pub fn days(&self, days: i64) {
        self.minutes(days * 1_440);
    }

    pub fn minutes(&self, minutes: i64) {
        self.0.fetch_add(minutes * 60_000, Ordering::SeqCst);
    }
}

impl TimeSource for Passing {
    fn wall(&self) -> i64 {
        START + self.monotonic()
    }

    fn monotonic(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

pub fn device(n: u8) -> DeviceId {
    DeviceId::new(Fresh([n; 16]))
}

pub fn house(path: &Path, time: &Passing) -> App {
    let app = try_open(path, Box::new(time.clone())).unwrap();
    if app.world().organisation.is_none() {
        found(&app);
    }
    app
}

pub fn enrol(app: &App, n: u8) {
    let command = Command::EnrolDevice {
        device: device(n),
        key: DeviceKey::try_from(format!("{n:044}")).unwrap(),
        class: DeviceClass::Issued,
        unit: root(),
        user: None,
        source: sekisho_domain::device::StateSource::Observed,
    };
    app.command_blocking(Actor::Operator, command, Vec::new())
        .unwrap();
}

fn report(app: &App, n: u8, sequence: u64) {
    let now = app.now();
    let values = [
        FactValue::OsRelease(OsRelease {
            family: OsFamily::Linux,
            product: "debian".to_owned(),
            version: "12".to_owned(),
            codename: Some("bookworm".to_owned()),
            pretty: "Debian GNU/Linux 12".to_owned(),
            modified: None,
        }),
        FactValue::Packages(Packages {
            format: PackageFormat::Deb,
            packages: vec![Package {
                name: "shell".to_owned(),
                version: "1.0-1".to_owned(),
                arch: "amd64".to_owned(),
                source: None,
                source_version: None,
                changelog_cves: Vec::new(),
            }],
            broken: Vec::new(),
        }),
        FactValue::Kernel(Kernel {
            release: "6.1.0-1-amd64".to_owned(),
            booted_at: None,
            newest_installed: None,
        }),
    ];
    let observation = |value| Observation {
        seen: Seen::Value(value),
        source: "test".to_owned(),
        partial: None,
        observed_at: now,
    };
    let report = Report {
        agent: "test".to_owned(),
        observed_at: now,
        observations: values.into_iter().map(observation).collect(),
    };
    let body = serde_json::to_vec(&report).unwrap();
    take_report(app, device(n), sequence, &body, &report, 3_600).unwrap();
}

/// Brings a feed in and lets the devices be judged with it, as the assessor does.
fn bring(app: &App, bytes: &[u8], as_of: Option<Timestamp>) -> Rejudged {
    let hints = ImportHints {
        as_of,
        ..ImportHints::default()
    };
    import(app, Actor::Operator, bytes, &hints).unwrap();
    app.set_knowledge(read(app));
    judge_all(app).unwrap()
}

fn outcome(app: &App, n: u8, check: DeviceCheck) -> Outcome {
    app.posture()
        .standing(device(n), check, app.now())
        .outcome()
}

#[test]
fn a_feed_moves_only_the_checks_that_draw_on_it_and_only_once() {
    let (place, time) = (tempfile::tempdir().unwrap(), Passing::default());
    let app = house(place.path(), &time);
    // More than one slice.
    let devices = 120_u8;
    for n in 10..10 + devices {
        enrol(&app, n);
        report(&app, n, 1);
    }
    let nothing = Rejudged::default();
    assert_eq!(judge_all(&app).unwrap(), nothing, "judged when they came");
    let count = usize::from(devices);
    let each_once = Rejudged {
        devices: count,
        results: count,
    };
    let today = Some(app.now());
    assert_eq!(bring(&app, EPSS, today), nothing, "no check draws on it");
    let os = DeviceCheck::OsSupported;
    assert_eq!(outcome(&app, 10, os), Outcome::Unknown);
    assert_eq!(bring(&app, RELEASES, today), each_once);
    assert!((10..10 + devices).all(|n| outcome(&app, n, os) == Outcome::Pass));
    assert_eq!(judge_all(&app).unwrap(), nothing);
    assert_eq!(bring(&app, KEV, today), each_once);
    app.stop();
    drop(app);
    // A second start with the same feeds finds nothing to do.
    let app = house(place.path(), &time);
    app.set_knowledge(read(&app));
    assert_eq!(judge_all(&app).unwrap(), nothing);
    assert_eq!(outcome(&app, 10, os), Outcome::Pass);
    // A report is judged with the feeds there are and needs no second look.
    report(&app, 10, 2);
    assert_eq!(judge_all(&app).unwrap(), nothing);
}

#[test]
fn a_silence_is_remembered_across_a_restart() {
    let (place, time) = (tempfile::tempdir().unwrap(), Passing::default());
    let app = house(place.path(), &time);
    let check = DeviceCheck::OsSupported;
    enrol(&app, 10);
    let today = Some(app.now());
    bring(&app, RELEASES, today);
    time.days(1);
    report(&app, 10, 1);
    let last = app.now();
    time.days(12);
    assert!(matches!(
        app.posture().standing(device(10), check, app.now()),
        Standing::Stale(_)
    ));
    report(&app, 10, 2);
    let gap = Gap {
        from: last,
        until: app.now(),
    };
    let gaps = |app: &App| -> Vec<Gap> {
        let posture = app.posture();
        let device = posture.device(device(10)).unwrap();
        device.continuity(check).unwrap().gaps().to_vec()
    };
    assert_eq!(gaps(&app), [gap]);
    assert!(gap.length() >= Span::days(12));
    app.stop();
    drop(app);
    assert_eq!(gaps(&house(place.path(), &time)), [gap]);
}

/// The same list stated true of a later day once left devices judged with the earlier one until they
/// reported again.
#[test]
fn a_list_confirmed_anew_has_devices_judged_anew() {
    let (place, time) = (tempfile::tempdir().unwrap(), Passing::default());
    let app = house(place.path(), &time);
    let os = DeviceCheck::OsSupported;
    enrol(&app, 10);
    bring(&app, RELEASES, Some(app.now()));
    time.days(181);
    report(&app, 10, 1);
    assert_eq!(outcome(&app, 10, os), Outcome::Unknown);
    let again = bring(&app, RELEASES, Some(app.now()));
    assert_eq!((again.devices, again.results), (1, 1));
    assert_eq!(outcome(&app, 10, os), Outcome::Pass);
}

/// A later day was stored, and the program ended before it was recorded.
#[test]
fn a_day_that_was_never_recorded_makes_no_feed_younger() {
    let (place, time) = (tempfile::tempdir().unwrap(), Passing::default());
    let app = house(place.path(), &time);
    enrol(&app, 10);
    bring(&app, RELEASES, Some(app.now()));
    time.days(181);
    let name = app.world().feeds.values().next().unwrap().part.clone();
    let mut stored = app.observations().feed(&name).unwrap().unwrap();
    stored.state.as_of = app.now().as_millis();
    stored.state.imported_at = app.now().as_millis();
    app.observations().put_feed(&stored).unwrap();
    app.set_knowledge(read(&app));
    assert!(app.knowledge().is_made_of(app.world().feeds.values()));
    report(&app, 10, 1);
    assert_eq!(
        outcome(&app, 10, DeviceCheck::OsSupported),
        Outcome::Unknown
    );
    // Said again, it is recorded, and counts.
    bring(&app, RELEASES, Some(app.now()));
    assert_eq!(outcome(&app, 10, DeviceCheck::OsSupported), Outcome::Pass);
}

/// New bytes were stored, and the program ended before they were recorded.
#[test]
fn bytes_that_were_never_recorded_are_no_younger_than_those_before() {
    let (place, time) = (tempfile::tempdir().unwrap(), Passing::default());
    let app = house(place.path(), &time);
    enrol(&app, 10);
    let stray = |app: &App, name: &str| {
        let (content, now) = (RELEASES.to_vec(), app.now().as_millis());
        let state = FeedState {
            name: name.to_owned(),
            as_of: now,
            imported_at: now,
            digest: Digest::of(RELEASES).0,
            entries: 1,
        };
        app.observations()
            .put_feed(&Feed { state, content })
            .unwrap();
        app.set_knowledge(read(app));
    };
    let os = DeviceCheck::OsSupported;
    stray(&app, "distro_info_debian");
    report(&app, 10, 1);
    assert_eq!(outcome(&app, 10, os), Outcome::Unknown, "of no day at all");
    let lines = String::from_utf8(RELEASES.to_vec()).unwrap();
    bring(&app, format!("{lines}\n").as_bytes(), Some(app.now()));
    time.days(181);
    stray(&app, "distro_info_debian");
    report(&app, 10, 2);
    assert_eq!(outcome(&app, 10, os), Outcome::Unknown, "as old as before");
    bring(&app, RELEASES, Some(app.now()));
    assert_eq!(outcome(&app, 10, os), Outcome::Pass);
}

const ENDS: &[u8] = include_bytes!("../../../../fixtures/feeds/endoflife.json");

fn read(app: &App) -> KnowledgeBase {
    let recorded = app.world().feeds.clone();
    KnowledgeBase::load(app.observations(), &recorded, app.now()).unwrap()
}

fn bring_in(app: &App, bytes: &[u8]) {
    let hints = ImportHints {
        as_of: Some(app.now()),
        ..ImportHints::default()
    };
    import(app, Actor::Operator, bytes, &hints).unwrap();
}

/// Every stored result of some devices whose reason is that a feed is missing which the World has
/// must name, as what it was judged with, something else than what all feeds of the World make.
fn no_result_claims_feeds_it_never_saw(app: &App, devices: &[u8]) {
    let whole = read(app).editions();
    for n in devices {
        for row in app
            .observations()
            .posture_of(&device(*n).to_string())
            .unwrap()
        {
            let check = DeviceCheck::from_code(&row.check).unwrap();
            // Of a kind that the World has; that of another is missing indeed.
            let missing = app.world().feeds.values().any(|feed| {
                let kind = format!("\"feed\":\"{}\"", feed.kind.code());
                row.reason.contains("feed.missing") && row.reason.contains(&kind)
            });
            assert!(
                !missing || row.knowledge != whole.of(check),
                "{check:?} of {n} says {} and claims to know the feed",
                row.reason
            );
        }
    }
}

#[test]
fn feeds_recorded_while_others_are_read_are_not_taken_for_known() {
    let (place, time) = (tempfile::tempdir().unwrap(), Passing::default());
    let app = house(place.path(), &time);
    let os = DeviceCheck::OsSupported;
    enrol(&app, 10);
    enrol(&app, 11);
    report(&app, 10, 1);
    // Read before the feed came in, judged with afterwards: by the assessor and by a report.
    let early = read(&app);
    bring_in(&app, KEV);
    bring_in(&app, RELEASES);
    app.set_knowledge(early);
    judge_all(&app).unwrap();
    report(&app, 11, 1);
    assert_eq!(outcome(&app, 11, os), Outcome::Unknown);
    no_result_claims_feeds_it_never_saw(&app, &[10, 11]);
    // What was judged too early is judged again, also after a restart.
    app.stop();
    drop(app);
    let app = house(place.path(), &time);
    app.set_knowledge(read(&app));
    judge_all(&app).unwrap();
    assert_eq!(outcome(&app, 10, os), Outcome::Pass);
    assert_eq!(outcome(&app, 11, os), Outcome::Pass);
}

#[test]
fn feeds_imported_back_to_back_while_reading_is_slow_are_all_judged_with() {
    let (place, time) = (tempfile::tempdir().unwrap(), Passing::default());
    let app = house(place.path(), &time);
    let os = DeviceCheck::OsSupported;
    enrol(&app, 10);
    report(&app, 10, 1);
    let mut coming = vec![ENDS, RELEASES, EPSS, KEV];
    let mut readings = 0;
    renew(&app, || {
        no_result_claims_feeds_it_never_saw(&app, &[10]);
        let base = read(&app);
        readings += 1;
        // One more is imported before this reading ends, and a report comes.
        if let Some(next) = coming.pop() {
            bring_in(&app, next);
            report(&app, 10, 1 + readings);
        }
        Ok(base)
    })
    .unwrap();
    assert!(coming.is_empty(), "read until nothing came any more");
    no_result_claims_feeds_it_never_saw(&app, &[10]);
    assert!(app.knowledge().is_made_of(app.world().feeds.values()));
    assert_eq!(app.knowledge().editions(), read(&app).editions());
    assert_eq!(outcome(&app, 10, os), Outcome::Pass);
    assert_eq!(judge_all(&app).unwrap(), Rejudged::default());
}
