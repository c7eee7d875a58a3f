//! Where a device with an open session meets a gateway.

use std::net::IpAddr;

use sekisho_domain::code::Reason;
use sekisho_domain::register::System;
use sekisho_domain::register::places::Places;
use sekisho_protocol::tunnel::TunnelPlace;

use super::reach::candidates_now;
use super::table::own_address;
use crate::app::App;
use crate::identity::tunnel_session::{OpenTunnel, TunnelPlaces, Unplaced};

/// Places by the register of gateways.
pub struct GatewayPlaces(pub App);

impl TunnelPlaces for GatewayPlaces {
    fn place(&self, session: &OpenTunnel) -> Result<TunnelPlace, Unplaced> {
        let none = || Unplaced(Reason::new("tunnel.no-gateway"));
        let app = &self.0;
        let (id, gateway) = app.gateway_for_tunnels().ok_or_else(none)?;
        let desk = app.access().gateways();
        let key = desk.tunnel_key(id).ok_or_else(none)?;
        let address = desk
            .address_of(id, &gateway, session)
            .ok_or_else(|| Unplaced(Reason::new("tunnel.network-full")))?;
        if let Some(left_out) = desk.left_out(id, session.session).filter(|it| it.wholly) {
            return Err(Unplaced(Reason::new(left_out.code)));
        }
        // The networks of systems that this one can come to reach at all, so that nothing else of the device goes
        // through the tunnel, however many the register has. What of them is reached the gateway decides; those
        // that no gateway opens need no way there.
        let now = app.now();
        let networks = {
            let world = app.world();
            let all = candidates_now(&world, (session.person, session.device), now).into_iter();
            let remote = all.filter(|it| {
                let known = world.registers.get::<System>(*it);
                known.is_some_and(|(_, system)| system.remote)
            });
            Places::of(&world).networks(remote)
        };
        Ok(TunnelPlace {
            address: IpAddr::V4(address),
            endpoint: gateway.endpoint.to_string(),
            public_key: key.to_string(),
            networks: std::iter::once(own_address(gateway.network).to_string() + "/32")
                .chain(networks.into_iter().map(|it| it.to_string()))
                .collect(),
        })
    }
}
