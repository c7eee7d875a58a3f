//! The rules of the organisation's own applications, from the folder that the configuration names: one
//! folder for each, with `schema.cedarschema`, `policies.cedar` and `entities.json`.
//!
//! They are read and validated at the start. One that does not hold stops it, as a setting that is
//! wrong does: nothing of an application is in force unseen, and nothing half.

use std::path::{Path, PathBuf};

use sekisho_rules::application::{Application, Applications, Source, TEXT_MAX};

use crate::fault::Fault;

/// Most applications.
const APPLICATIONS_MAX: usize = 100;

/// Reads them all; none where no folder is named.
///
/// # Errors
/// `application.unreadable`, and the codes of
/// [`ApplicationError`](sekisho_rules::application::ApplicationError).
pub fn load(folder: Option<&Path>) -> Result<Applications, Fault> {
    let Some(folder) = folder else {
        return Ok(Applications::default());
    };
    let mut all = Vec::new();
    for path in folders(folder)? {
        all.push(one(&path)?);
    }
    for application in &all {
        tracing::info!(
            code = "application.loaded",
            application = application.namespace(),
            "the rules of an application are in force"
        );
    }
    Applications::new(all)
        .map_err(|error| Fault::new(error.code()).about(format!("{}: {error}", folder.display())))
}

fn folders(folder: &Path) -> Result<Vec<PathBuf>, Fault> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|error| unreadable(folder, &error))? {
        let path = entry.map_err(|error| unreadable(folder, &error))?.path();
        if path.is_dir() {
            all.push(path);
        }
        if all.len() > APPLICATIONS_MAX {
            return Err(Fault::new("application.too-much").about(folder.display()));
        }
    }
    all.sort_unstable();
    Ok(all)
}

fn one(folder: &Path) -> Result<Application, Fault> {
    let text = |name: &str| read(&folder.join(name));
    let (schema, policies, entities) = (
        text("schema.cedarschema")?,
        text("policies.cedar")?,
        text("entities.json")?,
    );
    let source = Source {
        schema: &schema,
        policies: &policies,
        entities: &entities,
    };
    Application::load(&source)
        .map_err(|error| Fault::new(error.code()).about(format!("{}: {error}", folder.display())))
}

fn read(path: &Path) -> Result<String, Fault> {
    let size = std::fs::metadata(path)
        .map_err(|error| unreadable(path, &error))?
        .len();
    if usize::try_from(size).is_ok_and(|size| size > TEXT_MAX) {
        return Err(Fault::new("application.too-much").about(path.display()));
    }
    std::fs::read_to_string(path).map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Fault {
    Fault::new("application.unreadable").about(format!("{}: {error}", path.display()))
}
