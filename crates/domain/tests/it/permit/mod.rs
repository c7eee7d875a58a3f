//! Permits.

mod asked;
mod conference;
mod life;
mod matrix;
mod model;
mod routes;
mod scene;
mod walk;
