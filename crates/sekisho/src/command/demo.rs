//! Filling a demonstration folder, through the same commands and reports as real life.

use crate::fault::Fault;
use crate::output::Output;
use crate::service::Service;

/// Fills the folder with a made-up ministry.
///
/// # Errors
/// The codes of commands and store.
pub fn fill(service: &Service, output: &Output) -> Result<(), Fault> {
    let _ = (service, output);
    Err(Fault::new("demo.missing"))
}
