//! Settings: flags win over the environment, the environment over the file.

mod discovery;
mod tls;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::ArgMatches;
use serde::Deserialize;

pub use discovery::{Discovery, Logs};
pub use tls::{Acme, ExternalAccount, Tls};

use crate::fault::Fault;

/// Where the console listens unless told otherwise.
pub const DEFAULT_LISTEN: &str = "127.0.0.1:8443";

/// Seconds between inspections that may be asked for.
const REPORT_EVERY: std::ops::RangeInclusive<u32> = 10..=86_400;

/// Working days before the end of a permit at which its holder can be reminded.
const END_LEAD: std::ops::RangeInclusive<u32> = 1..=60;

/// Largest configuration file, in bytes.
const FILE_MAX: u64 = 1 << 20;

/// The configuration file. Unknown settings are refused: a misspelt one must not pass unseen.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct File {
    /// Address to listen on.
    pub listen: Option<String>,
    /// Further values of `Host` that are the server's own.
    pub names: Vec<String>,
    /// Proxies that end TLS and say where a request came from.
    pub trusted_proxies: Vec<String>,
    /// The domain that passkeys belong to, where it is not the first of the names.
    pub passkey_domain: Option<String>,
    /// Seconds between inspections.
    pub report_every: Option<u32>,
    /// Form of the log: `text` or `json`.
    pub log: Option<String>,
    /// How mail leaves.
    pub mail: Option<Mail>,
    /// Address on which Envoy's checks are answered over gRPC; none where they are not.
    pub grpc_listen: Option<String>,
    /// Folder with the rules of the organisation's own applications, one folder each.
    pub applications: Option<PathBuf>,
    /// File with the secrets by which switches of internal lines know this server.
    pub switch_secrets: Option<PathBuf>,
    /// TLS of the server itself: `"built-in"`, a table with two files, or one that says how
    /// certificates are ordered.
    pub tls: Option<Tls>,
    /// Use of outside services, as logs show it.
    pub discovery: Discovery,
    /// What proxies that ask about requests may say.
    pub forward_auth: ForwardAuth,
}

/// What proxies that ask about requests may say.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ForwardAuth {
    /// Devices that a proxy may name without a certificate; none unless said.
    pub stated_devices: Vec<StatedDevice>,
    /// Hosts of applications behind a proxy, to which whoever signs in is led back.
    pub applications: Vec<String>,
}

/// A device that a proxy may name without a certificate.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatedDevice {
    /// The proxy's address, which is one of `trusted_proxies`.
    pub proxy: String,
    /// The device's id.
    pub device: String,
}

/// How mail leaves.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mail {
    /// `host:port` of the SMTP relay.
    pub relay: String,
    /// Sender's address.
    pub from: String,
    /// `starttls`, `implicit` or `none`; without a word `starttls`, and `none` for a relay on this
    /// machine.
    pub tls: Option<String>,
    /// File with the certificates (PEM) of the authorities that vouch for the relay; those of this
    /// machine where there is none.
    pub authorities: Option<PathBuf>,
    /// The name with which to sign in at the relay.
    pub user: Option<String>,
    /// File with the password, which nobody but its owner may read. Without one the service
    /// manager's credential `sekisho-mail-password`.
    pub password_file: Option<PathBuf>,
    /// How many working days before the end of a permit its holder is reminded (1 to 60).
    pub end_lead: Option<u32>,
}

/// The settings of a server.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Address to listen on.
    pub listen: SocketAddr,
    /// Address on which Envoy's checks are answered.
    pub grpc_listen: Option<SocketAddr>,
    /// The file's other settings.
    pub file: File,
}

/// Reads the settings.
///
/// # Errors
/// `config.unreadable`, `config.form`, `config.listen`.
pub fn settings(matches: &ArgMatches) -> Result<Settings, Fault> {
    let from_environment = std::env::var("SEKISHO_CONFIG")
        .ok()
        .filter(|path| !path.is_empty());
    let path = matches
        .get_one::<String>("config")
        .cloned()
        .or(from_environment);
    let file = path.map_or_else(|| Ok(File::default()), |path| read(Path::new(&path)))?;
    let given = matches
        .try_get_one::<String>("listen")
        .ok()
        .flatten()
        .cloned()
        .or_else(|| {
            std::env::var("SEKISHO_LISTEN")
                .ok()
                .filter(|address| !address.is_empty())
        })
        .or_else(|| file.listen.clone())
        .unwrap_or_else(|| DEFAULT_LISTEN.to_owned());
    let listen = address(&given)?;
    let given = matches.try_get_one::<String>("grpc-listen").ok().flatten();
    let grpc_listen = given.or(file.grpc_listen.as_ref());
    Ok(Settings {
        listen,
        grpc_listen: grpc_listen.map(|given| address(given)).transpose()?,
        file,
    })
}

fn address(given: &str) -> Result<SocketAddr, Fault> {
    given
        .parse()
        .map_err(|_| Fault::new("config.listen").about(given))
}

fn read(path: &Path) -> Result<File, Fault> {
    let unreadable = |error: std::io::Error| {
        tracing::debug!(%error, "the configuration file cannot be read");
        Fault::new("config.unreadable").about(path.display())
    };
    let size = std::fs::metadata(path).map_err(unreadable)?.len();
    if size > FILE_MAX {
        return Err(Fault::new("config.form").about(path.display()));
    }
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    let wrong = |what: &str| Fault::new("config.form").about(format!("{}: {what}", path.display()));
    let file: File = toml::from_str(&text).map_err(|error| wrong(error.message()))?;
    // Checked even where a flag takes its place: a file that is wrong is said to be wrong.
    let address = file
        .listen
        .as_ref()
        .map(|listen| listen.parse::<SocketAddr>());
    if matches!(address, Some(Err(_))) {
        return Err(wrong("listen"));
    }
    if file
        .report_every
        .is_some_and(|seconds| !REPORT_EVERY.contains(&seconds))
    {
        return Err(wrong("report_every (10–86400)"));
    }
    let lead = file.mail.as_ref().and_then(|mail| mail.end_lead);
    if lead.is_some_and(|days| !END_LEAD.contains(&days)) {
        return Err(wrong("mail.end_lead (1–60)"));
    }
    if let Some(said) = file.discovery.wrong() {
        return Err(wrong(said));
    }
    if file
        .log
        .as_ref()
        .is_some_and(|form| form != "text" && form != "json")
    {
        return Err(wrong("log (text, json)"));
    }
    Ok(file)
}
