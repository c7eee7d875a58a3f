//! Permits.

mod asked;
mod conference;
mod confirmed;
mod excepted;
mod exception_gates;
mod exceptions;
mod life;
mod listed;
mod lowered;
mod matrix;
mod model;
mod narrowed;
mod opinions;
mod planned;
mod risky;
mod routes;
pub mod scene;
mod walk;
