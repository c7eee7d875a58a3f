//! The organisation's own rules of access, between the ledger and the decision point.
//!
//! The newest version that the ledger has is in force. Where this program cannot read it, since an
//! update changed what rules may speak of, nothing is let through until somebody has set rules that
//! hold or taken them back: what was forbidden is not known any more, and must not pass for allowed.

use sekisho_domain::access_rules::AccessRulesVersion;
use sekisho_domain::actor::Actor;
use sekisho_domain::code::Reason;
use sekisho_domain::command::{Command, Refusal, SetAccessRules};
use sekisho_domain::event::BlobRef;
use sekisho_domain::name::{Line, NameError};
use sekisho_ledger::digest::Digest;
use sekisho_protocol::access_rules::{RuleFault, RuleLine, RulesChecked, RulesShown, RulesVersion};
use sekisho_rules::decide::{OWN_RULES_STACK, OwnRuleFault, OwnRules, Rulebook, read_own_rules};
use sekisho_store::StoreError;

use crate::app::alarms::AlarmSource;
use crate::app::{App, CommandError, Committed};

/// Why rules are not put in force.
#[derive(Debug, thiserror::Error)]
pub enum SetError {
    /// They do not hold.
    #[error("the rules do not hold")]
    Faults(Vec<OwnRuleFault>),
    /// The note cannot be taken.
    #[error(transparent)]
    Note(#[from] NameError),
    /// The command was refused or could not be stored.
    #[error(transparent)]
    Command(#[from] CommandError),
}

impl App {
    /// Reads the rules that the ledger has as in force, at a start.
    pub(crate) fn take_up_access_rules(&self) -> Result<(), StoreError> {
        let newest = self.world().access_rules.last().cloned();
        if let Some(newest) = newest {
            let text = self.text_of(&newest)?;
            self.put_rules_in_force(text.as_deref());
        }
        Ok(())
    }

    /// Puts a text in force that stands in the ledger; none where it cannot be found there.
    pub fn put_rules_in_force(&self, text: Option<&[u8]>) {
        let read = text
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
            .map(read);
        let (book, faults) = match read {
            Some(Ok(OwnRules { book, .. })) => (Ok(book), Vec::new()),
            Some(Err(faults)) => (Rulebook::closed(), faults),
            None => (Rulebook::closed(), vec![lost()]),
        };
        let alarms = if faults.is_empty() {
            Vec::new()
        } else {
            tracing::error!(
                code = "own-rules.unusable",
                "the organisation's own rules of access cannot be used: nobody is let through"
            );
            vec![Reason::new("own-rules.unusable")]
        };
        match book {
            Ok(book) => self.access().put_rulebook(book, faults),
            // The tests exclude it; what was in force stays.
            Err(error) => tracing::error!(code = error.code(), %error, "no rulebook"),
        }
        self.raise(AlarmSource::AccessRules, alarms);
    }

    /// Sets the rules: reads them, and puts them into the ledger and in force. An empty text takes all
    /// rules back. `expected` is the version that is in force as far as the author knows.
    ///
    /// # Errors
    /// [`SetError`]; nothing has changed then.
    pub fn set_access_rules(
        &self,
        actor: Actor,
        text: &str,
        note: &str,
        expected: Option<u32>,
    ) -> Result<Committed, SetError> {
        let note = Line::parse(note)?;
        let empty = text.trim().is_empty();
        if !empty {
            read(text).map_err(SetError::Faults)?;
        }
        let bytes = text.as_bytes().to_vec();
        let document = (!empty).then(|| BlobRef {
            blob: Digest::of(&bytes).to_string(),
            size: bytes.len() as u64,
        });
        let documents = if empty { Vec::new() } else { vec![bytes] };
        let command = Command::SetAccessRules(Box::new(SetAccessRules {
            document,
            note,
            expected,
        }));
        Ok(self.command_blocking(actor, command, documents)?)
    }

    fn text_of(&self, version: &AccessRulesVersion) -> Result<Option<Vec<u8>>, StoreError> {
        match &version.rules.document {
            None => Ok(Some(Vec::new())),
            Some(document) => match document.blob.parse() {
                Ok(digest) => self.ledger().blob(&digest),
                Err(_) => Ok(None),
            },
        }
    }

    /// A version of the rules with how this program reads it: the one in force, where none is named.
    /// None where there is no such version.
    ///
    /// # Errors
    /// The store's codes.
    pub fn access_rules(&self, version: Option<u32>) -> Result<Option<RulesShown>, StoreError> {
        let found = {
            let world = self.world();
            let mut all = world.access_rules.iter();
            match version {
                None => all.next_back().cloned(),
                Some(number) => match all.find(|it| it.rules.version == number) {
                    Some(found) => Some(found.clone()),
                    None => return Ok(None),
                },
            }
        };
        let text = match &found {
            None => Some(Vec::new()),
            Some(version) => self.text_of(version)?,
        };
        let text = text.and_then(|bytes| String::from_utf8(bytes).ok());
        let checked = match &text {
            Some(text) => check(text),
            None => checked(Err(vec![lost()])),
        };
        Ok(Some(RulesShown {
            version: found.as_ref().map_or_else(never, shown),
            text: text.unwrap_or_default(),
            checked,
        }))
    }

    /// Every version, the newest first.
    #[must_use]
    pub fn access_rules_history(&self) -> Vec<RulesVersion> {
        let world = self.world();
        world.access_rules.iter().rev().map(shown).collect()
    }
}

/// Reads rules, on a stack that does for the deepest of those that are read at all.
///
/// # Errors
/// What is wrong with them.
pub fn read(text: &str) -> Result<OwnRules, Vec<OwnRuleFault>> {
    std::thread::scope(|scope| {
        let reading = std::thread::Builder::new()
            .name("own-rules".to_owned())
            .stack_size(OWN_RULES_STACK)
            .spawn_scoped(scope, || read_own_rules(text));
        match reading.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(read)) => read,
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            Err(error) => Err(vec![OwnRuleFault {
                code: "own-rules.not-read",
                rule: None,
                at: None,
                detail: Some(error.to_string()),
            }]),
        }
    })
}

/// Whether a command brings the text that it speaks of, and the text holds: whatever way it came.
pub(crate) fn are_brought(command: &SetAccessRules, documents: &[Vec<u8>]) -> Result<(), Refusal> {
    let refused = || Refusal::new("own-rules.do-not-hold");
    match (&command.document, documents) {
        (None, []) => Ok(()),
        (Some(named), [text]) if named.blob == Digest::of(text).to_string() => {
            let text = std::str::from_utf8(text).map_err(|_| refused())?;
            read(text).map(|_| ()).map_err(|_| refused())
        }
        _ => Err(refused()),
    }
}

/// What is to be told of a text.
#[must_use]
pub fn check(text: &str) -> RulesChecked {
    checked(read(text))
}

fn checked(read: Result<OwnRules, Vec<OwnRuleFault>>) -> RulesChecked {
    let told = |faults: Vec<OwnRuleFault>| faults.into_iter().map(fault).collect();
    match read {
        Ok(OwnRules { book, remarks }) => RulesChecked {
            sound: true,
            faults: Vec::new(),
            remarks: told(remarks),
            rules: book
                .own_rules()
                .into_iter()
                .map(|rule| RuleLine {
                    id: rule.id.clone(),
                    ja: rule.ja.clone(),
                    en: rule.en.clone(),
                })
                .collect(),
        },
        Err(faults) => RulesChecked {
            sound: false,
            faults: told(faults),
            remarks: Vec::new(),
            rules: Vec::new(),
        },
    }
}

/// In the form in which it is told.
#[must_use]
pub fn fault(fault: OwnRuleFault) -> RuleFault {
    RuleFault {
        code: fault.code.to_owned(),
        rule: fault.rule,
        line: fault.at.map(|(line, _)| line),
        column: fault.at.map(|(_, column)| column),
        detail: fault.detail,
    }
}

fn lost() -> OwnRuleFault {
    OwnRuleFault {
        code: "own-rules.lost",
        rule: None,
        at: None,
        detail: None,
    }
}

const fn never() -> RulesVersion {
    RulesVersion {
        version: 0,
        at: None,
        by: None,
        note: None,
        size: 0,
    }
}

fn shown(version: &AccessRulesVersion) -> RulesVersion {
    RulesVersion {
        version: version.rules.version,
        at: Some(version.at),
        by: Some(author(&version.by)),
        note: Some(version.rules.note.as_str().to_owned()),
        size: version.rules.document.as_ref().map_or(0, |it| it.size),
    }
}

fn author(actor: &Actor) -> String {
    match actor {
        Actor::Person { person, .. } => person.to_string(),
        Actor::Service { token, .. } => token.to_string(),
        Actor::Device { device } => device.to_string(),
        Actor::Operator => "operator".to_owned(),
        Actor::System => "system".to_owned(),
        Actor::Setup => "setup".to_owned(),
        Actor::Nobody => "nobody".to_owned(),
    }
}
