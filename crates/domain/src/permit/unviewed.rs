//! What a stand-in decided and the holder of the post has not viewed (後閲).

use serde::{Deserialize, Serialize};

use crate::id::PostId;
use crate::time::Timestamp;

/// That something waits to be viewed by the holder of a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unviewed {
    /// The post in whose stead it was decided.
    pub post: PostId,
    /// Since when: the first decision that was not viewed, whatever has happened to the permit since.
    pub since: Timestamp,
}
