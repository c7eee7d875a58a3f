//! Cases that call for a reassessment: a row for each figure, with what the case came to.

use sekisho_domain::field::{FieldKind, Values};
use sekisho_domain::id::UnitId;
use sekisho_domain::plan::{Case, CaseState, Conclusion, Measure, RiskLevel, Trigger};
use sekisho_domain::time::Timestamp;
use sekisho_messages::Lang;
use sekisho_tabular::Fault;

use super::{Column, List, day, row, said, said_if};
use crate::app::App;
use crate::tables::FileFormat;

const STATES: &[&str] = &["open", "late", "subsided", "closed"];

pub(super) const LIST: List = List(
    "case.title",
    &[
        Column::line("case", "listed.case"),
        Column::choice("trigger", Trigger::CODES, "case.trigger", "case.trigger"),
        Column::of("unit", FieldKind::Reference(UnitId::PREFIX), "listed.unit"),
        Column::choice("state", STATES, "listed.state", "case.state"),
        Column::of("opened_on", FieldKind::Date, "listed.opened_on"),
        Column::of("due_on", FieldKind::Date, "listed.due_on"),
        Column::choice("measure", Measure::CODES, "listed.measure", "plan.measure"),
        Column::line("subject", "listed.subject"),
        Column::line("value", "case.value"),
        Column::line("base", "case.base"),
        Column::line("level", "case.level"),
        Column::of("reassessed_on", FieldKind::Date, "listed.reassessed_on"),
        Column::choice("found", RiskLevel::CODES, "listed.found", "case.level"),
        Column::choice(
            "conclusion",
            Conclusion::CODES,
            "case.conclusion",
            "case.conclusion",
        ),
        Column::line("note", "listed.note"),
    ],
);

fn state(case: &Case, now: Timestamp) -> &'static str {
    match case.state {
        CaseState::Open if case.is_overdue(now) => "late",
        CaseState::Open => "open",
        CaseState::Subsided { .. } => "subsided",
        CaseState::Closed { .. } => "closed",
    }
}

fn rows(case: &Case, now: Timestamp) -> impl Iterator<Item = Values> {
    case.figures().iter().map(move |figure| {
        let found = case.reassessed();
        row([
            ("case", said(case.opened.case.to_string())),
            ("trigger", said(case.opened.trigger.code())),
            (
                "unit",
                said_if(case.opened.scope.unit().map(|it| it.to_string())),
            ),
            ("state", said(state(case, now))),
            ("opened_on", said(day(case.opened_at))),
            ("due_on", said(day(case.opened.due))),
            ("measure", said(figure.measure.code())),
            ("subject", said_if(figure.subject.as_deref())),
            ("value", said(figure.value.to_string())),
            ("base", said_if(figure.base.map(|it| it.to_string()))),
            ("level", said_if(figure.level.map(|it| it.to_string()))),
            ("reassessed_on", said_if(found.map(|(at, _)| day(at)))),
            ("found", said_if(found.map(|(_, it)| it.level.code()))),
            (
                "conclusion",
                said_if(found.map(|(_, it)| it.conclusion.code())),
            ),
            ("note", said_if(found.map(|(_, it)| it.note.as_str()))),
        ])
    })
}

/// Cases as a file. Which of them the reader may read was asked before.
///
/// # Errors
/// Cells that the format cannot hold.
pub fn cases(app: &App, cases: &[Case], form: (FileFormat, Lang)) -> Result<Vec<u8>, Vec<Fault>> {
    let now = app.now();
    let rows: Vec<Values> = cases.iter().flat_map(|case| rows(case, now)).collect();
    LIST.write(app, &rows, form)
}
