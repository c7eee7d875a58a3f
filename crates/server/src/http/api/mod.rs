//! The interface for programs: `/api/v1`.
//!
//! One table ([`table::OPERATIONS`]) says what can be asked for, with the form of every request and
//! answer; the routes, `GET /api/v1/openapi.json` and the tests follow from it. To add an operation:
//! a handler `fn(&Call) -> Done` in the file of its subject, and a row in the table.
//!
//! A program shows a token (`Authorization: Bearer`); a browser's session may read and never
//! command. Commands are named by the program (`Idempotency-Key`) and carried out once; things with
//! a version are changed only with the version seen (`If-Match`). What goes wrong is a problem
//! document (RFC 9457) with a stable code and, where fields are at fault, their places.

mod access_rules;
mod call;
mod cases;
mod checklist;
mod clients;
mod command;
mod cuts;
mod deputies;
mod devices;
mod exceptions;
mod ledger;
mod members;
mod moves;
mod openapi;
mod operation;
mod opinions;
mod organisation;
mod people;
mod permits;
mod plan;
mod registers;
mod risk;
mod rules;
mod schema;
mod service_catalogue;
mod services;
mod status;
mod structure;
mod table;
mod tables;

pub(super) use command::{carry_out, download, read};
pub(super) use openapi::show as openapi;
pub(super) use operation::{Act, Operation};
pub(super) use table::OPERATIONS;
