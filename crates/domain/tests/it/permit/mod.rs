//! Permits.

mod asked;
mod life;
mod routes;
mod scene;
