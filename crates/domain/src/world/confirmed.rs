//! Whether an exception was found to work: by a review of its own, or of one that it goes on with.

use super::World;
use crate::exception::{ExceptionRecord, Judgement, Outcome};
use crate::id::PermitId;

impl World {
    /// The exception by whose review the effect of one stands confirmed: its own, or that of one before it. Applied
    /// for anew, what was found to work would otherwise run on as an exception that nobody knows anything of.
    ///
    /// Of each the newest review counts, whatever was found before, and what was found of a later one goes before
    /// what was found of an earlier one. That it does not work settles it, and so does that one of them became
    /// ordinary operation. That it cannot be told yet does not where one before it was found to work: it is said of
    /// its own days alone, and takes nothing back. Nor does an end, by whatever way, while another goes on with it.
    #[must_use]
    pub fn exception_confirmed(&self, permit: PermitId) -> Option<PermitId> {
        for (id, record) in self.exception_line(permit) {
            if matches!(record.outcome, Some(Outcome::Regularised { .. })) {
                return None;
            }
            let newest = record.reviews.last().map(|review| review.judgement);
            match newest {
                Some(Judgement::Effective) => return Some(id),
                Some(Judgement::NotEffective) => return None,
                Some(Judgement::NotClear) | None => {}
            }
        }
        None
    }

    /// An exception and those that it goes on with, the newest first. Each was given before the one that goes on
    /// with it, so that there is an end.
    fn exception_line(
        &self,
        permit: PermitId,
    ) -> impl Iterator<Item = (PermitId, &ExceptionRecord)> {
        let all = &self.exceptions;
        let known = move |id: PermitId| Some((id, all.get(&id)?));
        std::iter::successors(known(permit), move |(_, record)| known(record.follows?))
    }
}
