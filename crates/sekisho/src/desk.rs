//! Asking the server, or doing it here where none runs: the same request either way.

use std::path::Path;
use std::sync::Arc;

use sekisho_protocol::admin::{Answer, Progress, Request};
use sekisho_rules::catalogue::Catalogue;
use sekisho_server::admin::{Desk, assess_reading, exchange, exchange_watching};
use sekisho_server::app::App;
use sekisho_server::app::clock::MachineTime;
use sekisho_server::app::reading::Reading;
use sekisho_server::reconcile::{Reconciler, Settings as Delivery};
use sekisho_store::DataFolder;
use sekisho_store::keyring::MasterSource;

use crate::fault::Fault;

/// The built-in catalogue.
///
/// # Errors
/// `catalogue.damaged` when the program was built from a damaged one.
pub fn catalogue() -> Result<Arc<Catalogue>, Fault> {
    Catalogue::builtin()
        .map(Arc::new)
        .map_err(|error| Fault::new("catalogue.damaged").about(error))
}

/// How the master key is come by: a credential of the service manager, or the file beside the
/// keys.
pub fn master(folder: &DataFolder) -> MasterSource {
    let credentials = std::env::var_os("CREDENTIALS_DIRECTORY").map(std::path::PathBuf::from);
    MasterSource::standard(folder, credentials.as_deref())
}

/// Opens a folder for writing.
///
/// # Errors
/// The codes of the store and of the ledger.
pub fn open(folder: DataFolder) -> Result<App, Fault> {
    let source = master(&folder);
    Ok(App::open(
        folder,
        &source,
        Box::new(MachineTime::default()),
    )?)
}

/// Asks the server that runs on a folder, and only that.
///
/// # Errors
/// The failure that it answers with; `no_server` where none runs.
pub fn ask_server(data: &Path, request: &Request, no_server: &str) -> Result<Answer, Fault> {
    let folder = DataFolder::open_existing(data)?;
    let exchanged = exchange(&folder.admin_socket(), request, &[])
        .map_err(|error| Fault::new("admin.exchange").about(error))?;
    match exchanged {
        None => Err(Fault::new(no_server)),
        Some(Answer::Failed(failure)) => Err(failure.into()),
        Some(answer) => Ok(answer),
    }
}

/// Asks for the verdicts as [`ask`] does; where no server runs and the folder cannot be written,
/// reads it as it lies. Says whether it was so read: then nothing was recorded.
///
/// # Errors
/// As [`ask`].
pub fn ask_or_read(data: &Path, request: &Request) -> Result<(Answer, bool), Fault> {
    let refused = match ask(data, request, &[]) {
        Ok(answer) => return Ok((answer, false)),
        Err(fault) => fault,
    };
    let unwritable = ["read-only", "permission"].contains(&&*refused.reason.code);
    let Request::Assess {
        at,
        device,
        profile,
    } = request
    else {
        return Err(refused);
    };
    if !unwritable {
        return Err(refused);
    }
    let folder = DataFolder::open_existing(data)?;
    let reading = Reading::of(&folder, &master(&folder), Box::new(MachineTime::default()))?;
    let answer = assess_reading(&reading, &*catalogue()?, *at, *device, *profile)?;
    Ok((answer, true))
}

/// Asks the server that runs on a folder; where none does, opens the folder and does it here.
///
/// # Errors
/// The failure that the desk answers with, or that nobody could be asked.
pub fn ask(data: &Path, request: &Request, document: &[u8]) -> Result<Answer, Fault> {
    ask_watching(data, request, document, &mut |_| ())
}

/// The same, and is told how far it has come.
///
/// # Errors
/// As [`ask`].
pub fn ask_watching(
    data: &Path,
    request: &Request,
    document: &[u8],
    watch: &mut dyn FnMut(&Progress),
) -> Result<Answer, Fault> {
    let folder = DataFolder::open_existing(data)?;
    let exchanged = exchange_watching(&folder.admin_socket(), request, document, watch)
        .map_err(|error| Fault::new("admin.exchange").about(error))?;
    let answer = match exchanged {
        Some(answer) => answer,
        None => {
            let app = open(folder)?;
            let desk = Desk::new(app.clone(), catalogue()?);
            // Where checkpoints go is no use without one there: stopped, it delivers what is left.
            let targets = matches!(request, Request::SetCheckpointTargets { .. });
            let answer = desk.answer_telling(request, document, &mut |progress| watch(&progress));
            let delivery = Delivery::default();
            let deliver = targets.then(|| Reconciler::start(app.clone(), delivery));
            app.stop();
            if let Some(deliver) = deliver {
                deliver?.stop();
            }
            answer
        }
    };
    match answer {
        Answer::Failed(failure) => Err(failure.into()),
        answer => Ok(answer),
    }
}
