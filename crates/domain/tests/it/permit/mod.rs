//! Permits.

mod asked;
mod life;
mod matrix;
mod routes;
mod scene;
