//! Where the measures come from. What cannot be measured is named; nothing is taken for nothing.

use sekisho_domain::plan::PlanContent;
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;
use sekisho_rules::trigger::{DAYS, Usage, WINDOW, WORKING_DAYS};
use sekisho_store::StoreError;

use super::{device_checks, discovered, platforms, registers, structure, uses};
use crate::app::App;

/// How many days before a day the last five working days ended, the newest first.
fn working(world: &World, day: Timestamp) -> [u8; WORKING_DAYS] {
    let calendar = world.calendar();
    // Windows reach no further than days are known.
    let most = u8::try_from(DAYS - WINDOW as usize).unwrap_or_default();
    let mut shifts = [most; WORKING_DAYS];
    let mut date = day.jst_date();
    let mut found = 0;
    for shift in 0..=most {
        let Ok(before) = date.yesterday() else { break };
        date = before;
        if calendar.is_working_day(date) && found < WORKING_DAYS {
            shifts[found] = shift;
            found += 1;
        }
    }
    shifts
}

/// The working days before a day, as bits.
fn calendar(world: &World, day: Timestamp) -> u64 {
    let known = world.calendar();
    let mut date = day.jst_date();
    let mut bits = 0;
    for back in 0..DAYS {
        let Ok(before) = date.yesterday() else { break };
        date = before;
        bits |= u64::from(known.is_working_day(date)) << back;
    }
    bits
}

/// Measures use as it is now. `content` is the plan by which people are told apart that it admits; the
/// newest version unless one is named.
///
/// # Errors
/// The store's codes.
pub fn measure(app: &App, content: Option<&PlanContent>) -> Result<Usage, StoreError> {
    let at = app.now();
    let day = at.day_begun();
    let mut usage = {
        let world = app.world();
        let current = world
            .plan
            .current()
            .map(|it| std::sync::Arc::clone(&it.content));
        let content = content.or(current.as_deref());
        let mut usage = Usage {
            at,
            day,
            working: working(&world, day),
            calendar: calendar(&world, day),
            ..Usage::default()
        };
        structure::read(&world, content, &mut usage);
        registers::read(&world, content, &mut usage);
        usage
    };
    let places = structure::Places::of(&usage);
    uses::read(app, &places, &mut usage)?;
    device_checks::read(app, &mut usage);
    platforms::read(app, &mut usage)?;
    discovered::read(app, &mut usage);
    Ok(usage)
}
