//! What reassessments accepted, found by what it was accepted of: every unit asks several times, and acceptances grow to
//! thousands between two plans.

use std::collections::BTreeMap;

use sekisho_domain::plan::{CaseScope, Figure, Measure, Trigger};
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::Accepted;

/// What was accepted, by trigger and scope, the oldest first.
pub(super) struct AcceptedBy<'a>(BTreeMap<(Trigger, CaseScope), Vec<&'a Accepted>>);

impl<'a> AcceptedBy<'a> {
    pub(super) fn of(all: &'a [Accepted]) -> Self {
        let mut by: BTreeMap<(Trigger, CaseScope), Vec<&'a Accepted>> = BTreeMap::new();
        for it in all {
            by.entry((it.trigger, it.scope)).or_default().push(it);
        }
        Self(by)
    }

    /// What was accepted last of a measure, and when; nothing where it never was.
    pub(super) fn last(
        &self,
        key: (Trigger, CaseScope),
        about: (Measure, Option<&str>),
    ) -> Option<(Timestamp, &'a Figure)> {
        let mut newest_first = self.0.get(&key)?.iter().rev();
        newest_first.find_map(|it| {
            let figure = it.figures.iter().find(|figure| figure.about() == about)?;
            Some((it.at, figure))
        })
    }

    /// How much was accepted of a measure; nothing where it never was.
    pub(super) fn value(
        &self,
        key: (Trigger, CaseScope),
        about: (Measure, Option<&str>),
    ) -> Option<u64> {
        self.last(key, about).map(|(_, figure)| figure.value)
    }
}

#[cfg(test)]
mod tests {
    use sekisho_domain::id::{Fresh, UnitId};
    use sekisho_domain::time::Span;

    use super::*;

    #[test]
    fn what_was_accepted_last_of_the_same_thing_counts() {
        let at = |day| Timestamp::default().after(Span::days(day));
        let unit = CaseScope::Unit(UnitId::new(Fresh([1; 16])));
        let accepted = |trigger, scope, day, figures: &[(Measure, Option<&str>, u64)]| Accepted {
            scope,
            trigger,
            at: at(day),
            figures: figures
                .iter()
                .map(|(measure, subject, value)| Figure {
                    measure: *measure,
                    subject: subject.map(str::to_owned),
                    value: *value,
                    base: None,
                    level: None,
                })
                .collect(),
        };
        let (days, hours) = (Measure::PersonDays, Measure::GatewayHours);
        let all = [
            accepted(
                Trigger::Volume,
                unit,
                1,
                &[(days, None, 5), (hours, None, 9)],
            ),
            accepted(Trigger::Volume, unit, 2, &[(days, None, 7)]),
            accepted(Trigger::Volume, CaseScope::Body, 3, &[(days, None, 100)]),
            accepted(Trigger::Users, unit, 4, &[(days, Some("a"), 1)]),
        ];
        let by = AcceptedBy::of(&all);
        let volume = (Trigger::Volume, unit);
        let last = by.last(volume, (days, None));
        assert_eq!(last, Some((at(2), &all[1].figures[0])));
        // What a later one does not speak of stands as an earlier one accepted it.
        assert_eq!(by.value(volume, (hours, None)), Some(9));
        assert_eq!(
            by.value((Trigger::Volume, CaseScope::Body), (hours, None)),
            None
        );
        assert_eq!(by.value((Trigger::Users, unit), (days, None)), None);
        assert_eq!(by.value((Trigger::Users, unit), (days, Some("a"))), Some(1));
    }
}
