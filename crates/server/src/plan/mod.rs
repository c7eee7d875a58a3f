//! The plan of telework at work: where its measures come from, the daily evaluation, and approval with
//! the baseline that it freezes.

mod device_checks;
mod discovered;
mod evaluate;
mod keeper;
mod measure;
mod platforms;
mod registers;
mod stays;
mod structure;
mod table;
mod telework_days;
mod uses;

use sekisho_domain::actor::Actor;
use sekisho_domain::command::{Command, PlanCommand, Refusal};
use sekisho_domain::event::BlobRef;
use sekisho_domain::id::PlanId;
use sekisho_domain::name::Line;
use sekisho_domain::plan::{decode_baseline, encode_baseline};
use sekisho_domain::time::Timestamp;
use sekisho_ledger::digest::Digest;
use sekisho_rules::trigger::freeze;

pub(crate) use device_checks::{Machine, gateway_machines};
pub use evaluate::{Done, EvaluateError, evaluate_now};
pub use keeper::awaits_gateways;
pub use measure::measure;
pub use table::PlanTable;

use crate::app::{App, CommandError, Committed};

/// Whether an approval brings the baseline that it speaks of, and it reads back: whatever way it came.
pub(crate) fn is_brought(command: &PlanCommand, documents: &[Vec<u8>]) -> Result<(), Refusal> {
    let PlanCommand::Approve { baseline, .. } = command else {
        return Ok(());
    };
    let [document] = documents else {
        return Err(Refusal::new("record.refused"));
    };
    let is_it = baseline.blob == Digest::of(document).to_string();
    if is_it && decode_baseline(document).is_some() {
        Ok(())
    } else {
        Err(Refusal::new("record.refused"))
    }
}

impl App {
    /// Approves what is proposed: measures use as it is now and freezes it with the plan.
    ///
    /// # Errors
    /// [`CommandError`]; nothing has happened then.
    pub fn approve_plan(
        &self,
        actor: Actor,
        plan: PlanId,
        expected: Option<u64>,
        until: Option<Timestamp>,
        answer: Option<Line>,
    ) -> Result<Committed, CommandError> {
        let store = |error| CommandError::Store(std::sync::Arc::new(error));
        let content = {
            let world = self.world();
            let work = world.plan.work.as_ref().filter(|work| work.plan == plan);
            let work = work.ok_or_else(|| Refusal::new("plan.not-in-work"))?;
            std::sync::Arc::clone(&work.content)
        };
        let usage = measure(self, Some(&content)).map_err(store)?;
        let document = {
            let world = self.world();
            let before = world.plan.baseline.as_deref().zip(world.plan.current());
            let before = before.map(|(before, current)| before.with_lines_of(&current.content));
            let accepted = world.plan.accepted.as_slice();
            let before = before.as_deref().map(|before| (before, accepted));
            encode_baseline(&freeze(&usage, &content, before))
        };
        let baseline = BlobRef {
            blob: Digest::of(&document).to_string(),
            size: document.len() as u64,
        };
        let command = Command::Plan(Box::new(PlanCommand::Approve {
            plan,
            expected,
            until,
            baseline,
            answer,
        }));
        self.command_blocking(actor, command, vec![document])
    }
}
