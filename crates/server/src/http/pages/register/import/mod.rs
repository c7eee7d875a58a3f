//! Importing a table file: the file is brought in, looked through beside the page,
//! shown for what it would do, and stored when it is confirmed.

pub(in crate::http) mod lists;
mod mapping;
pub(in crate::http::pages) mod place;
pub(in crate::http) mod profiles;
pub(in crate::http) mod result;
mod rows;

use std::sync::Arc;

use axum::http::StatusCode;
use sekisho_domain::time::{TimeError, Timestamp, parse_date};
use sekisho_messages::{Lang, t};
use sekisho_tabular::fault::cut;

use super::super::super::ctx::{Answer, Ctx, html, redirect};
use super::super::super::fault::Fault;
use super::super::super::form::Form;
use super::super::super::multipart::Multipart;
use super::super::sentence;
use crate::console::components::instant;
use crate::console::register::import::{
    AskView, SavedProfile, StatusView, UnderWay, ask_page, status_page,
};
use crate::tables::desk::{DeskError, FILE_MAX, NewUpload, State, Upload};
use crate::tables::{Given, Stage, TableOf, may_import};

/// Whether the reader may bring in what the path names.
pub(in crate::http) fn gated(ctx: &Ctx) -> Result<(), Fault> {
    table_of(ctx).map(|_| ())
}

/// What the path names, where the reader may bring it in and it can be brought in at all.
fn table_of(ctx: &Ctx) -> Result<TableOf, Fault> {
    let of = TableOf::from_code(ctx.parameter("register")).ok_or_else(Fault::not_found)?;
    ctx.live()?;
    may_import(&ctx.site.app, &ctx.actor()?, of)
        .map_err(|denied| Fault::denied(denied, of.keep()))?;
    if !of.is_imported() {
        // What is told in people's own words is told by them.
        return Err(Fault::new(StatusCode::CONFLICT, "entry.words-required"));
    }
    Ok(of)
}

/// Where files of a kind are brought in, for those who may.
pub(in crate::http::pages) fn open_at(ctx: &Ctx, of: TableOf) -> Option<String> {
    let actor = ctx.actor().ok()?;
    let open = of.is_imported() && may_import(&ctx.site.app, &actor, of).is_ok();
    open.then(|| import_path(of))
}

/// The reader's own file that the path names.
fn own(ctx: &Ctx) -> Result<(TableOf, Arc<Upload>), Fault> {
    let of = table_of(ctx)?;
    let person = ctx.live()?.person;
    let desk = &ctx.site.desk_of_files;
    let found = desk.find(ctx.parameter("upload"), person, ctx.now);
    let upload = found.filter(|it| it.of == of);
    let gone = || Fault::new(StatusCode::NOT_FOUND, "upload.gone");
    Ok((of, upload.ok_or_else(gone)?))
}

fn title(lang: Lang, of: TableOf) -> String {
    t!(lang, "tables.title", register = place::name(lang, of)).into_owned()
}

/// The path of an import.
fn import_path(of: TableOf) -> String {
    format!("/registers/{}/import", of.code())
}

fn upload_path(upload: &Upload) -> String {
    format!("{}/{}", import_path(upload.of), upload.id)
}

fn import_trail(lang: Lang, of: TableOf) -> Vec<(String, String)> {
    let mut list = place::trail(lang, of);
    list.push((t!(lang, "tables.import").into_owned(), import_path(of)));
    list
}

pub(in crate::http) fn ask(ctx: &Ctx) -> Answer {
    let of = table_of(ctx)?;
    render(ctx, of, "", None)
}

/// The page, with what was entered as the day and what is wrong: at the file, or at the day.
fn render(ctx: &Ctx, of: TableOf, on: &str, error: Option<(&'static str, String)>) -> Answer {
    let lang = ctx.lang;
    let live = ctx.live()?;
    let profiles = profiles::of(ctx, of)?;
    let under_way = ctx.site.desk_of_files.of(live.person, of, ctx.now);
    let view = AskView {
        trail: place::trail(lang, of),
        title: title(lang, of),
        path: import_path(of),
        csrf: live.csrf(),
        mebibytes: FILE_MAX / 1024 / 1024,
        rows: of.rows_max(),
        day: (of == TableOf::Moves).then(|| on.to_owned()),
        profiles: profiles
            .into_iter()
            .map(|it| SavedProfile {
                name: it.name,
                saved: instant(lang, it.saved_at),
            })
            .collect(),
        under_way: under_way
            .iter()
            .map(|it| UnderWay {
                name: it.name.clone(),
                href: upload_path(it),
                state: state_word(lang, &it.state()),
            })
            .collect(),
        example: format!("/registers/{}/export?format=xlsx", of.code()),
        error,
    };
    let status = match view.error {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let mut response = html(ask_page(&ctx.frame(place::place(of)), &view));
    *response.status_mut() = status;
    Ok(response)
}

/// How far a file has come, in words.
fn state_word(lang: Lang, state: &State) -> String {
    match state {
        State::Waiting => t!(lang, "tables.waiting"),
        State::Working(Stage::Reading) => t!(lang, "import.stage.reading"),
        State::Working(Stage::Checking { .. }) => t!(lang, "import.stage.checking"),
        State::Working(Stage::Storing) | State::Storing => t!(lang, "import.stage.storing"),
        State::Looked { prepared, .. } if prepared.is_ready() => t!(lang, "tables.to_confirm"),
        State::Unreadable { .. } | State::Looked { .. } | State::Failed(_) => {
            t!(lang, "tables.to_correct")
        }
        State::Done(_) => t!(lang, "import.carried-out"),
    }
    .into_owned()
}

/// Takes a file in and leads to the page that waits for it.
pub(in crate::http) fn take(ctx: &Ctx, form: &Multipart<'_>) -> Answer {
    let of = table_of(ctx)?;
    let person = ctx.live()?.person;
    let entered = form.get("on").trim();
    let again = |at: &'static str, said: String| render(ctx, of, entered, Some((at, said)));
    let Some(file) = form.file("file") else {
        return again("file", sentence(ctx.lang, "upload.no-file", &[]));
    };
    if file.bytes.is_empty() {
        return again("file", t!(ctx.lang, "import.fault.file.empty").into_owned());
    }
    if file.bytes.len() > FILE_MAX {
        return Err(super::super::super::upload::NotTaken::TooLarge.into());
    }
    let Ok(on) = day(entered) else {
        return again("on", sentence(ctx.lang, "time.date-form", &[]));
    };
    ctx.site
        .files
        .take(person, ctx.now.as_millis())
        .map_err(|wait| Fault::too_many("http.busy", wait))?;
    let mapping = profiles::chosen(ctx, of, form.get("profile"))?;
    let new = NewUpload {
        owner: person,
        of,
        name: cut(file.name),
        bytes: file.bytes.to_vec(),
        given: Given { mapping, on },
    };
    match ctx.site.desk_of_files.take(&ctx.site.app, new) {
        Ok(upload) => {
            ctx.site.clear_desk_later();
            Ok(redirect(&upload_path(&upload)))
        }
        Err(DeskError::Full) => again("file", sentence(ctx.lang, "upload.desk-full", &[])),
        Err(DeskError::Store(error)) => Err(error.into()),
    }
}

/// The beginning of a day; none where nothing is entered.
fn day(entered: &str) -> Result<Option<Timestamp>, TimeError> {
    if entered.is_empty() {
        return Ok(None);
    }
    Timestamp::start_of_jst_day(parse_date(entered)?).map(Some)
}

/// The page that waits for a file; what is over leads to what came of it.
pub(in crate::http) fn status(ctx: &Ctx) -> Answer {
    let (of, upload) = own(ctx)?;
    let state = upload.state();
    if !state.is_at_work() {
        return Ok(redirect(&format!("{}/result", upload_path(&upload))));
    }
    let lang = ctx.lang;
    let view = StatusView {
        trail: import_trail(lang, of),
        title: title(lang, of),
        name: upload.name.clone(),
        path: upload_path(&upload),
        what: state_word(lang, &state),
        counts: match state {
            State::Working(Stage::Checking { done, of }) => Some((done, of)),
            _ => None,
        },
    };
    let frame = ctx.waiting_frame(place::place(of));
    Ok(html(status_page(&frame, &view)))
}

/// Looks through a file anew by the mapping of the form, and saves it where it has a name.
pub(in crate::http) fn look_again(ctx: &Ctx, form: &Form) -> Answer {
    let (of, upload) = own(ctx)?;
    let mapping = match upload.state() {
        State::Looked { prepared, .. } => mapping::entered(&prepared, form),
        State::Unreadable { sheets, .. } => mapping::of_sheet(&sheets, form),
        _ => return Ok(redirect(&upload_path(&upload))),
    };
    let profile = form.get("profile").trim();
    if !profile.is_empty()
        && let Err(said) = profiles::save(ctx, of, profile, &mapping)?
    {
        return result::again(ctx, &upload, profile, said);
    }
    let app = &ctx.site.app;
    ctx.site.desk_of_files.look_again(app, &upload, mapping);
    Ok(redirect(&upload_path(&upload)))
}

/// Stores what a file would do.
pub(in crate::http) fn confirm(ctx: &Ctx, form: &Form) -> Answer {
    let (_, upload) = own(ctx)?;
    if form.get("confirmed") != "yes" {
        return result::unconfirmed(ctx, &upload);
    }
    ctx.site.desk_of_files.carry_out(&ctx.site.app, &upload);
    Ok(redirect(&upload_path(&upload)))
}

/// Takes a file off the desk.
pub(in crate::http) fn discard(ctx: &Ctx, _form: &Form) -> Answer {
    let (of, upload) = own(ctx)?;
    let person = ctx.live()?.person;
    ctx.site.desk_of_files.discard(&upload.id, person);
    Ok(redirect(&import_path(of)))
}
