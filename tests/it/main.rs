//! The black-box tests, one module a subject.

mod command_line;
mod independent;
