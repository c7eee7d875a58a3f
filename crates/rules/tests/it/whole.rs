//! Every row of sections 1, 2, 4 and 5, of the front page and of 4.1.2, in each profile that judges it: one
//! organisation that keeps everything in order, and dated words where a row takes a word.

use std::collections::BTreeMap;
use std::sync::Arc;

use sekisho_domain::actor::Actor;
use sekisho_domain::check::Outcome;
use sekisho_domain::checklist::Answer;
use sekisho_domain::device::DeviceClass;
use sekisho_domain::field::{Noun, Values};
use sekisho_domain::id::{AppointmentId, PlanId, TaskId, UnitId};
use sekisho_domain::name::Line;
use sekisho_domain::opinion::{Heard, Subject};
use sekisho_domain::permit::particulars::ServiceMeasure;
use sekisho_domain::plan::{CaseState, Conclusion, PlanContent, PlanLine, Reassessment, RiskLevel};
use sekisho_domain::profile::Profile;
use sekisho_domain::register::{EntryId, Register};
use sekisho_domain::role::Role;
use sekisho_domain::rule::{Acknowledged, Finding};
use sekisho_domain::time::{Span, Timestamp};
use sekisho_domain::verdict::Verdict;
use sekisho_rules::access::ServiceUse;
use sekisho_rules::assess::attesters;
use sekisho_rules::catalogue::{Parts, Row};

use crate::clients::shows;
use crate::conflicts::{content, enact, rule, terms};
use crate::fixture::{NOW, Scene, around_now, fresh, row};
use crate::permits::{give, person, said, until};
use crate::plan::{added, case, in_force_and_evaluated};
use crate::registers::{enter, post, text};
use crate::risk::approved;
use crate::rule_rows::{concluded, opinion, weighed};
use crate::services::{SETTINGS, many, permit, read_logs, service, tool};
use crate::unease::{CHAPTERS, advisory, answer, item};

/// What the ids of the rows begin with.
const NAMED: [&str; 11] = [
    "PUB-",
    "GOV-1-",
    "GOV-2-",
    "GOV-4-",
    "GOV-5-",
    "CI-1-",
    "CI-2-",
    "CI-4-",
    "CI-5-",
    "CI-6",
    "US-4.1.2-",
];

/// The profiles, with how many of those rows each of them judges.
const PROFILES: [(Profile, usize); 2] = [(Profile::Gov, 43), (Profile::Ci, 38)];

/// The one row among them that machines answer alone.
const BY_MACHINE: &str = "US-4.1.2-2-a-ii";

fn rows(profile: Profile) -> Vec<&'static Row> {
    let named = |row: &&Row| NAMED.iter().any(|it| row.id.as_str().starts_with(it));
    let all = Scene::new(profile).catalogue.rows().iter();
    all.filter(named)
        .filter(|row| row.judged_by(profile, true))
        .collect()
}

fn task() -> TaskId {
    TaskId::new(fresh(22, 5))
}

/// Officers, one for each role that a scene needs.
type Officers = BTreeMap<Role, AppointmentId>;

fn officer(scene: &mut Scene, officers: &mut Officers, role: Role) -> AppointmentId {
    *officers.entry(role).or_insert_with(|| scene.appoint(role))
}

/// A plan that decides on the one task, held against use an hour ago; a case that an assessment answered.
fn plan_and_risk(scene: &mut Scene) {
    let fields = [
        ("name", text("審査")),
        ("grade", text("C2I1A1")),
        ("state", text("allowed")),
    ];
    enter(scene, Register::Task, task(), &fields);
    in_force_and_evaluated(scene);
    let line: Values = [
        ("task", text(&task().to_string())),
        ("decision", text("allow")),
        ("reason", text("場所を問わず行えるため")),
        ("highest", text("C2I1A1")),
    ]
    .into_iter()
    .map(|(code, value)| (code.to_owned(), value))
    .collect();
    let version = &mut scene.world.plan.versions[0];
    version.content = Arc::new(PlanContent {
        head: version.content.head.clone(),
        lines: vec![PlanLine::read(&line).unwrap()],
    });
    let risk = approved(scene, "C2I1A1", false, Vec::new());
    let state = CaseState::Closed {
        at: NOW.before(Span::days(1)),
        by: Actor::Operator,
        reassessment: Reassessment {
            level: RiskLevel::Low,
            conclusion: Conclusion::Unchanged,
            note: Line::parse("変更後も対策が足りている").unwrap(),
        },
        risk: Some(risk),
    };
    case(scene, 1, added(), state, NOW.after(Span::days(5)));
    for subject in [
        Subject::Plan(PlanId::new(fresh(70, 0))),
        Subject::Risk(risk),
    ] {
        heard(scene, subject, 1);
    }
}

/// The promotion body gave its opinion before the approval, with results of checks.
fn heard(scene: &mut Scene, subject: Subject, state: u64) {
    opinion(scene, subject, state, 3);
    weighed(scene, subject, state, Heard::Opinion);
}

/// A rule that answers what rules are asked for, looked at lately and read by everyone.
fn rules(scene: &mut Scene, head: AppointmentId) {
    let answers = ["GOV-4-h", "US-4.1.2-1-a", "US-4.1.2-1-a-ウ"];
    let clauses = answers.iter().zip(["第1条", "第2条", "第3条"]);
    let clauses = clauses.map(|(answered, label)| {
        let mut clause = terms(label);
        clause.rows = vec![answered.parse().unwrap()];
        clause
    });
    let mut content = content(clauses.collect());
    content.head.owner = scene.world.appointments[&head].post;
    content.head.acknowledge = true;
    enact(scene, 1, content);
    concluded(scene, NOW.before(Span::hours(1)), Finding::Works, None);
    heard(scene, Subject::Rule(rule(1)), 2);
    scene
        .world
        .people
        .insert(person(), UnitId::new(fresh(2, 0)));
    let read = Acknowledged {
        version: 1,
        at: NOW.before(Span::hours(2)),
    };
    let document = scene.world.rules.documents.get_mut(&rule(1)).unwrap();
    document.acknowledged = Arc::new([(person(), read)].into_iter().collect());
}

/// A service under terms that is used with a permit, a conference tool, and logs that show nothing else.
fn services(scene: &mut Scene) {
    let owner = post(scene, 20, None).to_string();
    let task = task().to_string();
    let used = [
        ("name", text("翻訳")),
        ("provider", text("社")),
        ("kind", text("terms")),
        ("owner", text(&owner)),
        ("tasks", many(&[&*task])),
        ("highest", text("C1I1A1")),
        ("domains", many(&["translate.example"])),
        ("terms_version", text("2026-04")),
        ("judged_terms", text("2026-04")),
        ("judged_on", text("2026-04-02")),
        ("judged_by", text(&owner)),
        ("judgement", text("acceptable")),
    ];
    enter(scene, Register::Service, service(1), &used);
    let tool_fields = [
        ("name", text("会議")),
        ("scope", text("organisation")),
        ("owner", text(&owner)),
        ("own", text("c1")),
        ("contractor", text("c1")),
        ("external", text("c1")),
        ("individual", text("forbidden")),
        ("restriction", text("なし")),
        ("measures", many(&SETTINGS)),
        ("packages", many(&["zoom"])),
        ("settings_reviewed", text("2026-11-01")),
        ("domains", many(&["meet.example"])),
    ];
    enter(scene, Register::ConferenceTool, tool(1), &tool_fields);
    let state = scene.world.tool_proposal(tool(1)).unwrap().state;
    opinion(scene, Subject::Conference(tool(1)), state, 3);
    let asked = permit(1, &[ServiceMeasure::SharingOff]);
    give(scene, 1, asked, 5, until(30));
    read_logs(scene, 1);
    let world = scene.world.clone();
    let within = (NOW.before(Span::days(3)), NOW.before(Span::days(2)));
    scene.access.services_mut().take(
        &world,
        &ServiceUse {
            entry: EntryId::from(service(1)),
            person: Some(person()),
            within,
        },
    );
    let device = scene.enrol(DeviceClass::Issued);
    scene.all_results(device, Outcome::Pass);
    shows(scene, device, tool(1), Outcome::Pass);
}

/// JNSA's list answered, and what the notices cite on record.
fn documents(scene: &mut Scene) {
    let lately = NOW.before(Span::days(1));
    for (number, chapter) in (0..).zip(CHAPTERS) {
        item(scene, number, chapter);
        answer(scene, number, Answer::Yes, true, lately);
    }
    let cited = [
        "telework_2020_04_14",
        "public_2020_05_21",
        "conference_2020_04_03",
        "conference_2020_04_09",
        "telework_2020_04_07",
        "newsletter_263",
    ];
    for (number, cited) in (0..).zip(cited) {
        advisory(scene, number, cited, false);
    }
}

/// The organisation, without any word yet.
fn kept(profile: Profile) -> (Scene, Officers) {
    let mut scene = Scene::new(profile);
    if let Some(organisation) = scene.world.organisation.as_mut() {
        organisation.clauses_opted_in = true;
    }
    let mut officers = Officers::new();
    for role in [Role::Hiso, Role::Diso, Role::PromotionBody] {
        officer(&mut scene, &mut officers, role);
    }
    documents(&mut scene);
    plan_and_risk(&mut scene);
    rules(&mut scene, officers[&Role::Hiso]);
    services(&mut scene);
    (scene, officers)
}

/// A dated word of the right post on each row that takes one.
fn give_words(scene: &mut Scene, officers: &mut Officers, rows: &[&Row]) {
    for row in rows.iter().filter(|row| row.parts != Parts::Machine) {
        let appointment = officer(scene, officers, attesters(row)[0]);
        scene.attest(row.id.as_str(), appointment, around_now());
    }
}

#[test]
fn an_organisation_that_keeps_everything_in_order_has_every_row_met_or_attested() {
    for (profile, count) in PROFILES {
        let rows = rows(profile);
        assert_eq!(rows.len(), count, "{profile:?}");
        let (mut scene, mut officers) = kept(profile);
        // What machines can see is in order: all that is left is the word.
        let assessment = scene.assess();
        for of in &rows {
            let id = of.id.as_str();
            let found = &row(&assessment, id).verdict;
            let expected = if id == BY_MACHINE {
                (Verdict::Met, "services.all-applied")
            } else {
                (Verdict::Unknown, "attestation.missing")
            };
            let found = (found.verdict, &*found.reason.code);
            assert_eq!(found, expected, "{profile:?} {id}");
        }
        give_words(&mut scene, &mut officers, &rows);
        let assessment = scene.assess();
        for of in &rows {
            let id = of.id.as_str();
            let expected = if id == BY_MACHINE {
                Verdict::Met
            } else {
                Verdict::Attested
            };
            let found = &row(&assessment, id).verdict;
            assert_eq!(found.verdict, expected, "{profile:?} {id}");
            assert!(!found.evidence.is_empty(), "{profile:?} {id}");
        }
    }
}

#[test]
fn words_alone_bring_no_such_row_to_be_in_order() {
    for (profile, _) in PROFILES {
        let rows = rows(profile);
        let (mut scene, mut officers) = (Scene::new(profile), Officers::new());
        give_words(&mut scene, &mut officers, &rows);
        let assessment = scene.assess();
        for of in rows.iter().filter(|it| it.parts != Parts::Attestation) {
            let id = of.id.as_str();
            // The profile is chosen and the map is built in: nothing has to be kept for these.
            let needs_nothing = matches!(id, "PUB-1" | "PUB-5");
            let found = row(&assessment, id).verdict.verdict;
            let in_order = matches!(found, Verdict::Met | Verdict::Attested);
            assert_eq!(in_order, needs_nothing, "{profile:?} {id}: {found:?}");
        }
    }
}

#[test]
fn the_map_of_clauses_is_whole_for_the_edition_of_its_day_alone() {
    let id = "PUB-5";
    let mut scene = Scene::new(Profile::Gov);
    let missing = (Verdict::Unknown, "attestation.missing".to_owned());
    assert_eq!(said(&scene, id), missing);
    let body = scene.appoint(Role::PromotionBody);
    scene.attest(id, body, around_now());
    assert_eq!(said(&scene, id).0, Verdict::Attested);
    // Numbers that nobody read in the edition stay in sight beside the word.
    let assessment = scene.assess();
    let finding = row(&assessment, id).verdict.finding.clone().unwrap();
    assert_eq!(finding.counts.total(), 38);
    assert!(finding.counts.unknown > 0 && finding.counts.fail == 0);
    for (day, code) in [
        // What the edition before held beyond these rows nobody named.
        ("2023-07-01T00:00:00Z", "coverage.outside-unnamed"),
        ("2021-07-01T00:00:00Z", "coverage.no-edition"),
    ] {
        let assessment = scene.assess_at(Timestamp::parse(day).unwrap());
        let found = &row(&assessment, id).verdict;
        let found = (found.verdict, &*found.reason.code);
        assert_eq!(found, (Verdict::Unknown, code), "{day}");
    }
    let operator = Scene::new(Profile::Ci);
    assert_eq!(said(&operator, id).0, Verdict::NotApplicable);
}
