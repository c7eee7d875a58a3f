//! The front page: the profile that the organisation answers to.

use sekisho_domain::code::Reason;
use sekisho_domain::verdict::{Counts, Evidence, Verdict};

use super::Ground;
use super::part::Part;

/// The carrier of PUB-1.
pub(super) const PROFILE: &str = "PROFILE";

/// Whether a profile is in force. That it is the right one is for a human to attest.
pub(super) fn profile(ground: &Ground<'_>) -> Part {
    let Some(organisation) = &ground.world.organisation else {
        return Part::of(Verdict::Unknown, Reason::new("profile.not-set"));
    };
    let reason = Reason::new("profile.in-force").with("profile", organisation.profile.code());
    let mut part = Part::of(Verdict::Met, reason);
    part.counts = Counts {
        pass: 1,
        ..Counts::default()
    };
    part.evidence.push(Evidence {
        source: "register:organisation".to_owned(),
        at: ground.world.recorded_at,
        digest: None,
    });
    part
}
