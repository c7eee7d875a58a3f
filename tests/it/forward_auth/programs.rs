//! The proxies: how each is started on its part of the documentation.

use std::path::{Path, PathBuf};
use std::process::Command;

use sekisho_tests::root;

/// A proxy.
pub struct Program {
    pub name: &'static str,
    /// The language of its block in the documentation, and how that begins where there are several.
    block: (&'static str, &'static str),
    binary: Option<PathBuf>,
    command: fn(&Path, &Path, &str) -> Command,
}

impl Program {
    pub fn is_there(&self) -> bool {
        self.binary.is_some()
    }

    /// Its configuration, as the documentation gives it.
    pub fn text(&self) -> String {
        block(self.block.0, self.block.1)
    }

    /// The command that runs it in the foreground, on a folder of its own.
    pub fn command(&self, folder: &Path, text: &str) -> Command {
        let binary = self.binary.as_deref().expect("asked before");
        (self.command)(binary, folder, text)
    }
}

/// All of them.
pub fn all() -> Vec<Program> {
    vec![
        Program {
            name: "nginx",
            block: ("nginx", ""),
            binary: found("nginx"),
            command: nginx,
        },
        Program {
            name: "Caddy",
            block: ("caddyfile", ""),
            binary: found("caddy"),
            command: caddy,
        },
        Program {
            name: "HAProxy",
            block: ("haproxy", ""),
            binary: found("haproxy"),
            command: haproxy,
        },
        Program {
            name: "Envoy over HTTP",
            block: ("yaml", "# envoy-http"),
            binary: found("envoy"),
            command: envoy,
        },
        Program {
            name: "Envoy over gRPC",
            block: ("yaml", "# envoy-grpc"),
            binary: found("envoy"),
            command: envoy,
        },
    ]
}

/// A program of Debian's, or of the test command's own Python.
fn found(name: &str) -> Option<PathBuf> {
    let home = sekisho_tests::python();
    let beside = home.as_deref().and_then(Path::parent).map(Path::to_owned);
    let debian = ["/usr/sbin", "/usr/bin", "/usr/local/bin"].map(PathBuf::from);
    let mut all = beside
        .into_iter()
        .chain(debian)
        .map(|folder| folder.join(name));
    all.find(|path| path.exists())
}

/// A block of the documentation.
fn block(language: &str, beginning: &str) -> String {
    let path = root().join("docs/forward-auth.md");
    let text = std::fs::read_to_string(path).expect("the documentation");
    let fence = format!("```{language}\n");
    let mut blocks = text
        .split(&fence)
        .skip(1)
        .filter_map(|rest| Some(rest.split_once("\n```")?.0));
    let found = blocks.find(|it| it.starts_with(beginning));
    format!("{}\n", found.expect("a block of that language"))
}

fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).expect("a file is written");
    path
}

fn nginx(binary: &Path, folder: &Path, text: &str) -> Command {
    write(folder, "site.conf", text);
    // What Debian's main file does besides, in the test's own folder.
    let main = "daemon off;\nmaster_process off;\npid nginx.pid;\nerror_log stderr warn;\n\
        events {}\nhttp {\n  access_log off;\n  client_body_temp_path body;\n  proxy_temp_path proxy;\n\
        fastcgi_temp_path fastcgi;\n  uwsgi_temp_path uwsgi;\n  scgi_temp_path scgi;\n\
        include site.conf;\n}\n";
    let main = write(folder, "nginx.conf", main);
    let mut command = Command::new(binary);
    command
        .arg("-p")
        .arg(folder)
        .arg("-e")
        .arg("stderr")
        .arg("-c")
        .arg(main);
    command
}

fn caddy(binary: &Path, folder: &Path, text: &str) -> Command {
    // Nothing of the machine's besides: no port 80 either.
    let own = "admin off\n\tpersist_config off\n\tauto_https disable_redirects";
    let text = format!("{{\n\t{own}\n}}\n{text}");
    let path = write(folder, "Caddyfile", &text);
    let mut command = Command::new(binary);
    command
        .args(["run", "--adapter", "caddyfile", "--config"])
        .arg(path);
    command
        .env("XDG_DATA_HOME", folder)
        .env("XDG_CONFIG_HOME", folder)
        .env("HOME", folder);
    command
}

fn haproxy(binary: &Path, folder: &Path, text: &str) -> Command {
    write(folder, "sekisho.lua", &block("lua", ""));
    let path = write(folder, "haproxy.cfg", text);
    let mut command = Command::new(binary);
    command.arg("-db").arg("-f").arg(path).current_dir(folder);
    command
}

fn envoy(binary: &Path, folder: &Path, text: &str) -> Command {
    let path = write(folder, "envoy.yaml", text);
    let mut command = Command::new(binary);
    command
        .arg("-c")
        .arg(path)
        .args(["--log-level", "warning", "--concurrency", "1"]);
    // Without it no shared memory stays behind when it is killed.
    command.args(["--disable-hot-restart"]);
    command
}
