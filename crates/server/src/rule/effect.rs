//! What is counted under the clauses of a rule, and the conclusion that is drawn from it.

use sekisho_domain::actor::Actor;
use sekisho_domain::command::{Command, Refusal, RuleCommand};
use sekisho_domain::event::BlobRef;
use sekisho_domain::id::RuleId;
use sekisho_domain::name::Line;
use sekisho_domain::rule::{
    ClauseNumber, EffectReport, Finding, RULE_CHECK_DAYS, decode_effect, encode_effect,
};
use sekisho_domain::time::{Interval, Span, Timestamp};
use sekisho_ledger::digest::Digest;
use sekisho_rules::effect::{Forbidden, effect};
use sekisho_store::StoreError;
use sekisho_store::observations::Retention;

use crate::app::{App, CommandError, Committed};

/// Why nothing was counted.
#[derive(Debug, thiserror::Error)]
pub enum EffectError {
    /// The store does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No version of the rule is in force.
    #[error("the rule is not in force")]
    NotInForce,
}

/// How often policies forbade something from an instant until now.
fn forbidden(app: &App, from: Timestamp, now: Timestamp) -> Result<Forbidden, StoreError> {
    let kept = Span::days(u32::try_from(Retention::default().decisions).unwrap_or_default());
    // What was refused in this very millisecond has happened.
    let until = now.as_millis().saturating_add(1);
    let rows = app
        .observations()
        .refusals_by_rules((from.as_millis(), until))?;
    let mut found = Forbidden {
        whole: now.before(kept) <= from,
        ..Forbidden::default()
    };
    for (rules, times) in rows {
        let rules: Vec<String> = serde_json::from_str(&rules).unwrap_or_default();
        for rule in rules {
            let count = found.counts.entry(rule).or_default();
            *count = count.saturating_add(times);
        }
    }
    Ok(found)
}

/// Counts what happened under the clauses of the version of a rule that is in force, within so many days;
/// within a year unless said.
///
/// # Errors
/// [`EffectError`].
pub fn counted(app: &App, rule: RuleId, days: Option<u32>) -> Result<EffectReport, EffectError> {
    let now = app.now();
    let days = days.unwrap_or(RULE_CHECK_DAYS).clamp(1, 3_660);
    let from = now.before(Span::days(days));
    let forbidden = forbidden(app, from, now)?;
    let world = app.world();
    let document = world.rules.documents.get(&rule);
    let version = document.and_then(|it| it.in_force(now));
    let version = version.ok_or(EffectError::NotInForce)?;
    let within = Interval {
        from,
        until: Some(now),
    };
    Ok(EffectReport {
        rule,
        version: version.version,
        from,
        until: now,
        clauses: effect(&world, (rule, &version.content), &within, Some(&forbidden)),
    })
}

impl App {
    /// Records what was concluded of a rule, with what was counted: the very report that its author has seen.
    ///
    /// # Errors
    /// [`CommandError`]; nothing has happened then.
    pub fn check_rule(
        &self,
        actor: Actor,
        report: &EffectReport,
        finding: Finding,
        note: Line,
    ) -> Result<Committed, CommandError> {
        let document = encode_effect(report);
        debug_assert!(decode_effect(&document).is_some());
        let blob = BlobRef {
            blob: Digest::of(&document).to_string(),
            size: document.len() as u64,
        };
        let command = Command::Rule(Box::new(RuleCommand::Check {
            rule: report.rule,
            version: report.version,
            finding,
            note,
            report: blob,
        }));
        self.command_blocking(actor, command, vec![document])
    }

    /// Counts anew and records what was concluded of it.
    ///
    /// # Errors
    /// [`CommandError`]; nothing has happened then.
    pub fn conclude_rule(
        &self,
        actor: Actor,
        rule: RuleId,
        finding: Finding,
        note: Line,
    ) -> Result<Committed, CommandError> {
        match counted(self, rule, None) {
            Ok(report) => self.check_rule(actor, &report, finding, note),
            Err(EffectError::NotInForce) => Err(Refusal::new("rule.not-in-force").into()),
            Err(EffectError::Store(error)) => Err(CommandError::Store(std::sync::Arc::new(error))),
        }
    }

    /// The number that the next new clause of a rule gets, given those of its draft.
    #[must_use]
    pub fn next_clause(&self, rule: RuleId, drafted: u32) -> ClauseNumber {
        let world = self.world();
        let adopted = world.rules.documents.get(&rule);
        let last = adopted.map_or(0, |it| it.last_clause).max(drafted);
        ClauseNumber(std::num::NonZeroU32::MIN.saturating_add(last))
    }
}
