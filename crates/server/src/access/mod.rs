//! The decision point as a service: the rulebook in force, the log of what was answered, and where a
//! request comes from.
//!
//! Deciding is pure ([`sekisho_rules::decide`]); what stands here holds it together with the World and
//! the posture, and sees to it that no answer goes unrecorded.

mod applications;
mod cut;
mod effect;
mod evidence;
pub mod gateway;
mod gathering;
pub mod inside;
mod keeper;
mod live;
mod log;
mod moves;
mod origin;
pub mod own;
mod privileged;
mod reach;
pub mod what_if;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use sekisho_domain::access::Asker;
use sekisho_domain::time::Timestamp;
use sekisho_rules::decide::{
    Decision, Denied, Ground, OwnRuleFault, Question, Rulebook, RulebookError, decide, decide_seen,
};

pub use cut::{CUT_PURPOSE, CUT_REASON_MAX, CutFault};
pub use effect::{Effect, EffectOn, Target};
pub use evidence::read_access;
pub use live::LiveTunnel;
pub use log::{DecisionLog, LogCounts, LogError};
pub use moves::{Move, Moves};
pub use origin::{is_through_a_gateway, origin_of, outside};
pub use reach::{HOLDERS_LOOKED_AT, Holder, HolderPage, Holders, devices_of};

use gateway::GatewayDesk;
use inside::InsideDesk;
use log::Tally;
use sekisho_protocol::access_table::TableSigner;
use tokio::sync::watch;

use crate::app::App;
use crate::service_use::KeptLook;
use crate::service_use::blind::Looked;

/// The decision point.
pub struct DecisionPoint {
    rulebook: RwLock<Arc<Rulebook>>,
    /// Why the organisation's own rules cannot be used; nothing where they can.
    unusable: RwLock<Vec<OwnRuleFault>>,
    log: DecisionLog,
    evidence: evidence::Watch,
    /// Whether the registers of services have changed since their use was read.
    services_behind: AtomicBool,
    /// When it was looked through the use that was kept for what there is no finding of.
    kept_look: KeptLook,
    /// What logs are not looked through for.
    looked: Looked,
    gateways: GatewayDesk,
    inside: InsideDesk,
    signer: TableSigner,
    begun_at: Timestamp,
    /// What may change an answer; gateways that wait for a table wake by it.
    moves: Moves,
    /// Whether the time was trusted when it was last looked.
    clock_sure: AtomicBool,
}

impl DecisionPoint {
    /// With the built-in rulebook, the key that signs access tables, and when this run began: tables
    /// of an earlier one may still be in force.
    ///
    /// # Errors
    /// [`RulebookError`], which the tests of the rulebook exclude.
    pub fn new(signer: TableSigner, begun_at: Timestamp) -> Result<Self, RulebookError> {
        Ok(Self {
            rulebook: RwLock::new(Arc::new(Rulebook::built_in()?)),
            unusable: RwLock::default(),
            log: DecisionLog::default(),
            evidence: evidence::Watch::default(),
            services_behind: AtomicBool::new(false),
            kept_look: KeptLook::default(),
            looked: Looked::default(),
            gateways: GatewayDesk::default(),
            inside: InsideDesk::default(),
            signer,
            begun_at,
            moves: Moves::default(),
            clock_sure: AtomicBool::new(true),
        })
    }

    /// Notes that the registers of services have changed.
    pub(crate) fn services_changed(&self) {
        self.services_behind.store(true, Ordering::Release);
        self.kept_look.again();
    }

    /// When it was looked through the use that was kept for what there is no finding of.
    pub(crate) fn kept_look(&self) -> &KeptLook {
        &self.kept_look
    }

    /// The gateways, as they are seen.
    #[must_use]
    pub fn gateways(&self) -> &GatewayDesk {
        &self.gateways
    }

    /// When this run began.
    #[must_use]
    pub const fn begun_at(&self) -> Timestamp {
        self.begun_at
    }

    /// What is known of devices at internal lines.
    #[must_use]
    pub fn inside(&self) -> &InsideDesk {
        &self.inside
    }

    /// Tells gateways that wait that an answer may be another one for anybody: rules or tunnels have
    /// moved, or something of the World that everybody may rest on.
    pub fn touch(&self) {
        self.moves.add([Move::Anybody]);
    }

    /// What may have changed an answer.
    #[must_use]
    pub fn moves(&self) -> &Moves {
        &self.moves
    }

    /// Follows what may change an answer.
    #[must_use]
    pub fn follow(&self) -> watch::Receiver<u64> {
        self.moves.follow()
    }

    /// The rulebook in force.
    #[must_use]
    pub fn rulebook(&self) -> Arc<Rulebook> {
        let held = self.rulebook.read();
        Arc::clone(&held.unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts another rulebook in force, from the next decision on; with why the organisation's own
    /// rules cannot be used, where it is the one that forbids everything.
    pub(crate) fn put_rulebook(&self, book: Rulebook, unusable: Vec<OwnRuleFault>) {
        let held = self.rulebook.write();
        *held.unwrap_or_else(PoisonError::into_inner) = Arc::new(book);
        let held = self.unusable.write();
        *held.unwrap_or_else(PoisonError::into_inner) = unusable;
        self.touch();
    }

    /// Why the organisation's own rules cannot be used; nothing where they can.
    #[must_use]
    pub fn unusable(&self) -> Vec<OwnRuleFault> {
        let held = self.unusable.read();
        held.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What is kept of the answers.
    #[must_use]
    pub fn log(&self) -> &DecisionLog {
        &self.log
    }
}

impl App {
    /// Answers a question that nothing which stands before a system put, and keeps the answer.
    #[must_use]
    pub fn decide(&self, question: &Question) -> Decision {
        self.decide_for(None, question)
    }

    /// Answers a question and keeps the answer with who put it: what guards a system is seen by that.
    #[must_use]
    pub fn decide_for(&self, asker: Option<Asker>, question: &Question) -> Decision {
        self.decide_at(asker, question, Tally::once)
    }

    /// Answers a question about what stands. Where it stays allowed, the answer is kept as one that nobody asked for,
    /// so that rules can be put to the hour; where it does not, whoever ends it asks and keeps that.
    fn decide_standing(&self, asker: Option<Asker>, question: &Question) -> Decision {
        self.decide_at(asker, question, Tally::standing)
    }

    fn decide_at(
        &self,
        asker: Option<Asker>,
        question: &Question,
        tally: fn(Timestamp) -> Tally,
    ) -> Decision {
        let (decision, facts, privileged, now) = self.with_ground(|ground| {
            let (decision, seen, built_in) =
                decide_seen(&self.access().rulebook(), ground, question);
            let privileged = decision.is_allowed()
                && privileged::is_privileged(ground.world, question, ground.now);
            (decision, (seen, built_in), privileged, ground.now)
        });
        let tally = tally(now);
        if decision.is_allowed() || !tally.is_standing() {
            let log = &self.access().log;
            log.put((question, asker), &decision, facts, privileged, tally);
        }
        decision
    }

    /// Answers a question for whoever looks at what would be, and keeps nothing.
    #[must_use]
    pub fn preview(&self, question: &Question) -> Decision {
        self.with_ground(|ground| decide(&self.access().rulebook(), ground, question))
    }

    /// Wakes whoever follows answers where the time has come to be trusted or no longer is since the last
    /// time. A step of the clock is no event: nothing else tells gateways that wait. Called again and again by
    /// the thread that keeps lines.
    pub fn follow_clock(&self) {
        let sure = self.clock().step().is_none();
        if self.access().clock_sure.swap(sure, Ordering::AcqRel) != sure {
            self.access().touch();
        }
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
            supposed: None,
        })
    }
}

/// The rules that forbade, by their ids; none where it was allowed.
#[must_use]
pub fn forbidding(decision: &Decision) -> Vec<String> {
    match decision {
        Decision::Allow(_) => Vec::new(),
        Decision::Deny(Denied::Missing(missing)) => {
            missing.iter().map(|it| it.rule.id.clone()).collect()
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
