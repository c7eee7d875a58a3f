//! The ministry in a folder of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};

use sekisho_domain::actor::Actor;
use sekisho_domain::check::{DeviceCheck, Outcome};
use sekisho_domain::permit::{Permit, Status};
use sekisho_domain::posture::Standing;
use sekisho_domain::verdict::Verdict;
use sekisho_domain::world::World;
use sekisho_rules::catalogue::Catalogue;
use sekisho_server::app::App;
use sekisho_server::app::clock::MachineTime;
use sekisho_server::app::open::replay;
use sekisho_server::assessor::{assess_now, facts_of, hold, judge_all};
use sekisho_server::knowledge::{ImportHints, KnowledgeBase, import};
use sekisho_sim::demo::{FillError, LOGIN, Stage, feeds, fill, report_again};
use sekisho_sim::organisation::{Ministry, Size};
use sekisho_store::DataFolder;
use sekisho_store::keyring::MasterSource;

const SMALL: Size = Size {
    people: 160,
    issued: 90,
    byod: 30,
};

fn open(path: &std::path::Path) -> App {
    let folder = DataFolder::create_or_open(path).unwrap();
    let master = MasterSource::standard(&folder, None);
    App::open(folder, &master, Box::new(MachineTime::default())).unwrap()
}

#[test]
fn the_ministry_goes_in_by_commands_and_reports_alone() {
    let place = tempfile::tempdir().unwrap();
    let app = open(place.path());
    let catalogue = Catalogue::builtin().unwrap();
    let ministry = Ministry::seeded(7, SMALL);
    let mut last: BTreeMap<Stage, (usize, usize)> = BTreeMap::new();
    let summary = fill(
        &app,
        &catalogue,
        &ministry,
        &|| false,
        &mut |stage, done, total| {
            last.insert(stage, (done, total));
        },
    )
    .unwrap();
    // Every stage came to its end.
    assert_eq!(last.len(), Stage::ALL.len());
    assert!(last.values().all(|(done, total)| done == total), "{last:?}");

    let silent = ministry
        .devices
        .iter()
        .filter(|device| device.machine.silent)
        .count();
    assert_eq!((summary.people, summary.devices), (160, 120));
    assert_eq!(
        (summary.reported, summary.reports),
        (120 - silent, 120 - silent)
    );
    let account = app
        .accounts()
        .get(&ministry.account.to_string())
        .unwrap()
        .unwrap();
    assert_eq!((account.login.as_str(), account.password), (LOGIN, None));

    // What the World holds is what was asked for, under the ids of the seed.
    let world = app.world().clone();
    assert!(world.organisation.as_ref().unwrap().demo);
    assert_eq!(world.units.len(), ministry.units.len() + 1);
    assert_eq!(world.posts.len(), ministry.posts.len());
    assert_eq!(world.appointments.len(), ministry.holdings.len());
    let status = |permit: &Permit| permit.status(app.now());
    let there: BTreeSet<Status> = world.permits.iter().map(status).collect();
    assert_eq!(there, Status::ALL.iter().copied().collect(), "every state");
    assert!(world.bootstrap_is_over());
    for (enrolled, device) in ministry.devices.iter().zip(&world.devices) {
        assert_eq!(
            (enrolled.id, enrolled.unit, enrolled.class),
            (device.id, device.unit, device.class)
        );
    }
    // Names are sealed in the ledger and readable to the directory.
    assert_eq!(app.directory().len(), 160);
    let named = app.directory().get(ministry.people[9].id).cloned().unwrap();
    assert_eq!(named.name, ministry.people[9].name);

    survives_a_restart(app, place.path(), &world);
}

/// Snapshot = replay, and what was filled is not filled again.
fn survives_a_restart(app: App, path: &std::path::Path, before: &World) {
    app.stop();
    let mut replayed = World::default();
    replay(
        &app.open_ledger().unwrap(),
        &mut replayed,
        &mut |_| {},
        None,
    )
    .unwrap();
    assert_eq!(&replayed, before);
    assert!(app.folder().snapshots().join("world.json").exists());
    drop(app);
    let app = open(path);
    assert_eq!(&*app.world(), before);
    let ministry = Ministry::seeded(7, SMALL);
    let catalogue = Catalogue::builtin().unwrap();
    let again = fill(&app, &catalogue, &ministry, &|| false, &mut |_, _, _| {}).unwrap();
    assert_eq!((again.records, again.reports), (before.events, 0));
    // A day later every machine that reports at all reports anew.
    let next = report_again(&app, &ministry, &|| false, &mut |_, _, _| {}).unwrap();
    assert_eq!(
        (next.reports, next.records),
        (again.reported, before.events)
    );
    // Another seed is another ministry, and a folder holds one.
    let other = fill(
        &app,
        &catalogue,
        &Ministry::seeded(8, SMALL),
        &|| false,
        &mut |_, _, _| {},
    );
    assert!(matches!(other, Err(FillError::OtherOrganisation)));
    assert_eq!(app.world().events, before.events);
    app.stop();
}

#[test]
fn filling_goes_on_where_it_was_broken_off() {
    let place = tempfile::tempdir().unwrap();
    let app = open(place.path());
    let catalogue = Catalogue::builtin().unwrap();
    let ministry = Ministry::seeded(7, SMALL);
    // A first run that got no further than some of the people and devices.
    let mut begun = ministry.clone();
    begun.people.truncate(100);
    begun
        .holdings
        .retain(|held| begun.people.iter().any(|member| member.id == held.person));
    begun.devices.clear();
    begun.enrols_issued = ministry.enrols_issued;
    let first = fill(&app, &catalogue, &begun, &|| false, &mut |_, _, _| {}).unwrap();
    assert_eq!((first.people, first.devices), (100, 0));
    let second = fill(&app, &catalogue, &ministry, &|| false, &mut |_, _, _| {}).unwrap();
    assert_eq!((second.people, second.devices), (160, 120));
    assert_eq!(app.world().appointments.len(), ministry.holdings.len());
    app.stop();
}

/// Whenever it is told to stop, the next run brings the same ministry to its end.
#[test]
fn filling_that_was_told_to_stop_goes_on_in_the_next_run() {
    let catalogue = Catalogue::builtin().unwrap();
    let ministry = Ministry::seeded(7, SMALL);
    let place = tempfile::tempdir().unwrap();
    let app = open(place.path());
    let mut events = 0;
    for last in Stage::ALL {
        let reached = AtomicBool::new(false);
        let stop = || reached.load(Ordering::Relaxed);
        let begun = fill(&app, &catalogue, &ministry, &stop, &mut |stage, done, _| {
            // In the midst of the reports; else at the end of the stage.
            let now = stage == last && (stage != Stage::Reports || done == 1);
            reached.fetch_or(now, Ordering::Relaxed);
        });
        let begun = begun.unwrap();
        assert!(begun.records >= events, "{last:?}");
        events = begun.records;
        if last == Stage::Devices {
            assert_eq!((begun.devices, begun.reports), (120, 0));
            assert!(app.world().attestations.is_empty());
        }
    }
    let whole = fill(&app, &catalogue, &ministry, &|| false, &mut |_, _, _| {}).unwrap();
    assert_eq!((whole.people, whole.devices), (160, 120));
    let silent = ministry.devices.iter().filter(|it| it.machine.silent);
    assert_eq!(whole.reported, 120 - silent.count());
    app.stop();
}

#[test]
fn assessment_finds_what_is_wrong_in_the_ministry() {
    let place = tempfile::tempdir().unwrap();
    let app = open(place.path());
    let catalogue = Catalogue::builtin().unwrap();
    let ministry = Ministry::seeded(7, SMALL);
    fill(&app, &catalogue, &ministry, &|| false, &mut |_, _, _| {}).unwrap();
    some_rows_are_attested(&app, &catalogue);
    let now = app.now();
    let count = |check, outcome| {
        let posture = app.posture();
        let of = |device| posture.standing(device, check, now).outcome();
        ministry
            .devices
            .iter()
            .filter(|device| of(device.id) == outcome)
            .count()
    };
    let all = ministry.devices.len();
    for check in DeviceCheck::ALL {
        let (pass, fail) = (count(check, Outcome::Pass), count(check, Outcome::Fail));
        if matches!(check, DeviceCheck::OsSupported | DeviceCheck::Advisories) {
            assert_eq!((pass, fail), (0, 0), "no feed, no word: {}", check.code());
        } else {
            assert!(
                pass > all * 7 / 10,
                "{}: {pass} of {all} pass",
                check.code()
            );
            assert!(fail < all / 4, "{}: {fail} of {all} fail", check.code());
        }
    }
    assert!(count(DeviceCheck::DiskEncryption, Outcome::Fail) > 0);
    assert!(count(DeviceCheck::SecurityUpdates, Outcome::Fail) > 0);
    silence_is_unknown(&app, &ministry);

    let verdicts = assess_now(&app, &catalogue, None);
    let with = |verdict| {
        verdicts
            .rows
            .iter()
            .filter(|row| row.verdict.verdict == verdict)
            .count()
    };
    assert_eq!(verdicts.rows.len(), catalogue.rows().len());
    assert!(with(Verdict::NotMet) > 0 && with(Verdict::Unknown) > 0);
    assert!(with(Verdict::Attested) > 0);
    hold(&app, &catalogue).unwrap();
    assert_eq!(app.world().verdicts.len(), verdicts.rows.len());
    app.stop();
}

/// The officers' words count: each was given by a post that may speak for its row.
fn some_rows_are_attested(app: &App, catalogue: &Catalogue) {
    let given = app.world().attestations.len();
    assert!(given > 0);
    let attested: Vec<_> = assess_now(app, catalogue, None)
        .rows
        .iter()
        .filter(|row| row.verdict.verdict == Verdict::Attested)
        .map(|row| row.id.clone())
        .collect();
    let world = app.world();
    let spoken = |row| world.attestations.values().any(|word| &word.row == row);
    assert!(
        !attested.is_empty() && attested.iter().all(spoken),
        "{attested:?}"
    );
}

#[test]
fn with_the_feeds_some_row_is_met() {
    let place = tempfile::tempdir().unwrap();
    let app = open(place.path());
    let catalogue = Catalogue::builtin().unwrap();
    let ministry = Ministry::seeded(7, SMALL);
    fill(&app, &catalogue, &ministry, &|| false, &mut |_, _, _| {}).unwrap();
    for feed in feeds(app.now()) {
        let hints = ImportHints {
            as_of: feed.as_of,
            ..ImportHints::default()
        };
        import(&app, Actor::Operator, &feed.document, &hints).unwrap();
    }
    // The devices that have reported are judged anew, as the assessor does.
    let recorded = app.world().feeds.clone();
    app.set_knowledge(KnowledgeBase::load(app.observations(), &recorded, app.now()).unwrap());
    judge_all(&app).unwrap();
    let verdicts = assess_now(&app, &catalogue, None);
    let row = verdicts
        .rows
        .iter()
        .find(|row| row.id.to_string() == "GOV-3-2-g");
    let judged = &row.unwrap().verdict;
    assert_eq!(judged.verdict, Verdict::Met, "{judged:?}");
    app.stop();
}

/// A machine that never reported is unknown in everything and has no facts.
fn silence_is_unknown(app: &App, ministry: &Ministry) {
    let mut seen = 0;
    for device in ministry
        .devices
        .iter()
        .filter(|device| device.machine.silent)
    {
        seen += 1;
        assert!(facts_of(app, device.id).unwrap().is_empty());
        for check in DeviceCheck::ALL {
            let posture = app.posture();
            assert_eq!(
                posture.standing(device.id, check, app.now()),
                Standing::Absent
            );
        }
    }
    assert!(seen > 0, "some machine of this seed is silent");
}
