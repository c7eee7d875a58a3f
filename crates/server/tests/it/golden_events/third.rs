//! Registers, and people, units and posts that change.

use sekisho_domain::event::{BlobRef, Event, StoredEvent};
use sekisho_domain::field::{Value, Values};
use sekisho_domain::id::{Fresh, PostId, TaskId, UnitId};
use sekisho_domain::name::{Line, Name};
use sekisho_domain::post::Post;
use sekisho_domain::register::{EntryId, Register};
use sekisho_domain::role::Role;
use sekisho_domain::time::Interval;
use sekisho_domain::unit::{Follower, Share};

use sekisho_ledger::digest::Digest;

use super::first::{at, founding, in_order, officer, people, root, sealed};

/// The kinds that came with the registers.
pub const KINDS: &[(&str, u32)] = &[
    ("person.changed", 1),
    ("person.left", 1),
    ("person.returned", 1),
    ("unit.renamed", 1),
    ("unit.moved", 1),
    ("unit.abolished", 1),
    ("post.changed", 1),
    ("post.abolished", 1),
    ("register.entered", 1),
    ("register.changed", 1),
    ("register.retired", 1),
    ("register.restored", 1),
    ("register.declared-empty", 1),
    ("register.imported", 1),
];

/// The document of the import.
pub const ROWS: &str = "{\"id\":\"tsk_0z3rfhy7wzhz3zky7wzhz3zky7\",\"particulars\":{\"fields\":{\"grade\":\"C1I1A1\",\
\"name\":\"広報\",\"state\":\"stopped\"},\"register\":\"task\"},\"unit\":\"unt_02081040g2081040g2081040g2\"}\n";

fn name(ja: &str) -> Name {
    Name::ja(Line::parse(ja).unwrap())
}

fn registers() -> Vec<Event> {
    let id = EntryId::Task(TaskId::new(Fresh([30; 16])));
    let task = |state: &str| {
        let text = |text: &str| Value::Text(text.to_owned());
        let mut values = Values::from([
            ("name".to_owned(), text("旅費の精算")),
            ("grade".to_owned(), text("C2I2A1")),
            ("state".to_owned(), text(state)),
        ]);
        if state == "limited" {
            values.insert("limits".to_owned(), text("自宅に限る"));
        }
        Register::Task.read(&values).unwrap()
    };
    let remark = Some(sealed(officer()));
    vec![
        Event::RegisterEntered {
            id,
            unit: Some(root()),
            particulars: task("allowed"),
            remark: None,
        },
        Event::RegisterChanged {
            id,
            unit: Some(root()),
            particulars: task("limited"),
            remark: remark.clone(),
        },
        Event::RegisterRetired { id, remark },
        Event::RegisterRestored { id, remark: None },
        Event::RegisterImported {
            register: Register::Task,
            document: BlobRef {
                blob: Digest::of(ROWS.as_bytes()).to_string(),
                size: ROWS.len() as u64,
            },
            entered: 1,
            changed: 0,
        },
        Event::RegisterDeclaredEmpty {
            register: Register::ByodDevice,
            valid: Interval {
                from: at(30),
                until: Some(at(9000)),
            },
        },
    ]
}

fn changes() -> Vec<Event> {
    let section = UnitId::new(Fresh([6; 16]));
    let post = PostId::new(Fresh([3; 16]));
    let person = officer();
    vec![
        Event::PersonChanged {
            person,
            unit: Some(section),
            profile: Some(sealed(person)),
        },
        Event::PersonLeft {
            person,
            from: at(31),
        },
        Event::PersonReturned {
            person,
            unit: section,
        },
        Event::UnitRenamed {
            unit: section,
            name: name("総務企画課"),
            from: at(40),
        },
        Event::UnitMoved {
            unit: section,
            parent: root(),
            from: at(41),
        },
        Event::UnitAbolished {
            unit: section,
            until: at(50),
            heirs: vec![root()],
            shares: vec![Share {
                what: Follower::Person(person),
                to: root(),
            }],
        },
        Event::PostChanged {
            post: Post::created(post, root(), name("統括責任者"), vec![Role::Hiso]),
        },
        Event::PostAbolished {
            post,
            until: at(60),
        },
    ]
}

/// The golden events, in order.
pub fn events() -> Vec<StoredEvent> {
    let all = [founding(), people(), registers(), changes()].concat();
    in_order(all)
}
