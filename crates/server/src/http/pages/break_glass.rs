//! Ending break-glass before its time, from the banner that every page carries.

use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::command::Command;

use super::super::ctx::{Answer, Ctx, redirect};
use super::super::form::Form;

pub(in crate::http) fn close(ctx: &Ctx, _form: &Form) -> Answer {
    ctx.gate(Action::CloseBreakGlass, Subject::Body)?;
    let app = &ctx.site.app;
    app.command_blocking(ctx.actor()?, Command::CloseBreakGlass, Vec::new())?;
    Ok(redirect("/"))
}
