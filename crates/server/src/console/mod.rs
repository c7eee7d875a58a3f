//! The console's pages, as pure functions from view-models to markup.
//!
//! Nothing here reads the world, a clock or a request: a route builds the view-model of a page
//! and calls its `page` function. Pages are complete without scripts. No element carries a style
//! attribute or inline script, so that [`CONTENT_SECURITY_POLICY`] can forbid both; geometry of
//! charts stands in SVG attributes.

pub mod access;
pub mod access_rules;
pub mod assets;
mod attestation;
pub mod checklist;
pub mod components;
pub mod connect;
pub mod device;
pub mod device_inside;
pub mod device_life;
pub mod devices;
mod draft;
pub mod error_page;
pub mod exceptions;
pub mod facts;
pub mod fields;
pub mod issue_list;
pub mod layout;
pub mod ledger;
pub mod listed;
pub mod navigation;
pub mod overview;
pub mod passkey;
mod period;
pub mod permits;
pub mod personal;
pub mod plan;
pub mod register;
pub mod requirement;
pub mod requirements;
pub mod risk;
pub mod rules;
mod section;
pub mod set_up;
pub mod sign_in;
mod subjects;
pub mod svg;
pub mod telephone;
pub mod totp;
pub mod unease;
pub mod words;

/// The stylesheet, served below `/assets/` under the name that [`assets`] gives it.
pub const STYLESHEET: &str = include_str!("../../assets/console.css");

/// The module that refreshes pages in place, served below `/assets/` under the name that [`assets`] gives it.
pub const SCRIPT: &str = include_str!("../../assets/console.js");

/// The module that speaks with the browser's authenticator, served below `/assets/` under the name that [`assets`] gives it.
pub const PASSKEY_SCRIPT: &str = include_str!("../../assets/passkey.js");

/// The page of a telephone, and the device that a browser is. The page asks for the device's module by its plain name.
pub const TELEPHONE_SCRIPT: &str = include_str!("../../assets/telephone.js");

/// The module by which a browser is a device.
pub const DEVICE_SCRIPT: &str = include_str!("../../assets/device.js");

/// The sign of the house, served below `/assets/` under the name that [`assets`] gives it.
pub const FAVICON: &str = include_str!("../../assets/favicon.svg");

/// The policy that every page is served under: everything from this server, nothing inline.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; \
    script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; \
    base-uri 'none'; frame-ancestors 'none'";
