//! A server, and a proxy over TLS in front of an application.

use std::net::{SocketAddr, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use sekisho_tests::{Cli, Client, Launch, Sekisho, free_address};
use tempfile::TempDir;

use super::application::Application;
use super::certificates::Certificate;
use super::programs::Program;
use super::sign_in;
use super::world::World;

/// The name under which the proxy is reached, in the place of the documentation's. TLS knows it by that.
const NAME: &str = "localhost";

/// Who vouches for the proxy's own certificate, and whose certificates it asks for, in the documentation.
const FILES: &str = "/etc/sekisho";

/// How long a program may take until it listens, on a busy machine.
const LIMIT: Duration = Duration::from_secs(15);

/// A server, a proxy and an application, ended together.
pub struct Stage {
    server: Option<Sekisho>,
    proxy: Child,
    console: SocketAddr,
    address: SocketAddr,
    application: Application,
    authority: String,
    _folder: TempDir,
}

impl Stage {
    pub fn set(world: &World, program: &Program) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let (server_address, grpc) = (free_address(), free_address());
        let (console, address) = (free_address(), free_address());
        let [console_name, name] = [console, address].map(|it| format!("{NAME}:{}", it.port()));
        // Where the documented proxy speaks TLS to it.
        let over_tls = program.text().contains("UpstreamTlsContext");
        let tls = if over_tls { "tls = \"built-in\"\n" } else { "" };
        let text = format!(
            "names = [\"{console_name}\"]\ntrusted_proxies = [\"127.0.0.1\"]\ngrpc_listen = \"{grpc}\"\n{tls}\
            [forward_auth]\napplications = [\"{name}\"]\n\
            [[forward_auth.stated_devices]]\nproxy = \"127.0.0.1\"\ndevice = \"{}\"\n",
            world.device.id
        );
        let config = folder.path().join("sekisho.toml");
        std::fs::write(&config, text).expect("a file is written");
        let mut launch = Launch::new("serve").at(server_address).on(world.data());
        if over_tls {
            launch = launch.known_by(&world.authorities);
        }
        let server = launch.argument("--config").argument(config).start();
        let application = Application::start();
        let text = addressed(
            &program.text(),
            &[
                (8443, server_address),
                (9443, grpc),
                (8000, console),
                (8001, address),
                (8080, application.address()),
            ],
        );
        let text = text
            .replace("SYSTEM", &world.system)
            .replace("sekisho.example.go.jp:8000", &console_name)
            .replace("sekisho.example.go.jp:8001", &name)
            .replace("sni: sekisho.example.go.jp", &format!("sni: {NAME}"))
            .replace("exact: sekisho.example.go.jp", &format!("exact: {NAME}"));
        let text = certified(world, folder.path(), &text);
        let mut command = program.command(folder.path(), &text);
        command.process_group(0).stdin(Stdio::null());
        let mut proxy = command.spawn().expect("the proxy starts");
        for address in [console, address] {
            listens(program, &mut proxy, address);
        }
        Self {
            server: Some(server),
            proxy,
            console,
            address,
            application,
            authority: world.stranger.pem(),
            _folder: folder,
        }
    }

    /// A visitor of the application, with a certificate or without one.
    pub fn client(&self, certificate: Option<&Certificate>) -> Client {
        let client = Client::new(self.address).to_host(NAME);
        match certificate {
            Some(it) => client.over_tls_with(&self.authority, (&it.chain, &it.key)),
            None => client.over_tls(&self.authority),
        }
    }

    /// One who has signed in at the console, and goes on to the application.
    pub fn signed_in(&self, login: &str, certificate: Option<&Certificate>) -> Client {
        let mut client = self.at_console(self.client(certificate));
        sign_in(&mut client, login, "");
        client.at_port(self.address.port())
    }

    /// The same visitor at the console.
    pub fn at_console(&self, client: Client) -> Client {
        client.at_port(self.console.port())
    }

    /// The origins of the console and of the application.
    pub fn origins(&self) -> [String; 2] {
        [self.console, self.address].map(|it| format!("https://{NAME}:{}", it.port()))
    }

    /// The shell of the server.
    pub fn cli(&self) -> Cli {
        self.server.as_ref().expect("the server runs").cli()
    }

    /// How many requests have reached the application.
    pub fn seen(&self) -> usize {
        self.application.seen().len()
    }

    /// All that the application was ever sent.
    pub fn received(&self) -> String {
        self.application.seen().concat()
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

/// The proxy's own certificate, and the authorities of Sekisho's devices, in the places that the documentation
/// names.
fn certified(world: &World, folder: &Path, text: &str) -> String {
    let own = world
        .stranger
        .certify(&format!("subjectAltName=DNS:{NAME},IP:127.0.0.1\n"));
    for (name, pem) in [
        ("proxy.pem", &own.chain),
        ("proxy.pem.key", &own.key),
        ("devices.pem", &world.authorities),
    ] {
        std::fs::write(folder.join(name), pem).expect("a file is written");
    }
    text.replace(FILES, &folder.display().to_string())
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
