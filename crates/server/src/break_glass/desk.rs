//! Asking for break-glass and proving it: a code to each of the two, both to be typed.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use sekisho_domain::actor::Actor;
use sekisho_domain::authorise::Action;
use sekisho_domain::code::Reason;
use sekisho_domain::command::{Command, may_open_break_glass};
use sekisho_domain::event::Sealed;
use sekisho_domain::id::{AccountId, PersonId};
use sekisho_domain::time::{Span, Timestamp};
use sekisho_protocol::admin::{Answer, Failure};
use sekisho_store::StoreError;

use super::code::{self, Kept};
use super::letters::{self, Letter};
use crate::app::App;
use crate::identity::link::{self, Purpose};
use crate::identity::sign_in::is_open;
use crate::mail::MailSettings;

/// How long codes can be used.
const CODES_LAST: Span = Span::minutes(15);
/// Tries at both codes together.
const TRIES: u32 = 5;
/// Longest reason, in characters.
const REASON_MAX: usize = 1000;
/// How long the mail relay may take for each of the two.
const PATIENCE: Duration = Duration::from_secs(10);

/// One of the two.
#[derive(Clone, Copy, Debug)]
struct Officer {
    person: PersonId,
    account: AccountId,
}

/// Codes that are out. Only in memory: a restart ends them.
struct Pending {
    officers: [Officer; 2],
    codes: [Kept; 2],
    reason: Sealed,
    until: Timestamp,
    tries: u32,
}

/// The desk at which the shell asks. At most one asking is under way; a new one ends the earlier.
#[derive(Default)]
pub struct BreakGlassDesk {
    mail: Option<MailSettings>,
    pending: Mutex<Option<Pending>>,
}

fn refused(code: &'static str) -> Failure {
    refusal(Reason::new(code))
}

const fn refusal(reason: Reason) -> Failure {
    Failure {
        reason,
        refused: true,
    }
}

fn store(error: &StoreError) -> Failure {
    Failure {
        reason: Reason {
            code: error.code().to_owned().into(),
            params: std::collections::BTreeMap::default(),
        }
        .with("detail", error.subject()),
        refused: false,
    }
}

impl BreakGlassDesk {
    /// A desk that mails in this way; without mail nothing can be opened.
    #[must_use]
    pub fn new(mail: Option<MailSettings>) -> Self {
        Self {
            mail,
            pending: Mutex::default(),
        }
    }

    /// Mails a code to each of two officers, who are named by id or login.
    ///
    /// # Errors
    /// [`Failure`]; then no code is out.
    pub fn ask(
        &self,
        app: &App,
        [first, second]: [&str; 2],
        reason: &str,
    ) -> Result<Answer, Failure> {
        let mail = self.mail.as_ref();
        let mail = mail.ok_or_else(|| refused("break-glass.no-mail"))?;
        if app.clock().step().is_some() {
            return Err(refused("clock"));
        }
        let reason = reason.trim();
        if reason.is_empty() || reason.chars().count() > REASON_MAX {
            return Err(refused("break-glass.no-reason"));
        }
        let people = [named(app, first)?, named(app, second)?];
        let now = app.now();
        may_open_break_glass(&app.world(), people[0], people[1], now)
            .map_err(|refused| refusal(refused.reason))?;
        let officers = [officer(app, people[0])?, officer(app, people[1])?];
        let addresses = addresses(app, people)?;
        let reason = app.seal(people[0], "break-glass.reason", reason.as_bytes());
        let reason = reason.map_err(|error| store(&error))?;
        let until = now.after(CODES_LAST);
        // Whatever comes of this, earlier codes are over.
        self.forget();
        let mut kept = Vec::with_capacity(2);
        for (person, address) in people.iter().zip(&addresses) {
            let (text, keep) = code::fresh().map_err(|error| store(&error))?;
            let letter = Letter::code(app, people, &code::shown(&text), until);
            letters::post(app, mail, address, &letter, PATIENCE).map_err(|failure| {
                tracing::warn!(code = failure.code, detail = failure.detail, %person,
                    "a code of break-glass could not be mailed");
                let said = format!("{person}: {}", failure.detail);
                refusal(Reason::new("break-glass.mail-failed").with("detail", said))
            })?;
            kept.push(keep);
        }
        let Ok(codes) = <[Kept; 2]>::try_from(kept) else {
            return Err(refused("break-glass.not-asked"));
        };
        *self.lock() = Some(Pending {
            officers,
            codes,
            reason,
            until,
            tries: 0,
        });
        tracing::warn!(first = %people[0], second = %people[1], "codes of break-glass are out");
        Ok(Answer::BreakGlassAsked {
            until,
            tries: TRIES,
        })
    }

    /// Opens it when both codes are right, and gives a one-time link for each of the two, so that
    /// they get in without their passwords.
    ///
    /// # Errors
    /// [`Failure`]; then it is not open.
    pub fn confirm(&self, app: &App, typed: [&str; 2], base: &str) -> Result<Answer, Failure> {
        let pending = self.prove(app.now(), typed)?;
        let [first, second] = pending.officers;
        let command = Command::OpenBreakGlass {
            second: second.person,
            reason: pending.reason,
        };
        app.command_blocking(Actor::person(first.person), command, Vec::new())
            .map_err(|error| crate::admin::command_failure(&error, Action::OpenBreakGlass))?;
        let links = pending.officers.map(|officer| {
            let Officer { person, account } = officer;
            let made =
                link::for_account(app.accounts(), Purpose::SignIn, account, person, app.now());
            made.map(|token| format!("{base}/link/{}", token.text()))
        });
        let links = links.into_iter().collect::<Result<Vec<_>, _>>();
        let until = app.world().break_glass.as_ref().map(|open| open.until);
        Ok(Answer::BreakGlassOpened {
            until: until.unwrap_or(app.now()),
            links: links.map_err(|error| store(&error))?,
        })
    }

    /// Takes what is pending when both codes are right; counts the try otherwise.
    fn prove(&self, now: Timestamp, [first, second]: [&str; 2]) -> Result<Pending, Failure> {
        let mut slot = self.lock();
        let mut pending = slot
            .take()
            .ok_or_else(|| refused("break-glass.not-asked"))?;
        if now >= pending.until {
            return Err(refused("break-glass.codes-over"));
        }
        // Both are always looked at, so that time does not tell which one is wrong.
        let right = pending.codes[0].is(first) & pending.codes[1].is(second);
        if right {
            return Ok(pending);
        }
        pending.tries += 1;
        let left = TRIES - pending.tries;
        if left == 0 {
            tracing::warn!("the codes of break-glass were tried too often");
            return Err(refused("break-glass.tries-over"));
        }
        *slot = Some(pending);
        Err(refusal(
            Reason::new("break-glass.wrong-code").with("left", left),
        ))
    }

    fn forget(&self) {
        *self.lock() = None;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Pending>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The person of an id or a login.
fn named(app: &App, text: &str) -> Result<PersonId, Failure> {
    if let Ok(person) = text.parse() {
        return Ok(person);
    }
    let known = app
        .accounts()
        .by_login(text)
        .map_err(|error| store(&error))?;
    let person = known.and_then(|account| account.person.parse().ok());
    person.ok_or_else(|| refusal(Reason::new("person.unknown").with("detail", text)))
}

/// The account with which a person signs in.
fn officer(app: &App, person: PersonId) -> Result<Officer, Failure> {
    let known = app.accounts().by_person(&person.to_string());
    let known = known.map_err(|error| store(&error))?;
    let account = known.and_then(|account| account.account.parse::<AccountId>().ok());
    match account.filter(|account| is_open(&app.world(), *account)) {
        Some(account) => Ok(Officer { person, account }),
        None => Err(refused("break-glass.no-account")),
    }
}

/// The mail addresses of both; one mailbox for two would be one person.
fn addresses(app: &App, people: [PersonId; 2]) -> Result<[String; 2], Failure> {
    let directory = app.directory();
    let address = |person| {
        let known = directory.get(person).and_then(|known| known.mail.clone());
        let missing = || Reason::new("break-glass.no-address").with("detail", person.to_string());
        known.ok_or_else(|| refusal(missing()))
    };
    let both = [address(people[0])?, address(people[1])?];
    if both[0].trim().eq_ignore_ascii_case(both[1].trim()) {
        return Err(refused("break-glass.same-address"));
    }
    Ok(both)
}
