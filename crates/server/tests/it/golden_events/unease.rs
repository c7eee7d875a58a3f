//! Reports of unease, with a name and without, with everything that happens to them; an incident; earlier
//! advisories; and the items of a checklist with an answer.

use sekisho_domain::actor::Actor;
use sekisho_domain::checklist::{Answer, ChecklistAnswered, EvidenceLink};
use sekisho_domain::concern::{
    ConcernAnswered, ConcernErased, ConcernSaid, ConcernTold, ConcernTurned, ReceiptHash,
};
use sekisho_domain::event::{Event, Sealed, StoredEvent};
use sekisho_domain::id::{
    AdvisoryId, ChecklistItemId, ConcernId, Fresh, IncidentId, PersonId, UnitId,
};
use sekisho_domain::name::Line;
use sekisho_domain::register::concern::{ConcernKind, ConcernState};
use sekisho_domain::register::{EntryId, Particulars, Register};

use super::first::{at, founding, in_order};

pub const KINDS: &[(&str, u32)] = &[
    ("concern.told", 1),
    ("concern.said", 1),
    ("concern.answered", 1),
    ("concern.turned", 1),
    ("concern.erased", 1),
    ("concern.rules-set", 1),
    ("checklist.answered", 1),
];

fn line(text: &str) -> Line {
    Line::parse(text).unwrap()
}

const fn fresh(byte: u8) -> Fresh {
    Fresh([byte; 16])
}

fn pseudonym() -> PersonId {
    PersonId::new(fresh(0xa1))
}

fn words(person: PersonId) -> Sealed {
    Sealed {
        person,
        key: "0123456789abcdef01234567".to_owned(),
        nonce: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".to_owned(),
        ciphertext: "YWJj".to_owned(),
    }
}

fn told(number: u8, nameless: bool) -> Event {
    let receipt = ReceiptHash::try_from("5".repeat(64)).unwrap();
    let person = if nameless {
        pseudonym()
    } else {
        PersonId::new(fresh(1))
    };
    let told = ConcernTold {
        concern: ConcernId::new(fresh(number)),
        unit: Some(UnitId::new(fresh(6))),
        kind: ConcernKind::Attack,
        task: None,
        hidden: nameless,
        due: at(9_000),
        words: Some(words(person)),
        pseudonym: nameless.then(pseudonym),
        receipt: nameless.then_some(receipt),
    };
    Event::ConcernTold {
        told: Box::new(told),
    }
}

fn particulars(register: Register, fields: &[(&str, &str)]) -> Particulars {
    use sekisho_domain::field::Value;
    let value = |text: &&str| Value::Text((*text).to_owned());
    let values = fields
        .iter()
        .map(|(code, text)| ((*code).to_owned(), value(text)));
    register.read(&values.collect()).unwrap()
}

fn entered(id: EntryId, particulars: Particulars) -> Event {
    Event::RegisterEntered {
        id,
        unit: None,
        particulars,
        remark: None,
    }
}

fn concerns() -> Vec<Event> {
    let (named, nameless) = (ConcernId::new(fresh(0xa2)), ConcernId::new(fresh(0xa3)));
    let incident = IncidentId::new(fresh(0xa4));
    let answered = |concern, state, words| Event::ConcernAnswered {
        answered: ConcernAnswered {
            concern,
            state,
            words,
        },
    };
    let officer = PersonId::new(fresh(1));
    let happened = particulars(
        Register::Incident,
        &[
            ("kind", "intrusion"),
            ("found", "2026-11-24"),
            ("severity", "high"),
            ("state", "open"),
            ("concerns", &named.to_string()),
        ],
    );
    vec![
        told(0xa2, false),
        told(0xa3, true),
        answered(named, ConcernState::Examined, None),
        answered(nameless, ConcernState::Answered, Some(words(officer))),
        Event::ConcernSaid {
            said: ConcernSaid {
                concern: nameless,
                words: words(pseudonym()),
            },
        },
        entered(EntryId::Incident(incident), happened),
        Event::ConcernTurned {
            turned: ConcernTurned {
                concern: named,
                incident,
            },
        },
        Event::ConcernErased {
            erased: ConcernErased {
                concern: nameless,
                pseudonym: pseudonym(),
            },
        },
        Event::ConcernRulesSet { nameless: false },
    ]
}

fn lists() -> Vec<Event> {
    let item = ChecklistItemId::new(fresh(0xa5));
    let advisory = particulars(
        Register::Advisory,
        &[
            (
                "name",
                "テレワークを実施する際にセキュリティ上留意すべき点について",
            ),
            ("issuer", "内閣サイバーセキュリティセンター"),
            ("issued", "2020-04-14"),
            ("cited", "telework_2020_04_14"),
            ("disposition", "done"),
            ("disposed", "2020-05-01"),
            ("done", "手順書に反映した"),
            ("evidence", "GOV-3-1-a"),
        ],
    );
    let of_list = particulars(
        Register::ChecklistItem,
        &[
            ("list", "JNSA 2020"),
            ("edition", "2020-05-19"),
            ("chapter", "restarting"),
            ("number", "1-1"),
            ("text", "（手元の写しによる）"),
        ],
    );
    let answered = ChecklistAnswered {
        item,
        version: 1,
        answer: Answer::Partly,
        note: Some(line("一部の端末を残す")),
        evidence: vec![
            EvidenceLink::Row("GOV-3-1-a".parse().unwrap()),
            EvidenceLink::Check("CK-VULN".to_owned()),
            EvidenceLink::Record(3),
        ],
    };
    vec![
        entered(EntryId::Advisory(AdvisoryId::new(fresh(0xa6))), advisory),
        entered(EntryId::ChecklistItem(item), of_list),
        Event::ChecklistAnswered {
            answered: Box::new(answered),
        },
    ]
}

pub fn events() -> Vec<StoredEvent> {
    let mut stored = in_order([founding(), concerns(), lists()].concat());
    for it in &mut stored {
        let nobodys = match &it.event {
            Event::ConcernTold { told } => told.pseudonym.is_some(),
            Event::ConcernSaid { .. } => true,
            _ => false,
        };
        if nobodys {
            it.actor = Actor::Nobody;
        }
    }
    stored
}
