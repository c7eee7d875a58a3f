//! Units, posts, people and appointments: made, read, changed, ended.

use serde_json::{Value, json};

use super::Pair;
use crate::api::program::{id, in_days};

const UNITS: &str = "/api/v1/units";
const UNIT: &str = "/api/v1/units/{id}";
const POSTS: &str = "/api/v1/posts";
const POST: &str = "/api/v1/posts/{id}";
const PEOPLE: &str = "/api/v1/people";
const PERSON: &str = "/api/v1/people/{id}";
const APPOINTMENTS: &str = "/api/v1/appointments";

/// What the walk has made.
pub struct Made {
    /// The post of a section officer, and who holds it.
    pub chief: String,
    pub chief_is: String,
    /// Another post of such an officer, and somebody without a post.
    pub other: String,
    pub somebody: String,
}

pub fn walk(pair: &mut Pair) -> Made {
    let units = pair.read(UNITS, &[]);
    let top = id(&units["items"][0]);
    let unit = json!({ "parent": top, "name": { "ja": "総務課", "en": "General Affairs" } });
    let unit = id(&pair.command(UNITS, &[], &unit));
    let chief = post(pair, &unit, "総務課長");
    let other = post(pair, &top, "審議官");
    pair.read(POSTS, &[]);
    let chief_is = person(pair, &unit, "山本 八重");
    let somebody = person(pair, &unit, "川崎 尚之助");
    pair.read(PEOPLE, &[]);
    let appointment = json!({ "person": chief_is, "post": chief });
    let appointment = id(&pair.command(APPOINTMENTS, &[], &appointment));
    pair.read(APPOINTMENTS, &[]);
    pair.read("/api/v1/appointments/{id}", &[&appointment]);
    let end = json!({ "until": in_days(30) });
    pair.command("/api/v1/appointments/{id}/end", &[&appointment], &end);
    units_change(pair, &top, &unit);
    posts_change(pair, &unit);
    people_change(pair, &unit);
    Made {
        chief,
        chief_is,
        other,
        somebody,
    }
}

fn post(pair: &mut Pair, unit: &str, title: &str) -> String {
    let post = json!({ "unit": unit, "title": { "ja": title }, "roles": ["diso"] });
    id(&pair.command(POSTS, &[], &post))
}

fn person(pair: &mut Pair, unit: &str, name: &str) -> String {
    let person = json!({
        "unit": unit,
        "name": { "ja": name, "kana": "カナ" },
        "mail": "someone@example.go.jp",
    });
    id(&pair.command(PEOPLE, &[], &person))
}

/// Refused at a member of the body.
fn refused(pair: &mut Pair, path: &str, thing: &str, body: &Value, code: &str, pointer: &str) {
    let reply = pair.may.command(path, &[thing], Some("*"), body);
    let said = reply.json();
    assert_eq!((reply.status, &said["code"]), (409, &json!(code)), "{path}");
    assert_eq!(said["errors"][0]["pointer"], pointer, "{path}: {said}");
}

fn units_change(pair: &mut Pair, top: &str, unit: &str) {
    let other = json!({ "parent": top, "name": { "ja": "企画課" } });
    let other = id(&pair.command(UNITS, &[], &other));
    let rename = format!("{UNIT}/rename");
    let seen = pair.reading(UNIT, &[&other]);
    let name = json!({ "name": { "ja": "企画調整課" }, "from": in_days(3) });
    let seen = pair.change(&rename, &[&other], &seen, &name);
    let shown = seen.json();
    assert_eq!(shown["name"]["ja"], "企画課");
    assert_eq!(shown["will_be_renamed"][0]["name"]["ja"], "企画調整課");
    let past = json!({ "name": { "ja": "企画室" }, "from": in_days(-3) });
    let code = "unit.change-in-past";
    refused(pair, &rename, &other, &past, code, "/from");
    let moving = format!("{UNIT}/move");
    let below = json!({ "parent": unit });
    let seen = pair.change(&moving, &[&other], &seen, &below);
    let circle = json!({ "parent": other });
    refused(pair, &moving, unit, &circle, "unit.cycle", "/parent");
    let abolish = format!("{UNIT}/abolish");
    let alone = json!({ "until": in_days(9), "heirs": [] });
    refused(pair, &abolish, &other, &alone, "unit.no-heir", "/heirs");
    let end = json!({ "until": in_days(9), "heirs": [unit] });
    let seen = pair.change(&abolish, &[&other], &seen, &end).json();
    assert_eq!(seen["heirs"], json!([unit]));
    assert!(seen["valid"]["until"].is_string(), "{seen}");
}

fn posts_change(pair: &mut Pair, unit: &str) {
    let one = post(pair, unit, "係長");
    let seen = pair.reading(POST, &[&one]);
    let change = json!({ "title": { "ja": "総括係長" }, "roles": ["staff"] });
    let seen = pair.change(&format!("{POST}/change"), &[&one], &seen, &change);
    assert_eq!(seen.json()["title"]["ja"], "総括係長");
    assert_eq!(seen.json()["unit"], *unit, "what is not named stays");
    let end = json!({ "until": in_days(9) });
    let seen = pair.change(&format!("{POST}/abolish"), &[&one], &seen, &end);
    assert!(seen.json()["until"].is_string());
}

fn people_change(pair: &mut Pair, unit: &str) {
    let one = person(pair, unit, "新島 七五三太");
    let seen = pair.reading(PERSON, &[&one]);
    let change = json!({ "name": { "ja": "新島 襄" }, "mail": null });
    let changing = format!("{PERSON}/change");
    let seen = pair.change(&changing, &[&one], &seen, &change);
    let shown = seen.json();
    assert_eq!(
        (&shown["name"]["ja"], &shown["mail"]),
        (&json!("新島 襄"), &Value::Null)
    );
    let bad = json!({ "mail": "@" });
    let bad = pair.may.command(&changing, &[&one], Some("*"), &bad);
    assert_eq!(
        (bad.status, &bad.json()["errors"][0]["pointer"]),
        (422, &json!("/mail"))
    );
    let nothing = pair.may.command(&changing, &[&one], Some("*"), &json!({}));
    assert_eq!(
        (nothing.status, &nothing.json()["code"]),
        (409, &json!("person.unchanged"))
    );
    let seen = pair.change(&format!("{PERSON}/leave"), &[&one], &seen, &json!({}));
    assert_eq!(seen.json()["here"], false);
    let back = json!({ "unit": unit });
    let seen = pair.change(&format!("{PERSON}/return"), &[&one], &seen, &back);
    assert_eq!(seen.json()["here"], true);
}
