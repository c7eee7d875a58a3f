//! The tunnels that stand now, with what their gateway last said of them.

use std::collections::BTreeSet;

use sekisho_domain::id::{DeviceId, GatewayId, PersonId, SystemId, TunnelSessionId};
use sekisho_domain::register::places::Places;
use sekisho_store::StoreError;

use super::gateway::{LeftOut, Openness, PathSeen, openness, reached};
use crate::app::App;
use crate::identity::tunnel_session::{OpenTunnel, open_sessions};

/// A tunnel that stands.
#[derive(Clone, Debug)]
pub struct LiveTunnel {
    /// The session: device and person.
    pub open: OpenTunnel,
    /// The gateway at which it meets the line, or did last, where that one is silent; none while no
    /// gateway has been there for it.
    pub gateway: Option<GatewayId>,
    /// What can be said of its way.
    pub path: PathSeen,
    /// That the newest table of its gateway leaves it out, or cuts short what it reaches.
    pub left_out: Option<LeftOut>,
}

impl App {
    /// The tunnels that stand, the newest first.
    ///
    /// # Errors
    /// The codes of the store.
    pub fn live_tunnels(&self) -> Result<Vec<LiveTunnel>, StoreError> {
        let open = open_sessions(self)?;
        let desk = self.access().gateways();
        let gateway = self.gateway_for_tunnels().map(|(id, _)| id);
        let gateway = gateway.or_else(|| desk.carried_last());
        let mut all: Vec<LiveTunnel> = open
            .into_iter()
            .map(|open| LiveTunnel {
                gateway,
                path: gateway
                    .map(|it| desk.path(it, open.session))
                    .unwrap_or_default(),
                left_out: gateway.and_then(|it| desk.left_out(it, open.session)),
                open,
            })
            .collect();
        all.sort_by_key(|it| (std::cmp::Reverse(it.open.confirmed_at), it.open.session));
        Ok(all)
    }

    /// Which systems a person reaches with a device through a tunnel now, each with how far, but for those of which the
    /// newest table leaves out everything. Nothing is recorded: nobody asked.
    #[must_use]
    pub fn reached_now(
        &self,
        person: PersonId,
        device: DeviceId,
        left_out: Option<&LeftOut>,
    ) -> Vec<(SystemId, Openness)> {
        let book = self.access().rulebook();
        self.with_ground(|ground| {
            let places = Places::of(ground.world);
            let reached = reached(&book, ground, person, device);
            let systems = reached.iter().flat_map(|it| it.systems.iter().copied());
            let systems: BTreeSet<SystemId> = systems.collect();
            let all = systems.into_iter();
            let all = all.map(|it| (it, openness(&places, &reached, left_out, it)));
            all.filter(|(_, it)| !matches!(it, Openness::Closed(_)))
                .collect()
        })
    }

    /// That the newest table leaves a tunnel out, or cuts short what it reaches.
    #[must_use]
    pub fn left_out_now(&self, session: TunnelSessionId) -> Option<LeftOut> {
        let desk = self.access().gateways();
        let gateway = self.gateway_for_tunnels().map(|(id, _)| id);
        desk.left_out(gateway.or_else(|| desk.carried_last())?, session)
    }
}
