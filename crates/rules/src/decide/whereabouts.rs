//! Where a device has been, as far as the clauses on coming back ask (8.1.1(3)(i), (j)): from evidence of
//! outside lines and from its admissions follows its [`Outing`].
//!
//! Evidence may come late: a device tells where it was only once it is back. So what counts is not when a
//! device was last inside but up to when its time outside is accounted for, by an inspection and a
//! permission that let it back in.

use core::net::Ipv4Addr;

use sekisho_domain::id::PermitId;
use sekisho_domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::question::Outing;

/// Where one device has been. What nothing is known of counts as outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Whereabouts {
    /// When it was last let onto an internal line, or known to be at one.
    pub inside_at: Option<Timestamp>,
    /// Up to when its time outside is accounted for; none where it never was.
    pub accounted_until: Option<Timestamp>,
    /// The permission that accounts for the last outing, as long as the device rests on it.
    pub rests_on: Option<PermitId>,
    /// When the outing began, by the first evidence of it, and the newest evidence.
    pub outside: Option<(Timestamp, Timestamp)>,
    /// When it was last inside before that outing.
    pub left_at: Option<Timestamp>,
    /// When it came back: the first time it was seen at an internal line after the newest evidence.
    pub back_at: Option<Timestamp>,
    /// Up to when it has been shown at our lines since it was let in, of one that was taken out by a permission.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shown_until: Option<Timestamp>,
    /// The permission by which it may have been outside, where nothing shows that it stayed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taken_out: Option<PermitId>,
    /// How it stood before that outing, where nothing but a gateway's entry in the register says that it was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by_gateway: Option<ByGateway>,
}

/// How a device stood before an outing that is known from one address alone, which a gateway's entry calls its own.
/// Where the entry was wrong there was no outing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ByGateway {
    /// The address that the device was seen at.
    pub address: Ipv4Addr,
    accounted_until: Option<Timestamp>,
    rests_on: Option<PermitId>,
    outside: Option<(Timestamp, Timestamp)>,
    left_at: Option<Timestamp>,
    back_at: Option<Timestamp>,
}

impl Whereabouts {
    /// Whether there is time outside that nothing accounts for, or nobody knows.
    #[must_use]
    pub fn is_open(&self) -> bool {
        match (self.accounted_until, self.outside) {
            (None, _) => true,
            (Some(until), Some((_, last))) => last > until,
            (Some(_), None) => false,
        }
    }

    /// Notes evidence that it was at an outside line. Returns whether that says anything new. An outing of which
    /// a gateway's entry alone spoke stands by this from here on.
    pub fn seen_outside(&mut self, at: Timestamp) -> bool {
        let accounted = self.accounted_until.is_some_and(|until| at <= until);
        let confirms = !accounted && self.by_gateway.take().is_some();
        self.noted(at) || confirms
    }

    /// Notes that it was seen at an address of which nothing but a gateway's entry says that who is there is
    /// outside. `by_another` tells whether the entry of another gateway says so than of the one that the device was
    /// seen at first: one wrong entry proves nothing, however many of its addresses a device has. Returns whether
    /// that says anything new.
    pub fn seen_through(
        &mut self,
        address: Ipv4Addr,
        at: Timestamp,
        by_another: impl FnOnce(Ipv4Addr) -> bool,
    ) -> bool {
        let before = ByGateway {
            address,
            accounted_until: self.accounted_until,
            rests_on: self.rests_on,
            outside: self.outside,
            left_at: self.left_at,
            back_at: self.back_at,
        };
        let goes_on = self.outside.is_some() && self.is_open();
        let news = self.noted(at);
        if news && !goes_on {
            self.by_gateway = Some(before);
        } else if news && self.by_gateway.is_some_and(|it| by_another(it.address)) {
            // Two entries say it: it stands.
            self.by_gateway = None;
        }
        news
    }

    /// Takes back an outing that nothing but one address said, which is no gateway's after all.
    pub fn take_back(&mut self, address: Ipv4Addr) {
        let Some(before) = self.by_gateway.filter(|it| it.address == address) else {
            return;
        };
        self.accounted_until = before.accounted_until;
        self.rests_on = before.rests_on;
        self.outside = before.outside;
        self.left_at = before.left_at;
        self.back_at = before.back_at;
        self.by_gateway = None;
    }

    fn noted(&mut self, at: Timestamp) -> bool {
        if self.accounted_until.is_some_and(|until| at <= until) {
            return false;
        }
        let begun = self.outside.filter(|_| self.is_open());
        if let Some((first, last)) = begun {
            if first <= at && at <= last {
                return false;
            }
            self.outside = Some((first.min(at), last.max(at)));
        } else {
            let inside = [self.inside_at, self.shown_until].into_iter().flatten();
            self.left_at = inside
                .filter(|inside| *inside <= at)
                .max()
                .or(self.accounted_until);
            self.outside = Some((at, at));
            self.rests_on = None;
        }
        // Evidence of the time before it came back does not make it come back again.
        if self.back_at.is_some_and(|back| back < at) || begun.is_none() {
            self.back_at = None;
        }
        true
    }

    /// Notes that it is at an internal line and that no evidence ever said otherwise: a device that never
    /// left has nothing to account for. Returns whether that says anything new.
    pub fn known_inside(&mut self, at: Timestamp) -> bool {
        if self.accounted_until.is_some() || self.outside.is_some() {
            return false;
        }
        self.inside_at = Some(at);
        self.accounted_until = Some(at);
        true
    }

    /// Notes that it asks to join an internal line: from here on evidence counts. Returns whether that
    /// says anything new.
    pub fn comes(&mut self, now: Timestamp) -> bool {
        let comes = self.is_open() && self.back_at.is_none();
        if comes {
            self.back_at = Some(now);
        }
        comes
    }

    /// Notes that it was let in: after an outing by a permission, where the rules ask for one.
    pub fn let_in(&mut self, now: Timestamp, permit: Option<PermitId>) {
        self.inside_at = Some(now);
        self.by_gateway = None;
        self.taken_out = None;
        if self.is_open() {
            self.accounted_until = Some(now);
        }
        if permit.is_some() {
            self.rests_on = permit;
        }
    }

    /// Takes back what accounted for the last outing: it was taken off the line since inspection or
    /// permission no longer hold.
    pub fn reopen(&mut self) {
        self.accounted_until = self
            .outside
            .map(|(first, _)| first.before(sekisho_domain::time::Span::millis(1)));
        self.rests_on = None;
    }

    /// What a question about joining has to say. `ended_in_order` tells of a permission that its term is
    /// over or that it was given back, not that it was taken away.
    #[must_use]
    pub fn outing(&self, now: Timestamp, ended_in_order: impl Fn(PermitId) -> bool) -> Outing {
        let resting = self.rests_on.is_some_and(|permit| !ended_in_order(permit));
        if self.is_open() || resting {
            self.back(now)
        } else {
            Outing::None
        }
    }

    /// As [`Self::outing`] for a device that is on the line: what let it in has to hold on.
    #[must_use]
    pub fn outing_while_joined(&self, now: Timestamp) -> Outing {
        self.outing(now, |_| false)
    }

    fn back(&self, now: Timestamp) -> Outing {
        Outing::Back {
            last_inside: self.left_at,
            since: self.back_at.unwrap_or(now),
        }
    }
}

#[cfg(test)]
mod tests {
    use sekisho_domain::id::Fresh;

    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_millis(1_000_000_000 + minute * 60_000)
    }

    fn permit() -> PermitId {
        PermitId::new(Fresh([7; 16]))
    }

    const fn back(last_inside: Option<Timestamp>, since: Timestamp) -> Outing {
        Outing::Back { last_inside, since }
    }

    #[test]
    fn who_was_never_seen_is_taken_for_outside_and_who_never_left_is_not() {
        let mut it = Whereabouts::default();
        assert_eq!(it.outing(at(5), |_| true), back(None, at(5)));
        assert!(it.known_inside(at(6)));
        assert_eq!(it.outing(at(7), |_| true), Outing::None);
        // Who was outside is not made to have stayed by being seen inside.
        let mut it = Whereabouts::default();
        it.seen_outside(at(1));
        assert!(!it.known_inside(at(6)));
        assert_eq!(it.outing(at(7), |_| true), back(None, at(7)));
    }

    #[test]
    fn an_outing_lasts_until_it_is_accounted_for() {
        let mut it = Whereabouts::default();
        it.known_inside(at(0));
        assert!(it.seen_outside(at(10)));
        assert!(it.comes(at(20)));
        assert!(!it.comes(at(21)));
        assert_eq!(it.outing(at(22), |_| true), back(Some(at(0)), at(20)));
        // A report from the quarantine tells of the time before: it came back when it came back.
        assert!(it.seen_outside(at(15)));
        assert_eq!(it.outing(at(22), |_| true), back(Some(at(0)), at(20)));
        it.let_in(at(23), Some(permit()));
        assert_eq!(it.outing(at(24), |_| true), Outing::None);
        assert_eq!(it.outing_while_joined(at(24)), back(Some(at(0)), at(20)));
        // What was accounted for does not come up again; what comes after does.
        assert!(!it.seen_outside(at(12)));
        assert!(it.seen_outside(at(30)));
        assert_eq!(it.outing(at(31), |_| true), back(Some(at(23)), at(31)));
    }

    const OWN: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 9);

    /// Let in by a permission after an outing, and seen at a gateway's address.
    fn seen_through() -> (Whereabouts, Whereabouts) {
        let mut before = Whereabouts::default();
        before.known_inside(at(0));
        before.seen_outside(at(10));
        before.comes(at(20));
        before.let_in(at(21), Some(permit()));
        let mut after = before;
        assert!(after.seen_through(OWN, at(30), |_| false));
        assert!(after.seen_through(OWN, at(40), |_| false));
        assert!(!after.seen_through(OWN, at(35), |_| false));
        (before, after)
    }

    #[test]
    fn an_outing_that_a_gateways_entry_alone_speaks_of_goes_with_it() {
        let (before, mut it) = seen_through();
        // As long as the entry stands it counts as any other, also once the device asks to join.
        assert!(it.comes(at(41)));
        assert_eq!(it.outing(at(42), |_| true), back(Some(at(21)), at(41)));
        let mut other = it;
        other.take_back(Ipv4Addr::new(192, 0, 2, 10));
        assert_eq!(other, it);
        it.take_back(OWN);
        assert_eq!(it, before);
        assert_eq!(it.outing(at(43), |_| true), Outing::None);
    }

    #[test]
    fn an_outing_that_something_else_speaks_of_stays() {
        let stays = |mut it: Whereabouts| {
            let known = it;
            it.take_back(OWN);
            assert_eq!(it, known);
            assert!(it.is_open());
        };
        // Evidence of another kind, also of a time that is known already.
        for minute in [25, 35, 50] {
            let (_, mut it) = seen_through();
            assert!(it.seen_outside(at(minute)), "{minute}");
            stays(it);
        }
        // An address of another gateway's entry.
        let (_, mut it) = seen_through();
        let other = Ipv4Addr::new(192, 0, 2, 10);
        assert!(it.seen_through(other, at(50), |first| first == OWN));
        stays(it);
        // The address of the gateway, where the outing was known already.
        let mut it = Whereabouts::default();
        it.known_inside(at(0));
        it.seen_outside(at(10));
        assert!(it.seen_through(OWN, at(20), |_| false));
        stays(it);
        // What was accounted for before says nothing of it.
        let (before, mut it) = seen_through();
        assert!(!it.seen_outside(at(12)));
        it.take_back(OWN);
        assert_eq!(it, before);
    }

    #[test]
    fn a_second_address_of_the_same_entry_does_not_make_an_outing_stand() {
        let (before, mut it) = seen_through();
        let other = Ipv4Addr::new(192, 0, 2, 10);
        assert!(it.seen_through(other, at(50), |_| false));
        assert!(it.is_open());
        it.take_back(OWN);
        assert_eq!(it, before);
    }

    #[test]
    fn what_was_inspected_and_let_in_is_not_taken_back() {
        let (_, mut it) = seen_through();
        it.comes(at(41));
        it.let_in(at(50), Some(permit()));
        let known = it;
        it.take_back(OWN);
        assert_eq!(it, known);
    }

    #[test]
    fn how_it_stood_before_is_stored_and_read() {
        let (before, it) = seen_through();
        let stored = serde_json::to_string(&it).unwrap();
        assert_eq!(serde_json::from_str::<Whereabouts>(&stored).unwrap(), it);
        let stored = serde_json::to_string(&before).unwrap();
        assert!(!stored.contains("by_gateway"), "{stored}");
        assert_eq!(
            serde_json::from_str::<Whereabouts>(&stored).unwrap(),
            before
        );
    }

    #[test]
    fn evidence_that_comes_late_counts() {
        let mut it = Whereabouts::default();
        it.known_inside(at(0));
        // It was let in with nothing known, and says then where it was the evening before.
        it.let_in(at(100), None);
        assert!(it.seen_outside(at(50)));
        assert_eq!(it.outing(at(101), |_| true), back(Some(at(0)), at(101)));
    }

    #[test]
    fn what_let_it_in_can_be_taken_back() {
        let mut it = Whereabouts::default();
        it.known_inside(at(0));
        it.seen_outside(at(10));
        it.comes(at(20));
        it.let_in(at(21), Some(permit()));
        // Taken away meanwhile: it is asked for again, also where the device left in between.
        assert_eq!(it.outing(at(22), |_| false), back(Some(at(0)), at(20)));
        it.reopen();
        assert_eq!(it.outing(at(23), |_| true), back(Some(at(0)), at(20)));
    }
}
