//! Invented data for the pages of an organisation.

use sekisho_domain::check::Outcome;
use sekisho_domain::profile::Profile;
use sekisho_domain::requirement::Force;
use sekisho_domain::role::Role;
use sekisho_domain::time::{Span, Timestamp};
use sekisho_domain::verdict::{Counts, PeriodStart, Verdict};
use sekisho_messages::Lang;
use sekisho_server::console::layout::{
    BreakGlassNote, Frame, LedgerFoot, NavCounts, Place, SignedIn,
};
use sekisho_server::console::ledger::{LedgerView, Outlet, RecordItem, Verification};
use sekisho_server::console::overview::{Need, Overview, Section, SectionRow};
use sekisho_server::console::requirement::{
    AliasItem, AttestationPart, AttestationState, CauseItem, EvidenceItem, FindingView,
    MachinePart, MayAttest, PeriodView, RequirementView, SubjectCheck, SubjectItem, Transition,
    WordKind,
};
use sekisho_server::console::requirements::{Item, Only, Requirements};
use sekisho_server::console::svg::{Day, VerdictCounts};
use sekisho_server::console::words::Localised;

/// The moment at which all previews are made: 2026-11-23 10:15 JST.
pub const NOW: Timestamp = Timestamp::from_millis(1_795_396_500_000);

/// One of two texts.
pub fn say(lang: Lang, ja: &str, en: &str) -> String {
    match lang {
        Lang::Ja => ja.to_owned(),
        Lang::En => en.to_owned(),
    }
}

pub fn frame(lang: Lang, place: Place, signed_in: bool) -> Frame {
    Frame {
        lang,
        place,
        path: "/requirements?section=byod".to_owned(),
        organisation: signed_in.then(|| Localised::both("瑞穂省", "Ministry of Mizuho")),
        signed_in: signed_in.then(|| SignedIn {
            name: "田中 一郎".to_owned(),
            post: Some(say(
                lang,
                "統括情報セキュリティ責任者",
                "Head Information Security Officer",
            )),
            csrf: "preview".to_owned(),
        }),
        counts: NavCounts {
            open_requirements: 96,
            requirements: 98,
            devices: 2000,
            failing_devices: 31,
            ..NavCounts::default()
        },
        may_organise: signed_in,
        may_handle_mail: signed_in,
        may_issue_tokens: signed_in,
        cases: Some(2),
        rules_to_read: 0,
        opinions: Some(1),
        reads_access_rules: signed_in,
        demo: signed_in,
        break_glass: None,
        alarms: Vec::new(),
        ledger: signed_in.then(|| LedgerFoot {
            size: 12_482,
            root: "nXq0r5mJ0m1bq7mQb8p4Jv1sQKkq2i5n0f2tqk9O3aU=".to_owned(),
            checkpoint_left_at: Some(NOW.before(Span::minutes(42))),
        }),
        now: NOW,
        live: false,
        again: None,
    }
}

fn one_need(
    lang: Lang,
    (id, verdict, owner): (&str, Verdict, Role),
    (ja, en): ([&str; 3], [&str; 3]),
    days: u32,
) -> Need {
    Need {
        requirement: id.to_owned(),
        text: Localised::both(ja[0], en[0]),
        verdict,
        findings: verdict == Verdict::Met,
        reason: say(lang, ja[1], en[1]),
        next_step: say(lang, ja[2], en[2]),
        owner,
        since: Some(NOW.before(Span::days(days))),
        href: format!("/requirements/{id}"),
    }
}

fn needs(lang: Lang) -> Vec<Need> {
    let need = |id: &str, verdict, owner, ja: [&str; 3], en: [&str; 3], days| {
        one_need(lang, (id, verdict, owner), (ja, en), days)
    };
    vec![
        need(
            "GOV-3-1-d",
            Verdict::Met,
            Role::Isso,
            [
                "ソフトウェアの更新その他の脆弱性対策を実施している",
                "端末31台に、悪用が確認されている脆弱性が残っています。",
                "対象の31台に更新を適用してください。",
            ],
            [
                "Software updates and other vulnerability measures are applied",
                "31 devices have a vulnerability known to be exploited.",
                "Update the 31 devices.",
            ],
            2,
        ),
        need(
            "US-7.1.1-1-a-盗難",
            Verdict::NotMet,
            Role::Isso,
            [
                "要保護情報を扱う端末に盗難への対策を講じている",
                "端末4台のディスクが暗号化されていません。",
                "ディスクを暗号化するか、例外措置を申請してください。",
            ],
            [
                "Devices with protected information are guarded against theft",
                "The disks of 4 devices are not encrypted.",
                "Encrypt them, or apply for an exception.",
            ],
            5,
        ),
        need(
            "GOV-1-a",
            Verdict::Unknown,
            Role::Hiso,
            [
                "不安が生じた業務を把握し、リスクを再評価している",
                "テレワーク計画の台帳がまだありません。",
                "計画の台帳が整うまで未確認のままです。",
            ],
            [
                "Tasks about which unease arose are reassessed",
                "There is no register of the telework plan yet.",
                "It stays unknown until that register exists.",
            ],
            9,
        ),
    ]
}

fn counts(
    met: u32,
    attested: u32,
    not_applicable: u32,
    unknown: u32,
    not_met: u32,
) -> VerdictCounts {
    VerdictCounts {
        met,
        attested,
        not_applicable,
        unknown,
        not_met,
    }
}

pub fn overview(lang: Lang) -> Overview {
    let sections = [
        (Section::FrontPage, counts(1, 0, 0, 4, 0)),
        (Section::Risk, counts(0, 0, 0, 13, 0)),
        (Section::Rules, counts(0, 0, 0, 5, 0)),
        (Section::IssuedDevices, counts(3, 0, 0, 2, 2)),
        (Section::Byod, counts(0, 0, 14, 0, 0)),
        (Section::Lines, counts(0, 0, 0, 5, 0)),
        (Section::Conference, counts(0, 0, 0, 8, 0)),
        (Section::PromotionBody, counts(0, 1, 0, 2, 0)),
        (Section::UnifiedStandards, counts(4, 0, 3, 29, 2)),
    ];
    let mut total = VerdictCounts::default();
    for (_, c) in sections {
        total.met += c.met;
        total.attested += c.attested;
        total.not_applicable += c.not_applicable;
        total.unknown += c.unknown;
        total.not_met += c.not_met;
    }
    let day = |back: u32| Day {
        at: NOW.before(Span::days(back)),
        counts: (back < 13 && back != 7).then(|| {
            counts(
                8 - back / 2,
                u32::from(back < 4),
                17,
                68 + back / 2,
                5 - u32::from(back < 4),
            )
        }),
    };
    Overview {
        profile: Profile::Gov,
        assessed_at: Some(NOW.before(Span::minutes(3))),
        counts: total,
        findings: found(1),
        sections: sections
            .into_iter()
            .map(|(section, counts)| SectionRow {
                section,
                counts,
                findings: found(u32::from(section == Section::IssuedDevices)),
                evidence_at: (counts.met > 0).then(|| NOW.before(Span::minutes(3))),
            })
            .collect(),
        trend: (0..14).rev().map(day).collect(),
        needs: needs(lang),
        waiting: 68,
        needs_total: 73,
        devices: 2000,
        failing_devices: 31,
        unknown_devices: 118,
    }
}

/// Findings of rows that are met.
fn found(met: u32) -> VerdictCounts {
    VerdictCounts {
        met,
        ..VerdictCounts::default()
    }
}

pub fn overview_empty() -> Overview {
    Overview {
        profile: Profile::Ci,
        assessed_at: None,
        counts: VerdictCounts::default(),
        findings: VerdictCounts::default(),
        sections: Vec::new(),
        trend: Vec::new(),
        needs: Vec::new(),
        waiting: 0,
        needs_total: 0,
        devices: 0,
        failing_devices: 0,
        unknown_devices: 0,
    }
}

pub fn requirements(lang: Lang) -> Requirements {
    let items = needs(lang).into_iter().map(|need| Item {
        id: need.requirement,
        text: need.text,
        force: Force::I,
        owner: need.owner,
        verdict: need.verdict,
        findings: need.findings,
        reason: need.reason,
        evidence_at: (need.verdict == Verdict::NotMet).then(|| NOW.before(Span::minutes(3))),
    });
    Requirements {
        section: None,
        only: Only::All,
        counts: counts(8, 1, 17, 68, 4),
        with_findings: 1,
        items: items.collect(),
    }
}

fn evidence(lang: Lang) -> Vec<EvidenceItem> {
    vec![
        EvidenceItem {
            source: say(lang, "端末の点検（2,000台）", "Checks of 2,000 devices"),
            detail: None,
            at: NOW.before(Span::minutes(3)),
            fresh_until: Some(NOW.after(Span::days(3))),
            digest: None,
        },
        EvidenceItem {
            source: say(
                lang,
                "CISA 既知の悪用された脆弱性",
                "CISA known exploited vulnerabilities",
            ),
            detail: Some("kev".to_owned()),
            at: NOW.before(Span::days(9)),
            fresh_until: Some(NOW.before(Span::days(2))),
            digest: Some("9f86d081884c7d659a2feaa0c55ad015".to_owned()),
        },
    ]
}

fn history(lang: Lang) -> Vec<Transition> {
    vec![
        Transition {
            at: NOW.before(Span::days(2)),
            from: Some(Verdict::Unknown),
            to: Verdict::NotMet,
            reason: say(
                lang,
                "端末31台に、悪用が確認されている脆弱性が残っています。",
                "31 devices have an exploited vulnerability.",
            ),
            sequence: 11_980,
        },
        Transition {
            at: NOW.before(Span::days(400)),
            from: None,
            to: Verdict::Unknown,
            reason: say(lang, "証跡がありません。", "There is no evidence."),
            sequence: 112,
        },
    ]
}

fn causes(lang: Lang) -> Vec<CauseItem> {
    let item = |outcome, ja: &str, en: &str, results| CauseItem {
        outcome,
        name: say(lang, ja, en),
        results,
    };
    vec![
        item(
            Outcome::Fail,
            "悪用が確認された脆弱性",
            "vulnerabilities known to be exploited",
            31,
        ),
        item(Outcome::Unknown, "証跡の期限切れ", "evidence expired", 118),
    ]
}

fn machine(lang: Lang) -> MachinePart {
    MachinePart {
        name: say(
            lang,
            "端末の台帳、脆弱性対策の実施状況",
            "Register of devices, Vulnerability measures",
        ),
        outcome: Outcome::Pass,
        reason: needs(lang).remove(0).reason,
    }
}

fn subjects(lang: Lang) -> Vec<SubjectItem> {
    let check = |outcome, name: [&str; 2], reason: [&str; 2]| SubjectCheck {
        name: say(lang, name[0], name[1]),
        href: "/devices/dev_00000000000000000000000001#check-advisories".to_owned(),
        outcome,
        reason: say(lang, reason[0], reason[1]),
    };
    let subject = |name: &str, checks| SubjectItem {
        name: name.to_owned(),
        href: "/devices/dev_00000000000000000000000001".to_owned(),
        person: None,
        checks,
    };
    let updates = ["セキュリティ更新の適用", "Security updates applied"];
    let advisories = ["既知の脆弱性への対応", "Known vulnerabilities dealt with"];
    vec![
        subject(
            "PC-00412",
            vec![
                check(
                    Outcome::Fail,
                    updates,
                    [
                        "セキュリティ更新が82件適用されていません。",
                        "82 security updates wait.",
                    ],
                ),
                check(
                    Outcome::Fail,
                    advisories,
                    [
                        "CVE-2026-1234（悪用確認済み）が未対応です。",
                        "CVE-2026-1234 (known exploited) is open.",
                    ],
                ),
            ],
        ),
        subject(
            "PC-00977",
            vec![check(
                Outcome::Unknown,
                advisories,
                [
                    "3日以上報告がありません。",
                    "No report for more than 3 days.",
                ],
            )],
        ),
    ]
}

fn alias(lang: Lang) -> AliasItem {
    AliasItem {
        edition: say(lang, "令和3年度版", "Edition of FY2021"),
        clause: "7.1.1(1)(a)".to_owned(),
        verified: false,
    }
}

pub fn requirement(lang: Lang) -> RequirementView {
    let first = needs(lang).remove(0);
    RequirementView {
        id: first.requirement,
        text: first.text,
        source: say(
            lang,
            "資料1 3(1)",
            "Document 1 (to government bodies), 3(1)",
        ),
        aliases: vec![alias(lang)],
        outside: Vec::new(),
        force: Force::I,
        owner: Role::Isso,
        owner_is_default: true,
        own_policy: Some(Localised::both(
            "悪用が確認された脆弱性は期限を待たずに不適合とします。",
            "A known exploited vulnerability fails at once.",
        )),
        verdict: Verdict::Met,
        reason: first.reason,
        next_step: Some(first.next_step),
        machine: Some(machine(lang)),
        attestation: Some(AttestationPart {
            kind: WordKind::Attestation,
            what: Localised::both("リスクの受容", "Acceptance of the risk"),
            by: vec![Role::Isso],
            state: AttestationState::Missing,
            words: Vec::new(),
            may: MayAttest::Form(Box::default()),
        }),
        counts: Counts {
            pass: 1847,
            fail: 31,
            excepted: 4,
            unknown: 118,
        },
        finding: Some(FindingView {
            text: say(
                lang,
                "前回の確認から14台減りました。",
                "14 fewer than at the last confirmation.",
            ),
            adverse: true,
            period: Some(PeriodView {
                start: PeriodStart::LastDays(28),
                from: NOW.before(Span::days(28)),
                to: NOW,
                failing: 31,
                failed_within: 12,
                longest_unobserved_days: 9,
            }),
        }),
        causes: causes(lang),
        subjects: subjects(lang),
        evidence: evidence(lang),
        history: history(lang),
    }
}

pub fn ledger(lang: Lang) -> LedgerView {
    let record = |back: u32, kind: &str, ja: &str, en: &str| RecordItem {
        sequence: 12_481 - u64::from(back),
        at: NOW.before(Span::minutes(3 + back * 17)),
        what: say(lang, ja, en),
        kind: kind.to_owned(),
        actor: say(lang, "関所（自動）", "Sekisho itself"),
        hash: "c0ffee254729296a45a3885639ac7e10f9d54979".to_owned(),
    };
    LedgerView {
        origin: "sekisho/org_00000000000000000000000001".to_owned(),
        size: 12_482,
        root: "nXq0r5mJ0m1bq7mQb8p4Jv1sQKkq2i5n0f2tqk9O3aU=".to_owned(),
        last_at: Some(NOW.before(Span::minutes(3))),
        checkpoint: Some("sekisho/org_00000000000000000000000001\n12482\nnXq0r5mJ0m1bq7mQb8p4Jv1sQKkq2i5n0f2tqk9O3aU=\n\n— sekisho/org_00000000000000000000000001 Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n".to_owned()),
        verifier_key: "sekisho/org_00000000000000000000000001+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW".to_owned(),
        verification: Verification::Sound { records: 12_482, at: NOW.before(Span::minutes(1)), outside: false },
        verify: Some("preview".to_owned()),
        outlets: vec![
            Outlet { kind: Some("file"), outside: true, waiting: false, target: "/mnt/worm/sekisho.checkpoint".to_owned(), last: Some((12_470, NOW.before(Span::minutes(42)))), failure: None },
            Outlet { kind: Some("mail"), outside: true, waiting: true, target: "audit@mizuho.example".to_owned(), last: None, failure: Some(say(lang, "メールサーバーに接続できません。", "The mail server cannot be reached.")) },
        ],
        records: vec![
            record(0, "verdict.changed", "判定の変化 GOV-3-1-d", "Verdict changed: GOV-3-1-d"),
            record(1, "assessment.held", "点検の実施", "Assessment held"),
            record(9, "device.enrolled", "端末の登録", "Device enrolled"),
        ],
        chosen: Some(12_480),
        pages: None,
    }
}

/// The frame while break-glass is open, for one who may end it.
pub fn in_emergency(frame: Frame) -> Frame {
    let open = BreakGlassNote {
        people: ["佐藤 花子".to_owned(), "鈴木 次郎".to_owned()],
        until: NOW.after(Span::minutes(42)),
        may_close: true,
    };
    Frame {
        break_glass: Some(open),
        ..frame
    }
}
