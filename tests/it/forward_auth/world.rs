//! An organisation with somebody who may reach a system from inside on a device that its agent enrolled, and
//! with devices that do not let him.

use std::path::{Path, PathBuf};
use std::process::Command;

use sekisho_tests::{Running, Sekisho, binary, free_address};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::certificates::{Authority, Certificate};
use crate::office;
use crate::office::feeds::ends_of_support;
use crate::office::forms::send;
use crate::office::people::People;
use crate::office::run::run;
use crate::office::serve::{Served, serve};

/// The internal line, where everybody in this test is.
const LINE: [(&str, &str); 1] = [("f-seen_as", "127.0.0.0/8")];

/// A device with the certificate that it was given.
pub struct Device {
    pub id: String,
    pub certificate: Certificate,
}

/// Who may reach what, in a data folder.
pub struct World {
    folder: TempDir,
    pub system: String,
    pub person: String,
    pub login: String,
    pub device: Device,
    /// A device that is not this person's.
    pub other_device: Device,
    /// One that was, and was given up.
    pub retired_device: Device,
    /// The authorities of Sekisho's devices (PEM).
    pub authorities: String,
    /// One that Sekisho does not know; the proxies have their certificate from it.
    pub stranger: Authority,
    /// Its certificate for the very name of the device.
    pub foreign: Certificate,
}

impl World {
    pub fn made() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let address = free_address().to_string();
        let served = serve(folder.path(), &address, "");
        let mut people = People::gathered(&served.server, &LINE);
        people.register_system("198.51.100.5", "8080/tcp");
        ends_of_support(&served.server, folder.path());
        let device = enrolled(&served, folder.path(), ("own", &people.invite()));
        let state = folder.path().join("own");
        let mut reporting = office::device::Device::of(&device.id, &state);
        reporting.report(&mut served.server.client(), &[]);
        // One of the section without a user of its own would be everybody's.
        let secret = people.invite_for("佐藤 花子");
        let other_device = enrolled(&served, folder.path(), ("other", &secret));
        let retired_device = enrolled(&served, folder.path(), ("retired", &people.invite()));
        retire(&mut people, &retired_device.id);
        let system = people.system().to_owned();
        let person = people.person();
        is_found(&served.server, &mut people, (&person, &device.id));
        let stranger = Authority::made();
        let name = format!("subjectAltName=critical,URI:sekisho:device/{}", device.id);
        let foreign = stranger.certify(&format!("{name}\nextendedKeyUsage=clientAuth\n"));
        assert!(served.server.stop().success());
        Self {
            folder,
            system,
            person,
            login: "saburo".to_owned(),
            device,
            other_device,
            retired_device,
            authorities: served.authority,
            stranger,
            foreign,
        }
    }

    /// The folder that a server starts on.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }
}

/// A device whose agent has enrolled by a one-time secret, and has a certificate.
fn enrolled(served: &Served, folder: &Path, (name, secret): (&str, &str)) -> Device {
    let state = folder.join(name);
    let agent = |words: &[&str]| {
        let mut command = Command::new(binary());
        command.env("SEKISHO_LANG", "en").arg("agent").args(words);
        command.arg("--state").arg(&state);
        command
    };
    let url = format!("https://{}", served.server.address());
    let words = ["enrol", "--server", &url, "--ca-sha256"];
    let more = [served.fingerprint.as_str(), "--format", "json"];
    let words = [&words[..], &more].concat();
    let enrolled = run(agent(&words), secret).with_code(0).json();
    let id = enrolled["device"].as_str().expect("an id").to_owned();
    let runs = Running::start(agent(&["run"]));
    runs.wait_for_note("a certificate and a report", |said| {
        let both = said.contains("certificate was renewed") && said.contains("Reported.");
        both.then_some(())
    });
    drop(runs);
    let read = |name: &str| std::fs::read_to_string(state.join(name)).expect("a file");
    let certificate = Certificate {
        chain: read("device.certificate.pem"),
        key: read("device.key.pem"),
    };
    Device { id, certificate }
}

fn retire(people: &mut People, device: &str) {
    let fields = [
        ("retire_reason", "replaced"),
        ("name", device),
        ("confirmed", "yes"),
    ];
    let path = format!("/devices/{device}/retire");
    send(&mut people.isso, &path, &fields);
}

/// The search names this person at this device as who may reach the system from inside.
fn is_found(server: &Sekisho, people: &mut People, (person, device): (&str, &str)) {
    let bearer = format!("Bearer {}", people.service_token("gate", "scope_access"));
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
    ];
    let search = json!({
        "subject": { "type": "person" },
        "action": { "name": "reach" },
        "resource": { "type": "system", "id": people.system() },
        "context": { "place": "controlled" },
    });
    let body = search.to_string();
    let path = "/access/v1/search/subject";
    // The feeds have just come in, and devices are judged by them one after the other.
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
    loop {
        let mut program = server.client();
        let reply = program.request("POST", path, &headers, body.as_bytes());
        let found = reply.with_status(200).json();
        let results = found["results"].as_array().expect("results");
        let named = |it: &Value| it["id"] == *person && it["properties"]["device"] == *device;
        if results.iter().any(named) {
            // And at no other device.
            assert_eq!(results.len(), 1, "{found}");
            return;
        }
        assert!(std::time::Instant::now() < deadline, "{found}");
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
}
