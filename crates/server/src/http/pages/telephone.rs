//! The page of a telephone. It is the same for everyone: what stands in it of a telephone, the telephone
//! puts there, and the secret of an enrolment never comes here.

use super::super::ctx::{Answer, Ctx, html};
use crate::console::layout::Place;
use crate::console::telephone;

pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    let mut frame = ctx.frame(Place::Elsewhere);
    // A telephone is narrow, and its user has come for this page alone.
    frame.signed_in = None;
    frame.ledger = None;
    Ok(html(telephone::page(&frame)))
}
