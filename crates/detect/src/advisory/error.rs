//! Why a feed was refused: a stable code and the place in the data.

use std::fmt;

/// What was wrong with a feed. The code of each is stable (see [`FeedFault::code`]).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FeedFault {
    /// Nothing in it, or no entry in it.
    Empty,
    /// The data ends in the middle.
    Truncated,
    /// The compressed container is damaged (checksum or structure).
    Corrupt,
    /// A container other than plain, gzip or xz; names what was recognised.
    UnsupportedContainer(&'static str),
    /// The content is none of the known feed formats.
    WrongType,
    /// Unpacked data is larger than this many bytes.
    TooLarge(u64),
    /// Unpacked data is more than this many times the size of the packed data.
    RatioBomb(u64),
    /// Unpacking would need more memory than this many KiB.
    MemoryLimit(u32),
    /// A line or JSON string is longer than this many bytes.
    LineTooLong(usize),
    /// More entries than this.
    TooManyEntries(usize),
    /// Bytes that are not UTF-8.
    NotUtf8,
    /// JSON that does not parse.
    BadJson,
    /// JSON that parses and does not have the shape of the feed, or a value that it cannot have.
    BadShape,
    /// A field is missing or has an impossible value; names the field.
    BadField(&'static str),
    /// A date that does not exist or is before any data of this kind.
    BadDate,
    /// The data claims to be of a day after today.
    FutureDate,
    /// The content has no date of its own and the caller gave none.
    DateMissing,
    /// The content does not tell its release and the caller gave none.
    ReleaseMissing,
    /// The reader the caller gave failed.
    Read,
}

impl FeedFault {
    /// The stable machine code, which is also the key of the message for people.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "feed.empty",
            Self::Truncated => "feed.truncated",
            Self::Corrupt => "feed.corrupt",
            Self::UnsupportedContainer(_) => "feed.unsupported_container",
            Self::WrongType => "feed.wrong_type",
            Self::TooLarge(_) => "feed.too_large",
            Self::RatioBomb(_) => "feed.ratio_bomb",
            Self::MemoryLimit(_) => "feed.memory_limit",
            Self::LineTooLong(_) => "feed.line_too_long",
            Self::TooManyEntries(_) => "feed.too_many_entries",
            Self::NotUtf8 => "feed.not_utf8",
            Self::BadJson => "feed.bad_json",
            Self::BadShape => "feed.bad_shape",
            Self::BadField(_) => "feed.bad_field",
            Self::BadDate => "feed.bad_date",
            Self::FutureDate => "feed.future_date",
            Self::DateMissing => "feed.date_missing",
            Self::ReleaseMissing => "feed.release_missing",
            Self::Read => "feed.read",
        }
    }
}

/// Where in the unpacked data the fault was found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Place {
    /// Line, counted from 1.
    pub line: Option<u64>,
    /// Byte offset, counted from 0.
    pub offset: Option<u64>,
}

/// A refused feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedError {
    /// What was wrong.
    pub fault: FeedFault,
    /// Where.
    pub place: Place,
}

impl FeedError {
    /// A fault with no place (it concerns the feed as a whole).
    pub fn whole(fault: FeedFault) -> Self {
        Self {
            fault,
            place: Place::default(),
        }
    }

    /// A fault on a line (counted from 1).
    pub fn at_line(fault: FeedFault, line: u64) -> Self {
        Self {
            fault,
            place: Place {
                line: Some(line),
                offset: None,
            },
        }
    }

    /// A fault at a byte offset of the unpacked data.
    pub fn at_offset(fault: FeedFault, offset: u64) -> Self {
        Self {
            fault,
            place: Place {
                line: None,
                offset: Some(offset),
            },
        }
    }

    /// Carries this error through an interface that only knows I/O errors.
    pub(crate) fn into_io(self) -> std::io::Error {
        std::io::Error::other(self)
    }

    /// Takes the typed error back out of an I/O error; anything else is a failed read.
    pub(crate) fn from_io(error: std::io::Error) -> Self {
        match error.downcast::<FeedError>() {
            Ok(inner) => inner,
            Err(_) => Self::whole(FeedFault::Read),
        }
    }

    /// Classifies a JSON error, keeping a typed error from the reader below.
    pub(crate) fn from_json(error: serde_json::Error, line_base: u64) -> Self {
        use serde_json::error::Category;
        let line = line_base + error.line().max(1) as u64 - 1;
        match error.classify() {
            Category::Io => Self::from_io(std::io::Error::from(error)),
            Category::Eof => Self::at_line(FeedFault::Truncated, line),
            Category::Syntax => Self::at_line(FeedFault::BadJson, line),
            Category::Data => Self::at_line(FeedFault::BadShape, line),
        }
    }
}

impl fmt::Display for FeedError {
    /// For logs only: the stable code and the place. People read the message catalogue.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.fault.code())?;
        if let Some(line) = self.place.line {
            write!(out, " line={line}")?;
        }
        if let Some(offset) = self.place.offset {
            write!(out, " offset={offset}")?;
        }
        Ok(())
    }
}

impl std::error::Error for FeedError {}
