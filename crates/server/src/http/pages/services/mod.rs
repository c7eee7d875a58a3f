//! The pages of outside services that are really used, of the conference matrix, and of the judgement of
//! terms.

pub(in crate::http) mod catalogue;
mod clients;
pub(in crate::http) mod list;
pub(in crate::http) mod matrix;
pub(in crate::http) mod of_entry;
pub(in crate::http) mod people;
pub(in crate::http) mod show;
pub(in crate::http) mod terms;

use maud::{Markup, html as markup};
use sekisho_domain::id::UnitId;
use sekisho_domain::name::Name;
use sekisho_domain::register::{EntryId, Register};
use sekisho_messages::{Lang, t, text};

use super::super::ctx::Ctx;
use super::register::{entry_path, title};
use crate::service_use::{ServiceInUse, Standing};

/// The path of the list.
const PATH: &str = "/services";

/// What a service is called.
fn called(lang: Lang, name: &Name) -> String {
    super::localised(name).get(lang).to_owned()
}

/// What it is for; the code where a list of services of one's own calls it otherwise.
fn kind(lang: Lang, code: &str) -> String {
    let key = format!("services.kind.{code}");
    if sekisho_messages::contains(&key) {
        text(lang, key, &[]).into_owned()
    } else {
        code.to_owned()
    }
}

/// How it stands to the registers, as a mark.
fn standing(ctx: &Ctx, it: &ServiceInUse) -> Markup {
    let lang = ctx.lang;
    match &it.standing {
        Standing::Registered(_) => markup! {
            span class="state state--good" { (t!(lang, "services.state.registered")) }
        },
        Standing::Open(lack) => markup! {
            span class="state state--bad" { (text(lang, format!("services.lack.{}", lack.code()), &[])) }
        },
        Standing::NotOurs(_) => markup! {
            span class="state state--over" { (text(lang, format!("services.state.{}", it.standing.code()), &[])) }
        },
    }
}

/// A unit by name; that it is not known where it is not.
fn unit(ctx: &Ctx, id: Option<UnitId>) -> String {
    let Some(id) = id else {
        return t!(ctx.lang, "services.unit_unknown").into_owned();
    };
    let world = ctx.site.app.world();
    super::register::referents::unit_called(ctx, &world, id)
}

/// An entry with its page.
fn entry(ctx: &Ctx, id: EntryId) -> Markup {
    let known = ctx.site.app.world().registers.entry(id).cloned();
    markup! {
        @match known {
            Some(entry) => a href=(entry_path(entry.register(), id)) { (title(ctx.lang, &entry)) },
            None => (id),
        }
    }
}

/// The register in which a service of this kind is entered.
const fn register_for(conference: bool) -> Register {
    if conference {
        Register::ConferenceTool
    } else {
        Register::Service
    }
}
