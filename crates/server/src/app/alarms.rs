//! What is so wrong that everyone must see it: told on the terminal and at the top of every page
//! for as long as it lasts.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use sekisho_domain::code::Reason;
use tokio::sync::watch;

use super::App;

/// Who raises alarms. Each says all of its own at once, and takes them back the same way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AlarmSource {
    /// The verification of the whole ledger after the start.
    Ledger,
    /// The targets of checkpoints, which may know a longer or another ledger.
    Targets,
    /// The organisation's own rules of access, which this program may not be able to read.
    AccessRules,
    /// The certificate of TLS, which may end without another.
    Certificate,
}

/// The alarms in force, by who raised them.
pub type Raised = BTreeMap<AlarmSource, Vec<Reason>>;

/// Where alarms are kept.
#[derive(Default)]
pub(super) struct Alarms {
    raised: watch::Sender<Raised>,
    damaged: AtomicBool,
    shell_links: AtomicU64,
}

impl Alarms {
    /// Whether the ledger has been found damaged since the start.
    pub(super) fn damaged(&self) -> bool {
        self.damaged.load(Ordering::Acquire)
    }
}

impl App {
    /// The alarms in force.
    #[must_use]
    pub fn alarms(&self) -> Vec<Reason> {
        let raised = self.0.alarms.raised.borrow();
        raised.values().flatten().cloned().collect()
    }

    /// Follows the alarms.
    #[must_use]
    pub fn follow_alarms(&self) -> watch::Receiver<Raised> {
        self.0.alarms.raised.subscribe()
    }

    /// Says what is wrong by one source; nothing takes its earlier alarms back.
    pub fn raise(&self, source: AlarmSource, reasons: Vec<Reason>) {
        self.0.alarms.raised.send_if_modified(|raised| {
            if raised.get(&source).map_or(&[][..], Vec::as_slice) == reasons {
                return false;
            }
            raised.insert(source, reasons);
            true
        });
    }

    /// The ledger is damaged: from now on nothing is written to it. Only a start on a sound one
    /// takes this back.
    pub fn refuse_damaged(&self, reason: Reason) {
        self.0.alarms.damaged.store(true, Ordering::Release);
        self.raise(AlarmSource::Ledger, vec![reason]);
    }

    /// Whether the ledger has been found damaged since the start.
    #[must_use]
    pub fn is_damaged(&self) -> bool {
        self.0.alarms.damaged()
    }

    /// Counts a link that the shell was given.
    pub(crate) fn count_shell_link(&self) {
        self.0.alarms.shell_links.fetch_add(1, Ordering::Relaxed);
    }

    /// Links that the shell was given since the start.
    pub(crate) fn shell_links(&self) -> u64 {
        self.0.alarms.shell_links.load(Ordering::Relaxed)
    }
}
