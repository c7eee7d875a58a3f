//! Widenings that are too many to be named one by one: a figure names the plan, and stands for all that it says.

use std::collections::BTreeSet;

use super::{Figure, FrozenLine, Measure, PlanVersion};
use crate::id::{PlanId, TaskId};

/// What stands in the place of a unit where everyone is admitted.
pub const EVERYONE: &str = "everyone";
/// What stands in the place of a place where a task may be done anywhere.
pub const ANYWHERE: &str = "anywhere";

/// What a figure stands for that names a plan (`pln_…`, or `tsk_…/pln_…` for one task): all that the plan says of who
/// may, or where, each as a figure of its own. Nothing where it names none, or one that is not known.
#[must_use]
pub fn stood_for(figure: &Figure, versions: &[PlanVersion]) -> Vec<Figure> {
    if !matches!(figure.measure, Measure::Admitted | Measure::PlaceAdmitted) {
        return Vec::new();
    }
    let subject = figure.subject.as_deref().unwrap_or_default();
    let (task, plan) = match subject.split_once('/') {
        Some((task, plan)) => (Some(task), plan),
        None => (None, subject),
    };
    let plan = plan.parse::<PlanId>().ok();
    let Some(place) = versions.iter().position(|it| Some(it.plan) == plan) else {
        return Vec::new();
    };
    let tasks: BTreeSet<TaskId> = match task {
        Some(task) => task.parse::<TaskId>().into_iter().collect(),
        // A task about which a plan has become silent is limited no longer.
        None => versions[..=place]
            .iter()
            .flat_map(|it| &it.content.lines)
            .map(|line| line.task)
            .collect(),
    };
    let said = versions[place].content.limits();
    let mut all = Vec::new();
    for task in tasks {
        let line = said.get(&task).cloned();
        let line = line.unwrap_or_else(FrozenLine::open);
        let named = named(&line, figure.measure).into_iter();
        all.extend(named.map(|what| Figure::found(figure.measure, format!("{task}/{what}"))));
    }
    all
}

fn named(line: &FrozenLine, measure: Measure) -> Vec<String> {
    if measure == Measure::Admitted {
        return match &line.units {
            None => vec![EVERYONE.to_owned()],
            Some(units) => units.iter().map(ToString::to_string).collect(),
        };
    }
    match &line.places {
        None => vec![ANYWHERE.to_owned()],
        Some(places) => places.iter().map(|it| it.code().to_owned()).collect(),
    }
}
