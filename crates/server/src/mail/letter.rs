//! Letters to people: what each says, as codes and ids, and how it reads in the language of the
//! one who gets it.

use std::borrow::Cow;

use sekisho_domain::id::{CaseId, ConcernId, IncidentId, PermitId, PersonId, PostId};
use sekisho_domain::opinion::Subject;
use sekisho_domain::permit::Permit;
use sekisho_domain::plan::{Case, CaseScope};
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;
use sekisho_messages::{Arg, Lang, date, day, deadline, t, text};
use serde::{Deserialize, Serialize};

use super::told::Told;
use super::vouched::Vouched;
use super::{proposed, reading, vouched};
use crate::app::App;

/// Most things that a part of a letter names.
const NAMED: usize = 20;

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
    /// An exception is to be looked at again.
    ReviewException {
        /// Which.
        permit: PermitId,
        /// The first instant at which that is late.
        late: Timestamp,
    },
    /// A case waits for the reader's reassessment.
    ToReassess {
        /// Which.
        case: CaseId,
    },
    /// A case was not reassessed in time.
    ReassessmentLate {
        /// Which.
        case: CaseId,
        /// Since when it is late.
        due: Timestamp,
    },
    /// A report of unease waits for the reader's answer.
    ConcernToAnswer {
        /// Which.
        concern: ConcernId,
    },
    /// A report of unease was not answered in time.
    ConcernLate {
        /// Which.
        concern: ConcernId,
        /// Since when it is late.
        due: Timestamp,
    },
    /// The reader's report of unease was answered.
    ConcernAnswered {
        /// Which.
        concern: ConcernId,
    },
    /// Words were added to a report of unease that waits for the reader's answer.
    ConcernAdded {
        /// Which.
        concern: ConcernId,
    },
    /// An incident was reported that the reader follows.
    IncidentReported {
        /// Which.
        incident: IncidentId,
    },
    /// The next step of an incident is late.
    IncidentLate {
        /// Which.
        incident: IncidentId,
        /// Since when.
        due: Timestamp,
    },
    /// Things wait for the reader's opinion or approval.
    ProposalsWaiting {
        /// The day of the letter.
        day: Timestamp,
    },
    /// What the reader said for a time, or answers for, lapses soon or has lapsed.
    WordsLapsing {
        /// The day of the letter.
        day: Timestamp,
    },
    /// One thing waits for an opinion. As letters were stored before there was one a day for all of it; one that
    /// still waits to leave says what the new ones say.
    OpinionAwaited {
        /// What.
        subject: Subject,
        /// At which state.
        state: u64,
    },
    /// One thing waits for the reader's approval; as the one before.
    ToApprove {
        /// What.
        subject: Subject,
        /// At which state.
        state: u64,
    },
    /// There are rules in force that the reader has to read.
    RulesToRead {
        /// The day of the letter.
        day: Timestamp,
    },
    /// One word lapses soon; as the ones before.
    WordLapsing {
        /// On what it is.
        of: Vouched,
        /// The first instant at which it does not stand.
        until: Timestamp,
    },
    /// One word has lapsed; as the ones before.
    WordLapsed {
        /// On what it was.
        of: Vouched,
        /// The first instant at which it did not stand.
        until: Timestamp,
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
            Self::ReviewException { .. } => "review-exception",
            Self::ToReassess { .. } => "to-reassess",
            Self::ReassessmentLate { .. } => "reassessment-late",
            Self::ConcernToAnswer { .. } => "concern-to-answer",
            Self::ConcernLate { .. } => "concern-late",
            Self::ConcernAnswered { .. } => "concern-answered",
            Self::IncidentReported { .. } => "incident-reported",
            Self::IncidentLate { .. } => "incident-late",
            Self::ConcernAdded { .. } => "concern-added",
            Self::OpinionAwaited { .. } => "opinion-awaited",
            Self::ToApprove { .. } => "to-approve",
            Self::RulesToRead { .. } => "rules-to-read",
            Self::WordLapsing { .. } => "word-lapsing",
            Self::WordLapsed { .. } => "word-lapsed",
            Self::ProposalsWaiting { .. } => "proposals-waiting",
            Self::WordsLapsing { .. } => "words-lapsing",
        }
    }

    /// Which texts it is written with.
    const fn texts(&self) -> &'static str {
        match self {
            Self::OpinionAwaited { .. } | Self::ToApprove { .. } => "proposals-waiting",
            Self::WordLapsing { .. } | Self::WordLapsed { .. } => "words-lapsing",
            _ => self.kind(),
        }
    }

    /// The permit that it is about; none where it is about a case.
    const fn permit(&self) -> Option<PermitId> {
        match self {
            Self::ToDecide { permit }
            | Self::Decided { permit, .. }
            | Self::EndComing { permit, .. }
            | Self::Overdue { permit, .. }
            | Self::StandInDecided { permit, .. }
            | Self::ViewWaiting { permit, .. }
            | Self::ReviewException { permit, .. } => Some(*permit),
            _ => None,
        }
    }

    /// The report of unease or incident that it is about.
    fn told(&self) -> Option<Told> {
        Some(match self {
            Self::ConcernToAnswer { concern }
            | Self::ConcernLate { concern, .. }
            | Self::ConcernAdded { concern }
            | Self::ConcernAnswered { concern } => Told::Concern(*concern),
            Self::IncidentReported { incident } | Self::IncidentLate { incident, .. } => {
                Told::Incident(*incident)
            }
            _ => return None,
        })
    }

    const fn case(&self) -> Option<CaseId> {
        match self {
            Self::ToReassess { case } | Self::ReassessmentLate { case, .. } => Some(*case),
            _ => None,
        }
    }

    /// Where on the console it leads.
    pub(crate) fn path(&self) -> String {
        match self.texts() {
            "rules-to-read" => return "/rules".to_owned(),
            // What they name has links of its own.
            "proposals-waiting" | "words-lapsing" => return "/".to_owned(),
            _ => {}
        }
        let below = match self {
            Self::ReviewException { .. } => "exceptions",
            _ => "permits",
        };
        let permit = self.permit().map(|permit| format!("/{below}/{permit}"));
        let case = || self.case().map(|case| format!("/cases/{case}"));
        let told = || self.told().map(Told::path);
        permit.or_else(case).or_else(told).unwrap_or_default()
    }

    /// Whether there is still any point in it: a letter that waited long can have been overtaken.
    pub(crate) fn has_a_point(&self, world: &World, reader: PersonId, now: Timestamp) -> bool {
        if let Some(asks) = self.still_asks(world, reader, now) {
            return asks;
        }
        if let Some(case) = self.case() {
            return world.plan.cases.get(&case).is_some_and(Case::is_open);
        }
        if let Some(told) = self.told() {
            let answered = matches!(self, Self::ConcernAnswered { .. });
            return answered || told.waits_for(world, reader, now);
        }
        let Some(known) = self.permit().and_then(|permit| world.permits.get(permit)) else {
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
            Self::ReviewException { late, .. } => {
                known.grant().is_some_and(|grant| grant.end(now).is_none())
                    && world.exception_review_late(known) == Some(*late)
            }
            _ => true,
        }
    }

    /// The same of a letter that gathers what is asked of its reader; none of others.
    fn still_asks(&self, world: &World, reader: PersonId, now: Timestamp) -> Option<bool> {
        Some(match self.texts() {
            "proposals-waiting" => proposed::asks(world, reader, now),
            "rules-to-read" => !world.rules_to_read(reader, now).is_empty(),
            "words-lapsing" => vouched::asks(world, reader, now),
            _ => return None,
        })
    }

    /// What such a letter says; none of others.
    fn asked(
        &self,
        world: &World,
        (reader, lang): (PersonId, Lang),
        base: &str,
        now: Timestamp,
    ) -> Option<Words> {
        let reads = (reader, lang);
        Some(match self.texts() {
            "proposals-waiting" => proposed::words(world, reads, base, now),
            "rules-to-read" => reading::words(world, reader, lang, now),
            "words-lapsing" => vouched::words(world, reads, base, now),
            _ => return None,
        })
    }

    /// How it reads: in the language that its reader has chosen, in both where none was chosen. None
    /// where the permit is not known.
    pub(crate) fn written(
        &self,
        app: &App,
        base: &str,
        (reader, reads): (PersonId, Option<Lang>),
    ) -> Option<Written> {
        if let Some(lang) = reads {
            return self.in_one(app, base, (reader, lang));
        }
        let (ja, en) = (
            self.in_one(app, base, (reader, Lang::Ja))?,
            self.in_one(app, base, (reader, Lang::En))?,
        );
        Some(Written {
            subject: format!("{} / {}", ja.subject, en.subject),
            body: format!("{}\n\n----\n\n{}", ja.body, en.body),
        })
    }

    fn in_one(&self, app: &App, base: &str, (reader, lang): (PersonId, Lang)) -> Option<Written> {
        let world = app.world();
        let url = format!("{base}{}", self.path());
        if let Some(words) = self.asked(&world, (reader, lang), base, app.now()) {
            return Some(self.fill(url, lang, words));
        }
        if let Some(case) = self.case() {
            let case = world.plan.cases.get(&case)?;
            return Some(self.fill(url, lang, of_case(&world, case, lang, app.now())));
        }
        if let Some(told) = self.told() {
            return Some(self.fill(url, lang, told.words(&world, lang, app.now())?));
        }
        let permit = world.permits.get(self.permit()?)?;
        let mut words = common(app, &world, permit, lang);
        let calendar = world.calendar();
        let now = app.now();
        match self {
            Self::Decided { verdict, .. } => words.push(("verdict", verdict_word(lang, *verdict))),
            Self::EndComing { until, .. } => {
                words.push(("end", deadline(lang, *until, now, &calendar)));
            }
            Self::Overdue { due, .. } => {
                words.push(("due", deadline(lang, *due, now, &calendar)));
                words.push(("owed", owed(permit, lang)));
            }
            Self::ReviewException { late, .. } => {
                words.push(("due", deadline(lang, *late, now, &calendar)));
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
            _ => {}
        }
        Some(self.fill(url, lang, words))
    }

    /// The texts with the words in them.
    fn fill(&self, url: String, lang: Lang, mut words: Words) -> Written {
        words.push(("url", url));
        let args: Vec<(&str, Arg<'_>)> = words
            .iter()
            .map(|(name, value)| (*name, Arg::from(value)))
            .collect();
        let part = |part: &str| text(lang, format!("letter.{}.{part}", self.texts()), &args);
        Written {
            subject: part("subject").into_owned(),
            body: format!(
                "{}\n\n{}",
                part("body").trim(),
                text(lang, "letter.foot", &args)
            ),
        }
    }
}

pub(super) type Words = Vec<(&'static str, String)>;

pub(super) fn organisation(world: &World, lang: Lang) -> String {
    let organisation = world.organisation.as_ref();
    organisation.map_or_else(String::new, |known| {
        let english = known.name.en.as_ref().filter(|_| lang == Lang::En);
        english.unwrap_or(&known.name.ja).as_str().to_owned()
    })
}

/// Parts of a letter, each with so many at most of what it names; none that names nothing.
pub(super) fn in_parts<const N: usize>(
    lang: Lang,
    parts: [(Cow<'static, str>, Vec<String>); N],
) -> String {
    let named = parts.into_iter().filter(|(_, items)| !items.is_empty());
    let parts = named.map(|(lead, items)| {
        let more = items.len().saturating_sub(NAMED);
        let mut lines = vec![lead.trim().to_owned(), String::new()];
        lines.extend(items.into_iter().take(NAMED));
        if more > 0 {
            lines.push(t!(lang, "letter.more", n = more).into_owned());
        }
        lines.join("\n")
    });
    parts.collect::<Vec<_>>().join("\n\n")
}

/// What a scope is called: the whole, or a unit as it is called now.
pub(super) fn scope_name(world: &World, scope: CaseScope, lang: Lang, now: Timestamp) -> String {
    match scope {
        CaseScope::Body => text(lang, "case.scope.body", &[]).into_owned(),
        CaseScope::Unit(unit) => {
            let known = world.units.get(&world.unit_now(unit, now));
            known.map_or_else(String::new, |known| {
                let name = known.name_at(now);
                let english = name.en.as_ref().filter(|_| lang == Lang::En);
                english.unwrap_or(&name.ja).as_str().to_owned()
            })
        }
    }
}

/// What a case is about, for whom, and until when it is to be reassessed.
fn of_case(world: &World, case: &Case, lang: Lang, now: Timestamp) -> Words {
    let trigger = format!("case.trigger.{}", case.opened.trigger.code());
    let scope = scope_name(world, case.opened.scope, lang, now);
    vec![
        ("organisation", organisation(world, lang)),
        ("trigger", text(lang, trigger, &[]).into_owned()),
        ("scope", scope),
        (
            "due",
            deadline(lang, case.opened.due, now, &world.calendar()),
        ),
    ]
}

fn common(app: &App, world: &World, permit: &Permit, lang: Lang) -> Words {
    let kind = text(lang, format!("permits.kind.{}", permit.kind().code()), &[]);
    vec![
        ("organisation", organisation(world, lang)),
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
