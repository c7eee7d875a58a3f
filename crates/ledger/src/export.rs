//! A ledger as a static folder that any C2SP tlog-tiles client reads, and its verification.
//!
//! Beside `checkpoint`, `tile/…` and `tile/entries/…` stand our own `records/<seq>.json`
//! (`{"record":…,"salt":"…","seq":n}`) and `blobs/<hex>`. Records and blobs can be left out for a
//! disclosure copy: the tree still verifies, and each remaining record opens its entry.

use std::collections::HashSet;
use std::ops::ControlFlow;

use crate::digest::{Digest, Salt, entry_hash};
use crate::keys::CheckpointKeys;
use crate::record::scan;
use crate::tile::{TILE_WIDTH, TileId, bundle, bundle_path, read_bundle};
use crate::verify::{LedgerSource, Report, StoredEntry, verify};

/// The path of the newest signed checkpoint.
pub const CHECKPOINT_PATH: &str = "checkpoint";

/// The path of a record with its salt.
#[must_use]
pub fn record_path(seq: u64) -> String {
    format!("records/{seq}.json")
}

/// The path of a blob.
#[must_use]
pub fn blob_path(digest: &Digest) -> String {
    format!("blobs/{digest}")
}

/// Takes one file of an export: path (with `/`) and bytes.
pub type Sink<'s, E> = dyn FnMut(&str, &[u8]) -> Result<(), E> + 's;

/// Hands every file of the export of `source` to `sink`, the checkpoint last, so that a reader of
/// a growing folder never sees a checkpoint whose tiles are missing. Records that `disclose` does
/// not name are left out with the blobs only they refer to. The source must not grow meanwhile.
///
/// # Errors
/// What the source or the sink fails with.
pub fn export<S, E>(
    source: &S,
    disclose: &dyn Fn(u64) -> bool,
    sink: &mut Sink<'_, E>,
) -> Result<(), E>
where
    S: LedgerSource,
    E: From<S::Error>,
{
    let (size, blobs) = export_entries(source, disclose, sink)?;
    for (id, width) in TileId::all(size) {
        if let Some(bytes) = source.tile(id)? {
            sink(&id.path(width), &bytes)?;
        }
    }
    for digest in blobs {
        if let Some(bytes) = source.blob(&digest)? {
            sink(&blob_path(&digest), &bytes)?;
        }
    }
    if let Some(text) = source.checkpoint()? {
        sink(CHECKPOINT_PATH, &text)?;
    }
    Ok(())
}

/// Hands out entry bundles and disclosed records; the number of entries, and the blobs that the
/// disclosed records refer to.
fn export_entries<S, E>(
    source: &S,
    disclose: &dyn Fn(u64) -> bool,
    sink: &mut Sink<'_, E>,
) -> Result<(u64, HashSet<Digest>), E>
where
    S: LedgerSource,
    E: From<S::Error>,
{
    let mut entries = Vec::with_capacity(TILE_WIDTH);
    let mut blobs = HashSet::new();
    let mut size = 0;
    let mut failed = None;
    source.entries(&mut |stored| {
        size += 1;
        let mut one = || {
            if let Some((salt, record)) = stored.opening
                && disclose(stored.seq)
            {
                let _ = scan(record, &mut |blob| {
                    blobs.insert(blob.blob);
                });
                sink(
                    &record_path(stored.seq),
                    &record_file(stored.seq, salt, record),
                )?;
            }
            entries.push(entry_of(&stored));
            if entries.len() == TILE_WIDTH {
                sink(&bundle_path(stored.seq >> 8, TILE_WIDTH), &bundle(&entries))?;
                entries.clear();
            }
            Ok(())
        };
        match one() {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        }
    })?;
    if let Some(error) = failed {
        return Err(error);
    }
    if !entries.is_empty() {
        sink(&bundle_path(size >> 8, entries.len()), &bundle(&entries))?;
    }
    Ok((size, blobs))
}

/// The log entry of a stored entry.
fn entry_of(stored: &StoredEntry<'_>) -> Digest {
    let opened = stored.opening.map(|(salt, record)| match salt.try_into() {
        Ok(salt) => entry_hash(&Salt(salt), record),
        // A damaged salt is found by verification; the export shows what is stored.
        Err(_) => Digest::of(&[salt, record].concat()),
    });
    stored.entry.or(opened).unwrap_or(Digest([0; 32]))
}

/// The bytes of `records/<seq>.json`, which are canonical JSON as the record is.
#[must_use]
pub fn record_file(seq: u64, salt: &[u8], record: &[u8]) -> Vec<u8> {
    let salt: String = salt.iter().map(|byte| format!("{byte:02x}")).collect();
    let tail = format!(",\"salt\":\"{salt}\",\"seq\":{seq}}}");
    [b"{\"record\":", record, tail.as_bytes()].concat()
}

/// The salt and the record of `records/<seq>.json`, or nothing where it has another form.
#[must_use]
pub fn read_record_file(seq: u64, bytes: &[u8]) -> Option<(Salt, &[u8])> {
    let rest = bytes.strip_prefix(b"{\"record\":")?;
    let rest = rest.strip_suffix(format!("\",\"seq\":{seq}}}").as_bytes())?;
    let (rest, salt) = rest.split_at_checked(rest.len().checked_sub(32)?)?;
    let record = rest.strip_suffix(b",\"salt\":\"")?;
    let salt = std::str::from_utf8(salt).ok()?.parse().ok()?;
    Some((salt, record))
}

/// Verifies an export, read file by file through `lookup` (path to bytes, or nothing where there
/// is no such file). Records and blobs that are not there are counted as not disclosed.
#[must_use]
pub fn verify_export<K: CheckpointKeys + ?Sized>(
    lookup: &dyn Fn(&str) -> Option<Vec<u8>>,
    keys: &K,
    outside: Option<&[u8]>,
) -> Report {
    let size = lookup(CHECKPOINT_PATH)
        .and_then(|text| keys.opened(&text).ok())
        .map_or(0, |opened| opened.checkpoint.size);
    match verify(&Folder { lookup, size }, keys, outside) {
        Ok(report) => report,
        Err(never) => match never {},
    }
}

/// An export as a source.
struct Folder<'l> {
    lookup: &'l dyn Fn(&str) -> Option<Vec<u8>>,
    size: u64,
}

impl Folder<'_> {
    /// A full bundle or tile serves where the partial one is not there any more (tlog-tiles allows
    /// partial ones to be removed).
    fn part(&self, width: usize, path: &dyn Fn(usize) -> String, unit: usize) -> Option<Vec<u8>> {
        (self.lookup)(&path(width)).or_else(|| {
            let mut bytes = (self.lookup)(&path(TILE_WIDTH))?;
            bytes.truncate(width * unit);
            Some(bytes)
        })
    }
}

impl LedgerSource for Folder<'_> {
    type Error = std::convert::Infallible;

    fn entries(
        &self,
        each: &mut dyn FnMut(StoredEntry<'_>) -> ControlFlow<()>,
    ) -> Result<(), Self::Error> {
        for index in 0..self.size.div_ceil(256) {
            let width = TileId { level: 0, index }.width(self.size);
            let bytes = self.part(width, &|width| bundle_path(index, width), 34);
            let entries = bytes
                .and_then(|bytes| read_bundle(&bytes))
                .unwrap_or_default();
            for (seq, entry) in (index << 8..self.size).zip(entries) {
                let file = (self.lookup)(&record_path(seq));
                // A file of another form opens nothing: an empty salt is a finding.
                let opening = file
                    .as_ref()
                    .map(|bytes| match read_record_file(seq, bytes) {
                        Some((salt, record)) => (salt.0.to_vec(), record),
                        None => (Vec::new(), bytes.as_slice()),
                    });
                let stored = StoredEntry {
                    seq,
                    entry: Some(entry),
                    opening: opening
                        .as_ref()
                        .map(|(salt, record)| (salt.as_slice(), *record)),
                };
                if each(stored).is_break() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn tile(&self, id: TileId) -> Result<Option<Vec<u8>>, Self::Error> {
        let width = id.width(self.size);
        Ok((width > 0)
            .then(|| self.part(width, &|width| id.path(width), 32))
            .flatten())
    }

    fn tile_ids(&self, _each: &mut dyn FnMut(TileId)) -> Result<(), Self::Error> {
        Ok(())
    }

    fn blob(&self, digest: &Digest) -> Result<Option<Vec<u8>>, Self::Error> {
        Ok((self.lookup)(&blob_path(digest)))
    }

    fn blob_ids(&self, _each: &mut dyn FnMut(&[u8])) -> Result<(), Self::Error> {
        Ok(())
    }

    fn checkpoint(&self) -> Result<Option<Vec<u8>>, Self::Error> {
        Ok((self.lookup)(CHECKPOINT_PATH))
    }

    fn is_disclosure_copy(&self) -> bool {
        true
    }
}
