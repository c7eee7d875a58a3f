//! Takes a feed out of its container (plain, gzip, xz) with hard limits. Recognised by content.

use std::cell::RefCell;
use std::io::{self, BufRead, Read};
use std::rc::Rc;

use flate2::bufread::MultiGzDecoder;
use lzma_rust2::XzReader;
use sha2::{Digest, Sha256};

use super::error::{FeedError, FeedFault};

/// What a feed may cost. All limits are hard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Largest unpacked size in bytes.
    pub unpacked: u64,
    /// Largest unpacked size as a multiple of the packed size read so far.
    pub ratio: u64,
    /// Memory a decoder may need, in KiB (xz dictionaries are chosen by the sender).
    pub decoder_kib: u32,
    /// Longest line, and longest string inside a JSON document, in bytes.
    pub line: usize,
    /// Largest number of entries.
    pub entries: usize,
}

impl Default for Limits {
    /// Room for the Debian security tracker (about 100 MB of JSON) several times over.
    fn default() -> Self {
        Self {
            unpacked: 512 << 20,
            ratio: 200,
            decoder_kib: 96 << 10,
            line: 1 << 20,
            entries: 5_000_000,
        }
    }
}

/// Small data compresses without bound (a few zeros), so the ratio counts from here on.
const RATIO_FROM: u64 = 4 << 20;

/// What was read of the packed data so far.
#[derive(Default)]
struct Raw {
    bytes: u64,
    ended: bool,
    hasher: Sha256,
}

/// Counts and hashes what a decoder takes from the caller's reader.
struct Meter<R> {
    inner: R,
    raw: Rc<RefCell<Raw>>,
}

impl<R: BufRead> Read for Meter<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let n = available.len().min(buf.len());
        buf[..n].copy_from_slice(&available[..n]);
        self.consume(n);
        Ok(n)
    }
}

impl<R: BufRead> BufRead for Meter<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let data = self.inner.fill_buf()?;
        if data.is_empty() {
            self.raw.borrow_mut().ended = true;
        }
        Ok(data)
    }

    fn consume(&mut self, amount: usize) {
        // The data behind `amount` is still in the buffer: `fill_buf` on a filled reader is free.
        if amount > 0
            && let Ok(data) = self.inner.fill_buf()
        {
            let mut raw = self.raw.borrow_mut();
            let taken = amount.min(data.len());
            raw.hasher.update(&data[..taken]);
            raw.bytes += taken as u64;
        }
        self.inner.consume(amount);
    }
}

enum Decoder<R: BufRead> {
    Plain(Meter<R>),
    Gzip(Box<MultiGzDecoder<Meter<R>>>),
    Xz(Box<XzReader<Meter<R>>>),
}

/// The unpacked bytes of a feed, within [`Limits`].
pub struct Unpacked<R: BufRead> {
    decoder: Decoder<R>,
    raw: Rc<RefCell<Raw>>,
    limits: Limits,
    out: u64,
}

/// Opens a feed; the container is recognised by its first bytes.
///
/// # Errors
/// [`FeedFault::Empty`] for no bytes, [`FeedFault::UnsupportedContainer`] for zip, zstd, bzip2 and
/// the like, [`FeedFault::Read`] when the reader fails.
pub fn open<R: BufRead>(reader: R, limits: Limits) -> Result<Unpacked<R>, FeedError> {
    let raw = Rc::new(RefCell::new(Raw::default()));
    let mut meter = Meter {
        inner: reader,
        raw: Rc::clone(&raw),
    };
    let head = meter.fill_buf().map_err(FeedError::from_io)?;
    if head.is_empty() {
        return Err(FeedError::whole(FeedFault::Empty));
    }
    let decoder = match container(head)? {
        Container::Plain => Decoder::Plain(meter),
        Container::Gzip => Decoder::Gzip(Box::new(MultiGzDecoder::new(meter))),
        Container::Xz => Decoder::Xz(Box::new(XzReader::new_mem_limit(
            meter,
            true,
            limits.decoder_kib,
        ))),
    };
    Ok(Unpacked {
        decoder,
        raw,
        limits,
        out: 0,
    })
}

/// Whether bytes begin as something packed does, in a way that [`open`] can unpack or not.
#[must_use]
pub fn is_packed(head: &[u8]) -> bool {
    !matches!(container(head), Ok(Container::Plain))
}

enum Container {
    Plain,
    Gzip,
    Xz,
}

fn container(head: &[u8]) -> Result<Container, FeedError> {
    let other: &[(&[u8], &'static str)] = &[
        (b"PK\x03\x04", "zip"),
        (b"\x28\xb5\x2f\xfd", "zstd"),
        (b"BZh", "bzip2"),
        (b"7z\xbc\xaf\x27\x1c", "7z"),
        (b"Rar!", "rar"),
        (b"SQLite format 3", "sqlite"),
        (b"%PDF", "pdf"),
    ];
    if let Some((_, name)) = other.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Err(FeedError::at_offset(
            FeedFault::UnsupportedContainer(name),
            0,
        ));
    }
    Ok(match head {
        [0x1f, 0x8b, ..] => Container::Gzip,
        [0xfd, b'7', b'z', b'X', b'Z', ..] => Container::Xz,
        _ => Container::Plain,
    })
}

impl<R: BufRead> Unpacked<R> {
    /// SHA-256 of the packed bytes, once everything has been read.
    pub fn digest(&self) -> [u8; 32] {
        self.raw.borrow().hasher.clone().finalize().into()
    }

    /// Packed bytes read so far.
    pub fn packed_bytes(&self) -> u64 {
        self.raw.borrow().bytes
    }

    /// Unpacked bytes given out so far.
    pub fn unpacked_bytes(&self) -> u64 {
        self.out
    }

    fn check(&self) -> Result<(), FeedError> {
        if self.out > self.limits.unpacked {
            let fault = FeedFault::TooLarge(self.limits.unpacked);
            return Err(FeedError::at_offset(fault, self.limits.unpacked));
        }
        let allowed = self.packed_bytes().saturating_mul(self.limits.ratio);
        if self.out > RATIO_FROM && self.out > allowed {
            return Err(FeedError::at_offset(
                FeedFault::RatioBomb(self.limits.ratio),
                self.out,
            ));
        }
        Ok(())
    }

    /// What a decoder's own error means.
    fn fault(&self, error: io::Error) -> FeedError {
        let kind = error.kind();
        if let Decoder::Plain(_) = self.decoder {
            return FeedError::from_io(error);
        }
        let fault = match kind {
            io::ErrorKind::OutOfMemory => FeedFault::MemoryLimit(self.limits.decoder_kib),
            io::ErrorKind::UnexpectedEof => FeedFault::Truncated,
            // Decoders report some truncations as bad data; what tells is that the data ran out.
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput if self.raw.borrow().ended => {
                FeedFault::Truncated
            }
            io::ErrorKind::InvalidData
            | io::ErrorKind::InvalidInput
            | io::ErrorKind::Unsupported => FeedFault::Corrupt,
            _ => return FeedError::from_io(error),
        };
        FeedError::at_offset(fault, self.out)
    }
}

impl<R: BufRead> Read for Unpacked<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let read = match &mut self.decoder {
            Decoder::Plain(reader) => reader.read(buf),
            Decoder::Gzip(reader) => reader.read(buf),
            Decoder::Xz(reader) => reader.read(buf),
        };
        match read {
            Ok(n) => {
                self.out += n as u64;
                self.check().map_err(FeedError::into_io)?;
                Ok(n)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => Err(self.fault(error).into_io()),
        }
    }
}
