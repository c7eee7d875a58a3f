//! Databases of dconf: GVariant Database files, little-endian.
//!
//! A file is a header (`GVariant`, version, options, pointer to the root table) and hash tables:
//! a bloom filter, buckets, and items of 24 bytes (hash, parent, key's place and length, type,
//! value's place). An item's whole key is its parent's followed by its own.

use std::collections::{HashMap, HashSet};

/// Most items that are read of one table.
const ITEMS_MAX: usize = 65_536;
/// Deepest nesting of keys.
const DEPTH_MAX: usize = 32;
const ITEM: usize = 24;
const NO_PARENT: u32 = u32::MAX;

/// Numbers (and truth values as 0 and 1) of a database, and the keys that it locks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Settings {
    values: HashMap<String, u32>,
    locks: HashSet<String>,
}

impl Settings {
    pub(super) fn set(&mut self, key: &str, value: u32) {
        self.values.insert(key.to_owned(), value);
    }

    pub(super) fn get(&self, key: &str) -> Option<u32> {
        self.values.get(key).copied()
    }

    pub(super) fn locks(&self, key: &str) -> bool {
        // A lock on a folder holds for everything below it.
        self.locks
            .iter()
            .any(|lock| lock == key || (lock.ends_with('/') && key.starts_with(lock.as_str())))
    }
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let field = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(field.try_into().ok()?))
}

fn usize_at(bytes: &[u8], at: usize) -> Option<usize> {
    usize::try_from(u32_at(bytes, at)?).ok()
}

struct Item<'a> {
    key: String,
    kind: u8,
    value: &'a [u8],
}

fn slice(bytes: &[u8], start: usize, end: usize) -> Option<&[u8]> {
    bytes.get(start..end)
}

/// Every item of the table at a place, with whole keys.
fn table(bytes: &[u8], start: usize, end: usize) -> Option<Vec<Item<'_>>> {
    let table = slice(bytes, start, end)?;
    // The upper five bits of the first word are the filter's shift.
    let bloom = usize_at(table, 0)? & 0x07ff_ffff;
    let buckets = usize_at(table, 4)?;
    let head = 8_usize.checked_add(bloom.checked_add(buckets)?.checked_mul(4)?)?;
    let items = table.get(head..)?;
    let count = items.len() / ITEM;
    if count > ITEMS_MAX || items.len() % ITEM != 0 {
        return None;
    }
    let part = |index: usize| -> Option<(u32, &[u8])> {
        let at = index.checked_mul(ITEM)?;
        let key = usize_at(items, at + 8)?;
        let size = usize::from(u16::from_le_bytes(
            items.get(at + 12..at + 14)?.try_into().ok()?,
        ));
        Some((
            u32_at(items, at + 4)?,
            slice(bytes, key, key.checked_add(size)?)?,
        ))
    };
    let mut read = Vec::with_capacity(count);
    for index in 0..count {
        let mut parts = Vec::new();
        let mut next = index;
        loop {
            let (parent, key) = part(next)?;
            parts.push(key);
            if parent == NO_PARENT {
                break;
            }
            if parts.len() > DEPTH_MAX {
                return None;
            }
            next = usize::try_from(parent).ok()?;
        }
        parts.reverse();
        let at = index * ITEM;
        read.push(Item {
            key: crate::host::text_of(&parts.concat()),
            kind: *items.get(at + 14)?,
            value: slice(bytes, usize_at(items, at + 16)?, usize_at(items, at + 20)?)?,
        });
    }
    Some(read)
}

/// The number in a serialised variant: its bytes, a zero, its type.
fn number(value: &[u8]) -> Option<u32> {
    match value {
        [byte, 0, b'b'] => Some(u32::from(*byte)),
        [a, b, c, d, 0, b'u'] => Some(u32::from_le_bytes([*a, *b, *c, *d])),
        _ => None,
    }
}

/// Reads a database; none when it is not one or is damaged.
pub(super) fn parse(bytes: &[u8]) -> Option<Settings> {
    // dconf leaves an empty file where a user has reset everything.
    if bytes.is_empty() {
        return Some(Settings::default());
    }
    if !bytes.starts_with(b"GVariant") {
        return None;
    }
    let mut settings = Settings::default();
    for item in table(bytes, usize_at(bytes, 16)?, usize_at(bytes, 20)?)? {
        match item.kind {
            b'v' => {
                if let Some(value) = number(item.value) {
                    settings.set(&item.key, value);
                }
            }
            b'H' if item.key == ".locks" => {
                let start = item.value.as_ptr() as usize - bytes.as_ptr() as usize;
                let locks = table(bytes, start, start + item.value.len())?;
                settings.locks = locks.into_iter().map(|lock| lock.key).collect();
            }
            _ => {}
        }
    }
    Some(settings)
}
