//! At which hours and on which days a permit holds: by its own particulars and by its conditions.

use sekisho_domain::permit::{Conditions, Particulars, Permit};
use sekisho_domain::time::{Span, Timestamp};
use sekisho_domain::world::World;

/// How many days are looked at for the next hour: longer than any stretch of holidays.
const HORIZON: u32 = 31;

/// When a permit holds again by its hours and days; none where it holds now.
pub(super) fn opens(world: &World, permit: &Permit, now: Timestamp) -> Option<Timestamp> {
    let windows = Windows::of(permit);
    if windows.is_always() || windows.holds(world, now) {
        return None;
    }
    let mut day = now.jst_date();
    for _ in 0..HORIZON {
        let start = Timestamp::start_of_jst_day(day).ok()?;
        let opening = start.after(Span::minutes(windows.from * 60)).max(now);
        if windows.holds(world, opening) {
            return Some(opening);
        }
        day = day.tomorrow().ok()?;
    }
    // Never within the horizon: hours that contradict each other. The end of the term comes first.
    permit.grant().map(|grant| grant.term.until)
}

/// Until when a permit that holds now holds for certain, whatever the calendar says of the next day: then it is to be
/// asked again. When it really ends says [`ends`].
pub(super) fn closes(permit: &Permit, now: Timestamp) -> Option<Timestamp> {
    let term = permit.grant()?.term.until;
    let windows = Windows::of(permit);
    if windows.is_always() {
        return Some(term);
    }
    let start = Timestamp::start_of_jst_day(now.jst_date()).ok()?;
    Some(term.min(start.after(Span::minutes(windows.until * 60))))
}

/// When a permit that holds now ends, or stops to hold until its hours or days come again: the end of a day is none
/// where it goes on holding.
pub(super) fn ends(world: &World, permit: &Permit, now: Timestamp) -> Option<Timestamp> {
    let term = permit.grant()?.term.until;
    let windows = Windows::of(permit);
    let mut end = closes(permit, now)?;
    for _ in 0..HORIZON {
        if end >= term || !windows.holds(world, end) {
            break;
        }
        end = closes(permit, end)?;
    }
    Some(end)
}

/// Hours of the day in Japan, and whether on working days only.
struct Windows {
    from: u32,
    until: u32,
    working_days_only: bool,
}

impl Windows {
    fn of(permit: &Permit) -> Self {
        let own = match permit.particulars.as_ref() {
            Particulars::RemoteAccess(it) => (it.from_hour, it.until_hour),
            _ => (None, None),
        };
        let conditions: Option<&Conditions> =
            permit.grant().and_then(|grant| grant.conditions.as_deref());
        let from = conditions.and_then(|it| it.from_hour);
        let until = conditions.and_then(|it| it.until_hour);
        Self {
            from: own.0.unwrap_or(0).max(from.unwrap_or(0)),
            until: own.1.unwrap_or(24).min(until.unwrap_or(24)),
            working_days_only: conditions.is_some_and(|it| it.working_days_only),
        }
    }

    const fn is_always(&self) -> bool {
        self.from == 0 && self.until >= 24 && !self.working_days_only
    }

    fn holds(&self, world: &World, at: Timestamp) -> bool {
        let moment = at.jst();
        let hour = u32::try_from(moment.hour()).unwrap_or(0);
        (self.from..self.until).contains(&hour)
            && (!self.working_days_only || world.calendar().is_working_day(moment.date()))
    }
}
