//! When gateways were last heard, for those who judge.
//!
//! Whoever makes a table holds the desk and looks at the World meanwhile; whoever judges holds the World.
//! So what judging asks of gateways lies under a lock of its own, which nobody holds while he waits.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use sekisho_domain::id::GatewayId;
use sekisho_domain::time::Timestamp;
use sekisho_rules::access::GatewaySeen;

/// What was heard.
#[derive(Default)]
pub(super) struct Heard(Mutex<HashMap<GatewayId, GatewaySeen>>);

impl Heard {
    /// Notes that a gateway was heard, and whether it said that it fails, where it said so.
    pub(super) fn note(&self, gateway: GatewayId, at: Timestamp, failing: Option<bool>) {
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = heard.entry(gateway).or_default();
        known.heard_at = Some(at);
        known.failing = failing.unwrap_or(known.failing);
    }

    /// What was heard of a gateway.
    pub(super) fn of(&self, gateway: GatewayId) -> GatewaySeen {
        let heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        heard.get(&gateway).copied().unwrap_or_default()
    }
}
