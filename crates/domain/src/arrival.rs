//! People who come by a file, many at once: the documents that hold them.
//!
//! A file of a whole organisation is one command, and everybody waits for the writer while it is
//! carried out; a record for each person and each appointment would take it half a minute. So those
//! who are new stand in documents, and one record refers to each.

use serde::{Deserialize, Serialize};

use crate::appointment::Appointment;
use crate::document;
use crate::event::Sealed;
use crate::id::{AppointmentId, PersonId, PostId, UnitId};
use crate::time::Timestamp;

/// Most people in one document: whoever asks for one person reads no more than that.
pub const ARRIVALS_MAX: usize = 1_000;

/// A person who comes, with the posts to which she or he is appointed at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrival {
    /// Who.
    pub person: PersonId,
    /// The unit.
    pub unit: UnitId,
    /// Name and mail, under the person's key.
    pub profile: Sealed,
    /// The posts, each with the id of the appointment.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub posts: Vec<(AppointmentId, PostId)>,
}

impl Arrival {
    /// The appointments that begin with it.
    pub fn appointments(&self, at: Timestamp) -> impl Iterator<Item = Appointment> {
        let posts = self.posts.iter();
        posts.map(move |(id, post)| Appointment::regular(*id, self.person, *post, at))
    }
}

/// The document of people who come: one a line.
#[must_use]
pub fn encode_arrivals(arrivals: &[Arrival]) -> Vec<u8> {
    document::encode(arrivals)
}

/// Those of such a document that name a person, unit or post by its id; none where it is damaged.
#[must_use]
pub fn decode_arrivals_naming(bytes: &[u8], id: &str) -> Option<Vec<Arrival>> {
    document::decode_naming(bytes, id)
}

/// Reads such a document; none where it is damaged.
#[must_use]
pub fn decode_arrivals(bytes: &[u8]) -> Option<Vec<Arrival>> {
    document::decode(bytes)
}
