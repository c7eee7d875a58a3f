//! What the reader can do with a permit now.

use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::permit::{ActKind, Obligation, Permit, Status};
use sekisho_messages::text;

use super::super::super::ctx::Ctx;
use super::path;
use crate::console::register::LinkTo;

/// What the reader may do at all with a permit, asked of the gate once.
pub(super) struct May {
    /// It is the reader's own.
    pub(super) own: bool,
    /// The reader decides on it, in whatever capacity.
    pub(super) decides: bool,
    /// The reader may hold it.
    pub(super) holds: bool,
    /// The reader may receive what is returned.
    pub(super) receives: bool,
    /// The reader holds a post in whose stead was decided, and has not viewed that.
    pub(super) views: bool,
}

impl May {
    pub(super) fn of(ctx: &Ctx, permit: &Permit) -> Self {
        let person = ctx.live().ok().map(|live| live.person);
        let own = person == Some(permit.applicant);
        let subject = Subject::Permit(permit.id);
        let views = {
            let world = ctx.site.app.world();
            let mut posts = permit.to_view.iter().map(|it| it.post);
            posts.any(|post| {
                let mut holders = world.holders(post, ctx.now);
                holders.any(|holder| Some(holder) == person)
            })
        };
        let on_route = {
            let world = ctx.site.app.world();
            let route = world.route_of(permit, ctx.now).ok();
            let (kind, grade) = (permit.kind(), permit.grade);
            route.zip(person).is_some_and(|(route, person)| {
                let capacity = world.capacity(person, route.post, kind, grade, ctx.now);
                capacity.is_some()
            })
        };
        Self {
            own,
            // Who only views what a stand-in decided passes the gate too, and decides nothing.
            decides: on_route && ctx.may(Action::DecidePermit, subject),
            holds: ctx.may(Action::HoldPermit, subject),
            receives: !own && ctx.may(Action::ReceivePermit, subject),
            views,
        }
    }

    /// Whether the reader may do something with a permit that stands so. What is owed is asked of
    /// [`Self::meets`].
    pub(super) fn act(&self, permit: &Permit, status: Status, act: ActKind) -> bool {
        let asked = permit.asked_until().is_some();
        let who = match act {
            ActKind::Resubmit | ActKind::Withdraw | ActKind::Activate | ActKind::Return => self.own,
            ActKind::AskExtension => self.own && !asked,
            ActKind::SendBack | ActKind::Refuse | ActKind::Approve => self.decides,
            ActKind::Extend | ActKind::RefuseExtension => self.decides && asked,
            ActKind::Resume | ActKind::Revoke => self.decides,
            ActKind::Suspend => self.holds && !self.own,
            ActKind::View => self.views,
            ActKind::Transfer | ActKind::Meet => false,
        };
        who && status.allows(act)
    }

    /// Whether the reader may record that something owed was done.
    pub(super) fn meets(&self, status: Status, duty: Obligation) -> bool {
        let who = if duty.is_stated_by_the_applicant() {
            self.own
        } else {
            self.receives
        };
        who && duty.can_be_met(status)
    }
}

/// What has a page of its own, in the order shown; the first is what is most likely wanted.
const LINKED: &[(ActKind, &str)] = &[
    (ActKind::Resubmit, "change"),
    (ActKind::Activate, "activate"),
    (ActKind::Resume, "resume"),
    (ActKind::AskExtension, "extension"),
    (ActKind::Return, "return"),
    (ActKind::Withdraw, "withdraw"),
    (ActKind::Suspend, "suspend"),
    (ActKind::Revoke, "revoke"),
    (ActKind::View, "view"),
];

/// Links to what the reader can do now besides deciding.
pub(super) fn links(ctx: &Ctx, permit: &Permit, may: &May) -> Vec<LinkTo> {
    let status = permit.status(ctx.now);
    LINKED
        .iter()
        .filter(|(act, _)| may.act(permit, status, *act))
        .map(|(act, page)| LinkTo {
            label: text(ctx.lang, format!("permits.act.{}", act.code()), &[]).into_owned(),
            href: format!("{}/{page}", path(permit.id)),
            primary: matches!(
                act,
                ActKind::Resubmit | ActKind::Activate | ActKind::View | ActKind::Resume
            ),
        })
        .collect()
}
