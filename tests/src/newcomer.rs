//! What a newcomer does first: open the one-time link, set the organisation up, wait for this
//! machine's first report.

use std::time::{Duration, Instant};

use crate::http::Client;
use crate::server::Sekisho;

/// The login of the first officer.
pub const LOGIN: &str = "taro";

/// The password of the first officer.
pub const PASSWORD: &str = "correct horse battery staple";

/// What stands between two markers, where both are there.
pub fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let start = text.find(before)? + before.len();
    let end = text[start..].find(after)? + start;
    Some(&text[start..end])
}

/// The value of a hidden field of a page.
///
/// # Panics
/// With the page, where there is no such field.
pub fn hidden(page: &str, name: &str) -> String {
    match between(page, &format!("name=\"{name}\" value=\""), "\"") {
        Some(value) => value.to_owned(),
        None => panic!("no field {name} in {page}"),
    }
}

impl Sekisho {
    /// The path of the one-time link that it printed.
    ///
    /// # Panics
    /// Where it prints none.
    pub fn link(&self) -> String {
        self.wait_for_output(|said| {
            let token = said.split_once("/link/")?.1;
            let end = token.find(|it: char| it.is_whitespace())?;
            Some(format!("/link/{}", &token[..end]))
        })
    }

    /// Sets the organisation up by that link, as a page without scripts does; the first officer
    /// is signed in then.
    ///
    /// # Panics
    /// With the page, where it is refused.
    pub fn found(&self) -> Client {
        let mut client = self.client();
        let link = self.link();
        let page = client.get(&link).with_status(200).text();
        let (csrf, token) = (hidden(&page, "csrf"), hidden(&page, "token"));
        let fields = [
            ("csrf", csrf.as_str()),
            ("token", token.as_str()),
            ("organisation_ja", "試験省"),
            ("organisation_en", "Ministry of Trials"),
            ("profile", "gov"),
            ("officer_name", "関所 太郎"),
            ("officer_kana", "セキショ タロウ"),
            ("login", LOGIN),
            ("role", ""),
            ("password", PASSWORD),
            ("password_again", PASSWORD),
        ];
        client.post_form("/set-up", &fields).with_status(303);
        client
    }

    /// The device that this machine was enrolled as, once its report has been received.
    ///
    /// # Panics
    /// Where none comes in time.
    pub fn device(&self) -> String {
        self.wait_for_log(|said| {
            let id = &said[said.find("dev_")?..];
            let end = id.find(|it: char| it.is_whitespace())?;
            Some(id[..end].to_owned())
        })
    }

    /// The verdicts, once this machine's report has been judged: `assess --here` as JSON.
    ///
    /// # Panics
    /// Where the checks of this machine do not come in time.
    pub fn judged(&self) -> serde_json::Value {
        self.device();
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            let said = self.cli().run(["assess", "--here", "--format", "json"]);
            if said.code != Some(2) {
                let value = said.json();
                if value["checks"].as_array().is_some_and(|it| !it.is_empty()) {
                    return value;
                }
            }
            assert!(
                Instant::now() < deadline,
                "not judged: {}{}",
                said.stdout,
                said.stderr
            );
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}
