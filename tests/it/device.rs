//! A second device: invited at the shell, enrolled and reporting from a folder of its own.

use std::ffi::OsString;

use sekisho_tests::{Cli, Client, Finished, PASSWORD, Sekisho, between, hidden};

fn agent(words: &[&str], state: &std::path::Path, input: &str) -> Finished {
    let words = words.iter().map(OsString::from);
    let state = [OsString::from("--state"), state.into()];
    Cli::new().run_with_input(words.chain(state), input.as_bytes())
}

#[test]
fn a_second_device_enrols_by_an_invitation_and_reports() {
    let server = Sekisho::up();
    let mut officer = server.found();
    let here = server.device();
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let state = folder.path().join("second");
    // Without an enrolment there is nothing to report for.
    agent(&["agent", "run", "--once"], &state, "")
        .with_code(2)
        .said_for_people();
    let invited = server.cli().run(["device", "invite"]).with_code(0);
    let secret = invited.stdout.trim().to_owned();
    let url = format!("http://{}", server.address());
    let enrol = ["agent", "enrol", "--server", &url];
    let enrolled = agent(&enrol, &state, &secret).with_code(0).stdout;
    let device = &enrolled[enrolled.find("dev_").expect("an id")..];
    let end = device.find(|it: char| !it.is_ascii_alphanumeric() && it != '_');
    let device = device[..end.unwrap_or(device.len())].to_owned();
    assert_ne!(device, here);
    agent(&["agent", "run", "--once"], &state, "").with_code(0);
    let page = officer
        .get(&format!("/devices/{device}"))
        .with_status(200)
        .text();
    assert!(page.contains(&device), "{page}");
    // The secret is used up, and the folder holds one enrolment.
    let again = agent(&enrol, &folder.path().join("third"), &secret);
    assert_ne!(again.code, Some(0));
    again.said_for_people();
    let twice = agent(&enrol, &state, &secret);
    assert_ne!(twice.code, Some(0));
    twice.said_for_people();
    // A made-up secret opens nothing.
    let forged = secret.replace(
        &secret[..1],
        if secret.starts_with('A') { "B" } else { "A" },
    );
    let refused = agent(&enrol, &folder.path().join("fourth"), &forged);
    assert_ne!(refused.code, Some(0));
}

fn post(officer: &mut Client, path: &str, fields: &[(&str, &str)]) -> String {
    let csrf = hidden(&officer.get("/account").with_status(200).text(), "csrf");
    let mut all = vec![("csrf", csrf.as_str())];
    all.extend_from_slice(fields);
    let reply = officer.post_form(path, &all);
    assert!(reply.status < 400, "{path}: {}", reply.text());
    officer.get("/organisation").with_status(200).text()
}

/// The value of the last choice of a select, by a part of its label.
fn choice(page: &str, name: &str, label: &str) -> String {
    let select = between(page, &format!("name=\"{name}\""), "</select>").expect("a select");
    let mut options = select.split("<option value=\"").skip(1);
    let found = options.find(|it| it.contains(label)).expect("a choice");
    found.split('"').next().expect("a value").to_owned()
}

/// The first officer appoints who answers for the devices, and that person signs in.
fn isso(server: &Sekisho, first: &mut Client) -> Client {
    let page = first.get("/organisation").with_status(200).text();
    let (csrf, unit) = (hidden(&page, "csrf"), choice(&page, "post_unit", "試験省"));
    let person = [
        ("csrf", csrf.as_str()),
        ("person_unit", &unit),
        ("name_ja", "鈴木 次郎"),
        ("login", "jiro"),
    ];
    let handed = first.post_form("/organisation/people", &person).text();
    let link = between(&handed, "class=\"secret\">", "<").expect("a link");
    let post_of = [
        ("post_unit", unit.as_str()),
        ("title_ja", "端末の担当"),
        ("role", "isso"),
    ];
    let page = post(first, "/organisation/posts", &post_of);
    let (person, to) = (
        choice(&page, "person", "鈴木"),
        choice(&page, "post", "端末の担当"),
    );
    let chosen = [("person", person.as_str()), ("post", &to)];
    post(first, "/organisation/appointments", &chosen);
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

#[test]
fn a_device_retired_on_its_page_reports_no_more() {
    let server = Sekisho::up();
    let mut first = server.found();
    server.device();
    let mut officer = isso(&server, &mut first);
    // The secret comes from the console, shown once.
    let page = officer.get("/organisation").with_status(200).text();
    let unit = choice(&page, "device_unit", "試験省");
    let csrf = hidden(&page, "csrf");
    let asked = [
        ("csrf", csrf.as_str()),
        ("device_unit", &unit),
        ("class", "issued"),
    ];
    let handed = officer.post_form("/organisation/enrolments", &asked).text();
    let secret = between(&handed, "class=\"secret\">", "<").expect("a secret");
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let state = folder.path().join("second");
    let url = format!("http://{}", server.address());
    let enrolled = agent(
        &["agent", "enrol", "--server", &url, "--format", "json"],
        &state,
        secret,
    );
    let enrolled = enrolled.with_code(0).json();
    let device = enrolled["device"].as_str().expect("an id").to_owned();
    agent(&["agent", "run", "--once"], &state, "").with_code(0);
    let retired = [
        ("retire_reason", "replaced"),
        ("name", device.as_str()),
        ("confirmed", "yes"),
    ];
    post(&mut officer, &format!("/devices/{device}/retire"), &retired);
    let refused = agent(&["agent", "run", "--once"], &state, "").with_code(2);
    let said = format!("{}{}", refused.stdout, refused.stderr);
    refused.said_for_people();
    assert!(said.contains("has retired this device"), "{said}");
    let list = officer.get("/devices").with_status(200).text();
    assert!(!list.contains(&device), "{list}");
}
