//! Letters to people, from what was decided and from time going by to the relay that takes them.

use std::path::Path;
use std::time::{Duration, Instant};

use sekisho_tests::{Client, Launch, PeerMail, Sekisho, SmtpPeer, hidden, leave_out, wrong_clock};
use serde_json::json;
use tempfile::TempDir;

use crate::api::program::{Program, id, in_days, officer, token};

const PERMITS: &str = "/api/v1/permits";
const ACTS: &str = "/api/v1/permits/{id}/acts";

/// A section: its officer, who reads English, an applicant who has never chosen a language, who
/// keeps the organisation, and who stands in.
struct Section {
    diso: Client,
    chief: Program,
    staff: Program,
    hiso: Client,
    keeper: Program,
    deputy: Client,
    medium: String,
}

/// Who receives what.
fn address(login: &str) -> String {
    format!("{login}@example.go.jp")
}

impl Section {
    fn found(server: &Sekisho) -> Self {
        let mut first = server.found();
        let mut hiso = officer(server, &mut first, "hana", "hiso");
        let mut diso = officer(server, &mut first, "dai", "diso");
        let mut staff = officer(server, &mut first, "sono", "csirt");
        let deputy = officer(server, &mut first, "rin", "staff");
        let issue =
            |who: &mut Client, scopes: &[&str]| Program::new(server, token(who, "post", scopes));
        let mut keeper = issue(&mut hiso, &["read", "organisation"]);
        let people = keeper.get("/api/v1/people", &[]).with_status(200).json();
        for login in ["dai", "sono", "rin"] {
            let mut all = people["items"].as_array().expect("people").iter();
            let name = format!("担当 {login}");
            let person = all.find(|it| it["name"]["ja"] == *name).expect("known");
            let change = json!({ "mail": address(login) });
            let path = "/api/v1/people/{id}/change";
            let changed = keeper.command(path, &[&id(person)], Some("*"), &change);
            changed.with_status(200);
        }
        let mut chief = issue(&mut diso, &["read", "registers", "decide"]);
        let units = chief.get("/api/v1/units", &[]).with_status(200).json();
        let medium = json!({
            "unit": id(&units["items"][0]),
            "fields": { "number": "USB-1", "kind": "usb_memory", "encrypted": true },
        });
        let path = "/api/v1/registers/{register}";
        let medium = chief.command(path, &["medium"], None, &medium);
        let csrf = hidden(&diso.get("/account").with_status(200).text(), "csrf");
        let english = [("csrf", csrf.as_str()), ("language", "en")];
        diso.post_form("/account/language", &english)
            .with_status(303);
        Self {
            chief,
            staff: issue(&mut staff, &["read", "permits"]),
            medium: id(&medium.with_status(201).json()),
            diso,
            hiso,
            keeper,
            deputy,
        }
    }

    fn apply(&mut self) -> String {
        let application = json!({
            "kind": "pm",
            "fields": {
                "medium": self.medium,
                "destination": "home",
                "grade": "C1I1A1",
                "encrypted": true,
            },
            "from": in_days(0),
            "until": in_days(20),
            "purpose": "出張先で資料を使うため",
        });
        let applied = self.staff.command(PERMITS, &[], None, &application);
        id(&applied.with_status(201).json())
    }
}

fn start(folder: &Path, peer: &SmtpPeer, more: &str) -> Launch {
    let config = folder.join("sekisho.toml");
    let text = format!(
        "[mail]\nrelay = \"{}\"\nfrom = \"sekisho@example.org\"\n{more}",
        peer.address()
    );
    std::fs::write(&config, text).expect("written");
    let server = Launch::new("serve").on(folder.join("data"));
    server.argument("--config").argument(config)
}

/// The letter to somebody that holds these words, once it has come.
fn letter(peer: &mut SmtpPeer, login: &str, words: &[&str]) -> PeerMail {
    for count in 0.. {
        let all = peer.mails(count);
        let fits = |mail: &&PeerMail| {
            let body = mail.body();
            mail.to == [address(login)] && words.iter().all(|word| body.contains(word))
        };
        if let Some(found) = all.iter().find(fits) {
            return found.clone();
        }
    }
    unreachable!("the relay is asked until it gives up")
}

fn header<'a>(mail: &'a PeerMail, name: &str) -> &'a str {
    let mut lines = mail.text.lines();
    let line = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    line.unwrap_or_default()
}

#[test]
fn each_letter_reaches_its_reader_and_a_relay_that_fails_blocks_nothing() {
    const NAME: &str = "each_letter_reaches_its_reader_and_a_relay_that_fails_blocks_nothing";
    let Some(mut peer) = SmtpPeer::start("plain") else {
        return leave_out(NAME, "no Python tools");
    };
    let folder = TempDir::new().expect("a temporary folder");
    let Some(library) = wrong_clock(folder.path()) else {
        return leave_out(NAME, "no C compiler");
    };
    let server = start(folder.path(), &peer, "end_lead = 5").start();
    let mut section = Section::found(&server);
    let permit = section.apply();
    let asked = letter(&mut peer, "dai", &["waits for your decision", &permit]);
    let subject = header(&asked, "Subject");
    assert_eq!(subject, "[Ministry of Trials] To decide: Taking media out");
    assert!(!asked.body().contains("決裁"), "{}", asked.body());
    relay_fails(&mut section, &mut peer, &permit);
    stand_in(&mut section, &mut peer);
    // Once a letter has left it does not leave again, whatever starts anew.
    assert!(server.stop().success());
    let before = peer.mails_now().len();
    // The end is in twenty days: with a lead of five working days nobody was told of it.
    assert!(!told(&mut peer, "This permit ends soon"));
    let server = start(folder.path(), &peer, "end_lead = 60").start();
    let coming = letter(&mut peer, "sono", &["This permit ends soon", &permit]);
    assert!(
        coming.body().contains("まもなく満了します"),
        "both languages"
    );
    assert!(server.stop().success());
    let library = library.to_str().expect("a plain path");
    let forty_days = (40 * 24 * 60 * 60).to_string();
    let later = start(folder.path(), &peer, "end_lead = 60")
        .with("LD_PRELOAD", library)
        .with("SEKISHO_TEST_STEP", &forty_days)
        .start();
    let overdue = "A permit has ended and what is owed has not been done";
    for reader in ["sono", "dai"] {
        let mail = letter(&mut peer, reader, &[overdue, &permit]);
        assert!(
            mail.body().contains("Owed: Return of the medium"),
            "{}",
            mail.body()
        );
    }
    assert!(later.stop().success());
    let mut keys: Vec<String> = Vec::new();
    for mail in &peer.mails_now()[before.saturating_sub(1)..] {
        let key = format!("{:?} {}", mail.to, header(mail, "Message-ID"));
        assert!(!keys.contains(&key), "twice: {}", mail.text);
        keys.push(key);
    }
}

fn told(peer: &mut SmtpPeer, words: &str) -> bool {
    let mails = peer.mails_now();
    mails.iter().any(|mail| mail.body().contains(words))
}

/// Decided while the relay asks to come again: nobody waits, the page says so, and it is tried again
/// by itself.
fn relay_fails(section: &mut Section, peer: &mut SmtpPeer, permit: &str) {
    peer.answer("rcpt 451 4.3.2 come again");
    let begun = Instant::now();
    let approve = json!({ "act": "approve" });
    let approved = section.chief.command(ACTS, &[permit], Some("*"), &approve);
    approved.with_status(200);
    let activate = json!({ "act": "activate" });
    let activated = section.staff.command(ACTS, &[permit], Some("*"), &activate);
    assert_eq!(activated.with_status(200).json()["in_force"], true);
    assert!(begun.elapsed() < Duration::from_secs(10), "waited for mail");
    let page = shows(&mut section.hiso, "failing", "1 回失敗。");
    for shown in ["決裁の結果", "担当 sono", "SMTP 451。", "今すぐ送り直す"] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    peer.answer("ok");
    let news = letter(peer, "sono", &["Result: Approved", permit]);
    assert!(
        news.body().contains("結果: 許可"),
        "both languages: {}",
        news.body()
    );
    shows(&mut section.hiso, "sent", "決裁の結果");
}

/// The page of mail, narrowed to a state, once it shows something: the relay has a letter a moment
/// before the page says so.
fn shows(hiso: &mut Client, state: &str, words: &str) -> String {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let page = hiso.get(&format!("/mail?state={state}"));
        let page = page.with_status(200).text();
        if page.contains(words) {
            return page;
        }
        assert!(Instant::now() < deadline, "{page}");
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// The officer is away and somebody decides for them.
fn stand_in(section: &mut Section, peer: &mut SmtpPeer) {
    let posts = section
        .keeper
        .get("/api/v1/posts", &[])
        .with_status(200)
        .json();
    let mut posts = posts["items"].as_array().expect("posts").iter();
    let post = posts
        .find(|it| it["title"]["ja"] == "daiの官職")
        .expect("known");
    let people = section
        .keeper
        .get("/api/v1/people", &[])
        .with_status(200)
        .json();
    let mut people = people["items"].as_array().expect("people").iter();
    let deputy = people
        .find(|it| it["name"]["ja"] == "担当 rin")
        .expect("known");
    let named = json!({
        "post": id(post),
        "person": id(deputy),
        "absence": "leave",
        "until": in_days(3),
    });
    let named = section
        .chief
        .command("/api/v1/stand-ins", &[], None, &named);
    named.with_status(201);
    let permit = section.apply();
    letter(peer, "rin", &["決裁を待っている申請があります", &permit]);
    let path = format!("/permits/{permit}");
    let page = section.deputy.get(&path).with_status(200).text();
    let (csrf, expected) = (hidden(&page, "csrf"), hidden(&page, "expected"));
    let fields = [
        ("csrf", csrf.as_str()),
        ("expected", &expected),
        ("act", "approve"),
        ("remark", ""),
    ];
    let decided = section.deputy.post_form(&format!("{path}/decide"), &fields);
    decided.with_status(303);
    let words = [
        "A decision was made for you",
        "Decided by: 担当 rin",
        &permit,
    ];
    let report = letter(peer, "dai", &words);
    assert!(!report.body().contains("代決"), "English alone");
    letter(peer, "sono", &["Result: Approved", &permit]);
    assert!(
        section
            .diso
            .get(&path)
            .with_status(200)
            .text()
            .contains("Deci")
    );
}
