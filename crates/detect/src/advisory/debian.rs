//! The one normalised form that all knowledge about Debian packages is brought into, and its
//! storage as JSON lines (one header line, then one record a line).

use std::collections::HashSet;
use std::io::Read;
use std::sync::Arc;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::cve::CveId;
use super::error::{FeedError, FeedFault};
use super::feed::FeedId;
use super::guard::Text;
use super::version::DebVersion;

/// What is known of one CVE in one source package of one release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum AdvisoryStatus {
    /// Fixed in this source version, which was made for this suite (`unstable`, `bookworm-security`).
    Fixed {
        /// The first version with the fix.
        version: DebVersion,
        /// The suite that version was uploaded to, where known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        suite: Option<Arc<str>>,
    },
    /// The release never had the fault.
    NotAffected,
    /// Known and not fixed in the release.
    Open {
        /// The distribution does not count it as a security fault.
        unimportant: bool,
    },
    /// Not yet decided by the distribution.
    Undetermined,
}

/// One statement of the normalised form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "snake_case")]
pub enum DebianRecord {
    /// The feed has looked at every source of this release: what it does not name has no advisory.
    CoversAll {
        /// Release code name.
        release: Arc<str>,
    },
    /// The feed has looked at this source of this release.
    Covers {
        /// Release code name.
        release: Arc<str>,
        /// Source package.
        source: Arc<str>,
    },
    /// What is known of a CVE in a source package.
    Advisory {
        /// Release code name.
        release: Arc<str>,
        /// Source package.
        source: Arc<str>,
        /// The CVE.
        cve: CveId,
        /// What is known.
        #[serde(flatten)]
        status: AdvisoryStatus,
    },
    /// The changelog of exactly this build names the CVE: the build was made from a version with
    /// the fix, although it sorts below it (`~deb12u1`).
    Contains {
        /// Release code name.
        release: Arc<str>,
        /// Source package.
        source: Arc<str>,
        /// Version of the build.
        version: DebVersion,
        /// The CVE.
        cve: CveId,
    },
    /// A binary package offered by the security archive of the release.
    Candidate {
        /// Release code name.
        release: Arc<str>,
        /// Binary package.
        binary: Arc<str>,
        /// Version of the binary.
        version: DebVersion,
        /// Source package.
        source: Arc<str>,
        /// Version of the source.
        source_version: DebVersion,
    },
    /// Security support of a source package ends or ended before the release's.
    SupportEnded {
        /// Release code name.
        release: Arc<str>,
        /// Source package, where `.*` stands for any rest.
        source: Arc<str>,
        /// Last version that had support.
        last: DebVersion,
        /// The day support ended or will end.
        on: Date,
        /// The list's remark, as published.
        note: Arc<str>,
    },
    /// Security support of a source package is limited, in every release.
    SupportLimited {
        /// Source package, where `.*` stands for any rest.
        source: Arc<str>,
        /// The list's remark, as published.
        note: Arc<str>,
    },
}

/// First line of the stored form.
#[derive(Debug, Serialize, Deserialize)]
struct Header {
    sekisho_feed: FeedId,
    version: u32,
    as_of: i64,
}

/// The version of the stored form this program writes and reads.
const FORM_VERSION: u32 = 1;

/// The stored form, line by line without line ends: a header, then the records.
///
/// # Errors
/// Only if a record cannot be written as JSON, which no value of these types causes.
pub fn to_lines<'a>(
    id: FeedId,
    as_of: i64,
    records: &'a [DebianRecord],
) -> impl Iterator<Item = Result<String, serde_json::Error>> + 'a {
    let header = Header {
        sekisho_feed: id,
        version: FORM_VERSION,
        as_of,
    };
    std::iter::once_with(move || serde_json::to_string(&header))
        .chain(records.iter().map(serde_json::to_string))
}

/// A stored feed read back.
pub(crate) struct Stored {
    pub(crate) id: FeedId,
    pub(crate) as_of: i64,
    pub(crate) records: Vec<DebianRecord>,
}

pub(crate) fn parse_stored<R: Read>(text: &mut Text<R>, max: usize) -> Result<Stored, FeedError> {
    let header: Header = parse_line(text)?.ok_or(FeedError::whole(FeedFault::Empty))?;
    if header.version != FORM_VERSION {
        return Err(FeedError::at_line(FeedFault::BadField("version"), 1));
    }
    let mut records = Vec::new();
    let mut names = Interner::default();
    while let Some(mut record) = parse_line::<_, DebianRecord>(text)? {
        if records.len() >= max {
            return Err(FeedError::at_line(
                FeedFault::TooManyEntries(max),
                text.line_number(),
            ));
        }
        names.share(&mut record);
        records.push(record);
    }
    Ok(Stored {
        id: header.sekisho_feed,
        as_of: header.as_of,
        records,
    })
}

/// One JSON value from the next line.
pub(crate) fn parse_line<R: Read, T: for<'de> Deserialize<'de>>(
    text: &mut Text<R>,
) -> Result<Option<T>, FeedError> {
    let number = text.line_number() + 1;
    match text.next_line()? {
        None => Ok(None),
        Some(line) => serde_json::from_str(line)
            .map(Some)
            .map_err(|e| FeedError::from_json(e, number)),
    }
}

/// Gives every equal name the same allocation: a feed names a source thousands of times.
#[derive(Default)]
pub(crate) struct Interner(HashSet<Arc<str>>);

impl Interner {
    pub(crate) fn get(&mut self, name: &str) -> Arc<str> {
        if let Some(known) = self.0.get(name) {
            return Arc::clone(known);
        }
        let new: Arc<str> = name.into();
        self.0.insert(Arc::clone(&new));
        new
    }

    fn share(&mut self, record: &mut DebianRecord) {
        match record {
            DebianRecord::CoversAll { release } => *release = self.get(release),
            DebianRecord::Covers { release, source }
            | DebianRecord::Advisory {
                release, source, ..
            }
            | DebianRecord::Contains {
                release, source, ..
            }
            | DebianRecord::Candidate {
                release, source, ..
            }
            | DebianRecord::SupportEnded {
                release, source, ..
            } => {
                *release = self.get(release);
                *source = self.get(source);
            }
            DebianRecord::SupportLimited { source, .. } => *source = self.get(source),
        }
    }
}
