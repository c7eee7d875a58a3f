//! Use of outside services, as the shell reads it from logs.

use sekisho_detect::discovery::CatalogueError;
use sekisho_domain::actor::Actor;
use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::code::Reason;
use sekisho_protocol::admin::{Answer, Failure, Request};
use sekisho_protocol::service_use::{ServiceMarks, ServiceRun};

use super::answer::{command_failure, denied_to, failure};
use crate::app::App;
use crate::knowledge::services::{ServicesError, import_services};
use crate::knowledge::{ImportHints, feed_line};
use crate::service_use::lists::{ListError, ServiceLists};
use crate::service_use::{TakeError, marks, own_services, read_since, source_name, take};

/// Answers requests about use of services; none for others.
pub(super) fn answer(
    app: &App,
    request: &Request,
    document: &[u8],
) -> Option<Result<Answer, Failure>> {
    match request {
        Request::ServiceMarks { source } => Some(allow(app).and_then(|()| tell(app, source))),
        Request::TakeServiceRun { source, .. } => {
            Some(allow(app).and_then(|()| take_in(app, source, document)))
        }
        _ => None,
    }
}

fn allow(app: &App) -> Result<(), Failure> {
    app.authorise(&Actor::Operator, Action::ImportFeed, Subject::Body)
        .map_err(|denied| denied_to(denied, Action::ImportFeed))?;
    // Nothing would be taken in: told before hours of logs are read.
    if app.clock().step().is_some() {
        return Err(failure("clock", true));
    }
    Ok(())
}

fn tell(app: &App, source: &str) -> Result<Answer, Failure> {
    let source = source_name(source).map_err(taken)?;
    let known = marks(app, &source).map_err(taken)?;
    let since = known.as_ref().map(|it| read_since(it, app.now()));
    let (batch, marks) = known.map(|it| (it.batch, it.marks)).unwrap_or_default();
    Ok(Answer::ServiceMarks(ServiceMarks {
        batch,
        marks,
        since,
        own: own_services(app),
        list: list(app).map_err(|error| list_failure(&error, None))?,
    }))
}

/// The lists laid one over the other, of what is kept only what was recorded: whoever reads the logs looks with
/// what the server stands for.
fn list(app: &App) -> Result<String, ListError> {
    let lists = ServiceLists::of(app)?;
    lists.catalogue()?;
    let together = lists.together()?;
    serde_json::to_string(&together)
        .map_err(|error| ListError::Form(CatalogueError::Form(error.to_string())))
}

/// What is wrong with a list, of the file that it came in.
fn list_failure(error: &ListError, name: Option<&str>) -> Failure {
    let (code, about) = error.told();
    let reason = Reason {
        code: code.to_owned().into(),
        params: std::collections::BTreeMap::default(),
    };
    let detail = name.map_or_else(|| about.clone(), |name| format!("{name}: {about}"));
    Failure {
        reason: reason.with("detail", detail),
        refused: !matches!(error, ListError::Store(_)),
    }
}

fn take_in(app: &App, source: &str, document: &[u8]) -> Result<Answer, Failure> {
    let source = source_name(source).map_err(taken)?;
    let run: ServiceRun =
        serde_json::from_slice(document).map_err(|_| failure("admin.not-understood", false))?;
    take(app, &source, &run)
        .map(Answer::ServiceRunTaken)
        .map_err(taken)
}

/// Brings a list of services in.
pub(super) fn import_list(
    app: &App,
    (name, document): (&str, &[u8]),
    hints: &ImportHints,
) -> Result<Answer, Failure> {
    match import_services(app, Actor::Operator, document, hints) {
        Ok(done) => Ok(Answer::ServicesImported {
            feed: feed_line(&done.state, app.now()),
            known: done.known,
            added: done.changes.added,
            removed: done.changes.removed,
            changed: done.changes.changed,
        }),
        Err(ServicesError::Command(error)) => Err(command_failure(&error, Action::ImportFeed)),
        Err(ServicesError::List(error)) => Err(list_failure(&error, Some(name))),
        Err(ServicesError::DateMissing) => {
            let mut failure = failure("feed.date_missing", true);
            failure.reason = failure.reason.with("detail", name);
            Err(failure)
        }
    }
}

fn taken(error: TakeError) -> Failure {
    match error {
        TakeError::Form(code) => failure(code, false),
        TakeError::NotFounded => failure("organisation.not-founded", true),
        TakeError::Elsewhere => failure("service-use.read-elsewhere", true),
        TakeError::Store(error) => Failure {
            reason: Reason {
                code: error.code().to_owned().into(),
                params: std::collections::BTreeMap::default(),
            }
            .with("detail", error.subject()),
            refused: false,
        },
        TakeError::Command(error) => command_failure(&error, Action::RecordVerdict),
    }
}
