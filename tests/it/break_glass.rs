//! Break-glass at the shell: two officers, two mails, two codes, two links.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use sekisho_tests::{Client, Launch, Relay, Sekisho, between, binary, hidden};

/// Sends a form of the organisation's page and gives the page afterwards.
fn organise(officer: &mut Client, path: &str, fields: &[(&str, &str)]) -> String {
    let page = officer.get("/organisation").with_status(200).text();
    let csrf = hidden(&page, "csrf");
    let mut all = vec![("csrf", csrf.as_str())];
    all.extend_from_slice(fields);
    let reply = officer.post_form(&format!("/organisation/{path}"), &all);
    assert!(reply.status < 400, "{}", reply.text());
    officer.get("/organisation").with_status(200).text()
}

/// The value of the choice with a label, in the select of a name.
fn choice(page: &str, name: &str, label: &str) -> String {
    let select = between(page, &format!("name=\"{name}\""), "</select>").expect("a select");
    let mut options = select.split("<option value=\"").skip(1);
    let found = options.find(|it| it.contains(label));
    let found = found.and_then(|it| it.split('"').next());
    match found {
        Some(value) => value.to_owned(),
        None => panic!("no {label} among {select}"),
    }
}

/// An officer with an account and a mail address, in a post with a role.
fn officer(first: &mut Client, login: &str, name: &str, role: &str) {
    let page = first.get("/organisation").with_status(200).text();
    let unit = choice(&page, "person_unit", "試験省");
    let mail = format!("{login}@example.org");
    let person = [
        ("person_unit", unit.as_str()),
        ("name_ja", name),
        ("mail", &mail),
        ("login", login),
    ];
    organise(first, "people", &person);
    let title = format!("{name}の官職");
    let post = [
        ("post_unit", unit.as_str()),
        ("title_ja", &title),
        ("role", role),
        ("second_role", ""),
    ];
    let page = organise(first, "posts", &post);
    let (person, post) = (choice(&page, "person", name), choice(&page, "post", &title));
    organise(
        first,
        "appointments",
        &[("person", &person), ("post", &post)],
    );
}

fn code(relay: &Relay, login: &str) -> String {
    let deadline = Instant::now() + Duration::from_secs(60);
    let to = format!("{login}@example.org");
    loop {
        let mails = relay.mails();
        let mut codes = mails
            .iter()
            .filter(|mail| mail.to == to)
            .filter_map(|mail| between(&mail.body, "Your code: ", "\n"));
        if let Some(code) = codes.next() {
            return code.trim().to_owned();
        }
        assert!(Instant::now() < deadline, "no code for {login}: {mails:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

const ASKED: [&str; 9] = [
    "break-glass",
    "--first",
    "ann",
    "--second",
    "bob",
    "--reason",
    "CISO・統括とも不在",
    "--lang",
    "en",
];

/// Types the codes once they have come; gives what the command printed and its exit code.
fn open(server: &Sekisho, relay: &Relay) -> (String, Option<i32>) {
    let mut command = Command::new(binary());
    command.args(ASKED).arg("--data").arg(server.data());
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("the binary starts");
    let mut input = child.stdin.take().expect("piped");
    let (ann, bob) = (code(relay, "ann"), code(relay, "bob"));
    // First a mistake, then the right ones.
    writeln!(input, "{ann}\n0000000000\n{ann}\n{bob}").expect("typed");
    drop(input);
    let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let said: Vec<String> = lines.map_while(Result::ok).collect();
    (said.join("\n"), child.wait().expect("an end").code())
}

#[test]
fn two_officers_open_it_sign_in_found_a_unit_and_it_is_closed() {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let relay = Relay::start();
    let config = folder.path().join("sekisho.toml");
    std::fs::write(&config, relay.configuration()).expect("written");
    let server = Launch::new("serve").on(folder.path().join("data"));
    let server = server.argument("--config").argument(&config).start();
    let mut first = server.found();
    officer(&mut first, "ann", "安藤 安", "isso");
    officer(&mut first, "bob", "坂東 某", "system_administrator");
    officer(&mut first, "cis", "最高 責", "ciso");
    let shell = server.cli();
    // Nobody alone, and nothing to close yet.
    let mut alone = ASKED;
    alone[4] = "ann";
    shell.run(alone).with_code(1).said_for_people();
    shell
        .run(["break-glass", "--close"])
        .with_code(1)
        .said_for_people();
    assert!(relay.mails().is_empty());

    let (said, code) = open(&server, &relay);
    assert_eq!(code, Some(0), "{said}");
    let links: Vec<&str> = said.lines().filter(|it| it.contains("/link/")).collect();
    assert_eq!(links.len(), 2, "{said}");
    for (link, unit) in links.iter().zip(["第一班", "第二班"]) {
        let path = &link[link.find("/link/").expect("a link")..];
        let mut officer = server.client();
        let page = officer.get(path).with_status(200).text();
        let csrf = hidden(&page, "csrf");
        officer.post_form(path, &[("csrf", &csrf)]).with_status(303);
        let page = officer.get("/organisation").with_status(200).text();
        assert!(page.contains("非常時権限が開かれています"), "{page}");
        let parent = choice(&page, "parent", "試験省");
        let fields = [("parent", parent.as_str()), ("unit_ja", unit)];
        assert!(organise(&mut officer, "units", &fields).contains(unit));
        let ledger = officer.get("/ledger").text();
        assert!(ledger.contains("非常時権限の開始"), "{ledger}");
        // A link works once.
        assert!(server.client().get(path).status >= 400);
    }
    shell.run(["break-glass", "--close"]).with_code(0);
    let page = first.get("/").with_status(200).text();
    assert!(!page.contains("非常時権限が開かれています"), "{page}");
    assert!(first.get("/ledger").text().contains("非常時権限の終了"));
    told(&relay);
    assert!(server.stop().success());
    shell.run(["ledger", "verify"]).with_code(0);
}

/// Both and the CISO hear of the opening and of the end.
fn told(relay: &Relay) {
    let deadline = Instant::now() + Duration::from_secs(60);
    for word in ["opened break-glass", "ended at"] {
        for login in ["ann", "bob", "cis"] {
            let to = format!("{login}@example.org");
            while !relay
                .mails()
                .iter()
                .any(|mail| mail.to == to && mail.body.contains(word))
            {
                assert!(Instant::now() < deadline, "{login} does not hear: {word}");
                std::thread::sleep(Duration::from_millis(20));
            }
        }
    }
}

#[test]
fn without_mail_or_without_a_server_it_says_what_to_do() {
    let server = Sekisho::up();
    server.found();
    for language in ["ja", "en"] {
        let mut asked = ASKED;
        asked[8] = language;
        let said = server.cli().run(asked).with_code(1).said_for_people();
        assert!(said.stderr.contains("[mail]"), "{}", said.stderr);
    }
    let shell = server.cli();
    let copy = tempfile::TempDir::new().expect("a temporary folder");
    drop(shell);
    let data = copy.path().join("data");
    let other = Launch::new("serve").on(&data).start();
    other.found();
    assert!(other.stop().success());
    sekisho_tests::Cli::on(&data)
        .run(ASKED)
        .with_code(2)
        .said_for_people();
}
