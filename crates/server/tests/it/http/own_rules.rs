//! The organisation's own rules of access: written, tried, set, taken back, and unusable.

use axum::http::StatusCode;
use sekisho_domain::actor::Actor;
use sekisho_domain::id::{PersonId, SystemId};
use sekisho_domain::role::Role;
use sekisho_domain::time::Span;
use sekisho_rules::decide::{
    Act, Decision, Denied, OWN_RULES_MAX, Origin, Question, UNUSABLE, read_own_rules,
};
use sekisho_server::access::what_if::what_if;
use sekisho_server::app::fresh;
use sekisho_store::observations::{NewAnswer, NewDecision, NewFacts};

use super::house::House;

const RULES: &str = "/access/rules";
const ALL: &str = "@id(\"own.all\") @ja(\"全て不可。\") @en(\"Nothing at all.\")\n\
    forbid (principal, action, resource);\n";

fn question(person: PersonId) -> Question {
    Question {
        person: Some(person),
        device: None,
        act: Act::Reach {
            system: SystemId::new(fresh().unwrap()),
            part: None,
        },
        origin: Origin {
            place: sekisho_domain::permit::Place::OutsideOrganisation,
            line: None,
        },
        task: None,
        grade: None,
    }
}

/// The rules that deny a question, with whether they are own ones.
fn denied(house: &House, question: &Question) -> Vec<(String, bool)> {
    match house.app.decide(question) {
        Decision::Deny(Denied::Missing(missing)) => {
            let each = missing.into_iter().map(|it| (it.rule.id.clone(), it.own));
            each.collect()
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_are_written_tried_and_set_on_the_page() {
    let house = House::founded().await;
    let (_, isso) = house.officer("isso", house.root(), Role::Isso).await;
    let mut browser = house.signed_in(isso);
    let page = browser.get(RULES).await;
    let csrf = page.csrf();
    assert!(page.text().contains("own.no-nights"), "no example");
    let wrong = [
        ("csrf", csrf.as_str()),
        (
            "text",
            "@id(\"a\") @ja(\"甲。\")\nforbid (principal, action, resource) when { context.nothing };",
        ),
        ("days", "28"),
        ("do", "try"),
    ];
    let refused = browser.post(RULES, &wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().contains("2行"), "{}", refused.text());
    assert!(!house.app.access().rulebook().has_own());
    let entered = [
        ("csrf", csrf.as_str()),
        ("text", ALL),
        ("days", "28"),
        ("do", "try"),
    ];
    let begun = browser.post(RULES, &entered).await;
    assert_eq!(begun.status, StatusCode::SEE_OTHER, "{}", begun.text());
    let trial = begun.header("location").to_owned();
    assert!(!house.app.access().rulebook().has_own(), "tried is not set");
    let mut shown = browser.get(&trial).await.text();
    while !shown.contains("name=\"note\"") {
        tokio::task::yield_now().await;
        shown = browser.get(&trial).await.text();
    }
    // Nobody else sees it.
    let (_, hiso) = house.officer("hiso", house.root(), Role::Hiso).await;
    let other = house.signed_in(hiso).get(&trial).await;
    assert_eq!(other.status, StatusCode::NOT_FOUND);
    let empty = [("csrf", csrf.as_str()), ("note", " ")];
    let refused = browser.post(&trial, &empty).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let note = [("csrf", csrf.as_str()), ("note", "試行の開始")];
    let set = browser.post(&trial, &note).await;
    assert_eq!(set.status, StatusCode::SEE_OTHER, "{}", set.text());
    assert!(house.app.access().rulebook().has_own());
    let person = PersonId::new(fresh().unwrap());
    let rules = denied(&house, &question(person));
    assert!(rules.contains(&("own.all".to_owned(), true)), "{rules:?}");
    let page = browser.get(RULES).await.text();
    assert!(page.contains("試行の開始") && page.contains("own.all"));
    let version = browser.get("/access/rules/versions/1").await.text();
    assert!(version.contains("<ins>"), "{version}");
    // The same trial does not set twice: somebody has set rules since.
    let again = browser.post(&trial, &note).await;
    assert!(again.status.is_client_error(), "{}", again.status);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_takes_rules_as_long_as_is_promised() {
    let house = House::founded().await;
    let (_, isso) = house.officer("isso", house.root(), Role::Isso).await;
    let mut browser = house.signed_in(isso);
    let csrf = browser.get(RULES).await.csrf();
    let said = "規".repeat(400);
    let rules: Vec<String> = (0..200)
        .map(|n| {
            format!("@id(\"own.{n}\") @ja(\"{said}\")\nforbid (principal, action, resource);\n")
        })
        .collect();
    let text = rules.concat();
    assert!((250_000..=OWN_RULES_MAX).contains(&text.len()));
    let long = text.clone() + "// " + &"x".repeat(OWN_RULES_MAX - text.len());
    let huge = "規".repeat(OWN_RULES_MAX);
    for (text, status, words) in [
        (&text, StatusCode::OK, "規則は検査に合格しました"),
        (&long, StatusCode::OK, "規則が長すぎます"),
        (&huge, StatusCode::PAYLOAD_TOO_LARGE, ""),
    ] {
        let fields = [
            ("csrf", csrf.as_str()),
            ("text", text.as_str()),
            ("do", "check"),
        ];
        let told = browser.post(RULES, &fields).await;
        assert_eq!(told.status, status, "{}", text.len());
        assert!(told.text().contains(words), "{words}");
    }
    // Nobody sends so much who is not signed in.
    let fields = [
        ("csrf", csrf.as_str()),
        ("text", text.as_str()),
        ("do", "check"),
    ];
    let told = house.browser().post(RULES, &fields).await;
    assert!(!told.text().contains("規則は検査に合格しました"));
    assert_ne!(told.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_those_who_answer_for_remote_access_set_rules() {
    let house = House::founded().await;
    let (_, staff) = house.officer("staff", house.root(), Role::Staff).await;
    let (_, auditor) = house.officer("auditor", house.root(), Role::Auditor).await;
    let refused = house.signed_in(staff).get(RULES).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let mut browser = house.signed_in(auditor);
    let page = browser.get(RULES).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.text().contains("name=\"text\""), "an editor");
    let csrf = browser.get("/account").await.csrf();
    let entered = [("csrf", csrf.as_str()), ("text", ALL), ("do", "check")];
    let refused = browser.post(RULES, &entered).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_that_cannot_be_read_close_access_and_there_is_a_way_out() {
    let house = House::founded().await;
    let app = house.app.clone();
    let person = PersonId::new(fresh().unwrap());
    let asked = question(person);
    tokio::task::spawn_blocking(move || {
        app.set_access_rules(Actor::Operator, ALL, "始める", Some(0))
            .unwrap();
        // As after an update to whose words the text no longer fits.
        app.put_rules_in_force(Some(
            b"forbid (principal, action, resource) when { context.gone };",
        ));
    })
    .await
    .unwrap();
    let rules = denied(&house, &asked);
    assert!(rules.contains(&(UNUSABLE.to_owned(), true)), "{rules:?}");
    assert!(!house.app.access().unusable().is_empty());
    let alarms = house.app.alarms();
    assert!(alarms.iter().any(|it| it.code == "own-rules.unusable"));
    let app = house.app.clone();
    tokio::task::spawn_blocking(move || {
        app.set_access_rules(Actor::Operator, "", "取りやめる", Some(1))
            .unwrap();
    })
    .await
    .unwrap();
    assert!(house.app.alarms().is_empty());
    let rules = denied(&house, &asked);
    assert!(rules.iter().all(|(_, own)| !own), "{rules:?}");
    assert_eq!(house.app.access_rules_history().len(), 2);
}

/// An answer of so many hours ago, with what could be seen where that was kept.
fn answer(house: &House, hours: u32, allowed: bool, rules: &str, seen: Option<bool>) -> NewAnswer {
    let at = house.app.now().before(Span::hours(hours));
    let person = PersonId::new(fresh().unwrap());
    let asked = question(person);
    NewAnswer {
        decision: NewDecision {
            at: at.as_millis(),
            person: person.to_string(),
            device: None,
            resource: "sys_00000000000000000000000000".to_owned(),
            allowed,
            times: 3,
            question: serde_json::to_string(&asked).unwrap(),
            rules: rules.to_owned(),
            asker: None,
        },
        facts: seen.map(|built_in| NewFacts {
            facts: "{\"v\":3,\"b\":256,\"g\":\"C1I1A1\"}".to_owned(),
            built_in,
        }),
        excused: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_what_if_counts_what_would_have_been_another_answer() {
    let house = House::founded().await;
    let answers = [
        answer(&house, 5, true, "[]", Some(true)),
        answer(&house, 4, false, "[\"own.old\"]", Some(true)),
        answer(&house, 3, false, "[\"permit.telework\"]", Some(false)),
        answer(&house, 2, true, "[]", None),
        answer(&house, 1, false, "[\"rulebook.failed\"]", None),
        answer(&house, 24 * 40, true, "[]", Some(true)),
    ];
    house.app.observations().add_answers(&answers).unwrap();
    let app = house.app.clone();
    let run = move |text: &str, days| {
        let book = read_own_rules(text).unwrap().book;
        what_if(&app, &book, days, &mut |_, _| ())
            .unwrap()
            .unwrap()
            .report()
    };
    // The flag of being off-site alone is set: a rule about it forbids what was allowed.
    let off_site = "@id(\"own.off-site\") @ja(\"庁舎外は不可。\")\n\
        forbid (principal, action, resource) when { context.place.off_site };";
    let report = run(off_site, 28);
    assert_eq!((report.answers, report.replayed), (15, 9));
    assert_eq!((report.without_facts, report.failed), (3, 3));
    assert_eq!((report.refused.answers, report.refused.people), (3, 1));
    assert_eq!(report.refused.rules[0].id, "own.off-site");
    assert_eq!(report.refused.examples.len(), 1);
    assert_eq!(report.allowed.answers, 0);
    // Without rules what only an own rule refused is allowed; what a clause forbids stays.
    let report = run("", 92);
    assert_eq!((report.answers, report.refused.answers), (18, 0));
    assert_eq!(report.allowed.answers, 3);
    assert_eq!(report.allowed.rules[0].id, "own.old");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_kept_with_what_rules_could_see() {
    let house = House::founded().await;
    let person = PersonId::new(fresh().unwrap());
    let asked = question(person);
    denied(&house, &asked);
    denied(&house, &asked);
    let app = house.app.clone();
    tokio::task::spawn_blocking(move || app.keep_decisions().unwrap())
        .await
        .unwrap();
    let kept = house
        .app
        .observations()
        .answers_below(i64::MAX, 0, 10)
        .unwrap();
    let of_ours = kept
        .iter()
        .filter(|it| it.question.contains(&person.to_string()));
    let of_ours: Vec<_> = of_ours.collect();
    let times: u32 = of_ours.iter().map(|it| it.times).sum();
    assert_eq!(times, 2);
    assert_eq!(of_ours[0].built_in, Some(false));
    assert!(of_ours[0].facts.is_some());
}
