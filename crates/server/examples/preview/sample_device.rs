//! Invented data for the pages of devices.

use sekisho_domain::check::{DeviceCheck, Outcome};
use sekisho_domain::device::DeviceClass;
use sekisho_domain::fact::{Fact, FactKind, FactValue, Observation, Seen, UnseenReason};
use sekisho_domain::id::{DeviceId, Fresh};
use sekisho_domain::time::Span;
use sekisho_messages::Lang;
use sekisho_server::console::components::Pages;
use sekisho_server::console::device::{CheckItem, DeviceView};
use sekisho_server::console::devices::{DeviceItem, Devices, Filter};
use sekisho_server::console::words::Localised;

use crate::sample::{NOW, say};

pub fn devices(lang: Lang) -> Devices {
    let unit = Localised {
        ja: "総務課".to_owned(),
        en: None,
    };
    let item =
        |name: &str, class, outcome, failing: &[DeviceCheck], unknown: &[DeviceCheck]| DeviceItem {
            id: DeviceId::new(Fresh([7; 16])).to_string(),
            name: name.to_owned(),
            class,
            source: sekisho_domain::device::StateSource::Observed,
            unit: unit.clone(),
            user: Some("佐藤 花子".to_owned()),
            system: Some("Debian GNU/Linux 12".to_owned()),
            outcome,
            failing: failing.to_vec(),
            unknown: unknown.to_vec(),
            reported_at: (outcome != Outcome::Unknown).then(|| NOW.before(Span::minutes(3))),
        };
    let _ = lang;
    Devices {
        filter: Filter::All,
        may_invite: true,
        totals: [2000, 31, 118, 1851],
        items: vec![
            item(
                "PC-00412",
                DeviceClass::Issued,
                Outcome::Fail,
                &[DeviceCheck::Advisories, DeviceCheck::DiskEncryption],
                &[DeviceCheck::Antivirus],
            ),
            item(
                "PC-00977",
                DeviceClass::Byod,
                Outcome::Unknown,
                &[],
                &[DeviceCheck::OsSupported],
            ),
            item("PC-00003", DeviceClass::Issued, Outcome::Pass, &[], &[]),
        ],
        pages: Some(Pages {
            previous: None,
            next: Some("/devices?page=2".to_owned()),
            first: 1,
            last: 50,
            total: 2000,
        }),
    }
}

/// Source and value of every fact that was seen, in the form in which agents report them.
fn values() -> Vec<(String, FactValue)> {
    serde_json::from_str(include_str!("facts.json")).expect("the sample is well formed")
}

fn facts() -> Vec<Fact> {
    let fact = |source: &str, seen| Fact {
        subject: DeviceId::new(Fresh([7; 16])),
        observation: Observation {
            seen,
            source: source.to_owned(),
            partial: None,
            observed_at: NOW.before(Span::minutes(4)),
        },
        received_at: NOW.before(Span::minutes(3)),
    };
    let mut all: Vec<Fact> = values()
        .into_iter()
        .map(|(source, value)| fact(&source, Seen::Value(value)))
        .collect();
    if let Some(accounts) = all
        .iter_mut()
        .find(|f| f.observation.seen.kind() == FactKind::Accounts)
    {
        accounts.observation.partial = Some(UnseenReason::NeedsPrivilege {
            what: "/etc/shadow".to_owned(),
        });
    }
    all.push(fact(
        "loginctl",
        Seen::Unseen {
            kind: FactKind::ScreenLock,
            reason: UnseenReason::SourceMissing {
                what: "gsettings".to_owned(),
            },
        },
    ));
    all
}

fn checks(lang: Lang) -> Vec<CheckItem> {
    let check =
        |check, outcome, ja: &str, en: &str, todo: Option<(&str, &str)>, id: &str| CheckItem {
            check,
            outcome,
            reason: say(lang, ja, en),
            next_step: todo.map(|(ja, en)| say(lang, ja, en)),
            received_at: (outcome != Outcome::Unknown).then(|| NOW.before(Span::minutes(3))),
            fresh_until: (outcome != Outcome::Unknown).then(|| NOW.after(Span::days(3))),
            requirements: vec![id.to_owned()],
        };
    vec![
        check(
            DeviceCheck::OsSupported,
            Outcome::Pass,
            "Debian 12 は2028年6月30日までサポートされます。",
            "Debian 12 is supported until 30 Jun 2028.",
            None,
            "GOV-3-1-c",
        ),
        check(
            DeviceCheck::SecurityUpdates,
            Outcome::Fail,
            "セキュリティ更新が1件適用されていません。",
            "1 security update waits.",
            Some((
                "更新を適用して再起動してください。",
                "Install it and restart.",
            )),
            "GOV-3-1-c",
        ),
        check(
            DeviceCheck::DiskEncryption,
            Outcome::Fail,
            "スワップ（/dev/nvme0n1p4）が暗号化されていません。",
            "Swap (/dev/nvme0n1p4) is not encrypted.",
            Some((
                "スワップを暗号化するか、無効にしてください。",
                "Encrypt swap or switch it off.",
            )),
            "US-7.1.1-1-a-盗難",
        ),
        check(
            DeviceCheck::ScreenLock,
            Outcome::Unknown,
            "画面ロックの設定を確認できませんでした。",
            "The settings of the screen lock could not be seen.",
            Some((
                "利用者の権限でエージェントを実行してください。",
                "Run the agent as the user.",
            )),
            "US-8.1.1-3-f",
        ),
    ]
}

pub fn device(lang: Lang) -> DeviceView {
    DeviceView {
        id: DeviceId::new(Fresh([7; 16])).to_string(),
        name: "pc-00412".to_owned(),
        class: DeviceClass::Issued,
        source: sekisho_domain::device::StateSource::Observed,
        unit: Localised::both("総務課", "General Affairs Division"),
        user: Some("佐藤 花子".to_owned()),
        not_active: None,
        enrolled_at: NOW.before(Span::days(120)),
        reported_at: Some(NOW.before(Span::minutes(3))),
        key: "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8S9t0U1v2".to_owned(),
        checks: checks(lang),
        inside: None,
        facts: facts(),
        personal: sekisho_server::console::device::Personal::default(),
        life: Some(sekisho_server::console::device::LifeForms {
            csrf: String::new(),
            id: "dev".to_owned(),
            name: "PC-00412".to_owned(),
            state: sekisho_domain::device::DeviceState::Active,
            wrong: Vec::new(),
        }),
        register: None,
        all_packages: false,
    }
}
