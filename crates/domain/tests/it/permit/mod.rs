//! Permits.

mod asked;
mod life;
mod matrix;
mod model;
mod routes;
mod scene;
mod walk;
