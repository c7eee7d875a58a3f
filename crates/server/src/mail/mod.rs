//! Mail: the one way in which anything leaves by it. Checkpoints, codes and notices of break-glass
//! and letters to people all go through the relay of the organisation, by these settings.
//!
//! A relay is spoken to under TLS unless it stands on this machine or the operator says otherwise;
//! a password never goes over a line that others can read.

mod derive;
mod letter;
pub(crate) mod message;
mod postman;
mod proposed;
mod reading;
mod review;
mod settings;
#[cfg(test)]
mod stage;
mod told;
pub(crate) mod transport;
mod vouched;

pub(crate) use letter::Letter;
pub use postman::{Postman, PostmanSettings};
pub use settings::{Login, MailSettings, Security};
