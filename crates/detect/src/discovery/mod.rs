//! Service use from the logs of resolvers and proxies: which outside services are really used, by
//! whom and how much. Clauses: sections 1 and 4 of the notices (functions added; conference tools
//! that were introduced), 4.1.2 of the Unified Standards (services under terms).
//!
//! ```text
//! bytes ─► Lines (cut at newlines, bounded) ─► form::* (one line → Lookup) ─► Catalogue (name → service)
//!                                                                               └─► Tally (service × client × day)
//! ```
//!
//! Names are matched from their end, label by label, so that look-alikes (`notzoom.us`,
//! `zoom.us.evil.example`) never count. Everything is counted: a line that is skipped says why.

mod catalogue;
mod clients;
mod clock;
pub mod form;
mod hidden;
mod lines;
mod list;
mod name;
mod scan;
mod tally;

pub use catalogue::{Catalogue, CatalogueError, Service, ServiceId, ServiceKind, Words};
pub use clients::{Clients, ClientsError, Whose};
pub use clock::{Clock, ClockError, Stamp};
pub use form::{Form, Line, Lookup, Subject};
pub use hidden::HiddenService;
pub use lines::{Cut, LINE_MAX, Lines};
pub use list::{BYTES_MAX, ListChanges, ListedService, ServiceList};
pub use name::{NameFault, canonical};
pub use scan::{Counts, Reader, Skip};
pub use tally::{Client, KEYS_MAX, Tally, Use, Used};
