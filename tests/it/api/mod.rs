//! The API as programs use it: tokens, named requests, problems.

mod judged;
pub mod program;
mod walk;

use sekisho_tests::{Client, Sekisho, between, hidden};
use serde_json::{Value, json};

use program::{Program, code, id, officer, token};

#[test]
fn a_request_is_carried_out_once_however_often_it_is_sent() {
    let server = Sekisho::up();
    let mut first = server.found();
    let mut hiso = officer(&server, &mut first, "hana", "hiso");
    let secret = token(&mut hiso, "service", &["read", "organisation"]);
    let mut program = Program::new(&server, secret);
    let units = program.get("/api/v1/units", &[]).with_status(200).json();
    let top = id(&units["items"][0]);
    let path = "/api/v1/units";
    let unit = json!({ "parent": top, "name": { "ja": "一課" } });
    let once = program
        .named_command(path, &[], ("a", None), &unit)
        .with_status(201);
    let again = program
        .named_command(path, &[], ("a", None), &unit)
        .with_status(201);
    assert_eq!(again.body, once.body);
    assert_eq!(again.header("location"), once.header("location"));
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    let other = json!({ "parent": top, "name": { "ja": "二課" } });
    let reused = program.named_command(path, &[], ("a", None), &other);
    assert_eq!(
        (reused.status, code(&reused).as_str()),
        (422, "api.key-reused")
    );
    // A refusal is an answer too.
    let nowhere = json!({ "parent": "unt_00000000000000000000000000", "name": { "ja": "x" } });
    let refused = program.named_command(path, &[], ("b", None), &nowhere);
    let twice = program.named_command(path, &[], ("b", None), &nowhere);
    assert_eq!((twice.status, &twice.body), (refused.status, &refused.body));
    let units = program.get("/api/v1/units", &[]).with_status(200).json();
    assert_eq!(units["items"].as_array().map(Vec::len), Some(2), "{units}");
}

const UNITS: &str = "/api/v1/units";
const KIND: (&str, &str) = ("content-type", "application/json");
const NAMED: (&str, &str) = ("idempotency-key", "n");

/// A server, its head officer, and a program of theirs that reads.
fn reading() -> (Sekisho, Client, Program) {
    let server = Sekisho::up();
    let mut first = server.found();
    let mut hiso = officer(&server, &mut first, "hana", "hiso");
    let secret = token(&mut hiso, "post", &["read"]);
    let program = Program::new(&server, secret);
    (server, hiso, program)
}

/// What the requests of this file would change. The ledger's size would not do: the assessor goes on
/// recording beside them.
fn units(program: &mut Program) -> Value {
    program.get(UNITS, &[]).with_status(200).json()
}

/// Headers, body, and the status and code that come of them.
type Case<'a> = (&'a [(&'a str, &'a str)], &'a [u8], u16, &'a str);

#[test]
fn bad_requests_are_told_what_is_wrong_and_change_nothing() {
    let (_server, _, mut program) = reading();
    let before = units(&mut program);
    let deep = "[".repeat(1000);
    let large = vec![b' '; 300 * 1024];
    let text = ("content-type", "text/plain");
    let cases: [Case<'_>; 9] = [
        (&[NAMED], b"{}", 415, "api.content-type"),
        (&[text, NAMED], b"{}", 415, "api.content-type"),
        (&[KIND], b"{}", 400, "api.key-missing"),
        (&[KIND, NAMED, NAMED], b"{}", 400, "api.key-missing"),
        (
            &[KIND, ("idempotency-key", "a b")],
            b"{}",
            400,
            "api.key-form",
        ),
        (&[KIND, NAMED], b"{\"a\":", 400, "api.json"),
        (&[KIND, NAMED], deep.as_bytes(), 400, "api.json"),
        (&[KIND, NAMED], b"[]", 422, "api.fields"),
        (&[KIND, NAMED], &large, 413, "http.too-large"),
    ];
    for (headers, body, status, expected) in cases {
        let reply = program.ask("POST", (UNITS, &[]), headers, body);
        let found = (reply.status, code(&reply));
        assert_eq!(found, (status, expected.to_owned()), "{headers:?}");
    }
    // The scope is kept to, whatever the post may.
    let unit = json!({ "parent": id(&before["items"][0]), "name": { "ja": "<b>x</b>" } });
    let outside = program.command(UNITS, &[], None, &unit);
    assert_eq!(outside.status, 403);
    assert_eq!(code(&outside), "authorise.out-of-scope");
    // What no scope holds asks for no other token.
    let concerns = program.get("/api/v1/registers/{register}", &["concern"]);
    assert_eq!(concerns.status, 403);
    assert_eq!(code(&concerns), "api.console-only");
    assert_eq!(units(&mut program), before, "nothing was changed");
}

#[test]
fn who_may_do_it_is_told_where_the_gate_stays_shut() {
    let server = Sekisho::up();
    let mut first = server.found();
    let mut isso = officer(&server, &mut first, "isa", "isso");
    let secret = token(&mut isso, "post", &["read", "organisation"]);
    let mut program = Program::new(&server, secret);
    let units = program.get(UNITS, &[]).with_status(200).json();
    let unit = json!({ "parent": id(&units["items"][0]), "name": { "ja": "一課" } });
    let refused = program.command(UNITS, &[], None, &unit);
    assert_eq!(
        (refused.status, code(&refused).as_str()),
        (403, "authorise.no-authority")
    );
    let said = refused.json();
    let detail = said["detail"].as_str().unwrap_or_default();
    assert!(
        detail.contains("is for: ") && !detail.contains('…'),
        "{said}"
    );
}

#[test]
fn what_is_not_there_and_what_is_no_cursor_is_said() {
    let (_server, _, mut program) = reading();
    for (query, expected) in [
        ("limit=0", "api.limit"),
        ("limit=201", "api.limit"),
        ("limit=x", "api.limit"),
        ("after=x", "api.cursor"),
    ] {
        let reply = program.get(&format!("{UNITS}?{query}"), &[]);
        assert_eq!(
            (reply.status, code(&reply)),
            (400, expected.to_owned()),
            "{query}"
        );
    }
    for path in [
        "/api/v1/units/{id}",
        "/api/v1/registers/{register}",
        "/api/v1/permits/{id}",
    ] {
        program.get(path, &["nothing"]).with_status(404);
    }
}

#[test]
fn only_a_token_in_force_opens_and_a_browser_never_commands() {
    let (server, mut hiso, mut program) = reading();
    let secret = program.token.clone();
    let mut stranger = server.client();
    stranger.get(UNITS).with_status(401);
    let longer = format!("Bearer {secret}x");
    for bearer in ["Bearer", "Bearer sekisho_", "Basic eA==", &longer] {
        let reply = stranger.request("GET", UNITS, &[("authorization", bearer)], b"");
        let found = (reply.status, code(&reply));
        assert_eq!(found, (401, "api.token-unknown".to_owned()), "{bearer}");
        assert_eq!(reply.header("www-authenticate"), Some("Bearer"));
    }
    hiso.get(UNITS).with_status(200);
    let origin = format!("http://{}", server.address());
    let led = [KIND, NAMED, ("origin", origin.as_str())];
    let led = hiso.request("POST", UNITS, &led, b"{}");
    assert_eq!(
        (led.status, code(&led)),
        (401, "api.token-needed".to_owned())
    );
    // Revoked, it opens nothing any more; its text is on no page and in no log.
    let page = hiso.get("/tokens").with_status(200).text();
    assert!(!page.contains(&secret));
    let action = between(&page, "action=\"/tokens/", "\"").expect("a token");
    let csrf = hidden(&page, "csrf");
    let revoked = hiso.post_form(&format!("/tokens/{action}"), &[("csrf", &csrf)]);
    revoked.with_status(303);
    program.get(UNITS, &[]).with_status(401);
    assert!(!server.log().contains(&secret));
}
