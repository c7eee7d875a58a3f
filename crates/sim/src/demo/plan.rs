//! The plan of telework: drafted and proposed by the head officer, approved by the CISO, over the tasks of
//! the register.

use sekisho_domain::actor::Actor;
use sekisho_domain::command::{Command, PlanCommand};
use sekisho_domain::id::{PersonId, PlanId, TaskId};
use sekisho_domain::name::Line;
use sekisho_domain::opinion::{Stance, Subject};
use sekisho_domain::permit::particulars::TeleworkPlace;
use sekisho_domain::plan::{PlanContent, PlanDecision, PlanHead, PlanLine};
use sekisho_domain::register::task::TaskState;
use sekisho_domain::register::{EntryId, Task};
use sekisho_domain::role::Role;
use sekisho_domain::world::World;
use sekisho_server::app::App;

use super::{FillError, Progress, Stage};
use crate::organisation::Ministry;
use crate::random::SplitMix64;

/// A holder of a post with a role, other than somebody.
pub(super) fn holder(app: &App, role: Role, other: Option<PersonId>) -> Option<PersonId> {
    let (world, now) = (app.world(), app.now());
    let mut posts: Vec<_> = world
        .posts
        .values()
        .filter(|it| it.roles.contains(&role))
        .collect();
    posts.sort_unstable_by_key(|post| post.id);
    let mut holders = posts
        .into_iter()
        .flat_map(|post| world.holders(post.id, now));
    holders.find(|person| Some(*person) != other)
}

fn text(text: &str) -> Option<Line> {
    Line::parse(text).ok()
}

fn line(id: TaskId, task: &Task) -> Option<PlanLine> {
    let (decision, reason) = match task.state {
        TaskState::Allowed => (
            PlanDecision::Allow,
            text("通常の業務であり、取り扱う情報を端末に残さないため")?,
        ),
        TaskState::Limited => (PlanDecision::Limit, task.limits.clone()?),
        TaskState::Stopped => (
            PlanDecision::Refuse,
            text("審査中の申請に係る個人情報を大量に取り扱うため")?,
        ),
    };
    let limited = decision == PlanDecision::Limit;
    Some(PlanLine {
        task: id,
        decision,
        reason,
        highest: (decision != PlanDecision::Refuse).then_some(task.grade),
        units: Vec::new(),
        places: if limited {
            vec![TeleworkPlace::Home, TeleworkPlace::SatelliteOffice]
        } else {
            Vec::new()
        },
        people: task.planned_people.filter(|_| limited),
        person_days: None,
        systems: task.systems.clone(),
        services: Vec::new(),
        tools: Vec::new(),
    })
}

fn content(world: &World, people: u32) -> Option<PlanContent> {
    let tasks = world
        .registers
        .nouns::<Task>()
        .filter(|(entry, _)| entry.is_active());
    let lines = tasks.filter_map(|(entry, task)| match entry.id {
        EntryId::Task(id) => line(id, task),
        _ => None,
    });
    let head = PlanHead {
        title: text("令和8年度テレワーク計画")?,
        people,
        person_days: people * 10,
        gateway_hours: Some(people * 80),
        note: text("窓口と審査の業務を除き、週2日を標準とする"),
    };
    Some(PlanContent {
        head,
        lines: lines.collect(),
    })
}

/// Drafts, proposes and approves the plan, where there is none yet.
pub(super) fn approve(
    app: &App,
    ministry: &Ministry,
    _: &mut Progress<'_>,
) -> Result<(), FillError> {
    let at_work = {
        let world = app.world();
        world.plan.current().is_some() || world.plan.work.is_some()
    };
    let head = holder(app, Role::Hiso, None);
    let ciso = holder(app, Role::Ciso, head);
    let (Some(head), Some(ciso), false) = (head, ciso, at_work) else {
        return Ok(());
    };
    let people = u32::try_from(ministry.people.len()).unwrap_or(u32::MAX);
    let content = content(&app.world(), people);
    let Some(content) = content.filter(|content| !content.lines.is_empty()) else {
        return Ok(());
    };
    let plan = PlanId::new(SplitMix64::fork(ministry.seed, "plan", 0).fresh());
    let refused = |source| FillError::Command {
        stage: Stage::Registers,
        source,
    };
    let write = PlanCommand::Write {
        plan,
        content: Box::new(content),
        expected: None,
    };
    let propose = PlanCommand::Propose {
        plan,
        expected: None,
    };
    for command in [write, propose] {
        let command = Command::Plan(Box::new(command));
        let done = app.command_blocking(Actor::person(head), command, Vec::new());
        done.map_err(refused)?;
    }
    super::rules::heard(
        app,
        Subject::Plan(plan),
        Stance::Agree,
        "規程と整合しており、技術面の確認に支障はない",
    )?;
    app.approve_plan(Actor::person(ciso), plan, None, None, None)
        .map_err(refused)?;
    Ok(())
}
