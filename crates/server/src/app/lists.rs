//! What devices are judged with, kept up to date with the registers and permits of the World.
//!
//! The writer only notes that something has changed; whoever asks next takes the lists anew. So a
//! thousand records between two reports cost one look, and a report is never judged by lists that
//! were overtaken before it came.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use sekisho_domain::event::{Event, StoredEvent};
use sekisho_domain::register::{EntryId, Register};
use sekisho_rules::check::Lists;

use super::App;
use crate::knowledge::KnowledgeBase;

/// Whether the lists follow the World.
pub(super) struct Upkeep {
    behind: AtomicBool,
    /// Held while they are taken anew, so that an older look never takes the place of a newer one.
    renewing: Mutex<()>,
}

impl Default for Upkeep {
    fn default() -> Self {
        Self {
            behind: AtomicBool::new(true),
            renewing: Mutex::new(()),
        }
    }
}

impl Upkeep {
    /// Notes that the visible World has changed in what lists are made of.
    pub(super) fn note(&self) {
        self.behind.store(true, Ordering::Release);
    }
}

/// Whether what registers say of services and conference tools may be other after an event.
pub(super) fn bears_on_services(stored: &StoredEvent) -> bool {
    let of = |register| matches!(register, Register::Service | Register::ConferenceTool);
    match &stored.event {
        Event::RegisterEntered { particulars, .. } | Event::RegisterChanged { particulars, .. } => {
            of(particulars.register())
        }
        Event::RegisterRetired { id, .. } | Event::RegisterRestored { id, .. } => {
            matches!(id, EntryId::Service(_) | EntryId::ConferenceTool(_))
        }
        Event::RegisterImported { register, .. } => of(*register),
        Event::LogSourceRetired { .. } => true,
        _ => false,
    }
}

/// Whether lists with which devices are compared may be other after an event.
pub(super) fn bears_on_lists(stored: &StoredEvent) -> bool {
    let compared = |register: Register| {
        let (software, medium) = (Register::Software, Register::Medium);
        let devices = [Register::IssuedDevice, Register::ByodDevice];
        let named = [software, medium, Register::Line, Register::ConferenceTool];
        named.contains(&register) || devices.contains(&register)
    };
    match &stored.event {
        Event::RegisterEntered { particulars, .. } | Event::RegisterChanged { particulars, .. } => {
            compared(particulars.register())
        }
        Event::RegisterImported { register, .. } => compared(*register),
        Event::RegisterRetired { .. } | Event::RegisterRestored { .. } => true,
        Event::DeviceEnrolled { .. } => true,
        event => event.kind().0.starts_with("permit."),
    }
}

impl App {
    /// What devices are judged with: the feeds as they were last put in place, and the lists of the
    /// World as it is. Must not be asked while the World is held.
    #[must_use]
    pub fn knowledge(&self) -> Arc<KnowledgeBase> {
        let upkeep = &self.0.lists;
        if upkeep.behind.load(Ordering::Acquire) {
            let renewing = upkeep.renewing.lock();
            let _renewing = renewing.unwrap_or_else(PoisonError::into_inner);
            if upkeep.behind.swap(false, Ordering::AcqRel) {
                let lists = Lists::of(&self.world(), self.now());
                let slot = self.0.knowledge.write();
                let mut slot = slot.unwrap_or_else(PoisonError::into_inner);
                if let Some(base) = slot.with_lists(lists) {
                    *slot = Arc::new(base);
                }
            }
        }
        let slot = self.0.knowledge.read();
        Arc::clone(&slot.unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts newly read feeds in place.
    pub fn set_knowledge(&self, base: KnowledgeBase) {
        let slot = self.0.knowledge.write();
        *slot.unwrap_or_else(PoisonError::into_inner) = Arc::new(base);
        // It knows nothing of the World.
        self.0.lists.note();
    }
}
