//! The settings of TLS: one word, two files, or an authority that is asked by ACME.

use std::fmt;
use std::path::PathBuf;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// The word for the server's own authority.
const BUILT_IN: &str = "built-in";

/// TLS of the server itself.
#[derive(Clone, Debug)]
pub enum Tls {
    /// By the server's own authority.
    BuiltIn,
    /// By a certificate from elsewhere.
    Files {
        /// The server's certificate, then those that signed it (PEM).
        certificate: PathBuf,
        /// Its private key (PEM), which not everyone may read.
        key: PathBuf,
    },
    /// By certificates that are ordered.
    Acme(Acme),
}

/// How certificates are ordered.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acme {
    /// The address of the authority's directory.
    pub directory: String,
    /// Whether the authority's terms are agreed to. Nobody else can say so.
    #[serde(default)]
    pub terms_agreed: bool,
    /// Mail addresses at which the authority reaches the operator.
    #[serde(default)]
    pub contact: Vec<String>,
    /// What the certificate is for; the server's own names where nothing is said.
    pub names: Option<Vec<String>>,
    /// File with the certificates (PEM) by which the authority's server is known; those of this machine
    /// where there is none.
    pub authorities: Option<PathBuf>,
    /// A binding to an account that the organisation has there.
    pub external_account: Option<ExternalAccount>,
}

/// A binding to an account at the authority.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExternalAccount {
    /// What the authority calls the key.
    pub id: String,
    /// File with the key (base64url), which nobody but its owner may read. Without one the service
    /// manager's credential `sekisho-acme-key`.
    pub key_file: Option<PathBuf>,
}

/// A table, as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
    acme: Option<Acme>,
}

// By hand, so that a misspelt setting is named: an untagged form says only that nothing fits.
impl<'de> Deserialize<'de> for Tls {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Form)
    }
}

struct Form;

impl<'de> Visitor<'de> for Form {
    type Value = Tls;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("tls: \"built-in\", { certificate, key } or { acme }")
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<Tls, E> {
        match word {
            BUILT_IN => Ok(Tls::BuiltIn),
            _ => Err(E::custom("tls (built-in)")),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Tls, A::Error> {
        let table = Table::deserialize(MapAccessDeserializer::new(map))?;
        match (table.certificate, table.key, table.acme) {
            (Some(certificate), Some(key), None) => Ok(Tls::Files { certificate, key }),
            (None, None, Some(acme)) => Ok(Tls::Acme(acme)),
            _ => Err(A::Error::custom("tls ({ certificate, key }, { acme })")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::File;
    use super::*;

    fn read(text: &str) -> Result<Option<Tls>, String> {
        let file: Result<File, _> = toml::from_str(text);
        file.map(|file| file.tls)
            .map_err(|error| error.message().to_owned())
    }

    #[test]
    fn every_form_is_read_and_what_is_wrong_is_named() {
        assert!(matches!(read(""), Ok(None)));
        assert!(matches!(read("tls = \"built-in\""), Ok(Some(Tls::BuiltIn))));
        let files = read("[tls]\ncertificate = \"a\"\nkey = \"b\"");
        assert!(matches!(files, Ok(Some(Tls::Files { .. }))), "{files:?}");
        let acme = read("[tls.acme]\ndirectory = \"https://ca.example/\"\nterms_agreed = true");
        let Ok(Some(Tls::Acme(acme))) = acme else {
            panic!("{acme:?}");
        };
        assert!(acme.terms_agreed && acme.names.is_none());
        for (text, named) in [
            ("tls = \"builtin\"", "built-in"),
            ("[tls]\ncertificate = \"a\"", "certificate, key"),
            ("[tls]\ncertifcate = \"a\"", "certifcate"),
            (
                "[tls]\nkey = \"a\"\n[tls.acme]\ndirectory = \"b\"",
                "certificate, key",
            ),
            ("[tls.acme]\ndirectry = \"b\"", "directry"),
            (
                "[tls.acme]\ndirectory = \"b\"\n[tls.acme.external_account]\nkey_file = \"a\"",
                "id",
            ),
        ] {
            let wrong = read(text).expect_err(text);
            assert!(wrong.contains(named), "{text}: {wrong}");
        }
    }
}
