//! Risk assessments: two tasks assessed by the head officer on what machines have reported. The CISO accepts
//! the one for the time being; the other waits for approval.

use sekisho_domain::actor::Actor;
use sekisho_domain::command::{Command, RiskCommand, Weight};
use sekisho_domain::id::{PersonId, RiskId};
use sekisho_domain::name::Line;
use sekisho_domain::opinion::{Stance, Subject};
use sekisho_domain::permit::particulars::TeleworkPlace;
use sekisho_domain::plan::Conclusion;
use sekisho_domain::register::task::TaskState;
use sekisho_domain::register::{EntryId, Task};
use sekisho_domain::risk::{Answer, Question, RiskContent, RiskSubject, Treatment};
use sekisho_domain::role::Role;
use sekisho_domain::time::Span;
use sekisho_rules::catalogue::Catalogue;
use sekisho_server::app::{App, CommandError};
use sekisho_server::risk::WriteError;

use super::plan::holder;
use super::{FillError, Stage};
use crate::organisation::Ministry;
use crate::random::SplitMix64;

/// For how long the CISO accepts a risk.
const ACCEPTED: Span = Span::days(60);

fn refused(source: CommandError) -> FillError {
    FillError::Command {
        stage: Stage::Reports,
        source,
    }
}

/// What the head officer says of a task.
fn content(app: &App, subject: RiskSubject) -> Option<RiskContent> {
    let now = app.now();
    Some(RiskContent {
        subject,
        grade: app.world().risk_grade(subject, now)?,
        places: vec![TeleworkPlace::Home],
        cases: Vec::new(),
        answers: Question::ALL.iter().map(|it| (*it, Answer::No)).collect(),
        raised: Vec::new(),
        lowered: Vec::new(),
        conclusion: Conclusion::Unchanged,
        reason: Line::parse("更新の遅れた端末があり、対策の完了まで期限を定めて受け入れるため")
            .ok()?,
        treatments: vec![Treatment::Accept {
            until: now.after(ACCEPTED),
        }],
    })
}

/// The first two tasks that may be done by telework, in the order of their ids.
fn subjects(app: &App) -> Vec<RiskSubject> {
    let world = app.world();
    let tasks = world.registers.nouns::<Task>();
    let mut found: Vec<RiskSubject> = tasks
        .filter(|(entry, task)| entry.is_active() && task.state == TaskState::Allowed)
        .filter_map(|(entry, _)| match entry.id {
            EntryId::Task(id) => Some(RiskSubject::Task(id)),
            _ => None,
        })
        .collect();
    found.sort_unstable();
    found.truncate(2);
    found
}

fn drafted(
    app: &App,
    catalogue: &Catalogue,
    (head, risk): (PersonId, RiskId),
    subject: RiskSubject,
) -> Result<bool, FillError> {
    let Some(content) = content(app, subject) else {
        return Ok(false);
    };
    let unit = app.world().risk_unit(&content, app.now());
    let done = app.write_risk(Actor::person(head), catalogue, (risk, Some(0)), content);
    match done {
        Ok(_) => {}
        Err(WriteError::Command(error)) => return Err(refused(error)),
        // The table is that of this program, which its tests read.
        Err(WriteError::Measure(_)) => return Ok(false),
    }
    let propose = Command::Risk(Box::new(RiskCommand::Propose {
        risk,
        unit,
        expected: None,
    }));
    app.command_blocking(Actor::person(head), propose, Vec::new())
        .map_err(refused)?;
    Ok(true)
}

/// Drafts, proposes and approves, where nobody has assessed anything yet.
pub(super) fn assess(
    app: &App,
    catalogue: &Catalogue,
    ministry: &Ministry,
) -> Result<(), FillError> {
    let head = holder(app, Role::Hiso, None);
    let ciso = holder(app, Role::Ciso, head);
    let begun = !app.world().risks.is_empty();
    let (Some(head), Some(ciso), false) = (head, ciso, begun) else {
        return Ok(());
    };
    for (place, subject) in (0u64..).zip(subjects(app)) {
        let risk = RiskId::new(SplitMix64::fork(ministry.seed, "risk", place).fresh());
        if !drafted(app, catalogue, (head, risk), subject)? || place > 0 {
            continue;
        }
        let about = Subject::Risk(risk);
        super::rules::heard(
            app,
            about,
            Stance::Agree,
            "期限までの対策を条件に、計画と整合している",
        )?;
        let unit = app.world().risk_subject_unit(subject, app.now());
        let approve = Command::Risk(Box::new(RiskCommand::Approve {
            risk,
            unit,
            weight: Weight::Accepted,
            expected: None,
            answer: None,
        }));
        let done = app.command_blocking(Actor::person(ciso), approve, Vec::new());
        match done {
            // Where the promotion body has still to say its opinion, the assessment waits for it.
            Err(error) if error.code().starts_with("opinion.") => {}
            Err(error) => return Err(refused(error)),
            Ok(_) => {}
        }
    }
    Ok(())
}
