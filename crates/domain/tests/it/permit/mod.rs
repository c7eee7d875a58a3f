//! Permits.

mod asked;
mod conference;
mod exceptions;
mod life;
mod listed;
mod matrix;
mod model;
mod planned;
mod routes;
mod scene;
mod walk;
