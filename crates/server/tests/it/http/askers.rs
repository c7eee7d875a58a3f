//! Who asks the decision point: the token is kept with the answer, and the register names it as what stands
//! before a system.

use axum::body::Body;
use axum::http::{StatusCode, header};
use sekisho_domain::access::Asker;
use sekisho_domain::actor::Actor;
use sekisho_domain::command::{Command, RegisterCommand};
use sekisho_domain::field::Value;
use sekisho_domain::register::{Register, System};
use serde_json::json;

use super::permit_section::{Section, send};

const LABEL: &str = "文書管理のプロキシ";

/// A program that may ask: the secret of its token.
pub async fn issued(section: &Section) -> String {
    issued_for(section, "scope_access").await
}

/// One that may do what a scope allows.
pub async fn issued_for(section: &Section, scope: &str) -> String {
    let mut hiso = section.house.signed_in(section.hiso.1);
    let post = section.post(section.hiso);
    let fields = [
        ("label", LABEL),
        ("post", post.as_str()),
        ("holder", "service"),
        ("last_day", "2026-12-20"),
        (scope, "yes"),
    ];
    let page = send(&mut hiso, "/tokens", &fields).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    let text = page.text();
    let (_, rest) = text.split_once("class=\"secret\">").expect("a secret");
    rest.split('<').next().unwrap().to_owned()
}

/// The officer names the token in the entry of the system.
async fn named(section: &Section, token: &str) {
    let id = section.entry(Register::System);
    let mut values = {
        let world = section.house.app.world();
        world.registers.entry(id).unwrap().particulars.values()
    };
    let tokens = Value::Many(vec![token.to_owned()]);
    values.insert("asking_tokens".to_owned(), tokens);
    let change = RegisterCommand::Change {
        id,
        unit: None,
        particulars: Register::System.read(&values).unwrap(),
        remark: None,
        expected: None,
    };
    let command = Command::Register(Box::new(change));
    let actor = Actor::person(section.isso.0);
    section.house.app.command(actor, command).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_kept_with_its_token_and_the_register_names_the_token() {
    let section = Section::new().await;
    let house = &section.house;
    let secret = issued(&section).await;
    let token = *house.app.world().tokens.keys().next().unwrap();
    let system = section.entry(Register::System);
    let question = json!({
        "subject": {
            "type": "person",
            "id": section.staff.0.to_string(),
            "properties": { "device": section.issued.to_string() },
        },
        "action": { "name": "reach" },
        "resource": { "type": "system", "id": system.to_string() },
    });
    let request = house
        .browser()
        .request("POST", "/access/v1/evaluation")
        .header(header::AUTHORIZATION, format!("Bearer {secret}"))
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(question.to_string()))
        .unwrap();
    let answer = house.send(request).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let app = house.app.clone();
    let kept = tokio::task::spawn_blocking(move || {
        app.keep_decisions().unwrap();
        app.observations().asked_about(0).unwrap()
    });
    let kept = kept.await.unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].resource, system.to_string());
    assert_eq!(kept[0].asker, Some(token.to_string()));
    // The form offers it by its label, and the entry says it.
    let path = format!("/registers/system/{system}");
    let mut isso = house.signed_in(section.isso.1);
    let form = isso.get(&format!("{path}/change")).await.text();
    assert!(form.contains(LABEL) && form.contains(&token.to_string()));
    assert!(!isso.get(&path).await.text().contains(LABEL));
    named(&section, &token.to_string()).await;
    assert!(isso.get(&path).await.text().contains(LABEL));
    let world = house.app.world();
    let entry = world.registers.nouns::<System>().next().unwrap().1;
    assert!(entry.names(Asker::Token(token)));
}
