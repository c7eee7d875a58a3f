//! The registers: lists, entries with their history, and the forms that keep them. One set of pages
//! for every register; what differs stands with the noun.

pub(in crate::http) mod change;
pub(in crate::http) mod entry;
pub(in crate::http) mod export;
pub(in crate::http::pages) mod history;
pub(in crate::http) mod import;
pub(in crate::http) mod index;
pub(in crate::http) mod list;
pub(in crate::http) mod referents;
pub(in crate::http) mod sight;
pub(in crate::http) mod state;

use sekisho_domain::authorise::Subject;
use sekisho_domain::field::{FieldKind, Value};
use sekisho_domain::register::{Entry, EntryId, Particulars, Register};
use sekisho_messages::{Lang, t, text};

use super::super::ctx::Ctx;
use super::super::fault::Fault;
use crate::console::fields::Words;

/// The register that the path names.
pub(super) fn asked(ctx: &Ctx) -> Result<Register, Fault> {
    Register::from_code(ctx.parameter("register")).ok_or_else(Fault::not_found)
}

/// The entry that the path names, where the reader may read it.
pub(super) fn asked_entry(ctx: &Ctx, register: Register) -> Result<Entry, Fault> {
    let id: EntryId = ctx
        .parameter("id")
        .parse()
        .map_err(|_| Fault::not_found())?;
    // The gate comes first, so that nobody learns which ids exist.
    ctx.gate(register.read_action(), Subject::Entry(id))?;
    let world = ctx.site.app.world();
    let known = world.registers.entry(id);
    known
        .filter(|entry| entry.register() == register)
        .cloned()
        .ok_or_else(Fault::not_found)
}

/// The words of a register.
pub(super) const fn words(register: Register) -> Words {
    Words::register(register.code())
}

/// What a register is called.
pub(super) fn name(lang: Lang, register: Register) -> String {
    text(lang, register.name_key(), &[]).into_owned()
}

/// The path of a register's list.
pub(super) fn path(register: Register) -> String {
    format!("/registers/{}", register.code())
}

/// The path of an entry.
pub(super) fn entry_path(register: Register, id: EntryId) -> String {
    format!("/registers/{}/{id}", register.code())
}

/// The trail to a register's entries.
pub(super) fn trail(lang: Lang, register: Register) -> Vec<(String, String)> {
    vec![
        (
            t!(lang, "register.all").into_owned(),
            "/registers".to_owned(),
        ),
        (name(lang, register), path(register)),
    ]
}

/// What an entry is called: the field that names it, in words where it is a choice.
pub(super) fn title(lang: Lang, entry: &Entry) -> String {
    title_of(lang, &entry.particulars).unwrap_or_else(|| entry.id.to_string())
}

/// What an entry with such particulars is called.
pub(super) fn title_of(lang: Lang, particulars: &Particulars) -> Option<String> {
    let register = particulars.register();
    let code = Particulars::title_field(register);
    let field = register.fields().iter().find(|field| field.code == code)?;
    let values = particulars.values();
    match (values.get(code)?, field.kind) {
        (Value::Text(chosen), FieldKind::Choice(_)) => {
            Some(words(register).choice(lang, code, chosen).into_owned())
        }
        (Value::Text(text), _) => Some(text.clone()),
        _ => None,
    }
}
