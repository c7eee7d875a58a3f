//! What is used and stands in no register, by the logs of resolvers and proxies.

use sekisho_domain::plan::Feed;
use sekisho_domain::sighting::Lack;
use sekisho_domain::world::World;
use sekisho_rules::access::{Blind, Logs};
use sekisho_rules::trigger::{Unlisted, Usage};

use crate::app::App;

/// Findings that wait, each since it was opened. Where logs do not say that they show everything, or are not looked
/// through for all that the published list names, that is missing; what was found stays found.
pub(super) fn read(app: &App, usage: &mut Usage) {
    let world: &World = &app.world();
    let now = usage.at;
    let evidence = app.access_evidence(world);
    let services = evidence.services();
    let are_read = matches!(services.logs(now), Logs::Read { .. });
    if !are_read || *services.blind() != Blind::Nowhere {
        usage.missing.insert(Feed::Discovery);
    }
    for (sighted, lack) in world.open_sightings(now) {
        if lack != Lack::Unregistered {
            continue;
        }
        let kind = if sighted.sighting.is_conference() {
            "tool"
        } else {
            "service"
        };
        let units = sighted.sighting.units.iter();
        let days = now.since(sighted.opened_at).whole_days();
        usage.unlisted.push(Unlisted {
            name: format!("{kind}:{}", sighted.sighting.service.as_str()),
            days: u64::try_from(days).unwrap_or_default(),
            units: units.map(|it| world.unit_now(*it, now)).collect(),
        });
    }
}
