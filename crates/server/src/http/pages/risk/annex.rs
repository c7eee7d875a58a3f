//! The annex of a year's losses: asked for by its address, drawn, shown, and kept nowhere.

use axum::http::StatusCode;
use sekisho_domain::authorise::{Action, Denied, Subject};

use super::super::super::ctx::{Answer, Ctx, html};
use super::super::super::fault::Fault;
use super::super::sentence;
use crate::console::layout::Place;
use crate::console::risk::{AnnexView, Drawn, annex_page};
use crate::risk::{LOSS_FIELDS, LossAsked, LossWrong};

/// Whoever reads assessments of the whole or of any unit may have the annex drawn: it tells of none.
pub(in crate::http) fn may_draw(ctx: &Ctx) -> Result<(), Fault> {
    let (actor, reads) = (ctx.actor()?, Action::ReadRisks);
    match ctx.site.app.authorise(&actor, reads, Subject::Body) {
        Ok(_) | Err(Denied::OutOfReach) => Ok(()),
        Err(denied) => Err(Fault::denied(denied, reads)),
    }
}

/// `GET /risks/annex`
pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    may_draw(ctx)?;
    let asked = LossAsked::of(|name| ctx.query(name));
    let mut view = AnnexView {
        asked,
        errors: Vec::new(),
        drawn: None,
    };
    if LOSS_FIELDS.iter().any(|name| ctx.query(name).is_some()) {
        match view.asked.draw() {
            Ok((model, loss)) => {
                view.drawn = Some(Drawn {
                    years: model.years,
                    seed: model.seed,
                    mean: loss.mean,
                    shares: loss.shares.to_vec(),
                });
            }
            Err(wrong) => {
                let told =
                    |(name, code): LossWrong| (name.to_owned(), sentence(ctx.lang, code, &[]));
                view.errors = wrong.into_iter().map(told).collect();
            }
        }
    }
    let mut response = html(annex_page(&ctx.frame(Place::Risks), &view));
    if !view.errors.is_empty() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}
