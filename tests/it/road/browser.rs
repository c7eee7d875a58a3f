//! The same pages before a real browser, by somebody who is signed in.

use std::process::{Command, Stdio};

use sekisho_tests::{Client, browser, root};

use super::stage::SERVER;

/// Approves a permit as a person does. False where there is no browser.
pub fn approves(by: &Client, permit: &str) -> bool {
    sits(by, &["approve", &format!("https://{SERVER}{permit}")])
}

/// Reads the page of one's own access, saves a picture of it, and finds the words on it. False where there is no
/// browser.
pub fn reads(by: &Client, lang: &str, picture: &str, words: &[&str]) -> bool {
    let url = format!("https://{SERVER}/access/mine");
    let name = format!("road-{picture}-{lang}");
    let mut arguments = vec!["read", &url, lang, &name];
    arguments.extend_from_slice(words);
    sits(by, &arguments)
}

fn sits(by: &Client, arguments: &[&str]) -> bool {
    let Some(browser) = browser() else {
        return false;
    };
    let cookies = serde_json::to_string(by.cookies()).expect("texts are JSON");
    let mut node = Command::new("node");
    node.current_dir(root())
        .arg("tests/browser/seat.mjs")
        .args(arguments)
        .envs(browser)
        .env("SEKISHO_COOKIES", cookies)
        .stdin(Stdio::null());
    let done = node.output().expect("node starts");
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{arguments:?}: {said}");
    true
}
