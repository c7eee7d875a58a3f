//! What gateways report becomes observations: who used what, with what, over which line, how much.

use std::net::SocketAddr;

use sekisho_domain::id::{AccountId, GatewayId, LineId};
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;
use sekisho_protocol::gateway::{GatewayReport, SessionReport};
use sekisho_store::StoreError;
use sekisho_store::observations::TunnelReport;

use crate::access::origin_of;
use crate::app::App;

impl App {
    /// Takes a report of a gateway in. Of sessions that this server never opened nothing is kept: a
    /// gateway speaks of what it was let.
    ///
    /// # Errors
    /// The codes of the store; then the gateway has to tell it again, and what was kept is not counted
    /// twice.
    pub fn take_gateway_report(
        &self,
        gateway: GatewayId,
        report: GatewayReport,
    ) -> Result<(), StoreError> {
        let now = self.now();
        let mut uses = Vec::with_capacity(report.sessions.len());
        for session in &report.sessions {
            let Some(stored) = self.accounts().tunnel(&session.session.to_string())? else {
                continue;
            };
            let account: Option<AccountId> = stored.account.and_then(|it| it.parse().ok());
            let world = self.world();
            // Also of an account that has been closed: what passed before has passed.
            let Some(person) = account.and_then(|it| Some(world.accounts.get(&it)?.person)) else {
                continue;
            };
            let line = session.endpoint.and_then(|from| line_of(&world, from));
            let about = (gateway, report.run_began_at, now);
            let who = (person.to_string(), stored.device);
            uses.push(in_words(about, session, who, line));
        }
        self.observations().add_tunnel_reports(&uses)?;
        self.access().gateways().take_report(gateway, report, now);
        Ok(())
    }
}

fn line_of(world: &World, from: SocketAddr) -> Option<LineId> {
    origin_of(world, from.ip()).line
}

fn in_words(
    (gateway, run, now): (GatewayId, Timestamp, Timestamp),
    session: &SessionReport,
    (person, device): (String, String),
    line: Option<LineId>,
) -> TunnelReport {
    let millis = |at: Timestamp| at.as_millis();
    let systems = session.systems.iter();
    TunnelReport {
        gateway: gateway.to_string(),
        session: session.session.to_string(),
        person,
        device,
        line: line.map(|it| it.to_string()),
        endpoint: session.endpoint.map(|it| it.to_string()),
        run: run.as_millis(),
        at: now.as_millis(),
        handshake_at: session.handshake_at.map(millis),
        ended_at: session.ended_at.map(millis),
        tunnel: (session.received_bytes, session.sent_bytes),
        systems: systems
            .map(|it| (it.system.to_string(), it.bytes, it.packets))
            .collect(),
    }
}
