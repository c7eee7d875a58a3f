//! What was known of the rows at each moment of the year.

use sekisho_domain::verdict::Verdict::{self, Attested, NotMet, Unknown};

use super::office::Office;

const ROWS: [&str; 6] = [
    "GOV-1-b", "GOV-1-h", "GOV-1-i", "GOV-2-c", "GOV-2-d", "GOV-4-b",
];

/// What is in order by machine and waits for its owner's word.
const WAITS: (Verdict, &str) = (Unknown, "attestation.missing");
/// Nobody brings the list of what is being exploited to this office, and one of its devices shows nothing.
const UNSEEN: (Verdict, &str) = (Unknown, "plan.unmeasured");

/// The verdicts on the rows at each moment.
const STORY: [(&str, [(Verdict, &str); 6]); 9] = [
    (
        "before",
        [
            (Unknown, "plan.none"),
            (Unknown, "plan.none"),
            (Unknown, "risk.none"),
            (Unknown, "permit.none"),
            (Unknown, "permit.none"),
            (Unknown, "services.no-logs"),
        ],
    ),
    (
        "late",
        [
            (NotMet, "case.overdue"),
            (NotMet, "risk.overdue"),
            (Unknown, "risk.none"),
            WAITS,
            WAITS,
            (Unknown, "services.no-logs"),
        ],
    ),
    (
        "acted",
        [
            WAITS,
            UNSEEN,
            WAITS,
            WAITS,
            WAITS,
            (Unknown, "services.no-logs"),
        ],
    ),
    (
        "open",
        [
            WAITS,
            UNSEEN,
            (NotMet, "risk.high-open"),
            WAITS,
            WAITS,
            (Unknown, "services.no-logs"),
        ],
    ),
    (
        "left",
        [
            WAITS,
            UNSEEN,
            WAITS,
            WAITS,
            (NotMet, "exception.not-regular"),
            (Unknown, "services.no-logs"),
        ],
    ),
    (
        "regular",
        [
            WAITS,
            UNSEEN,
            WAITS,
            WAITS,
            WAITS,
            (Unknown, "services.no-logs"),
        ],
    ),
    (
        "tool",
        [
            WAITS,
            UNSEEN,
            WAITS,
            WAITS,
            WAITS,
            (NotMet, "services.unregistered"),
        ],
    ),
    (
        "silent",
        [
            WAITS,
            UNSEEN,
            WAITS,
            WAITS,
            (Unknown, "exception.regular-unknown"),
            WAITS,
        ],
    ),
    (
        "end",
        [
            WAITS,
            UNSEEN,
            WAITS,
            WAITS,
            (Attested, "attestation.given"),
            WAITS,
        ],
    ),
];

/// Every moment is told by the ledger alone as it was told then.
pub(super) fn again(office: &Office) {
    let mut wrong = Vec::new();
    for (moment, expected) in STORY {
        let then = office.then(moment, &ROWS);
        for ((row, known), (verdict, code)) in ROWS.iter().zip(then).zip(expected) {
            let expected = (verdict.code().to_owned(), code.to_owned());
            if known != expected {
                wrong.push(format!("{moment} {row}: {known:?}, not {expected:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
