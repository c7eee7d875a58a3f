//! Personnel moves (発令): a list accepted ahead and carried out on its day.
//!
//! A list is one record with its lines in a document beside it, so that thousands fit. From its
//! instant on the posts that it takes away give nothing any more, by comparing times; what follows
//! from it — appointments ended and made, units changed, accounts closed — is recorded line by line
//! by the program, in slices, so that other commands go on in between.

use serde::{Deserialize, Serialize};

use crate::document;
use crate::id::{AppointmentId, MoveListId, PersonId, PostId, UnitId};
use crate::time::Timestamp;

crate::choice! {
    /// What a line says.
    pub enum MoveKind {
        /// 転任・配置換: from one post to another.
        Transfer = "transfer",
        /// 併任: another post besides.
        Concurrent = "concurrent",
        /// 併任解除: a post less.
        ConcurrentEnd = "concurrent_end",
        /// 事務取扱: another post besides, while it has no holder of its own.
        Acting = "acting",
        /// 退職・転出: the person leaves.
        Leave = "leave",
    }
}

/// One line of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MoveLine {
    /// What it says.
    pub kind: MoveKind,
    /// Who.
    pub person: PersonId,
    /// The post that ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<PostId>,
    /// The post that begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<PostId>,
    /// The unit that the person belongs to from then on; for a transfer that of the new post where
    /// nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<UnitId>,
    /// The fresh id of the appointment that begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appointment: Option<AppointmentId>,
}

/// A line that could not be carried out any more when its day came, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// Its place in the list, from 0.
    pub line: u32,
    /// The code of the refusal.
    pub code: String,
}

/// How far a list is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MoveState {
    /// Accepted; some of it may have been carried out.
    Accepted,
    /// Taken back before its day.
    Withdrawn,
    /// Carried out.
    Done,
}

/// A list as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MoveList {
    /// Its id.
    pub id: MoveListId,
    /// The instant from which it holds.
    pub at: Timestamp,
    /// When it was accepted.
    pub accepted_at: Timestamp,
    /// The document that holds its lines.
    pub document: crate::event::BlobRef,
    /// The lines, until all are carried out or the list is withdrawn.
    pub lines: Vec<MoveLine>,
    /// How many lines it had.
    pub count: u32,
    /// How many were carried out or skipped.
    pub done: u32,
    /// Lines that could not be carried out any more.
    pub skipped: Vec<Skipped>,
    /// How far it is.
    pub state: MoveState,
}

/// The document of a list: one line each.
#[must_use]
pub fn encode_lines(lines: &[MoveLine]) -> Vec<u8> {
    document::encode(lines)
}

/// Reads the document of a list; none where it is damaged.
#[must_use]
pub fn decode_lines(bytes: &[u8]) -> Option<Vec<MoveLine>> {
    document::decode(bytes)
}
