//! The organisation's own rules of access, for the shell.

use sekisho_domain::actor::Actor;
use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::code::Reason;
use sekisho_protocol::access_rules::WHAT_IF_DAYS_MAX;
use sekisho_protocol::admin::{Answer, Failure, Progress, Request};
use sekisho_store::StoreError;

use super::answer::{command_failure, denied_to, failure};
use crate::access::own::{SetError, check, read};
use crate::access::what_if::what_if;
use crate::app::App;

/// Answers requests about rules; none for others.
pub(super) fn answer(
    app: &App,
    request: &Request,
    document: &[u8],
    tell: &mut dyn FnMut(Progress),
) -> Option<Result<Answer, Failure>> {
    Some(match request {
        Request::AccessRules { version } => show(app, *version),
        Request::AccessRulesHistory => allow(app, Action::ReadAccessRules)
            .map(|()| Answer::AccessRulesHistory(app.access_rules_history())),
        Request::CheckAccessRules { .. } => allow(app, Action::ReadAccessRules)
            .and_then(|()| text_of(document))
            .map(|text| Answer::AccessRulesChecked(check(text))),
        Request::AccessRulesWhatIf { days, .. } => try_out(app, document, *days, tell),
        Request::SetAccessRules { note, .. } => set(app, document, note),
        _ => return None,
    })
}

fn allow(app: &App, action: Action) -> Result<(), Failure> {
    app.authorise(&Actor::Operator, action, Subject::Body)
        .map(|_| ())
        .map_err(|denied| denied_to(denied, action))
}

fn stored(error: &StoreError) -> Failure {
    let mut failed = failure("io", false);
    failed.reason = Reason {
        code: error.code().to_owned().into(),
        params: std::collections::BTreeMap::default(),
    }
    .with("detail", error.subject());
    failed
}

fn text_of(document: &[u8]) -> Result<&str, Failure> {
    std::str::from_utf8(document).map_err(|_| failure("own-rules.not-text", true))
}

fn show(app: &App, version: Option<u32>) -> Result<Answer, Failure> {
    allow(app, Action::ReadAccessRules)?;
    let shown = app.access_rules(version).map_err(|error| stored(&error))?;
    let shown = shown.ok_or_else(|| failure("own-rules.no-such-version", true))?;
    Ok(Answer::AccessRules(Box::new(shown)))
}

fn try_out(
    app: &App,
    document: &[u8],
    days: u32,
    tell: &mut dyn FnMut(Progress),
) -> Result<Answer, Failure> {
    allow(app, Action::SetAccessRules)?;
    if days == 0 || days > WHAT_IF_DAYS_MAX {
        return Err(failure("own-rules.days", true));
    }
    let text = text_of(document)?;
    let Ok(rules) = read(text) else {
        return Ok(Answer::AccessRulesChecked(check(text)));
    };
    let mut progress = |done, of| {
        tell(Progress {
            stage: "checking".to_owned(),
            done,
            of,
        });
    };
    let found = what_if(app, &rules.book, days, &mut progress).map_err(|error| stored(&error))?;
    let found = found.ok_or_else(|| failure("writer.stopped", false))?;
    Ok(Answer::AccessRulesWhatIf(Box::new(found.report())))
}

fn set(app: &App, document: &[u8], note: &str) -> Result<Answer, Failure> {
    let text = text_of(document)?;
    match app.set_access_rules(Actor::Operator, text, note, None) {
        Ok(_) => show(app, None),
        Err(SetError::Faults(_)) => Ok(Answer::AccessRulesChecked(check(text))),
        Err(SetError::Note(error)) => Err(failure(error.code(), true)),
        Err(SetError::Command(error)) => Err(command_failure(&error, Action::SetAccessRules)),
    }
}
