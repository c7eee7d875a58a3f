//! The envelope of every record, and its references to blobs.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::canonical::{self, CanonicalCode, CanonicalError, Scanner};
use crate::digest::{Digest, read_hex};

/// The longest record, in bytes. What is larger is a blob beside it.
pub const RECORD_MAX: usize = canonical::MAX_BYTES;

/// The longest `kind`, in bytes.
pub const KIND_MAX: usize = 100;

/// A record: who did what, when it was recorded, and from when it counts.
///
/// Its stored form is canonical JSON with exactly these members.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// What happened: lower-case ASCII letters, digits, `.`, `_` and `-`.
    pub kind: String,
    /// The version of the payload's form, from 1 on.
    pub version: u32,
    /// Who did it.
    pub actor: Value,
    /// When it was recorded: milliseconds since the Unix epoch, UTC.
    pub recorded_at: i64,
    /// From when it counts, where that is another moment.
    pub effective_from: Option<i64>,
    /// What it says.
    pub payload: Value,
}

/// What a single pass over a record's bytes tells, without building its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head<'a> {
    /// As [`Record::kind`].
    pub kind: &'a str,
    /// As [`Record::version`].
    pub version: u32,
    /// As [`Record::recorded_at`].
    pub recorded_at: i64,
    /// As [`Record::effective_from`].
    pub effective_from: Option<i64>,
}

/// A reference to a blob in a payload: the object `{"blob":"<hex>","size":n}` and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct BlobRef {
    /// SHA-256 of the blob's bytes.
    pub blob: Digest,
    /// Its length in bytes.
    pub size: u64,
}

/// Why bytes or values are not a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// Not restricted canonical JSON, or not the members of a record in their order.
    #[error("{0}")]
    Form(#[from] CanonicalError),
    /// The kind is empty, too long or has other characters than [`Record::kind`] allows.
    #[error("kind")]
    Kind,
    /// The version is 0 or above `u32`.
    #[error("version")]
    Version,
}

impl RecordError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Form(error) => error.code.as_str(),
            Self::Kind => "kind",
            Self::Version => "version",
        }
    }
}

impl BlobRef {
    /// The reference to `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self {
            blob: Digest::of(bytes),
            size: bytes.len() as u64,
        }
    }

    /// The reference as it stands in a payload.
    #[must_use]
    pub fn to_value(self) -> Value {
        json!({"blob": self.blob.to_string(), "size": self.size})
    }
}

impl Record {
    /// The canonical bytes.
    ///
    /// # Errors
    /// A kind, version or number outside its limits, or a record beyond [`RECORD_MAX`].
    pub fn to_bytes(&self) -> Result<Vec<u8>, RecordError> {
        check_kind(&self.kind)?;
        if self.version == 0 {
            return Err(RecordError::Version);
        }
        let mut members = Map::new();
        members.insert("actor".into(), self.actor.clone());
        members.insert("kind".into(), self.kind.clone().into());
        members.insert("payload".into(), self.payload.clone());
        members.insert("recorded_at".into(), self.recorded_at.into());
        members.insert("version".into(), self.version.into());
        if let Some(from) = self.effective_from {
            members.insert("effective_from".into(), from.into());
        }
        Ok(canonical::to_bytes(&Value::Object(members))?)
    }

    /// The record of `bytes`, which must be exactly what [`Record::to_bytes`] writes.
    ///
    /// # Errors
    /// Any departure from that.
    pub fn parse(bytes: &[u8]) -> Result<Self, RecordError> {
        let head = scan(bytes, &mut |_| {})?;
        let malformed = CanonicalError {
            code: CanonicalCode::NotCanonical,
            at: 0,
        };
        let mut value: Value = serde_json::from_slice(bytes).map_err(|_| malformed)?;
        let mut member = |name: &str| value.get_mut(name).map(Value::take).unwrap_or_default();
        Ok(Self {
            kind: head.kind.to_owned(),
            version: head.version,
            actor: member("actor"),
            recorded_at: head.recorded_at,
            effective_from: head.effective_from,
            payload: member("payload"),
        })
    }
}

/// Checks a record's bytes wholly in a single pass, and tells `blobs` of each reference.
///
/// # Errors
/// As [`Record::parse`].
pub fn scan<'a>(bytes: &'a [u8], blobs: &mut dyn FnMut(BlobRef)) -> Result<Head<'a>, RecordError> {
    let mut scanner = Scanner::new(bytes)?;
    scanner.expect(b"{\"actor\":")?;
    scanner.value(1, &mut |_, _| {})?;
    let effective_from = match scanner.take(b",\"effective_from\":") {
        true => Some(scanner.integer()?),
        false => None,
    };
    scanner.expect(b",\"kind\":")?;
    let kind = std::str::from_utf8(scanner.string()?).unwrap_or_default();
    check_kind(kind)?;
    scanner.expect(b",\"payload\":")?;
    scanner.value(1, &mut |digits, size| {
        // What only looks like a reference (upper case, other length) is ordinary payload.
        if let Ok(digest) = read_hex(digits) {
            blobs(BlobRef {
                blob: Digest(digest),
                size,
            });
        }
    })?;
    scanner.expect(b",\"recorded_at\":")?;
    let recorded_at = scanner.integer()?;
    scanner.expect(b",\"version\":")?;
    let version = u32::try_from(scanner.integer()?).map_err(|_| RecordError::Version)?;
    if version == 0 {
        return Err(RecordError::Version);
    }
    scanner.expect(b"}")?;
    scanner.end()?;
    Ok(Head {
        kind,
        version,
        recorded_at,
        effective_from,
    })
}

/// Checks the characters and length of a kind.
fn check_kind(kind: &str) -> Result<(), RecordError> {
    let allowed = |c: u8| matches!(c, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-');
    if kind.is_empty() || kind.len() > KIND_MAX || !kind.bytes().all(allowed) {
        return Err(RecordError::Kind);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Record {
        Record {
            kind: "permit.approved".into(),
            version: 2,
            actor: json!({"person": "p1", "post": "q"}),
            recorded_at: 1_700_000_000_000,
            effective_from: Some(-5),
            payload: json!({"a": [1, {"z": null}], "b": "日本"}),
        }
    }

    #[test]
    fn the_stored_form_is_fixed() {
        let bytes = record().to_bytes().unwrap();
        let golden = r#"{"actor":{"person":"p1","post":"q"},"effective_from":-5,"kind":"permit.approved","payload":{"a":[1,{"z":null}],"b":"日本"},"recorded_at":1700000000000,"version":2}"#;
        assert_eq!(String::from_utf8(bytes.clone()).unwrap(), golden);
        assert_eq!(Record::parse(&bytes).unwrap(), record());
        let without = Record {
            effective_from: None,
            ..record()
        };
        assert_eq!(
            Record::parse(&without.to_bytes().unwrap()).unwrap(),
            without
        );
    }

    #[test]
    fn other_members_and_limits_are_refused() {
        let golden = String::from_utf8(record().to_bytes().unwrap()).unwrap();
        let table = [
            (golden.replace("-5", "null"), "not-canonical"),
            (golden.replace("\"version\":2", "\"version\":0"), "version"),
            (
                golden.replace("\"version\":2", "\"version\":4294967296"),
                "version",
            ),
            (
                golden.replace("\"version\":2", "\"version\":2,\"x\":1"),
                "not-canonical",
            ),
            (golden.replace("permit.approved", "Permit"), "kind"),
            (golden.replace("permit.approved", ""), "kind"),
            (golden.replace("\"actor\":", "\"actos\":"), "not-canonical"),
            (golden.clone() + "\n", "not-canonical"),
        ];
        for (text, code) in table {
            assert_eq!(
                Record::parse(text.as_bytes()).unwrap_err().code(),
                code,
                "{text}"
            );
        }
        let wrong = Record {
            kind: "A".into(),
            ..record()
        };
        assert_eq!(wrong.to_bytes(), Err(RecordError::Kind));
    }

    #[test]
    fn blob_references_are_found_only_in_their_exact_form() {
        let a = BlobRef::of(b"one");
        let b = BlobRef::of(b"three");
        let mut nearly = a.to_value();
        nearly["more"] = json!(1);
        let mut other = a.to_value();
        other["blob"] = json!(a.blob.to_string().to_uppercase());
        let record = Record {
            payload: json!({"x": [a.to_value(), {"y": b.to_value()}], "z": nearly, "u": other}),
            actor: a.to_value(),
            ..record()
        };
        let bytes = record.to_bytes().unwrap();
        let mut found = Vec::new();
        scan(&bytes, &mut |blob| found.push(blob)).unwrap();
        assert_eq!(found, [a, b]);
        let alone = Record {
            payload: a.to_value(),
            ..record
        };
        let bytes = alone.to_bytes().unwrap();
        let mut found = Vec::new();
        scan(&bytes, &mut |blob| found.push(blob)).unwrap();
        assert_eq!(found, [a]);
    }
}
