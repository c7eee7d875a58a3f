//! Services in use, with the real program and a real resolver: found, registered, disowned, and what
//! `assess` makes of it.

use std::io::Write;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use sekisho_tests::{Client, Finished, Reply, Sekisho, hidden, leave_out};
use serde_json::Value;
use tempfile::TempDir;

use crate::api::program::officer;
use crate::discover::peers::Peer;

/// Verdict and code of the reason of a row, as the shell says it.
fn row(server: &Sekisho, id: &str) -> (String, String) {
    let said = server.cli().run(["assess", "--format", "json"]);
    let said: Value = serde_json::from_str(&said.stdout).expect("JSON");
    let rows = said["rows"].as_array().expect("rows");
    let row = rows.iter().find(|it| it["id"] == id).expect("the row");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    (text(&row["verdict"]), text(&row["reason"]["code"]))
}

fn is(verdict: &str, code: &str) -> (String, String) {
    (verdict.to_owned(), code.to_owned())
}

fn take(server: &Sekisho, source: &str, log: &Path, more: &[&str]) -> Value {
    let done = take_telling(server, source, log, more);
    serde_json::from_str(&done.stdout).expect("JSON")
}

/// The same, with what was told beside the result.
fn take_telling(server: &Sekisho, source: &str, log: &Path, more: &[&str]) -> Finished {
    let mut words = vec![
        "discover",
        "--into-server",
        "--format",
        "json",
        "--lang",
        "en",
    ];
    words.extend(["--source", source, log.to_str().expect("UTF-8")]);
    words.extend_from_slice(more);
    server.cli().run(words).with_code(0)
}

fn append(log: &Path, lines: &str) {
    let file = std::fs::OpenOptions::new().append(true).open(log);
    let mut file = file.expect("the log opens");
    file.write_all(lines.as_bytes())
        .expect("the log is written");
}

/// A line as unbound writes it, of now.
fn asked(client: &str, name: &str) -> String {
    asked_in(0, client, name)
}

/// The same of so many seconds later.
fn asked_in(seconds: u64, client: &str, name: &str) -> String {
    let at = SystemTime::now().duration_since(UNIX_EPOCH);
    let at = at.expect("a time after 1970").as_secs() + seconds;
    format!("[{at}] unbound[9:0] info: {client} {name}. A IN\n")
}

fn page(client: &mut Client, path: &str) -> String {
    client.get(path).with_status(200).text()
}

/// The first link within a page whose address begins so.
fn link(page: &str, begins: &str) -> String {
    let at = page.find(&format!("href=\"{begins}")).expect("a link");
    let rest = &page[at + "href=\"".len()..];
    let end = rest.find('"').expect("the link ends");
    rest[..end].replace("&amp;", "&")
}

/// Names beside the real one that are somebody else's.
fn look_alikes(log: &Path) {
    let real = std::fs::read_to_string(log).expect("the log");
    let mut lines = real.lines();
    let line = lines.find(|it| it.contains("query[A] us02web.zoom.us"));
    let line = line.expect("the query");
    for other in [
        "notzoom.us",
        "zoom.us.evil.example",
        "webex.com.evil.example",
    ] {
        append(
            log,
            &format!("{}\n", line.replace("us02web.zoom.us", other)),
        );
    }
}

/// The page of the finding; who it was stands there only once a purpose was recorded.
fn evidence(hiso: &mut Client) -> String {
    let found = page(hiso, "/services/zoom");
    for told in ["dns-honsho", "試験省", "zoom.us", "名前の問合せ"] {
        assert!(found.contains(told), "{told}: {found}");
    }
    // Who it was is kept back until a purpose is recorded.
    assert!(!found.contains("127.0.0.1"), "{found}");
    let csrf = hidden(&found, "csrf");
    let purpose = [("csrf", csrf.as_str()), ("purpose", "未登録の利用の確認")];
    let named = hiso
        .post_form("/services/zoom/people", &purpose)
        .with_status(200);
    assert!(named.text().contains("127.0.0.1"), "{}", named.text());
    found
}

/// Enters the tool by the form that the finding leads to.
fn register(hiso: &mut Client, found: &str) {
    let form = page(hiso, &link(found, "/registers/conference_tool/new"));
    assert!(
        form.contains("value=\"Zoom\"") && form.contains("zoom.us"),
        "{form}"
    );
    let csrf = hidden(&form, "csrf");
    let entered = [
        ("csrf", csrf.as_str()),
        ("f-name", "Zoom"),
        ("f-scope", "others"),
        ("f-own", "forbidden"),
        ("f-contractor", "c1"),
        ("f-external", "c1"),
        ("f-individual", "forbidden"),
        ("f-restriction", "画面共有は公開資料に限る"),
        ("f-domains", "zoom.us\nzoom.com"),
    ];
    hiso.post_form("/registers/conference_tool", &entered)
        .with_status(303);
}

#[test]
fn a_tool_in_the_log_of_a_real_resolver_is_found_registered_and_gone() {
    let name = "a_tool_in_the_log_of_a_real_resolver_is_found_registered_and_gone";
    let [dnsmasq, ..] = Peer::all();
    if !dnsmasq.is_there() {
        return leave_out(name, "dnsmasq is not installed");
    }
    let folder = TempDir::new().expect("a temporary folder");
    let server = Sekisho::up();
    let mut first = server.found();
    let mut hiso = officer(&server, &mut first, "hana", "hiso");
    let unseen = is("unknown", "services.no-logs");
    assert_eq!(row(&server, "GOV-4-b"), unseen);
    assert!(page(&mut hiso, "/services").contains("記録が取り込まれていません"));

    let log = dnsmasq.used_once(folder.path());
    look_alikes(&log);
    let clients = folder.path().join("clients.csv");
    std::fs::write(&clients, "client,unit,person\n127.0.0.1,試験省,\n").expect("a list");
    let clients = ["--clients", clients.to_str().expect("UTF-8")];
    let taken = take(&server, "dns-honsho", &log, &clients);
    assert_eq!(
        (&taken["found"], &taken["without_unit"]),
        (&serde_json::json!(["zoom"]), &0.into())
    );
    // The server knows how far it was read.
    let again = take(&server, "dns-honsho", &log, &clients);
    assert_eq!(
        (&again["uses"], &again["found"]),
        (&0.into(), &serde_json::json!([]))
    );

    assert_eq!(
        row(&server, "GOV-4-b"),
        is("not_met", "services.unregistered")
    );
    let list = page(&mut hiso, "/services");
    assert!(
        list.contains("台帳にない") && list.contains("/services/zoom"),
        "{list}"
    );
    assert!(!list.contains("webex"), "{list}");
    let found = evidence(&mut hiso);
    register(&mut hiso, &found);
    let open = page(&mut hiso, "/services?state=open");
    assert!(!open.contains("/services/zoom"), "{open}");
    assert!(page(&mut hiso, "/services/zoom").contains("台帳に登録されています"));
    assert_eq!(
        row(&server, "GOV-4-b"),
        is("unknown", "attestation.missing")
    );
    let matrix = page(&mut hiso, "/conferences");
    assert!(matrix.contains("Zoom") && matrix.contains("画面共有は公開資料に限る"));
    assert!(!matrix.contains("未決定"), "{matrix}");
}

#[test]
fn what_is_not_ours_is_said_once_and_comes_back_only_with_something_new() {
    let folder = TempDir::new().expect("a temporary folder");
    let server = Sekisho::up();
    let mut first = server.found();
    let mut hiso = officer(&server, &mut first, "hana", "hiso");
    let mut staff = officer(&server, &mut first, "sono", "staff");
    let log = folder.path().join("unbound.log");
    std::fs::write(&log, asked("192.0.2.7", "us02web.zoom.us")).expect("a log");
    assert_eq!(
        take(&server, "dns", &log, &[])["found"],
        serde_json::json!(["zoom"])
    );
    staff.get("/services").with_status(403);
    staff.get("/services/zoom").with_status(403);

    let found = page(&mut hiso, "/services/zoom");
    let (csrf, expected) = (hidden(&found, "csrf"), hidden(&found, "expected"));
    let word = |why: &'static str| {
        [
            ("csrf", csrf.clone()),
            ("expected", expected.clone()),
            ("why", why.to_owned()),
        ]
    };
    let send = |client: &mut Client, fields: &[(&str, String)]| {
        let fields: Vec<(&str, &str)> = fields
            .iter()
            .map(|(name, it)| (*name, it.as_str()))
            .collect();
        client.post_form("/services/zoom/not-ours", &fields)
    };
    send(&mut hiso, &word("")).with_status(422);
    // What else it may be has to be said.
    send(&mut hiso, &word("other")).with_status(422);
    send(&mut hiso, &word("guest_network")).with_status(303);
    assert!(!page(&mut hiso, "/services?state=open").contains("/services/zoom"));
    assert!(page(&mut hiso, "/services/zoom").contains("来訪者用の回線"));
    // Decided on what was seen then.
    send(&mut hiso, &word("embedded")).with_status(422);

    append(&log, &asked("192.0.2.8", "zoom.us").repeat(20));
    assert_eq!(
        take(&server, "dns", &log, &[])["found"],
        serde_json::json!([])
    );
    assert!(!page(&mut hiso, "/services?state=open").contains("/services/zoom"));
    // A unit that is known now uses it: that is new.
    let clients = folder.path().join("clients.csv");
    std::fs::write(&clients, "192.0.2.0/24,試験省,\n").expect("a list");
    append(&log, &asked("192.0.2.9", "zoom.us"));
    let list = ["--clients", clients.to_str().expect("UTF-8")];
    assert_eq!(
        take(&server, "dns", &log, &list)["found"],
        serde_json::json!(["zoom"])
    );
    assert!(page(&mut hiso, "/services?state=open").contains("/services/zoom"));
    let ledger = server.cli().run(["ledger", "verify", "--lang", "en"]);
    ledger.with_code(0);
}

/// A timer lost what was written between its last run and the rotation, and nobody was told.
#[test]
fn a_timer_reads_what_rotation_took_and_tells_of_what_it_cannot_find() {
    let folder = TempDir::new().expect("a temporary folder");
    let server = Sekisho::up();
    let _first = server.found();
    let log = folder.path().join("unbound.log");
    let rotated = folder.path().join("unbound.log.1");
    std::fs::write(&log, asked("192.0.2.7", "us02web.zoom.us")).expect("a log");
    let found = take(&server, "dns", &log, &[])["found"].clone();
    assert_eq!(found, serde_json::json!(["zoom"]));
    append(&log, &asked("192.0.2.7", "meet.webex.com"));
    std::fs::rename(&log, &rotated).expect("renamed");
    std::fs::write(&log, asked("192.0.2.7", "teams.microsoft.com")).expect("a log");
    let done = take_telling(&server, "dns", &log, &[]);
    let (said, told) = (&done.stdout, &done.stderr);
    assert!(said.contains("webex") && said.contains("teams"), "{said}");
    assert!(!told.contains("discover.gap"), "{told}");
    // The next rotation keeps nothing; the file of the one before is not what was left.
    std::fs::write(&log, asked("192.0.2.7", "app.slack.com")).expect("a log");
    let done = take_telling(&server, "dns", &log, &[]);
    assert!(done.stdout.contains("slack"), "{}", done.stdout);
    assert!(done.stderr.contains("discover.gap"), "{}", done.stderr);
    append(&log, &asked("192.0.2.8", "app.slack.com"));
    let done = take_telling(&server, "dns", &log, &[]);
    assert!(!done.stderr.contains("discover.gap"), "{}", done.stderr);
}

/// Says on the console why a finding needs no entry.
fn settle(hiso: &mut Client, why: &str) -> Reply {
    let found = page(hiso, "/services/zoom");
    let (csrf, expected) = (hidden(&found, "csrf"), hidden(&found, "expected"));
    let word = [
        ("csrf", csrf.as_str()),
        ("expected", expected.as_str()),
        ("why", why),
    ];
    hiso.post_form("/services/zoom/not-ours", &word)
}

#[test]
fn use_that_was_stopped_is_said_as_that_and_comes_back_with_any_later_use() {
    let folder = TempDir::new().expect("a temporary folder");
    let server = Sekisho::up();
    let mut first = server.found();
    let mut hiso = officer(&server, &mut first, "hana", "hiso");
    let log = folder.path().join("unbound.log");
    std::fs::write(&log, asked("192.0.2.7", "zoom.us")).expect("a log");
    let found = serde_json::json!(["zoom"]);
    assert_eq!(take(&server, "dns", &log, &[])["found"], found);
    // What the program alone may say is offered to nobody, and taken from nobody.
    let form = page(&mut hiso, "/services/zoom");
    assert!(form.contains("value=\"stopped\""), "{form}");
    assert!(!form.contains("value=\"unused\""), "{form}");
    settle(&mut hiso, "unused").with_status(422);
    settle(&mut hiso, "stopped").with_status(303);
    assert_eq!(
        row(&server, "GOV-4-b"),
        is("unknown", "attestation.missing")
    );
    assert!(page(&mut hiso, "/services?state=ended").contains("/services/zoom"));
    for state in ["open", "not_ours"] {
        let list = page(&mut hiso, &format!("/services?state={state}"));
        assert!(!list.contains("/services/zoom"), "{state}: {list}");
    }
    let shown = page(&mut hiso, "/services/zoom");
    assert!(shown.contains("利用は終わったとされています"), "{shown}");
    // The same client, by the same name.
    append(&log, &asked_in(60, "192.0.2.7", "zoom.us"));
    assert_eq!(take(&server, "dns", &log, &[])["found"], found);
    assert!(page(&mut hiso, "/services?state=open").contains("/services/zoom"));
}

/// A resolver that writes to the log of its whole machine: one line of many is its own.
#[test]
fn a_shared_syslog_is_read_and_read_as_another_form_it_leaves_no_source_behind() {
    let folder = TempDir::new().expect("a temporary folder");
    let server = Sekisho::up();
    let _first = server.found();
    let log = folder.path().join("syslog");
    let lines = "Nov 29 16:00:00 ns1 systemd[1]: Started Session 3 of User root.\n\
        Nov 29 16:00:00 ns1 kernel: [   12.3] eth0: link up\n\
        Nov 29 16:00:00 ns1 dnsmasq-dhcp[812]: DHCPACK(eth0) 192.0.2.7 00:00:5e:00:53:01\n\
        Nov 29 16:00:00 ns1 dnsmasq[812]: query[A] meet.webex.com from 192.0.2.7\n\
        Nov 29 16:00:00 ns1 CRON[77]: (root) CMD (true)\n\
        Nov 29 16:00:00 ns1 sshd[78]: Connection closed by 192.0.2.9\n";
    std::fs::write(&log, lines.repeat(40)).expect("a log");
    let as_another = ["discover", "--into-server", "--source", "ns1", "--form"];
    let path = log.to_str().expect("UTF-8");
    let words = as_another.into_iter().chain(["bind", path]);
    server.cli().run(words).with_code(2);
    let unseen = is("unknown", "services.no-logs");
    assert_eq!(row(&server, "GOV-4-b"), unseen);
    let taken = take(&server, "ns1", &log, &["--form", "dnsmasq"]);
    assert_eq!(taken["found"], serde_json::json!(["webex"]));
    let found = is("not_met", "services.unregistered");
    assert_eq!(row(&server, "GOV-4-b"), found);
}

/// A service under terms, as its form has it.
const SERVICE: [(&str, &str); 6] = [
    ("f-name", "翻訳サービス"),
    ("f-provider", "提供者"),
    ("f-kind", "terms"),
    ("f-highest-c", "1"),
    ("f-highest-i", "1"),
    ("f-highest-a", "1"),
];

fn judge(
    hiso: &mut Client,
    entry: &str,
    (version, judgement, sha256): (&str, &str, &str),
) -> Reply {
    let form = page(hiso, &format!("{entry}/terms"));
    let (csrf, expected) = (hidden(&form, "csrf"), hidden(&form, "expected"));
    let fields = [
        ("csrf", csrf.as_str()),
        ("expected", expected.as_str()),
        ("version", version),
        ("sha256", sha256),
        ("judgement", judgement),
    ];
    hiso.post_form(&format!("{entry}/terms"), &fields)
}

/// Notes other bytes of the edition that was judged.
fn other_bytes(hiso: &mut Client, entry: &str, (judged, now): (&str, &str)) {
    let form = page(hiso, &format!("{entry}/change"));
    let (csrf, expected) = (hidden(&form, "csrf"), hidden(&form, "expected"));
    let post = form.split("pst_").nth(1).expect("the post that judged");
    let post = post.chars().take_while(char::is_ascii_alphanumeric);
    let post = format!("pst_{}", post.collect::<String>());
    let mut changed = SERVICE.to_vec();
    changed.extend([
        ("csrf", csrf.as_str()),
        ("expected", expected.as_str()),
        ("f-terms_version", "2026-04"),
        ("f-terms_sha256", now),
        ("f-judged_terms", "2026-04"),
        ("f-judged_sha256", judged),
        ("f-judged_on", "2026-04-02"),
        ("f-judged_by", post.as_str()),
        ("f-judgement", "acceptable"),
    ]);
    let reply = hiso.post_form(&format!("{entry}/change"), &changed);
    assert!(reply.status == 303, "{}", reply.text());
}

#[test]
fn terms_are_judged_on_their_page_and_judged_again_when_they_change() {
    let terms = "US-4.1.2-2-a-i";
    let server = Sekisho::up();
    let mut first = server.found();
    let mut hiso = officer(&server, &mut first, "hana", "hiso");
    let csrf = hidden(&page(&mut hiso, "/registers/service/new"), "csrf");
    let mut entered = SERVICE.to_vec();
    entered.push(("csrf", csrf.as_str()));
    let made = hiso
        .post_form("/registers/service", &entered)
        .with_status(303);
    let entry = made.header("location").expect("the entry").to_owned();
    assert!(page(&mut hiso, &entry).contains("約款の版が未記録"));
    assert_eq!(row(&server, terms), is("not_met", "services.terms-unread"));

    let (read, other) = ("ab".repeat(32), "cd".repeat(32));
    judge(&mut hiso, &entry, ("2026-04", "acceptable", "not hex")).with_status(422);
    judge(&mut hiso, &entry, ("2026-04", "conditional", "")).with_status(422);
    judge(&mut hiso, &entry, ("2026-04", "acceptable", &read)).with_status(303);
    let shown = page(&mut hiso, &entry);
    let judged = shown.contains("許容できる") && shown.contains("hanaの官職");
    assert!(judged, "{shown}");
    assert_eq!(row(&server, terms), is("unknown", "attestation.missing"));
    // The bytes of the same version changed: whoever keeps the entry notes it, and it is judged again.
    other_bytes(&mut hiso, &entry, (&read, &other));
    assert_eq!(row(&server, terms), is("not_met", "services.terms-changed"));
    assert!(page(&mut hiso, &entry).contains("再判断が必要"));
    judge(&mut hiso, &entry, ("2026-04", "unacceptable", &other)).with_status(303);
    let refused = is("not_met", "services.terms-unacceptable");
    assert_eq!(row(&server, terms), refused);
}
