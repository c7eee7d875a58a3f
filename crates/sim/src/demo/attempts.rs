//! People who hold permits for remote access try the systems that these name: the decision point answers
//! them as it answers anybody, and its answers are kept as ever.

use sekisho_domain::access::{Asker, ProxyDoor};
use sekisho_domain::id::{DeviceId, PersonId, SystemId};
use sekisho_domain::permit::{Particulars, PermitKind};
use sekisho_server::access::LogError;
use sekisho_server::access::gateway::through_a_tunnel;
use sekisho_server::app::App;
use sekisho_store::observations::DecisionsOf;

use super::{FillError, Stage};

/// What asks: the kind of proxy that the demonstration's systems name as theirs.
const PROXY: Option<Asker> = Some(Asker::Proxy(ProxyDoor::ForwardAuth));

/// So many try.
const TRIES: usize = 60;

/// Has them try, unless somebody has before.
pub(super) fn make(app: &App) -> Result<(), FillError> {
    let before = app
        .observations()
        .decisions(DecisionsOf::Anyone, false, 0, 1)?;
    if !before.is_empty() {
        return Ok(());
    }
    let tries: Vec<(PersonId, DeviceId, SystemId)> = {
        let world = app.world();
        let permits = world.permits.of_kind(PermitKind::RemoteAccess);
        permits
            .filter_map(|permit| match permit.particulars.as_ref() {
                Particulars::RemoteAccess(it) => Some((permit.applicant, it.device, it.system)),
                _ => None,
            })
            .take(TRIES)
            .collect()
    };
    for (person, device, system) in tries {
        let _ = app.decide_for(PROXY, &through_a_tunnel(person, device, system));
    }
    app.keep_decisions().map_err(|error| match error {
        LogError::Store(error) => FillError::Store(error),
        LogError::Command(source) => FillError::Command {
            stage: Stage::Reports,
            source,
        },
    })
}
