//! XLSX files are ZIP archives. They are unpacked here, under bounds, and packed again plainly, so
//! that the reader of spreadsheets never sees an archive that someone else made.

mod directory;

use std::io::Read;

use flate2::read::DeflateDecoder;

use crate::fault::Fault;
use crate::limits::Limits;
use directory::{Entry, Method};

/// A part of the file, unpacked.
pub(crate) struct Part {
    /// Its name in the archive.
    pub(crate) name: String,
    /// Its bytes.
    pub(crate) bytes: Vec<u8>,
}

/// Unpacks the parts that `wanted` names.
///
/// # Errors
/// `file.damaged` for an archive that is cut, contradicts itself or does not unpack;
/// `file.too-large-unpacked` for one that unpacks to more than is taken, by its own word or in
/// truth; `file.encrypted`.
pub(crate) fn unpack(
    bytes: &[u8],
    limits: &Limits,
    wanted: impl Fn(&str) -> bool,
) -> Result<Vec<Part>, Fault> {
    let entries = directory::read(bytes, limits)?;
    let entries: Vec<Entry> = entries
        .into_iter()
        .filter(|entry| wanted(&entry.name))
        .collect();
    let declared = entries
        .iter()
        .map(|entry| u64::from(entry.unpacked))
        .sum::<u64>();
    if declared > limits.unpacked as u64 {
        return Err(too_large(limits));
    }
    let mut left = limits.unpacked;
    let mut parts = Vec::with_capacity(entries.len());
    for entry in entries {
        let part = inflate(bytes, &entry, left, limits)?;
        left -= part.len();
        parts.push(Part {
            name: entry.name,
            bytes: part,
        });
    }
    Ok(parts)
}

fn too_large(limits: &Limits) -> Fault {
    Fault::file("file.too-large-unpacked").with("mebibytes", limits.unpacked / (1024 * 1024))
}

fn inflate(bytes: &[u8], entry: &Entry, left: usize, limits: &Limits) -> Result<Vec<u8>, Fault> {
    let packed = entry.packed_bytes(bytes)?;
    // A part may be smaller than it says, never larger; the room for it grows as it comes.
    let most = (entry.unpacked as usize).min(left);
    let mut unpacked = Vec::new();
    let result = match entry.method {
        Method::Stored => packed.take(most as u64 + 1).read_to_end(&mut unpacked),
        Method::Deflated => DeflateDecoder::new(packed)
            .take(most as u64 + 1)
            .read_to_end(&mut unpacked),
    };
    if unpacked.len() > left {
        return Err(too_large(limits));
    }
    let whole = result.is_ok() && unpacked.len() == entry.unpacked as usize;
    let mut sum = flate2::Crc::new();
    sum.update(&unpacked);
    if !whole || sum.sum() != entry.crc {
        return Err(Fault::file("file.damaged"));
    }
    Ok(unpacked)
}

/// Packs parts into an archive without compression.
pub(crate) fn pack(parts: &[Part]) -> Vec<u8> {
    let size: usize = parts.iter().map(|part| part.bytes.len() + 200).sum();
    let mut archive = Vec::with_capacity(size);
    let mut listing = Vec::new();
    for part in parts {
        // Both are bounded by `Limits::unpacked`, far below 4 GiB.
        let offset = archive.len() as u32;
        let length = part.bytes.len() as u32;
        let mut sum = flate2::Crc::new();
        sum.update(&part.bytes);
        let mut common = Vec::new();
        common.extend(20_u16.to_le_bytes());
        // Names are UTF-8.
        common.extend(0x0800_u16.to_le_bytes());
        common.extend(0_u16.to_le_bytes());
        // 1980-01-01 00:00.
        common.extend(0_u16.to_le_bytes());
        common.extend(0x0021_u16.to_le_bytes());
        common.extend(sum.sum().to_le_bytes());
        common.extend(length.to_le_bytes());
        common.extend(length.to_le_bytes());
        common.extend((part.name.len() as u16).to_le_bytes());
        common.extend(0_u16.to_le_bytes());

        archive.extend(directory::LOCAL);
        archive.extend(&common);
        archive.extend(part.name.as_bytes());
        archive.extend(&part.bytes);

        listing.extend(directory::CENTRAL);
        listing.extend(20_u16.to_le_bytes());
        listing.extend(&common);
        listing.extend([0; 10]);
        listing.extend(offset.to_le_bytes());
        listing.extend(part.name.as_bytes());
    }
    let count = parts.len() as u16;
    let (start, length) = (archive.len() as u32, listing.len() as u32);
    archive.extend(listing);
    archive.extend(directory::END);
    archive.extend([0; 4]);
    archive.extend(count.to_le_bytes());
    archive.extend(count.to_le_bytes());
    archive.extend(length.to_le_bytes());
    archive.extend(start.to_le_bytes());
    archive.extend([0; 2]);
    archive
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(name: &str, bytes: &[u8]) -> Part {
        Part {
            name: name.to_owned(),
            bytes: bytes.to_vec(),
        }
    }

    fn unpack_all(bytes: &[u8], limits: &Limits) -> Result<Vec<(String, Vec<u8>)>, String> {
        unpack(bytes, limits, |_| true)
            .map(|parts| parts.into_iter().map(|it| (it.name, it.bytes)).collect())
            .map_err(|fault| fault.code().to_owned())
    }

    #[test]
    fn what_is_packed_unpacks() {
        let archive = pack(&[part("a.xml", b"<a/>"), part("b/台帳.xml", &[7; 5000])]);
        let found = unpack_all(&archive, &Limits::DEFAULT).unwrap();
        assert_eq!(found[0], ("a.xml".to_owned(), b"<a/>".to_vec()));
        assert_eq!(found[1], ("b/台帳.xml".to_owned(), vec![7; 5000]));
    }

    #[test]
    fn an_archive_that_is_cut_anywhere_is_refused() {
        let archive = pack(&[part("a.xml", b"<a/>"), part("b.xml", &[7; 300])]);
        for length in 0..archive.len() {
            let found = unpack_all(&archive[..length], &Limits::DEFAULT);
            assert!(found.is_err(), "cut at {length}");
        }
    }

    #[test]
    fn a_changed_byte_never_unpacks_to_something_else() {
        let archive = pack(&[part("a.xml", b"<a/>"), part("b.xml", &[7; 100])]);
        let before = unpack_all(&archive, &Limits::DEFAULT).unwrap();
        for at in 0..archive.len() {
            let mut changed = archive.clone();
            changed[at] ^= 0x41;
            if let Ok(found) = unpack_all(&changed, &Limits::DEFAULT) {
                let bytes = |list: &[(String, Vec<u8>)]| -> Vec<Vec<u8>> {
                    list.iter().map(|(_, bytes)| bytes.clone()).collect()
                };
                assert_eq!(bytes(&found), bytes(&before), "changed at {at}");
            }
        }
    }

    #[test]
    fn what_unpacks_to_more_than_is_taken_is_refused() {
        let archive = pack(&[part("a", &[0; 600]), part("b", &[0; 600])]);
        let small = Limits {
            unpacked: 1000,
            ..Limits::DEFAULT
        };
        assert_eq!(
            unpack_all(&archive, &small),
            Err("file.too-large-unpacked".to_owned())
        );
        let few = Limits {
            parts: 1,
            ..Limits::DEFAULT
        };
        assert_eq!(
            unpack_all(&archive, &few),
            Err("file.too-many-parts".to_owned())
        );
    }

    #[test]
    fn a_part_that_lies_about_its_size_is_refused() {
        let mut archive = pack(&[part("a", &[0; 600])]);
        // The sizes in the directory, 20 and 24 bytes into the entry.
        let entry = archive
            .windows(4)
            .position(|it| it == directory::CENTRAL)
            .unwrap();
        archive[entry + 24..entry + 28].copy_from_slice(&10_u32.to_le_bytes());
        assert_eq!(
            unpack_all(&archive, &Limits::DEFAULT),
            Err("file.damaged".to_owned())
        );
    }
}
