//! Holding use against the plan, and recording what came of it.

use sekisho_domain::actor::Actor;
use sekisho_domain::command::{CaseFound, Command, Evaluated, PlanCommand};
use sekisho_domain::id::CaseId;
use sekisho_domain::plan::PlanEvaluated;
use sekisho_rules::trigger::{Against, Failing, Fired, Settled, evaluate, settle};
use sekisho_store::StoreError;

use super::measure;
use crate::app::{App, CommandError, fresh};

/// Cases that are recorded by one command.
const SLICE: usize = 100;

/// Why nothing was evaluated.
#[derive(Debug, thiserror::Error)]
pub enum EvaluateError {
    /// What was measured could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It could not be recorded.
    #[error(transparent)]
    Command(#[from] CommandError),
}

impl EvaluateError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Store(error) => error.code(),
            Self::Command(error) => error.code(),
        }
    }
}

/// What came of an evaluation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// Cases that were opened.
    pub opened: usize,
    /// Cases to which more came.
    pub grown: usize,
    /// Cases that are over.
    pub subsided: usize,
}

/// Holds use against the plan now, and records it; none where there is no plan.
///
/// # Errors
/// [`EvaluateError`]; what was recorded stays, and the next evaluation finds the rest.
pub fn evaluate_now(app: &App) -> Result<Option<Done>, EvaluateError> {
    if app.world().plan.current().is_none() {
        return Ok(None);
    }
    let (version, day, settled) = loop {
        let measured_by = app.world().plan.current().map(|it| it.version);
        let usage = measure(app, None)?;
        let world = app.world();
        let Some(against) = Against::of(&world.plan) else {
            return Ok(None);
        };
        if measured_by != Some(against.version.version) {
            // Who is admitted was read from another version than what use is held against.
            continue;
        }
        let before = world.plan.evaluated();
        let before = before.map_or_else(Failing::default, |(_, day)| Failing {
            whole: &day.failing,
            units: &day.failing_units,
        });
        let evaluation = evaluate(&usage, against, before);
        let settled = settle(&world.plan, &evaluation, &usage, against);
        let version = against.version.version;
        let day = PlanEvaluated {
            version,
            day: usage.day,
            body: evaluation.body,
            firing: u32::try_from(evaluation.fired.len()).unwrap_or(u32::MAX),
            unmeasured: evaluation.unmeasured,
            failing: evaluation.failing,
            failing_units: evaluation.failing_units,
        };
        break (version, day, settled);
    };
    record(app, version, day, &settled).map(Some)
}

/// Records what follows, and last the day: what is cut off in between is found again.
fn record(
    app: &App,
    version: u32,
    day: PlanEvaluated,
    settled: &Settled,
) -> Result<Done, EvaluateError> {
    let done = Done {
        opened: settled.found.len(),
        grown: settled.grown.len(),
        subsided: settled.subsided.len(),
    };
    let put = |part: Evaluated| {
        let command = Command::Plan(Box::new(PlanCommand::Evaluate(Box::new(part))));
        app.command_blocking(Actor::System, command, Vec::new())
    };
    let empty = || Evaluated {
        version,
        day: None,
        found: Vec::new(),
        grown: Vec::new(),
        moved: Vec::new(),
        subsided: Vec::new(),
    };
    for found in settled.found.chunks(SLICE) {
        let found = found.iter().map(named).collect::<Result<Vec<_>, _>>()?;
        put(Evaluated { found, ..empty() })?;
    }
    for grown in settled.grown.chunks(SLICE) {
        let grown = grown.to_vec();
        put(Evaluated { grown, ..empty() })?;
    }
    for moved in settled.moved.chunks(SLICE) {
        let moved = moved.to_vec();
        put(Evaluated { moved, ..empty() })?;
    }
    for subsided in settled.subsided.chunks(SLICE) {
        let subsided = subsided.to_vec();
        put(Evaluated {
            subsided,
            ..empty()
        })?;
    }
    let day = Some(day);
    put(Evaluated { day, ..empty() })?;
    Ok(done)
}

fn named(fired: &Fired) -> Result<CaseFound, StoreError> {
    Ok(CaseFound {
        case: CaseId::new(fresh()?),
        trigger: fired.trigger,
        scope: fired.scope,
        figures: fired.figures.clone(),
        high: fired.high,
    })
}
