//! The conference matrix: for each tool and host, what may be handled and what must be minded (notices, 4).

use maud::{Markup, html as markup};
use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::register::conference_tool::{Ceiling, ConferenceScope, MeetingHost};
use sekisho_domain::register::{ConferenceTool, Entry, Register};
use sekisho_messages::{Lang, t, text};

use super::super::super::ctx::{Answer, Ctx, html};
use super::super::register::{entry_path, list, title};
use crate::console::components::{Column, Tone, alert, cell, empty_state, row_header, table};
use crate::console::layout::{Place, page as frame_page, titled};
use crate::console::listed::files;
use crate::console::register::links;

pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    ctx.gate(Action::ReadRegisters, Subject::Body)?;
    let lang = ctx.lang;
    let tools: Vec<(Entry, ConferenceTool)> = {
        let world = ctx.site.app.world();
        let all = world.registers.nouns::<ConferenceTool>();
        all.map(|(entry, tool)| (entry.clone(), tool.clone()))
            .collect()
    };
    let open = tools.iter().filter(|(_, tool)| !tool.is_decided()).count();
    let name = t!(lang, "services.matrix");
    let enters = list::may_enter(ctx, Register::ConferenceTool);
    let beside = markup! {
        @if !tools.is_empty() { (links(&files(lang, "/conferences"))) }
        @if enters { p class="actions" { a class="button button--secondary" href="/registers/conference_tool/new" { (t!(lang, "services.enter_tool")) } } }
    };
    let main = markup! {
        (titled(&[], &markup! { (name) }, &markup! { (t!(lang, "services.matrix_lead")) }, &beside))
        @if open > 0 {
            (alert(Tone::Warning, &t!(lang, "services.matrix_blank", n = open), &markup! { p { (t!(lang, "services.matrix_blank_how")) } }))
        }
        @if tools.is_empty() { (empty_state(&t!(lang, "services.no_tools"), &t!(lang, "services.no_tools_how"))) }
        @else { (grid(ctx, &tools)) }
    };
    Ok(html(frame_page(
        &ctx.frame(Place::Conferences),
        &name,
        &main,
    )))
}

fn grid(ctx: &Ctx, tools: &[(Entry, ConferenceTool)]) -> Markup {
    let lang = ctx.lang;
    let mut columns = vec![Column::text(t!(lang, "services.tool"))];
    columns.extend(
        MeetingHost::ALL
            .iter()
            .map(|host| Column::text(host_of(lang, *host))),
    );
    let row = |(entry, tool): &(Entry, ConferenceTool)| {
        let mut cells = vec![row_header(
            &columns[0],
            &markup! {
                a href=(entry_path(Register::ConferenceTool, entry.id)) { (title(lang, entry)) }
                br; span class="small muted" { (scope(lang, tool.scope)) }
            },
        )];
        for (host, column) in MeetingHost::ALL.iter().zip(&columns[1..]) {
            cells.push(cell(column, &of_host(lang, tool, *host)));
        }
        cells
    };
    let rows: Vec<Vec<Markup>> = tools.iter().map(row).collect();
    markup! { div class="matrix" { (table(&t!(lang, "services.matrix"), &columns, &rows)) } }
}

/// Who hosts a meeting.
pub(super) fn host_of(lang: Lang, host: MeetingHost) -> std::borrow::Cow<'static, str> {
    text(lang, format!("services.host.{}", host.code()), &[])
}

fn scope(lang: Lang, scope: ConferenceScope) -> std::borrow::Cow<'static, str> {
    text(
        lang,
        format!("register.conference_tool.scope.{}", scope.code()),
        &[],
    )
}

/// A cell of the matrix: the ceiling as a mark, the restriction below it.
pub(super) fn of_host(lang: Lang, tool: &ConferenceTool, host: MeetingHost) -> Markup {
    let Some(ceiling) = tool.ceiling(host) else {
        return markup! { span class="state state--bad" { (t!(lang, "services.undecided")) } };
    };
    let class = match ceiling {
        Ceiling::Forbidden => "state state--over",
        Ceiling::C1 => "grade grade--c1",
        Ceiling::C2 => "grade grade--c2",
        Ceiling::C3 => "grade grade--c3",
    };
    markup! {
        div class="values" {
            span { span class=(class) { (text(lang, format!("services.ceiling.{}", ceiling.code()), &[])) } }
            @if ceiling != Ceiling::Forbidden {
                @match tool.restriction(host) {
                    Some(restriction) => span class="small" { (restriction.as_str()) },
                    None => span class="small" { span class="state state--bad" { (t!(lang, "services.restriction_undecided")) } },
                }
            }
        }
    }
}
