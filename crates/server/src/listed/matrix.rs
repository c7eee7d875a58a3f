//! The conference matrix: a row for each tool, for each host what may be handled and what must be minded
//! (notices, 4). A cell that nobody decided stays blank.

use sekisho_domain::field::Values;
use sekisho_domain::name::Line;
use sekisho_domain::register::ConferenceTool;
use sekisho_domain::register::conference_tool::{Ceiling, ConferenceScope, MeetingHost};
use sekisho_messages::Lang;
use sekisho_tabular::Fault;

use super::{Column, List, row, said, said_if};
use crate::app::App;
use crate::tables::FileFormat;

pub(super) const LIST: List = List(
    "services.matrix",
    &[
        Column::line("tool", "services.tool"),
        Column::choice(
            "scope",
            ConferenceScope::CODES,
            "register.conference_tool.scope",
            "register.conference_tool.scope",
        ),
        Column::choice(
            "own",
            Ceiling::CODES,
            "register.conference_tool.own",
            "register.conference_tool.own",
        ),
        Column::line(
            "own_restriction",
            "register.conference_tool.own_restriction",
        ),
        Column::choice(
            "contractor",
            Ceiling::CODES,
            "register.conference_tool.contractor",
            "register.conference_tool.contractor",
        ),
        Column::line(
            "contractor_restriction",
            "register.conference_tool.contractor_restriction",
        ),
        Column::choice(
            "external",
            Ceiling::CODES,
            "register.conference_tool.external",
            "register.conference_tool.external",
        ),
        Column::line(
            "external_restriction",
            "register.conference_tool.external_restriction",
        ),
        Column::choice(
            "individual",
            Ceiling::CODES,
            "register.conference_tool.individual",
            "register.conference_tool.individual",
        ),
        Column::line(
            "individual_restriction",
            "register.conference_tool.individual_restriction",
        ),
    ],
);

fn values(tool: &ConferenceTool) -> Values {
    let ceiling = |host| said_if(tool.ceiling(host).map(Ceiling::code));
    // What is said for all hosts holds where a host has nothing of its own.
    let minded = |host| said_if(tool.restriction(host).map(Line::as_str));
    row([
        ("tool", said(tool.name.as_str())),
        ("scope", said(tool.scope.code())),
        ("own", ceiling(MeetingHost::Own)),
        ("own_restriction", minded(MeetingHost::Own)),
        ("contractor", ceiling(MeetingHost::Contractor)),
        ("contractor_restriction", minded(MeetingHost::Contractor)),
        ("external", ceiling(MeetingHost::External)),
        ("external_restriction", minded(MeetingHost::External)),
        ("individual", ceiling(MeetingHost::Individual)),
        ("individual_restriction", minded(MeetingHost::Individual)),
    ])
}

/// The matrix of the tools in use as a file.
///
/// # Errors
/// Cells that the format cannot hold.
pub fn matrix(app: &App, form: (FileFormat, Lang)) -> Result<Vec<u8>, Vec<Fault>> {
    let rows: Vec<Values> = {
        let world = app.world();
        let tools = world.registers.nouns::<ConferenceTool>();
        tools.map(|(_, tool)| values(tool)).collect()
    };
    LIST.write(app, &rows, form)
}
