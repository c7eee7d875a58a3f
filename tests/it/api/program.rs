//! Programs with a token, and how an officer issues one.

use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use sekisho_tests::{Client, PASSWORD, Reply, Sekisho, between, hidden};
use serde_json::{Map, Value, json};

/// Sends a form of the organisation's page.
pub fn organise(officer: &mut Client, path: &str, fields: &[(&str, &str)]) -> String {
    let page = officer.get("/organisation").with_status(200).text();
    let csrf = hidden(&page, "csrf");
    let mut all = vec![("csrf", csrf.as_str())];
    all.extend_from_slice(fields);
    let reply = officer.post_form(&format!("/organisation/{path}"), &all);
    assert!(reply.status < 400, "{path}: {}", reply.text());
    reply.text()
}

/// The value of the last choice of a select whose label holds a text.
pub fn choice(page: &str, name: &str, label: &str) -> String {
    let select = between(page, &format!("name=\"{name}\""), "</select>").expect("a select");
    let mut options = select.split("<option value=\"").skip(1);
    let found = options.find(|it| it.contains(label)).expect("a choice");
    found.split('"').next().expect("a value").to_owned()
}

/// An officer in a post of the root unit, signed in.
pub fn officer(server: &Sekisho, first: &mut Client, login: &str, role: &str) -> Client {
    let page = first.get("/organisation").with_status(200).text();
    let unit = choice(&page, "post_unit", "試験省");
    let (name, title) = (format!("担当 {login}"), format!("{login}の官職"));
    let person = [
        ("person_unit", unit.as_str()),
        ("name_ja", &name),
        ("login", login),
    ];
    let handed = organise(first, "people", &person);
    let link = between(&handed, "class=\"secret\">", "<")
        .expect("a link")
        .to_owned();
    let post = [
        ("post_unit", unit.as_str()),
        ("title_ja", &title),
        ("role", role),
    ];
    organise(first, "posts", &post);
    let page = first.get("/organisation").with_status(200).text();
    let (person, to) = (
        choice(&page, "person", &name),
        choice(&page, "post", &title),
    );
    organise(first, "appointments", &[("person", &person), ("post", &to)]);
    let mut client = server.client();
    let csrf = hidden(&client.get(&link).with_status(200).text(), "csrf");
    let password = [
        ("csrf", csrf.as_str()),
        ("password", PASSWORD),
        ("password_again", PASSWORD),
    ];
    client.post_form(&link, &password).with_status(303);
    client
}

/// Issues a token on its page.
pub fn token(officer: &mut Client, holder: &str, scopes: &[&str]) -> String {
    let page = officer.get("/tokens").with_status(200).text();
    let csrf = hidden(&page, "csrf");
    let post = choice(&page, "post", "の官職");
    let last_day = between(&page, "name=\"last_day\" type=\"date\" value=\"", "\"");
    let last_day = last_day.expect("a day").to_owned();
    let scopes: Vec<String> = scopes
        .iter()
        .map(|scope| format!("scope_{scope}"))
        .collect();
    let mut fields = vec![
        ("csrf", csrf.as_str()),
        ("label", "試験の連携"),
        ("post", &post),
        ("holder", holder),
        ("last_day", &last_day),
    ];
    fields.extend(scopes.iter().map(|scope| (scope.as_str(), "yes")));
    let page = officer
        .post_form("/tokens", &fields)
        .with_status(200)
        .text();
    let secret = between(&page, "class=\"secret\">", "<").expect("a secret");
    assert!(secret.starts_with("sekisho_"), "{secret}");
    secret.to_owned()
}

/// What was asked and answered, as the judge of the API's document reads it.
fn exchange(
    method: &str,
    path: &str,
    (headers, body): (&[(&str, &str)], &[u8]),
    reply: &Reply,
) -> Value {
    let (template, query) = path.split_once('?').unwrap_or((path, ""));
    let sent: Map<String, Value> = headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), json!(value)))
        .collect();
    let query: Map<String, Value> = query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.to_owned(), json!(value)))
        .collect();
    let names: Vec<&str> = reply
        .headers
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    let answer = serde_json::from_slice::<Value>(&reply.body);
    json!({
        "method": method,
        "path": template,
        "query": query,
        "sent_headers": sent,
        "sent_kind": sent.get("content-type"),
        "sent": serde_json::from_slice::<Value>(body).unwrap_or_default(),
        "status": reply.status,
        "headers": names,
        "kind": reply.header("content-type").unwrap_or_default(),
        "body": answer.unwrap_or_else(|_| match reply.text() {
            text if text.is_empty() => Value::Null,
            text => Value::String(text),
        }),
    })
}

/// A program with its token, and what it has exchanged.
pub struct Program {
    client: Client,
    pub token: String,
    named: u32,
    pub exchanges: Vec<Value>,
}

impl Program {
    pub fn new(server: &Sekisho, token: String) -> Self {
        Self {
            client: server.client().reading("en"),
            token,
            named: 0,
            exchanges: Vec::new(),
        }
    }

    pub fn ask(
        &mut self,
        method: &str,
        (path, ids): (&str, &[&str]),
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Reply {
        let mut filled = path.split('?').next().unwrap_or_default().to_owned();
        for id in ids {
            let (before, rest) = filled.split_once('{').expect("a parameter");
            let (_, after) = rest.split_once('}').expect("a parameter");
            filled = format!("{before}{id}{after}");
        }
        let query = path
            .split_once('?')
            .map_or(String::new(), |(_, query)| format!("?{query}"));
        let bearer = format!("Bearer {}", self.token);
        let mut all = vec![("authorization", bearer.as_str())];
        all.extend_from_slice(headers);
        let reply = self
            .client
            .request(method, &format!("{filled}{query}"), &all, body);
        self.exchanges
            .push(exchange(method, path, (headers, body), &reply));
        reply
    }

    pub fn get(&mut self, path: &str, ids: &[&str]) -> Reply {
        self.ask("GET", (path, ids), &[], b"")
    }

    /// A command under a name of its own.
    pub fn command(
        &mut self,
        path: &str,
        ids: &[&str],
        version: Option<&str>,
        body: &Value,
    ) -> Reply {
        self.named += 1;
        let name = format!("request-{}", self.named);
        self.named_command(path, ids, (&name, version), body)
    }

    pub fn named_command(
        &mut self,
        path: &str,
        ids: &[&str],
        (name, version): (&str, Option<&str>),
        body: &Value,
    ) -> Reply {
        let mut headers = vec![
            ("content-type", "application/json"),
            ("idempotency-key", name),
        ];
        headers.extend(version.map(|version| ("if-match", version)));
        self.ask("POST", (path, ids), &headers, body.to_string().as_bytes())
    }
}

pub fn code(reply: &Reply) -> String {
    let body: Value = serde_json::from_slice(&reply.body).expect("a problem");
    assert_eq!(
        reply.header("content-type"),
        Some("application/problem+json")
    );
    assert_eq!(body["status"], reply.status, "{body}");
    body["code"].as_str().unwrap_or_default().to_owned()
}

pub fn id(value: &Value) -> String {
    value["id"].as_str().expect("an id").to_owned()
}

/// So many days from now, at the second.
pub fn in_days(days: i64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.expect("after 1970").as_secs().cast_signed();
    let then = Timestamp::from_second(now + days * 24 * 60 * 60);
    then.expect("an instant").to_string()
}
