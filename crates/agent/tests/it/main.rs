//! The agent against recorded hosts and against a server on this machine.

mod hosts;
mod talk;
