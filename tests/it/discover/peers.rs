//! The resolvers and the proxy, each in a folder of its own, each used once.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sekisho_tests::{free_address, installed};

/// The name that is used.
const NAME: &str = "us02web.zoom.us";
/// How long anything is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

/// A program that writes a log.
pub struct Peer {
    /// The form of its log.
    pub form: &'static str,
    binary: &'static str,
    command: fn(&Path, SocketAddr) -> Command,
}

/// A program that runs, until it goes out of sight.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // In order, since Squid leaves shared memory behind otherwise; already gone is as well.
        let id = i32::try_from(self.0.id())
            .ok()
            .and_then(rustix::process::Pid::from_raw);
        if let Some(id) = id {
            let _ = rustix::process::kill_process(id, rustix::process::Signal::TERM);
        }
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            if matches!(self.0.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Peer {
    /// unbound, told to say of each line whether it is a question or an answer.
    pub fn tagged_unbound() -> Self {
        Self {
            form: "unbound",
            binary: "/usr/sbin/unbound",
            command: tagged_unbound,
        }
    }

    /// All of them.
    pub fn all() -> [Self; 4] {
        [
            Self {
                form: "dnsmasq",
                binary: "/usr/sbin/dnsmasq",
                command: dnsmasq,
            },
            Self {
                form: "unbound",
                binary: "/usr/sbin/unbound",
                command: unbound,
            },
            Self {
                form: "bind",
                binary: "/usr/sbin/named",
                command: bind,
            },
            Self {
                form: "squid",
                binary: "/usr/sbin/squid",
                command: squid,
            },
        ]
    }

    pub fn is_there(&self) -> bool {
        installed(Path::new(self.binary).exists(), self.form)
    }

    /// Starts it, uses the name once, and stops it. Returns its log.
    pub fn used_once(&self, folder: &Path) -> PathBuf {
        self.used_once_with(folder, &[])
    }

    /// The same, with variables in its environment, such as a clock of the test's own.
    pub fn used_once_with(&self, folder: &Path, environment: &[(&str, &str)]) -> PathBuf {
        // Those that give up their rights write as somebody else.
        std::fs::set_permissions(folder, PermissionsExt::from_mode(0o777)).expect("rights");
        let address = free_address();
        let mut command = (self.command)(folder, address);
        command
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let running = Running(command.spawn().expect("the program starts"));
        let log = folder.join("used.log");
        if self.form == "squid" {
            tunnel(address);
        } else {
            ask(address);
        }
        wait("the log tells of it", || {
            std::fs::read_to_string(&log).is_ok_and(|text| text.contains(NAME))
        });
        drop(running);
        for left in std::fs::read_dir("/dev/shm")
            .into_iter()
            .flatten()
            .flatten()
        {
            if left
                .file_name()
                .to_string_lossy()
                .starts_with(&shared_name(address))
            {
                let _ = std::fs::remove_file(left.path());
            }
        }
        log
    }
}

fn wait(for_what: &str, mut happened: impl FnMut() -> bool) {
    let until = Instant::now() + PATIENCE;
    while !happened() {
        assert!(Instant::now() < until, "waited in vain: {for_what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Asks for the name until it is answered. Only an answered question was heard, so that one is logged
/// for each time that the resolver was there.
fn ask(resolver: SocketAddr) {
    let mut question = vec![0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in NAME.split('.') {
        question.push(u8::try_from(label.len()).expect("short"));
        question.extend_from_slice(label.as_bytes());
    }
    question.extend_from_slice(&[0, 0, 1, 0, 1]);
    wait("the resolver answers", || {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
        // Connected, so that a port on which nobody listens is told at once.
        socket.connect(resolver).expect("loopback");
        socket.set_read_timeout(Some(PATIENCE)).expect("a time");
        let mut answer = [0; 512];
        socket.send(&question).is_ok() && socket.recv(&mut answer).is_ok()
    });
}

/// Opens a tunnel to the name through the proxy, says something and closes it.
fn tunnel(proxy: SocketAddr) {
    let origin = TcpListener::bind("127.0.0.1:0").expect("an origin");
    let port = origin.local_addr().expect("its address").port();
    let mut stream = None;
    wait("the proxy listens", || {
        stream = TcpStream::connect(proxy).ok();
        stream.is_some()
    });
    let mut stream = stream.expect("it listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a time");
    write!(
        stream,
        "CONNECT {NAME}:{port} HTTP/1.1\r\nHost: {NAME}\r\n\r\n"
    )
    .expect("sent");
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).expect("an answer");
        answer.push(byte[0]);
    }
    assert!(
        answer.starts_with(b"HTTP/1.1 200"),
        "{}",
        String::from_utf8_lossy(&answer)
    );
    let (mut end, _) = origin.accept().expect("the other end");
    end.write_all(b"hello").expect("said");
    drop(end);
    let mut said = Vec::new();
    stream.read_to_end(&mut said).expect("heard");
    assert_eq!(said, b"hello");
}

fn write_file(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).expect("a file is written");
    path
}

fn dnsmasq(folder: &Path, address: SocketAddr) -> Command {
    let log = folder.join("used.log");
    let text = format!(
        "port={}\nlisten-address={}\nbind-interfaces\nno-resolv\nno-hosts\nlog-queries\n\
         log-facility={}\naddress=/zoom.us/198.51.100.1\npid-file=\nuser=root\n",
        address.port(),
        address.ip(),
        log.display()
    );
    let mut command = Command::new("/usr/sbin/dnsmasq");
    command
        .arg("--keep-in-foreground")
        .arg("-C")
        .arg(write_file(folder, "dnsmasq.conf", &text));
    command
}

fn unbound(folder: &Path, address: SocketAddr) -> Command {
    unbound_with(folder, address, "")
}

fn tagged_unbound(folder: &Path, address: SocketAddr) -> Command {
    unbound_with(folder, address, " log-tag-queryreply: yes\n")
}

fn unbound_with(folder: &Path, address: SocketAddr, more: &str) -> Command {
    let text = format!(
        "server:\n{more} interface: {}@{}\n do-daemonize: no\n use-syslog: no\n logfile: \"{}\"\n\
         \x20log-queries: yes\n log-replies: yes\n chroot: \"\"\n username: \"\"\n pidfile: \"\"\n\
         \x20directory: \"{}\"\n module-config: \"iterator\"\n local-zone: \"zoom.us.\" redirect\n\
         \x20local-data: \"zoom.us. A 198.51.100.1\"\nremote-control:\n control-enable: no\n",
        address.ip(),
        address.port(),
        folder.join("used.log").display(),
        folder.display()
    );
    let mut command = Command::new("/usr/sbin/unbound");
    command
        .arg("-d")
        .arg("-c")
        .arg(write_file(folder, "unbound.conf", &text));
    command
}

fn bind(folder: &Path, address: SocketAddr) -> Command {
    write_file(
        folder,
        "zone",
        "$TTL 60\n@ IN SOA ns.zoom.us. r.zoom.us. 1 60 60 60 60\n@ IN NS ns.zoom.us.\nns IN A 127.0.0.1\n* IN A 198.51.100.1\n",
    );
    let text = format!(
        "options {{ directory \"{}\"; listen-on port {} {{ {}; }}; listen-on-v6 {{ none; }};\n\
         recursion no; pid-file none; session-keyfile none; dnssec-validation no; }};\ncontrols {{ }};\n\
         zone \"zoom.us\" {{ type primary; file \"zone\"; }};\n\
         logging {{ channel used {{ file \"{}\"; print-time yes; print-category yes; print-severity yes; }};\n\
         category queries {{ used; }}; }};\n",
        folder.display(),
        address.port(),
        address.ip(),
        folder.join("used.log").display()
    );
    let mut command = Command::new("/usr/sbin/named");
    command
        .arg("-f")
        .arg("-c")
        .arg(write_file(folder, "named.conf", &text));
    command
}

/// Squid's shared memory bears the name of its service.
fn shared_name(address: SocketAddr) -> String {
    format!("sekisho{}", address.port())
}

fn squid(folder: &Path, address: SocketAddr) -> Command {
    let hosts = write_file(folder, "hosts", &format!("127.0.0.1 {NAME}\n"));
    let text = format!(
        "http_port {address}\npid_filename none\ncache_log {}\naccess_log stdio:{}\ncache deny all\n\
         hosts_file {}\nhttp_access allow all\ncache_effective_user proxy\nnetdb_filename none\n\
         shutdown_lifetime 0 seconds\n",
        folder.join("cache.log").display(),
        folder.join("used.log").display(),
        hosts.display()
    );
    let mut command = Command::new("/usr/sbin/squid");
    command
        .arg("-n")
        .arg(shared_name(address))
        .arg("-N")
        .arg("-f");
    command.arg(write_file(folder, "squid.conf", &text));
    command
}
