//! Permits.

mod asked;
mod conference;
mod excepted;
mod exception_gates;
mod exceptions;
mod life;
mod listed;
mod lowered;
mod matrix;
mod model;
mod opinions;
mod planned;
mod risky;
mod routes;
pub mod scene;
mod walk;
