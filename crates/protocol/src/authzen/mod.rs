//! OpenID AuthZEN, Authorization API 1.0: what enforcement points ask and how they are answered.
//!
//! Requests are read in two steps: as JSON with everything optional, then as values in which nothing
//! that is required is missing. Members that nobody knows are ignored, as the specification demands;
//! whatever has the wrong form is [`Malformed`], with its place.

mod answer;
mod batch;
mod entity;
mod malformed;
mod metadata;
mod object;
mod part;
mod properties;
mod search;

pub use answer::{Answer, Answers, Found, NextPage};
pub use batch::{Evaluations, Semantic};
pub use entity::{Action, Entity, Evaluation, Kind};
pub use malformed::{Flaw, Malformed};
pub use metadata::Metadata;
pub use properties::Properties;
pub use search::{ActionSearch, Page, ResourceSearch, SubjectSearch};

/// Path of the evaluation endpoint.
pub const PATH_EVALUATION: &str = "/access/v1/evaluation";
/// Path of the endpoint for several evaluations.
pub const PATH_EVALUATIONS: &str = "/access/v1/evaluations";
/// Path of the search for subjects.
pub const PATH_SEARCH_SUBJECT: &str = "/access/v1/search/subject";
/// Path of the search for resources.
pub const PATH_SEARCH_RESOURCE: &str = "/access/v1/search/resource";
/// Path of the search for actions.
pub const PATH_SEARCH_ACTION: &str = "/access/v1/search/action";
/// Path of the metadata.
pub const PATH_METADATA: &str = "/.well-known/authzen-configuration";
/// Header that names a request and comes back with its answer.
pub const HEADER_REQUEST_ID: &str = "x-request-id";

/// Most bytes of a request.
pub const REQUEST_MAX: usize = 1024 * 1024;
/// Most evaluations of one request.
pub const EVALUATIONS_MAX: usize = 1_000;
/// Longest type, id or name, in bytes.
pub const NAME_MAX: usize = 1_024;
/// Most results of a page of a search, and how many there are where none is asked for.
pub const PAGE_MAX: usize = 1_000;

#[cfg(test)]
mod tests;
