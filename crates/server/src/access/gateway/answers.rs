//! What the tunnels of one gateway reach, kept from table to table: only those are asked about again whom
//! something has moved for, or whose time has come.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use sekisho_domain::id::{DeviceId, PersonId, TunnelSessionId};
use sekisho_domain::permit::PermitKind;
use sekisho_domain::time::{Span, Timestamp};
use sekisho_domain::world::World;
use sekisho_protocol::access_table::Reach;
use sekisho_rules::decide::{Ground, Rulebook};

use super::table::reach_of;
use super::tunnels::Tunnelled;
use crate::access::Move;
use crate::app::App;

/// How long an answer is kept at most. What a decision allows says when it has to be asked again; what
/// time brings besides (a permit that begins, somebody who leaves on a day) no move tells of.
pub const KEPT_FOR: Span = Span::seconds(5);
/// So many tunnels are asked about while the World is held; then whoever writes may go on.
const SLICE: usize = 64;

/// The answers.
#[derive(Debug, Default)]
pub struct Answers {
    of: HashMap<TunnelSessionId, Answer>,
    /// The rules by which they were given, and whether time was sure.
    basis: Option<(Arc<Rulebook>, bool)>,
    /// How many moves are taken account of.
    seen: u64,
}

#[derive(Debug)]
struct Answer {
    person: PersonId,
    device: DeviceId,
    reach: Vec<Reach>,
    /// When it has to be asked again at the latest.
    until: Timestamp,
}

impl Answers {
    /// Brings the answers for tunnels up to date.
    pub fn follow(&mut self, app: &App, tunnels: &[Tunnelled]) {
        let book = app.access().rulebook();
        // Before anything is looked at: what moves meanwhile is asked about once more.
        let (moves, seen) = app.access().moves().since(self.seen);
        let due = app.with_ground(|ground| self.due(&book, ground, &moves, tunnels));
        for slice in due.chunks(SLICE) {
            app.with_ground(|ground| self.ask(&book, ground, slice));
        }
        self.seen = seen;
    }

    /// The tunnels that have to be asked about after some moves. What is kept of others that are there
    /// no longer is forgotten.
    pub fn due<'a>(
        &mut self,
        book: &Arc<Rulebook>,
        ground: Ground<'_>,
        moves: &[Move],
        tunnels: &'a [Tunnelled],
    ) -> Vec<&'a Tunnelled> {
        let sessions: HashSet<TunnelSessionId> = tunnels.iter().map(|it| it.session).collect();
        self.of.retain(|session, _| sessions.contains(session));
        let same = self
            .basis
            .as_ref()
            .is_some_and(|(known, sure)| Arc::ptr_eq(known, book) && *sure == ground.clock_sure);
        if !same || moves.contains(&Move::Anybody) {
            self.of.clear();
            self.basis = Some((Arc::clone(book), ground.clock_sure));
        }
        let concerned = Concerned::by(moves, ground.world);
        let is_due = |tunnel: &&Tunnelled| {
            self.of.get(&tunnel.session).is_none_or(|known| {
                (known.person, known.device) != (tunnel.person, tunnel.device)
                    || known.until <= ground.now
                    || concerned.people.contains(&tunnel.person)
                    || concerned.devices.contains(&tunnel.device)
            })
        };
        tunnels.iter().filter(is_due).collect()
    }

    /// Asks about tunnels.
    pub fn ask(&mut self, book: &Rulebook, ground: Ground<'_>, tunnels: &[&Tunnelled]) {
        for tunnel in tunnels {
            let (person, device) = (tunnel.person, tunnel.device);
            let reach = reach_of(book, ground, person, device);
            let kept = ground.now.after(KEPT_FOR);
            let ends = reach.iter().filter_map(|it| it.ends_at);
            let until = ends.fold(kept, std::cmp::min);
            let answer = Answer {
                person,
                device,
                reach,
                until,
            };
            self.of.insert(tunnel.session, answer);
        }
    }

    /// What a tunnel reaches: nothing where it was not asked about.
    #[must_use]
    pub fn reach(&self, tunnel: &Tunnelled) -> Vec<Reach> {
        let known = self.of.get(&tunnel.session);
        known.map_or_else(Vec::new, |known| known.reach.clone())
    }
}

/// Whom moves concern.
#[derive(Default)]
struct Concerned {
    people: HashSet<PersonId>,
    devices: HashSet<DeviceId>,
}

impl Concerned {
    fn by(moves: &[Move], world: &World) -> Self {
        let mut concerned = Self::default();
        for one in moves {
            match one {
                // Nothing is kept then.
                Move::Anybody => {}
                Move::Devices(devices) => concerned.devices.extend(devices),
                Move::Permit(permit) => {
                    let Some(permit) = world.permits.get(*permit) else {
                        continue;
                    };
                    concerned.people.insert(permit.applicant);
                    // These count for whoever uses the device.
                    if matches!(permit.kind(), PermitKind::Line | PermitKind::Exception) {
                        concerned.devices.extend(permit.particulars.devices());
                    }
                }
            }
        }
        concerned
    }
}
