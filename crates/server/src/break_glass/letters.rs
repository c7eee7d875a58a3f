//! What is mailed about break-glass, in both languages: nobody has said which one he reads.

use std::time::Duration;

use sekisho_domain::id::PersonId;
use sekisho_domain::time::Timestamp;
use sekisho_messages::{Arg, Lang, date, text};

use crate::app::App;
use crate::mail::{MailSettings, message, transport};
use crate::reconcile::Failure;

/// A mail.
pub(super) struct Letter {
    subject: String,
    body: String,
    /// What it is about, so that one that leaves twice is known as one.
    about: String,
}

/// Words filled in: by language, since names and times differ.
type Words<'a> = &'a dyn Fn(Lang) -> Vec<(&'static str, String)>;

impl Letter {
    fn new(key: &str, about: String, words: Words<'_>) -> Self {
        let part = |lang: Lang, part: &str| {
            let words = words(lang);
            let args: Vec<(&str, Arg<'_>)> = words
                .iter()
                .map(|(name, value)| (*name, Arg::from(value)))
                .collect();
            text(lang, format!("letter.break-glass.{key}.{part}"), &args).into_owned()
        };
        let both = |of: &str, between: &str| {
            format!("{}{between}{}", part(Lang::Ja, of), part(Lang::En, of))
        };
        Self {
            subject: both("subject", " / "),
            body: both("body", "\n\n----\n\n"),
            about,
        }
    }

    /// A code for one of the two.
    pub(super) fn code(app: &App, people: [PersonId; 2], code: &str, until: Timestamp) -> Self {
        let words = |lang: Lang| {
            vec![
                ("organisation", organisation(app, lang)),
                ("first", name(app, people[0])),
                ("second", name(app, people[1])),
                ("code", code.to_owned()),
                ("until", date(lang, until)),
            ]
        };
        Self::new("code", format!("code-{until}"), &words)
    }

    /// That it was opened.
    pub(super) fn opened(
        app: &App,
        people: [PersonId; 2],
        at: Timestamp,
        until: Timestamp,
    ) -> Self {
        let words = |lang: Lang| {
            vec![
                ("organisation", organisation(app, lang)),
                ("first", name(app, people[0])),
                ("second", name(app, people[1])),
                ("at", date(lang, at)),
                ("until", date(lang, until)),
            ]
        };
        Self::new("opened", format!("opened-{at}"), &words)
    }

    /// That it is over.
    pub(super) fn closed(app: &App, people: [PersonId; 2], at: Timestamp, end: Timestamp) -> Self {
        let words = |lang: Lang| {
            vec![
                ("organisation", organisation(app, lang)),
                ("first", name(app, people[0])),
                ("second", name(app, people[1])),
                ("at", date(lang, at)),
                ("end", date(lang, end)),
            ]
        };
        Self::new("closed", format!("closed-{at}"), &words)
    }
}

/// Mails a letter to one address.
///
/// # Errors
/// The codes of mail.
pub(super) fn post(
    app: &App,
    settings: &MailSettings,
    to: &str,
    letter: &Letter,
    limit: Duration,
) -> Result<(), Failure> {
    let Letter {
        subject,
        body,
        about,
    } = letter;
    let message = message::plain(app, settings, to, [subject, body, about])?;
    transport::post(settings, &message, limit)
}

fn name(app: &App, person: PersonId) -> String {
    let directory = app.directory();
    let known = directory.get(person);
    known.map_or_else(
        || person.to_string(),
        |known| known.name.ja.as_str().to_owned(),
    )
}

fn organisation(app: &App, lang: Lang) -> String {
    let world = app.world();
    let Some(known) = world.organisation.as_ref() else {
        return String::new();
    };
    let english = known.name.en.as_ref().filter(|_| lang == Lang::En);
    english.unwrap_or(&known.name.ja).as_str().to_owned()
}
