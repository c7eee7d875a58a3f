//! Letters about words that somebody gave and that lapse: attestations, words on what is done instead in an
//! exception, and risks that were accepted. A week before, and when it has come to that.

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
use super::letter::{Letter, Words, organisation};
use super::proposed::allowed;

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
    pub(super) fn path(self, world: &World) -> String {
        match self {
            Self::Attestation(id) => {
                let known = world.attestations.get(&id);
                known.map_or_else(String::new, |it| format!("/requirements/{}", it.row))
            }
            Self::Exception(id) => format!("/exceptions/{id}"),
            Self::Risk(id) => format!("/risks/{id}"),
        }
    }

    /// The instants at which words on it lapse, or have lapsed and were not given anew.
    fn lapses(self, world: &World, now: Timestamp) -> BTreeSet<Timestamp> {
        match self {
            Self::Attestation(id) => {
                let known = world.attestations.get(&id);
                let newest = known.filter(|it| {
                    let mut all = world.attestations.values();
                    !all.any(|other| is_anew(other, it))
                });
                newest.and_then(|it| it.valid.until).into_iter().collect()
            }
            Self::Exception(id) => {
                let permit = world.permits.get(id);
                permit.map_or_else(BTreeSet::new, |it| of_exception(world, it, now))
            }
            Self::Risk(id) => {
                let mut all = world.risks.in_force();
                let known = all.find(|it| it.risk == id);
                let treatments = known.into_iter().flat_map(|it| &it.content.treatments);
                treatments.filter_map(accepted_until).collect()
            }
        }
    }

    /// Whether a word on it lapses at an instant and was not given anew.
    pub(super) fn lapses_at(self, world: &World, until: Timestamp, now: Timestamp) -> bool {
        self.lapses(world, now).contains(&until)
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

    /// What a letter says of it.
    pub(super) fn words(self, world: &World, until: Timestamp, lang: Lang) -> Words {
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
            Self::Risk(_) => None,
        };
        vec![
            ("organisation", organisation(world, lang)),
            ("kind", kind.into_owned()),
            ("name", name.unwrap_or_else(|| "–".to_owned())),
            ("until", date(lang, until)),
        ]
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

/// The letters that time brings.
pub(super) fn from_time(world: &World, now: Timestamp) -> Vec<Wanted> {
    let attested = newest(world).filter_map(|it| {
        let until = it.valid.until?;
        Some((Vouched::Attestation(it.id), until))
    });
    let instead = world.live_exceptions(now).flat_map(|permit| {
        let of = Vouched::Exception(permit.id);
        of_exception(world, permit, now)
            .into_iter()
            .map(move |until| (of, until))
    });
    let accepted = world.risks.in_force().flat_map(|version| {
        let of = Vouched::Risk(version.risk);
        let untils = version.content.treatments.iter().filter_map(accepted_until);
        untils.map(move |until| (of, until))
    });
    let mut wanted = Vec::new();
    for (of, until) in attested.chain(instead).chain(accepted) {
        let (when, letter) = if now < until.before(BEFORE) || until.after(CAUGHT_UP) <= now {
            continue;
        } else if now < until {
            ("near", Letter::WordLapsing { of, until })
        } else {
            ("over", Letter::WordLapsed { of, until })
        };
        for person in of.responsible(world, now) {
            let key = format!("word/{of}/{}/{when}/{person}", until.as_millis());
            wanted.push((key, person, letter.clone()));
        }
    }
    wanted
}

#[cfg(test)]
mod tests {
    use sekisho_domain::role::Role;
    use sekisho_domain::time::Interval;
    use sekisho_domain::verdict::Scope;

    use super::super::stage::{appointment_of, day, fresh, holder, office};
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
        assert!(asked(&world, 82).is_empty());
        assert_eq!(asked(&world, 83), [(by, "word-lapsing")]);
        assert_eq!(asked(&world, 90), [(by, "word-lapsed")]);
        // What lapsed long ago is told no more.
        assert!(asked(&world, 120).is_empty());
        attested(&mut world, 21, (85, 175));
        assert!(asked(&world, 90).is_empty());
        let letter = Letter::WordLapsed {
            of: Vouched::Attestation(AttestationId::new(fresh(20))),
            until: day(90),
        };
        assert!(!letter.has_a_point(&world, by, day(90)));
        let stored = serde_json::to_value(&letter).unwrap();
        assert_eq!(serde_json::from_value::<Letter>(stored).unwrap(), letter);
    }
}
