//! Links to what shows that something was done.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::field::{FieldFault, FieldKind, FieldType, Value};
use crate::name::Line;
use crate::register::{EntryId, is_known};
use crate::requirement::RequirementId;
use crate::world::World;

/// Longest code of a check, in characters.
const CHECK_MAX: usize = 40;

/// What shows something: written as a requirement (`GOV-1-a`), a check (`CK-VULN`), an entry of a register
/// or a device (`sys_…`), or the number of a record of the ledger (`#120`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum EvidenceLink {
    /// A requirement with its verdict.
    Row(RequirementId),
    /// A check, by its code.
    Check(String),
    /// An entry of a register.
    Entry(EntryId),
    /// A record of the ledger.
    Record(u64),
}

/// The text is not a link to evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a link to evidence")]
pub struct EvidenceLinkError;

impl FromStr for EvidenceLink {
    type Err = EvidenceLinkError;

    fn from_str(text: &str) -> Result<Self, EvidenceLinkError> {
        let text = text.trim();
        if let Some(number) = text.strip_prefix('#') {
            return number
                .parse()
                .map(Self::Record)
                .map_err(|_| EvidenceLinkError);
        }
        if let Some(code) = text.strip_prefix("CK-") {
            let sound =
                |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-';
            let known = !code.is_empty() && code.len() <= CHECK_MAX && code.bytes().all(sound);
            return known
                .then(|| Self::Check(text.to_owned()))
                .ok_or(EvidenceLinkError);
        }
        if let Ok(row) = text.parse() {
            return Ok(Self::Row(row));
        }
        text.parse().map(Self::Entry).map_err(|_| EvidenceLinkError)
    }
}

impl TryFrom<String> for EvidenceLink {
    type Error = EvidenceLinkError;

    fn try_from(text: String) -> Result<Self, EvidenceLinkError> {
        text.parse()
    }
}

impl From<EvidenceLink> for String {
    fn from(link: EvidenceLink) -> Self {
        link.to_string()
    }
}

impl fmt::Display for EvidenceLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Row(row) => write!(f, "{row}"),
            Self::Check(code) => f.write_str(code),
            Self::Entry(entry) => write!(f, "{entry}"),
            Self::Record(number) => write!(f, "#{number}"),
        }
    }
}

impl EvidenceLink {
    /// Whether it leads to something that the World knows of. Requirements and checks are the
    /// catalogue's, and are known by their form.
    #[must_use]
    pub fn is_known(&self, world: &World) -> bool {
        match self {
            Self::Row(_) | Self::Check(_) => true,
            Self::Entry(entry) => is_known(world, &entry.to_string()),
            Self::Record(number) => *number < world.events,
        }
    }
}

impl FieldType for EvidenceLink {
    const KIND: FieldKind = FieldKind::Line;
    const REQUIRED: bool = true;
    const MANY: bool = false;

    fn value(&self) -> Value {
        Value::Text(self.to_string())
    }

    fn read(value: &Value) -> Result<Self, FieldFault> {
        let line = Line::read(value)?;
        line.as_str().parse().map_err(|_| FieldFault::Form)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_survive_their_text_and_nothing_else_passes() {
        for text in [
            "GOV-1-a",
            "US-8.1.1-3-h-ア",
            "CK-VULN",
            "#0",
            "#120",
            "sys_00000000000000000000000000",
        ] {
            let link: EvidenceLink = text.parse().unwrap();
            assert_eq!(link.to_string(), text);
        }
        for text in [
            "",
            "#",
            "#-1",
            "#x",
            "CK-",
            "CK-vuln",
            "psn_x",
            "https://x.example",
            "sys_1",
        ] {
            assert!(text.parse::<EvidenceLink>().is_err(), "{text}");
        }
    }
}
