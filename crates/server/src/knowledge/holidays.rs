//! Bringing a table of national holidays in. The ledger holds it whole: deadlines of the past must
//! come out the same again.

use sekisho_domain::actor::Actor;
use sekisho_domain::command::Command;
use sekisho_domain::working_day::{HolidayFault, Holidays};
use sekisho_ledger::digest::Digest;

use crate::app::{App, CommandError};

/// Why a table was not taken. The present one stays in use.
#[derive(Debug, thiserror::Error)]
pub enum HolidayError {
    /// It is no whole table.
    #[error(transparent)]
    Table(#[from] HolidayFault),
    /// It was refused or could not be recorded.
    #[error(transparent)]
    Command(#[from] CommandError),
}

/// Puts a table in place as `actor`; says whether it was in place already.
///
/// # Errors
/// [`HolidayError`].
pub fn replace(app: &App, actor: Actor, file: &[u8]) -> Result<(Holidays, bool), HolidayError> {
    let holidays = Holidays::read(file)?;
    let command = Command::ReplaceHolidays {
        holidays: Box::new(holidays.clone()),
        digest: Digest::of(file).to_string(),
    };
    let committed = app.command_blocking(actor, command, Vec::new())?;
    Ok((holidays, committed.records == 0))
}
