//! Services that logs show to be used: a finding, a word that it is not ours, and use of a new kind; and
//! entries with the judgement of terms, the matrix by host and the checklist of settings.

use std::collections::BTreeMap;

use sekisho_domain::event::{Event, Sealed, StoredEvent};
use sekisho_domain::field::Value;
use sekisho_domain::id::{ConferenceToolId, Fresh, PostId, ServiceId, UnitId};
use sekisho_domain::name::{Line, Name};
use sekisho_domain::register::Register;
use sekisho_domain::sighting::{NotOurs, Sighting, Way};
use sekisho_domain::time::Timestamp;

use super::first::{founding, in_order, officer};

pub const KINDS: &[(&str, u32)] = &[("service.sighted", 1), ("service.disowned", 1)];

fn line(text: &str) -> Line {
    Line::parse(text).unwrap()
}

fn sighting(ways: &[Way], times: u32) -> Event {
    Event::ServiceSighted {
        sighting: Box::new(Sighting {
            service: line("zoom"),
            name: Name {
                ja: line("ズーム"),
                en: Some(line("Zoom")),
                kana: None,
            },
            kind: line("conference"),
            domains: vec![line("zoom.us"), line("zoom.com")],
            ways: ways.to_vec(),
            units: vec![UnitId::new(Fresh([1; 16]))],
            unattributed: true,
            sources: vec![line("dns-honsho")],
            first_at: Timestamp::from_millis(1_795_935_600_000),
            last_at: Timestamp::from_millis(1_795_939_200_000),
            times,
            people: 2,
        }),
    }
}

fn entered(
    register: Register,
    id: sekisho_domain::register::EntryId,
    fields: &[(&str, Value)],
) -> Event {
    let fields: BTreeMap<String, Value> = fields
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.clone()))
        .collect();
    Event::RegisterEntered {
        id,
        unit: None,
        particulars: register.read(&fields).unwrap(),
        remark: None,
    }
}

pub fn events() -> Vec<StoredEvent> {
    let text = |value: &str| Value::Text(value.to_owned());
    let many = |list: &[&str]| Value::Many(list.iter().map(|it| (*it).to_owned()).collect());
    let post = PostId::new(Fresh([3; 16])).to_string();
    let recorded = vec![
        sighting(&[Way::Asked], 3),
        Event::ServiceDisowned {
            service: line("zoom"),
            why: NotOurs::GuestNetwork,
            note: Some(Sealed {
                person: officer(),
                key: "key".to_owned(),
                nonce: "nonce".to_owned(),
                ciphertext: "ciphertext".to_owned(),
            }),
        },
        sighting(&[Way::Asked, Way::Carried], 40),
        entered(
            Register::Service,
            ServiceId::new(Fresh([4; 16])).into(),
            &[
                ("name", text("翻訳サービス")),
                ("provider", text("提供者")),
                ("kind", text("terms")),
                ("highest", text("C1I1A1")),
                ("terms_version", text("2026-04")),
                ("terms_seen", text("2026-04-01")),
                ("terms_sha256", text(&"ab".repeat(32))),
                ("judged_terms", text("2026-04")),
                ("judged_sha256", text(&"ab".repeat(32))),
                ("judged_on", text("2026-04-02")),
                ("judged_by", text(&post)),
                ("judgement", text("conditional")),
                ("conditions", text("公表済みの情報に限る")),
            ],
        ),
        entered(
            Register::ConferenceTool,
            ConferenceToolId::new(Fresh([5; 16])).into(),
            &[
                ("name", text("会議")),
                ("scope", text("organisation")),
                ("owner", text(&post)),
                ("own", text("c2")),
                ("own_restriction", text("録画しない")),
                ("contractor", text("c1")),
                ("contractor_restriction", text("なし")),
                ("external", text("c1")),
                ("external_restriction", text("なし")),
                ("individual", text("forbidden")),
                ("measures", many(&["waiting_room", "passcode"])),
                ("measures_off", many(&["end_to_end"])),
                ("measures_instead", text("要機密情報を扱わない")),
                ("settings_reviewed", text("2026-11-01")),
            ],
        ),
    ];
    in_order([founding(), recorded].concat())
}
