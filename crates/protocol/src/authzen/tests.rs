use serde_json::{Value, json};

use super::*;

fn one(value: &Value) -> Result<Evaluation, Malformed> {
    Evaluation::parse(value.to_string().as_bytes())
}

fn many(value: &Value) -> Vec<Result<Evaluation, Malformed>> {
    match Evaluations::parse(value.to_string().as_bytes()).unwrap() {
        Evaluations::Many(_, list) => list,
        Evaluations::One(one) => panic!("one: {one:?}"),
    }
}

#[test]
fn what_is_required_is_missed_by_its_place() {
    let whole = json!({
        "subject": {"type": "user", "id": "alice"},
        "action": {"name": "read"},
        "resource": {"type": "record", "id": "1"},
    });
    assert!(one(&whole).is_ok());
    for (outer, inner) in [
        ("subject", None),
        ("action", None),
        ("resource", None),
        ("subject", Some("type")),
        ("subject", Some("id")),
        ("action", Some("name")),
        ("resource", Some("type")),
        ("resource", Some("id")),
    ] {
        let mut cut = whole.clone();
        let at = match inner {
            None => {
                cut.as_object_mut().unwrap().remove(outer);
                format!("/{outer}")
            }
            Some(inner) => {
                cut[outer].as_object_mut().unwrap().remove(inner);
                format!("/{outer}/{inner}")
            }
        };
        assert_eq!(one(&cut), Err(Malformed::new(&at, Flaw::Missing)));
    }
}

#[test]
fn what_has_another_form_is_malformed_and_what_nobody_knows_is_ignored() {
    for body in [
        "",
        "null",
        "[]",
        "{",
        r#"{"subject":"alice","action":{"name":"read"},"resource":{"type":"r","id":"1"}}"#,
        r#"{"subject":{"type":"u","id":"a"},"action":{"name":123},"resource":{"type":"r","id":"1"}}"#,
        r#"{"subject":{"type":"u","id":""},"action":{"name":"x"},"resource":{"type":"r","id":"1"}}"#,
        r#"{"subject":{"type":"u","id":"a","properties":3},"action":{"name":"x"},"resource":{"type":"r","id":"1"}}"#,
        r#"{"subject":{"type":"u","id":"a"},"subject":{"type":"u","id":"b"},"action":{"name":"x"},"resource":{"type":"r","id":"1"}}"#,
    ] {
        assert!(Evaluation::parse(body.as_bytes()).is_err(), "{body}");
    }
    let more = json!({
        "subject": {"type": "user", "id": "alice", "name": "x"},
        "action": {"name": "read"},
        "resource": {"type": "record", "id": "1"},
        "future": {"nested": true},
    });
    assert!(one(&more).is_ok());
    let long = "x".repeat(NAME_MAX + 1);
    let long =
        json!({"subject": {"type": "u", "id": long}, "action": {"name": "x"}, "resource": {}});
    assert_eq!(one(&long).unwrap_err().code(), "authzen.length");
}

#[test]
fn each_of_several_takes_what_it_lacks_from_the_request() {
    let list = many(&json!({
        "subject": {"type": "user", "id": "alice", "properties": {"role": "admin"}},
        "action": {"name": "write", "properties": {"soft": true}},
        "resource": {"type": "record", "properties": {"status": "active"}},
        "context": {"time": "now"},
        "evaluations": [
            {"resource": {"id": "1"}},
            {"resource": {"id": "2"}, "subject": {"id": "bob"}, "context": {}},
            {},
            3,
        ],
    }));
    let first = list[0].as_ref().unwrap();
    assert_eq!(
        (first.resource.kind.as_str(), first.resource.id.as_str()),
        ("record", "1")
    );
    // An object of its own stands in the place of the default: properties are not mixed.
    assert!(first.resource.properties.is_empty());
    assert_eq!(first.subject.properties["role"], "admin");
    assert_eq!(first.action.properties["soft"], true);
    assert_eq!(first.context["time"], "now");
    let second = list[1].as_ref().unwrap();
    assert_eq!(
        (second.subject.kind.as_str(), second.subject.id.as_str()),
        ("user", "bob")
    );
    assert!(second.subject.properties.is_empty() && second.context.is_empty());
    assert_eq!(list[2].as_ref().unwrap_err().at, "/resource/id");
    assert_eq!(list[3].as_ref().unwrap_err().code(), "authzen.form");
}

#[test]
fn what_is_said_once_for_all_of_them_is_kept_once() {
    let large = json!({"a": vec![0; 200_000]});
    let request = json!({
        "subject": {"type": "user", "id": "alice", "properties": large},
        "action": {"name": "write", "properties": large},
        "resource": {"type": "record", "id": "1", "properties": large},
        "context": large,
        "evaluations": vec![json!({}); EVALUATIONS_MAX],
    });
    let list = many(&request);
    assert_eq!(list.len(), EVALUATIONS_MAX);
    let said = |at: usize| {
        let it = list[at].as_ref().unwrap();
        [
            &it.subject.properties,
            &it.action.properties,
            &it.resource.properties,
            &it.context,
        ]
    };
    for at in 0..list.len() {
        for (one, first) in said(at).into_iter().zip(said(0)) {
            assert!(std::ptr::eq(&**one, &**first), "{at}");
            assert_eq!(one["a"].as_array().map(Vec::len), Some(200_000));
        }
    }
}

#[test]
fn a_list_never_stands_for_an_object() {
    let whole = json!({
        "subject": {"type": "user", "id": "alice"},
        "action": {"name": "read"},
        "resource": {"type": "record", "id": "1"},
        "page": {"token": "", "limit": 1},
    });
    let (entity, named) = (json!(["user", "alice", null]), json!(["read", null]));
    let action = json!({"name": "read"});
    let resource = &whole["resource"];
    let request = json!([whole["subject"], action, resource, null, null, null, null]);
    assert_eq!(one(&request).unwrap_err().code(), "authzen.form");
    for (at, list) in [
        ("subject", &entity),
        ("resource", &entity),
        ("action", &named),
        ("page", &json!(["", 1])),
    ] {
        let mut request = whole.clone();
        request[at] = list.clone();
        assert_eq!(one(&request).unwrap_err().code(), "authzen.form", "{at}");
        let body = request.to_string();
        let search = ActionSearch::parse(body.as_bytes());
        assert_eq!(search.unwrap_err().code(), "authzen.form", "{at}");
    }
    // Nor does one among several.
    let mut request = whole.clone();
    request["evaluations"] = json!([[entity, named, entity, null, null, null, null], {}]);
    let list = many(&request);
    assert_eq!(list[0].as_ref().unwrap_err().code(), "authzen.form");
    assert!(list[1].is_ok());
}

#[test]
fn without_a_list_it_is_one_question() {
    for list in [None, Some(json!([]))] {
        let mut request = json!({
            "subject": {"type": "user", "id": "alice"},
            "action": {"name": "read"},
            "resource": {"type": "record", "id": "1"},
        });
        if let Some(list) = list {
            request["evaluations"] = list;
        }
        let read = Evaluations::parse(request.to_string().as_bytes()).unwrap();
        assert!(matches!(read, Evaluations::One(_)));
    }
    let many = vec![json!({}); EVALUATIONS_MAX + 1];
    let many = json!({"evaluations": many}).to_string();
    assert_eq!(
        Evaluations::parse(many.as_bytes()).unwrap_err().code(),
        "authzen.too-many"
    );
}

#[test]
fn the_three_semantics_and_nothing_else() {
    let with = |said: Value| {
        let request = json!({"options": {"evaluations_semantic": said}, "evaluations": [{}]});
        Evaluations::parse(request.to_string().as_bytes())
    };
    for semantic in Semantic::ALL {
        let read = with(json!(semantic.code())).unwrap();
        assert!(matches!(read, Evaluations::Many(it, _) if it == semantic));
    }
    for wrong in [json!("all"), json!(1), Value::Null] {
        assert_eq!(with(wrong).unwrap_err().code(), "authzen.unknown-value");
    }
    assert!(
        Semantic::DenyOnFirstDeny.ends_with(false) && !Semantic::DenyOnFirstDeny.ends_with(true)
    );
    assert!(Semantic::PermitOnFirstPermit.ends_with(true));
}

#[test]
fn searches_need_all_but_what_is_sought() {
    let request = json!({
        "subject": {"type": "user"},
        "action": {"name": "read"},
        "resource": {"type": "record", "id": "1"},
        "page": {"limit": 0, "token": ""},
    });
    let body = request.to_string();
    let search = SubjectSearch::parse(body.as_bytes()).unwrap();
    assert_eq!(
        search.page,
        Page {
            token: None,
            limit: 1
        }
    );
    assert_eq!(
        ResourceSearch::parse(body.as_bytes()).unwrap_err().at,
        "/subject/id"
    );
    assert_eq!(
        ActionSearch::parse(body.as_bytes()).unwrap_err().at,
        "/subject/id"
    );
    let body = r#"{"subject":{"type":"u"},"resource":{"type":"r","id":"1"}}"#;
    assert_eq!(
        SubjectSearch::parse(body.as_bytes()).unwrap_err().at,
        "/action"
    );
    let body =
        r#"{"subject":{"type":"u","id":"a"},"resource":{"type":"r","id":"1"},"page":{"limit":-1}}"#;
    assert_eq!(
        ActionSearch::parse(body.as_bytes()).unwrap_err().code(),
        "authzen.form"
    );
}
