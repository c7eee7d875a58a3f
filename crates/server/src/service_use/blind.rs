//! What logs are not looked through for, as the lists lie now: own entries can take a service out of the published
//! list, and nothing else would show that nobody looks for it any more.

use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use sekisho_detect::discovery::{HiddenService, ServiceKind};
use sekisho_domain::feed::FeedState;
use sekisho_domain::world::World;
use sekisho_rules::access::{Blind, Hidden};
use sekisho_store::Observations;

use super::lists::{ListError, OWN_FILE, ServiceLists, recorded_lists};

/// By what lists that changed are told: what the ledger recorded, and when the file was written and how long
/// it is.
type Mark = (Vec<FeedState>, Option<(SystemTime, u64)>);

/// What came of looking, kept until a list changes.
#[derive(Debug, Default)]
pub(crate) struct Looked(Mutex<Option<(Mark, Blind)>>);

impl Looked {
    /// What logs are not looked through for now.
    pub(crate) fn now(&self, observations: &Observations, root: &Path, world: &World) -> Blind {
        let recorded = recorded_lists(world);
        let file = std::fs::metadata(root.join(OWN_FILE));
        let file = file.and_then(|it| Ok((it.modified()?, it.len()))).ok();
        let mark = (recorded, file);
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, blind)) = held.as_ref()
            && *known == mark
        {
            return blind.clone();
        }
        match seen(observations, root, &mark.0) {
            Ok(blind) => {
                *held = Some((mark, blind.clone()));
                blind
            }
            Err(error) => {
                // Looked at again the next time: what cannot be read now may be read then.
                let (code, about) = error.told();
                tracing::debug!(
                    code,
                    about,
                    "logs cannot be looked through with these lists of services"
                );
                Blind::Everywhere
            }
        }
    }
}

/// What logs are not looked through for, by the lists of a folder.
///
/// # Errors
/// [`ListError`]
fn seen(
    observations: &Observations,
    root: &Path,
    recorded: &[FeedState],
) -> Result<Blind, ListError> {
    let lists = ServiceLists::read(observations, root, Some(recorded))?;
    let hidden = lists.hidden()?;
    if hidden.is_empty() {
        return Ok(Blind::Nowhere);
    }
    let of = |it: HiddenService| Hidden {
        // Its id: readers of either language know it by that.
        name: it.id,
        conference: it.kind == ServiceKind::Conference,
    };
    Ok(Blind::To(hidden.into_iter().map(of).collect()))
}
