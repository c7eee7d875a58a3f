//! Risk assessments at work: where their inputs come from, freezing them with each draft, and reading them
//! again.

mod annex;
mod export;
mod measure;

use sekisho_domain::actor::Actor;
use sekisho_domain::command::{Command, Refusal, RiskCommand};
use sekisho_domain::event::BlobRef;
use sekisho_domain::id::RiskId;
use sekisho_domain::risk::{
    Inputs, RiskContent, RiskResult, RiskVersion, decode_inputs, encode_inputs,
};
use sekisho_ledger::digest::Digest;
use sekisho_rules::catalogue::Catalogue;
use sekisho_rules::risk::{METHOD, Replay, assess, replay};
use sekisho_store::StoreError;

pub use annex::{LOSS_FIELDS, LossAsked, LossWrong, three_figures, whole_yen};
pub use export::{RiskLine, export};
pub use measure::{MeasureError, measure};

use crate::app::{App, CommandError, Committed};

/// Whether a draft brings the inputs that it speaks of, and they come to the number that it states: whatever
/// way it came.
pub(crate) fn is_brought(command: &RiskCommand, documents: &[Vec<u8>]) -> Result<(), Refusal> {
    let RiskCommand::Write {
        content,
        frozen,
        result,
        ..
    } = command
    else {
        return Ok(());
    };
    let refused = || Refusal::new("record.refused");
    let [document] = documents else {
        return Err(refused());
    };
    let inputs = decode_inputs(document).ok_or_else(refused)?;
    // What is drafted now is put to the newest edition; older ones are for what was recorded by them.
    let is_it = inputs.method == METHOD
        && frozen.blob == Digest::of(document).to_string()
        && replay(document, result) == Replay::Same
        && says_the_same(&inputs, content);
    if is_it { Ok(()) } else { Err(refused()) }
}

/// Whether the inputs are those of what the author says.
fn says_the_same(inputs: &Inputs, content: &RiskContent) -> bool {
    inputs.subject == content.subject
        && inputs.grade == content.grade
        && inputs.places == content.places
        && inputs.answers == content.answers
        && inputs.raised == content.raised
        && inputs.lowered == content.lowered
}

/// Why nothing was drafted.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// What was measured could not be read.
    #[error(transparent)]
    Measure(#[from] MeasureError),
    /// It was refused, or could not be recorded.
    #[error(transparent)]
    Command(#[from] CommandError),
}

/// A frozen assessment, put to the method again.
#[derive(Clone, Debug)]
pub struct Reread {
    /// The inputs; none where the document is not there or not of this form.
    pub inputs: Option<Inputs>,
    /// Whether the same number came out.
    pub replay: Replay,
}

impl App {
    /// Writes a draft: measures what it rests on as it is now, puts that to the method and freezes it.
    ///
    /// # Errors
    /// [`WriteError`]; nothing has happened then.
    pub fn write_risk(
        &self,
        actor: Actor,
        catalogue: &Catalogue,
        (risk, expected): (RiskId, Option<u64>),
        content: RiskContent,
    ) -> Result<Committed, WriteError> {
        let inputs = measure(self, catalogue, &content)?;
        let result = assess(&inputs);
        let document = encode_inputs(&inputs);
        let frozen = BlobRef {
            blob: Digest::of(&document).to_string(),
            size: document.len() as u64,
        };
        let unit = self.world().risk_unit(&content, self.now());
        let command = Command::Risk(Box::new(RiskCommand::Write {
            risk,
            unit,
            content: Box::new(content),
            frozen,
            result: Box::new(result),
            expected,
        }));
        Ok(self.command_blocking(actor, command, vec![document])?)
    }

    /// Reads frozen inputs and puts them to the method again.
    ///
    /// # Errors
    /// The store's codes.
    pub fn reread_risk(
        &self,
        frozen: &BlobRef,
        recorded: &RiskResult,
    ) -> Result<Reread, StoreError> {
        let document = self.document(frozen)?;
        Ok(match document {
            None => Reread {
                inputs: None,
                replay: Replay::Unreadable,
            },
            Some(document) => Reread {
                inputs: decode_inputs(&document),
                replay: replay(&document, recorded),
            },
        })
    }
}

/// Approved assessments, the newest first.
#[must_use]
pub fn newest_first(all: impl IntoIterator<Item = RiskVersion>) -> Vec<RiskVersion> {
    let mut all: Vec<RiskVersion> = all.into_iter().collect();
    all.sort_by_key(|it| std::cmp::Reverse((it.approved_at, it.risk)));
    all
}
