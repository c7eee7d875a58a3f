//! The decision point over HTTP: `AuthZEN` for programs that ask, forward authentication for proxies
//! that let requests through, and the same for Envoy over gRPC.
//!
//! Whoever asks over `AuthZEN` shows an API token with the scope `access`; a browser's session asks
//! nothing there. Forward authentication is the other way round: the session is the person's, and the
//! proxy has to be one that is trusted by its address.

mod answers;
mod authzen;
mod cookies;
mod ext_authz;
mod ext_authz_door;
mod forward;
mod point;
mod prepared;
mod question;
pub(in crate::http) mod reasons;
mod refusal_page;
mod search;
mod who;

pub(super) use authzen::{
    evaluation, evaluations, metadata, search_action, search_resource, search_subject,
};
pub use ext_authz::{ExtAuthzError, serve as serve_ext_authz};
pub(super) use forward::{envoy, forward};
pub(super) use prepared::Prepared;
