//! Rules with their clauses: drafted by the head officer, looked at by the promotion body, approved by the CISO
//! and read by some; and the body's opinions on what else is decided.

use std::num::NonZeroU32;

use sekisho_domain::actor::Actor;
use sekisho_domain::command::{Command, RuleCommand};
use sekisho_domain::id::{PersonId, PostId, RuleId};
use sekisho_domain::name::Line;
use sekisho_domain::opinion::{Proposal, Stance, Subject};
use sekisho_domain::permit::PermitKind;
use sekisho_domain::role::Role;
use sekisho_domain::rule::{Clause, ClauseNumber, ClauseTerms, ClauseText, RuleContent, RuleHead};
use sekisho_rules::catalogue::Catalogue;
use sekisho_server::app::App;
use sekisho_server::rule::{OpinionSaid, exhibits};

use super::plan::holder;
use super::{FillError, Progress, Stage};
use crate::organisation::Ministry;
use crate::random::SplitMix64;

/// How many people say to have read each rule.
const READERS: usize = 12;

fn refused(source: sekisho_server::app::CommandError) -> FillError {
    FillError::Command {
        stage: Stage::Registers,
        source,
    }
}

/// Gives the promotion body's opinion on what is proposed, where it has a holder who can and has given none.
pub(super) fn heard(
    app: &App,
    about: Subject,
    stance: Stance,
    sentence: &str,
) -> Result<(), FillError> {
    let body = holder(app, Role::PromotionBody, None);
    let state = {
        let world = app.world();
        world.proposed_state(about, app.now())
    };
    let (Some(body), Some(state), Ok(sentence)) = (body, state, Line::parse(sentence)) else {
        return Ok(());
    };
    let proposal = Proposal {
        subject: about,
        state,
    };
    if app.world().opinion_on(proposal).is_some() {
        return Ok(());
    }
    // The demonstration's catalogue is the built-in one, which is known to read.
    let Ok(catalogue) = Catalogue::builtin() else {
        return Ok(());
    };
    let documents = exhibits(app, &catalogue, None, about);
    let said = OpinionSaid {
        proposal,
        stance,
        sentence,
    };
    app.give_opinion(Actor::person(body), said, &documents, None)
        .map_err(refused)?;
    Ok(())
}

/// Gives the body's opinion on the conference tools of the register.
pub(super) fn hear_tools(app: &App, _: &Ministry, _: &mut Progress<'_>) -> Result<(), FillError> {
    let waiting = {
        let world = app.world();
        world.awaiting_opinion(app.now())
    };
    let tools = waiting.into_iter().map(|it| it.subject);
    for tool in tools.filter(|it| matches!(it, Subject::Conference(_))) {
        heard(
            app,
            tool,
            Stance::Agree,
            "主催者ごとの格付は、規程と整合している",
        )?;
    }
    Ok(())
}

/// A clause of the demonstration: label, text, and what it is bound to.
struct Told {
    label: &'static str,
    text: &'static str,
    rows: &'static [&'static str],
    checks: &'static [&'static str],
    permits: &'static [PermitKind],
    duties: &'static [&'static str],
}

const TELEWORK: [Told; 4] = [
    Told {
        label: "第1条（目的）",
        text: "この規程は、テレワークに用いる端末及び情報の取扱いに関し、必要な事項を定める。",
        rows: &[],
        checks: &[],
        permits: &[],
        duties: &[],
    },
    Told {
        label: "第2条（許可）",
        text: "職員等は、要保護情報を庁舎の外で取り扱うときは、あらかじめ課室情報セキュリティ責任者の許可を得なければならない。",
        rows: &[],
        checks: &[],
        permits: &[PermitKind::Telework, PermitKind::OffSite],
        duties: &[],
    },
    Told {
        label: "第3条（技術的な措置）",
        text: "庁舎の外で用いる端末は、記憶装置を暗号化し、画面を自動的に施錠し、最新の更新を適用しなければならない。",
        rows: &["US-7.1.1-4-a-ア"],
        checks: &["CK-DEV-ENC", "CK-LOCK", "CK-OS-CURRENT"],
        permits: &[],
        duties: &[],
    },
    Told {
        label: "第4条（利用時の措置）",
        text: "支給外端末を用いる職員等は、次の各号に掲げる事項を行わなければならない。\n一　離席時に画面を施錠すること。\n二　家族等と端末を共用しないこと。",
        rows: &["US-7.1.1-4-a-イ"],
        checks: &[],
        permits: &[PermitKind::Byod],
        duties: &["離席時に画面を施錠する", "家族等と端末を共用しない"],
    },
];

const CONFERENCE: [Told; 2] = [
    Told {
        label: "第1条（利用できるツール）",
        text: "会議には、台帳に掲げる会議ツールを、主催者ごとに定める格付の範囲で用いる。",
        rows: &["GOV-4-h"],
        checks: &["CK-CONF-GRADE"],
        permits: &[PermitKind::Conference],
        duties: &["参加者を顔と名前で確認する"],
    },
    Told {
        label: "第2条（約款による外部サービス）",
        text: "約款による外部サービスは、台帳に掲げる業務に限り、申請して用いる。要機密情報を取り扱ってはならない。",
        rows: &["US-4.1.2-1-a", "US-4.1.2-1-a-ウ"],
        checks: &["CK-SVC-SCOPE"],
        permits: &[PermitKind::Service],
        duties: &[],
    },
];

fn clause(told: &Told, number: u32) -> Option<Clause> {
    let mut terms = ClauseTerms::labelled(Line::parse(told.label).ok()?);
    terms.rows = told.rows.iter().filter_map(|it| it.parse().ok()).collect();
    terms.checks = told
        .checks
        .iter()
        .filter_map(|it| it.parse().ok())
        .collect();
    terms.permits = told.permits.to_vec();
    let duties = told.duties.iter();
    terms.duties = duties.filter_map(|it| Line::parse(it).ok()).collect();
    Some(Clause {
        number: ClauseNumber(NonZeroU32::new(number)?),
        text: ClauseText::parse(told.text).ok()?,
        terms,
    })
}

fn content(title: (&str, &str), owner: PostId, clauses: &[Told]) -> Option<RuleContent> {
    let clauses = clauses.iter().zip(1_u32..);
    let clauses: Option<Vec<Clause>> = clauses.map(|(told, number)| clause(told, number)).collect();
    Some(RuleContent {
        head: RuleHead {
            title: Line::parse(title.0).ok()?,
            title_en: Line::parse(title.1).ok(),
            owner,
            acknowledge: true,
            units: Vec::new(),
            note: None,
        },
        clauses: clauses?,
    })
}

/// The post of the head officer that somebody holds.
fn owner(app: &App, head: PersonId) -> Option<PostId> {
    let (world, now) = (app.world(), app.now());
    let mut held = world.posts_held(head, now);
    let found = held.find(|(_, post)| post.roles.contains(&Role::Hiso));
    found.map(|(_, post)| post.id)
}

/// Puts the rules in force, where there is none yet.
pub(super) fn enact(app: &App, ministry: &Ministry, _: &mut Progress<'_>) -> Result<(), FillError> {
    if !app.world().rules.documents.is_empty() {
        return Ok(());
    }
    let head = holder(app, Role::Hiso, None);
    let ciso = holder(app, Role::Ciso, head);
    let (Some(head), Some(ciso)) = (head, ciso) else {
        return Ok(());
    };
    let Some(owner) = owner(app, head) else {
        return Ok(());
    };
    let all = [
        (("テレワーク実施規程", "Rule on telework"), &TELEWORK[..]),
        (
            (
                "会議及び外部サービス利用規程",
                "Rule on conferences and external services",
            ),
            &CONFERENCE[..],
        ),
    ];
    for (number, (title, clauses)) in all.into_iter().enumerate() {
        let Some(content) = content(title, owner, clauses) else {
            continue;
        };
        let fork = SplitMix64::fork(ministry.seed, "rule", number as u64).fresh();
        one(app, RuleId::new(fork), content, (head, ciso))?;
    }
    read(app)
}

fn one(
    app: &App,
    rule: RuleId,
    content: RuleContent,
    (head, ciso): (PersonId, PersonId),
) -> Result<(), FillError> {
    let act = |who: PersonId, command: RuleCommand| {
        let command = Command::Rule(Box::new(command));
        let done = app.command_blocking(Actor::person(who), command, Vec::new());
        done.map(|_| ()).map_err(refused)
    };
    let expected = None;
    let content = Box::new(content);
    act(
        head,
        RuleCommand::Write {
            rule,
            content,
            expected,
        },
    )?;
    act(head, RuleCommand::Propose { rule, expected })?;
    let about = Subject::Rule(rule);
    heard(
        app,
        about,
        Stance::Remarks,
        "他の規程との矛盾はない。施行後に運用の実績を確認すること",
    )?;
    act(
        ciso,
        RuleCommand::Approve {
            rule,
            expected,
            from: None,
            answer: None,
        },
    )
}

/// Some say to have read what is in force.
fn read(app: &App) -> Result<(), FillError> {
    let now = app.now();
    let asked: Vec<(PersonId, RuleId, u32)> = {
        let world = app.world();
        let mut people: Vec<PersonId> = world.people.keys().copied().collect();
        people.sort_unstable();
        let officers = people.iter().filter(|person| {
            let mut held = world.posts_held(**person, now);
            held.next().is_some()
        });
        officers
            .take(READERS)
            .flat_map(|person| {
                let to_read = world.rules_to_read(*person, now);
                to_read
                    .into_iter()
                    .map(|(rule, version)| (*person, rule, version))
            })
            .collect()
    };
    for (person, rule, version) in asked {
        let command = Command::Rule(Box::new(RuleCommand::Acknowledge {
            rule,
            version,
            person,
        }));
        app.command_blocking(Actor::person(person), command, Vec::new())
            .map_err(refused)?;
    }
    Ok(())
}
