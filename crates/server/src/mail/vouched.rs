//! Letters about what somebody said for a time and that lapses: attestations, words on what is done instead in an
//! exception, and risks that were accepted. A week before, and when it has come to that; one a day for all of it.

use std::collections::{BTreeSet, HashMap};
use std::fmt;

use sekisho_domain::attestation::Attestation;
use sekisho_domain::authorise::{Action, Subject as About};
use sekisho_domain::exception::WORD_STANDS;
use sekisho_domain::id::{AttestationId, PermitId, PersonId, RiskId};
use sekisho_domain::permit::Permit;
use sekisho_domain::risk::Treatment;
use sekisho_domain::time::{Span, Timestamp};
use sekisho_domain::world::World;
use sekisho_messages::{Lang, date, t};
use serde::{Deserialize, Serialize};

use super::derive::Wanted;
use super::letter::{Letter, Words, in_parts, organisation};
use super::proposed::{allowed, newest as newest_day, of_risk};
use super::reading::first_day;

/// How long before a word lapses this is told.
const BEFORE: Span = Span::days(7);
/// How long after a word has lapsed this is still told, where it was not: what lapsed long ago is on the pages.
const CAUGHT_UP: Span = Span::days(30);

/// What somebody's word is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Vouched {
    /// A row of the catalogue.
    Attestation(AttestationId),
    /// What is done instead in an exception, where no sensor sees it.
    Exception(PermitId),
    /// A risk that was accepted.
    Risk(RiskId),
}

impl fmt::Display for Vouched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attestation(id) => write!(f, "{id}"),
            Self::Exception(id) => write!(f, "{id}"),
            Self::Risk(id) => write!(f, "{id}"),
        }
    }
}

impl Vouched {
    /// Where on the console the word is given anew.
    fn path(self, world: &World) -> String {
        match self {
            Self::Attestation(id) => {
                let known = world.attestations.get(&id);
                known.map_or_else(String::new, |it| format!("/requirements/{}", it.row))
            }
            Self::Exception(id) => format!("/exceptions/{id}"),
            Self::Risk(id) => format!("/risks/{id}"),
        }
    }

    /// Who gives the word anew: who gave it, or holds the post now; who decides on the exception; the CISO.
    fn responsible(self, world: &World, now: Timestamp) -> Vec<PersonId> {
        match self {
            Self::Attestation(id) => {
                let known = world.attestations.get(&id);
                let by = known.and_then(|it| world.appointments.get(&it.appointment));
                match by {
                    Some(by) if world.holds(by, now) => vec![by.person],
                    Some(by) => world.holders(by.post, now).collect(),
                    None => Vec::new(),
                }
            }
            Self::Exception(id) => {
                let Some(permit) = world.permits.get(id) else {
                    return Vec::new();
                };
                let Ok(route) = world.route_of(permit, now) else {
                    return Vec::new();
                };
                let deciders = world.deciders(route.post, permit.kind(), permit.grade, now);
                let people = deciders.map(|(who, _)| who);
                let people: BTreeSet<PersonId> = people
                    .filter(|who| !world.is_own_permit(permit, *who))
                    .collect();
                people.into_iter().collect()
            }
            Self::Risk(_) => allowed(world, Action::AcceptRisk, About::Body, now),
        }
    }

    /// How a letter names it, and until when it stands.
    fn item(
        self,
        world: &World,
        until: Timestamp,
        (lang, base): (Lang, &str),
        now: Timestamp,
    ) -> String {
        let kind = match self {
            Self::Attestation(_) => t!(lang, "letter.vouched.attestation"),
            Self::Exception(_) => t!(lang, "letter.vouched.exception"),
            Self::Risk(_) => t!(lang, "letter.vouched.risk"),
        };
        let name = match self {
            Self::Attestation(id) => {
                let known = world.attestations.get(&id);
                known.map(|it| it.row.to_string())
            }
            Self::Exception(id) => {
                let permit = world.permits.get(id);
                let exception = permit.and_then(Permit::exception);
                exception.map(|it| it.requirement.as_str().to_owned())
            }
            Self::Risk(id) => {
                let mut all = world.risks.in_force();
                let known = all.find(|it| it.risk == id);
                known.map(|it| of_risk(world, it.content.subject, lang, now))
            }
        };
        let name = name.unwrap_or_else(|| self.to_string());
        let until = date(lang, until);
        let url = format!("{base}{}", self.path(world));
        t!(
            lang,
            "letter.words-lapsing.item",
            kind = &*kind,
            name = name.as_str(),
            until = until.as_str(),
            url = url.as_str()
        )
        .into_owned()
    }
}

/// Whether an attestation speaks of the same as another and was given after it.
fn is_anew(other: &Attestation, than: &Attestation) -> bool {
    let same = other.row == than.row && other.scope == than.scope;
    same && (other.valid.from, other.id) > (than.valid.from, than.id)
}

const fn accepted_until(treatment: &Treatment) -> Option<Timestamp> {
    match treatment {
        Treatment::Accept { until } => Some(*until),
        _ => None,
    }
}

/// When the words on an exception's measures lapse, while it lasts.
fn of_exception(world: &World, permit: &Permit, now: Timestamp) -> BTreeSet<Timestamp> {
    let live = permit.grant().filter(|grant| grant.end(now).is_none());
    let (Some(grant), Some(exception)) = (live, permit.exception()) else {
        return BTreeSet::new();
    };
    let Some(record) = world.exceptions.get(&permit.id) else {
        return BTreeSet::new();
    };
    let places = (0_u32..).zip(&exception.measures);
    let unseen = places.filter(|(_, measure)| measure.needs_a_word());
    let said = unseen.filter_map(|(place, _)| record.words.get(&place));
    let lapses = said.map(|said| said.after(WORD_STANDS));
    lapses.filter(|lapse| *lapse < grant.term.until).collect()
}

/// The newest attestation of each row.
fn newest(world: &World) -> impl Iterator<Item = &Attestation> {
    let mut newest: HashMap<_, &Attestation> = HashMap::new();
    for one in world.attestations.values() {
        let known = newest.entry((&one.row, one.scope)).or_insert(one);
        if is_anew(one, known) {
            *known = one;
        }
    }
    newest.into_values()
}

/// Something that lapses soon, or has lapsed and was not given anew.
#[derive(Clone, Copy)]
struct Lapsing {
    of: Vouched,
    since: Timestamp,
    until: Timestamp,
}

impl Lapsing {
    /// The days on which it is told: when a week is left, and when it has lapsed.
    fn days(&self) -> [Timestamp; 2] {
        let near = self.until.before(BEFORE).max(self.since);
        [first_day(near), first_day(self.until)]
    }

    /// The newest of them that has come, where it is not too long ago that it lapsed.
    fn told(&self, now: Timestamp) -> Option<Timestamp> {
        let days = self.days().into_iter().filter(|day| *day <= now);
        days.max().filter(|_| now < self.until.after(CAUGHT_UP))
    }
}

/// Everything that was said for a time and stands, or was not said anew.
fn lapsing(world: &World) -> impl Iterator<Item = Lapsing> {
    let attested = newest(world).filter_map(|it| {
        Some(Lapsing {
            of: Vouched::Attestation(it.id),
            since: it.valid.from,
            until: it.valid.until?,
        })
    });
    let accepted = world.risks.in_force().flat_map(|version| {
        let (of, since) = (Vouched::Risk(version.risk), version.approved_at);
        let untils = version.content.treatments.iter().filter_map(accepted_until);
        untils.map(move |until| Lapsing { of, since, until })
    });
    attested.chain(accepted)
}

/// The same of the measures of exceptions that last.
fn instead(world: &World, now: Timestamp) -> impl Iterator<Item = Lapsing> {
    world.live_exceptions(now).flat_map(move |permit| {
        let of = Vouched::Exception(permit.id);
        let untils = of_exception(world, permit, now).into_iter();
        untils.map(move |until| {
            let since = until.before(WORD_STANDS);
            Lapsing { of, since, until }
        })
    })
}

/// What is told now, with the newest day on which something came to it.
fn told(world: &World, now: Timestamp) -> impl Iterator<Item = (Lapsing, Timestamp)> {
    let all = lapsing(world).chain(instead(world, now));
    all.filter_map(move |it| Some((it, it.told(now)?)))
}

/// The letters that time brings: one a day to each who answers for something that came near its end, or to it.
pub(super) fn from_time(world: &World, now: Timestamp) -> Vec<Wanted> {
    let days = told(world, now).flat_map(|(it, day)| {
        let people = it.of.responsible(world, now).into_iter();
        people.map(move |person| (person, day))
    });
    let letters = newest_day(days).into_iter().map(|(person, day)| {
        let key = format!("words/{}/{person}", day.as_millis());
        (key, person, Letter::WordsLapsing { day })
    });
    letters.collect()
}

/// What lapses, or has lapsed, of what a reader answers for; the first to lapse first.
fn lapsing_for(world: &World, reader: PersonId, now: Timestamp) -> Vec<Lapsing> {
    let all = told(world, now).map(|(it, _)| it);
    let mut of_reader: Vec<Lapsing> = all
        .filter(|it| it.of.responsible(world, now).contains(&reader))
        .collect();
    of_reader.sort_by_key(|it| it.until);
    of_reader
}

/// Whether there is anything to tell a reader of.
pub(super) fn asks(world: &World, reader: PersonId, now: Timestamp) -> bool {
    !lapsing_for(world, reader, now).is_empty()
}

/// What a letter says. A risk that is accepted no longer is no word that is missing: it is undecided.
pub(super) fn words(
    world: &World,
    (reader, lang): (PersonId, Lang),
    base: &str,
    now: Timestamp,
) -> Words {
    let all = lapsing_for(world, reader, now);
    let of = |is_risk: bool, is_over: bool| -> Vec<String> {
        let of_part = all.iter().filter(|it| {
            let risk = matches!(it.of, Vouched::Risk(_));
            risk == is_risk && (it.until <= now) == is_over
        });
        let item = |it: &Lapsing| it.of.item(world, it.until, (lang, base), now);
        of_part.map(item).collect()
    };
    let parts = [
        (t!(lang, "letter.words-lapsing.risk-over"), of(true, true)),
        (t!(lang, "letter.words-lapsing.risk"), of(true, false)),
        (t!(lang, "letter.words-lapsing.word-over"), of(false, true)),
        (t!(lang, "letter.words-lapsing.word"), of(false, false)),
    ];
    vec![
        ("organisation", organisation(world, lang)),
        ("n", all.len().to_string()),
        ("parts", in_parts(lang, parts)),
    ]
}

#[cfg(test)]
mod tests {
    use sekisho_domain::actor::Actor;
    use sekisho_domain::event::BlobRef;
    use sekisho_domain::plan::{CaseScope, Conclusion, RiskLevel};
    use sekisho_domain::risk::{Rank, RiskContent, RiskResult, RiskSubject, RiskVersion};
    use sekisho_domain::role::Role;
    use sekisho_domain::time::Interval;
    use sekisho_domain::verdict::Scope;

    use super::super::stage::{appointment_of, day, fresh, holder, line, office, unit};
    use std::collections::BTreeMap;

    use super::*;

    fn attested(world: &mut World, n: u8, (from, until): (i64, i64)) {
        let id = AttestationId::new(fresh(n));
        let attestation = Attestation {
            id,
            row: "US-8.1.1-3-e".parse().unwrap(),
            scope: Scope::Body,
            appointment: appointment_of(10),
            valid: Interval {
                from: day(from),
                until: Some(day(until)),
            },
        };
        world.attestations.insert(id, attestation);
    }

    #[test]
    fn a_word_is_asked_for_a_week_before_it_lapses_and_when_it_has_unless_given_anew() {
        let mut world = office();
        let by = holder(&mut world, 10, Role::Hiso);
        attested(&mut world, 20, (0, 90));
        let asked = |world: &World, n: i64| -> Vec<(PersonId, &'static str)> {
            let wanted = from_time(world, day(n)).into_iter();
            wanted
                .map(|(_, who, letter)| (who, letter.kind()))
                .collect()
        };
        let keys = |world: &World, n: i64| -> Vec<String> {
            let wanted = from_time(world, day(n)).into_iter();
            wanted.map(|(key, ..)| key).collect()
        };
        // Told on the day that begins then, and on no other.
        assert!(asked(&world, 83).is_empty());
        let near = keys(&world, 84);
        assert_eq!(near.len(), 1);
        assert_eq!(keys(&world, 90), near);
        let over = keys(&world, 91);
        assert_eq!(asked(&world, 91), [(by, "words-lapsing")]);
        assert_ne!(over, near);
        assert_eq!(keys(&world, 100), over);
        // What lapsed long ago is told no more.
        assert!(asked(&world, 120).is_empty());
        attested(&mut world, 21, (85, 175));
        assert!(asked(&world, 91).is_empty());
        let letter = Letter::WordLapsed {
            of: Vouched::Attestation(AttestationId::new(fresh(20))),
            until: day(90),
        };
        assert!(!letter.has_a_point(&world, by, day(90)));
        let stored = serde_json::to_value(&letter).unwrap();
        assert_eq!(serde_json::from_value::<Letter>(stored).unwrap(), letter);
    }

    /// Puts an assessment of the unit's tasks in force whose risk is accepted until a day.
    fn accepted(world: &mut World, until: i64) {
        let risk = RiskId::new(fresh(30));
        let subject = RiskSubject::Tasks(CaseScope::Unit(unit()));
        let by = Actor::Operator;
        let version = RiskVersion {
            risk,
            content: RiskContent {
                subject,
                grade: "C2I1A1".parse().unwrap(),
                places: Vec::new(),
                cases: Vec::new(),
                answers: BTreeMap::new(),
                raised: Vec::new(),
                lowered: Vec::new(),
                conclusion: Conclusion::Measures,
                reason: line("紛失が続いたため"),
                treatments: vec![Treatment::Accept { until: day(until) }],
            },
            frozen: BlobRef {
                blob: String::new(),
                size: 0,
            },
            result: RiskResult {
                importance: Rank::Three,
                scenarios: Vec::new(),
                risk: 9,
                level: RiskLevel::High,
            },
            frozen_at: day(0),
            by: by.clone(),
            proposed_by: by.clone(),
            approved_by: by,
            approved_at: day(0),
            supersedes: None,
            superseded_at: None,
        };
        world.risks.current.insert(subject, risk);
        world.risks.approved.insert(risk, version);
    }

    /// An accepted risk was written of as a word that somebody gave, and nobody could tell which.
    #[test]
    fn an_acceptance_that_ends_is_told_as_what_it_is_with_its_unit_and_in_one_letter_with_words() {
        let mut world = office();
        let ciso = holder(&mut world, 10, Role::Ciso);
        accepted(&mut world, 90);
        attested(&mut world, 20, (0, 91));
        assert_eq!(from_time(&world, day(86)).len(), 1);
        let said = |n: i64, lang: Lang| {
            let words = words(&world, (ciso, lang), "https://sekisho.example", day(n));
            let parts = words.into_iter().find(|(name, _)| *name == "parts");
            parts.unwrap().1
        };
        let near = said(86, Lang::Ja);
        for told in [
            "リスクへの対応が未決定となり",
            "「総務課のすべての業務」",
            "https://sekisho.example/risks/",
            "次の確認又は申告は、まもなく",
            "「US-8.1.1-3-e」",
        ] {
            assert!(near.contains(told), "{told}: {near}");
        }
        let over = said(92, Lang::En);
        assert!(over.contains("requirements count as not met"), "{over}");
        assert!(over.contains("count as not known"), "{over}");
    }
}
