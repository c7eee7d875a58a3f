//! How much is too much, and when it is no longer.

use sekisho_domain::plan::Figure;

/// The least that growth against the baseline has to add.
const LEAST: u64 = 5;
/// How many standard deviations of a number of that size growth has to add: the baseline is as uncertain as
/// what is held against it, and two thousand units are looked at every day.
const SIGMAS: u64 = 4;
/// How many tenths of the level at which something fired it has to fall below to be over.
pub const SUBSIDES: u64 = 9;

/// The level beyond which a number has grown against its baseline: a quarter more, at least five more, and
/// more than chance makes of it. `grain` is by how much the number moves at once.
#[must_use]
pub(super) fn grown(base: u64, grain: u64) -> u64 {
    let chance = (SIGMAS * SIGMAS * base * grain).isqrt();
    let more = (base / 4).max(LEAST * grain).max(chance);
    base.saturating_add(more)
}

/// The share, per thousand of so many, beyond which more than a level of them are, by more than chance makes of so few:
/// the fewer they are, the higher it is.
#[must_use]
pub(super) fn share_grown(level: u64, of: u64) -> u64 {
    let rest = 1000_u64.saturating_sub(level);
    let chance = (SIGMAS * SIGMAS * level * rest)
        .checked_div(of)
        .unwrap_or_default()
        .isqrt();
    level.saturating_add(chance)
}

/// What a part had in the baseline, in proportion where more is planned for the whole than it had: growth that was
/// planned is none. None where the whole had nothing, and so nobody knows what its parts are to have.
#[must_use]
pub(super) fn planned_part(base: u64, (whole, planned): (u64, u64)) -> Option<u64> {
    base.saturating_mul(planned.max(whole)).checked_div(whole)
}

/// A baseline as it would have been over so many working days, where there are more of them now: a plan
/// approved after the turn of the year would be passed by February alone.
#[must_use]
pub(super) fn over_days(base: u64, frozen: u32, now: u32) -> u64 {
    if frozen == 0 || now <= frozen {
        return base;
    }
    base.saturating_mul(now.into()) / u64::from(frozen)
}

/// Whether a number that fired at a level is over.
#[must_use]
pub const fn subsides(value: u64, level: u64) -> bool {
    value.saturating_mul(10) < level.saturating_mul(SUBSIDES)
}

/// A figure where the value lies beyond the level.
pub(super) fn beyond(figure: Figure) -> Option<Figure> {
    figure
        .level
        .is_none_or(|level| figure.value > level)
        .then_some(figure)
}
