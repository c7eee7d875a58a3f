//! The directory at the end of a ZIP archive (APPNOTE 6.3.10, without ZIP64 and several disks).

use std::collections::BTreeSet;

use crate::fault::Fault;
use crate::limits::Limits;

/// Begins a part.
pub(super) const LOCAL: [u8; 4] = *b"PK\x03\x04";
/// Begins an entry of the directory.
pub(super) const CENTRAL: [u8; 4] = *b"PK\x01\x02";
/// Begins the end of the directory.
pub(super) const END: [u8; 4] = *b"PK\x05\x06";

/// Length of the end of the directory without its comment.
const END_LENGTH: usize = 22;
/// Longest comment.
const COMMENT_MAX: usize = 65_535;
/// Longest name of a part that is taken.
const NAME_MAX: usize = 400;

/// How a part is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    /// Not at all.
    Stored,
    /// With DEFLATE.
    Deflated,
}

/// One entry of the directory.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) method: Method,
    pub(super) crc: u32,
    pub(super) unpacked: u32,
    packed: u32,
    offset: u32,
}

fn damaged() -> Fault {
    Fault::file("file.damaged")
}

fn u16_at(bytes: &[u8], at: usize) -> Result<u16, Fault> {
    let two = bytes.get(at..at + 2).ok_or_else(damaged)?;
    Ok(u16::from_le_bytes([two[0], two[1]]))
}

fn u32_at(bytes: &[u8], at: usize) -> Result<u32, Fault> {
    let four = bytes.get(at..at + 4).ok_or_else(damaged)?;
    Ok(u32::from_le_bytes([four[0], four[1], four[2], four[3]]))
}

/// Reads the directory.
///
/// # Errors
/// `file.damaged`, `file.encrypted`, `file.too-many-parts`.
pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<Vec<Entry>, Fault> {
    let end = end_of(bytes).ok_or_else(damaged)?;
    let count = usize::from(u16_at(bytes, end + 10)?);
    let one_disk = u16_at(bytes, end + 4)? == 0 && u16_at(bytes, end + 6)? == 0;
    if !one_disk || usize::from(u16_at(bytes, end + 8)?) != count {
        return Err(damaged());
    }
    if count > limits.parts {
        return Err(Fault::file("file.too-many-parts").with("max", limits.parts));
    }
    let length = u32_at(bytes, end + 12)? as usize;
    let start = u32_at(bytes, end + 16)? as usize;
    let stop = start.checked_add(length).filter(|stop| *stop <= end);
    let listing = bytes
        .get(start..stop.ok_or_else(damaged)?)
        .ok_or_else(damaged)?;
    let mut entries = Vec::with_capacity(count);
    let mut names = BTreeSet::new();
    let mut at = 0;
    for _ in 0..count {
        let (entry, next) = entry(listing, at)?;
        if !names.insert(entry.name.to_ascii_lowercase()) {
            return Err(damaged());
        }
        entries.push(entry);
        at = next;
    }
    apart(&entries)?;
    Ok(entries)
}

/// Where the end of the directory begins: the last place at which it and its comment fill the file.
fn end_of(bytes: &[u8]) -> Option<usize> {
    let last = bytes.len().checked_sub(END_LENGTH)?;
    let first = last.saturating_sub(COMMENT_MAX);
    (first..=last).rev().find(|at| {
        bytes[*at..].starts_with(&END)
            && u16_at(bytes, at + 20)
                .is_ok_and(|comment| at + END_LENGTH + usize::from(comment) == bytes.len())
    })
}

fn entry(listing: &[u8], at: usize) -> Result<(Entry, usize), Fault> {
    let fixed = listing.get(at..at + 46).ok_or_else(damaged)?;
    if fixed[..4] != CENTRAL {
        return Err(damaged());
    }
    // Bit 0: encrypted; bit 6 and 13: strongly.
    if u16_at(fixed, 8)? & 0b0010_0000_0100_0001 != 0 {
        return Err(Fault::file("file.encrypted"));
    }
    let method = match u16_at(fixed, 10)? {
        0 => Method::Stored,
        8 => Method::Deflated,
        _ => return Err(damaged()),
    };
    let name_length = usize::from(u16_at(fixed, 28)?);
    let rest = usize::from(u16_at(fixed, 30)?) + usize::from(u16_at(fixed, 32)?);
    let name = listing
        .get(at + 46..at + 46 + name_length)
        .ok_or_else(damaged)?;
    if name_length > NAME_MAX {
        return Err(damaged());
    }
    let entry = Entry {
        // Names that matter are ASCII; the others are never asked for.
        name: String::from_utf8_lossy(name).replace('\\', "/"),
        method,
        crc: u32_at(fixed, 16)?,
        packed: u32_at(fixed, 20)?,
        unpacked: u32_at(fixed, 24)?,
        offset: u32_at(fixed, 42)?,
    };
    Ok((entry, at + 46 + name_length + rest))
}

/// Parts that share bytes are the way to make much of little.
fn apart(entries: &[Entry]) -> Result<(), Fault> {
    let mut spans: Vec<(u64, u64)> = entries
        .iter()
        .map(|entry| {
            let start = u64::from(entry.offset);
            (start, start + 30 + u64::from(entry.packed))
        })
        .collect();
    spans.sort_unstable();
    let overlap = spans.windows(2).any(|pair| pair[0].1 > pair[1].0);
    if overlap { Err(damaged()) } else { Ok(()) }
}

impl Entry {
    /// Its bytes as packed.
    pub(super) fn packed_bytes<'a>(&self, bytes: &'a [u8]) -> Result<&'a [u8], Fault> {
        let at = self.offset as usize;
        if !bytes.get(at..).is_some_and(|here| here.starts_with(&LOCAL)) {
            return Err(damaged());
        }
        let skip = usize::from(u16_at(bytes, at + 26)?) + usize::from(u16_at(bytes, at + 28)?);
        let start = at + 30 + skip;
        bytes
            .get(start..start + self.packed as usize)
            .ok_or_else(damaged)
    }
}
