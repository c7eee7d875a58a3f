//! Unease (不安): what people told, incidents, detections, checks that fail ([`failing`]), exceptions that stay.

use std::collections::BTreeMap;

use sekisho_domain::id::TaskId;
use sekisho_domain::plan::{CaseScope, Figure, Measure, Trigger};
use sekisho_domain::time::Span;

use super::level::beyond;
use super::{Found, Ground, failing};

/// From how many reports by staff about one task on.
const STAFF: u64 = 3;
/// Within how many days.
const STAFF_WITHIN: Span = Span::days(30);
/// For how many days an exception may run.
const EXCEPTION_DAYS: u64 = 90;
/// How often it may be made longer.
const EXCEPTION_RENEWED: u64 = 2;

fn concerns(ground: &Ground<'_>, found: &mut Found) {
    let officers = ground.against.accepted_subjects(Measure::OfficerConcern);
    let mut staff: BTreeMap<TaskId, u64> = BTreeMap::new();
    let within = ground.usage.at.before(STAFF_WITHIN);
    let since = |task: &str| {
        let key = (Trigger::Unease, CaseScope::Body);
        let about = (Measure::StaffConcerns, Some(task));
        let said = ground.accepted.last(key, about);
        said.map_or(within, |(at, _)| at.max(within))
    };
    for concern in &ground.usage.concerns {
        if concern.at < ground.against.first_at {
            continue;
        }
        let id = concern.id.to_string();
        if concern.officer {
            let is_open = |scope| !officers.has(scope, &id);
            let figure = Figure::found(Measure::OfficerConcern, id.clone());
            let of = (Trigger::Unease, concern.unit);
            found.add_where(of, &figure, false, is_open);
        } else if let Some(task) = concern.task
            && since(&task.to_string()) <= concern.at
        {
            *staff.entry(task).or_default() += 1;
        }
    }
    for (task, reports) in staff.into_iter().filter(|(_, reports)| *reports >= STAFF) {
        let figure = Figure {
            value: reports,
            level: Some(STAFF - 1),
            ..Figure::found(Measure::StaffConcerns, task.to_string())
        };
        let unit = ground.usage.tasks.get(&task).and_then(|it| it.unit);
        found.add_for(Trigger::Unease, unit, &figure, false);
    }
}

fn happened(ground: &Ground<'_>, found: &mut Found) {
    let known = ground.against.accepted_subjects(Measure::Incident);
    for incident in &ground.usage.incidents {
        let id = incident.id.to_string();
        if incident.at >= ground.against.first_at {
            let figure = Figure::found(Measure::Incident, id.clone());
            let (of, grave) = ((Trigger::Unease, incident.unit), incident.grave);
            found.add_where(of, &figure, grave, |scope| !known.has(scope, &id));
        }
    }
    let known = ground.against.accepted_subjects(Measure::Detection);
    for detection in &ground.usage.detections {
        if !known.has(CaseScope::Body, detection) {
            let figure = Figure::found(Measure::Detection, detection.clone());
            found.add(Trigger::Unease, CaseScope::Body, figure);
        }
    }
}

fn exceptions(ground: &Ground<'_>, found: &mut Found) {
    for exception in &ground.usage.exceptions {
        let subject = exception.permit.to_string();
        let scope = exception.unit.map_or(CaseScope::Body, CaseScope::Unit);
        let accepted = |measure| {
            let about = (measure, Some(subject.as_str()));
            let value = |scope| ground.accepted.value((Trigger::Unease, scope), about);
            value(scope).max(value(CaseScope::Body))
        };
        let figure = |measure, value, level| Figure {
            value,
            level: Some(level),
            ..Figure::found(measure, subject.clone())
        };
        // Accepted once, it is looked at again after as long a time.
        let long = accepted(Measure::ExceptionLong).map_or(0, |days| days) + EXCEPTION_DAYS;
        let long = figure(Measure::ExceptionLong, exception.days, long);
        let renewed = accepted(Measure::ExceptionRenewed);
        let renewed = renewed.unwrap_or(EXCEPTION_RENEWED - 1);
        let renewed = figure(Measure::ExceptionRenewed, exception.renewed, renewed);
        for figure in [long, renewed].into_iter().filter_map(beyond) {
            found.add_for(Trigger::Unease, exception.unit, &figure, false);
        }
    }
}

pub(super) fn find(ground: &Ground<'_>, found: &mut Found) {
    concerns(ground, found);
    happened(ground, found);
    failing::find(ground, found);
    exceptions(ground, found);
}
