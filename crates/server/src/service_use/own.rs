//! What is looked for in logs beside the list of services.

use sekisho_domain::register::{ConferenceTool, Service};
use sekisho_protocol::service_use::SeenService;

use super::take::SERVICES_MAX;
use crate::app::App;

/// What the registers carry, by its domains, so that its use is looked for whether or not the list of services
/// knows it.
pub fn own_services(app: &App) -> Vec<SeenService> {
    let world = app.world();
    let services = world.registers.nouns::<Service>();
    let services = services.map(|(entry, it)| (entry.id, &it.name, "other", &it.domains));
    let tools = world.registers.nouns::<ConferenceTool>();
    let tools = tools.map(|(entry, it)| (entry.id, &it.name, "conference", &it.domains));
    let all = services.chain(tools).filter(|it| !it.3.is_empty());
    all.map(|(id, name, kind, domains)| SeenService {
        // Ids of lists are of letters, digits and hyphens.
        id: id.to_string().replace('_', "-"),
        ja: name.as_str().to_owned(),
        en: name.as_str().to_owned(),
        kind: kind.to_owned(),
        domains: domains.iter().map(|it| it.as_str().to_owned()).collect(),
    })
    .take(SERVICES_MAX)
    .collect()
}
