//! What a file would do, and what was done.

use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html as markup};
use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::field::{Field, FieldKind};
use sekisho_domain::id::UnitId;
use sekisho_domain::register::EntryId;
use sekisho_messages::t;
use sekisho_tabular::Fault as CellFault;

use super::super::super::super::ctx::{Answer, Ctx, html, redirect};
use super::super::super::super::fault::Fault;
use super::super::super::{localised, refused_with, sentence, unit_name};
use super::super::referents::Things;
use super::super::{entry_path, title as entry_title};
use super::rows::{self, Row};
use super::{import_path, import_trail, mapping, own, place, title, upload_path};
use crate::console::fields::{Words, changes as field_changes};
use crate::console::register::LinkTo;
use crate::console::register::import::{
    DoneView, FaultRow, Outcome, ResultView, RowChange, done_page, result_page,
};
use crate::tables::desk::{Again, Done, Overtaken, State, Upload};
use crate::tables::{Prepared, TableOf, fault_text};

/// Cells at fault and rows that one page shows; the rest is in the files.
const SHOWN: usize = 50;

pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    let (_, upload) = own(ctx)?;
    page(ctx, &upload, |_| ()).map(|(response, _)| response)
}

/// The page again, with what is wrong with the name of a profile.
pub(super) fn again(ctx: &Ctx, upload: &Upload, profile: &str, said: String) -> Answer {
    let (response, _) = page(ctx, upload, |view| {
        if let Some(mapping) = &mut view.mapping {
            profile.clone_into(&mut mapping.profile);
            mapping.profile_error = Some(said);
            mapping.open = true;
        }
    })?;
    Ok(unprocessable(response))
}

/// The page again, because nothing was confirmed.
pub(super) fn unconfirmed(ctx: &Ctx, upload: &Upload) -> Answer {
    let (response, ready) = page(ctx, upload, |view| {
        view.error = Some(sentence(ctx.lang, "upload.unconfirmed", &[]));
    })?;
    Ok(if ready {
        unprocessable(response)
    } else {
        response
    })
}

fn unprocessable(mut response: Response) -> Response {
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    response
}

/// The page, and whether it asks for a confirmation.
fn page(
    ctx: &Ctx,
    upload: &Upload,
    with: impl FnOnce(&mut ResultView),
) -> Result<(Response, bool), Fault> {
    let frame = ctx.frame(place::place(upload.of));
    let mut view = match upload.state() {
        State::Done(done) => {
            let view = done_view(ctx, upload, &done);
            return Ok((html(done_page(&frame, &view)), false));
        }
        State::Waiting | State::Working(_) | State::Storing => {
            return Ok((redirect(&upload_path(upload)), false));
        }
        State::Unreadable { faults, sheets } => ResultView {
            all_faults: faults.len(),
            faults: fault_rows(ctx, &faults),
            sheets: sheets.as_ref().clone(),
            ..bare(ctx, upload)?
        },
        State::Failed(code) => ResultView {
            all_faults: 1,
            faults: vec![FaultRow {
                cell: None,
                row: None,
                said: sentence(ctx.lang, &code, &[]),
            }],
            ..bare(ctx, upload)?
        },
        State::Looked { prepared, again } => looked(ctx, upload, &prepared, again.as_ref())?,
    };
    with(&mut view);
    Ok((html(result_page(&frame, &view)), view.ready))
}

fn bare(ctx: &Ctx, upload: &Upload) -> Result<ResultView, Fault> {
    Ok(ResultView {
        trail: import_trail(ctx.lang, upload.of),
        title: title(ctx.lang, upload.of),
        name: upload.name.clone(),
        path: upload_path(upload),
        csrf: ctx.live()?.csrf(),
        outcome: Outcome::default(),
        again: None,
        faults: Vec::new(),
        all_faults: 0,
        rows: Vec::new(),
        mapping: None,
        sheets: Vec::new(),
        left_out: Vec::new(),
        vacated: Vec::new(),
        ready: false,
        error: None,
    })
}

fn looked(
    ctx: &Ctx,
    upload: &Upload,
    prepared: &Prepared,
    again: Option<&Again>,
) -> Result<ResultView, Fault> {
    let bare = bare(ctx, upload)?;
    let action = format!("{}/mapping", bare.path);
    let form = mapping::view(ctx.lang, prepared, action, bare.csrf.clone());
    Ok(ResultView {
        outcome: outcome(prepared),
        again: again.map(|it| told(ctx, it)),
        faults: fault_rows(ctx, &prepared.faults),
        all_faults: prepared.faults.len(),
        rows: changes(ctx, prepared, SHOWN),
        mapping: Some(form),
        left_out: prepared
            .left_out()
            .map(|it| it.replace('\n', " "))
            .collect(),
        vacated: vacated(ctx, prepared),
        ready: prepared.is_ready(),
        ..bare
    })
}

fn outcome(prepared: &Prepared) -> Outcome {
    Outcome {
        entered: prepared.entered(),
        changed: prepared.changed(),
        unchanged: prepared.unchanged,
        refused: prepared.refused,
    }
}

fn fault_rows(ctx: &Ctx, faults: &[CellFault]) -> Vec<FaultRow> {
    let row = |fault: &CellFault| FaultRow {
        cell: fault.place.map(|place| place.to_string()),
        row: fault.place.map(|place| place.row.saturating_add(1)),
        said: fault_text(ctx.lang, &fault.reason),
    };
    faults.iter().take(SHOWN).map(row).collect()
}

/// Rows with what changes in them, as it all stands now.
fn changes(ctx: &Ctx, prepared: &Prepared, most: usize) -> Vec<RowChange> {
    let rows = (0..prepared.plan.len()).filter_map(|place| rows::row(ctx, prepared, place));
    rows.take(most)
        .map(|row| change(ctx, prepared.of, row))
        .collect()
}

/// Posts that a list of moves leaves without a holder, with where they stand.
fn vacated(ctx: &Ctx, prepared: &Prepared) -> Vec<LinkTo> {
    let world = ctx.site.app.world();
    let posts = prepared.vacated.iter().filter_map(|id| world.posts.get(id));
    posts
        .map(|post| {
            let unit = unit_name(&world, post.unit);
            let title = localised(&post.title);
            LinkTo {
                label: format!("{} – {}", unit.get(ctx.lang), title.get(ctx.lang)),
                href: format!("/organisation/posts/{}", post.id),
                primary: false,
            }
        })
        .collect()
}

const UNIT: Field = Field {
    code: "unit",
    kind: FieldKind::Reference(UnitId::PREFIX),
    required: false,
    many: false,
};

fn change(ctx: &Ctx, of: TableOf, row: Row) -> RowChange {
    let own_unit = matches!(of, TableOf::Register(_)).then_some(UNIT);
    let fields: Vec<Field> = own_unit
        .into_iter()
        .chain(of.fields().iter().copied())
        .collect();
    let words = Words::register(of.code());
    let things = Things { ctx };
    let fields = match row.is_new {
        true => Vec::new(),
        false => {
            let values = (&row.before, &row.after);
            field_changes(ctx.lang, words, &fields, values, &things)
        }
    };
    RowChange {
        row: row.line,
        title: row.title,
        href: row.href,
        fields,
    }
}

/// Why a file was not stored, and what changed meanwhile.
fn told(ctx: &Ctx, again: &Again) -> (String, Vec<Markup>) {
    let called = |_: &str, text: &str| {
        let id: EntryId = text.parse().ok()?;
        let world = ctx.site.app.world();
        let entry = world.registers.entry(id)?;
        Some(entry_title(ctx.lang, entry))
    };
    let (_, said) = refused_with(ctx.lang, &again.error, &called);
    let item = |it: &Overtaken| {
        let known = {
            let world = ctx.site.app.world();
            let known = world.registers.entry(it.entry);
            known.map(|entry| (entry.register(), entry_title(ctx.lang, entry)))
        };
        let line = t!(ctx.lang, "tables.at_row", row = it.line);
        markup! {
            (line) " "
            @match known {
                Some((register, name)) => a href=(entry_path(register, it.entry)) { (name) },
                None => (it.entry),
            }
        }
    };
    (said, again.overtaken.iter().map(item).collect())
}

fn done_view(ctx: &Ctx, upload: &Upload, done: &Done) -> DoneView {
    let lang = ctx.lang;
    let link = |label: std::borrow::Cow<'static, str>, href: String, primary| LinkTo {
        label: label.into_owned(),
        href,
        primary,
    };
    DoneView {
        trail: import_trail(lang, upload.of),
        title: title(lang, upload.of),
        name: upload.name.clone(),
        outcome: Outcome {
            entered: done.entered,
            changed: done.changed,
            unchanged: done.unchanged,
            refused: 0,
        },
        record: done.record,
        linked: ctx.may(Action::ReadLedger, Subject::Body),
        at: done.at,
        links: vec![
            link(t!(lang, "tables.to_list"), place::list(upload.of), true),
            link(t!(lang, "tables.another"), import_path(upload.of), false),
        ],
    }
}
