//! The plan of telework on the console: drafted, proposed, approved by another; use held against it from real
//! answers of the decision point; cases that hold permits until they are reassessed.

use axum::http::StatusCode;
use sekisho_domain::actor::Actor;
use sekisho_domain::command::{Command, PersonCommand};
use sekisho_domain::id::{AccountId, GatewayId, PersonId, SystemId, TaskId};
use sekisho_domain::permit::{Particulars, PermitKind, Place};
use sekisho_domain::plan::{CaseScope, Feed, Figure, Measure, Trigger};
use sekisho_domain::role::Role;
use sekisho_domain::time::Span;
use sekisho_domain::verdict::Verdict;
use sekisho_rules::catalogue::Catalogue;
use sekisho_rules::decide::{Act, Origin, Question};
use sekisho_server::app::fresh;
use sekisho_server::assessor::assess_now;
use sekisho_server::plan::{Done, evaluate_now, measure};
use sekisho_store::observations::NewDecision;

use super::house::{Browser, House, Reply};
use super::permit_section::{Section, went};

pub(super) struct Officers {
    pub(super) hiso: AccountId,
    pub(super) ciso: AccountId,
    staff: (PersonId, AccountId),
}

pub(super) async fn officers(house: &House) -> Officers {
    let section = house.unit("総務課").await;
    let (_, hiso) = house.officer("hiso", house.root(), Role::Hiso).await;
    let (_, ciso) = house.officer("ciso", house.root(), Role::Ciso).await;
    house.officer("diso", section, Role::Diso).await;
    let staff = house.officer("staff", section, Role::Staff).await;
    Officers { hiso, ciso, staff }
}

pub(super) async fn send(browser: &mut Browser<'_>, path: &str, fields: &[(&str, &str)]) -> Reply {
    let csrf = browser.get("/account").await.csrf();
    let all = [&[("csrf", csrf.as_str())], fields].concat();
    browser.post(path, &all).await
}

/// Does something that has to go on to another page.
pub(super) async fn done(browser: &mut Browser<'_>, path: &str, fields: &[(&str, &str)]) -> String {
    let reply = send(browser, path, fields).await;
    assert_eq!(
        reply.status,
        StatusCode::SEE_OTHER,
        "{path}: {}",
        reply.text()
    );
    reply.header("location").to_owned()
}

/// A task in its register; its id.
pub(super) async fn task(browser: &mut Browser<'_>, house: &House, name: &str) -> String {
    let root = house.root().to_string();
    let fields = [
        ("f-unit", root.as_str()),
        ("f-name", name),
        ("f-grade-c", "2"),
        ("f-grade-i", "1"),
        ("f-grade-a", "1"),
        ("f-state", "allowed"),
    ];
    let path = done(browser, "/registers/task", &fields).await;
    path.rsplit('/').next().unwrap().to_owned()
}

pub(super) const HEAD: [(&str, &str); 3] = [
    ("f-title", "令和8年度計画"),
    ("f-people", "10"),
    ("f-person_days", "100"),
];

pub(super) fn line<'a>(task: &'a str, decision: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("f-task", task),
        ("f-decision", decision),
        ("f-reason", "通常の業務であるため"),
        ("f-highest-c", "2"),
        ("f-highest-i", "1"),
        ("f-highest-a", "1"),
    ]
}

/// Drafts and proposes a plan with one line.
async fn proposed(house: &House, officers: &Officers, decision: &str) -> String {
    let mut hiso = house.signed_in(officers.hiso);
    let task = task(&mut hiso, house, "照会への回答").await;
    assert_eq!(
        done(&mut hiso, "/plan/draft/head", &HEAD).await,
        "/plan/draft"
    );
    let unlimited = send(&mut hiso, "/plan/draft/lines/new", &line(&task, "limit")).await;
    assert_eq!(unlimited.status, StatusCode::UNPROCESSABLE_ENTITY);
    done(&mut hiso, "/plan/draft/lines/new", &line(&task, decision)).await;
    let page = hiso.get("/plan/draft").await.text();
    assert!(page.contains("照会への回答") && page.contains("/plan/draft/lines/tsk_"));
    done(&mut hiso, "/plan/draft/propose", &[]).await;
    let own = send(&mut hiso, "/plan/draft/approve", &[("until", "2027-03-31")]).await;
    assert_eq!(
        own.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "{}",
        own.text()
    );
    assert!(own.text().contains("自分が作成又は提案した計画"));
    task
}

pub(super) async fn in_force(house: &House, officers: &Officers, decision: &str) -> String {
    let task = proposed(house, officers, decision).await;
    let mut ciso = house.signed_in(officers.ciso);
    let wrong = send(&mut ciso, "/plan/draft/approve", &[("until", "2020-01-01")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let to = done(&mut ciso, "/plan/draft/approve", &[("until", "2027-03-31")]).await;
    assert_eq!(to, "/plan");
    task
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_drafted_proposed_and_approved_by_another() {
    let house = House::founded().await;
    let officers = officers(&house).await;
    let mut staff = house.signed_in(officers.staff.1);
    let empty = staff.get("/plan").await;
    assert!(empty.text().contains("まだありません"), "{}", empty.text());
    assert_eq!(staff.get("/plan/draft").await.status, StatusCode::FORBIDDEN);
    assert_eq!(staff.get("/cases").await.status, StatusCode::FORBIDDEN);
    in_force(&house, &officers, "allow").await;
    let page = staff.get("/plan").await.text();
    assert!(
        page.contains("令和8年度計画") && page.contains("2027年3月31日"),
        "{page}"
    );
    let version = staff.get("/plan/versions/1").await;
    assert_eq!(version.status, StatusCode::OK);
    assert_eq!(
        staff.get("/plan/versions/2").await.status,
        StatusCode::NOT_FOUND
    );
    // Saved and brought into the next draft, the table says the same.
    let mut hiso = house.signed_in(officers.hiso);
    let saved = hiso.get("/plan/table?format=csv-utf8").await;
    assert!(
        saved
            .text()
            .contains("\"照会への回答\",\"認める\",\"通常の業務であるため\",\"C2I1A1\""),
        "{}",
        saved.text()
    );
    done(&mut hiso, "/plan/draft/head", &HEAD).await;
    let broken = saved.text().replace("認める", "たぶん");
    let told = upload(&mut hiso, broken.as_bytes()).await;
    assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(told.text().contains("<code>B2</code>"), "{}", told.text());
    let refused = saved.text().replace("認める", "認めない");
    let taken = upload(&mut hiso, refused.as_bytes()).await;
    assert_eq!(taken.status, StatusCode::SEE_OTHER, "{}", taken.text());
    let again = hiso.get("/plan/draft/table?format=csv-utf8").await;
    assert_eq!(again.text(), refused);
}

async fn upload(browser: &mut Browser<'_>, file: &[u8]) -> Reply {
    let csrf = browser.get("/account").await.csrf();
    let mut body = format!(
        "--b\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{csrf}\r\n\
         --b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"t.csv\"\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(file);
    body.extend_from_slice(b"\r\n--b--\r\n");
    let request = browser.request("POST", "/plan/draft/table");
    let request = request.header("content-type", "multipart/form-data; boundary=b");
    browser.send(request.body(body.into()).unwrap()).await
}

/// An answer that let somebody reach something from home.
pub(super) fn allowed(person: PersonId, task: Option<TaskId>, at: i64) -> NewDecision {
    let system = SystemId::new(fresh().unwrap());
    let question = Question {
        person: Some(person),
        device: None,
        act: Act::Reach { system, part: None },
        origin: Origin {
            place: Place::OutsideOrganisation,
            line: None,
        },
        task,
        grade: None,
    };
    NewDecision {
        at,
        person: person.to_string(),
        device: None,
        resource: system.to_string(),
        allowed: true,
        times: 1,
        question: serde_json::to_string(&question).unwrap(),
        rules: "[]".to_owned(),
        asker: None,
    }
}

/// Has use held against the plan, which waits for the writer.
fn evaluated(house: &House) -> Done {
    let done = tokio::task::block_in_place(|| evaluate_now(&house.app));
    done.unwrap().unwrap()
}

fn reason(house: &House, row: &str) -> (Verdict, String) {
    let catalogue = Catalogue::builtin().unwrap();
    let assessment = assess_now(&house.app, &catalogue, None);
    let found = assessment
        .rows
        .iter()
        .find(|it| it.id.as_str() == row)
        .unwrap();
    (found.verdict.verdict, found.verdict.reason.code.to_string())
}

pub(super) const DAY: i64 = 86_400_000;

#[tokio::test(flavor = "multi_thread")]
async fn use_is_measured_from_answers_and_what_is_missing_is_named() {
    let house = House::founded().await;
    let officers = officers(&house).await;
    let none = (Verdict::Unknown, "plan.none".to_owned());
    assert_eq!(reason(&house, "PUB-2"), none);
    in_force(&house, &officers, "allow").await;
    assert_eq!(reason(&house, "GOV-1-b").1, "plan.not-evaluated");
    let now = house.app.now().as_millis();
    let person = officers.staff.0;
    // Four days, one of them today, which is not over; twice on one day is one day.
    let at = [
        now,
        now - DAY,
        now - DAY - 60_000,
        now - 2 * DAY,
        now - 5 * DAY,
        now - 40 * DAY,
    ];
    let mut answers: Vec<_> = at.into_iter().map(|at| allowed(person, None, at)).collect();
    // That a tunnel could have been used is no day of telework.
    answers.push(NewDecision {
        asker: Some(GatewayId::new(fresh().unwrap()).to_string()),
        ..allowed(person, None, now - 7 * DAY)
    });
    house.app.observations().add_decisions(&answers).unwrap();
    let usage = measure(&house.app, None).unwrap();
    let days: Vec<u32> = usage
        .people
        .iter()
        .map(|it| it.days.count_ones())
        .filter(|it| *it > 0)
        .collect();
    assert_eq!(days, [4]);
    // Detections of attacks are brought by nothing yet: not watched, and not missing.
    let expected = [Feed::Use, Feed::Discovery, Feed::Exploited];
    assert_eq!(usage.missing, expected.into());
    evaluated(&house);
    the_page_tells_what_is_missing(&house, &officers).await;
    // Nothing before the systems of this house asks, so that even nobody would not be nobody.
    assert_eq!(
        reason(&house, "GOV-1-b"),
        (Verdict::Unknown, "plan.unmeasured".to_owned())
    );
    assert_eq!(reason(&house, "GOV-1-e").1, "attestation.missing");
    assert_eq!(reason(&house, "PUB-2").1, "attestation.missing");
    // Cases wait for an assessment, in time; that nothing else would wait nobody saw.
    assert_eq!(reason(&house, "GOV-1-h").1, "plan.unmeasured");
    let world = house.app.world();
    let case = world
        .plan
        .open_case(Trigger::Functions, CaseScope::Body)
        .unwrap();
    assert_eq!(case.opened.figures[0].measure, Measure::Unmeasured);
    assert!(
        world
            .plan
            .open_case(Trigger::Unease, CaseScope::Body)
            .is_none()
    );
    let (_, day) = world.plan.evaluated().unwrap();
    assert_eq!((day.body.people, day.body.person_days), (1, 3));
}

async fn the_page_tells_what_is_missing(house: &House, officers: &Officers) {
    let page = house.signed_in(officers.hiso).get("/plan").await.text();
    assert!(page.contains("測定できていないもの"), "{page}");
    // Why use is not is told to those who deal with cases, and to nobody else.
    let why = "接続判定の問合せが最近なく";
    assert!(page.contains(why), "{page}");
    let mut staff = house.signed_in(officers.staff.1);
    let page_of_staff = staff.get("/plan").await.text();
    assert!(page_of_staff.contains("測定できていないもの"));
    assert!(!page_of_staff.contains(why), "{page_of_staff}");
    assert!(
        page.contains("まだ監視の対象に含まれていないもの"),
        "{page}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_days_of_a_task_are_those_on_which_somebody_was_let_in_for_it() {
    let house = House::founded().await;
    let officers = officers(&house).await;
    let task: TaskId = in_force(&house, &officers, "allow").await.parse().unwrap();
    let now = house.app.now().as_millis();
    let (person, _) = officers.staff;
    // Twice on one day is one day, and one lies beyond the 28.
    let named = [DAY, 2 * DAY, 2 * DAY + 60_000, 40 * DAY];
    let mut answers: Vec<_> = named
        .into_iter()
        .map(|ago| allowed(person, Some(task), now - ago))
        .collect();
    // For no task, by somebody without a permit for any.
    answers.push(allowed(person, None, now - 4 * DAY));
    house.app.observations().add_decisions(&answers).unwrap();
    let usage = measure(&house.app, None).unwrap();
    assert_eq!(usage.tasks[&task].person_days, 2);
    // In the unit of whoever did it, and in no other.
    let of_units: Vec<_> = usage.task_units.iter().collect();
    let [((of, place), part)] = of_units[..] else {
        panic!("{of_units:?}");
    };
    let unit = house.app.world().unit_of(person, house.app.now());
    assert_eq!((*of, Some(usage.units[*place].id)), (task, unit));
    assert_eq!((part.newest_days, part.permits), (2, 0));
    let days: u32 = usage.people.iter().map(|it| it.days.count_ones()).sum();
    assert_eq!(days, 4);
}

/// Proposes the draft and has it approved.
pub(super) async fn approved(house: &House, officers: &Officers) {
    let mut hiso = house.signed_in(officers.hiso);
    done(&mut hiso, "/plan/draft/propose", &[]).await;
    let mut ciso = house.signed_in(officers.ciso);
    done(&mut ciso, "/plan/draft/approve", &[("until", "2027-03-31")]).await;
}

/// What the open case of the whole on who may names, by measure and subject. That nothing asks the decision point here,
/// so that use is unmeasured, is another test's.
fn of_who_may(house: &House) -> (String, Vec<(Measure, String)>) {
    let world = house.app.world();
    let case = world.plan.open_case(Trigger::Eligible, CaseScope::Body);
    let case = case.expect("a case on who may");
    let measured = |it: &&Figure| it.measure != Measure::Unmeasured;
    let figures = case.figures().iter().filter(measured);
    let figures = figures.map(|it| (it.measure, it.subject.clone().unwrap_or_default()));
    (case.opened.case.to_string(), figures.collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_is_held_task_by_task_and_a_case_names_the_task() {
    let house = House::founded().await;
    let officers = officers(&house).await;
    let other = house.unit("人事課").await.to_string();
    let mut hiso = house.signed_in(officers.hiso);
    let everyones = task(&mut hiso, &house, "照会への回答").await;
    let own = task(&mut hiso, &house, "人事の事務").await;
    done(&mut hiso, "/plan/draft/head", &HEAD).await;
    let new = "/plan/draft/lines/new";
    done(&mut hiso, new, &line(&everyones, "allow")).await;
    let narrow = [line(&own, "allow"), vec![("f-units", other.as_str())]].concat();
    done(&mut hiso, new, &narrow).await;
    approved(&house, &officers).await;
    let begun = house.app.now().as_millis();
    house.pass(4 * DAY);
    // Of another section: let in for the task of one section before there was a plan, and since; and refused.
    let now = house.app.now().as_millis();
    let (person, _) = officers.staff;
    let [everyones, task] = [&everyones, &own].map(|it| Some(it.parse::<TaskId>().unwrap()));
    let answers = [
        allowed(person, task, begun - DAY),
        allowed(person, task, now - DAY),
        allowed(person, everyones, now - DAY),
        NewDecision {
            allowed: false,
            ..allowed(person, task, now - 2 * DAY)
        },
    ];
    house.app.observations().add_decisions(&answers).unwrap();
    let usage = measure(&house.app, None).unwrap();
    let seen = usage.outside.iter();
    let seen: Vec<_> = seen
        .map(|it| (Some(it.task), it.days.count_ones(), it.refused.count_ones()))
        .collect();
    assert_eq!(seen, [(task, 1, 1)]);
    evaluated(&house);
    assert_eq!(of_who_may(&house).1, [(Measure::OutsideUse, own.clone())]);
    // The next plan opens the task to everyone. That another task was open to all before says nothing of it.
    let mut hiso = house.signed_in(officers.hiso);
    done(&mut hiso, "/plan/draft/head", &HEAD).await;
    let path = format!("/plan/draft/lines/{own}");
    done(&mut hiso, &path, &line(&own, "allow")).await;
    approved(&house, &officers).await;
    evaluated(&house);
    let (case, figures) = of_who_may(&house);
    let everyone = (Measure::Admitted, format!("{own}/everyone"));
    assert_eq!(figures, [(Measure::OutsideUse, own), everyone]);
    let page = hiso.get(&format!("/cases/{case}")).await.text();
    assert!(
        page.contains("人事の事務") && page.contains("→ 全員"),
        "{page}"
    );
}

/// A transfer makes nobody an outsider of what was the work of the unit before, and that people are refused what the plan
/// refuses to all is no sign of anything.
#[tokio::test(flavor = "multi_thread")]
async fn people_are_outside_a_task_by_the_unit_of_the_day_and_a_refused_task_counts_no_refusals() {
    let house = House::founded().await;
    let officers = officers(&house).await;
    let other = house.unit("人事課").await;
    let (person, _) = officers.staff;
    let section = house.app.world().people[&person].to_string();
    let mut hiso = house.signed_in(officers.hiso);
    let everyones = task(&mut hiso, &house, "照会への回答").await;
    let own = task(&mut hiso, &house, "総務の事務").await;
    let refused = task(&mut hiso, &house, "国外での事務").await;
    done(&mut hiso, "/plan/draft/head", &HEAD).await;
    let new = "/plan/draft/lines/new";
    done(&mut hiso, new, &line(&everyones, "allow")).await;
    let limited = [line(&own, "allow"), vec![("f-units", section.as_str())]].concat();
    done(&mut hiso, new, &limited).await;
    done(&mut hiso, new, &line(&refused, "refuse")).await;
    approved(&house, &officers).await;
    let [own, refused] = [&own, &refused].map(|it| it.parse::<TaskId>().unwrap());
    house.pass(8 * DAY);
    let now = house.app.now().as_millis();
    let mut answers: Vec<_> = (1..=5)
        .map(|ago| NewDecision {
            allowed: false,
            ..allowed(person, Some(refused), now - ago * DAY)
        })
        .collect();
    answers.push(allowed(person, Some(own), now - 3 * DAY));
    house.app.observations().add_decisions(&answers).unwrap();
    let outside = || measure(&house.app, None).unwrap().outside;
    assert_eq!(outside(), []);
    let moved = PersonCommand::Change {
        person,
        unit: Some(other),
        profile: None,
        expected: None,
    };
    let moved = Command::Person(Box::new(moved));
    let by = Actor::person(house.app.world().accounts[&officers.hiso].person);
    house.app.command(by, moved).await.unwrap();
    house.pass(3 * DAY);
    assert_eq!(outside(), []);
    // What is done for it from the other unit is seen, and that somebody was let in for what is refused to all.
    let now = house.app.now().as_millis();
    let answers = [own, refused].map(|task| allowed(person, Some(task), now - DAY));
    house.app.observations().add_decisions(&answers).unwrap();
    let usage = measure(&house.app, None).unwrap();
    let seen = usage.outside.iter().map(|it| {
        let unit = usage.units[it.unit as usize].id;
        (it.task, unit, it.days.count_ones(), it.refused)
    });
    let mut expected = [own, refused].map(|task| (task, other, 1_u32, 0_u64));
    expected.sort_unstable();
    assert_eq!(seen.collect::<Vec<_>>(), expected);
}

/// For what a day counted does not change because a permit has ended since.
#[tokio::test(flavor = "multi_thread")]
async fn the_days_of_a_task_stay_when_the_permit_for_it_ends() {
    let section = Section::new().await;
    let path = section.applied(PermitKind::Telework).await;
    let decider = section.decider(PermitKind::Telework);
    went(&section.decided(&path, decider, "approve", "").await);
    went(&section.done(&path, section.staff, "activate", &[]).await);
    let permit = section.permit(&path);
    let Particulars::Telework(telework) = permit.particulars.as_ref() else {
        panic!("{permit:?}");
    };
    let app = &section.house.app;
    let begins = permit.grant().unwrap().term.from;
    let later = begins.after(Span::days(3));
    section.house.pass(later.since(app.now()).as_millis());
    let now = app.now().as_millis();
    // Two days of its term, and one before it; for no named task.
    let ago = [DAY, 2 * DAY, 10 * DAY];
    let answers: Vec<_> = ago
        .into_iter()
        .map(|ago| allowed(section.staff.0, None, now - ago))
        .collect();
    app.observations().add_decisions(&answers).unwrap();
    let days = || measure(app, None).unwrap().tasks[&telework.task].person_days;
    assert_eq!(days(), 2);
    went(&section.done(&path, section.staff, "return", &[]).await);
    assert!(!section.permit(&path).is_in_force(app.now()));
    assert_eq!(days(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_case_holds_permits_until_its_reassessment_is_recorded() {
    let house = House::founded().await;
    let officers = officers(&house).await;
    let task = in_force(&house, &officers, "allow").await;
    evaluated(&house);
    house.pass(Span::days(20).as_millis());
    let mut hiso = house.signed_in(officers.hiso);
    evaluated(&house);
    let overdue = (Verdict::NotMet, "case.overdue".to_owned());
    assert_eq!(reason(&house, "GOV-1-f"), overdue);
    let list = hiso.get("/cases").await.text();
    assert!(
        list.contains("期限超過") && list.contains("組織全体"),
        "{list}"
    );
    let file = hiso.get("/cases/table?format=csv-utf8").await.text();
    assert!(file.contains("期限超過"), "{file}");
    let today = house.app.now().jst_date();
    let [from, until] = [today, today.tomorrow().unwrap()].map(|day| day.to_string());
    let fields = [
        ("f-task", task.as_str()),
        ("f-place", "home"),
        ("f-term_from", from.as_str()),
        ("f-term_until", until.as_str()),
        ("remark", "自宅で資料を作成するため"),
    ];
    let mut staff = house.signed_in(officers.staff.1);
    let held = send(&mut staff, "/permits/new/pt", &fields).await;
    assert_eq!(held.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        held.text().contains("再評価が期限を過ぎている"),
        "{}",
        held.text()
    );
    // Everything that is late is reassessed; what the form did not see is not closed.
    let late: Vec<(String, u64)> = {
        let world = house.app.world();
        let late = world.plan.overdue(house.app.now());
        late.map(|case| (case.opened.case.to_string(), case.version))
            .collect()
    };
    assert!(late.len() >= 3, "{late:?}");
    for (case, version) in late {
        let path = format!("/cases/{case}");
        let page = hiso.get(&path).await.text();
        assert!(page.contains("保留されています"), "{page}");
        let found = [
            ("level", "low"),
            ("conclusion", "unchanged"),
            ("note", "台帳で確認した"),
        ];
        let blind = send(&mut hiso, &path, &found).await;
        assert_eq!(blind.status, StatusCode::UNPROCESSABLE_ENTITY);
        let version = version.to_string();
        let all = [&found[..], &[("expected", version.as_str())]].concat();
        done(&mut hiso, &path, &all).await;
        assert!(hiso.get(&path).await.text().contains("台帳で確認した"));
    }
    // A word ends what was held, and lets nobody see more.
    assert_eq!(reason(&house, "GOV-1-f").1, "plan.unmeasured");
    let taken = send(&mut staff, "/permits/new/pt", &fields).await;
    assert_eq!(taken.status, StatusCode::SEE_OTHER, "{}", taken.text());
}
