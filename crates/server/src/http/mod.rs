//! The HTTP surface: console, interface for programs, agents, ledger files, service checks.
//!
//! One table ([`routes::ROUTES`]) names every way in and who may take it. Handlers are plain
//! functions from a request to an answer; they run beside the asynchronous runtime, because they
//! read and write files. What every answer has in common (host check, limits, headers, log line,
//! counting) stands around them in [`guard`].

mod access;
mod agent;
mod api;
mod assets;
mod attachment;
mod ctx;
mod current;
mod device_certificate;
mod events;
mod fault;
mod form;
mod gateway;
mod guard;
mod health;
mod language;
mod ledger_files;
mod metrics;
mod multipart;
pub mod options;
mod paced;
mod pages;
mod radius;
pub mod routes;
mod serve;
mod site;
pub(crate) mod tls;
mod upload;
mod verification;

pub use access::{ExtAuthzError, serve_ext_authz};
pub use device_certificate::DeviceCertificate;
pub use options::{Options, OptionsError, StatedDevice, TlsSource};
pub use routes::router;
pub use serve::{Patience, ServeError, serve, serve_with};
pub use site::{Site, SiteError};
pub use tls::TlsError;
