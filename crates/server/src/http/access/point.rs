//! Where the decision point is asked from here.

use std::net::IpAddr;
use std::sync::LazyLock;

use sekisho_domain::permit::Place;
use sekisho_rules::decide::{
    Decision, Denied, Ground, Origin, Question, Rulebook, RulebookError, decide,
};

use crate::http::site::Site;

static BOOK: LazyLock<Result<Rulebook, RulebookError>> = LazyLock::new(Rulebook::built_in);

/// Asks on somebody's behalf. The answer counts and is recorded.
pub(super) fn ask(site: &Site, question: &Question) -> Decision {
    look(site, question)
}

/// Looks what the answer would be, for searches: nobody is let through by it.
pub(super) fn look(site: &Site, question: &Question) -> Decision {
    let book = match &*BOOK {
        Ok(book) => book,
        Err(error) => return Decision::Deny(Denied::Failed(error.to_string())),
    };
    let app = &site.app;
    let (world, posture) = (app.world(), app.posture());
    let ground = Ground {
        world: &world,
        posture: &posture,
        now: app.now(),
        clock_sure: app.clock().step().is_none(),
    };
    decide(book, ground, question)
}

/// From where somebody comes who has this address; outside the organisation where nobody knows.
pub(super) fn origin(_site: &Site, _address: Option<IpAddr>) -> Origin {
    Origin {
        place: Place::OutsideOrganisation,
        line: None,
    }
}
