//! The forms of the console, filled in as a person does.

use std::time::{SystemTime, UNIX_EPOCH};

use sekisho_tests::{Client, PASSWORD, Sekisho, between, hidden};

/// Sends a form with this visitor's token. Returns where it leads.
pub fn send(client: &mut Client, path: &str, fields: &[(&str, &str)]) -> String {
    let csrf = hidden(&client.get("/account").with_status(200).text(), "csrf");
    let mut all = vec![("csrf", csrf.as_str())];
    all.extend_from_slice(fields);
    let reply = client.post_form(path, &all);
    assert!(
        reply.status < 400,
        "{path}: {} {}",
        reply.status,
        reply.text()
    );
    match reply.header("location") {
        Some(location) => location.to_owned(),
        None => reply.text(),
    }
}

/// The value of the choice of a select, by a part of its label.
pub fn choice(page: &str, name: &str, label: &str) -> String {
    let select = between(page, &format!("name=\"{name}\""), "</select>").expect("a select");
    let mut options = select.split("<option value=\"").skip(1);
    let found = options.find(|it| it.contains(label));
    let found = found.unwrap_or_else(|| panic!("no {label} in {select}"));
    found.split('"').next().expect("a value").to_owned()
}

/// A person with an account and a post, signed in.
pub fn person(
    server: &Sekisho,
    hiso: &mut Client,
    (name, login, role): (&str, &str, &str),
) -> Client {
    let page = hiso.get("/organisation").with_status(200).text();
    let unit = choice(&page, "post_unit", "試験省");
    let fields = [
        ("person_unit", unit.as_str()),
        ("name_ja", name),
        ("login", login),
    ];
    let handed = send(hiso, "/organisation/people", &fields);
    let link = between(&handed, "class=\"secret\">", "<")
        .expect("a link")
        .to_owned();
    let title = format!("{name}の職");
    let fields = [
        ("post_unit", unit.as_str()),
        ("title_ja", &title),
        ("role", role),
    ];
    send(hiso, "/organisation/posts", &fields);
    let page = hiso.get("/organisation").with_status(200).text();
    let (who, post) = (choice(&page, "person", name), choice(&page, "post", &title));
    let fields = [("person", who.as_str()), ("post", &post)];
    send(hiso, "/organisation/appointments", &fields);
    let link = link.find("/link/").map_or("", |at| &link[at..]);
    let mut client = server.client();
    let csrf = hidden(&client.get(link).with_status(200).text(), "csrf");
    let password = [
        ("csrf", csrf.as_str()),
        ("password", PASSWORD),
        ("password_again", PASSWORD),
    ];
    client.post_form(link, &password).with_status(303);
    client
}

/// Enters something into a register. Returns its id.
pub fn enter(client: &mut Client, register: &str, fields: &[(&str, &str)]) -> String {
    let path = format!("/registers/{register}");
    let place = send(client, &path, fields);
    let id = place.rsplit('/').next().unwrap_or_default();
    let id = id.split(['?', '#']).next().unwrap_or_default();
    assert!(id.contains('_'), "{register}: {place}");
    id.to_owned()
}

/// A day in Japan, so many days from today.
pub fn day(after: i64) -> String {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("a time")
        .as_secs();
    let now = i64::try_from(now).expect("a time") + (9 + 24 * after) * 3600;
    let at = jiff::Timestamp::from_second(now).expect("a time");
    at.strftime("%Y-%m-%d").to_string()
}
