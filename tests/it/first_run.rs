//! From nothing to 149 verdicts: the way of a newcomer, without a browser.

use sekisho_tests::{LOGIN, Launch, PASSWORD, Sekisho, hidden};

const VERDICTS: [&str; 5] = ["met", "not_met", "attested", "not_applicable", "unknown"];

#[test]
fn one_command_and_one_form_judge_this_machine() {
    let server = Sekisho::up();
    // Before set-up nothing is green, and the shell says what to do.
    let said = server.cli().run(["assess", "--format", "json"]);
    let before = said.with_code(1).json();
    let rows = before["rows"].as_array().expect("rows");
    let green = |row: &&serde_json::Value| row["verdict"] == "met" || row["verdict"] == "attested";
    assert_eq!(rows.iter().find(green), None);
    server
        .cli()
        .run(["assess", "--here"])
        .with_code(2)
        .said_for_people();

    let mut officer = server.found();
    let assessed = server.judged();
    let rows = assessed["rows"].as_array().expect("rows");
    assert_eq!(rows.len(), 149);
    for row in rows {
        let verdict = row["verdict"].as_str().unwrap_or_default();
        assert!(VERDICTS.contains(&verdict), "{row}");
        for language in ["ja", "en"] {
            let reason = row["reason"][language].as_str().unwrap_or_default();
            assert!(!reason.is_empty(), "{row}");
        }
        // Nothing is green without evidence.
        if verdict == "met" {
            assert!(
                row["evidence"].as_array().is_some_and(|it| !it.is_empty()),
                "{row}"
            );
        }
        // What is not right says who must act.
        if verdict == "not_met" {
            assert!(
                row["owner"].as_array().is_some_and(|it| !it.is_empty()),
                "{row}"
            );
            assert!(row["next_step"]["ja"].is_string(), "{row}");
        }
    }
    let device = server.device();
    let page = officer.get("/devices").with_status(200).text();
    assert!(page.contains(&format!("/devices/{device}")), "{page}");
    officer.get(&format!("/devices/{device}")).with_status(200);
    officer.get("/").with_status(200);

    // The exit code tells a script that something is open.
    let open = rows.iter().any(|row| {
        let binding = ["M", "N", "I", "S"].iter().any(|it| row["force"] == *it);
        binding && (row["verdict"] == "unknown" || row["verdict"] == "not_met")
    });
    assert!(open, "a fresh organisation has open rows");
    server.cli().run(["assess"]).with_code(1);
}

#[test]
fn the_link_works_once_and_the_form_needs_its_page() {
    let server = Sekisho::up();
    let link = server.link();
    let mut stranger = server.client();
    // A form made up elsewhere, with the right token, is refused.
    let page = stranger.get(&link).with_status(200).text();
    let token = hidden(&page, "token");
    let refused = stranger.post_form("/set-up", &[("csrf", "x"), ("token", &token)]);
    assert!((400..500).contains(&refused.status), "{}", refused.text());

    let mut officer = server.found();
    let again = server.client().get(&link);
    assert!(again.status >= 300, "{}", again.text());
    assert!(!again.text().contains("organisation_ja"));

    // The officer leaves, and comes back by password; a wrong one is refused.
    let page = officer.get("/").with_status(200).text();
    let fields = [("csrf", hidden(&page, "csrf"))];
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, it)| (*name, it.as_str()))
        .collect();
    let left = officer.post_form("/sign-out", &fields);
    assert!(left.status < 400, "{}", left.text());
    assert_eq!(officer.get("/").status, 303);
    for (password, expected) in [("wrong horse battery staple", false), (PASSWORD, true)] {
        let page = officer.get("/sign-in").with_status(200).text();
        let csrf = hidden(&page, "csrf");
        let fields = [
            ("csrf", csrf.as_str()),
            ("login", LOGIN),
            ("password", password),
        ];
        let reply = officer.post_form("/sign-in", &fields);
        assert_eq!(reply.status == 303, expected, "{}", reply.text());
        assert_eq!(officer.get("/").status == 200, expected);
    }
}

#[test]
fn a_server_alone_enrols_nothing_by_itself() {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let server = Launch::new("serve").on(folder.path().join("data")).start();
    let said = server.cli().run(["assess", "--format", "json"]);
    assert_eq!(said.with_code(1).json()["checks"], serde_json::json!([]));
    server
        .cli()
        .run(["assess", "--here"])
        .with_code(2)
        .said_for_people();
    assert!(!server.data().join("agent").exists());
}

#[test]
fn up_said_nothing_of_enrolment_and_feeds_and_offered_a_way_in_for_ever() {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let data = folder.path().join("data");
    let up = || {
        Launch::new("up")
            .on(&data)
            .argument("--lang")
            .argument("en")
    };
    let server = up().start();
    // Before the set-up the machine is inspected already, and nothing of it is kept.
    server.wait_for_log(|log| log.contains("once the link has been used").then_some(()));
    server.wait_for_log(|log| log.contains("Pass").then_some(()));
    let here = server.cli().run(["assess", "--here", "--lang", "en"]);
    let here = here.with_code(2);
    assert!(here.stderr.contains("one-time link"), "{}", here.stderr);
    server.found();
    let import = "sekisho feeds import FILE";
    server.wait_for_log(|log| log.contains(import).then_some(()));
    assert!(server.stop().success());

    let server = up().start();
    server.wait_for_output(|said| said.contains("Ctrl-C").then_some(()));
    let link = server.wait_for_output(|said| Some(said.contains("/link/")));
    assert!(!link, "the officer has a password");
    server.wait_for_log(|log| log.contains(import).then_some(()));

    // A target has its first checkpoint by the time the command is done.
    let target = folder.path().join("archive");
    std::fs::create_dir(&target).expect("made");
    let to = format!("file:{}", target.display());
    server
        .cli()
        .run(["ledger", "checkpoint", "--to", &to])
        .with_code(0);
    let latest = target.join("latest");
    assert!(latest.exists());
    let verify = |file: &std::path::Path| {
        let words =
            ["ledger", "verify", "--lang", "en", "--checkpoint"].map(std::ffi::OsString::from);
        server.cli().run(words.into_iter().chain([file.into()]))
    };
    verify(&latest).with_code(0);
    let missing = verify(&target.join("nothing")).with_code(2);
    assert!(missing.stderr.contains("--to file:"), "{}", missing.stderr);
}
