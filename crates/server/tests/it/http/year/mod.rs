//! A year of an organisation, in one piece: use grows past the plan, a high risk stops a task, an emergency
//! exception proves itself and becomes a rule, an unregistered conference tool appears in the log of a real
//! resolver. Everything is done on the console, by a clock that the test moves; at the end each moment is told
//! again by the ledger alone.

mod office;
mod resolver;
mod told;

use axum::http::StatusCode;
use sekisho_domain::check::DeviceCheck;
use sekisho_domain::id::PermitId;
use sekisho_domain::permit::{PermitKind, Place};
use sekisho_domain::plan::{CaseScope, Measure, RiskLevel, Trigger};
use sekisho_domain::risk::{Bind, RiskSubject};
use sekisho_domain::role::Role;
use sekisho_rules::risk::Replay;
use sekisho_server::exception::measure;

use super::permit_section::{Who, went};
use office::Office;

const HOME: Place = Place::OutsideOrganisation;
/// The row from which the exception departs. Built-in rules rest on it: nobody reaches the system with a device whose
/// updates nobody knows of.
const ROW: &str = "GOV-3-1-d";
/// The rule of them that is in the way here.
const RULE: &str = "posture.baseline";
/// On how many days somebody works by the exception before it is looked at again.
const DAYS: u32 = 20;

/// The plan: one task, one person, twenty days of telework in four weeks.
async fn plan(office: &Office) {
    let (hiso, ciso) = (office.section.hiso, office.ciso);
    let head = [
        ("f-title", "一年の計画"),
        ("f-people", "10"),
        ("f-person_days", "20"),
    ];
    office.done(hiso, "/plan/draft/head", &head).await;
    let task = office.task().to_string();
    let line = [
        ("f-task", task.as_str()),
        ("f-decision", "allow"),
        ("f-reason", "通常の業務であるため"),
        ("f-people", "1"),
        ("f-highest-c", "2"),
        ("f-highest-i", "2"),
        ("f-highest-a", "1"),
    ];
    office.done(hiso, "/plan/draft/lines/new", &line).await;
    office.done(hiso, "/plan/draft/propose", &[]).await;
    let until = office.day(360);
    let until = [("until", until.as_str())];
    office
        .told(
            hiso,
            "/plan/draft/approve",
            &until,
            "自分が作成又は提案した計画",
        )
        .await;
    office.done(ciso, "/plan/draft/approve", &until).await;
    office
        .shows(office.section.staff, "/plan", &["一年の計画"])
        .await;
}

async fn telework(office: &Office, who: Who) -> String {
    let fields = [
        ("f-term_from", office.day(0)),
        ("f-term_until", office.day(300)),
    ];
    let without: &[&str] = if who == office.colleague {
        &["f-device"]
    } else {
        &[]
    };
    office
        .permitted((who, PermitKind::Telework), without, &fields)
        .await
}

/// Three people work from home on more days than were planned, and two hold a permit for a task of one.
async fn use_grows(office: &mut Office) {
    telework(office, office.section.staff).await;
    telework(office, office.colleague).await;
    office.evaluate();
    office.pass(15);
    for who in [office.section.staff, office.colleague, office.section.diso] {
        office.used(who, HOME, 14);
    }
    office.evaluate();
    {
        let world = office.app().world();
        let case = world.plan.open_case(Trigger::Volume, CaseScope::Body);
        let case = case.expect("a case on the volume");
        let mut figures = case.opened.figures.iter();
        let days = figures.find(|it| it.measure == Measure::PersonDays);
        let days = days.expect("person-days");
        assert_eq!((days.value, days.level), (42, Some(20)));
        let users = world.plan.open_case(Trigger::Users, CaseScope::Body);
        let users = users.expect("a case on the users");
        assert!(
            users
                .opened
                .figures
                .iter()
                .all(|it| it.measure == Measure::TaskPermits),
            "{:?}",
            users.opened.figures
        );
    }
    office
        .shows(office.section.hiso, "/cases", &["組織全体"])
        .await;
    // Nobody looks at it.
    office.pass(20);
    office.evaluate();
    office
        .shows(office.section.hiso, "/cases", &["期限超過"])
        .await;
    office.judge("late");
}

/// The task is assessed as High by what was measured, and stopped. The rest is accepted until a day that passes,
/// and answered by a measure then.
async fn a_high_risk_stops_a_task(office: &mut Office) {
    office.report(false);
    assert!(office.risks_named().is_empty());
    let users: Vec<_> = office
        .open_cases()
        .into_iter()
        .filter(|it| it.opened.trigger == Trigger::Users)
        .collect();
    let task = office.task().to_string();
    let cases: Vec<_> = users.iter().collect();
    let path = office.assessed(&task, &cases, ("stop", "yes")).await;
    // The permits for it no longer hold either.
    let forbidden = office.risks_named();
    assert!(
        forbidden.contains(&"risk.stopped".to_owned()),
        "{forbidden:?}"
    );
    rests_on_the_device(office);
    let ciso = office.ciso;
    office
        .shows(ciso, &path, &["業務の停止", "同じ値です", "受信通信の遮断"])
        .await;
    office.shows(ciso, "/risks", &["予算要求の調整"]).await;
    let case = format!("/cases/{}", users[0].opened.case);
    office.shows(ciso, &case, &[&path]).await;
    // The rest the CISO takes upon himself for a while.
    let soon = office.day(20);
    let accepted = office.answer_cases(("accept_until", soon.as_str())).await;
    office.evaluate();
    office.judge("acted");
    office.pass(30);
    office.evaluate();
    office.judge("open");
    office.answer_cases(("measure", "firewall")).await;
    for unit in accepted.iter().filter(|it| *it != "body") {
        office.assessed(unit, &[], ("measure", "firewall")).await;
    }
}

/// What the assessment of the task rests on: that its device lets connections in is frozen with it, and it
/// comes to the same number again.
fn rests_on_the_device(office: &Office) {
    let subject = RiskSubject::Task(office.task());
    let version = office.app().world().risks.of(subject).cloned().unwrap();
    assert_eq!(version.result.level, RiskLevel::High);
    let app = office.app();
    let reread = tokio::task::block_in_place(|| app.reread_risk(&version.frozen, &version.result));
    let reread = reread.unwrap();
    assert_eq!(reread.replay, Replay::Same);
    let inputs = reread.inputs.unwrap();
    let failing = inputs.bound.values().flatten().filter(|it| it.fail > 0);
    let failing: Vec<Bind> = failing.map(|it| it.what.clone()).collect();
    assert!(
        failing.contains(&Bind::Device(DeviceCheck::Firewall)),
        "{failing:?}"
    );
}

/// An exception in a hurry, with a measure that a device shows and one that only a person sees; where it is. Work goes
/// on by it alone, day by day, which is what its effect is measured by.
async fn an_exception_is_taken(office: &mut Office) -> String {
    let section = &office.section;
    let staff = section.staff;
    assert_eq!(office.refused_inside(staff), [RULE]);
    let fields = [
        ("f-requirement", ROW.to_owned()),
        ("f-device", section.issued.to_string()),
        (
            "f-measures",
            "firewall: 接続を断る\n毎夕、課長が確認する".to_owned(),
        ),
        ("f-urgent", "yes".to_owned()),
        ("f-review_on", office.day(30)),
        ("f-term_from", office.day(0)),
        ("f-term_until", office.day(80)),
    ];
    let permit = office
        .permitted((staff, PermitKind::Exception), &[], &fields)
        .await;
    let path = permit.replace("/permits/", "/exceptions/");
    office.pass(9);
    for _ in 0..DAYS {
        assert_eq!(office.refused_inside(staff), [""; 0]);
        office.pass(1);
    }
    office.report(true);
    let id: PermitId = permit.rsplit('/').next().unwrap().parse().unwrap();
    let effect = tokio::task::block_in_place(|| measure(office.app(), id));
    let uses = effect.unwrap().unwrap().uses.expect("uses are counted");
    let counted = (uses.answers, uses.days, uses.people);
    assert_eq!(counted, (u64::from(DAYS), DAYS, 1));
    let next = office.day(40);
    let found = [
        ("f-judgement", "effective"),
        ("f-review_on", next.as_str()),
        ("word", "1"),
    ];
    went(&office.on_exception(&path, "review", &found).await);
    let by = office.section.exceptions;
    let words = ["有効と確認された例外措置です", "アクセスを認められた者 1人"];
    office.shows(by, &path, &words).await;
    office.shows(by, "/exceptions", &[&path, "緊急"]).await;
    office.evaluate();
    office.judge("left");
    path
}

/// What the exception allowed is written into a rule; where the rule is.
async fn drafted(office: &Office) -> String {
    let hiso = office.section.hiso;
    let post = office.section.post(hiso);
    let head = [
        ("f-title", "持出し端末の規程"),
        ("f-owner", post.as_str()),
        ("f-acknowledge", "yes"),
    ];
    let draft = office.done(hiso, "/rules/new", &head).await;
    let clause = [
        ("f-label", "第1条"),
        ("text", "接続を断る設定をした端末で行う。"),
        ("f-rows", ROW),
    ];
    let new = format!("{draft}/clauses/new");
    office.done(hiso, &new, &clause).await;
    office.done(hiso, &format!("{draft}/propose"), &[]).await;
    draft.strip_suffix("/draft").unwrap().to_owned()
}

/// The promotion body is heard, the rule is approved, and the exception becomes ordinary operation.
async fn it_becomes_a_rule(office: &mut Office, exception: &str) {
    office.pass(10);
    let root = office.section.house.root();
    let body = Role::PromotionBody;
    office.body = Some(office.section.house.officer("body", root, body).await);
    let path = drafted(office).await;
    let approve = format!("{path}/draft/approve");
    office
        .told(office.ciso, &approve, &[], "推進体制の意見がまだありません")
        .await;
    let rule = path.rsplit('/').next().unwrap();
    office.heard(rule).await;
    let clause = format!("{rule}/1");
    let into = [("f-clause", clause.as_str())];
    office.report(true);
    // While the clause only is a proposal, nothing can be made of it.
    let early = office.on_exception(exception, "regularise", &into).await;
    assert_eq!(early.status, StatusCode::UNPROCESSABLE_ENTITY);
    office.done(office.ciso, &approve, &[]).await;
    went(&office.on_exception(exception, "regularise", &into).await);
    let staff = office.section.staff;
    // It excuses nothing any more.
    assert_eq!(office.refused_inside(staff), [RULE]);
    office.shows(staff, "/rules", &["持出し端末の規程"]).await;
    office
        .shows(office.section.exceptions, exception, &[&clause])
        .await;
    office.evaluate();
    office.judge("regular");
    // What is not measured here asks for an answer again and again.
    office.answer_cases(("measure", "firewall")).await;
}

/// A tool that no register carries is found in the log of a resolver, and entered.
async fn a_tool_appears(office: &mut Office, log: &str) {
    office.pass(60);
    let hiso = office.section.hiso;
    let taken = resolver::read(office, log);
    assert_eq!(taken.found, ["zoom"]);
    office
        .shows(hiso, "/services", &["台帳にない", "/services/zoom"])
        .await;
    office
        .shows(hiso, "/services/zoom", &["dns-honsho", "zoom.us"])
        .await;
    office.report(true);
    office.evaluate();
    office.judge("tool");
    // Nobody enters it within a week: that is a change against the plan.
    office.pass(8);
    let again = resolver::read(office, log);
    assert!(again.found.is_empty(), "{again:?}");
    office.evaluate();
    let cases = office.open_cases();
    let unlisted = cases.iter().find(|case| {
        let mut figures = case.opened.figures.iter();
        figures.any(|it| it.measure == Measure::FunctionUnlisted)
    });
    let unlisted = unlisted.expect("a case on what is used and not listed");
    let path = format!("/cases/{}", unlisted.opened.case);
    office
        .shows(hiso, &path, &["href=\"/services/zoom\""])
        .await;
    let tool = [
        ("f-name", "Zoom"),
        ("f-scope", "others"),
        ("f-own", "forbidden"),
        ("f-contractor", "c1"),
        ("f-external", "c1"),
        ("f-individual", "forbidden"),
        ("f-restriction", "画面共有は公開資料に限る"),
        ("f-domains", "zoom.us\nzoom.com"),
    ];
    office.done(hiso, "/registers/conference_tool", &tool).await;
    office
        .shows(hiso, "/services/zoom", &["台帳に登録されています"])
        .await;
}

/// The last day: everything is looked at once more.
async fn the_year_ends(office: &mut Office, exception: &str, log: &str) {
    office.evaluate();
    let hiso = office.section.hiso;
    // The tool is a function that the plan does not know.
    let added = office.open_cases();
    assert!(
        added
            .iter()
            .any(|it| it.opened.trigger == Trigger::Functions),
        "{added:?}"
    );
    office.answer_cases(("measure", "firewall")).await;
    office.pass(185);
    let again = resolver::read(office, log);
    assert!(again.found.is_empty(), "{again:?}");
    office.report(true);
    office.evaluate();
    // What nobody sees but by a word was last said more than ninety days ago.
    office.judge("silent");
    let still = [("f-judgement", "effective"), ("word", "1")];
    went(&office.on_exception(exception, "review", &still).await);
    let last_day = office.day(30);
    let word = [
        (
            "statement",
            "例外で行っていた業務を規程に定めたことを確認した。",
        ),
        ("last_day", last_day.as_str()),
        ("confirmed", "yes"),
    ];
    let adopted = "/requirements/GOV-2-d/attestations";
    office.done(hiso, adopted, &word).await;
    office.judge("end");
    let authority = office.section.exceptions;
    for (who, path, words) in [
        (hiso, "/plan", "一年の計画"),
        (hiso, "/risks", "予算要求の調整"),
        (authority, "/exceptions", exception),
        (hiso, "/rules", "持出し端末の規程"),
        (hiso, "/conferences", "Zoom"),
    ] {
        office.shows(who, path, &[words]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_year_is_lived_through_and_told_again_by_the_ledger() {
    let log = tokio::task::block_in_place(resolver::used_once);
    let mut office = Office::new().await;
    office.judge("before");
    plan(&office).await;
    use_grows(&mut office).await;
    a_high_risk_stops_a_task(&mut office).await;
    let exception = an_exception_is_taken(&mut office).await;
    it_becomes_a_rule(&mut office, &exception).await;
    a_tool_appears(&mut office, &log).await;
    the_year_ends(&mut office, &exception, &log).await;
    told::again(&office);
}
