//! The clients of conference tools that devices report, kept beside the results.

use std::sync::Arc;

use sekisho_domain::fact::{Fact, FactKind};
use sekisho_domain::id::DeviceId;
use sekisho_rules::check::{CLIENTS_NEED, DeviceClients, DeviceFacts, clients_of};
use sekisho_store::StoreError;
use sekisho_store::observations::ClientsRow;

use super::judge::{Bench, SLICE, Subject, facts_of_kinds, subject};
use crate::app::App;
use crate::knowledge::KnowledgeBase;

/// The clients on one device, and their row.
pub(super) struct Found {
    device: DeviceId,
    clients: Arc<DeviceClients>,
    /// As it is stored.
    pub(super) row: ClientsRow,
}

impl Bench<'_> {
    /// Looks for clients on a device; none where no tool says by which names it is reported, or the device
    /// never told what is installed.
    pub(super) fn clients(&self, of: Subject, facts: &[Fact]) -> Option<Found> {
        let knowledge = self.base.edition_of_clients()?;
        let facts = DeviceFacts::new(facts).told_by(of.source);
        let clients = clients_of(&facts, &self.knowledge, self.app.now())?;
        let row = ClientsRow {
            device: of.id.to_string(),
            received_at: clients.received_at.as_millis(),
            knowledge,
            // Codes, texts and numbers only; they always serialise.
            stored: serde_json::to_string(&clients).unwrap_or_default(),
        };
        Some(Found {
            device: of.id,
            clients: Arc::new(clients),
            row,
        })
    }
}

/// Puts what was stored into memory.
pub(super) fn publish(app: &App, found: impl IntoIterator<Item = Found>) {
    let found: Vec<_> = found
        .into_iter()
        .map(|it| (it.device, it.clients))
        .collect();
    if !found.is_empty() {
        app.follow_clients(found);
    }
}

/// Looks for clients anew on those devices where they were judged with other knowledge than there is now.
///
/// # Errors
/// The store's codes; devices looked at before the error keep what was found.
pub(super) fn renew(app: &App, base: &KnowledgeBase) -> Result<(), StoreError> {
    let Some(edition) = base.edition_of_clients() else {
        return Ok(());
    };
    let kind = FactKind::Packages.code();
    let due = app
        .observations()
        .clients_judged_otherwise(&edition, kind)?;
    let bench = Bench::new(app, base);
    for slice in due.chunks(SLICE) {
        if app.is_stopping() {
            break;
        }
        let mut found = Vec::new();
        for device in slice {
            let known = device.parse().ok().and_then(|id| subject(app, id));
            let Some(of) = known else {
                continue;
            };
            let facts = facts_of_kinds(app, of.id, CLIENTS_NEED.iter().copied())?;
            found.extend(bench.clients(of, &facts));
        }
        let rows: Vec<ClientsRow> = found.iter().map(|it| it.row.clone()).collect();
        app.observations().put_clients(&rows)?;
        publish(app, found);
    }
    Ok(())
}
