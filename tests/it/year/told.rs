//! What was known of the rows at each moment of the year, as the shell tells it.

use sekisho_tests::Cli;
use serde_json::Value;

use super::office::Office;

const ROWS: [&str; 6] = [
    "GOV-1-b", "GOV-1-h", "GOV-1-i", "GOV-2-c", "GOV-2-d", "GOV-4-b",
];

/// A verdict with the code of its reason.
type Said = (&'static str, &'static str);

/// What is in order by machine and waits for its owner's word.
const WAITS: Said = ("unknown", "attestation.missing");
/// Nobody brings the list of what is being exploited to this office, and one of its devices shows nothing.
const UNSEEN: Said = ("unknown", "plan.unmeasured");
const NO_LOGS: Said = ("unknown", "services.no-logs");

/// The verdicts on the rows at each moment.
const STORY: [(&str, [Said; 6]); 9] = [
    (
        "before",
        [
            ("unknown", "plan.none"),
            ("unknown", "plan.none"),
            ("unknown", "risk.none"),
            ("unknown", "permit.none"),
            ("unknown", "permit.none"),
            NO_LOGS,
        ],
    ),
    (
        "late",
        [
            ("not_met", "case.overdue"),
            ("not_met", "risk.overdue"),
            ("unknown", "risk.none"),
            WAITS,
            WAITS,
            NO_LOGS,
        ],
    ),
    ("acted", [WAITS, UNSEEN, WAITS, WAITS, WAITS, NO_LOGS]),
    (
        "open",
        [
            WAITS,
            UNSEEN,
            ("not_met", "risk.high-open"),
            WAITS,
            WAITS,
            NO_LOGS,
        ],
    ),
    (
        "left",
        [
            WAITS,
            UNSEEN,
            WAITS,
            WAITS,
            ("not_met", "exception.not-regular"),
            NO_LOGS,
        ],
    ),
    ("regular", [WAITS, UNSEEN, WAITS, WAITS, WAITS, NO_LOGS]),
    (
        "tool",
        [
            WAITS,
            UNSEEN,
            WAITS,
            WAITS,
            WAITS,
            ("not_met", "services.unregistered"),
        ],
    ),
    (
        "silent",
        [
            WAITS,
            UNSEEN,
            WAITS,
            WAITS,
            ("unknown", "exception.regular-unknown"),
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
            ("attested", "attestation.given"),
            WAITS,
        ],
    ),
];

/// Id, verdict and the code of the reason of every row.
pub fn verdicts(assessed: &Value) -> Vec<[String; 3]> {
    let rows = assessed["rows"].as_array().expect("rows");
    let text = |it: &Value| it.as_str().unwrap_or_default().to_owned();
    let said = |row: &Value| {
        [
            text(&row["id"]),
            text(&row["verdict"]),
            text(&row["reason"]["code"]),
        ]
    };
    rows.iter().map(said).collect()
}

/// The moments at which the organisation was looked at, in order.
#[derive(Default)]
pub struct Moments(Vec<(String, Value)>);

impl Moments {
    /// Holds that the rows now stand as the story has it, and remembers the moment.
    pub fn look(&mut self, office: &mut Office, moment: &str) {
        let at = office.recorded();
        let (expected, rows) = STORY[self.0.len()];
        assert_eq!(expected, moment, "the moments are in order");
        let then = office.assessed(Some(&at));
        let all = verdicts(&then);
        let mut wrong = Vec::new();
        for (id, (verdict, code)) in ROWS.iter().zip(rows) {
            let known = all.iter().find(|it| it[0] == *id).expect("the row");
            if known[1..] != [verdict, code] {
                wrong.push(format!("{known:?}, not {verdict} by {code}"));
            }
        }
        assert!(wrong.is_empty(), "{moment} at {at}: {}", wrong.join("\n"));
        self.0.push((at, then));
    }

    /// Each moment is told as it was told then, to programs and to people, in both languages.
    pub fn told_again(&self, office: &Office) {
        assert_eq!(self.0.len(), STORY.len());
        for (at, then) in &self.0 {
            let again = office.assessed(Some(at));
            assert_eq!(verdicts(&again), verdicts(then), "at {at}");
            for language in ["ja", "en"] {
                told_to_people(&office.shell(), at, then, language);
            }
        }
    }
}

/// A text without its spaces and the ends of its lines.
fn packed(text: &str) -> String {
    text.split_whitespace().collect()
}

/// That the text says of each row what the document for programs says of it.
fn told_to_people(shell: &Cli, at: &str, then: &Value, language: &str) {
    let words = ["assess", "--at", at, "--lang", language];
    let said = shell.run(words).with_code(1).stdout;
    let rows = then["rows"].as_array().expect("rows");
    for id in ROWS {
        let row = rows.iter().find(|row| row["id"] == id).expect("the row");
        let mut lines = said.lines();
        let place = lines.position(|line| line.contains(&format!(" {id} ")));
        assert!(place.is_some(), "{id} is not told at {at}: {said}");
        let rest: Vec<&str> = lines.take_while(|line| line.starts_with("   ")).collect();
        let reason = row["reason"][language].as_str().expect("a reason");
        assert!(
            packed(&rest.concat()).contains(&packed(reason)),
            "{id} at {at}: {rest:?}, not {reason}"
        );
    }
}
