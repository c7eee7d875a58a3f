//! Where a device with an open session meets a gateway.

use std::net::{IpAddr, Ipv4Addr};

use sekisho_domain::code::Reason;
use sekisho_domain::register::System;
use sekisho_domain::register::places::Places;
use sekisho_protocol::tunnel::TunnelPlace;

use super::bounds::LeftOut;
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
        let address = desk.address_of(id, &gateway, session);
        let address = let_in(address, desk.left_out(id, session.session))?;
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

/// The address of a session that the gateway's table lets in; who is left out of it wholly is told why.
fn let_in(address: Option<Ipv4Addr>, left_out: Option<LeftOut>) -> Result<Ipv4Addr, Unplaced> {
    let address = address.ok_or_else(|| Unplaced(Reason::new("tunnel.network-full")))?;
    match left_out.filter(|it| it.wholly) {
        Some(left_out) => Err(Unplaced(Reason::new(left_out.code))),
        None => Ok(address),
    }
}

#[cfg(test)]
mod tests {
    use sekisho_domain::id::{Fresh, TunnelSessionId};

    use super::*;

    #[test]
    fn whoever_is_left_out_wholly_is_led_nowhere_and_told_why() {
        let own = Ipv4Addr::new(10, 90, 0, 7);
        let left_out = |code: &'static str, wholly: bool| LeftOut {
            session: TunnelSessionId::new(Fresh([1; 16])),
            code,
            wholly,
            cut: Vec::new(),
        };
        let told = |address: Option<Ipv4Addr>, left_out: Option<LeftOut>| {
            let_in(address, left_out).map_err(|Unplaced(reason)| reason.code.to_string())
        };
        assert_eq!(told(Some(own), None), Ok(own));
        // Who is let in to less is let in.
        let short = left_out("tunnel.too-much-reach", false);
        assert_eq!(told(Some(own), Some(short)), Ok(own));
        let full = left_out("tunnel.table-full", true);
        let refused = |code: &str| -> Result<Ipv4Addr, String> { Err(code.to_owned()) };
        assert_eq!(told(Some(own), Some(full)), refused("tunnel.table-full"));
        assert_eq!(told(None, None), refused("tunnel.network-full"));
    }
}
