//! Rules at work: what is counted under their clauses, what conflicts with them, what stands with the
//! promotion body's opinions, and rules as files.

mod effect;
mod file;
mod markdown;
mod opinion;

use sekisho_domain::command::{OpinionCommand, Refusal, RuleCommand};
use sekisho_domain::opinion::{decode_conflicts, decode_technical};
use sekisho_domain::rule::decode_effect;
use sekisho_ledger::digest::Digest;

pub use effect::{EffectError, counted};
pub use file::RuleTable;
pub use markdown::{MarkdownFault, Read, read_markdown, write_markdown};
pub use opinion::{Exhibits, OpinionSaid, exhibits, found};

/// Whether a conclusion brings what was counted, and it reads back: whatever way it came.
pub(crate) fn is_brought(command: &RuleCommand, documents: &[Vec<u8>]) -> Result<(), Refusal> {
    let RuleCommand::Check {
        rule,
        version,
        report,
        ..
    } = command
    else {
        return Ok(());
    };
    let [document] = documents else {
        return Err(Refusal::new("record.refused"));
    };
    let is_it = report.blob == Digest::of(document).to_string();
    let read = decode_effect(document).filter(|_| is_it);
    match read {
        Some(read) if (read.rule, read.version) == (*rule, *version) => Ok(()),
        _ => Err(Refusal::new("record.refused")),
    }
}

/// Whether an opinion brings the two documents that it speaks of, and its numbers are theirs.
pub(crate) fn are_brought(command: &OpinionCommand, documents: &[Vec<u8>]) -> Result<(), Refusal> {
    let OpinionCommand::Give { opinion } = command else {
        return Ok(());
    };
    let refused = || Refusal::new("record.refused");
    let [consistency, technical] = documents else {
        return Err(refused());
    };
    let named = opinion.consistency.blob == Digest::of(consistency).to_string()
        && opinion.technical.blob == Digest::of(technical).to_string();
    let conflicts = decode_conflicts(consistency).filter(|_| named);
    let conflicts = conflicts.ok_or_else(refused)?;
    let technical = decode_technical(technical).ok_or_else(refused)?;
    let contradictions = conflicts.lines.iter().filter(|it| it.contradiction).count();
    let told = usize::try_from(opinion.contradictions).unwrap_or(usize::MAX) >= contradictions;
    if told && usize::try_from(opinion.results) == Ok(technical.results.len()) {
        Ok(())
    } else {
        Err(refused())
    }
}
