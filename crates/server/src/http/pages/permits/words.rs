//! Refusals of permits in words: what their parameters are called.

use sekisho_domain::id::{PermitId, PostId};
use sekisho_domain::permit::Status;

use super::super::super::ctx::Ctx;
use super::super::refused_with;
use super::{post_called, title};
use crate::app::CommandError;
use crate::console::permits::status_word;

/// A refusal as a sentence, with the field of the command that it belongs to.
pub(super) fn refusal(ctx: &Ctx, error: &CommandError) -> (Option<String>, String) {
    refused_with(ctx.lang, error, &|name, text| called(ctx, name, text))
}

/// Why no post can decide, as a sentence.
pub(super) fn unrouted(ctx: &Ctx, fault: sekisho_domain::permit::RouteFault) -> String {
    use sekisho_domain::permit::RouteFault as F;
    let mut params: Vec<(&str, String)> = Vec::new();
    match fault {
        F::NoPost(role) | F::NoSuperior(role) => params.push(("role", role.code().to_owned())),
        F::Vacant(post, role) => {
            params.push(("post", post.to_string()));
            params.push(("role", role.code().to_owned()));
        }
        F::NoOfficer(of) => params.push(("of", of.to_owned())),
    }
    let params: Vec<(&str, sekisho_messages::Arg<'_>)> = params
        .into_iter()
        .map(|(name, said)| {
            let said = called(ctx, name, &said).unwrap_or(said);
            (name, sekisho_messages::Arg::from(said))
        })
        .collect();
    super::super::sentence(ctx.lang, fault.code(), &params)
}

fn called(ctx: &Ctx, name: &str, code: &str) -> Option<String> {
    let lang = ctx.lang;
    let word = match name {
        "status" => status_word(lang, Status::from_code(code)?),
        "post" => {
            let post: PostId = code.parse().ok()?;
            return Some(post_called(ctx, &ctx.site.app.world(), post));
        }
        "permit" => {
            let id: PermitId = code.parse().ok()?;
            let known = ctx.site.app.world().permits.get(id).cloned()?;
            return Some(title(ctx, &known));
        }
        "id" => {
            use crate::console::fields::Referents as _;
            let prefix = code.split('_').next()?;
            let things = super::super::register::referents::Things { ctx };
            return things.get(prefix, code).map(|it| it.name);
        }
        other => sekisho_messages::word(lang, other, code)?,
    };
    Some(word.into_owned())
}
