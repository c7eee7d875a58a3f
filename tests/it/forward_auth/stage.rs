//! A made-up ministry with somebody who may reach a system, and a proxy in front of an application.

use std::net::{SocketAddr, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use sekisho_tests::{Cli, Client, Launch, PASSWORD, Sekisho, between, free_address, hidden};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::application::Application;
use super::programs::Program;

/// How long a program may take until it listens, on a busy machine.
const LIMIT: Duration = Duration::from_secs(15);

/// Who may reach what, in a data folder.
pub struct World {
    folder: TempDir,
    pub system: String,
    pub person: String,
    pub login: String,
    pub device: String,
    /// A device of somebody else.
    pub other_device: String,
}

impl World {
    /// Fills a folder with the demonstration, makes loopback an internal line of it, and gives an
    /// account to somebody who may reach a system from there.
    pub fn made() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let demo = Launch::new("up")
            .argument("--demo")
            .argument("--lang")
            .argument("en");
        let server = demo.on(folder.path().join("data")).start();
        server.wait_for_log(|said| said.contains("A made-up ministry is ready").then_some(()));
        let mut officer = server.client();
        let link = server.link();
        let csrf = hidden(&officer.get(&link).with_status(200).text(), "csrf");
        officer
            .post_form(&link, &[("csrf", &csrf)])
            .with_status(303);
        loopback_is_inside(&server, folder.path());
        let token = token(&mut officer);
        let system = a_system(&server, folder.path());
        let ((person, device), other_device) = two_who_fit(&server, &token, &system);
        let login = account(&server, &mut officer, &person);
        // Now that there is an account the search finds who it is.
        let search = json!({
            "subject": { "type": "person" },
            "action": { "name": "reach" },
            "resource": { "type": "system", "id": system },
            "context": { "place": "controlled" },
        });
        let found = asked(
            &server,
            &token,
            ("POST", "/access/v1/search/subject"),
            &search,
        );
        let found = found["results"].as_array().expect("results");
        let named = |it: &Value| it["id"] == *person && it["properties"]["device"] == *device;
        assert!(found.iter().any(named), "{found:?}");
        assert!(server.stop().success());
        Self {
            folder,
            system,
            person,
            login,
            device,
            other_device,
        }
    }
}

/// The register of lines names loopback as part of an internal line.
fn loopback_is_inside(server: &Sekisho, folder: &Path) {
    let path = folder.join("lines.csv");
    let file = path.display().to_string();
    let export = [
        "export",
        "line",
        "--as",
        "csv",
        "--output",
        file.as_str(),
        "--lang",
        "en",
    ];
    server.cli().run(export).with_code(0);
    let text = std::fs::read_to_string(&path).expect("lines");
    assert!(text.contains("10.20.0.0/16"), "{text}");
    let text = text.replacen("10.20.0.0/16", "127.0.0.0/8", 1);
    std::fs::write(&path, text).expect("lines are written");
    let import = ["import", "line", file.as_str(), "--lang", "en"];
    server.cli().run(import).with_code(0);
}

fn token(officer: &mut Client) -> String {
    let page = officer.get("/tokens").with_status(200).text();
    let csrf = hidden(&page, "csrf");
    let post = between(&page, "<option value=\"pst_", "\"").expect("a post");
    let post = format!("pst_{post}");
    let last_day = between(&page, "name=\"last_day\" type=\"date\" value=\"", "\"").expect("a day");
    let fields = [
        ("csrf", csrf.as_str()),
        ("label", "gate"),
        ("post", post.as_str()),
        ("holder", "service"),
        ("last_day", last_day),
        ("scope_access", "yes"),
        ("scope_read", "yes"),
    ];
    let page = officer
        .post_form("/tokens", &fields)
        .with_status(200)
        .text();
    between(&page, "class=\"secret\">", "<")
        .expect("a secret")
        .to_owned()
}

/// A program's question and its answer.
fn asked(server: &Sekisho, token: &str, (method, path): (&str, &str), body: &Value) -> Value {
    let bearer = format!("Bearer {token}");
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
    ];
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    let reply = server
        .client()
        .request(method, path, &headers, body.as_bytes());
    reply.with_status(200).json()
}

/// A system of the register.
fn a_system(server: &Sekisho, folder: &Path) -> String {
    let path = folder.join("systems.csv");
    let file = path.display().to_string();
    let export = ["export", "system", "--as", "csv", "--output", file.as_str()];
    server.cli().run(export).with_code(0);
    let text = std::fs::read_to_string(&path).expect("systems");
    let rest = text.split_once("sys_").expect("a system").1;
    format!("sys_{}", &rest[..26])
}

/// Who could reach a system from inside, if only they had accounts, each with a device: what is missing
/// is told, and nothing else is.
fn who_lack_an_account(server: &Sekisho, token: &str, system: &str) -> Vec<(String, String)> {
    let list = ("GET", "/api/v1/devices?limit=200");
    let devices = asked(server, token, list, &Value::Null);
    let devices = devices["items"].as_array().expect("devices");
    let pairs: Vec<(&str, &str)> = devices
        .iter()
        .filter_map(|it| Some((it["user"].as_str()?, it["id"].as_str()?)))
        .collect();
    let each = pairs.iter().map(|(person, device)| {
        let properties = json!({ "device": device });
        json!({ "subject": { "type": "person", "id": person, "properties": properties } })
    });
    let batch = json!({
        "action": { "name": "reach" },
        "resource": { "type": "system", "id": system },
        "context": { "place": "controlled" },
        "evaluations": each.collect::<Vec<_>>(),
    });
    let answers = asked(server, token, ("POST", "/access/v1/evaluations"), &batch);
    let answers = answers["evaluations"].as_array().expect("answers");
    let lacks_account = |answer: &Value| {
        let missing = answer["context"]["missing"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        missing.len() == 1 && missing[0]["lack"] == "person"
    };
    let fitting = pairs
        .iter()
        .zip(answers)
        .filter(|(_, answer)| lacks_account(answer));
    fitting
        .map(|((person, device), _)| ((*person).to_owned(), (*device).to_owned()))
        .collect()
}

/// Somebody with a device, and a device of somebody else. The feeds have just come in, and devices are
/// judged by them one after the other.
fn two_who_fit(server: &Sekisho, token: &str, system: &str) -> ((String, String), String) {
    let deadline = Instant::now() + LIMIT;
    while Instant::now() < deadline {
        let fitting = who_lack_an_account(server, token, system);
        if let Some(one) = fitting.first()
            && let Some(other) = fitting.iter().find(|it| it.0 != one.0)
        {
            return (one.clone(), other.1.clone());
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    panic!("nobody could reach {system}")
}

fn account(server: &Sekisho, officer: &mut Client, person: &str) -> String {
    let path = format!("/organisation/people/{person}");
    let page = officer.get(&path).with_status(200).text();
    let csrf = hidden(&page, "csrf");
    let login = "gate-user";
    let fields = [
        ("csrf", csrf.as_str()),
        ("login", login),
        ("reissue", "yes"),
    ];
    let page = officer
        .post_form(&format!("{path}/account"), &fields)
        .with_status(200)
        .text();
    let link = between(&page, "class=\"secret\">", "<")
        .expect("a link")
        .to_owned();
    let link = link
        .find("/link/")
        .map_or(link.clone(), |at| link[at..].to_owned());
    let mut client = server.client();
    let csrf = hidden(&client.get(&link).with_status(200).text(), "csrf");
    let password = [
        ("csrf", csrf.as_str()),
        ("password", PASSWORD),
        ("password_again", PASSWORD),
    ];
    client.post_form(&link, &password).with_status(303);
    login.to_owned()
}

/// A server, a proxy and an application, ended together.
pub struct Stage {
    server: Option<Sekisho>,
    server_address: SocketAddr,
    proxy: Child,
    address: SocketAddr,
    application: Application,
    _folder: TempDir,
}

impl Stage {
    pub fn set(world: &World, program: &Program, device: &str) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let (server_address, grpc, address) = (free_address(), free_address(), free_address());
        let text = format!(
            "names = [\"{server_address}\", \"{address}\"]\ntrusted_proxies = [\"127.0.0.1\"]\ngrpc_listen = \"{grpc}\"\n"
        );
        let config = folder.path().join("sekisho.toml");
        std::fs::write(&config, text).expect("a file is written");
        let launch = Launch::new("serve")
            .at(server_address)
            .on(world.folder.path().join("data"));
        let server = launch.argument("--config").argument(config).start();
        let application = Application::start();
        let text = addressed(
            &program.text(),
            &[
                (8443, server_address),
                (9443, grpc),
                (8000, address),
                (8080, application.address()),
            ],
        );
        let text = text.replace("SYSTEM", &(program.device)(&world.system, device));
        let mut command = program.command(folder.path(), &text);
        command.process_group(0).stdin(Stdio::null());
        let mut proxy = command.spawn().expect("the proxy starts");
        listens(program, &mut proxy, address);
        Self {
            server: Some(server),
            server_address,
            proxy,
            address,
            application,
            _folder: folder,
        }
    }

    /// A visitor of the proxy.
    pub fn client(&self) -> Client {
        Client::new(self.address)
    }

    pub fn server_address(&self) -> SocketAddr {
        self.server_address
    }

    /// The shell of the server.
    pub fn cli(&self) -> Cli {
        self.server.as_ref().expect("the server runs").cli()
    }

    /// How many requests have reached the application.
    pub fn seen(&self) -> usize {
        self.application.seen()
    }

    pub fn kill_server(&mut self) {
        if let Some(server) = self.server.take() {
            server.kill();
        }
    }

    /// Ends all of it, the server in order.
    pub fn end(mut self) {
        if let Some(server) = self.server.take() {
            assert!(server.stop().success());
        }
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if let Some(id) = i32::try_from(self.proxy.id())
            .ok()
            .and_then(rustix::process::Pid::from_raw)
        {
            // Already gone is what was wished for.
            let _ = rustix::process::kill_process_group(id, rustix::process::Signal::KILL);
        }
        let _ = self.proxy.wait();
    }
}

/// The addresses of the documentation, in both of the ways in which they are written, as they are here.
fn addressed(text: &str, places: &[(u16, SocketAddr)]) -> String {
    let mut text = text.to_owned();
    for (port, address) in places {
        text = text.replace(&format!("127.0.0.1:{port}"), &address.to_string());
        let (old, new) = (
            format!("port_value: {port} "),
            format!("port_value: {} ", address.port()),
        );
        text = text.replace(&old, &new);
    }
    text
}

fn listens(program: &Program, proxy: &mut Child, address: SocketAddr) {
    let deadline = Instant::now() + LIMIT;
    while Instant::now() < deadline {
        if let Ok(Some(status)) = proxy.try_wait() {
            panic!("{} ended: {status}", program.name);
        }
        if TcpStream::connect(address).is_ok() {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let _ = proxy.kill();
    panic!("{} does not listen", program.name);
}
