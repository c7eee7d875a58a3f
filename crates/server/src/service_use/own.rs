//! What is looked for in logs beside the list of services.

use sekisho_domain::name::Line;
use sekisho_domain::register::{Entry, EntryId, Particulars, Register};
use sekisho_domain::world::World;
use sekisho_protocol::service_use::SeenService;

use super::take::SERVICES_MAX;
use crate::app::App;

/// Ends the id under which use of what an entry named once is counted: it is no use of what the entry names now.
const FORMER: &str = "-former";

/// What the registers carry, by its domains, so that its use is looked for whether or not the list of services
/// knows it; then, so that use after the end is found, what they carried once: entries that were retired, and
/// domains that an entry dropped. A domain is the first one's that names it.
pub fn own_services(app: &App) -> Vec<SeenService> {
    let world = app.world();
    let registers = [Register::Service, Register::ConferenceTool];
    let entries = registers.iter().flat_map(|it| world.registers.all(*it));
    let (active, retired): (Vec<&Entry>, Vec<&Entry>) = entries.partition(|it| it.is_active());
    let now = active.iter().chain(&retired).filter_map(|it| named(it));
    let all = active.iter().chain(&retired);
    let before = all.filter_map(|it| dropped(&world, it));
    now.chain(before).take(SERVICES_MAX).collect()
}

/// What an entry names; none where it names no domain.
fn named(entry: &Entry) -> Option<SeenService> {
    match &*entry.particulars {
        Particulars::Service(it) => seen((entry.id, ""), &it.name, "other", it.domains.iter()),
        Particulars::ConferenceTool(it) => {
            seen((entry.id, ""), &it.name, "conference", it.domains.iter())
        }
        _ => None,
    }
}

/// What an entry named once and does not name now.
fn dropped(world: &World, entry: &Entry) -> Option<SeenService> {
    let domains = world.domains_dropped_by(entry.id);
    match &*entry.particulars {
        Particulars::Service(it) => seen((entry.id, FORMER), &it.name, "other", domains),
        Particulars::ConferenceTool(it) => {
            seen((entry.id, FORMER), &it.name, "conference", domains)
        }
        _ => None,
    }
}

fn seen<'a>(
    (id, ending): (EntryId, &str),
    name: &Line,
    kind: &str,
    domains: impl Iterator<Item = &'a Line>,
) -> Option<SeenService> {
    let domains: Vec<String> = domains.map(|it| it.as_str().to_owned()).collect();
    (!domains.is_empty()).then(|| SeenService {
        // Ids of lists are of letters, digits and hyphens.
        id: format!("{}{ending}", id.to_string().replace('_', "-")),
        ja: name.as_str().to_owned(),
        en: name.as_str().to_owned(),
        kind: kind.to_owned(),
        domains,
    })
}
