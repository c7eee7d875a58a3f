//! People who come many at once, in a document.

use sekisho_domain::event::{BlobRef, Event, StoredEvent};
use sekisho_ledger::digest::Digest;

use super::first::{founding, in_order, people};

/// The kind that came with files of people.
pub const KINDS: &[(&str, u32)] = &[("people.imported", 1)];

/// Two people, one of them with a post.
pub const ARRIVALS: &str = "{\"person\":\"psn_2ga1850m2ga1850m2ga1850m2g\",\
\"unit\":\"unt_02081040g2081040g2081040g2\",\
\"profile\":{\"person\":\"psn_2ga1850m2ga1850m2ga1850m2g\",\"key\":\"AAAA\",\"nonce\":\"BBBB\",\
\"ciphertext\":\"CCCC\"},\
\"posts\":[[\"apt_2ja9954mjja9954mjja9954mjj\",\"pst_030c1g60r30c1g60r30c1g60r3\"]]}\n\
{\"person\":\"psn_2ha58n2maha58n2maha58n2mah\",\"unit\":\"unt_02081040g2081040g2081040g2\",\
\"profile\":{\"person\":\"psn_2ha58n2maha58n2maha58n2mah\",\"key\":\"DDDD\",\"nonce\":\"EEEE\",\
\"ciphertext\":\"FFFF\"}}\n";

/// The golden events, in order.
pub fn events() -> Vec<StoredEvent> {
    let imported = Event::PeopleImported {
        document: BlobRef {
            blob: Digest::of(ARRIVALS.as_bytes()).to_string(),
            size: ARRIVALS.len() as u64,
        },
        entered: 2,
    };
    let all = [founding(), people(), vec![imported]].concat();
    in_order(all)
}
