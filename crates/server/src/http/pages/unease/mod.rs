//! Pages of unease and of incidents: from the World and the records to the view-models.

pub(in crate::http) mod act;
pub(in crate::http) mod incidents;
pub(in crate::http) mod list;
pub(in crate::http) mod nameless;
pub(in crate::http) mod show;
pub(in crate::http) mod tell;

use sekisho_domain::event::Sealed;
use sekisho_domain::id::ConcernId;
use sekisho_domain::register::concern::{ConcernKind, ConcernState};
use sekisho_domain::register::{Concern, Entry, Register};
use sekisho_messages::{Lang, deadline, t, text};

use super::super::ctx::Ctx;
use super::super::fault::Fault;
use crate::app::REMARK_PURPOSE;
use crate::console::unease::WORDS_MAX;

/// The kinds in the order of the forms: what is urgent first.
fn kinds() -> Vec<&'static str> {
    let mut kinds = vec![ConcernKind::Attack.code()];
    let others = ConcernKind::CODES.iter().copied();
    kinds.extend(others.filter(|code| *code != ConcernKind::Attack.code()));
    kinds
}

/// What a report is about, in words.
fn kind_word(lang: Lang, kind: ConcernKind) -> String {
    let key = Register::Concern.choice_key("kind", kind.code());
    text(lang, key, &[]).into_owned()
}

/// Where a report stands.
fn state(ctx: &Ctx, entry: &Entry, concern: &Concern) -> &'static str {
    let due = ctx.site.app.world().concern_due(entry);
    match concern.state {
        ConcernState::Answered => "answered",
        _ if due.is_some_and(|due| due <= ctx.now) => "late",
        ConcernState::Examined => "examined",
        ConcernState::Open => "open",
    }
}

/// Until when a report is answered, in words.
fn due_words(ctx: &Ctx, entry: &Entry) -> String {
    let world = ctx.site.app.world();
    let due = world.concern_due(entry);
    due.map_or_else(String::new, |due| {
        deadline(ctx.lang, due, ctx.now, &world.calendar())
    })
}

/// A report by its id.
fn known(ctx: &Ctx, id: ConcernId) -> Option<(Entry, Concern)> {
    let world = ctx.site.app.world();
    let (entry, concern) = world.registers.get::<Concern>(id)?;
    Some((entry.clone(), concern.clone()))
}

/// Words that were typed, or what is wrong with them.
fn read_words(lang: Lang, typed: &str) -> Result<&str, String> {
    let typed = typed.trim();
    if typed.chars().count() > WORDS_MAX {
        return Err(t!(lang, "register.remark_too_long", n = WORDS_MAX).into_owned());
    }
    Ok(typed)
}

/// Words under the key of whoever is signed in; none where nothing was typed.
fn sealed_as_self(ctx: &Ctx, words: &str) -> Result<Option<Sealed>, Fault> {
    if words.is_empty() {
        return Ok(None);
    }
    let person = ctx.live()?.person;
    let app = &ctx.site.app;
    Ok(Some(app.seal(person, REMARK_PURPOSE, words.as_bytes())?))
}
