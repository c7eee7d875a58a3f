//! A log as a stream of its own bytes, whatever it is packed in.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use sekisho_detect::advisory::unpack::{self, Limits};
use sekisho_domain::time::Timestamp;

use crate::fault::Fault;

/// What is looked at before a log is read: its form and its identity follow from these bytes.
pub const HEAD: usize = 64 << 10;

/// A log that is being read.
pub struct Log {
    path: PathBuf,
    source: Box<dyn Read>,
    /// The same file, where one can go to a place in it.
    file: Option<File>,
    head: Vec<u8>,
    /// How much of the head was given out.
    head_given: usize,
    size: Option<u64>,
    written_at: Option<Timestamp>,
    given_out: u64,
}

impl Log {
    /// Opens a log, plain or packed with gzip or xz; `-` is standard input.
    pub fn open(path: &Path) -> Result<Self, Fault> {
        let fault = |error: &std::io::Error| unreadable(path, error);
        let (source, file, size, written_at): (Box<dyn Read>, _, _, _) = if path.as_os_str() == "-"
        {
            (Box::new(std::io::stdin()), None, None, None)
        } else {
            let file = File::open(path).map_err(|error| fault(&error))?;
            let about = file.metadata().map_err(|error| fault(&error))?;
            let written_at = about.modified().ok().and_then(timestamp);
            let same = file.try_clone().ok().filter(|_| about.is_file());
            (Box::new(file), same, Some(about.len()), written_at)
        };
        let (source, plain) = unpacked(path, source)?;
        let mut log = Self {
            path: path.to_owned(),
            source,
            file: file.filter(|_| plain),
            head: Vec::new(),
            head_given: 0,
            size: size.filter(|_| plain),
            written_at,
            given_out: 0,
        };
        let mut head = Vec::with_capacity(HEAD);
        let limit = u64::try_from(HEAD).unwrap_or(u64::MAX);
        let mut beginning = (&mut log.source).take(limit);
        beginning
            .read_to_end(&mut head)
            .map_err(|error| fault(&error))?;
        log.head = head;
        Ok(log)
    }

    /// The first bytes.
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    /// The whole lines of the head; its only line where none has ended.
    pub fn first_lines(&self) -> Vec<&[u8]> {
        let mut lines: Vec<&[u8]> = self.head.split(|byte| *byte == b'\n').collect();
        if lines.len() > 1 {
            lines.pop();
        }
        let bare = |line: &[u8]| line.strip_suffix(b"\r").map_or(line.len(), <[u8]>::len);
        lines.iter().map(|line| &line[..bare(line)]).collect()
    }

    /// Bytes of the whole log, where that is known beforehand: neither packed nor standard input.
    pub fn size(&self) -> Option<u64> {
        self.size
    }

    /// When the file was last written to.
    pub fn written_at(&self) -> Option<Timestamp> {
        self.written_at
    }

    /// Bytes of the log that were given out.
    pub fn given_out(&self) -> u64 {
        self.given_out
    }

    /// Passes over the bytes before a place.
    pub fn skip_to(&mut self, place: u64) -> Result<(), Fault> {
        let head = u64::try_from(self.head.len()).unwrap_or(u64::MAX);
        if let (Some(mut file), Some(size)) = (self.file.take().filter(|_| place > head), self.size)
        {
            let place = place.min(size);
            file.seek(SeekFrom::Start(place))
                .map_err(|error| unreadable(&self.path, &error))?;
            // What was read ahead through the other hand on the file is dropped with it.
            self.source = Box::new(file);
            self.head_given = self.head.len();
            self.given_out = place;
            return Ok(());
        }
        let mut buffer = vec![0; HEAD];
        while self.given_out < place {
            let left = usize::try_from(place - self.given_out)
                .unwrap_or(HEAD)
                .min(HEAD);
            if self.read(&mut buffer[..left])? == 0 {
                break;
            }
        }
        Ok(())
    }

    /// The next bytes; none at the end.
    pub fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Fault> {
        let rest = &self.head[self.head_given..];
        let count = if rest.is_empty() {
            loop {
                match self.source.read(buffer) {
                    Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                    read => break read.map_err(|error| unreadable(&self.path, &error))?,
                }
            }
        } else {
            let count = rest.len().min(buffer.len());
            buffer[..count].copy_from_slice(&rest[..count]);
            self.head_given += count;
            count
        };
        self.given_out += u64::try_from(count).unwrap_or(0);
        Ok(count)
    }
}

/// Logs repeat themselves and pack well: what is packed may be as large as it likes, since it is only
/// streamed.
const LIMITS: Limits = Limits {
    unpacked: u64::MAX,
    ratio: u64::MAX,
    decoder_kib: 96 << 10,
    line: 1 << 20,
    entries: usize::MAX,
};

/// The bytes of a log, and whether they lie in the file as they are.
fn unpacked(path: &Path, source: Box<dyn Read>) -> Result<(Box<dyn Read>, bool), Fault> {
    let mut source = BufReader::with_capacity(HEAD, source);
    let first = source
        .fill_buf()
        .map_err(|error| unreadable(path, &error))?;
    // What is plain needs no counting of what it unpacks to.
    if !unpack::is_packed(first) {
        return Ok((Box::new(source), true));
    }
    match unpack::open(source, LIMITS) {
        Ok(unpacked) => Ok((Box::new(unpacked), false)),
        Err(error) => Err(Fault::refusal(error.fault.code()).about(path.display())),
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> Fault {
    tracing::debug!(%error, "a log cannot be read");
    Fault::new("discover.unreadable").about(path.display())
}

/// An instant of the file system.
pub fn timestamp(at: std::time::SystemTime) -> Option<Timestamp> {
    let since = at.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(Timestamp::from_millis(
        i64::try_from(since.as_millis()).ok()?,
    ))
}
