//! Tests of the domain from outside.

mod authority;
mod commands;
mod world_walk;
