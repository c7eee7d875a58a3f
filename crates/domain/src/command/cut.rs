//! Cutting tunnels off.

use super::Refusal;
use crate::access::{CUT_MAX, Cut, CutScope};
use crate::authorise::{Action, Subject};
use crate::event::Event;
use crate::world::World;

/// The action and what it is about: whoever may end what one person or device has open, or everything.
pub(super) fn action(cut: &Cut) -> (Action, Subject) {
    let subject = match cut.scope {
        CutScope::Session(_) => match cut.tunnels.first() {
            Some(tunnel) => Subject::Person(tunnel.person),
            None => Subject::Body,
        },
        CutScope::Person(person) => Subject::Person(person),
        CutScope::Device(device) => Subject::Device(device),
        CutScope::System(_) | CutScope::Gateway(_) => Subject::Body,
    };
    (Action::CutAccess, subject)
}

pub(super) fn decide(world: &World, cut: &Cut) -> Result<Vec<Event>, Refusal> {
    if cut.tunnels.len() > CUT_MAX {
        return Err(Refusal::new("access.cut-too-many"));
    }
    let mut tunnels = cut.tunnels.clone();
    tunnels.retain(|it| world.cuts.of(it.session).is_none());
    if tunnels.is_empty() {
        return Err(Refusal::new("access.nothing-to-cut"));
    }
    // The gate was asked about the scope: what lies outside it is not covered by its word.
    if !tunnels.iter().all(|it| cut.scope.may_hold(it)) {
        return Err(Refusal::new("access.cut-outside"));
    }
    let cut = Cut {
        tunnels,
        ..cut.clone()
    };
    Ok(vec![Event::AccessCut { cut }])
}
