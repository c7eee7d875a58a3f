//! Risk assessments on the console: the chief's page, a number that replays, a high risk that is acted on, and
//! that the next decision about access shows it.

use axum::http::StatusCode;
use sekisho_domain::id::{AccountId, PersonId, SystemId, TaskId};
use sekisho_domain::permit::Place;
use sekisho_domain::plan::{CaseScope, Trigger};
use sekisho_domain::role::Role;
use sekisho_domain::time::Span;
use sekisho_domain::verdict::Verdict;
use sekisho_rules::catalogue::Catalogue;
use sekisho_rules::decide::{Act, Decision, Denied, Fix, Origin, Question};
use sekisho_server::app::fresh;
use sekisho_server::assessor::assess_now;
use sekisho_server::plan::evaluate_now;

use super::house::{Browser, House, Reply};
use super::plan;

struct Officers {
    hiso: AccountId,
    ciso: AccountId,
    staff: (PersonId, AccountId),
}

async fn officers(house: &House) -> Officers {
    let section = house.unit("総務課").await;
    let (_, hiso) = house.officer("hiso", house.root(), Role::Hiso).await;
    let (_, ciso) = house.officer("ciso", house.root(), Role::Ciso).await;
    house.officer("diso", section, Role::Diso).await;
    let staff = house.officer("staff", section, Role::Staff).await;
    Officers { hiso, ciso, staff }
}

async fn send(browser: &mut Browser<'_>, path: &str, fields: &[(&str, &str)]) -> Reply {
    plan::send(browser, path, fields).await
}

async fn done(browser: &mut Browser<'_>, path: &str, fields: &[(&str, &str)]) -> String {
    plan::done(browser, path, fields).await
}

/// What is wrong is told on the page, at the form.
async fn told(browser: &mut Browser<'_>, path: &str, fields: &[(&str, &str)], said: &str) {
    let reply = send(browser, path, fields).await;
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
    assert!(reply.text().contains(said), "{said}: {}", reply.text());
}

fn answers(subject: &str) -> Vec<(&str, &str)> {
    vec![
        ("subject", subject),
        ("grade", "C2I1A1"),
        ("places", "home"),
        ("overlooked", "no"),
        ("carried", "no"),
        ("hurried", "no"),
        ("reason", "端末がまだ点検されていないため"),
    ]
}

fn row(house: &House, id: &str) -> (Verdict, String) {
    let catalogue = Catalogue::builtin().unwrap();
    let assessment = assess_now(&house.app, &catalogue, None);
    let found = assessment.rows.iter().find(|it| it.id.as_str() == id);
    let found = found.unwrap();
    (found.verdict.verdict, found.verdict.reason.code.to_string())
}

fn asked(person: PersonId, task: &str) -> Question {
    Question {
        person: Some(person),
        device: None,
        act: Act::Reach {
            system: SystemId::new(fresh().unwrap()),
            part: None,
        },
        origin: Origin {
            place: Place::OutsideOrganisation,
            line: None,
        },
        task: Some(task.parse::<TaskId>().unwrap()),
        grade: None,
    }
}

/// The rules about risk that a decision names, with the fixes for them.
fn risky(house: &House, question: &Question) -> Vec<(String, Vec<Fix>)> {
    let decision = house.app.decide(question);
    let Decision::Deny(Denied::Missing(missing)) = decision else {
        panic!("{decision:?}");
    };
    let about = missing.into_iter().filter(|it| !it.risks.is_empty());
    about.map(|it| (it.rule.id.clone(), it.fixes)).collect()
}

/// Drafts an assessment on the chief's page, stops the task, and proposes it.
async fn proposed(hiso: &mut Browser<'_>, task: &str) -> String {
    let page = hiso.get("/risks/new").await.text();
    assert!(
        page.contains("照会への回答") && page.contains(task),
        "{page}"
    );
    let page = hiso.get(&format!("/risks/new?subject={task}")).await.text();
    assert!(
        page.contains("のぞき見") && page.contains("C2I1A1"),
        "{page}"
    );
    let all = answers(task);
    let unanswered: Vec<_> = all
        .iter()
        .copied()
        .filter(|(name, _)| *name != "carried")
        .collect();
    told(hiso, "/risks/new", &unanswered, "質問に答えていません").await;
    let path = done(hiso, "/risks/new", &all).await;
    // Nothing is measured here: everything counts as the weakest.
    let page = hiso.get(&path).await.text();
    assert!(
        page.contains("同じ値です") && page.contains("測定"),
        "{page}"
    );
    let revision = [("expected", "1")];
    let propose = format!("{path}/propose");
    told(hiso, &propose, &revision, "対応が定められていません").await;
    let treatments = format!("{path}/treatments");
    let limits = [("expected", "1"), ("from_hour", "30")];
    told(hiso, &treatments, &limits, "時刻が正しくありません").await;
    let stop = [("expected", "1"), ("stop", "yes")];
    done(hiso, &treatments, &stop).await;
    told(hiso, &propose, &revision, "").await;
    done(hiso, &propose, &[("expected", "2")]).await;
    path
}

/// What the pages and files show of it, and that no permit is given that the next decision would refuse.
async fn files_and_permits(house: &House, officers: &Officers, (path, task): (&str, &str)) {
    let mut ciso = house.signed_in(officers.ciso);
    let mut staff = house.signed_in(officers.staff.1);
    let page = ciso.get(path).await.text();
    assert!(
        page.contains("業務の停止") && page.contains("同じ値です"),
        "{page}"
    );
    let list = ciso.get("/risks").await.text();
    assert!(
        list.contains("<svg") && list.contains("照会への回答"),
        "{list}"
    );
    let file = ciso.get("/risks/table?format=csv-utf8").await.text();
    assert!(
        file.contains("照会への回答") && file.contains("SP 800-30"),
        "{file}"
    );
    let sheet = ciso.get("/risks/table?format=xlsx").await;
    assert_eq!(sheet.status, StatusCode::OK);
    let today = house.app.now().jst_date();
    let [from, until] = [today, today.tomorrow().unwrap()].map(|day| day.to_string());
    let fields = [
        ("f-task", task),
        ("f-place", "home"),
        ("f-term_from", from.as_str()),
        ("f-term_until", until.as_str()),
        ("remark", "自宅で資料を作成するため"),
    ];
    told(&mut staff, "/permits/new/pt", &fields, "停止されています").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_high_risk_limits_a_task_and_the_next_access_decision_shows_it() {
    let house = House::founded().await;
    let officers = officers(&house).await;
    let mut hiso = house.signed_in(officers.hiso);
    let mut ciso = house.signed_in(officers.ciso);
    let mut staff = house.signed_in(officers.staff.1);
    assert_eq!(staff.get("/risks").await.status, StatusCode::FORBIDDEN);
    let empty = hiso.get("/risks").await.text();
    assert!(empty.contains("まだありません"), "{empty}");
    let none = (Verdict::Unknown, "risk.none".to_owned());
    for id in ["GOV-1-i", "GOV-1-j", "GOV-1-k"] {
        assert_eq!(row(&house, id), none, "{id}");
    }
    let task = plan::task(&mut hiso, &house, "照会への回答").await;
    let question = asked(officers.staff.0, &task);
    assert_eq!(risky(&house, &question), []);
    let path = proposed(&mut hiso, &task).await;
    let approve = format!("{path}/approve");
    let seen = [("expected", "3")];
    told(&mut hiso, &approve, &seen, "自分が作成又は提案した").await;
    // Until somebody decides, nothing has changed.
    assert_eq!(risky(&house, &question), []);
    done(&mut ciso, &approve, &seen).await;
    let said = risky(&house, &question);
    let id = path.rsplit('/').next().unwrap().parse().unwrap();
    assert_eq!(
        said,
        [("risk.stopped".to_owned(), vec![Fix::ReviewRisk(id)])]
    );
    for id in ["GOV-1-i", "GOV-1-j", "GOV-1-k"] {
        assert_eq!(row(&house, id).1, "attestation.missing", "{id}");
    }
    files_and_permits(&house, &officers, (&path, &task)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_that_takes_nothing_away_is_told_where_it_is_written_and_where_it_is_proposed() {
    let house = House::founded().await;
    let officers = officers(&house).await;
    let mut hiso = house.signed_in(officers.hiso);
    let task = plan::task(&mut hiso, &house, "照会への回答").await;
    let path = done(&mut hiso, "/risks/new", &answers(&task)).await;
    let (treatments, propose) = (format!("{path}/treatments"), format!("{path}/propose"));
    for nothing in [("limit_ceiling", "C3I2A2"), ("from_hour", "0")] {
        let fields = [("expected", "1"), nothing];
        told(&mut hiso, &treatments, &fields, "何も制限しません").await;
    }
    // The task is of C2I1A1, which the limit leaves as it is.
    let as_today = [("expected", "1"), ("limit_ceiling", "C2I1A1")];
    done(&mut hiso, &treatments, &as_today).await;
    told(
        &mut hiso,
        &propose,
        &[("expected", "2")],
        "C2I1A1に満たない格付",
    )
    .await;
    let less = [("expected", "2"), ("limit_ceiling", "C1I2A2")];
    done(&mut hiso, &treatments, &less).await;
    done(&mut hiso, &propose, &[("expected", "3")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_acceptance_is_the_cisos_and_stops_the_task_when_it_is_over() {
    let house = House::founded().await;
    let officers = officers(&house).await;
    let mut hiso = house.signed_in(officers.hiso);
    let mut ciso = house.signed_in(officers.ciso);
    let task = plan::task(&mut hiso, &house, "照会への回答").await;
    let question = asked(officers.staff.0, &task);
    let path = done(&mut hiso, "/risks/new", &answers(&task)).await;
    let treatments = format!("{path}/treatments");
    let far = (house.app.now().after(Span::days(120)).jst_date()).to_string();
    let far = [("expected", "1"), ("accept_until", far.as_str())];
    told(&mut hiso, &treatments, &far, "90日以内").await;
    let soon = (house.app.now().after(Span::days(30)).jst_date()).to_string();
    let soon = [("expected", "1"), ("accept_until", soon.as_str())];
    done(&mut hiso, &treatments, &soon).await;
    done(&mut hiso, &format!("{path}/propose"), &[("expected", "2")]).await;
    let page = hiso.get(&path).await.text();
    assert!(page.contains("最高情報セキュリティ責任者"), "{page}");
    let approve = format!("{path}/approve");
    let own = send(&mut hiso, &approve, &[("expected", "3")]).await;
    assert_eq!(own.status, StatusCode::FORBIDDEN);
    done(&mut ciso, &approve, &[("expected", "3")]).await;
    assert_eq!(risky(&house, &question), []);
    assert_eq!(row(&house, "GOV-1-i").1, "attestation.missing");
    house.pass(Span::days(32).as_millis());
    assert_eq!(risky(&house, &question)[0].0, "risk.stopped");
    let over = (Verdict::NotMet, "risk.high-open".to_owned());
    assert_eq!(row(&house, "GOV-1-i"), over);
    let mut ciso = house.signed_in(officers.ciso);
    let page = ciso.get("/risks").await.text();
    assert!(page.contains("有効な対応がない"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_assessment_answers_a_case_and_closes_it() {
    let house = House::founded().await;
    let plan_officers = plan::officers(&house).await;
    plan::in_force(&house, &plan_officers, "allow").await;
    tokio::task::block_in_place(|| evaluate_now(&house.app))
        .unwrap()
        .unwrap();
    // What is not measured there is no knowing, whatever is assessed of the cases that tell so.
    assert_eq!(row(&house, "GOV-1-h").1, "plan.unmeasured");
    let (case, version) = {
        let world = house.app.world();
        let case = world.plan.open_case(Trigger::Functions, CaseScope::Body);
        let case = case.unwrap();
        (case.opened.case.to_string(), case.version)
    };
    let mut hiso = house.signed_in(plan_officers.hiso);
    let mut ciso = house.signed_in(plan_officers.ciso);
    let page = hiso.get(&format!("/cases/{case}")).await.text();
    assert!(page.contains(&format!("/risks/new?case={case}")), "{page}");
    let page = hiso.get(&format!("/risks/new?case={case}")).await.text();
    assert!(page.contains("組織全体のすべての業務"), "{page}");
    let shown = format!("{case}@{version}");
    assert!(page.contains(&shown), "{page}");
    let mut fields = answers("body");
    fields.extend([("cases", shown.as_str()), ("conclusion", "measures")]);
    let old = format!("{case}@9");
    let stale = [&answers("body")[..], &[("cases", old.as_str())]].concat();
    told(
        &mut hiso,
        "/risks/new",
        &stale,
        "新しい事実が加わっています",
    )
    .await;
    let path = done(&mut hiso, "/risks/new", &fields).await;
    let stop = [("expected", "1"), ("measure", "disk_encryption")];
    done(&mut hiso, &format!("{path}/treatments"), &stop).await;
    done(&mut hiso, &format!("{path}/propose"), &[("expected", "2")]).await;
    let blind = send(&mut ciso, &format!("{path}/approve"), &[]).await;
    assert_eq!(blind.status, StatusCode::UNPROCESSABLE_ENTITY);
    done(&mut ciso, &format!("{path}/approve"), &[("expected", "3")]).await;
    let page = hiso.get(&format!("/cases/{case}")).await.text();
    assert!(page.contains(&path), "{page}");
    let open = house
        .app
        .world()
        .plan
        .open_case(Trigger::Functions, CaseScope::Body)
        .is_some();
    assert!(!open);
}
