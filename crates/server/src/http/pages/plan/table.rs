//! The decision table as a file: saved from the plan and the draft, and brought into the draft.

use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::plan::{PlanContent, PlanLine};

use super::super::super::attachment::{asked_format, list_file};
use super::super::super::ctx::{Answer, Ctx, redirect};
use super::super::super::fault::Fault;
use super::super::super::multipart::Multipart;
use super::super::draft_form::cells_told;
use super::draft::{gated, render, unproposed, work};
use super::form::write;
use crate::console::plan::DRAFT_PATH;
use crate::plan::PlanTable;

fn save(ctx: &Ctx, lines: &[PlanLine]) -> Answer {
    let format = asked_format(ctx)?;
    let written = PlanTable::export(&ctx.site.app, lines, format, ctx.lang);
    list_file((format, "plan"), written)
}

/// `GET /plan/table`
pub(in crate::http) fn of_plan(ctx: &Ctx) -> Answer {
    ctx.gate(Action::ReadPlan, Subject::Body)?;
    let content = {
        let world = ctx.site.app.world();
        world
            .plan
            .current()
            .map(|it| std::sync::Arc::clone(&it.content))
    };
    save(ctx, &content.ok_or_else(Fault::not_found)?.lines)
}

/// `GET /plan/draft/table`
pub(in crate::http) fn of_draft(ctx: &Ctx) -> Answer {
    gated(ctx)?;
    let work = work(ctx).ok_or_else(Fault::not_found)?;
    save(ctx, &work.content.lines)
}

/// Whether the reader may bring a table in now.
pub(in crate::http) fn may_bring(ctx: &Ctx) -> Result<(), Fault> {
    unproposed(ctx).map(|_| ())
}

/// `POST /plan/draft/table`: the lines of the file take the place of those of the draft.
pub(in crate::http) fn bring(ctx: &Ctx, form: &Multipart<'_>) -> Answer {
    let work = unproposed(ctx)?;
    let file = form.file("file").map_or(&[][..], |file| file.bytes);
    match PlanTable::read(&ctx.site.app, file) {
        Err(faults) => render(ctx, None, Vec::new(), cells_told(ctx.lang, &faults)),
        Ok(lines) => {
            let head = work.content.head.clone();
            let content = PlanContent { head, lines };
            match write(ctx, (work.plan, Some(work.revision)), content) {
                Ok(()) => Ok(redirect(DRAFT_PATH)),
                Err(Ok(wrong)) => {
                    let cells = wrong.into_iter().map(|(_, said)| (None, said)).collect();
                    render(ctx, None, Vec::new(), cells)
                }
                Err(Err(fault)) => Err(fault),
            }
        }
    }
}
