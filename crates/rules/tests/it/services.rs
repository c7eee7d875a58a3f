//! External services and conference tools: registers, permits, and what logs show.

use sekisho_domain::check::Outcome;
use sekisho_domain::device::DeviceClass;
use sekisho_domain::event::Event;
use sekisho_domain::field::Value;
use sekisho_domain::id::{ConferenceToolId, Fresh, PostId, ServiceId, UnitId};
use sekisho_domain::name::Line;
use sekisho_domain::permit::Particulars;
use sekisho_domain::permit::particulars::{Service, ServiceMeasure};
use sekisho_domain::profile::Profile;
use sekisho_domain::register::{EntryId, Register};
use sekisho_domain::sighting::{NotOurs, Sighting, Way};
use sekisho_domain::time::{Span, Timestamp};
use sekisho_domain::verdict::Verdict;
use sekisho_rules::access::{Blind, Hidden, Logs, ServiceUse};

use crate::clients::shows;
use crate::fixture::{NOW, Scene, fresh, name, row};
use crate::permits::{give, person, said, until};
use crate::registers::{enter, post, text};

pub fn many(list: &[&str]) -> Value {
    Value::Many(list.iter().map(|it| (*it).to_owned()).collect())
}

pub fn line(text: &str) -> Line {
    Line::parse(text).unwrap()
}

pub fn ago(days: u32) -> Timestamp {
    NOW.before(Span::days(days))
}

pub fn service(n: u8) -> ServiceId {
    ServiceId::new(Fresh([n; 16]))
}

pub fn tool(n: u8) -> ConferenceToolId {
    ConferenceToolId::new(Fresh([n; 16]))
}

pub fn under_terms(scene: &mut Scene, n: u8, more: &[(&str, Value)]) {
    let mut fields = vec![
        ("name", text("翻訳")),
        ("provider", text("社")),
        ("kind", text("terms")),
        ("highest", text("C1I1A1")),
        ("domains", many(&["translate.example"])),
    ];
    fields.extend(more.iter().cloned());
    enter(scene, Register::Service, service(n), &fields);
}

pub fn sighting(code: &str, kind: &str, domain: &str, units: &[UnitId]) -> Event {
    Event::ServiceSighted {
        sighting: Box::new(Sighting {
            service: line(code),
            name: name(code),
            kind: line(kind),
            domains: vec![line(domain)],
            ways: vec![Way::Asked],
            units: units.to_vec(),
            unattributed: false,
            sources: vec![line("dns")],
            first_at: ago(3),
            last_at: ago(2),
            times: 4,
            people: 2,
        }),
    }
}

pub fn read_logs(scene: &mut Scene, days: u32) {
    scene.access.services_mut().read("dns", ago(days));
}

pub fn is(verdict: Verdict, code: &str) -> (Verdict, String) {
    (verdict, code.to_owned())
}

const SHADOW: [&str; 2] = ["US-4.1.2-1-a-イ", "GOV-4-b"];

#[test]
fn without_logs_that_are_read_nothing_shows_that_nothing_else_is_used() {
    let mut scene = Scene::new(Profile::Gov);
    under_terms(&mut scene, 1, &[]);
    let rows = [
        SHADOW[0],
        SHADOW[1],
        "GOV-4-d",
        "GOV-4-e",
        "US-4.1.2-2-a-ii",
        "US-4.1.2-2-a-iii",
    ];
    for id in rows {
        assert_eq!(
            said(&scene, id),
            is(Verdict::Unknown, "services.no-logs"),
            "{id}"
        );
    }
    read_logs(&mut scene, 5);
    for id in rows {
        assert_eq!(
            said(&scene, id),
            is(Verdict::Unknown, "services.logs-stale"),
            "{id}"
        );
    }
    read_logs(&mut scene, 1);
    for id in SHADOW {
        assert_eq!(
            said(&scene, id),
            is(Verdict::Unknown, "attestation.missing"),
            "{id}"
        );
    }
    assert_eq!(
        said(&scene, "US-4.1.2-2-a-ii"),
        is(Verdict::Met, "services.none-used")
    );
    // One of two sources has stopped: what it would show nobody knows.
    scene.access.services_mut().read("proxy", ago(9));
    let stale = scene.access.services().logs(NOW);
    assert!(
        matches!(stale, Logs::Stale { ref source, days: 9 } if source == "proxy"),
        "{stale:?}"
    );
    assert_eq!(
        said(&scene, SHADOW[1]),
        is(Verdict::Unknown, "services.logs-stale")
    );
}

/// A clock that runs ahead made a use stand as one without a permit for years.
#[test]
fn a_use_that_lies_further_ahead_than_clocks_differ_counts_for_nothing() {
    let mut scene = Scene::new(Profile::Gov);
    under_terms(&mut scene, 1, &[]);
    read_logs(&mut scene, 1);
    let used = |scene: &mut Scene, who, at| {
        let world = scene.world.clone();
        let used = ServiceUse {
            entry: EntryId::from(service(1)),
            person: who,
            within: (at, at),
        };
        scene.access.services_mut().take(&world, &used);
    };
    let applied = "US-4.1.2-2-a-ii";
    let seen = |scene: &Scene| scene.access.services().used_at(service(1).into(), NOW);
    for days in [2, 1_127] {
        for who in [Some(person()), None] {
            used(&mut scene, who, NOW.after(Span::days(days)));
        }
    }
    assert_eq!(
        said(&scene, applied),
        is(Verdict::Met, "services.none-used")
    );
    assert_eq!(seen(&scene), None);
    // Let go of, it hides no later use.
    scene.access.forget(NOW);
    let soon = NOW.after(Span::hours(23));
    used(&mut scene, Some(person()), soon);
    assert_eq!(
        said(&scene, applied),
        is(Verdict::NotMet, "services.not-applied")
    );
    assert_eq!(seen(&scene), Some(soon));
}

/// An own entry without domains left the rows as good as if nobody used the service.
#[test]
fn a_listed_service_that_own_entries_hide_keeps_the_rows_of_its_kind_unknown() {
    let mut scene = Scene::new(Profile::Gov);
    under_terms(&mut scene, 1, &[]);
    read_logs(&mut scene, 1);
    let hide = |scene: &mut Scene, conference: bool| {
        let hidden = Hidden {
            name: "会議".to_owned(),
            conference,
        };
        scene.access.services_mut().look(Blind::To(vec![hidden]));
    };
    let none_used = ("US-4.1.2-2-a-ii", is(Verdict::Met, "services.none-used"));
    let to_attest = is(Verdict::Unknown, "attestation.missing");
    let hidden = is(Verdict::Unknown, "services.hidden");
    hide(&mut scene, true);
    assert_eq!(said(&scene, SHADOW[1]), hidden);
    assert_eq!(said(&scene, "GOV-4-d"), hidden);
    assert_eq!(said(&scene, SHADOW[0]), to_attest);
    assert_eq!(said(&scene, none_used.0), none_used.1);
    hide(&mut scene, false);
    assert_eq!(said(&scene, SHADOW[1]), to_attest);
    assert_eq!(said(&scene, SHADOW[0]), hidden);
    assert_eq!(said(&scene, none_used.0), hidden);
    scene.access.services_mut().look(Blind::Everywhere);
    for id in [SHADOW[0], SHADOW[1], none_used.0] {
        let unusable = is(Verdict::Unknown, "services.list-unusable");
        assert_eq!(said(&scene, id), unusable, "{id}");
    }
    scene.access.services_mut().look(Blind::Nowhere);
    assert_eq!(said(&scene, SHADOW[1]), to_attest);
}

#[test]
fn a_source_that_fell_silent_long_ago_still_keeps_rows_unknown() {
    let mut scene = Scene::new(Profile::Gov);
    under_terms(&mut scene, 1, &[]);
    read_logs(&mut scene, 1);
    scene.access.services_mut().read("proxy", ago(40));
    scene.access.forget(NOW);
    let stale = scene.access.services().logs(NOW);
    assert!(
        matches!(stale, Logs::Stale { ref source, days: 40 } if source == "proxy"),
        "{stale:?}"
    );
    for id in SHADOW {
        let silent = is(Verdict::Unknown, "services.logs-stale");
        assert_eq!(said(&scene, id), silent, "{id}");
    }
}

#[test]
fn a_source_of_which_nothing_was_understood_is_not_read() {
    let mut scene = Scene::new(Profile::Gov);
    under_terms(&mut scene, 1, &[]);
    read_logs(&mut scene, 1);
    scene.access.services_mut().source("proxy", None);
    for id in SHADOW {
        let unread = is(Verdict::Unknown, "services.logs-unread");
        assert_eq!(said(&scene, id), unread, "{id}");
    }
    // Once it is read it counts, and a run without end takes nothing back.
    scene.access.services_mut().source("proxy", Some(ago(2)));
    scene.access.services_mut().source("proxy", None);
    for id in SHADOW {
        assert_eq!(said(&scene, id).1, "attestation.missing", "{id}");
    }
}

#[test]
fn use_that_no_register_carries_fails_until_it_is_registered_or_is_not_ours() {
    let mut scene = Scene::new(Profile::Gov);
    let root = UnitId::new(fresh(2, 0));
    under_terms(&mut scene, 1, &[]);
    read_logs(&mut scene, 1);
    scene.apply(sighting("zoom", "conference", "zoom.us", &[root]));
    assert_eq!(
        said(&scene, "GOV-4-b"),
        is(Verdict::NotMet, "services.unregistered")
    );
    // Who hosts those meetings nobody knows; other services are not concerned.
    assert_eq!(
        said(&scene, "GOV-4-d"),
        is(Verdict::Unknown, "services.hosts-unknown")
    );
    assert_eq!(said(&scene, "US-4.1.2-1-a-イ").1, "attestation.missing");
    // A look-alike registers nothing.
    let entered = |scene: &mut Scene, n: u8, domain: &str| {
        let fields = [
            ("name", text(domain)),
            ("scope", text("others")),
            ("domains", many(&[domain])),
            ("own", text("forbidden")),
            ("contractor", text("c1")),
            ("external", text("c1")),
            ("individual", text("forbidden")),
            ("restriction", text("なし")),
        ];
        enter(scene, Register::ConferenceTool, tool(n), &fields);
    };
    entered(&mut scene, 1, "notzoom.us");
    entered(&mut scene, 2, "zoom.us.evil.example");
    assert_eq!(said(&scene, "GOV-4-b").0, Verdict::NotMet);
    // One's own address at the service does.
    entered(&mut scene, 3, "ministry.zoom.us");
    assert_eq!(said(&scene, "GOV-4-b").1, "attestation.missing");
    // Retired, it is open again; and then it is not ours.
    scene.apply(Event::RegisterRetired {
        id: tool(3).into(),
        remark: None,
    });
    assert_eq!(said(&scene, "GOV-4-b").0, Verdict::NotMet);
    scene.apply(Event::ServiceDisowned {
        service: line("zoom"),
        why: NotOurs::GuestNetwork,
        note: None,
    });
    assert_eq!(said(&scene, "GOV-4-b").1, "attestation.missing");
    // Seen in a new way it comes back, whether or not logs are still read.
    scene.apply(sighting("zoom", "conference", "zoom.us", &[root]));
    let stopped = said(&scene, "GOV-4-b");
    assert_eq!(stopped, is(Verdict::NotMet, "services.unregistered"));
    scene.apply(sighting("deepl", "translation", "deepl.example", &[root]));
    assert_eq!(
        said(&scene, "US-4.1.2-1-a-イ"),
        is(Verdict::NotMet, "services.unregistered")
    );
    assert_eq!(
        said(&scene, "US-4.1.2-2-a-ii"),
        is(Verdict::NotMet, "services.used-unregistered")
    );
}

#[test]
fn use_that_was_stopped_waits_for_nothing_until_it_is_seen_again() {
    let mut scene = Scene::new(Profile::Gov);
    let root = UnitId::new(fresh(2, 0));
    read_logs(&mut scene, 1);
    for why in [NotOurs::Stopped, NotOurs::Unused] {
        scene.apply(sighting("zoom", "conference", "zoom.us", &[root]));
        assert_eq!(
            said(&scene, "GOV-4-b"),
            is(Verdict::NotMet, "services.unregistered")
        );
        let (service, note) = (line("zoom"), None);
        scene.apply(Event::ServiceDisowned { service, why, note });
        assert_eq!(said(&scene, "GOV-4-b").1, "attestation.missing", "{why:?}");
    }
}

#[test]
fn an_entry_for_a_whole_ending_or_of_another_kind_carries_no_service() {
    let mut scene = Scene::new(Profile::Gov);
    let root = UnitId::new(fresh(2, 0));
    read_logs(&mut scene, 1);
    scene.apply(sighting("zoom", "conference", "zoom.us", &[root]));
    scene.apply(sighting("mail", "mail", "mail.box.example", &[root]));
    let tool_of = |scene: &mut Scene, n: u8, domain: &str| {
        let fields = [
            ("name", text(domain)),
            ("scope", text("others")),
            ("domains", many(&[domain])),
        ];
        enter(scene, Register::ConferenceTool, tool(n), &fields);
    };
    // Entered before wide domains were refused.
    tool_of(&mut scene, 1, "us");
    under_terms(&mut scene, 1, &[("domains", many(&["box.example"]))]);
    assert_eq!(
        said(&scene, "GOV-4-b"),
        is(Verdict::NotMet, "services.unregistered")
    );
    let listed = "US-4.1.2-1-a-イ";
    let unlisted = is(Verdict::NotMet, "services.unregistered");
    assert_eq!(said(&scene, listed), unlisted);
    // An address below another service's domain makes a tool no entry of that service.
    tool_of(&mut scene, 2, "meet.mail.box.example");
    assert_eq!(said(&scene, listed), unlisted);
    tool_of(&mut scene, 3, "mail.box.example");
    assert_eq!(said(&scene, listed).1, "attestation.missing");
}

#[test]
fn a_tool_of_one_unit_is_found_where_another_unit_uses_it() {
    let mut scene = Scene::new(Profile::Gov);
    let root = UnitId::new(fresh(2, 0));
    let owner = post(&mut scene, 20, None);
    read_logs(&mut scene, 1);
    let bureau = UnitId::new(fresh(2, 1));
    scene.apply(Event::UnitFounded {
        unit: sekisho_domain::unit::Unit::founded(
            bureau,
            Some(root),
            name("局"),
            sekisho_domain::time::Interval::starting(ago(90)),
        ),
    });
    let values = [
        ("name", text("会議")),
        ("scope", text("unit")),
        ("owner", text(&owner.to_string())),
        ("domains", many(&["meet.example"])),
    ];
    let values = values
        .iter()
        .map(|(code, value)| ((*code).to_owned(), value.clone()));
    scene.apply(Event::RegisterEntered {
        id: tool(1).into(),
        unit: Some(bureau),
        particulars: Register::ConferenceTool.read(&values.collect()).unwrap(),
        remark: None,
    });
    scene.apply(sighting("meet", "conference", "meet.example", &[bureau]));
    assert_eq!(said(&scene, "GOV-4-b").1, "attestation.missing");
    scene.apply(sighting(
        "meet",
        "conference",
        "meet.example",
        &[root, bureau],
    ));
    assert_eq!(
        said(&scene, "GOV-4-b"),
        is(Verdict::NotMet, "services.outside-unit")
    );
}

pub fn permit(n: u8, measures: &[ServiceMeasure]) -> Particulars {
    Particulars::Service(Service {
        service: service(n),
        task: None,
        grade: "C1I1A1".parse().unwrap(),
        terms_edition: line("2026-04"),
        terms_read_on: jiff::civil::date(2026, 4, 2),
        secondary_use_judged: true,
        location_judged: true,
        loss_judged: true,
        acceptable: true,
        measures: measures.to_vec(),
    })
}

#[test]
fn use_under_terms_rests_on_a_permit_of_the_one_who_uses() {
    let mut scene = Scene::new(Profile::Gov);
    under_terms(&mut scene, 1, &[("terms_version", text("2026-04"))]);
    read_logs(&mut scene, 1);
    let used = |scene: &mut Scene, who| {
        let world = scene.world.clone();
        scene.access.services_mut().take(
            &world,
            &ServiceUse {
                entry: EntryId::from(service(1)),
                person: who,
                within: (ago(3), ago(2)),
            },
        );
    };
    give(&mut scene, 1, permit(1, &[]), 5, until(30));
    used(&mut scene, Some(person()));
    let applied = "US-4.1.2-2-a-ii";
    assert_eq!(
        said(&scene, applied),
        is(Verdict::Met, "services.all-applied")
    );
    // The permit says nothing of measures.
    assert_eq!(
        said(&scene, "US-4.1.2-2-a-iii"),
        is(Verdict::NotMet, "services.permit-without-measures")
    );
    used(&mut scene, None);
    assert_eq!(
        said(&scene, applied),
        is(Verdict::Unknown, "services.nobody-known")
    );
    let other = sekisho_domain::id::PersonId::new(fresh(6, 901));
    used(&mut scene, Some(other));
    let assessment = scene.assess();
    let judged = row(&assessment, applied);
    assert_eq!(judged.verdict.verdict, Verdict::NotMet);
    let without = judged
        .concerned
        .iter()
        .find(|it| it.outcome == Outcome::Fail)
        .unwrap();
    assert_eq!(
        (without.person, &*without.reason.code),
        (None, "services.not-applied")
    );
    // A failure that was seen stays one when the logs stop.
    let later = scene.assess_at(NOW.after(Span::days(9)));
    assert_eq!(row(&later, applied).verdict.verdict, Verdict::NotMet);
}

pub const SETTINGS: [&str; 7] = [
    "waiting_room",
    "passcode",
    "participants_checked",
    "end_to_end",
    "recording_limited",
    "data_place_known",
    "clients_updated",
];

/// Enters a tool with this checklist, or changes it.
fn checked(scene: &mut Scene, owner: PostId, (on, off): (&[&str], &[&str]), day: &str) {
    let mut fields = vec![
        ("name", text("会議")),
        ("scope", text("organisation")),
        ("owner", text(&owner.to_string())),
        ("measures", many(on)),
        ("version", text("6.2")),
        ("packages", many(&["zoom"])),
        ("settings_reviewed", text(day)),
    ];
    if !off.is_empty() {
        fields.push(("measures_off", many(off)));
        fields.push(("measures_instead", text("要機密情報を扱わない")));
    }
    if scene.world.registers.entry(tool(1)).is_none() {
        return enter(scene, Register::ConferenceTool, tool(1), &fields);
    }
    let values = fields.into_iter();
    let values = values.map(|(code, value)| (code.to_owned(), value));
    scene.apply(Event::RegisterChanged {
        id: tool(1).into(),
        unit: None,
        particulars: Register::ConferenceTool.read(&values.collect()).unwrap(),
        remark: None,
    });
}

/// What was found beside the verdict of the row on settings and clients.
fn found(scene: &Scene) -> String {
    let assessment = scene.assess();
    let finding = row(&assessment, "GOV-4-g").verdict.finding.clone().unwrap();
    finding.reason.unwrap().code.to_string()
}

#[test]
fn settings_are_all_looked_at_lately_and_clients_are_seen() {
    let secured = "GOV-4-g";
    let mut scene = Scene::new(Profile::Gov);
    let owner = post(&mut scene, 20, None);
    assert_eq!(said(&scene, secured).1, "register.nothing-entered");
    checked(&mut scene, owner, (&SETTINGS[..6], &[]), "2026-11-01");
    let open = is(Verdict::NotMet, "services.settings-open");
    assert_eq!(said(&scene, secured), open);
    checked(&mut scene, owner, (&SETTINGS, &[]), "2026-01-01");
    let old = is(Verdict::NotMet, "services.settings-old");
    assert_eq!(said(&scene, secured), old);
    // A day that has not come says of no look.
    checked(&mut scene, owner, (&SETTINGS, &[]), "2027-11-01");
    let undated = is(Verdict::NotMet, "services.settings-undated");
    assert_eq!(said(&scene, secured), undated);
    checked(&mut scene, owner, (&SETTINGS, &[]), "2026-11-01");
    // Nobody knows on what the clients run.
    let unseen = is(Verdict::Unknown, "services.clients-unknown");
    assert_eq!(said(&scene, secured), unseen);
    let device = scene.enrol(DeviceClass::Issued);
    shows(&mut scene, device, tool(1), Outcome::Pass);
    let confirmed = is(Verdict::Unknown, "attestation.missing");
    assert_eq!(said(&scene, secured), confirmed);
    let off = (&SETTINGS[1..], &SETTINGS[..1]);
    checked(&mut scene, owner, off, "2026-11-01");
    assert_eq!(found(&scene), "services.settings-off");
    // A vulnerable client is found; that it was confirmed is what the row asks.
    shows(&mut scene, device, tool(1), Outcome::Fail);
    assert_eq!(said(&scene, secured), confirmed);
    assert_eq!(found(&scene), "services.clients-vulnerable");
}

#[test]
fn tools_that_others_host_are_known_by_the_matrix_and_by_permits() {
    let mut scene = Scene::new(Profile::Gov);
    read_logs(&mut scene, 1);
    let undecided = [
        ("name", text("会議")),
        ("scope", text("others")),
        ("domains", many(&["meet.example"])),
        ("contractor", text("c1")),
        ("restriction", text("なし")),
    ];
    enter(&mut scene, Register::ConferenceTool, tool(1), &undecided);
    assert_eq!(said(&scene, "GOV-4-d").1, "attestation.missing");
    assert_eq!(
        said(&scene, "GOV-4-e"),
        is(Verdict::Unknown, "services.host-undecided")
    );
    // Used, and nobody holds a permit for such a meeting: confirmed, and found.
    let world = scene.world.clone();
    scene.access.services_mut().take(
        &world,
        &ServiceUse {
            entry: tool(1).into(),
            person: None,
            within: (ago(2), ago(2)),
        },
    );
    let assessment = scene.assess();
    let judged = &row(&assessment, "GOV-4-d").verdict;
    assert_eq!(&*judged.reason.code, "attestation.missing");
    let found = judged.finding.clone().unwrap();
    assert_eq!(
        &*found.reason.unwrap().code,
        "services.hosted-without-permit"
    );
}
