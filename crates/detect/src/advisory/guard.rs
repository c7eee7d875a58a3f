//! Bounded text: UTF-8 as it streams, bounded JSON strings, bounded lines.

use std::io::{self, BufRead, Read};

use super::error::{FeedError, FeedFault};

/// Checks UTF-8 while it streams, and (for JSON documents) the length of every string, so that no
/// parser above ever holds an unbounded one. Also fills the caller's buffer as far as it can.
pub(crate) struct TextGuard<R> {
    inner: R,
    offset: u64,
    /// The beginning of a character whose rest has not arrived yet.
    partial: Vec<u8>,
    json: Option<JsonStrings>,
}

struct JsonStrings {
    max: usize,
    length: usize,
    inside: bool,
    escaped: bool,
}

impl<R: Read> TextGuard<R> {
    pub(crate) fn new(inner: R) -> Self {
        Self {
            inner,
            offset: 0,
            partial: Vec::new(),
            json: None,
        }
    }

    pub(crate) fn inner(&self) -> &R {
        &self.inner
    }

    fn check_utf8(&mut self, new: &[u8]) -> Result<(), FeedError> {
        let start = self.offset - self.partial.len() as u64;
        let joined;
        let data = if self.partial.is_empty() {
            new
        } else {
            joined = [self.partial.as_slice(), new].concat();
            &joined
        };
        let tail = match std::str::from_utf8(data) {
            Ok(_) => Vec::new(),
            Err(error) if error.error_len().is_none() => data[error.valid_up_to()..].to_vec(),
            Err(error) => {
                let at = start + error.valid_up_to() as u64;
                return Err(FeedError::at_offset(FeedFault::NotUtf8, at));
            }
        };
        self.partial = tail;
        Ok(())
    }

    fn check(&mut self, new: &[u8]) -> Result<(), FeedError> {
        if new.is_empty() {
            if !self.partial.is_empty() {
                return Err(FeedError::at_offset(FeedFault::NotUtf8, self.offset));
            }
            return Ok(());
        }
        self.check_utf8(new)?;
        if let Some(json) = &mut self.json
            && let Err(at) = json.scan(new)
        {
            let fault = FeedFault::LineTooLong(json.max);
            return Err(FeedError::at_offset(fault, self.offset + at as u64));
        }
        self.offset += new.len() as u64;
        Ok(())
    }
}

impl JsonStrings {
    /// Follows strings through the bytes; the index of the byte that made one too long.
    fn scan(&mut self, bytes: &[u8]) -> Result<(), usize> {
        for (at, byte) in bytes.iter().enumerate() {
            if !self.inside {
                self.inside = *byte == b'"';
                self.length = 0;
            } else if self.escaped {
                self.escaped = false;
            } else if *byte == b'\\' {
                self.escaped = true;
            } else if *byte == b'"' {
                self.inside = false;
            }
            self.length += usize::from(self.inside);
            if self.length > self.max {
                return Err(at);
            }
        }
        Ok(())
    }
}

impl<R: Read> Read for TextGuard<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while filled < buf.len() {
            match self.inner.read(&mut buf[filled..]) {
                Ok(0) => break,
                Ok(n) => filled += n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.check(&buf[..filled]).map_err(FeedError::into_io)?;
        Ok(filled)
    }
}

/// What every feed parser reads from: text that is bounded and known to be UTF-8.
pub(crate) struct Text<R: Read> {
    reader: io::BufReader<TextGuard<R>>,
    max_line: usize,
    line: u64,
    buffer: Vec<u8>,
}

/// How much of the beginning is looked at to recognise a format.
pub(crate) const HEAD_BYTES: usize = 64 << 10;

impl<R: Read> Text<R> {
    pub(crate) fn new(inner: R, max_line: usize) -> Self {
        let reader = io::BufReader::with_capacity(HEAD_BYTES, TextGuard::new(inner));
        Self {
            reader,
            max_line,
            line: 0,
            buffer: Vec::new(),
        }
    }

    /// The beginning of the data, without taking it. A character cut at its end is left off.
    pub(crate) fn head(&mut self) -> Result<&str, FeedError> {
        let bytes = self.reader.fill_buf().map_err(FeedError::from_io)?;
        Ok(match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default(),
        })
    }

    /// Line number of the line given last, counted from 1.
    pub(crate) fn line_number(&self) -> u64 {
        self.line
    }

    /// The next line without its end, or `None` at the end of the data.
    pub(crate) fn next_line(&mut self) -> Result<Option<&str>, FeedError> {
        self.buffer.clear();
        self.line += 1;
        let mut limited = (&mut self.reader).take(self.max_line as u64 + 2);
        let read = limited
            .read_until(b'\n', &mut self.buffer)
            .map_err(FeedError::from_io)?;
        if read == 0 {
            return Ok(None);
        }
        if self.buffer.last() == Some(&b'\n') {
            self.buffer.pop();
        }
        if self.buffer.last() == Some(&b'\r') {
            self.buffer.pop();
        }
        if self.buffer.len() > self.max_line {
            return Err(FeedError::at_line(
                FeedFault::LineTooLong(self.max_line),
                self.line,
            ));
        }
        std::str::from_utf8(&self.buffer)
            .map(Some)
            .map_err(|_| FeedError::at_line(FeedFault::NotUtf8, self.line))
    }

    /// The whole rest as one JSON document, read by `visit`.
    pub(crate) fn json<T>(
        &mut self,
        visit: impl for<'a> FnOnce(
            &mut serde_json::Deserializer<serde_json::de::IoRead<&'a mut dyn BufRead>>,
        ) -> Result<T, serde_json::Error>,
    ) -> Result<T, FeedError> {
        // What is buffered already has been checked as text but not as JSON strings.
        let max = self.max_line;
        let mut json = JsonStrings {
            max,
            length: 0,
            inside: false,
            escaped: false,
        };
        let too_long = |at: u64| FeedError::at_offset(FeedFault::LineTooLong(max), at);
        json.scan(self.reader.buffer())
            .map_err(|at| too_long(at as u64))?;
        self.reader.get_mut().json = Some(json);
        let reader: &mut dyn BufRead = &mut self.reader;
        let mut deserializer = serde_json::Deserializer::from_reader(reader);
        let value = visit(&mut deserializer).map_err(|e| FeedError::from_json(e, 1))?;
        deserializer.end().map_err(|e| FeedError::from_json(e, 1))?;
        Ok(value)
    }

    /// Reads to the end, so that the container's checksum and the digest cover everything.
    pub(crate) fn drain(&mut self) -> Result<(), FeedError> {
        loop {
            let n = self.reader.fill_buf().map_err(FeedError::from_io)?.len();
            if n == 0 {
                return Ok(());
            }
            self.reader.consume(n);
        }
    }

    pub(crate) fn source(&self) -> &R {
        self.reader.get_ref().inner()
    }
}
