//! Which outside services the ministry uses, as the logs of a resolver and of a proxy would tell: some are
//! registered, some nobody has heard of.

use sekisho_domain::name::Line;
use sekisho_domain::time::Span;
use sekisho_protocol::service_use::{SeenService, SeenUse, ServiceRun};
use sekisho_server::app::App;
use sekisho_server::service_use::{TakeError, take};

use crate::organisation::Ministry;

/// Id, names, kind and domain of a service, and by how many of the sections it is used.
const SERVICES: [(&str, &str, &str, &str, &str, usize); 6] = [
    (
        "chosei",
        "日程調整サービス",
        "Scheduling",
        "collaboration",
        "chosei.example",
        9,
    ),
    (
        "kaigi",
        "省内会議システム",
        "House meetings",
        "conference",
        "kaigi.sample.invalid",
        14,
    ),
    (
        "hiroba",
        "ひろば会議",
        "Hiroba meetings",
        "conference",
        "hiroba.example",
        3,
    ),
    (
        "tensou",
        "大容量転送サービス",
        "Large file transfer",
        "storage",
        "tensou.example",
        2,
    ),
    (
        "kotae",
        "対話型アシスタント",
        "Chat assistant",
        "assistant",
        "kotae.example",
        5,
    ),
    (
        "honyaku",
        "翻訳サービス",
        "Translation",
        "translation",
        "honyaku.example",
        4,
    ),
];
/// Days that the logs reach back.
const DAYS: u32 = 9;

/// Takes the logs in, unless that was done before.
pub(super) fn read(app: &App, ministry: &Ministry) -> Result<(), TakeError> {
    for (source, carried) in [("dns-honsho", false), ("proxy", true)] {
        let source = Line::parse(source).map_err(|_| TakeError::Form("service-use.source"))?;
        if sekisho_server::service_use::marks(app, &source)?.is_none() {
            take(app, &source, &run(app, ministry, carried))?;
        }
    }
    Ok(())
}

fn run(app: &App, ministry: &Ministry, carried: bool) -> ServiceRun {
    let now = app.now();
    let mut uses = Vec::new();
    for (number, (_, _, _, kind, _, sections)) in SERVICES.iter().enumerate() {
        // Through the proxy goes what is no meeting.
        if carried && *kind == "conference" {
            continue;
        }
        for section in 0..*sections {
            let people = ministry
                .people
                .iter()
                .skip(7 * section + 3 * number + 1)
                .step_by(97);
            for (n, person) in people.take(3).enumerate() {
                let days = u32::try_from((section + n + number) % DAYS as usize).unwrap_or(0);
                let first = now.before(Span::days(days)).before(Span::minutes(90));
                uses.push(SeenUse {
                    service: number,
                    day: first.jst_date().to_string(),
                    from: Some(format!("198.18.{section}.{}", n + 10)),
                    user: None,
                    unit: Some(person.unit.to_string()),
                    person: Some(person.id.to_string()),
                    times: 3 + u64::try_from(section).unwrap_or(0),
                    bytes: if carried { 40_000 } else { 0 },
                    first,
                    last: first.after(Span::minutes(40)),
                });
            }
        }
    }
    let services = SERVICES
        .iter()
        .map(|(id, ja, en, kind, domain, _)| SeenService {
            id: (*id).to_owned(),
            ja: (*ja).to_owned(),
            en: (*en).to_owned(),
            kind: (*kind).to_owned(),
            domains: vec![(*domain).to_owned()],
        });
    ServiceRun {
        after: 0,
        marks: String::new(),
        through: Some(now),
        gap: false,
        lines: 180_000,
        matched: uses.len() as u64,
        skipped: 12,
        services: services.collect(),
        uses,
    }
}
