//! A second device: invited at the shell, enrolled and reporting from a folder of its own.

use std::ffi::OsString;

use sekisho_tests::{Cli, Finished, Sekisho};

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
