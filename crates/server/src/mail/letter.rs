//! Letters to people: what each says, as codes and ids, and how it reads in the language of the
//! one who gets it.

use sekisho_domain::id::{PermitId, PersonId, PostId};
use sekisho_domain::permit::Permit;
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;
use sekisho_messages::{Arg, Lang, date, day, deadline, text};
use serde::{Deserialize, Serialize};

use crate::app::App;

/// What was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Verdict {
    /// It was approved.
    Approved,
    /// It was refused.
    Refused,
    /// It was sent back.
    SentBack,
    /// Its end was put off.
    Extended,
    /// A later end was refused.
    ExtensionRefused,
    /// It does not hold for the time being.
    Suspended,
    /// It holds again.
    Resumed,
    /// It has ended.
    Ended,
}

impl Verdict {
    const fn code(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Refused => "refused",
            Self::SentBack => "sent-back",
            Self::Extended => "extended",
            Self::ExtensionRefused => "extension-refused",
            Self::Suspended => "suspended",
            Self::Resumed => "resumed",
            Self::Ended => "ended",
        }
    }
}

/// What a letter says. Stored, so a change of meaning is a new kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "letter", rename_all = "kebab-case")]
pub(crate) enum Letter {
    /// Something waits for the reader's decision.
    ToDecide {
        /// Which.
        permit: PermitId,
    },
    /// The reader's application was decided on.
    Decided {
        /// Which.
        permit: PermitId,
        /// How.
        verdict: Verdict,
    },
    /// The reader's permit ends soon.
    EndComing {
        /// Which.
        permit: PermitId,
        /// The end.
        until: Timestamp,
    },
    /// Something that is owed is overdue: to the one who owes it and to the section officer.
    Overdue {
        /// Which.
        permit: PermitId,
        /// Since when.
        due: Timestamp,
    },
    /// A stand-in decided in the reader's absence.
    StandInDecided {
        /// Which.
        permit: PermitId,
        /// For which of the reader's posts.
        post: PostId,
        /// Who.
        by: PersonId,
        /// How.
        verdict: Verdict,
    },
    /// What a stand-in decided still waits for the reader to view it.
    ViewWaiting {
        /// Which.
        permit: PermitId,
        /// For which of the reader's posts.
        post: PostId,
    },
}

/// Subject and body.
pub(crate) struct Written {
    pub(crate) subject: String,
    pub(crate) body: String,
}

impl Letter {
    /// The kind, for lists: the key of its name below `mail.letter`.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::ToDecide { .. } => "to-decide",
            Self::Decided { .. } => "decided",
            Self::EndComing { .. } => "end-coming",
            Self::Overdue { .. } => "overdue",
            Self::StandInDecided { .. } => "stand-in-decided",
            Self::ViewWaiting { .. } => "view-waiting",
        }
    }

    pub(crate) const fn permit(&self) -> PermitId {
        match self {
            Self::ToDecide { permit }
            | Self::Decided { permit, .. }
            | Self::EndComing { permit, .. }
            | Self::Overdue { permit, .. }
            | Self::StandInDecided { permit, .. }
            | Self::ViewWaiting { permit, .. } => *permit,
        }
    }

    /// Whether there is still any point in it: a letter that waited long can have been overtaken.
    pub(crate) fn has_a_point(&self, world: &World, reader: PersonId, now: Timestamp) -> bool {
        let Some(known) = world.permits.get(self.permit()) else {
            return false;
        };
        match self {
            Self::ToDecide { .. } => {
                known.waits(now)
                    && world
                        .deciders(known.route.post, known.kind(), known.grade, now)
                        .any(|(who, _)| who == reader)
            }
            Self::EndComing { until, .. } => known
                .grant()
                .is_some_and(|grant| grant.end(now).is_none() && grant.term.until == *until),
            Self::Overdue { .. } => known.is_overdue(now),
            Self::ViewWaiting { post, .. } => known.to_view.iter().any(|it| it.post == *post),
            Self::Decided { .. } | Self::StandInDecided { .. } => true,
        }
    }

    /// How it reads: in the language that its reader has chosen, in both where none was chosen. None
    /// where the permit is not known.
    pub(crate) fn written(&self, app: &App, base: &str, reads: Option<Lang>) -> Option<Written> {
        if let Some(lang) = reads {
            return self.in_one(app, base, lang);
        }
        let (ja, en) = (
            self.in_one(app, base, Lang::Ja)?,
            self.in_one(app, base, Lang::En)?,
        );
        Some(Written {
            subject: format!("{} / {}", ja.subject, en.subject),
            body: format!("{}\n\n----\n\n{}", ja.body, en.body),
        })
    }

    fn in_one(&self, app: &App, base: &str, lang: Lang) -> Option<Written> {
        let world = app.world();
        let permit = world.permits.get(self.permit())?;
        let mut words = common(app, &world, permit, lang);
        let calendar = world.calendar();
        let now = app.now();
        match self {
            Self::ToDecide { .. } => {}
            Self::Decided { verdict, .. } => words.push(("verdict", verdict_word(lang, *verdict))),
            Self::EndComing { until, .. } => {
                words.push(("end", deadline(lang, *until, now, &calendar)));
            }
            Self::Overdue { due, .. } => {
                words.push(("due", deadline(lang, *due, now, &calendar)));
                words.push(("owed", owed(permit, lang)));
            }
            Self::StandInDecided {
                post, by, verdict, ..
            } => {
                words.push(("verdict", verdict_word(lang, *verdict)));
                words.push(("by", name(app, *by)));
                words.push(("post", post_title(&world, *post, lang)));
            }
            Self::ViewWaiting { post, .. } => {
                words.push(("post", post_title(&world, *post, lang)));
            }
        }
        words.push(("url", format!("{base}/permits/{}", permit.id)));
        let args: Vec<(&str, Arg<'_>)> = words
            .iter()
            .map(|(name, value)| (*name, Arg::from(value)))
            .collect();
        let part = |part: &str| text(lang, format!("letter.{}.{part}", self.kind()), &args);
        Some(Written {
            subject: part("subject").into_owned(),
            body: format!(
                "{}\n\n{}",
                part("body").trim(),
                text(lang, "letter.foot", &args)
            ),
        })
    }
}

type Words = Vec<(&'static str, String)>;

fn common(app: &App, world: &World, permit: &Permit, lang: Lang) -> Words {
    let organisation = world.organisation.as_ref();
    let organisation = organisation.map_or_else(String::new, |known| {
        let english = known.name.en.as_ref().filter(|_| lang == Lang::En);
        english.unwrap_or(&known.name.ja).as_str().to_owned()
    });
    let kind = text(lang, format!("permits.kind.{}", permit.kind().code()), &[]);
    vec![
        ("organisation", organisation),
        ("kind", kind.into_owned()),
        ("applicant", name(app, permit.applicant)),
        ("applied", date(lang, permit.applied_at)),
        ("from", day(lang, permit.wanted.from)),
        ("until", day(lang, before(permit.wanted.until))),
    ]
}

/// The last day of an interval that ends with an instant.
const fn before(until: Timestamp) -> Timestamp {
    Timestamp::from_millis(until.as_millis() - 1)
}

fn verdict_word(lang: Lang, verdict: Verdict) -> String {
    text(lang, format!("letter.verdict.{}", verdict.code()), &[]).into_owned()
}

fn owed(permit: &Permit, lang: Lang) -> String {
    let owed = permit.grant().map(|grant| grant.owed).unwrap_or_default();
    let words: Vec<String> = owed
        .iter()
        .map(|one| text(lang, format!("permits.duty.{}", one.code()), &[]).into_owned())
        .collect();
    words.join(match lang {
        Lang::Ja => "、",
        Lang::En => ", ",
    })
}

fn name(app: &App, person: PersonId) -> String {
    let directory = app.directory();
    let known = directory.get(person);
    known.map_or_else(
        || person.to_string(),
        |known| known.name.ja.as_str().to_owned(),
    )
}

fn post_title(world: &World, post: PostId, lang: Lang) -> String {
    let Some(known) = world.posts.get(&post) else {
        return post.to_string();
    };
    let english = known.title.en.as_ref().filter(|_| lang == Lang::En);
    english.unwrap_or(&known.title.ja).as_str().to_owned()
}
