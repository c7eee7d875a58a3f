//! The postman: a reconciler that asks which letters there should be, and has the relay take them.
//!
//! A thread of its own. It follows the ledger from where it stopped (the mark is kept in the same
//! transaction as the letters), looks at what time has brought, and delivers what is due. Decisions
//! never wait for it: what does not get out stays, is tried again ever more slowly, and is shown.

use std::collections::HashSet;
use std::thread::JoinHandle;
use std::time::Duration;

use sekisho_domain::event::StoredEvent;
use sekisho_domain::id::PersonId;
use sekisho_messages::Lang;
use sekisho_store::StoreError;
use sekisho_store::observations::{LetterEnd, LetterRow};
use tokio::sync::watch;

use super::derive;
use super::letter::Letter;
use super::settings::MailSettings;
use super::{message, transport};
use crate::app::{App, stored};
use crate::reconcile::Failure;

/// The name of the mark up to which records have been looked at.
const MARK: &str = "ledger";
/// Records looked at in one go.
const RECORDS: u64 = 2_000;
/// Letters delivered in one pass.
const LETTERS: usize = 200;
/// How often to look when nothing is due: time brings letters too.
const IDLE: Duration = Duration::from_secs(60);
/// Most keys that are remembered.
const ASKED_MAX: usize = 500_000;
/// Refusals of one letter before it is given up.
const REFUSALS: i64 = 5;

/// Settings of the postman.
#[derive(Clone, Debug)]
pub struct PostmanSettings {
    /// How mail leaves; without it letters wait.
    pub mail: Option<MailSettings>,
    /// Where people reach the console, for the links in letters.
    pub url: String,
    /// How many working days before its end a permit's holder is reminded.
    pub end_lead: u32,
    /// Before the first retry; each further one waits twice as long.
    pub retry_first: Duration,
    /// The longest time between retries.
    pub retry_most: Duration,
    /// How long a letter is tried before it is given up.
    pub give_up: Duration,
    /// How long each answer of the relay may take.
    pub patience: Duration,
    /// How long to gather after the ledger grew.
    pub gather: Duration,
    /// How often to ask what time has brought.
    pub look: Duration,
}

impl PostmanSettings {
    /// The usual times.
    #[must_use]
    pub const fn new(mail: Option<MailSettings>, url: String) -> Self {
        Self {
            mail,
            url,
            end_lead: 5,
            retry_first: Duration::from_secs(30),
            retry_most: Duration::from_secs(3600),
            give_up: Duration::from_secs(7 * 24 * 3600),
            patience: Duration::from_secs(15),
            gather: Duration::from_secs(1),
            look: Duration::from_secs(60),
        }
    }
}

/// The running postman.
pub struct Postman {
    stop: watch::Sender<bool>,
    thread: JoinHandle<()>,
}

impl Postman {
    /// Starts it.
    ///
    /// # Errors
    /// The operating system gives no thread or no timer.
    pub fn start(app: App, settings: PostmanSettings) -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()?;
        let (stop, stopping) = watch::channel(false);
        let thread = std::thread::Builder::new().name("postman".to_owned());
        let work = Work {
            app,
            settings,
            relay_failures: 0,
            relay_again: 0,
            time_again: 0,
            asked: HashSet::new(),
        };
        let thread = thread.spawn(move || work.run(&runtime, stopping))?;
        Ok(Self { stop, thread })
    }

    /// Ends it after the letter in hand; what waits is delivered after the next start. Call it
    /// before [`App::stop`].
    pub fn stop(self) {
        self.stop.send_replace(true);
        if self.thread.join().is_err() {
            tracing::error!(code = "mail.panicked", "the postman ended abnormally");
        }
    }
}

struct Work {
    app: App,
    settings: PostmanSettings,
    /// Failures in a row that are the relay's and not a letter's.
    relay_failures: u32,
    /// Until then the relay is left alone.
    relay_again: i64,
    /// Until then nothing is asked that time alone brings.
    time_again: i64,
    /// Keys of letters that time brought and that were asked for since the start.
    asked: HashSet<String>,
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// What is wrong with the relay or the way to it, and with no letter.
fn is_of_the_relay(failure: &Failure) -> bool {
    !matches!(
        failure.code.as_str(),
        "mail.refused" | "mail.address" | "mail.busy"
    )
}

impl Work {
    fn run(mut self, runtime: &tokio::runtime::Runtime, mut stopping: watch::Receiver<bool>) {
        let mut growth = self.app.follow();
        loop {
            growth.mark_unchanged();
            if *stopping.borrow_and_update() || stopping.has_changed().is_err() {
                return;
            }
            let next = self.pass(&stopping).unwrap_or_else(|error| {
                tracing::error!(code = error.code(), "letters cannot be looked after");
                self.now().saturating_add(millis(IDLE))
            });
            let wait = next.saturating_sub(self.now()).max(0);
            let wait = Duration::from_millis(wait.unsigned_abs()).min(IDLE);
            let gather = self.settings.gather;
            runtime.block_on(async {
                let grown = async {
                    // The sender lives in the application, which this thread holds.
                    let _ = growth.changed().await;
                    tokio::time::sleep(gather).await;
                };
                tokio::select! {
                    _ = stopping.changed() => {}
                    () = grown => {}
                    () = tokio::time::sleep(wait.max(gather)) => {}
                }
            });
        }
    }

    fn now(&self) -> i64 {
        self.app.now().as_millis()
    }

    /// Asks for what is missing and delivers what is due; says when to look again.
    fn pass(&mut self, stopping: &watch::Receiver<bool>) -> Result<i64, StoreError> {
        while self.follow_ledger()? && !*stopping.borrow() {}
        self.look_at_the_time()?;
        if self.now() < self.relay_again {
            return Ok(self.relay_again);
        }
        for row in self.app.observations().letters_due(self.now(), LETTERS)? {
            if *stopping.borrow() || !self.deliver(&row)? {
                break;
            }
        }
        let next = self.app.observations().next_letter()?;
        Ok(next.unwrap_or(i64::MAX).max(self.relay_again))
    }

    /// Letters that follow from new records; says whether there are more records. A ledger that
    /// was there before the first postman is not told of.
    fn follow_ledger(&self) -> Result<bool, StoreError> {
        let observations = self.app.observations();
        let size = self.app.head().size;
        let Some(mark) = observations.letters_mark(MARK)? else {
            let mark = i64::try_from(size).unwrap_or(i64::MAX);
            observations.ask_for_letters(&[], Some((MARK, mark)), self.now())?;
            return Ok(false);
        };
        let first = u64::try_from(mark).unwrap_or_default();
        if first >= size {
            return Ok(false);
        }
        let count = (size - first).min(RECORDS);
        let mut events: Vec<(u64, StoredEvent)> = Vec::new();
        self.app.open_ledger()?.range(first, count, &mut |row| {
            if let Ok(event) = stored::event(row.record) {
                events.push((row.seq, event));
            }
            Ok(())
        })?;
        let letters: Vec<_> = {
            let world = self.app.world();
            let each = |(sequence, stored): &(u64, StoredEvent)| {
                derive::from_event(&world, *sequence, &stored.event, stored.recorded_at)
            };
            events.iter().flat_map(each).collect()
        };
        let mark = i64::try_from(first + count).unwrap_or(i64::MAX);
        observations.ask_for_letters(&letters, Some((MARK, mark)), self.now())?;
        Ok(first + count < size)
    }

    fn look_at_the_time(&mut self) -> Result<(), StoreError> {
        let now = self.app.now();
        // After a step of the clock nobody knows what is overdue.
        if now.as_millis() < self.time_again || self.app.clock().step().is_some() {
            return Ok(());
        }
        let lead = self.settings.end_lead;
        let letters = derive::from_time(&self.app.world(), lead, now, &self.asked);
        if letters.is_empty() {
            self.time_again = now.as_millis().saturating_add(millis(self.settings.look));
            return Ok(());
        }
        let observations = self.app.observations();
        observations.ask_for_letters(&letters, None, now.as_millis())?;
        if self.asked.len() > ASKED_MAX {
            // Asking again for what is known changes nothing.
            self.asked.clear();
        }
        self.asked
            .extend(letters.into_iter().map(|letter| letter.key));
        Ok(())
    }

    /// Delivers one letter; false when the relay is left alone for a while.
    fn deliver(&mut self, row: &LetterRow) -> Result<bool, StoreError> {
        let observations = self.app.observations();
        let now = self.now();
        let end = |end| {
            observations
                .letter_ended(row.id, end, None, now)
                .map(|()| true)
        };
        let letter: Option<Letter> = serde_json::from_value(row.payload.clone()).ok();
        let reader: Option<PersonId> = row.person.parse().ok();
        let (Some(letter), Some(reader)) = (letter, reader) else {
            return end(LetterEnd::Pointless);
        };
        if !letter.has_a_point(&self.app.world(), reader, self.app.now()) {
            return end(LetterEnd::Pointless);
        }
        let address = {
            let directory = self.app.directory();
            directory.get(reader).and_then(|known| known.mail.clone())
        };
        let Some(address) = address else {
            return end(LetterEnd::NoAddress);
        };
        match self.hand_over(row, &letter, reader, &address) {
            Ok(()) => {
                self.relay_failures = 0;
                self.relay_again = 0;
                end(LetterEnd::Sent)
            }
            Err(failure) => self.failed(row, &failure),
        }
    }

    fn hand_over(
        &self,
        row: &LetterRow,
        letter: &Letter,
        reader: PersonId,
        address: &str,
    ) -> Result<(), Failure> {
        let mail = self.settings.mail.as_ref();
        let mail = mail.ok_or_else(|| Failure::new("mail.not-configured", reader))?;
        let reads = (reader, self.language_of(reader));
        let written = letter.written(&self.app, &self.settings.url, reads);
        let written = written.ok_or_else(|| Failure::new("mail.refused", reader))?;
        let parts = [
            written.subject.as_str(),
            written.body.as_str(),
            row.key.as_str(),
        ];
        let message = message::plain(&self.app, mail, address, parts)?;
        transport::post(mail, &message, self.settings.patience)
    }

    /// The language that a reader has chosen; none where that is not known. A letter leaves all the
    /// same where it cannot be asked for: in both.
    fn language_of(&self, reader: PersonId) -> Option<Lang> {
        let tag = self.app.accounts().language_of(&reader.to_string());
        let tag = tag.unwrap_or_else(|error| {
            tracing::warn!(code = error.code(), "a reader's language is not known");
            None
        });
        Lang::from_tag(&tag?)
    }

    fn failed(&mut self, row: &LetterRow, failure: &Failure) -> Result<bool, StoreError> {
        let observations = self.app.observations();
        let now = self.now();
        // The id, never the address.
        tracing::warn!(
            code = failure.code,
            letter = row.id,
            "a letter did not get out"
        );
        let line = failure.line();
        let too_long = now.saturating_sub(row.queued_at) >= millis(self.settings.give_up);
        let refused = failure.code == "mail.refused" && row.attempts + 1 >= REFUSALS;
        if too_long || refused || failure.code == "mail.address" {
            observations.letter_ended(row.id, LetterEnd::GivenUp, Some(&line), now)?;
            return Ok(true);
        }
        let again = now.saturating_add(self.pause(row.attempts));
        observations.letter_failed(row.id, &line, again)?;
        if !is_of_the_relay(failure) {
            return Ok(true);
        }
        self.relay_again = now.saturating_add(self.pause(i64::from(self.relay_failures)));
        self.relay_failures = self.relay_failures.saturating_add(1);
        Ok(false)
    }

    fn pause(&self, failures: i64) -> i64 {
        let doubled = self
            .settings
            .retry_first
            .saturating_mul(1 << failures.clamp(0, 16));
        millis(doubled.min(self.settings.retry_most))
    }
}
