//! The results as lines of JSON.

use std::path::Path;

use sekisho_detect::discovery::{Catalogue, Client, Clients, Counts, Form, Skip, Used};
use sekisho_domain::time::Timestamp;
use serde_json::{Map, Value, json};

/// What one client used of one service on one day.
pub fn used(used: &Used, catalogue: &Catalogue, clients: &Clients) -> Value {
    let service = catalogue.service(used.service);
    let (client, user) = match &used.client {
        Client::Known { from, user } => (Some(from), user.as_ref()),
        // Too many to be told apart.
        Client::Others => (None, None),
    };
    let whose = clients.whose(&used.client);
    let named = |text: Option<&String>| text.filter(|text| !text.is_empty()).cloned();
    let at = |millis| Timestamp::from_millis(millis).to_rfc3339_jst();
    json!({
        "service": service.map(|it| it.id.as_str()),
        "name": service.map(|it| &it.name),
        "kind": service.map(|it| it.kind),
        "day": used.day.to_string(),
        "client": client,
        "user": user,
        "unit": named(whose.map(|it| &it.unit)),
        "person": named(whose.map(|it| &it.person)),
        "times": used.use_.times(),
        "bytes": used.use_.bytes,
        "first": at(used.use_.first),
        "last": at(used.use_.last),
    })
}

/// What was read of one log, from which byte to which.
pub fn summary(path: &Path, form: Form, counts: &Counts, place: (u64, u64)) -> Value {
    let skipped: Map<String, Value> = Skip::ALL
        .into_iter()
        .map(|why| (why.code().to_owned(), counts.skipped(why).into()))
        .collect();
    json!({
        "log": path.display().to_string(),
        "form": form,
        "from": place.0,
        "to": place.1,
        "lines": counts.lines,
        "other": counts.other,
        "foreign": counts.foreign,
        "lookups": counts.lookups,
        "matched": counts.matched,
        "backwards": counts.backwards,
        "skipped": skipped,
    })
}
