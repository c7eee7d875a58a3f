//! A person forgotten in the console stays forgotten when an older backup is restored.

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use sekisho_tests::{Cli, Client, LOGIN, Launch, PASSWORD, Sekisho, between, hidden};

const NAME: &str = "忘却 一郎";

/// Registers the person and gives the id.
fn register(officer: &mut Client) -> String {
    let page = officer.get("/organisation").with_status(200).text();
    let csrf = hidden(&page, "csrf");
    let units = between(&page, "name=\"person_unit\"", "</select>").expect("units");
    let unit = between(units, "value=\"unt_", "\"").expect("a unit");
    let fields = [
        ("csrf", csrf.as_str()),
        ("person_unit", &format!("unt_{unit}")),
        ("name_ja", NAME),
        ("mail", "ichiro@example.org"),
        ("login", "ichiro"),
    ];
    let reply = officer.post_form("/organisation/people", &fields);
    assert!(reply.status < 400, "{}", reply.text());
    let page = officer.get("/organisation/people").with_status(200).text();
    let row = page.find(NAME).expect("the name is listed");
    let start = page[..row].rfind("psn_").expect("an id before the name");
    let end = page[start..].find(|it: char| !it.is_ascii_alphanumeric() && it != '_');
    page[start..start + end.expect("an end")].to_owned()
}

fn forget(officer: &mut Client, person: &str) {
    let path = format!("/organisation/people/{person}/forget");
    let page = officer.get(&path).with_status(200).text();
    let csrf = hidden(&page, "csrf");
    // Nothing happens by a slip.
    let slip = [
        ("csrf", csrf.as_str()),
        ("name", "別人"),
        ("confirmed", "yes"),
    ];
    officer.post_form(&path, &slip).with_status(422);
    let sure = [
        ("csrf", csrf.as_str()),
        ("name", NAME),
        ("confirmed", "yes"),
    ];
    officer.post_form(&path, &sure).with_status(303);
}

/// Backs a running server up below a folder: `data`, `keys`, `forgotten`.
fn back_up(server: &Sekisho, place: &Path) {
    let at = |name: &str| OsString::from(place.join(name));
    let words = [
        "backup".into(),
        at("data"),
        "--keys".into(),
        at("keys"),
        "--forgotten".into(),
        at("forgotten"),
    ];
    server.cli().run(words).with_code(0);
}

fn signs_in(server: &Sekisho, login: &str) -> Option<Client> {
    let mut visitor = server.client();
    let page = visitor.get("/sign-in").with_status(200).text();
    let csrf = hidden(&page, "csrf");
    let fields = [
        ("csrf", csrf.as_str()),
        ("login", login),
        ("password", PASSWORD),
    ];
    let reply = visitor.post_form("/sign-in", &fields);
    (reply.status == 303).then_some(visitor)
}

#[test]
fn an_older_backup_does_not_bring_a_forgotten_person_back() {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let (older, newer) = (folder.path().join("older"), folder.path().join("newer"));
    for place in [&older, &newer] {
        fs::create_dir(place).expect("a folder");
    }
    let server = Sekisho::up();
    let mut officer = server.found();
    let person = register(&mut officer);
    back_up(&server, &older);
    forget(&mut officer, &person);
    let own = format!("/organisation/people/{person}");
    let page = officer.get(&own).text();
    assert!(!page.contains(NAME), "{page}");
    // The newest list is what a restore wants; the backup it came with is not needed.
    back_up(&server, &newer);
    let master = fs::read(server.data().join("keys/master.key")).expect("the master key");
    server.cli().run(["ledger", "verify"]).with_code(0);
    assert!(server.stop().success());

    let target = folder.path().join("restored");
    let restored = Cli::on(&target);
    let words = [
        OsString::from("restore"),
        older.join("data").into(),
        "--keys".into(),
        older.join("keys").into(),
        "--forgotten".into(),
        newer.join("forgotten").into(),
    ];
    restored.run(words).with_code(0);
    let key = target.join("keys/master.key");
    fs::write(&key, master).expect("the master key is put back");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    fs::set_permissions(&key, mode).expect("its mode");

    let again = Launch::new("serve").on(&target).start();
    let mut officer = signs_in(&again, LOGIN).expect("the officer is there");
    // The ledger of the backup knows the person, and nothing gives the name.
    let people = officer.get("/organisation/people").with_status(200).text();
    assert!(!people.contains(NAME), "{people}");
    assert!(!officer.get(&own).text().contains(NAME));
    assert!(!officer.get("/organisation").text().contains(NAME));
    assert!(again.stop().success());
    restored.run(["ledger", "verify"]).with_code(0);
    nowhere_readable(&target);
}

/// Neither the name nor the mail address stands in any file.
fn nowhere_readable(folder: &Path) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            nowhere_readable(&path);
        } else if let Ok(bytes) = fs::read(&path) {
            for word in [NAME, "ichiro@example.org"] {
                let found = bytes.windows(word.len()).any(|it| it == word.as_bytes());
                assert!(!found, "{word} in {}", path.display());
            }
        }
    }
}
