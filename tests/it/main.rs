//! The black-box tests, one module a subject.

mod api;
mod assess;
mod authzen;
mod backup;
mod bad_start;
mod break_glass;
mod clock;
mod command_line;
mod damage;
mod demo;
mod device;
mod discover;
mod feeds;
mod first_run;
mod forget;
mod forward_auth;
mod independent;
mod keys;
mod killed;
mod letters;
mod mail;
mod own_rules;
mod road;
mod services;
mod start;
mod tables;
