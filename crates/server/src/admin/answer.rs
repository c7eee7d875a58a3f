//! What the shell may ask, answered with the authority of the operator.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sekisho_detect::discovery::ServiceList;
use sekisho_domain::actor::Actor;
use sekisho_domain::authorise::{Action, Denied, Subject, authorise};
use sekisho_domain::check::{DeviceCheck, Outcome};
use sekisho_domain::code::Reason;
use sekisho_domain::command::Command;
use sekisho_domain::device::StateSource;
use sekisho_domain::id::{AccountId, DeviceId, PersonId};
use sekisho_domain::posture::{Posture, Standing};
use sekisho_domain::profile::Profile;
use sekisho_domain::requirement::Force;
use sekisho_domain::time::Timestamp;
use sekisho_domain::verdict::Scope;
use sekisho_domain::working_day::{HolidayFault, Holidays};
use sekisho_domain::world::World;
use sekisho_protocol::admin::{
    Answer, Assessed, AssessedCheck, AssessedRow, Failure, FeedLine, Progress, Request, Status,
};
use sekisho_rules::assess::Assessment;
use sekisho_rules::catalogue::Catalogue;
use sekisho_rules::check::lacking;
use sekisho_store::backup;

use crate::app::App;
use crate::app::reading::Reading;
use crate::assessor::{assess_now, assess_over, assess_recorded, assess_then};
use crate::break_glass::BreakGlassDesk;
use crate::identity::link;
use crate::knowledge::holidays::{self, HolidayError};
use crate::knowledge::{ImportError, ImportHints, feed_line, import, lines};
use crate::mail::MailSettings;
use crate::reconcile::{check_targets, status};

/// Answers the shell, from the socket or in its own process.
pub struct Desk {
    pub(super) app: App,
    catalogue: Arc<Catalogue>,
    listen: Mutex<Option<String>>,
    break_glass: BreakGlassDesk,
}

/// How long setting targets waits for the first delivery to each.
const FIRST_DELIVERY: Duration = Duration::from_secs(10);
/// How often it looks.
const LOOK: Duration = Duration::from_millis(50);

/// Waits until every target has a checkpoint or has refused it, within bounds: whoever
/// asks finds what was asked for in its place, and what has failed goes on being tried.
fn wait_for_targets(app: &App) {
    let begun = Instant::now();
    let waits = || {
        let targets = status(app).unwrap_or_default();
        let mut targets = targets.iter();
        targets.any(|target| target.last_error.is_none() && target.last_size.is_none())
    };
    while waits() && begun.elapsed() < FIRST_DELIVERY {
        std::thread::sleep(LOOK);
    }
}

/// A failure by code.
pub(super) fn failure(code: &'static str, refused: bool) -> Failure {
    Failure {
        reason: Reason::new(code),
        refused,
    }
}

/// The gate stays shut for the shell: what was to be done, so that it can say who may.
pub(super) fn denied_to(denied: Denied, action: Action) -> Failure {
    let mut failure = failure(denied.code(), true);
    failure.reason = failure.reason.with("action", action.code());
    failure
}

pub(super) fn failed(code: &str, what: &dyn std::fmt::Display, refused: bool) -> Failure {
    let reason = Reason {
        code: code.to_owned().into(),
        params: std::collections::BTreeMap::default(),
    };
    Failure {
        reason: reason.with("detail", what.to_string()),
        refused,
    }
}

impl Desk {
    /// A desk over an application.
    #[must_use]
    pub fn new(app: App, catalogue: Arc<Catalogue>) -> Self {
        Self {
            app,
            catalogue,
            listen: Mutex::new(None),
            break_glass: BreakGlassDesk::default(),
        }
    }

    /// The same desk, which mails in this way.
    #[must_use]
    pub fn mailing(mut self, mail: Option<MailSettings>) -> Self {
        self.break_glass = BreakGlassDesk::new(mail);
        self
    }

    /// The application.
    #[must_use]
    pub const fn app(&self) -> &App {
        &self.app
    }

    /// Says where the server listens, for [`Status`] and links.
    pub fn listening(&self, url: String) {
        *self.listen.lock().unwrap_or_else(PoisonError::into_inner) = Some(url);
    }

    pub(super) fn url(&self) -> Option<String> {
        self.listen
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Answers one request.
    #[must_use]
    pub fn answer(&self, request: &Request, document: &[u8]) -> Answer {
        self.answer_telling(request, document, &mut |_| ())
    }

    /// Answers one request, telling how far it has come where that takes a while.
    pub fn answer_telling(
        &self,
        request: &Request,
        document: &[u8],
        tell: &mut dyn FnMut(Progress),
    ) -> Answer {
        if let Some(answered) = super::tables::answer(&self.app, request, document, tell) {
            return answered.unwrap_or_else(Answer::Failed);
        }
        if let Some(answered) = super::access_rules::answer(&self.app, request, document, tell) {
            return answered.unwrap_or_else(Answer::Failed);
        }
        if let Some(answered) = super::service_use::answer(&self.app, request, document) {
            return answered.unwrap_or_else(Answer::Failed);
        }
        self.answer_at_once(request, document)
    }

    fn answer_at_once(&self, request: &Request, document: &[u8]) -> Answer {
        let answered = match request {
            Request::Status => Ok(self.status()),
            Request::Assess {
                at,
                device,
                profile,
            } => self.assess(*at, *device, *profile),
            Request::ImportFeed {
                name,
                as_of,
                release,
                smaller,
                ..
            } => {
                let hints = ImportHints {
                    as_of: *as_of,
                    release: release.clone(),
                    smaller: *smaller,
                };
                self.import(name, &hints, document)
            }
            Request::FeedStatus => Ok(Answer::Feeds(lines(&self.app))),
            Request::RotateLedgerKey => self.rotate_ledger_key(),
            Request::Certificate { renew } => self.certificate(*renew),
            Request::Authorities { rotate } => self.authorities(*rotate),
            Request::ConfirmClock => self.confirm_clock(),
            Request::SetCheckpointTargets { targets } => self.set_targets(targets),
            Request::EnrolSecret { .. } => self.enrol_secret(request),
            Request::Link => self.link(),
            Request::BreakGlassAsk {
                first,
                second,
                reason,
            } => self.break_glass.ask(&self.app, [first, second], reason),
            Request::BreakGlassConfirm { codes: [one, two] } => {
                let base = self.url().unwrap_or_default();
                self.break_glass.confirm(&self.app, [one, two], &base)
            }
            Request::BreakGlassClose => self.command(Command::CloseBreakGlass),
            Request::Backup { target, keys } => self.backup(target, keys),
            Request::ExportForgotten { path } => {
                let exported = self.app.people().export_forgotten(Path::new(path));
                exported
                    .map(|()| Answer::Done)
                    .map_err(|e| failed(e.code(), &e.subject(), false))
            }
            // Answered before, with word of how far it has come.
            Request::ImportTable { .. }
            | Request::ExportTable { .. }
            | Request::AccessRules { .. }
            | Request::AccessRulesHistory
            | Request::CheckAccessRules { .. }
            | Request::AccessRulesWhatIf { .. }
            | Request::SetAccessRules { .. }
            | Request::ServiceMarks { .. }
            | Request::TakeServiceRun { .. } => Err(failure("admin.not-understood", false)),
        };
        answered.unwrap_or_else(Answer::Failed)
    }

    pub(super) fn allow(&self, action: Action) -> Result<(), Failure> {
        self.app
            .authorise(&Actor::Operator, action, Subject::Body)
            .map(|_| ())
            .map_err(|denied| denied_to(denied, action))
    }

    fn command(&self, command: Command) -> Result<Answer, Failure> {
        let (action, _) = command.action();
        self.app
            .command_blocking(Actor::Operator, command, Vec::new())
            .map(|_| Answer::Done)
            .map_err(|error| command_failure(&error, action))
    }

    fn status(&self) -> Answer {
        let world = self.app.world();
        Answer::Status(Status {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            listen: self.url(),
            founded: world.organisation.is_some(),
            records: world.events,
            devices: u32::try_from(world.devices.len()).unwrap_or(u32::MAX),
            clock_step: self.app.clock().step(),
        })
    }

    fn assess(
        &self,
        at: Option<Timestamp>,
        device: Option<DeviceId>,
        profile: Option<Profile>,
    ) -> Result<Answer, Failure> {
        self.allow(Action::ReadStatus)?;
        let assessment = match at {
            None => assess_now(&self.app, &self.catalogue, profile),
            Some(at) => assess_then(&self.app, &self.catalogue, at)
                .map_err(|error| failed(error.code(), &error, false))?
                .ok_or_else(|| failure("assess.before-founding", true))?,
        };
        let since = at.is_none();
        let (world, posture) = (self.app.world(), self.app.posture());
        let known = Known {
            world: &world,
            posture: &posture,
        };
        Ok(known.answer(&assessment, &self.catalogue, since, device))
    }

    fn import(&self, name: &str, hints: &ImportHints, document: &[u8]) -> Result<Answer, Failure> {
        self.allow(Action::ImportFeed)?;
        if Holidays::are_in(document) {
            return self.replace_holidays(name, document);
        }
        if ServiceList::is_in(document) {
            return super::service_use::import_list(&self.app, (name, document), hints);
        }
        match import(&self.app, Actor::Operator, document, hints) {
            Ok(imported) => {
                let now = self.app.now();
                let state = imported.state;
                Ok(Answer::FeedImported {
                    known: imported.known,
                    feed: FeedLine {
                        in_part: Some(imported.in_part),
                        ..feed_line(&state, now)
                    },
                })
            }
            Err(ImportError::Feed(error)) => {
                let mut failure = failed(error.fault.code(), &name, true);
                if let Some(line) = error.place.line {
                    let line = i64::try_from(line).unwrap_or(i64::MAX);
                    failure.reason = failure.reason.with("line", line);
                }
                Err(failure)
            }
            Err(ImportError::Store(error)) if error.code() == "exists" => {
                Err(failed("feed.older-than-current", &name, true))
            }
            Err(ImportError::Store(error)) => Err(failed(error.code(), &error.subject(), false)),
            Err(ImportError::Command(error)) => Err(command_failure(&error, Action::ImportFeed)),
        }
    }

    fn replace_holidays(&self, name: &str, document: &[u8]) -> Result<Answer, Failure> {
        match holidays::replace(&self.app, Actor::Operator, document) {
            Ok((table, known)) => {
                let (first, last) = table.years();
                Ok(Answer::HolidaysReplaced {
                    days: u32::try_from(table.len()).unwrap_or(u32::MAX),
                    first,
                    last,
                    known,
                })
            }
            Err(HolidayError::Table(fault)) => {
                let mut failure = failed(fault.code(), &name, true);
                failure.reason = match fault {
                    HolidayFault::NotADay(line) | HolidayFault::Twice(line) => {
                        failure.reason.with("line", line)
                    }
                    HolidayFault::YearNotWhole(year) => {
                        failure.reason.with("year", year.to_string())
                    }
                    HolidayFault::Empty | HolidayFault::TooMany => failure.reason,
                };
                Err(failure)
            }
            Err(HolidayError::Command(error)) => Err(command_failure(&error, Action::ImportFeed)),
        }
    }

    fn set_targets(&self, targets: &[String]) -> Result<Answer, Failure> {
        check_targets(targets, self.app.folder().root())
            .map_err(|error| failed(&error.code, &error.detail, true))?;
        self.command(Command::SetCheckpointTargets {
            targets: targets.to_vec(),
        })?;
        // A restored folder keeps its targets waiting until they have been named here.
        let mark = self.app.folder().targets_held();
        match std::fs::remove_file(&mark) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(failed("io", &mark.display(), false));
            }
            _ => self.app.wake_followers(),
        }
        if self.url().is_some() {
            wait_for_targets(&self.app);
        }
        Ok(Answer::Done)
    }

    fn rotate_ledger_key(&self) -> Result<Answer, Failure> {
        self.allow(Action::Configure)?;
        if self.app.clock().step().is_some() {
            return Err(failure("clock", true));
        }
        self.app
            .rotate_ledger_key()
            .map(|_| Answer::Done)
            .map_err(|error| failed(error.code(), &error, false))
    }

    fn confirm_clock(&self) -> Result<Answer, Failure> {
        let step = self
            .app
            .clock()
            .step()
            .ok_or_else(|| failure("clock.no-step", true))?;
        self.command(Command::ConfirmClock { step })
    }

    /// A set-up link while nothing is founded. Afterwards a link that signs the first officer in,
    /// as long as this is a demonstration, or that officer holds the bootstrap power and has
    /// neither password nor passkey yet: beyond that the shell would hold an officer's power (design decision 8).
    fn link(&self) -> Result<Answer, Failure> {
        let now = self.app.now();
        let accounts = self.app.accounts();
        let store =
            |error: sekisho_store::StoreError| failed(error.code(), &error.subject(), false);
        let purpose = match self.app.world().organisation {
            None => link::Purpose::SetUp,
            Some(_) => link::Purpose::SignIn,
        };
        let token = if purpose == link::Purpose::SetUp {
            link::set_up(accounts, now).map_err(store)?
        } else {
            let (account, person) = self.first_account().ok_or(failure("link.nobody", true))?;
            let demo = {
                let world = self.app.world();
                world.organisation.as_ref().is_some_and(|it| it.demo)
            };
            if !demo {
                let id = account.to_string();
                let known = accounts.get(&id).map_err(store)?;
                let no_password = known.is_some_and(|known| known.password.is_none());
                let waits = no_password && accounts.passkeys(&id).map_err(store)?.is_empty();
                if !waits || !self.app.world().has_bootstrap_power(person) {
                    return Err(failure("link.over", true));
                }
            }
            link::for_account(accounts, purpose, account, person, now).map_err(store)?
        };
        self.app.count_shell_link();
        tracing::warn!(
            code = "link.issued",
            purpose = purpose.code(),
            "the shell was given a one-time link"
        );
        let base = self.url().unwrap_or_default();
        Ok(Answer::Secret(format!("{base}/link/{}", token.text())))
    }

    /// The open account of the officer whom the shell's owner set up.
    fn first_account(&self) -> Option<(AccountId, PersonId)> {
        let world = self.app.world();
        let mut accounts = world.accounts.values();
        let first = accounts.find(|it| Some(it.person) == world.bootstrap && !it.closed)?;
        Some((first.id, first.person))
    }

    fn backup(&self, target: &str, keys: &str) -> Result<Answer, Failure> {
        self.allow(Action::Backup)?;
        let (data, keys) = (Path::new(target), Path::new(keys));
        let now = self.app.now().as_millis();
        backup::backup(&backup::Backup {
            folder: self.app.folder(),
            data,
            keys,
            now,
        })
        .map(|_| Answer::Done)
        .map_err(|error| failed(error.code(), &error.subject(), false))
    }
}

/// What an answer about verdicts is made from.
struct Known<'a> {
    world: &'a World,
    posture: &'a Posture,
}

impl Known<'_> {
    /// The answer, with the moments since when verdicts stand and the checks of a device.
    fn answer(
        &self,
        assessment: &Assessment,
        catalogue: &Catalogue,
        since: bool,
        device: Option<DeviceId>,
    ) -> Answer {
        let mut assessed = rows(assessment, catalogue);
        for row in assessed.rows.iter_mut().filter(|_| since) {
            let id = row.id.parse().ok();
            let recorded = id.and_then(|id| self.world.verdicts.get(&(id, Scope::Body)));
            row.since = recorded.map(|recorded| recorded.since);
        }
        if let Some(device) = device {
            assessed.checks = self.checks(device, assessment.at);
        }
        Answer::Assessed(assessed)
    }

    fn checks(&self, device: DeviceId, now: Timestamp) -> Vec<AssessedCheck> {
        let source = self.world.device(device);
        let source = source.map_or_else(StateSource::default, |known| known.source);
        let each = |check: DeviceCheck| {
            let (outcome, reason, times) = match self.posture.standing(device, check, now) {
                Standing::Fresh(outcome, reason, times) => (outcome, reason.clone(), Some(times)),
                Standing::Stale(times) => {
                    let why = Reason::new(lacking(check, source, true));
                    (Outcome::Unknown, why, Some(times))
                }
                Standing::Absent => {
                    let why = Reason::new(lacking(check, source, false));
                    (Outcome::Unknown, why, None)
                }
            };
            AssessedCheck {
                check: check.code().to_owned(),
                outcome,
                reason,
                observed_at: times.map(|times| times.observed_at),
                fresh_until: times.map(|times| times.fresh_until),
            }
        };
        let checks = DeviceCheck::ALL.into_iter();
        checks
            .filter(|it| it.is_told_by(source))
            .map(each)
            .collect()
    }
}

/// The verdicts of a folder that cannot be written, with the authority of whoever can read it.
///
/// # Errors
/// [`Failure`] as the desk gives it.
pub fn assess_reading(
    reading: &Reading,
    catalogue: &Catalogue,
    at: Option<Timestamp>,
    device: Option<DeviceId>,
    profile: Option<Profile>,
) -> Result<Answer, Failure> {
    let known = Known {
        world: &reading.world,
        posture: &reading.posture,
    };
    let gate = authorise(
        &reading.world,
        &Actor::Operator,
        Action::ReadStatus,
        Subject::Body,
        reading.now,
    );
    gate.map_err(|denied| denied_to(denied, Action::ReadStatus))?;
    let assessment = match at {
        None => {
            let seen = (known.world, known.posture, &reading.access);
            assess_over(seen, catalogue, profile, reading.now)
        }
        Some(at) => assess_recorded(&reading.ledger, catalogue, at)
            .map_err(|error| failed(error.code(), &error, false))?
            .ok_or_else(|| failure("assess.before-founding", true))?,
    };
    Ok(known.answer(&assessment, catalogue, at.is_none(), device))
}

/// A command that was not carried out, as the shell hears it: where the gate refused it, with what
/// was to be done.
pub(crate) fn command_failure(error: &crate::app::CommandError, action: Action) -> Failure {
    use crate::app::CommandError;
    match error {
        CommandError::Refused(refusal) => {
            let mut reason = refusal.reason.clone();
            if reason.code.starts_with("authorise.") {
                reason = reason.with("action", action.code());
            }
            Failure {
                reason,
                refused: true,
            }
        }
        CommandError::Store(store) => failed(store.code(), &store.subject(), false),
        CommandError::Stopped => failure("writer.stopped", false),
    }
}

/// An assessment in the form of the stable interface.
#[must_use]
pub fn rows(assessment: &Assessment, catalogue: &Catalogue) -> Assessed {
    let rows = assessment.rows.iter().map(|row| {
        let force = catalogue
            .row(&row.id)
            .map_or(Force::G, |known| known.force_for(assessment.profile));
        let next = (row.next_step.code != "nothing").then(|| row.next_step.clone());
        AssessedRow {
            id: row.id.to_string(),
            force: force.code().to_owned(),
            verdict: row.verdict.verdict.code().to_owned(),
            reason: row.verdict.reason.clone(),
            counts: row.verdict.counts,
            finding: row.verdict.finding.clone(),
            evidence: row.verdict.evidence.clone(),
            owner: row
                .owner
                .iter()
                .map(|role| role.code().to_owned())
                .collect(),
            next_step: next,
            since: None,
        }
    });
    Assessed {
        at: assessment.at,
        profile: assessment.profile.code().to_owned(),
        rows: rows.collect(),
        checks: Vec::new(),
    }
}
