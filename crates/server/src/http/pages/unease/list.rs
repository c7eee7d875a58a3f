//! Reports of unease: what waits for the reader's answer, the reader's own, and the others in sight.

use sekisho_domain::authorise::{Action, Subject, reached};
use sekisho_domain::command::{Command, ConcernCommand};
use sekisho_domain::id::PersonId;
use sekisho_domain::register::concern::ConcernState;
use sekisho_domain::register::{Concern, Entry};

use super::super::super::ctx::{Answer, Ctx, html, redirect};
use super::super::super::fault::Fault;
use super::super::super::form::Form;
use super::super::register::referents::{Things, unit_called};
use super::{due_words, kind_word, state};
use crate::console::fields::Referents as _;
use crate::console::layout::Place;
use crate::console::unease::{CONCERNS_PATH, ConcernLine, ConcernsView, concerns_page};

/// Reports of others that are listed; the register has all.
const OTHERS: usize = 100;

/// Where it arose, as far as the reader may know it.
pub(super) fn place(ctx: &Ctx, entry: &Entry, concern: &Concern) -> String {
    let task = concern.task.and_then(|task| {
        let id = task.to_string();
        Things { ctx }.get(sekisho_domain::id::TaskId::PREFIX, &id)
    });
    if let Some(task) = task {
        return task.name;
    }
    let world = ctx.site.app.world();
    let unit = world.unit_of_entry(entry.id, ctx.now);
    unit.map_or_else(String::new, |unit| unit_called(ctx, &world, unit))
}

fn line(ctx: &Ctx, (entry, concern): &(Entry, Concern)) -> ConcernLine {
    let state = state(ctx, entry, concern);
    ConcernLine {
        id: entry.id.to_string(),
        kind: kind_word(ctx.lang, concern.kind),
        place: place(ctx, entry, concern),
        told_at: entry.entered_at,
        due: if state == "answered" {
            "–".to_owned()
        } else {
            due_words(ctx, entry)
        },
        state,
    }
}

fn lines(ctx: &Ctx, list: &[(Entry, Concern)]) -> Vec<ConcernLine> {
    list.iter().map(|it| line(ctx, it)).collect()
}

/// The reports in sight, apart: those that the person answers, the person's own, and the others.
struct Sorted {
    waiting: Vec<(Entry, Concern)>,
    own: Vec<(Entry, Concern)>,
    others: Vec<(Entry, Concern)>,
    answers: bool,
    reads: bool,
}

fn sorted(ctx: &Ctx, person: PersonId) -> Result<Sorted, Fault> {
    let actor = ctx.actor()?;
    let world = ctx.site.app.world();
    let reads = reached(&world, &actor, Action::ReadConcerns, ctx.now);
    let answers = reached(&world, &actor, Action::AnswerConcern, ctx.now);
    let mut sorted = Sorted {
        waiting: Vec::new(),
        own: Vec::new(),
        others: Vec::new(),
        answers: answers.body || !answers.units.is_empty(),
        reads: reads.body || !reads.units.is_empty(),
    };
    for (entry, concern) in world.registers.nouns::<Concern>() {
        let both = || (entry.clone(), concern.clone());
        let unit = world.unit_of_entry(entry.id, ctx.now);
        let mut units = reads.units.iter();
        let seen = reads.body
            || unit.is_some_and(|unit| units.any(|it| world.unit_is_within(unit, *it, ctx.now)));
        let open = concern.state != ConcernState::Answered;
        if entry.author == Some(person) {
            sorted.own.push(both());
        } else if open && world.answerers(entry, ctx.now).contains(&person) {
            sorted.waiting.push(both());
        } else if seen {
            sorted.others.push(both());
        }
    }
    let due = |entry: &Entry| world.concern_due(entry);
    sorted.waiting.sort_by_key(|(entry, _)| due(entry));
    for list in [&mut sorted.own, &mut sorted.others] {
        list.sort_by_key(|(entry, _)| std::cmp::Reverse(entry.entered_at));
        list.truncate(OTHERS);
    }
    Ok(sorted)
}

/// How many reports wait for the reader's answer.
pub(in crate::http) fn waiting_for(ctx: &Ctx) -> u32 {
    let Ok(live) = ctx.live() else { return 0 };
    let world = ctx.site.app.world();
    let open = world.open_concerns().filter(|(_, entry, _)| {
        entry.author != Some(live.person) && world.answerers(entry, ctx.now).contains(&live.person)
    });
    u32::try_from(open.count()).unwrap_or(u32::MAX)
}

/// `GET /concerns`
pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    let person = ctx.live()?.person;
    let sorted = sorted(ctx, person)?;
    let choose = ctx.may(Action::SetConcernRules, Subject::Body);
    let view = ConcernsView {
        waiting: (sorted.answers || !sorted.waiting.is_empty())
            .then(|| lines(ctx, &sorted.waiting)),
        own: lines(ctx, &sorted.own),
        others: sorted.reads.then(|| lines(ctx, &sorted.others)),
        nameless: ctx.site.app.world().concerns.takes_nameless(),
        choose: choose
            .then(|| ctx.live().map(|live| live.csrf()))
            .transpose()?,
    };
    Ok(html(concerns_page(&ctx.frame(Place::Concerns), &view)))
}

/// `POST /concerns/rules`
pub(in crate::http) fn set_rules(ctx: &Ctx, form: &Form) -> Answer {
    ctx.gate(Action::SetConcernRules, Subject::Body)?;
    let nameless = match form.get("nameless") {
        "yes" => true,
        "no" => false,
        _ => return Err(Fault::not_found()),
    };
    let command = Command::Concern(Box::new(ConcernCommand::SetRules { nameless }));
    let app = &ctx.site.app;
    app.command_blocking(ctx.actor()?, command, Vec::new())?;
    Ok(redirect(CONCERNS_PATH))
}
