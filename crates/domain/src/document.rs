//! Documents that hold many things of a kind: one a line, as JSON. An event refers to a document by its
//! digest, so what is written once is never written otherwise.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// One thing a line.
pub(crate) fn encode<T: Serialize>(things: &[T]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for thing in things {
        // Plain data with string keys always has a JSON form.
        if let Ok(line) = serde_json::to_vec(thing) {
            bytes.extend(line);
            bytes.push(b'\n');
        }
    }
    bytes
}

/// Reads a document; none where it is damaged.
pub(crate) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Option<Vec<T>> {
    bytes
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).ok())
        .collect()
}

/// Reads the lines of a document that name something by its id: a thousand lines are passed over in
/// the time that it takes to read a few. None where one of them is damaged.
pub(crate) fn decode_naming<T: DeserializeOwned>(bytes: &[u8], id: &str) -> Option<Vec<T>> {
    let text = std::str::from_utf8(bytes).ok()?;
    text.lines()
        .filter(|line| line.contains(id))
        .map(|line| serde_json::from_str(line).ok())
        .collect()
}
