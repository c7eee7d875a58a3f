//! Importing a table file into a register: the file is brought in, looked through beside the page,
//! shown for what it would do, and stored when it is confirmed.

pub(in crate::http) mod lists;
mod mapping;
pub(in crate::http) mod profiles;
pub(in crate::http) mod result;

use std::sync::Arc;

use axum::http::StatusCode;
use sekisho_domain::authorise::Subject;
use sekisho_domain::command::IMPORT_MAX;
use sekisho_domain::register::Register;
use sekisho_messages::{Lang, t};
use sekisho_tabular::fault::cut;

use super::super::super::ctx::{Answer, Ctx, html, redirect};
use super::super::super::fault::Fault;
use super::super::super::form::Form;
use super::super::super::multipart::Multipart;
use super::super::sentence;
use super::{asked, name, path, trail};
use crate::console::components::instant;
use crate::console::layout::Place;
use crate::console::register::import::{
    AskView, SavedProfile, StatusView, UnderWay, ask_page, status_page,
};
use crate::tables::Stage;
use crate::tables::desk::{DeskError, FILE_MAX, NewUpload, State, Upload};

/// Whether the reader may import into the register that the path names.
pub(in crate::http) fn may_import(ctx: &Ctx) -> Result<(), Fault> {
    register(ctx).map(|_| ())
}

/// The register, where the reader keeps the whole of it and it can be imported at all.
fn register(ctx: &Ctx) -> Result<Register, Fault> {
    let register = asked(ctx)?;
    ctx.gate(register.keep(), Subject::Body)?;
    if register.needs_words() {
        // What is told in people's own words is told by them.
        return Err(Fault::new(StatusCode::CONFLICT, "entry.words-required"));
    }
    Ok(register)
}

/// Whether the list of a register leads to its import.
pub(super) fn is_open(ctx: &Ctx, register: Register) -> bool {
    !register.needs_words() && ctx.may(register.keep(), Subject::Body)
}

/// The reader's own file that the path names.
fn own(ctx: &Ctx) -> Result<(Register, Arc<Upload>), Fault> {
    let register = register(ctx)?;
    let person = ctx.live()?.person;
    let desk = &ctx.site.desk_of_files;
    let found = desk.find(ctx.parameter("upload"), person, ctx.now);
    let upload = found.filter(|it| it.register == register);
    let gone = || Fault::new(StatusCode::NOT_FOUND, "upload.gone");
    Ok((register, upload.ok_or_else(gone)?))
}

fn title(lang: Lang, register: Register) -> String {
    t!(lang, "tables.title", register = name(lang, register)).into_owned()
}

/// The path of a register's import.
fn import_path(register: Register) -> String {
    format!("{}/import", path(register))
}

fn upload_path(upload: &Upload) -> String {
    format!("{}/{}", import_path(upload.register), upload.id)
}

fn import_trail(lang: Lang, register: Register) -> Vec<(String, String)> {
    let mut list = trail(lang, register);
    list.push((
        t!(lang, "tables.import").into_owned(),
        import_path(register),
    ));
    list
}

pub(in crate::http) fn ask(ctx: &Ctx) -> Answer {
    let register = register(ctx)?;
    render(ctx, register, None)
}

fn render(ctx: &Ctx, register: Register, error: Option<String>) -> Answer {
    let lang = ctx.lang;
    let live = ctx.live()?;
    let profiles = profiles::of(ctx, register)?;
    let under_way = ctx.site.desk_of_files.of(live.person, register, ctx.now);
    let view = AskView {
        trail: trail(lang, register),
        title: title(lang, register),
        path: import_path(register),
        csrf: live.csrf(),
        mebibytes: FILE_MAX / 1024 / 1024,
        rows: IMPORT_MAX,
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
        example: format!("{}/export?format=xlsx", path(register)),
        error,
    };
    let status = match view.error {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let mut response = html(ask_page(&ctx.frame(Place::Register(register)), &view));
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
        State::Unreadable(_) | State::Looked { .. } | State::Failed(_) => {
            t!(lang, "tables.to_correct")
        }
        State::Done(_) => t!(lang, "import.carried-out"),
    }
    .into_owned()
}

/// Takes a file in and leads to the page that waits for it.
pub(in crate::http) fn take(ctx: &Ctx, form: &Multipart<'_>) -> Answer {
    let register = register(ctx)?;
    let person = ctx.live()?.person;
    let said = |code: &str| Some(sentence(ctx.lang, code, &[]));
    let Some(file) = form.file("file") else {
        return render(ctx, register, said("upload.no-file"));
    };
    if file.bytes.is_empty() {
        let empty = t!(ctx.lang, "import.fault.file.empty").into_owned();
        return render(ctx, register, Some(empty));
    }
    if file.bytes.len() > FILE_MAX {
        return Err(super::super::super::upload::NotTaken::TooLarge.into());
    }
    ctx.site
        .files
        .take(person, ctx.now.as_millis())
        .map_err(|wait| Fault::too_many("http.busy", wait))?;
    let mapping = profiles::chosen(ctx, register, form.get("profile"))?;
    let new = NewUpload {
        owner: person,
        register,
        name: cut(file.name),
        bytes: file.bytes.to_vec(),
        mapping,
    };
    match ctx.site.desk_of_files.take(&ctx.site.app, new) {
        Ok(upload) => {
            ctx.site.clear_desk_later();
            Ok(redirect(&upload_path(&upload)))
        }
        Err(DeskError::Full) => render(ctx, register, said("upload.desk-full")),
        Err(DeskError::Store(error)) => Err(error.into()),
    }
}

/// The page that waits for a file; what is over leads to what came of it.
pub(in crate::http) fn status(ctx: &Ctx) -> Answer {
    let (register, upload) = own(ctx)?;
    let state = upload.state();
    if !state.is_at_work() {
        return Ok(redirect(&format!("{}/result", upload_path(&upload))));
    }
    let lang = ctx.lang;
    let view = StatusView {
        trail: import_trail(lang, register),
        title: title(lang, register),
        name: upload.name.clone(),
        path: upload_path(&upload),
        what: state_word(lang, &state),
        counts: match state {
            State::Working(Stage::Checking { done, of }) => Some((done, of)),
            _ => None,
        },
    };
    let frame = ctx.waiting_frame(Place::Register(register));
    Ok(html(status_page(&frame, &view)))
}

/// Looks through a file anew by the mapping of the form, and saves it where it has a name.
pub(in crate::http) fn look_again(ctx: &Ctx, form: &Form) -> Answer {
    let (register, upload) = own(ctx)?;
    let State::Looked { prepared, .. } = upload.state() else {
        return Ok(redirect(&upload_path(&upload)));
    };
    let mapping = mapping::entered(&prepared, form);
    let profile = form.get("profile").trim();
    if !profile.is_empty()
        && let Err(said) = profiles::save(ctx, register, profile, &mapping)?
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
    let (register, upload) = own(ctx)?;
    let person = ctx.live()?.person;
    ctx.site.desk_of_files.discard(&upload.id, person);
    Ok(redirect(&import_path(register)))
}
