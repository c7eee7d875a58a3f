//! Lists that are no registers, saved as files.

use sekisho_domain::authorise::{Action, Subject};

use super::super::attachment::{asked_format, list_file};
use super::super::ctx::{Answer, Ctx};
use super::plan::cases::readable;
use crate::listed;
use crate::service_use::in_use;

/// `GET /cases/table`
pub(in crate::http) fn cases(ctx: &Ctx) -> Answer {
    let all = readable(ctx)?;
    let format = asked_format(ctx)?;
    let written = listed::cases(&ctx.site.app, &all, (format, ctx.lang));
    list_file((format, "cases"), written)
}

/// `GET /opinions/table`
pub(in crate::http) fn opinions(ctx: &Ctx) -> Answer {
    ctx.gate(Action::ReadOpinions, Subject::Body)?;
    let format = asked_format(ctx)?;
    let written = listed::opinions(&ctx.site.app, (format, ctx.lang));
    list_file((format, "opinions"), written)
}

/// `GET /services/table`
pub(in crate::http) fn services(ctx: &Ctx) -> Answer {
    ctx.gate(Action::ReadServiceUse, Subject::Body)?;
    let format = asked_format(ctx)?;
    let app = &ctx.site.app;
    let written = listed::services(app, &in_use(app)?, (format, ctx.lang));
    list_file((format, "services-in-use"), written)
}

/// `GET /conferences/table`
pub(in crate::http) fn matrix(ctx: &Ctx) -> Answer {
    ctx.gate(Action::ReadRegisters, Subject::Body)?;
    let format = asked_format(ctx)?;
    let written = listed::matrix(&ctx.site.app, (format, ctx.lang));
    list_file((format, "conference-matrix"), written)
}
