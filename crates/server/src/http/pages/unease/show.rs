//! One report: what was told, what was said since, and what the reader can do.

use axum::http::StatusCode;
use maud::html as markup;
use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::id::ConcernId;
use sekisho_domain::register::concern::ConcernState;
use sekisho_domain::register::{Concern, Entry, EntryId, Register};
use sekisho_messages::t;

use super::super::super::ctx::{Answer, Ctx, html};
use super::super::super::fault::Fault;
use super::super::person_name;
use super::super::register::history;
use super::super::register::sight::hides_author;
use super::list::place;
use super::{due_words, kind_word, known, state};
use crate::console::components::{Definitions, instant};
use crate::console::layout::Place;
use crate::console::unease::{AnswerForm, INCIDENTS_PATH, ThreadView, thread_page};

/// The report that the path names, where the reader may read it.
pub(super) fn asked(ctx: &Ctx) -> Result<(ConcernId, Entry, Concern), Fault> {
    ctx.live()?;
    let id: ConcernId = ctx
        .parameter("id")
        .parse()
        .map_err(|_| Fault::not_found())?;
    // The gate comes first, so that nobody learns which ids exist.
    ctx.gate(Action::ReadConcerns, Subject::Entry(EntryId::Concern(id)))?;
    let (entry, concern) = known(ctx, id).ok_or_else(Fault::not_found)?;
    Ok((id, entry, concern))
}

/// `GET /concerns/{id}`
pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    let (id, entry, concern) = asked(ctx)?;
    render(ctx, id, (&entry, &concern), "", Vec::new())
}

fn facts(ctx: &Ctx, id: ConcernId, entry: &Entry, concern: &Concern) -> Definitions {
    let lang = ctx.lang;
    let who = match entry.author {
        None => t!(lang, "unease.nobody").into_owned(),
        Some(_) if hides_author(ctx, &entry.particulars) && !is_own(ctx, entry) => {
            t!(lang, "register.anonymous").into_owned()
        }
        Some(person) => {
            let own = is_own(ctx, entry);
            let may = own || ctx.may(Action::ReadDirectory, Subject::Person(person));
            let name = may.then(|| person_name(ctx, person)).flatten();
            name.unwrap_or_else(|| t!(lang, "register.someone").into_owned())
        }
    };
    let mut facts: Definitions = vec![
        (t!(lang, "unease.who"), markup! { (who) }),
        (t!(lang, "unease.told"), instant(lang, entry.entered_at)),
        (
            t!(lang, "unease.place"),
            markup! { (place(ctx, entry, concern)) },
        ),
    ];
    if concern.state != ConcernState::Answered {
        let due = due_words(ctx, entry);
        facts.push((t!(lang, "unease.due"), markup! { (due) }));
    }
    let incident = {
        let world = ctx.site.app.world();
        world.concerns.thread(id).and_then(|it| it.incident)
    };
    if let Some(incident) = incident {
        let entry = Subject::Entry(EntryId::Incident(incident));
        let may = ctx.may(Action::ReadIncidents, entry);
        let word = t!(lang, "unease.is_incident");
        let link = markup! {
            @if may { a href={ (INCIDENTS_PATH) "/" (incident) } { (word) } } @else { (word) }
        };
        facts.push((t!(lang, "unease.incident"), link));
    }
    facts
}

pub(super) fn is_own(ctx: &Ctx, entry: &Entry) -> bool {
    ctx.live()
        .is_ok_and(|live| entry.author == Some(live.person))
}

fn form(
    ctx: &Ctx,
    id: ConcernId,
    entry: &Entry,
    (words, errors): (&str, Vec<(String, String)>),
) -> Result<Option<AnswerForm>, Fault> {
    let own = is_own(ctx, entry);
    let subject = Subject::Entry(EntryId::Concern(id));
    let (nobodys, erased, incident) = {
        let world = ctx.site.app.world();
        let thread = world.concerns.thread(id);
        let pseudonym = thread.is_some_and(|it| it.pseudonym.is_some());
        let erased = thread.is_some_and(|it| it.erased);
        (pseudonym, erased, thread.and_then(|it| it.incident))
    };
    let active = entry.is_active();
    let answers = active && !own && ctx.may(Action::AnswerConcern, subject);
    let form = AnswerForm {
        csrf: ctx.live()?.csrf(),
        seen: entry.version,
        answers,
        turns: answers && incident.is_none(),
        says: active && own,
        erases: nobodys && !erased && ctx.may(Action::ForgetPerson, Subject::Body),
        words: words.to_owned(),
        errors,
    };
    Ok((form.answers || form.says || form.erases).then_some(form))
}

pub(super) fn render(
    ctx: &Ctx,
    id: ConcernId,
    (entry, concern): (&Entry, &Concern),
    words: &str,
    errors: Vec<(String, String)>,
) -> Answer {
    let wrong = !errors.is_empty();
    let view = ThreadView {
        id: id.to_string(),
        kind: kind_word(ctx.lang, concern.kind),
        state: state(ctx, entry, concern),
        facts: facts(ctx, id, entry, concern),
        changes: history::of_entry(ctx, Register::Concern, entry)?,
        form: form(ctx, id, entry, (words, errors))?,
    };
    let mut response = html(thread_page(&ctx.frame(Place::Concerns), &view));
    if wrong {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}
