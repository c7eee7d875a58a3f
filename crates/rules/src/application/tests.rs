use super::*;

const SCHEMA: &str =
    include_str!("../../../../fixtures/authzen/applications/certification/schema.cedarschema");
const POLICIES: &str =
    include_str!("../../../../fixtures/authzen/applications/certification/policies.cedar");
const ENTITIES: &str =
    include_str!("../../../../fixtures/authzen/applications/certification/entities.json");

fn load(schema: &str, policies: &str, entities: &str) -> Result<Application, ApplicationError> {
    Application::load(&Source {
        schema,
        policies,
        entities,
    })
}

fn ask(application: &Application, question: &Value) -> Ruling {
    let nothing = serde_json::Map::new();
    let properties = |it: &str| {
        question[it]["properties"]
            .as_object()
            .cloned()
            .unwrap_or_default()
    };
    let (subject, action, resource) = (
        properties("subject"),
        properties("action"),
        properties("resource"),
    );
    let text =
        |it: &str, member: &str| question[it][member].as_str().unwrap_or_default().to_owned();
    application.ask(&Asked {
        subject: Named {
            kind: &text("subject", "type"),
            id: &text("subject", "id"),
            properties: &subject,
        },
        action: Said {
            name: &text("action", "name"),
            properties: &action,
        },
        resource: Named {
            kind: &text("resource", "type"),
            id: &text("resource", "id"),
            properties: &resource,
        },
        context: question["context"].as_object().unwrap_or(&nothing),
    })
}

fn question(subject: &str, action: &str, resource: &str) -> Value {
    json!({
        "subject": {"type": "user", "id": subject},
        "action": {"name": action},
        "resource": {"type": "record", "id": resource},
    })
}

#[test]
fn what_nothing_permits_is_denied_and_what_is_not_named_is_not_looked_at() {
    let application = load(SCHEMA, POLICIES, ENTITIES).unwrap();
    assert_eq!(application.namespace(), "Certification");
    let mut allowed = question("alice", "read", "record-1");
    assert!(ask(&application, &allowed).is_allowed());
    allowed["subject"]["properties"] = json!({"department": 3, "role": "manager"});
    allowed["action"]["properties"] = json!({"method": "GET"});
    allowed["context"] = json!({"ip": "192.0.2.1", "action": "forged"});
    assert!(ask(&application, &allowed).is_allowed());
    assert_eq!(
        ask(&application, &question("bob", "write", "record-1")),
        Ruling::Deny(Vec::new())
    );
    assert_eq!(
        ask(&application, &question("alice", "fly", "record-1")),
        Ruling::Unknown(Unknown::Action)
    );
    let mut unknown = allowed.clone();
    unknown["subject"]["type"] = json!("spaceship");
    assert_eq!(ask(&application, &unknown), Ruling::Unknown(Unknown::Type));
}

#[test]
fn properties_count_where_nothing_else_was_loaded() {
    let application = load(SCHEMA, POLICIES, ENTITIES).unwrap();
    let mut soft = question("alice", "delete", "record-1");
    for (value, expected) in [(json!(true), true), (json!(false), false)] {
        soft["action"]["properties"] = json!({"soft": value});
        assert_eq!(ask(&application, &soft).is_allowed(), expected);
    }
    soft["action"]["properties"] = json!({"soft": "yes"});
    assert!(matches!(ask(&application, &soft), Ruling::Misfit(_)));
    // An entity that nobody loaded is what the question says it is.
    let mut new = question("carol", "write", "record-9");
    new["subject"]["properties"] = json!({"role": "admin"});
    assert!(!ask(&application, &new).is_allowed());
    new["resource"]["properties"] = json!({"status": "archived"});
    assert!(ask(&application, &new).is_allowed());
    // One that was loaded is not: nobody makes himself an officer, or a record another.
    let mut forged = question("alice", "write", "record-2");
    forged["resource"]["properties"] = json!({"status": "active"});
    assert!(!ask(&application, &forged).is_allowed());
}

#[test]
fn a_policy_that_cannot_be_evaluated_denies() {
    let policies = r#"
        permit (principal, action, resource);
        @id("overflows") forbid (principal, action, resource)
        when { resource has size && resource.size * 9223372036854775807 < 0 };
    "#;
    let schema = "namespace A { entity user; entity thing = { size?: Long };
        action use appliesTo { principal: [user], resource: [thing] }; }";
    let application = load(schema, policies, "[]").unwrap();
    let mut asked = json!({
        "subject": {"type": "user", "id": "a"},
        "action": {"name": "use"},
        "resource": {"type": "thing", "id": "b", "properties": {"size": 1}},
    });
    assert!(ask(&application, &asked).is_allowed());
    asked["resource"]["properties"]["size"] = json!(2);
    assert!(matches!(ask(&application, &asked), Ruling::Failed(_)));
}

#[test]
fn records_of_common_types_are_followed() {
    let schema = "namespace A { type Where = { floor: Long, more?: { room?: String } };
        entity user; entity door = { place: Where };
        action open appliesTo { principal: [user], resource: [door], context: { at?: Where } }; }";
    let policies = "permit (principal, action, resource)
        when { resource.place.floor == 2 && context has at && context.at.floor == 2 };";
    let application = load(schema, policies, "[]").unwrap();
    let place = json!({"floor": 2, "colour": "red", "more": {"room": "a", "x": 1}});
    let asked = json!({
        "subject": {"type": "user", "id": "a"},
        "action": {"name": "open"},
        "resource": {"type": "door", "id": "b", "properties": {"place": place.clone(), "x": 1}},
        "context": {"at": place, "y": []},
    });
    assert!(
        ask(&application, &asked).is_allowed(),
        "{:?}",
        ask(&application, &asked)
    );
    let mut bare = asked;
    bare["resource"]["properties"] = json!({});
    assert!(matches!(ask(&application, &bare), Ruling::Misfit(_)));
}

#[test]
fn an_application_that_does_not_hold_is_not_taken() {
    let code = |schema: &str, policies: &str, entities: &str| {
        load(schema, policies, entities).unwrap_err().code()
    };
    assert_eq!(code("namespace {", "", "[]"), "application.invalid");
    assert_eq!(code("entity user;", "", "[]"), "application.namespace");
    assert_eq!(
        code(SCHEMA, "permit (principal, action, resource", "[]"),
        "application.invalid"
    );
    let misspelt = "permit (principal, action == Certification::Action::\"red\", resource);";
    assert_eq!(code(SCHEMA, misspelt, "[]"), "application.invalid");
    let untyped = "permit (principal, action, resource) when { principal.role == 3 };";
    assert_eq!(code(SCHEMA, untyped, "[]"), "application.invalid");
    let wrong = ENTITIES.replace("\"archived\"", "7");
    assert_eq!(code(SCHEMA, POLICIES, &wrong), "application.invalid");
    let twice = format!("{POLICIES}\n{POLICIES}");
    assert_eq!(code(SCHEMA, &twice, "[]"), "application.policy-twice");
    let long = " ".repeat(TEXT_MAX + 1);
    assert_eq!(code(SCHEMA, &long, "[]"), "application.too-much");
}

#[test]
fn no_application_takes_what_is_another_s() {
    let one = || load(SCHEMA, POLICIES, ENTITIES).unwrap();
    let clash = |other: &str| {
        let other = load(other, "", "[]").unwrap();
        Applications::new(vec![one(), other]).unwrap_err().code()
    };
    assert_eq!(
        Applications::new(vec![one(), one()]).unwrap_err().code(),
        "application.twice"
    );
    let schema = |kind: &str| {
        format!(
            "namespace B {{ entity user; entity {kind};
            action use appliesTo {{ principal: [user], resource: [{kind}] }}; }}"
        )
    };
    assert_eq!(clash(&schema("record")), "application.type-taken");
    assert_eq!(clash(&schema("system")), "application.type-taken");
    let whole = Applications::new(vec![one(), load(&schema("note"), "", "[]").unwrap()]).unwrap();
    assert_eq!(
        whole.of_resource_type("note").map(Application::namespace),
        Some("B")
    );
    assert!(whole.of_resource_type("system").is_none());
}

#[test]
fn searches_name_what_was_loaded_in_order() {
    let application = load(SCHEMA, POLICIES, ENTITIES).unwrap();
    let nothing = serde_json::Map::new();
    let named = |kind, id| Named {
        kind,
        id,
        properties: &nothing,
    };
    let asked = |action| Asked {
        subject: named("user", "bob"),
        action: Said {
            name: action,
            properties: &nothing,
        },
        resource: named("record", "record-2"),
        context: &nothing,
    };
    let all = |it: &mut dyn Iterator<Item = String>| it.collect::<Vec<_>>();
    let (read, write) = (asked("read"), asked("write"));
    assert_eq!(
        all(&mut application.subjects("user", None, &read)),
        ["alice", "bob"]
    );
    assert_eq!(
        all(&mut application.subjects("user", Some("alice"), &read)),
        ["bob"]
    );
    assert_eq!(
        all(&mut application.subjects("user", None, &write)),
        ["bob"]
    );
    assert_eq!(
        all(&mut application.subjects("spaceship", None, &write)),
        [""; 0]
    );
    assert_eq!(
        all(&mut application.resources("record", None, &write)),
        ["record-2"]
    );
    assert_eq!(
        all(&mut application.actions(None, &read)),
        ["read", "write"]
    );
}
