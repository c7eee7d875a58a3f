//! Profiles: mappings that were saved under a name, for everybody who brings such tables in.

use sekisho_domain::mapping::Mapping;
use sekisho_domain::name::Line;
use sekisho_domain::time::Timestamp;
use sekisho_store::StoreCode;
use sekisho_store::accounts::ImportProfile;

use super::super::super::super::ctx::{Answer, Ctx, redirect};
use super::super::super::super::fault::Fault;
use super::super::super::super::form::Form;
use super::super::super::sentence;
use super::{import_path, table_of};
use crate::tables::TableOf;

/// Longest name of a profile, in characters.
const NAME_MAX: usize = 60;

/// A profile as a page lists it.
pub(super) struct Saved {
    pub(super) name: String,
    pub(super) saved_at: Timestamp,
}

/// The profiles of a kind of table.
pub(super) fn of(ctx: &Ctx, of: TableOf) -> Result<Vec<Saved>, Fault> {
    let list = ctx.site.app.accounts().profiles(of.code())?;
    let saved = |it: ImportProfile| Saved {
        name: it.name,
        saved_at: Timestamp::from_millis(it.saved_at),
    };
    Ok(list.into_iter().map(saved).collect())
}

/// The mapping of a profile; none where none was chosen, or it has been removed meanwhile.
pub(super) fn chosen(ctx: &Ctx, of: TableOf, name: &str) -> Result<Option<Mapping>, Fault> {
    let list = ctx.site.app.accounts().profiles(of.code())?;
    let Some(found) = list.into_iter().find(|it| it.name == name) else {
        return Ok(None);
    };
    let mapping: Mapping = serde_json::from_str(&found.mapping).map_err(Fault::internal)?;
    Ok(Some(mapping))
}

/// Saves a mapping under a name, or says what is wrong with the name.
pub(super) fn save(
    ctx: &Ctx,
    of: TableOf,
    name: &str,
    mapping: &Mapping,
) -> Result<Result<(), String>, Fault> {
    let said = |code: &str| Ok(Err(sentence(ctx.lang, code, &[])));
    let name = match Line::parse(name) {
        Ok(name) if name.as_str().chars().count() <= NAME_MAX => name,
        Ok(_) => return said("upload.profile-too-long"),
        Err(error) => return said(error.code()),
    };
    if !mapping.is_bounded() {
        return said("table.mapping-too-large");
    }
    let profile = ImportProfile {
        name: name.as_str().to_owned(),
        mapping: serde_json::to_string(mapping).map_err(Fault::internal)?,
        saved_at: ctx.now.as_millis(),
    };
    match ctx.site.app.accounts().save_profile(of.code(), &profile) {
        Ok(()) => Ok(Ok(())),
        Err(error) if error.kind() == StoreCode::BadInput => said("upload.too-many-profiles"),
        Err(error) => Err(error.into()),
    }
}

/// Removes a profile.
pub(in crate::http) fn remove(ctx: &Ctx, form: &Form) -> Answer {
    let of = table_of(ctx)?;
    let accounts = ctx.site.app.accounts();
    accounts.remove_profile(of.code(), form.get("profile"))?;
    Ok(redirect(&import_path(of)))
}
