//! The organisation's own rules of access: set, set anew, and taken back.

use sekisho_domain::access_rules::AccessRules;
use sekisho_domain::event::{BlobRef, Event, StoredEvent};
use sekisho_domain::name::Line;
use sekisho_ledger::digest::Digest;

use super::first::{founding, in_order};

pub const KINDS: &[(&str, u32)] = &[("access_rules.set", 1)];

/// The text of both versions that have one. That it holds is not what is kept here.
pub const TEXT: &str = "@id(\"no-nights\")\n@ja(\"夜間は利用できません。\")\n\
forbid (principal, action == Sekisho::Action::\"reach\", resource)\n\
when { context.more.hour < 7 || context.more.hour >= 22 };\n";

pub fn events() -> Vec<StoredEvent> {
    let set = |version, text: Option<&str>, note: &str| Event::AccessRulesSet {
        rules: AccessRules {
            version,
            document: text.map(|text| BlobRef {
                blob: Digest::of(text.as_bytes()).to_string(),
                size: text.len() as u64,
            }),
            note: Line::parse(note).unwrap(),
        },
    };
    let all = vec![
        set(1, Some(TEXT), "夜間の利用をやめる"),
        set(2, None, "見直しのため取りやめる"),
        set(3, Some(TEXT), "第1版に戻す"),
    ];
    in_order([founding(), all].concat())
}
