//! Letters to people who have rules to read: one a day for all of them, when a rule takes effect and once more
//! when the time to read it runs out.

use sekisho_domain::id::PersonId;
use sekisho_domain::rule::{RuleDocument, RuleVersion};
use sekisho_domain::time::{Span, Timestamp};
use sekisho_domain::world::World;
use sekisho_messages::{Lang, deadline};

use super::derive::Wanted;
use super::letter::{Letter, Words, organisation};

/// Working days after a rule took effect until those who have not read it are reminded. Our own choice.
const REMIND_AFTER: u32 = 5;
/// For how long such a letter is caught up with, where the program did not run or had many to ask for.
const CAUGHT_UP: Span = Span::days(3);
/// Most rules that a letter names.
const NAMED: usize = 20;

/// The letters of the days that are not long past. A letter of a day speaks of everything that its reader has
/// to read by then, so that the rules of one day share it.
pub(super) fn from_time(world: &World, now: Timestamp) -> impl Iterator<Item = Wanted> {
    let in_force = world.rules.in_force(now);
    let asked = in_force.filter(|(_, version)| version.content.head.acknowledge);
    let days = asked.flat_map(move |(document, version)| {
        let days = days_of(world, version).into_iter();
        let due = days.filter(move |day| *day <= now && now.since(*day) < CAUGHT_UP);
        due.map(move |day| (day, document, version))
    });
    days.flat_map(move |(day, document, version)| of_day(world, day, (document, version), now))
}

/// The days on which a version is told of: the first that begins with it in force, and the reminder's.
fn days_of(world: &World, version: &RuleVersion) -> [Timestamp; 2] {
    days_since(world, version.from.max(version.at))
}

/// The days on which somebody is told of what is so since an instant: the first that begins with it, and the
/// reminder's.
pub(super) fn days_since(world: &World, from: Timestamp) -> [Timestamp; 2] {
    let reminder = world.calendar().deadline(from, REMIND_AFTER);
    [first_day(from), reminder]
}

/// The first day that does not begin before an instant.
pub(super) fn first_day(from: Timestamp) -> Timestamp {
    let begun = from.day_begun();
    if begun == from {
        from
    } else {
        begun.after(Span::days(1))
    }
}

fn of_day<'a>(
    world: &'a World,
    day: Timestamp,
    (document, version): (&'a RuleDocument, &'a RuleVersion),
    now: Timestamp,
) -> impl Iterator<Item = Wanted> + 'a {
    let readers = world.rule_readers(version, now);
    let unread = readers.filter(move |person| !document.is_acknowledged(*person, version.version));
    unread.map(move |person| {
        let key = format!("read/{}/{person}", day.as_millis());
        (key, person, Letter::RulesToRead { day })
    })
}

/// What a letter says: the rules that its reader has still to read, and until when the first of them.
pub(super) fn words(world: &World, reader: PersonId, lang: Lang, now: Timestamp) -> Words {
    let to_read = world.rules_to_read(reader, now);
    let rules = to_read.iter().filter_map(|(rule, _)| {
        let document = world.rules.documents.get(rule)?;
        Some((document, document.in_force(now)?))
    });
    let rules: Vec<(&RuleDocument, &RuleVersion)> = rules.collect();
    let due = rules
        .iter()
        .map(|(_, version)| world.rule_read_by(version))
        .min();
    let due = due.map_or_else(
        || "–".to_owned(),
        |due| deadline(lang, due, now, &world.calendar()),
    );
    let titles = rules.iter().take(NAMED).map(|(_, version)| {
        let head = &version.content.head;
        let english = head.title_en.as_ref().filter(|_| lang == Lang::En);
        format!("- {}", english.unwrap_or(&head.title).as_str())
    });
    vec![
        ("organisation", organisation(world, lang)),
        ("n", rules.len().to_string()),
        ("rules", titles.collect::<Vec<_>>().join("\n")),
        ("due", due),
    ]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Arc;

    use sekisho_domain::actor::Actor;
    use sekisho_domain::id::{PostId, RuleId};
    use sekisho_domain::rule::{
        Acknowledged, Clause, ClauseNumber, ClauseTerms, ClauseText, RuleContent, RuleHead,
    };

    use super::super::stage::{day, fresh, line, office, unit};
    use super::*;

    fn rule(n: u8) -> RuleId {
        RuleId::new(fresh(n))
    }

    /// Puts a rule in force that is to be read.
    fn enacted(world: &mut World, n: u8, from: Timestamp) {
        let head = RuleHead {
            title: line("規程"),
            title_en: None,
            owner: PostId::new(fresh(78)),
            acknowledge: true,
            units: Vec::new(),
            note: None,
        };
        let clause = Clause {
            number: ClauseNumber(1.try_into().unwrap()),
            text: ClauseText::parse("条文").unwrap(),
            terms: ClauseTerms::labelled(line("条")),
        };
        let content = RuleContent {
            head,
            clauses: vec![clause],
        };
        let mut document = RuleDocument::begun(rule(n));
        document.versions.push(RuleVersion {
            version: 1,
            content: Arc::new(content),
            revision: 2,
            proposed_by: Actor::Operator,
            by: Actor::Operator,
            at: from,
            from,
        });
        world.rules.documents.insert(rule(n), document);
    }

    fn keys(world: &World, now: Timestamp) -> BTreeSet<String> {
        from_time(world, now).map(|(key, ..)| key).collect()
    }

    #[test]
    fn rules_of_one_day_are_one_letter_and_one_reminder_until_all_are_read() {
        let mut world = office();
        let reader = PersonId::new(fresh(6));
        world.people.insert(reader, unit());
        enacted(&mut world, 20, day(0));
        enacted(&mut world, 21, day(0).after(Span::hours(5)));
        // The day on which they came is gathered.
        assert!(keys(&world, day(0).after(Span::hours(10))).is_empty());
        let told = keys(&world, day(1));
        assert_eq!(told.len(), 1);
        assert_eq!(keys(&world, day(2)), told);
        let later: BTreeSet<String> = (4..30).flat_map(|n| keys(&world, day(n))).collect();
        assert_eq!(later.len(), 1);
        assert!(later.is_disjoint(&told));
        for (n, left) in [(20, 1), (21, 0)] {
            let document = world.rules.documents.get_mut(&rule(n)).unwrap();
            let read = Acknowledged {
                version: 1,
                at: day(0),
            };
            Arc::make_mut(&mut document.acknowledged).insert(reader, read);
            assert_eq!(keys(&world, day(1)).len(), left);
        }
        let letter = Letter::RulesToRead { day: day(1) };
        assert!(!letter.has_a_point(&world, reader, day(1)));
    }
}
