//! Exceptions on the console: applied for, looked at again with what was measured in view, and settled.

use axum::http::StatusCode;
use sekisho_domain::access::{Asker, ProxyDoor};
use sekisho_domain::id::{DeviceId, GatewayId, PersonId};
use sekisho_domain::permit::{PermitKind, Status};
use sekisho_domain::register::{EntryId, Register};
use sekisho_domain::time::{Span, Timestamp};
use sekisho_server::access::gateway::through_a_tunnel;
use sekisho_server::app::fresh;
use sekisho_server::exception::measure;
use sekisho_store::observations::{NewAnswer, NewDecision, NewFacts, TunnelReport};

use super::house::{Browser, Reply};
use super::permit_section::{Section, Who, borrowed, send, went};

/// The value of a hidden field of a page.
fn hidden(page: &str, name: &str) -> String {
    let from = format!("name=\"{name}\" value=\"");
    let (_, rest) = page
        .split_once(&from)
        .unwrap_or_else(|| panic!("{name}: {page}"));
    rest.split_once('"').unwrap().0.to_owned()
}

/// The path of an exception that runs, with a measure that a check shows and one that nothing shows.
async fn running(section: &Section) -> String {
    running_at(section, "controlled").await
}

/// The same at a place.
async fn running_at(section: &Section, place: &str) -> String {
    let device = ("f-device", section.issued.to_string());
    running_with(section, &[("f-place", place.to_owned()), device]).await
}

/// The same with some fields of its form.
async fn running_with(section: &Section, fields: &[(&'static str, String)]) -> String {
    let mut form = section.form(PermitKind::Exception);
    form.retain(|(name, _)| !fields.iter().any(|(other, _)| name == other));
    form.extend(fields.iter().cloned());
    form.extend([
        (
            "f-measures",
            "firewall: 接続を断る\n毎夕、課長が確認する".to_owned(),
        ),
        ("f-urgent", "yes".to_owned()),
    ]);
    let mut staff = section.house.signed_in(section.staff.1);
    let done = send(&mut staff, "/permits/new/pe", &borrowed(&form)).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
    let path = done.header("location").to_owned();
    went(
        &section
            .decided(&path, section.exceptions, "approve", "")
            .await,
    );
    went(&section.done(&path, section.staff, "activate", &[]).await);
    path.replace("/permits/", "/exceptions/")
}

/// Does something with an exception as its page asks for it.
async fn act(section: &Section, path: &str, who: Who, what: &str, more: &[(&str, &str)]) -> Reply {
    let mut browser = section.house.signed_in(who.1);
    let to = format!("{path}/{what}");
    let page = browser.get(&to).await;
    assert_eq!(page.status, StatusCode::OK, "{to}: {}", page.text());
    let page = page.text();
    let (expected, seen) = (hidden(&page, "expected"), hidden(&page, "seen"));
    let given = [("expected", expected.as_str()), ("seen", seen.as_str())];
    let given = given
        .into_iter()
        .filter(|(name, _)| !more.iter().any(|(it, _)| it == name));
    let all: Vec<(&str, &str)> = given.chain(more.iter().copied()).collect();
    send(&mut browser, &to, &all).await
}

async fn text(browser: &mut Browser<'_>, path: &str) -> String {
    let page = browser.get(path).await;
    assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.text());
    page.text()
}

const YES: (&str, &str) = ("confirmed", "yes");
const NOTE: (&str, &str) = ("f-note", "一月の状況を確認した");

#[expect(clippy::too_many_lines, reason = "one story or table")]
#[tokio::test(flavor = "multi_thread")]
async fn an_exception_is_looked_at_again_and_stopped_with_its_figures_in_view() {
    let section = Section::new().await;
    let path = running(&section).await;
    let permit = path.replace("/exceptions/", "/permits/");
    let by = section.exceptions;
    let mut officer = section.house.signed_in(by.1);
    let list = text(&mut officer, "/exceptions").await;
    for shown in [path.as_str(), "US-8.1.1-3-e", "実施中", "緊急"] {
        assert!(list.contains(shown), "{shown}: {list}");
    }
    let page = text(&mut officer, &path).await;
    for shown in [
        "測定した効果",
        "接続を断る",
        "毎夕、課長が確認する",
        "確認できない",
    ] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    // Its applicant reads it and looks at it again neither by page nor by form.
    let mut staff = section.house.signed_in(section.staff.1);
    text(&mut staff, &path).await;
    let own = staff.get(&format!("{path}/review")).await;
    assert_eq!(own.status, StatusCode::FORBIDDEN);

    let found = [
        ("f-judgement", "effective"),
        ("f-review_on", "2026-12-15"),
        ("word", "1"),
        NOTE,
    ];
    let unconfirmed = act(&section, &path, by, "review", &found).await;
    assert_eq!(unconfirmed.status, StatusCode::UNPROCESSABLE_ENTITY);
    let unseen = [&found[..], &[YES, ("seen", "of before")]].concat();
    let unseen = act(&section, &path, by, "review", &unseen).await;
    assert_eq!(unseen.status, StatusCode::UNPROCESSABLE_ENTITY);
    let outside = [
        ("f-judgement", "effective"),
        ("f-review_on", "2027-03-01"),
        YES,
        NOTE,
    ];
    let outside = act(&section, &path, by, "review", &outside).await;
    assert_eq!(outside.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(outside.text().contains("期間"), "{}", outside.text());
    let all = [&found[..], &[YES]].concat();
    went(&act(&section, &path, by, "review", &all).await);
    let page = text(&mut officer, &path).await;
    for shown in ["有効と確認された例外措置です", "2026年12月15日"] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    // The firewall was never seen: ordinary operation has to wait.
    let clause = ("f-clause", "rul_02081040g2081040g2081040g2/3");
    let early = act(&section, &path, by, "regularise", &[clause, YES, NOTE]).await;
    assert_eq!(early.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(early.text().contains("新しい証跡で確認できていません"));
    assert_eq!(section.status(&permit), Status::Active);

    went(&act(&section, &path, by, "stop", &[YES, NOTE]).await);
    assert_eq!(section.status(&permit), Status::Closed);
    let page = text(&mut officer, &path).await;
    assert!(page.contains("決定により終了"), "{page}");
    let again = officer.get(&format!("{path}/stop")).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    let history = text(&mut officer, &permit).await;
    assert!(history.contains("例外措置を見直した"), "{history}");
    let file = officer.get("/exceptions/table?format=csv-utf8").await;
    assert!(file.text().contains("US-8.1.1-3-e"), "{}", file.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_found_of_an_exception_is_shown_where_it_runs_on_under_another_number() {
    let section = Section::new().await;
    let first = running(&section).await;
    let by = section.exceptions;
    let found = |judgement| {
        let review = ("f-review_on", "2026-12-15");
        [("f-judgement", judgement), review, ("word", "1"), YES, NOTE]
    };
    went(&act(&section, &first, by, "review", &found("effective")).await);
    went(&act(&section, &first, by, "stop", &[YES, NOTE]).await);
    let second = running(&section).await;
    let mut officer = section.house.signed_in(by.1);
    let page = text(&mut officer, &second).await;
    let runs_on = "有効と確認された例外措置が、改めて認められて続いています";
    for shown in [
        runs_on,
        "継続元の例外措置",
        first.as_str(),
        "の見直しの結果は「有効」です",
        "そのとき固定した数値では",
    ] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    // Its own review comes first.
    assert!(!page.contains(&format!("{second}/regularise")), "{page}");
    let list = text(&mut officer, "/exceptions").await;
    assert!(list.contains("有効を確認済み（"), "{list}");
    went(&act(&section, &second, by, "review", &found("not_effective")).await);
    let page = text(&mut officer, &second).await;
    assert!(!page.contains(runs_on), "{page}");
    assert!(page.contains(first.as_str()), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_an_exception_is_put_off_with_its_figures_in_view_alone() {
    let section = Section::new().await;
    let path = running(&section).await;
    let permit = path.replace("/exceptions/", "/permits/");
    let by = section.exceptions;
    let asked = [
        ("f-extend_until", "2026-12-31"),
        ("remark", "検証が続くため"),
    ];
    went(
        &section
            .done(&permit, section.staff, "extension", &asked)
            .await,
    );
    let plain = section.decided(&permit, by, "extend", "").await;
    assert_eq!(plain.status, StatusCode::UNPROCESSABLE_ENTITY);
    let mut officer = section.house.signed_in(by.1);
    let page = text(&mut officer, &permit).await;
    assert!(page.contains(&format!("{path}/decide-again")), "{page}");
    let again = [
        ("f-extend_until", "2026-12-31"),
        ("f-review_on", "2026-12-28"),
        YES,
        NOTE,
    ];
    went(&act(&section, &path, by, "decide-again", &again).await);
    let until = section.permit(&permit).grant().unwrap().term.until;
    assert_eq!(
        until
            .before(sekisho_domain::time::Span::millis(1))
            .jst_date()
            .to_string(),
        "2026-12-31"
    );
    let world = section.house.app.world();
    assert_eq!(world.exception_renewals(section.permit(&permit).id), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exception_whose_end_lies_before_its_start_is_refused_next_to_its_field() {
    let section = Section::new().await;
    let mut staff = section.house.signed_in(section.staff.1);
    let mut form = section.form(PermitKind::Exception);
    for (name, value) in &mut form {
        if *name == "f-term_until" {
            *value = "2026-11-19".to_owned();
        }
    }
    let wrong = send(&mut staff, "/permits/new/pe", &borrowed(&form)).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        wrong.text().contains("終了日が開始日より前です"),
        "{}",
        wrong.text()
    );
    // A mistyped check makes no measure that nothing sees.
    let mut form = section.form(PermitKind::Exception);
    form.push(("f-measures", "fierwall: 断る".to_owned()));
    let wrong = send(&mut staff, "/permits/new/pe", &borrowed(&form)).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
}

/// When the date is near, whoever decides has it in the list of what waits.
#[tokio::test(flavor = "multi_thread")]
async fn an_exception_to_look_at_again_waits_for_whoever_decides() {
    let section = Section::new().await;
    let path = running(&section).await;
    let mut officer = section.house.signed_in(section.exceptions.1);
    let waiting = text(&mut officer, "/permits/waiting").await;
    assert!(!waiting.contains(&path), "{waiting}");
    // From 20 November to the evening of 9 December; it is to be looked at again on the tenth.
    section.house.pass(19 * 86_400_000);
    let mut officer = section.house.signed_in(section.exceptions.1);
    let waiting = text(&mut officer, "/permits/waiting").await;
    assert!(waiting.contains(&path), "{waiting}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_gateway_was_answered_is_no_use_and_what_passed_there_is_one() {
    let section = Section::new().await;
    let fields = [
        ("f-place", "outside_organisation".to_owned()),
        ("f-requirement", "US-8.1.1-3-h-ア".to_owned()),
        ("f-device", section.issued.to_string()),
    ];
    let path = running_with(&section, &fields).await;
    let permit = section
        .permit(&path.replace("/exceptions/", "/permits/"))
        .id;
    section.house.pass(Span::days(5).as_millis());
    let app = &section.house.app;
    let EntryId::System(system) = section.entry(Register::System) else {
        panic!("a system")
    };
    let (person, device) = (section.staff.0, section.issued);
    let gateway = GatewayId::new(fresh().unwrap());
    let question = through_a_tunnel(person, device, system);
    let at = app.now().as_millis() - Span::days(1).as_millis();
    let answered = |asker: Asker| {
        let answer = NewDecision {
            at,
            person: person.to_string(),
            device: Some(device.to_string()),
            resource: system.to_string(),
            allowed: true,
            times: 1,
            question: serde_json::to_string(&question).unwrap(),
            rules: "[]".to_owned(),
            asker: Some(asker.to_string()),
        };
        app.observations().add_decisions(&[answer]).unwrap();
    };
    let uses = || {
        let effect = tokio::task::block_in_place(|| measure(app, permit));
        effect.unwrap().unwrap().uses.map(|it| it.answers)
    };
    answered(Asker::Gateway(gateway));
    assert_eq!(uses(), Some(0));
    let passed = TunnelReport {
        gateway: gateway.to_string(),
        session: "ts".to_owned(),
        person: person.to_string(),
        device: device.to_string(),
        line: None,
        endpoint: None,
        run: at - 60_000,
        at,
        handshake_at: None,
        ended_at: None,
        tunnel: (60, 40),
        systems: vec![(system.to_string(), 100, 2)],
    };
    app.observations().add_tunnel_reports(&[passed]).unwrap();
    assert_eq!(uses(), Some(1));
    answered(Asker::Proxy(ProxyDoor::ForwardAuth));
    assert_eq!(uses(), Some(2));
}

/// Facts of answers as they are kept: with the rule excused that the exceptions of these tests depart from, and
/// with none.
const EXCUSED: &str = r#"{"v":3,"b":0,"g":"C1I1A1","x":["permit.off-site"]}"#;
const ORDINARY: &str = r#"{"v":3,"b":0,"g":"C1I1A1"}"#;

/// Somebody was let through from outside, by the word of whoever asked, on such facts.
fn allowed(section: &Section, who: (PersonId, DeviceId), asker: Asker, at: Timestamp, facts: &str) {
    let EntryId::System(system) = section.entry(Register::System) else {
        panic!("a system")
    };
    let question = through_a_tunnel(who.0, who.1, system);
    let decision = NewDecision {
        at: at.as_millis(),
        person: who.0.to_string(),
        device: Some(who.1.to_string()),
        resource: system.to_string(),
        allowed: true,
        times: 1,
        question: serde_json::to_string(&question).unwrap(),
        rules: "[]".to_owned(),
        asker: Some(asker.to_string()),
    };
    let rested = facts == EXCUSED;
    let facts = Some(NewFacts {
        facts: facts.to_owned(),
        built_in: true,
    });
    let excused = rested.then(|| vec!["permit.off-site".to_owned()]);
    let answer = NewAnswer {
        decision,
        facts,
        excused,
    };
    section
        .house
        .app
        .observations()
        .add_answers(&[answer])
        .unwrap();
}

/// No built-in rule rests on the row of this one.
#[tokio::test(flavor = "multi_thread")]
async fn of_an_exception_that_changes_no_answer_answers_do_not_tell_how_it_was_used() {
    let section = Section::new().await;
    let path = running(&section).await;
    let permit = section
        .permit(&path.replace("/exceptions/", "/permits/"))
        .id;
    section.house.pass(Span::days(5).as_millis());
    let app = &section.house.app;
    let (applicant, at) = (
        (section.staff.0, section.issued),
        app.now().before(Span::days(1)),
    );
    let proxy = Asker::Proxy(ProxyDoor::ForwardAuth);
    allowed(&section, applicant, proxy, at, ORDINARY);
    let effect = tokio::task::block_in_place(|| measure(app, permit));
    assert_eq!(effect.unwrap().unwrap().uses, None);
    let mut officer = section.house.signed_in(section.exceptions.1);
    let page = text(&mut officer, &path).await;
    assert!(
        page.contains("この要求事項に基づく既定の規則がなく"),
        "{page}"
    );
}

/// An exception of the unit is used by others than its applicant, and not by those whom ordinary permits let through.
#[tokio::test(flavor = "multi_thread")]
async fn uses_of_an_exception_of_a_unit_are_those_of_its_people_that_rested_on_it() {
    let section = Section::new().await;
    let fields = [
        ("f-place", "outside_organisation".to_owned()),
        ("f-requirement", "US-8.1.1-3-h-ア".to_owned()),
        ("f-unit", section.unit.to_string()),
    ];
    let path = running_with(&section, &fields).await;
    let permit = section
        .permit(&path.replace("/exceptions/", "/permits/"))
        .id;
    section.house.pass(Span::days(5).as_millis());
    let app = &section.house.app;
    let at = app.now().before(Span::days(1));
    let uses = || {
        let effect = tokio::task::block_in_place(|| measure(app, permit));
        let uses = effect.unwrap().unwrap().uses.unwrap();
        (uses.answers, uses.people)
    };
    let proxy = Asker::Proxy(ProxyDoor::ForwardAuth);
    // A colleague with the same kind of device; somebody of another unit; the applicant.
    let another = DeviceId::new(fresh().unwrap());
    let (colleague, stranger) = (section.diso.0, section.isso.0);
    let applicant = (section.staff.0, section.issued);
    allowed(&section, applicant, proxy, at, ORDINARY);
    allowed(&section, (stranger, another), proxy, at, EXCUSED);
    assert_eq!(uses(), (0, 0));
    allowed(&section, (colleague, another), proxy, at, EXCUSED);
    assert_eq!(uses(), (1, 1));
    allowed(&section, applicant, proxy, at, EXCUSED);
    assert_eq!(uses(), (2, 2));

    // What passed through a tunnel is a use where what was answered for the tunnel rested on it.
    let gateway = GatewayId::new(fresh().unwrap());
    let EntryId::System(system) = section.entry(Register::System) else {
        panic!("a system")
    };
    let passed = TunnelReport {
        gateway: gateway.to_string(),
        session: "ts".to_owned(),
        person: colleague.to_string(),
        device: another.to_string(),
        line: None,
        endpoint: None,
        run: at.as_millis() - 60_000,
        at: at.as_millis(),
        handshake_at: None,
        ended_at: None,
        tunnel: (60, 40),
        systems: vec![(system.to_string(), 100, 2)],
    };
    app.observations().add_tunnel_reports(&[passed]).unwrap();
    let before = at.before(Span::hours(1));
    let tunnel = Asker::Gateway(gateway);
    allowed(&section, (colleague, another), tunnel, before, ORDINARY);
    assert_eq!(uses(), (2, 2));
    allowed(&section, (colleague, another), tunnel, before, EXCUSED);
    assert_eq!(uses(), (3, 2));
}
