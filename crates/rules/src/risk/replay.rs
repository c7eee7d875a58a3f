//! The editions of the method, and frozen inputs put to the one that they name.

use sekisho_domain::risk::{Inputs, RiskResult, decode_inputs, inputs_edition};

use super::method::first;

/// The newest edition of the method: what is measured now is put to it. Where the same inputs are to come to
/// another number, an edition is added to the list, and this raised.
pub const METHOD: u32 = 1;

/// A method.
type Edition = fn(&Inputs) -> RiskResult;

/// Every edition, from the first. Records rest on each of them: none is ever changed or taken away.
const EDITIONS: &[Edition] = &[first];

/// Puts what was measured now to the newest edition.
#[must_use]
pub fn assess(inputs: &Inputs) -> RiskResult {
    first(inputs)
}

/// What came of putting a stored document to the method again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Replay {
    /// The same number, in every part.
    Same,
    /// Another one: the record and the document do not belong together.
    Different(Box<RiskResult>),
    /// The document names an edition of the method that this program does not have: a later program computed it.
    OtherMethod(u32),
    /// The document is not there, or not of its form.
    Unreadable,
}

/// Puts the document of frozen inputs to the edition of the method that it names, and compares with what was
/// recorded.
#[must_use]
pub fn replay(document: &[u8], recorded: &RiskResult) -> Replay {
    by(EDITIONS, document, recorded)
}

fn by(editions: &[Edition], document: &[u8], recorded: &RiskResult) -> Replay {
    // Asked by itself: a later edition may freeze what this program cannot read.
    let Some(named) = inputs_edition(document) else {
        return Replay::Unreadable;
    };
    let Some(edition) = edition(editions, named) else {
        return Replay::OtherMethod(named);
    };
    let Some(inputs) = decode_inputs(document) else {
        return Replay::Unreadable;
    };
    let found = edition(&inputs);
    if found == *recorded {
        Replay::Same
    } else {
        Replay::Different(Box::new(found))
    }
}

/// The edition of a number; none where there is none of it.
fn edition(editions: &[Edition], named: u32) -> Option<Edition> {
    let place = usize::try_from(named).ok()?.checked_sub(1)?;
    editions.get(place).copied()
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use sekisho_domain::plan::CaseScope;
    use sekisho_domain::risk::{RiskSubject, encode_inputs};
    use sekisho_domain::time::Timestamp;

    use super::super::table::built_in_table;
    use super::*;

    fn inputs(method: u32) -> Inputs {
        let (table, table_digest) = built_in_table().unwrap();
        Inputs {
            method,
            table,
            table_digest,
            measured_at: Timestamp::from_millis(1_800_000_000_000),
            subject: RiskSubject::Tasks(CaseScope::Body),
            grade: "C2I1A1".parse().unwrap(),
            places: Vec::new(),
            tasks: 1,
            devices: 1,
            facts: BTreeMap::new(),
            bound: BTreeMap::new(),
            unmeasured: BTreeSet::new(),
            answers: BTreeMap::new(),
            raised: Vec::new(),
            lowered: Vec::new(),
        }
    }

    /// An edition that finds more than the first.
    fn stricter(inputs: &Inputs) -> RiskResult {
        RiskResult {
            risk: 9,
            ..first(inputs)
        }
    }

    #[test]
    fn the_newest_edition_is_the_last_of_the_list() {
        let newest = edition(EDITIONS, METHOD).unwrap();
        assert!(edition(EDITIONS, METHOD + 1).is_none());
        assert_eq!(newest(&inputs(METHOD)), assess(&inputs(METHOD)));
    }

    #[test]
    fn a_record_is_replayed_by_the_edition_that_it_names() {
        let both: &[Edition] = &[first, stricter];
        let (one, two) = (first(&inputs(1)), stricter(&inputs(2)));
        assert_ne!(one, two);
        let frozen = |method| encode_inputs(&inputs(method));
        assert_eq!(by(both, &frozen(1), &one), Replay::Same);
        assert_eq!(by(both, &frozen(2), &two), Replay::Same);
        let other = Replay::Different(Box::new(two));
        assert_eq!(by(both, &frozen(2), &one), other);
        assert_eq!(by(both, &frozen(3), &one), Replay::OtherMethod(3));
        assert_eq!(by(both, &frozen(0), &one), Replay::OtherMethod(0));
    }
}
