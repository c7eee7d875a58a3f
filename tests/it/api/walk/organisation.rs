//! Units, posts, people and appointments.

use serde_json::json;

use super::{Pair, in_days};
use crate::api::program::id;

const UNITS: &str = "/api/v1/units";
const POSTS: &str = "/api/v1/posts";
const PEOPLE: &str = "/api/v1/people";
const APPOINTMENTS: &str = "/api/v1/appointments";

pub fn walk(pair: &mut Pair) {
    let units = pair.read(UNITS, &[]);
    let top = id(&units["items"][0]);
    let unit = pair.command(
        UNITS,
        &[],
        &json!({ "parent": top, "name": { "ja": "総務課", "en": "General Affairs" } }),
    );
    let unit = id(&unit);
    pair.read("/api/v1/units/{id}", &[&unit]);
    let post = json!({ "unit": unit, "title": { "ja": "総務課長" }, "roles": ["diso"] });
    let post = id(&pair.command(POSTS, &[], &post));
    pair.read(POSTS, &[]);
    let person = json!({
        "unit": unit,
        "name": { "ja": "山本 八重", "kana": "ヤマモト ヤエ" },
        "mail": "yae@example.go.jp",
    });
    let person = id(&pair.command(PEOPLE, &[], &person));
    pair.read(PEOPLE, &[]);
    pair.read("/api/v1/people/{id}", &[&person]);
    let appointment = json!({ "person": person, "post": post });
    let appointment = id(&pair.command(APPOINTMENTS, &[], &appointment));
    pair.read(APPOINTMENTS, &[]);
    let end = json!({ "until": in_days(30) });
    pair.command("/api/v1/appointments/{id}/end", &[&appointment], &end);
}
