//! A made-up ministry with somebody who may reach a system, and a proxy in front of an application.

use std::net::{SocketAddr, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use sekisho_tests::{Client, Launch, PASSWORD, Sekisho, between, free_address, hidden};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::application::Application;
use super::programs::Program;

/// How long a program may take until it listens, on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);

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
        let (system, allowed) = somebody(&server, &token);
        let person = allowed["id"].as_str().expect("a person").to_owned();
        let device = allowed["properties"]["device"]
            .as_str()
            .expect("a device")
            .to_owned();
        let other_device = another(&server, &token, &system, &device);
        let login = account(&server, &mut officer, &person);
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
    ];
    let page = officer
        .post_form("/tokens", &fields)
        .with_status(200)
        .text();
    between(&page, "class=\"secret\">", "<")
        .expect("a secret")
        .to_owned()
}

fn found(server: &Sekisho, token: &str, system: &str, place: &str) -> Vec<Value> {
    let search = json!({
        "subject": {"type": "person"},
        "action": {"name": "reach"},
        "resource": {"type": "system", "id": system},
        "context": {"place": place},
        "page": {"limit": 5},
    });
    let bearer = format!("Bearer {token}");
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
    ];
    let path = "/access/v1/search/subject";
    let reply = server
        .client()
        .request("POST", path, &headers, search.to_string().as_bytes());
    let reply = reply.with_status(200).json();
    reply["results"].as_array().expect("results").clone()
}

/// A system that somebody may reach from inside, and that one.
fn somebody(server: &Sekisho, token: &str) -> (String, Value) {
    let export = server
        .cli()
        .run(["export", "system", "--as", "csv"])
        .with_code(0);
    let ids = export
        .stdout
        .split("sys_")
        .skip(1)
        .map(|rest| format!("sys_{}", &rest[..26]));
    for system in ids {
        if let Some(one) = found(server, token, &system, "controlled")
            .into_iter()
            .next()
        {
            return (system, one);
        }
    }
    panic!("nobody may reach anything: {}", export.stdout)
}

fn another(server: &Sekisho, token: &str, system: &str, device: &str) -> String {
    let all = found(server, token, system, "controlled");
    let devices = all
        .iter()
        .filter_map(|it| it["properties"]["device"].as_str());
    let mut others = devices.filter(|it| *it != device);
    others.next().expect("another's device").to_owned()
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
            "names = [\"{server_address}\"]\ntrusted_proxies = [\"127.0.0.1\"]\ngrpc_listen = \"{grpc}\"\n"
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
