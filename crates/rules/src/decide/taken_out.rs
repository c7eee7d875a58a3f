//! Devices that were taken out by a permission (PO). Outside they may be at a line that nothing tells of, such as a
//! cable: so while the permission stands, and until it is recorded that the device was given back, it counts as
//! having been outside whenever it was not shown to be inside (8.1.1(3)(i), (j)). A person's own device needs no such
//! permission to be outside: of it that holds always.
//!
//! It is shown at the switch that asks about it, by what the switch tells of its connection, and by its reports from
//! an internal line or from the quarantine. What is shown counts as one stay as long as no silence in between is
//! longer than [`SILENCE`], or than [`SIGN_IN`] where it signs in anew within one connection.

use sekisho_domain::device::DeviceClass;
use sekisho_domain::id::{DeviceId, PermitId};
use sekisho_domain::permit::{Obligation, Permit, PermitKind, Stage};
use sekisho_domain::time::{Span, Timestamp};
use sekisho_domain::world::World;

use super::whereabouts::Whereabouts;

/// For so long a device that may be taken out can be silent and has not left: four reports of an agent, which are
/// 15 minutes apart.
pub const SILENCE: Span = Span::minutes(60);

/// For so long it has not left either, where it signs in anew within a connection that its switch says went on all
/// the time. Switches are to ask for that every four hours, and the answer always comes a little later: a quarter of
/// an hour is left for it. Over a night a switch may call another connection by the same name.
pub const SIGN_IN: Span = Span::minutes(4 * 60 + 15);

/// A time in which a device may have been outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TakenOut {
    /// The permission; none of a person's own device.
    pub permit: Option<PermitId>,
    /// From when on.
    pub from: Timestamp,
    /// Until when: until its return was recorded, else until now.
    pub until: Timestamp,
}

impl TakenOut {
    /// Those of a device up to now, the newest permission first.
    #[must_use]
    pub fn of(world: &World, device: DeviceId, now: Timestamp) -> Vec<Self> {
        let known = world.device(device);
        if let Some(own) = known.filter(|it| it.class == DeviceClass::Byod) {
            return vec![Self {
                permit: None,
                from: own.enrolled_at,
                until: now,
            }];
        }
        let permits = world.permits.of_device(device);
        permits.filter_map(|permit| Self::by(permit, now)).collect()
    }

    /// None of another kind of permission, and of one that was not taken up or begins later.
    fn by(permit: &Permit, now: Timestamp) -> Option<Self> {
        let grant = permit.grant()?;
        let not_taken_up = matches!(
            grant.stage,
            Stage::Live {
                taken_up: false,
                ..
            }
        );
        let from = grant.term.from;
        if permit.kind() != PermitKind::TakeOut || not_taken_up || now < from {
            return None;
        }
        // One that ended and was never taken up owes nothing, and nothing was given back.
        let until = if grant.owed.contains(Obligation::DeviceReturned) {
            now
        } else {
            grant.returned_at?
        };
        Some(Self {
            permit: Some(permit.id),
            from,
            until,
        })
    }
}

impl Whereabouts {
    /// Up to when it is known to have been at our lines.
    fn known_until(&self) -> Option<Timestamp> {
        self.inside_at.max(self.shown_until)
    }

    /// Of the times in which it may have been outside, each from when it was last shown, the last one that is longer
    /// than a silence says nothing.
    fn gap(&self, taken: &[TakenOut]) -> Option<TakenOut> {
        let known = self.known_until();
        let since_shown = |it: &TakenOut| TakenOut {
            from: known.map_or(it.from, |known| known.max(it.from)),
            ..*it
        };
        let gaps = taken.iter().map(since_shown);
        gaps.filter(|it| it.until.since(it.from) > SILENCE)
            .max_by_key(|it| it.until)
    }

    /// Whether any of these times goes on after it was last shown.
    fn may_leave(&self, taken: &[TakenOut]) -> bool {
        taken.iter().any(|it| self.known_until() < Some(it.until))
    }

    /// Takes it for one that was outside where it may have been and was not shown to be inside. Returns whether that
    /// is so.
    pub fn presume_outside(&mut self, taken: &[TakenOut]) -> bool {
        let Some(gap) = self.gap(taken) else {
            return false;
        };
        self.seen_outside(gap.from);
        self.seen_outside(gap.until);
        self.taken_out = gap.permit;
        true
    }

    /// Notes that it asks to join an internal line, so that it is there, after all those times in which it may have
    /// been outside. Returns whether that says anything new.
    pub fn comes_back(&mut self, now: Timestamp, taken: &[TakenOut]) -> bool {
        let shown = self.may_leave(taken);
        self.presume_outside(taken);
        if shown {
            self.shown_until = Some(now);
        }
        self.comes(now) || shown
    }

    /// Notes that it signs in anew within the connection in which it stands at a switch, so that it was there also
    /// since it was last shown, where that is no longer ago than [`SIGN_IN`]. Returns whether that says anything new.
    pub fn signs_in_anew(&mut self, now: Timestamp, taken: &[TakenOut]) -> bool {
        let known = self.known_until();
        let shown = known.is_some_and(|known| now.since(known) <= SIGN_IN) && self.may_leave(taken);
        if shown {
            self.shown_until = Some(now);
        }
        self.comes_back(now, taken) || shown
    }

    /// Notes that it was shown at one of our lines, where it has been so without a silence that is too long. After
    /// one it has to ask first. Returns whether that says anything new.
    pub fn shown_inside(&mut self, at: Timestamp, taken: &[TakenOut]) -> bool {
        let shown = self.gap(taken).is_none() && self.may_leave(taken);
        if shown {
            self.shown_until = Some(at);
        }
        shown
    }

    /// Notes a report from an internal line that names nothing else: of a device that nothing is known of it says
    /// that it never left, where it was not taken out meanwhile. Returns whether that says anything new.
    pub fn reported_inside(&mut self, at: Timestamp, taken: &[TakenOut]) -> bool {
        if self.gap(taken).is_some() {
            return false;
        }
        let shown = self.shown_inside(at, taken);
        self.known_inside(at) || shown
    }
}
