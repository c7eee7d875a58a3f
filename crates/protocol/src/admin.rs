//! Shell to server over the socket `DATA/admin.sock` (0600): decision 8.
//!
//! One request, one answer, one connection. A frame is a 32-bit big-endian length and so many
//! bytes of JSON; a request that carries a document is followed by a 64-bit length and its bytes.
//! The shell's authority is the actor `operator`.

use sekisho_domain::check::Outcome;
use sekisho_domain::code::Reason;
use sekisho_domain::device::DeviceClass;
use sekisho_domain::id::{DeviceId, PersonId, UnitId};
use sekisho_domain::mapping::Mapping;
use sekisho_domain::profile::Profile;
use sekisho_domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::access_rules::{RulesChecked, RulesShown, RulesVersion, WhatIfReport};
use crate::service_use::{ServiceMarks, ServiceRunTaken};

/// Largest frame of JSON, in bytes.
pub const FRAME_MAX: u32 = 64 * 1024 * 1024;
/// Largest document after a request, in bytes.
pub const DOCUMENT_MAX: u64 = 512 * 1024 * 1024;

/// What the shell asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "request", rename_all = "snake_case")]
pub enum Request {
    /// Whether the server lives, and what it serves.
    Status,
    /// The verdicts: now, or as they were known at a moment.
    Assess {
        /// The moment; now when absent.
        #[serde(default)]
        at: Option<Timestamp>,
        /// The device whose checks are shown besides.
        #[serde(default)]
        device: Option<DeviceId>,
        /// The profile to judge, now only; the organisation's own when absent.
        #[serde(default)]
        profile: Option<Profile>,
    },
    /// Bring in a feed; the document follows.
    ImportFeed {
        /// Name of the file, for messages only.
        name: String,
        /// Length of the document that follows.
        size: u64,
        /// The moment the data is of, for formats that do not say.
        #[serde(default)]
        as_of: Option<Timestamp>,
        /// The release, for formats that do not say.
        #[serde(default)]
        release: Option<String>,
        /// Whether it shall be taken although it holds far less than the one in use.
        #[serde(default)]
        smaller: bool,
    },
    /// Which feeds are here and how old they are.
    FeedStatus,
    /// Make a new key that signs the ledger from now on; the old one keeps verifying.
    RotateLedgerKey,
    /// How it stands with the certificate that the server shows.
    Certificate {
        /// Whether another one shall be ordered now.
        renew: bool,
    },
    /// The authorities by which this server and devices are certified.
    Authorities {
        /// Whether a new one shall be made first; the old one stays trusted until what it certified is over.
        rotate: bool,
    },
    /// Confirm the clock after a step.
    ConfirmClock,
    /// Choose where checkpoints leave to.
    SetCheckpointTargets {
        /// `file:PATH`, `mail:ADDRESS`, `witness:URL#KEY`.
        targets: Vec<String>,
    },
    /// Make a one-time secret with which one device enrols.
    EnrolSecret {
        /// The unit that answers for it; the root when absent.
        #[serde(default)]
        unit: Option<UnitId>,
        /// Whose it is.
        class: DeviceClass,
        /// Who uses it; a telephone's user has to be named, since that person declares its state.
        #[serde(default)]
        user: Option<PersonId>,
        /// Whether it is a telephone, and the answer the link that its browser opens.
        #[serde(default)]
        telephone: bool,
    },
    /// Make a one-time link: for set-up while there is no organisation, else for signing in as
    /// the first officer on this machine.
    Link,
    /// Mail a code to each of two officers who want to open break-glass together.
    BreakGlassAsk {
        /// The id or login of the one who asks.
        first: String,
        /// The id or login of the one who agrees.
        second: String,
        /// Why.
        reason: String,
    },
    /// Open break-glass with both codes, in the same order.
    BreakGlassConfirm {
        /// The codes as typed.
        codes: [String; 2],
    },
    /// Close break-glass before its time.
    BreakGlassClose,
    /// Copy ledger, observations and accounts to one folder and the wrapped keys to another.
    Backup {
        /// Where to.
        target: String,
        /// Where the keys go to.
        keys: String,
    },
    /// Read a table file in, or say what that would do; the file follows.
    ImportTable {
        /// Code of the register, or of what else it is a table of.
        register: String,
        /// Length of the file that follows.
        size: u64,
        /// How the table is read; guessed from its headings when absent.
        #[serde(default)]
        mapping: Option<Mapping>,
        /// The beginning of the day of a list of moves, where it does not stand in the file.
        #[serde(default)]
        on: Option<Timestamp>,
        /// Whether nothing shall change.
        dry_run: bool,
    },
    /// Write a table file.
    ExportTable {
        /// Code of the register, or of what else it is a table of.
        register: String,
        /// Code of the kind of file.
        format: String,
        /// The language of headings and words: `ja` or `en`.
        lang: String,
    },
    /// The organisation's own rules of access: those in force, or an earlier version.
    AccessRules {
        /// Which version; the one in force when absent.
        #[serde(default)]
        version: Option<u32>,
    },
    /// Every version of them.
    AccessRulesHistory,
    /// Read a text of rules and say what is wrong with it; the text follows.
    CheckAccessRules {
        /// Length of the text that follows.
        size: u64,
    },
    /// Say what a text of rules would have changed in the answers of the last days; it follows.
    AccessRulesWhatIf {
        /// Length of the text that follows.
        size: u64,
        /// How many days.
        days: u32,
    },
    /// Put a text of rules in force; it follows. An empty one takes all rules back.
    SetAccessRules {
        /// Length of the text that follows.
        size: u64,
        /// Why.
        note: String,
    },
    /// Leave a copy of the list of forgotten persons at a path outside the data folder.
    ExportForgotten {
        /// Where to.
        path: String,
    },
    /// How far the logs of a source were read.
    ServiceMarks {
        /// The source.
        source: String,
    },
    /// Take in what a run over the logs of a source has read; a
    /// [`ServiceRun`](crate::service_use::ServiceRun) follows.
    TakeServiceRun {
        /// The source.
        source: String,
        /// Length of the document that follows.
        size: u64,
    },
}

/// The server's answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "answer", content = "value", rename_all = "snake_case")]
pub enum Answer {
    /// It lives.
    Status(Status),
    /// The verdicts.
    Assessed(Assessed),
    /// The feed was brought in, or was here already.
    FeedImported {
        /// The feed as it is now.
        feed: FeedLine,
        /// Whether it was here already, to the letter.
        known: bool,
    },
    /// The document was a list of outside services, by which logs are looked through from now on.
    ServicesImported {
        /// The list as it is now.
        feed: FeedLine,
        /// Whether it was here already, to the letter.
        known: bool,
        /// Services that the list before did not have.
        added: Vec<String>,
        /// Services that it had alone.
        removed: Vec<String>,
        /// Services that are described otherwise.
        changed: Vec<String>,
    },
    /// The document was a table of national holidays, which counts from now on.
    HolidaysReplaced {
        /// How many days it has.
        days: u32,
        /// Its first year.
        first: i16,
        /// Its last year.
        last: i16,
        /// Whether it was in place already.
        known: bool,
    },
    /// The feeds.
    Feeds(Vec<FeedLine>),
    /// The certificate that the server shows.
    Certificate(Box<CertificateStands>),
    /// The authorities that are trusted, the one that certifies devices first.
    Authorities {
        /// Each of them.
        all: Vec<AuthorityLine>,
        /// Whether this server shows a certificate of theirs.
        shown: bool,
    },
    /// Done, nothing to tell.
    Done,
    /// A one-time secret or link.
    Secret(String),
    /// The codes are on their way.
    BreakGlassAsked {
        /// The first instant at which they no longer work.
        until: Timestamp,
        /// How many tries there are.
        tries: u32,
    },
    /// Break-glass is open.
    BreakGlassOpened {
        /// The first instant at which it no longer is.
        until: Timestamp,
        /// A one-time sign-in link for each of the two, in the same order.
        links: Vec<String>,
    },
    /// How far it has come; the answer follows.
    Progress(Progress),
    /// What the file did, or would do.
    TableImported(Box<TableReport>),
    /// The register as a file.
    TableExported {
        /// The file, base64.
        file: String,
        /// The table of codes as a file of its own, base64, where the format has no second sheet.
        #[serde(default)]
        codes: Option<String>,
        /// Code of the kind of file.
        format: String,
        /// The end of its name.
        ending: String,
        /// How many entries.
        entries: u64,
    },
    /// Cells that the kind of file cannot hold: no file.
    TableNotWritable(Vec<TableFault>),
    /// The organisation's own rules of access.
    AccessRules(Box<RulesShown>),
    /// Their versions, newest first.
    AccessRulesHistory(Vec<RulesVersion>),
    /// A text of rules, read.
    AccessRulesChecked(RulesChecked),
    /// What a text of rules would have changed.
    AccessRulesWhatIf(Box<WhatIfReport>),
    /// How far the logs of a source were read.
    ServiceMarks(ServiceMarks),
    /// What became of a run.
    ServiceRunTaken(ServiceRunTaken),
    /// Refused or failed.
    Failed(Failure),
}

/// How far something has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Code of the stage: `reading`, `checking`, `storing`.
    pub stage: String,
    /// How much of it is done.
    pub done: u64,
    /// Of how much; 0 where that is not known.
    pub of: u64,
}

/// What a table file did to a register, or would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableReport {
    /// Code of the register.
    pub register: String,
    /// The sheet that was read; empty for CSV.
    pub sheet: String,
    /// The row of its headings, from 1.
    pub heading: u32,
    /// Each heading and the field that it was taken for.
    pub columns: Vec<(String, Option<String>)>,
    /// Headings that were not taken although something stands under them.
    #[serde(default)]
    pub left_out: Vec<String>,
    /// How the table was read.
    pub mapping: Mapping,
    /// How many entries are new.
    pub entered: u64,
    /// How many change.
    pub changed: u64,
    /// How many rows change nothing.
    pub unchanged: u64,
    /// How many rows are refused.
    pub refused: u64,
    /// Every cell at fault.
    pub faults: Vec<TableFault>,
    /// Whether it was carried out.
    pub carried_out: bool,
}

/// A cell at fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableFault {
    /// The cell (`C7`); none where it is the whole file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cell: Option<String>,
    /// Stable code and parameters.
    pub reason: Reason,
}

/// Why the server did not do it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Stable code and parameters.
    pub reason: Reason,
    /// Whether it was refused (exit code 1) rather than failed (2).
    pub refused: bool,
}

/// What the server serves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// Version of the program.
    pub version: String,
    /// Where it listens; none while it only holds the folder.
    pub listen: Option<String>,
    /// Whether an organisation has been founded.
    pub founded: bool,
    /// How many records the ledger has.
    pub records: u64,
    /// How many devices are enrolled.
    pub devices: u32,
    /// A clock step that waits for confirmation, in milliseconds.
    pub clock_step: Option<i64>,
}

/// How it stands with the certificate that the server shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateStands {
    /// Code of where it comes from: `built-in`, `files`, `acme`.
    pub source: String,
    /// From when it holds; none while there is none.
    pub from: Option<Timestamp>,
    /// The first instant at which it no longer holds.
    pub until: Option<Timestamp>,
    /// When another is made or ordered; none where somebody else replaces it.
    pub renew_at: Option<Timestamp>,
    /// Why there is no newer one although one is due.
    pub failing: Option<Reason>,
    /// How often in a row it was ordered in vain.
    pub tries: u32,
    /// When it is tried again.
    pub again_at: Option<Timestamp>,
}

/// One authority as the shell shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorityLine {
    /// SHA-256 of its certificate, in hex.
    pub fingerprint: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// Until when it is trusted.
    pub trusted_until: Timestamp,
    /// Whether it certifies devices.
    pub certifies_devices: bool,
    /// Whether it certifies this server, where that is certified by its own authority.
    pub certifies_server: bool,
}

/// One feed as the shell shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedLine {
    /// Code of its kind.
    pub kind: String,
    /// The part of it.
    pub part: String,
    /// What moment it speaks of; none when it was never brought in.
    pub as_of: Option<Timestamp>,
    /// When it was brought in.
    pub imported_at: Option<Timestamp>,
    /// Entries.
    pub entries: u32,
    /// Whether it is young enough to prove a pass.
    pub fresh: bool,
    /// The age past which it is not, in days.
    pub max_age_days: i64,
    /// Releases of which it lost a part, so that its silence proves nothing of them; none while it is
    /// being read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_part: Option<Vec<String>>,
}

/// The verdicts as `assess --format json` prints them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Assessed {
    /// The moment they speak of.
    pub at: Timestamp,
    /// Code of the profile.
    pub profile: String,
    /// The rows, in the catalogue's order.
    pub rows: Vec<AssessedRow>,
    /// The checks of the device that was asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<AssessedCheck>,
}

/// One row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AssessedRow {
    /// Its id.
    pub id: String,
    /// Force in the profile.
    pub force: String,
    /// Code of the verdict.
    pub verdict: String,
    /// Why.
    pub reason: Reason,
    /// Subjects.
    pub counts: sekisho_domain::verdict::Counts,
    /// What was found, in rows that ask only to confirm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finding: Option<sekisho_domain::verdict::Finding>,
    /// What it rests on.
    pub evidence: Vec<sekisho_domain::verdict::Evidence>,
    /// Codes of the roles that answer for it.
    pub owner: Vec<String>,
    /// What to do next; none when nothing is.
    pub next_step: Option<Reason>,
    /// Since when the verdict stands, where it is recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
}

/// One check of one device.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AssessedCheck {
    /// Its code.
    pub check: String,
    /// What came of it.
    pub outcome: Outcome,
    /// Why.
    pub reason: Reason,
    /// When it was observed.
    pub observed_at: Option<Timestamp>,
    /// Until when it counts.
    pub fresh_until: Option<Timestamp>,
}
