//! The decision point as a service: the rulebook in force, the log of what was answered, and where a
//! request comes from.
//!
//! Deciding is pure ([`sekisho_rules::decide`]); what stands here holds it together with the World and
//! the posture, and sees to it that no answer goes unrecorded.

mod evidence;
pub mod gateway;
pub mod inside;
mod keeper;
mod log;
mod origin;
mod privileged;

use std::sync::{Arc, PoisonError, RwLock};

use sekisho_domain::time::Timestamp;
use sekisho_rules::decide::{Decision, Denied, Ground, Question, Rulebook, RulebookError, decide};

pub use evidence::read_access;
pub use keeper::DecisionKeeper;
pub use log::{DecisionLog, LogCounts};
pub use origin::{origin_of, outside};

use gateway::GatewayDesk;
use inside::InsideDesk;
use sekisho_protocol::access_table::TableSigner;
use tokio::sync::watch;

use crate::app::App;

/// The decision point.
pub struct DecisionPoint {
    rulebook: RwLock<Arc<Rulebook>>,
    log: DecisionLog,
    evidence: evidence::Watch,
    gateways: GatewayDesk,
    inside: InsideDesk,
    signer: TableSigner,
    /// Counts what may change an answer; gateways that wait for a table wake by it.
    moved: watch::Sender<u64>,
}

impl DecisionPoint {
    /// With the built-in rulebook, and the key that signs access tables.
    ///
    /// # Errors
    /// [`RulebookError`], which the tests of the rulebook exclude.
    pub fn new(signer: TableSigner) -> Result<Self, RulebookError> {
        Ok(Self {
            rulebook: RwLock::new(Arc::new(Rulebook::built_in()?)),
            log: DecisionLog::default(),
            evidence: evidence::Watch::default(),
            gateways: GatewayDesk::default(),
            inside: InsideDesk::default(),
            signer,
            moved: watch::Sender::new(0),
        })
    }

    /// The gateways, as they are seen.
    #[must_use]
    pub fn gateways(&self) -> &GatewayDesk {
        &self.gateways
    }

    /// What is known of devices at internal lines.
    #[must_use]
    pub fn inside(&self) -> &InsideDesk {
        &self.inside
    }

    /// Tells gateways that wait that an answer may be another one: World, posture, rules or tunnels
    /// have moved.
    pub fn touch(&self) {
        self.moved
            .send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Follows what may change an answer.
    #[must_use]
    pub fn follow(&self) -> watch::Receiver<u64> {
        self.moved.subscribe()
    }

    /// The rulebook in force.
    #[must_use]
    pub fn rulebook(&self) -> Arc<Rulebook> {
        let held = self.rulebook.read();
        Arc::clone(&held.unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts another rulebook in force, from the next decision on.
    pub fn put_rulebook(&self, book: Rulebook) {
        let held = self.rulebook.write();
        *held.unwrap_or_else(PoisonError::into_inner) = Arc::new(book);
        self.touch();
    }

    /// What is kept of the answers.
    #[must_use]
    pub fn log(&self) -> &DecisionLog {
        &self.log
    }
}

impl App {
    /// Answers a question and keeps the answer.
    #[must_use]
    pub fn decide(&self, question: &Question) -> Decision {
        let (decision, privileged, now) = self.with_ground(|ground| {
            let decision = decide(&self.access().rulebook(), ground, question);
            let privileged = decision.is_allowed()
                && privileged::is_privileged(ground.world, question, ground.now);
            (decision, privileged, ground.now)
        });
        self.access().log.put(question, &decision, privileged, now);
        decision
    }

    /// Answers a question for whoever looks at what would be, and keeps nothing.
    #[must_use]
    pub fn preview(&self, question: &Question) -> Decision {
        self.with_ground(|ground| decide(&self.access().rulebook(), ground, question))
    }

    /// Looks at World, posture and time together, as decisions do.
    pub fn with_ground<T>(&self, look: impl FnOnce(Ground<'_>) -> T) -> T {
        let clock_sure = self.clock().step().is_none();
        let now = self.now();
        let world = self.world();
        let posture = self.posture();
        look(Ground {
            world: &world,
            posture: &posture,
            now,
            clock_sure,
        })
    }
}

/// The rules that forbade, by their ids; none where it was allowed.
#[must_use]
pub fn forbidding(decision: &Decision) -> Vec<String> {
    match decision {
        Decision::Allow(_) => Vec::new(),
        Decision::Deny(Denied::Missing(missing)) => {
            missing.iter().map(|it| it.rule.clone()).collect()
        }
        Decision::Deny(Denied::Failed(_)) => vec![FAILED.to_owned()],
    }
}

/// What stands in place of a rule where the rules could not be evaluated.
pub const FAILED: &str = "rulebook.failed";

/// The first instant at which an allowed question has to be asked again.
#[must_use]
pub fn until(decision: &Decision) -> Option<Timestamp> {
    match decision {
        Decision::Allow(allowed) => allowed.until,
        Decision::Deny(_) => None,
    }
}
