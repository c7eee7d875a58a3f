//! Where checkpoints leave to: a folder, a mail address, or a witness.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use lettre::Address;
use sekisho_ledger::CosignerKey;

use super::failure::Failure;

/// The most targets.
pub const TARGETS_MAX: usize = 16;
/// The longest target, in bytes.
const LENGTH_MAX: usize = 1024;
/// The longest mail address, in bytes (RFC 5321, 4.5.3.1.3 less the brackets).
const ADDRESS_MAX: usize = 254;

/// One target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// `checkpoints/` in the data folder itself: stands in while nothing is configured. What is
    /// there has not left the machine.
    Local,
    /// `file:PATH`: a folder outside the data folder, such as a share or a removable medium.
    File(PathBuf),
    /// `mail:ADDRESS`: one address.
    Mail(Address),
    /// `witness:URL#KEY`: the submission prefix of a witness (C2SP tlog-witness) and the key its
    /// cosignatures are verified with.
    Witness(Box<Witness>),
}

/// A witness: where it is asked, and who it must prove to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    /// Where checkpoints are submitted.
    pub url: WitnessUrl,
    /// What its cosignatures are verified with.
    pub key: CosignerKey,
}

impl Witness {
    /// Reads `URL#KEY`. An address never holds a `#`.
    ///
    /// # Errors
    /// Those of the address; `checkpoint.witness-key`.
    fn parse(text: &str) -> Result<Self, Failure> {
        let (url, key) = match text.split_once('#') {
            Some((url, key)) => (url, Some(key)),
            None => (text, None),
        };
        let url = WitnessUrl::parse(url)?;
        let key = key.and_then(|key| key.parse().ok());
        let key = key.ok_or_else(|| Failure::new("checkpoint.witness-key", &url))?;
        Ok(Self { url, key })
    }
}

/// The submission prefix of a witness: for now plain HTTP on this machine itself, where a proxy
/// that speaks TLS may stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WitnessUrl {
    address: SocketAddr,
    /// Empty, or begins with a slash and does not end in one.
    path: String,
}

impl WitnessUrl {
    /// Reads a prefix.
    ///
    /// # Errors
    /// `checkpoint.witness-tls`, `checkpoint.witness-not-loopback`, `checkpoint.witness-url`.
    fn parse(text: &str) -> Result<Self, Failure> {
        if text.starts_with("https://") {
            return Err(Failure::new("checkpoint.witness-tls", text));
        }
        let wrong = || Failure::new("checkpoint.witness-url", text);
        let rest = text.strip_prefix("http://").ok_or_else(wrong)?;
        let (authority, path) = match rest.find('/') {
            Some(at) => rest.split_at(at),
            None => (rest, ""),
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || "/-._~".contains(c);
        if authority.is_empty() || authority.contains('@') || !path.chars().all(plain) {
            return Err(wrong());
        }
        // The name is never looked up: whoever answers for it may not be this machine.
        let numeric = match authority.strip_prefix("localhost") {
            Some("") => "127.0.0.1".to_owned(),
            Some(port) if port.starts_with(':') => format!("127.0.0.1{port}"),
            _ => authority.to_owned(),
        };
        let address = numeric
            .parse::<SocketAddr>()
            .or_else(|_| format!("{numeric}:80").parse::<SocketAddr>());
        let host = |c: char| c.is_ascii_alphanumeric() || "-.:[]".contains(c);
        match address {
            Ok(address) if address.ip().is_loopback() => Ok(Self {
                address,
                path: path.trim_end_matches('/').to_owned(),
            }),
            Err(_) if !authority.chars().all(host) => Err(wrong()),
            _ => Err(Failure::new("checkpoint.witness-not-loopback", text)),
        }
    }
}

impl std::fmt::Display for WitnessUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "http://{}{}", self.address, self.path)
    }
}

impl Target {
    /// Reads a target. Looks at no file; [`check_targets`] does.
    ///
    /// # Errors
    /// `checkpoint.target-form`, `checkpoint.file-relative`, `checkpoint.mail-address` and those
    /// of a witness's address.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        let form = || Failure::new("checkpoint.target-form", text);
        if text.len() > LENGTH_MAX || text.chars().any(char::is_control) {
            let shown: String = text.chars().take(80).filter(|c| !c.is_control()).collect();
            return Err(Failure::new("checkpoint.target-form", shown));
        }
        let (kind, place) = text.split_once(':').ok_or_else(form)?;
        match kind {
            "file" => {
                let path = Path::new(place);
                // `..` would make the same folder have two names.
                let straight = path
                    .components()
                    .all(|part| part != std::path::Component::ParentDir);
                if !path.is_absolute() || !straight {
                    return Err(Failure::new("checkpoint.file-relative", place));
                }
                Ok(Self::File(path.components().collect()))
            }
            "mail" => match place.parse::<Address>() {
                Ok(address) if place.is_ascii() && place.len() <= ADDRESS_MAX => {
                    Ok(Self::Mail(address))
                }
                _ => Err(Failure::new("checkpoint.mail-address", place)),
            },
            "witness" => Witness::parse(place).map(|it| Self::Witness(Box::new(it))),
            _ => Err(form()),
        }
    }

    /// The kind, as the outbox and the console name it. What stays inside is a file too.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Local | Self::File(_) => "file",
            Self::Mail(_) => "mail",
            Self::Witness(_) => "witness",
        }
    }

    /// Whether both are one place: a witness under two keys is one witness.
    fn is_same_place(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Witness(one), Self::Witness(other)) => one.url == other.url,
            _ => self == other,
        }
    }

    /// Whether what is delivered there has left the data folder.
    #[must_use]
    pub const fn is_outside(&self) -> bool {
        !matches!(self, Self::Local)
    }
}

/// The text that [`Target::parse`] reads; `local` for the folder inside.
impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Local => f.write_str("local"),
            Self::File(path) => write!(f, "file:{}", path.display()),
            Self::Mail(address) => write!(f, "mail:{address}"),
            Self::Witness(witness) => write!(f, "witness:{}#{}", witness.url, witness.key),
        }
    }
}

/// Checks targets before they are recorded.
///
/// # Errors
/// The codes of [`Target::parse`] and of [`usable_folder`]; `checkpoint.target-twice`,
/// `checkpoint.targets-many`.
pub fn check_targets(targets: &[String], data_folder: &Path) -> Result<(), Failure> {
    if targets.len() > TARGETS_MAX {
        return Err(Failure::new("checkpoint.targets-many", targets.len()));
    }
    let mut seen: Vec<Target> = Vec::new();
    for text in targets {
        let target = Target::parse(text)?;
        if let Target::File(path) = &target {
            usable_folder(path, data_folder)?;
        }
        if seen.iter().any(|known| known.is_same_place(&target)) {
            return Err(Failure::new("checkpoint.target-twice", text));
        }
        seen.push(target);
    }
    Ok(())
}

/// The real place of a target folder. It must exist: making it would hide a share that is not
/// mounted, and what is written below it would not leave the machine.
///
/// # Errors
/// `checkpoint.file-missing`, `checkpoint.file-inside`, or the store's code of the path.
pub(super) fn usable_folder(path: &Path, data_folder: &Path) -> Result<PathBuf, Failure> {
    let real = match path.canonicalize() {
        Ok(real) => real,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(Failure::new("checkpoint.file-missing", path.display()));
        }
        Err(error) => return Err(Failure::io(path, error)),
    };
    if !real.is_dir() {
        return Err(Failure::new("checkpoint.file-missing", path.display()));
    }
    let data = data_folder
        .canonicalize()
        .map_err(|error| Failure::io(data_folder, error))?;
    if real.starts_with(&data) {
        return Err(Failure::new("checkpoint.file-inside", path.display()));
    }
    Ok(real)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key of a witness as `name+hash+base64`.
    fn key() -> String {
        let cosigner = sekisho_ledger::Cosigner::new("w.example/w1", &[3; 32]).unwrap();
        cosigner.verifier().to_string()
    }

    #[test]
    fn a_witness_is_read_and_written_with_its_key() {
        let key = key();
        for (url, again) in [
            ("http://127.0.0.1:9/w/", "http://127.0.0.1:9/w"),
            ("http://localhost", "http://127.0.0.1:80"),
            ("http://[::1]:9", "http://[::1]:9"),
        ] {
            let target = Target::parse(&format!("witness:{url}#{key}")).unwrap();
            let again = format!("witness:{again}#{key}");
            assert_eq!(target.to_string(), again);
            assert_eq!(Target::parse(&again).unwrap(), target);
        }
        let log = sekisho_ledger::SignerKey::new("w.example/w1", &[3; 32]).unwrap();
        let of_a_log = log.verifier().to_string();
        for key in ["", "a", &key[1..], of_a_log.as_str()] {
            let text = format!("witness:http://127.0.0.1:9/w#{key}");
            let refused = Target::parse(&text).unwrap_err();
            assert_eq!(refused.code, "checkpoint.witness-key", "{text}");
            assert_eq!(refused.detail, "http://127.0.0.1:9/w");
        }
        let other = sekisho_ledger::Cosigner::new("w.example/w1", &[4; 32]).unwrap();
        let twice = [
            format!("witness:http://127.0.0.1:9/w#{key}"),
            format!("witness:http://127.0.0.1:9/w/#{}", other.verifier()),
        ];
        let refused = check_targets(&twice, Path::new("/")).unwrap_err();
        assert_eq!(refused.code, "checkpoint.target-twice");
    }

    #[test]
    fn targets_are_read_and_written_alike() {
        for (text, again) in [
            ("file:/mnt/auditor", "file:/mnt/auditor"),
            ("file:/mnt//auditor/", "file:/mnt/auditor"),
            ("mail:audit@example.org", "mail:audit@example.org"),
        ] {
            let target = Target::parse(text).unwrap();
            assert_eq!(target.to_string(), again);
            assert_eq!(Target::parse(again).unwrap(), target);
        }
    }

    #[test]
    fn what_is_not_a_target_is_named_by_code() {
        let long = format!("file:/{}", "x".repeat(2000));
        for (text, code) in [
            ("", "checkpoint.target-form"),
            ("local", "checkpoint.target-form"),
            ("ftp://example.org", "checkpoint.target-form"),
            ("file:/mnt/a\nb", "checkpoint.target-form"),
            (long.as_str(), "checkpoint.target-form"),
            ("file:", "checkpoint.file-relative"),
            ("file:backup", "checkpoint.file-relative"),
            ("file:/mnt/../etc", "checkpoint.file-relative"),
            ("mail:", "checkpoint.mail-address"),
            ("mail:nobody", "checkpoint.mail-address"),
            ("mail:a@b.example,c@d.example", "checkpoint.mail-address"),
            ("mail:監査@example.org", "checkpoint.mail-address"),
            ("witness:127.0.0.1", "checkpoint.witness-url"),
            ("witness:http://", "checkpoint.witness-url"),
            ("witness:http://a@127.0.0.1/", "checkpoint.witness-url"),
            ("witness:http://127.0.0.1/?a", "checkpoint.witness-url"),
            ("witness:http://127.0.0.1:9/w", "checkpoint.witness-key"),
            ("witness:http://127.0.0.1#a", "checkpoint.witness-key"),
            ("witness:https://w.example/", "checkpoint.witness-tls"),
            (
                "witness:http://w.example/",
                "checkpoint.witness-not-loopback",
            ),
            (
                "witness:http://192.0.2.1:80",
                "checkpoint.witness-not-loopback",
            ),
            (
                "witness:http://localhost.example",
                "checkpoint.witness-not-loopback",
            ),
        ] {
            assert_eq!(Target::parse(text).unwrap_err().code, code, "{text}");
        }
    }

    #[test]
    fn folders_must_be_there_and_outside() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        let out = dir.path().join("out");
        std::fs::create_dir_all(data.join("checkpoints")).unwrap();
        std::fs::create_dir(&out).unwrap();
        std::fs::write(dir.path().join("plain"), b"").unwrap();
        std::os::unix::fs::symlink(&data, dir.path().join("link")).unwrap();
        let code = |names: &[&str]| {
            let targets: Vec<_> = names
                .iter()
                .map(|name| format!("file:{}", dir.path().join(name).display()))
                .collect();
            check_targets(&targets, &data).map_err(|failure| failure.code)
        };
        assert_eq!(code(&["out"]), Ok(()));
        assert_eq!(code(&[]), Ok(()));
        for (names, expected) in [
            (&["missing"][..], "checkpoint.file-missing"),
            (&["plain"], "checkpoint.file-missing"),
            (&["data"], "checkpoint.file-inside"),
            (&["data/checkpoints"], "checkpoint.file-inside"),
            (&["link"], "checkpoint.file-inside"),
            (&["out", "out/"], "checkpoint.target-twice"),
        ] {
            assert_eq!(code(names), Err(expected.to_owned()), "{names:?}");
        }
        let many = vec!["mail:a@example.org".to_owned(); TARGETS_MAX + 1];
        let refused = check_targets(&many, &data).unwrap_err();
        assert_eq!(refused.code, "checkpoint.targets-many");
    }
}
