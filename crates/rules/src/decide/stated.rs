//! What the built-in rulebook is told about a question: the facts, as flags in one number.
//!
//! Requests are made from that number and from nothing else, so that it holds everything that an answer
//! of the built-in rulebook can depend on: no fact that a policy sees can be missing from it.

use cedar_policy::{Context, RestrictedExpression as E};
use sekisho_domain::grade::Grade;
use sekisho_domain::permit::PermitKind;

use super::facts::Facts;
use super::lack::CheckSet;
use super::more::More;
use super::question::{Act, Question};

/// One fact: the record of the schema in which it stands (empty for none), its name, how it is found.
pub(super) type Flag = (&'static str, &'static str, fn(&Facts) -> bool);

/// Every fact that is true or false. Those of one record stand together.
pub(super) const FLAGS: [Flag; 38] = [
    ("", "clock_sure", |it| it.clock_sure),
    ("person", "active", |it| it.person_active),
    ("device", "stated", |it| it.device.stated),
    ("device", "enrolled", |it| it.device.is_enrolled()),
    ("device", "suspended", |it| it.device.suspended),
    ("device", "retired", |it| it.device.retired),
    ("device", "issued", |it| it.device.issued),
    ("device", "theirs", |it| it.device.theirs),
    ("place", "off_site", |it| it.off_site),
    ("place", "outside_organisation", |it| {
        it.outside_organisation
    }),
    ("system", "in_use", |it| it.system_in_use),
    ("system", "remote", |it| it.system_remote),
    ("line", "in_use", |it| it.line.in_use),
    ("line", "internal", |it| it.line.internal),
    ("line", "listed", |it| it.line.listed),
    ("task", "stated", |it| it.task.stated),
    ("task", "in_use", |it| it.task.in_use),
    ("task", "stopped", |it| it.task.stopped),
    ("task", "covers", |it| it.task.covers),
    ("task", "refused", |it| it.task.refused),
    ("task", "within", |it| it.task.within),
    ("task", "risk_stopped", |it| it.task.risk_stopped),
    ("task", "risk_covered", |it| it.task.risk_covered),
    ("task", "risk_measured", |it| it.task.risk_measured),
    ("task", "risk_within", |it| it.task.risk_within),
    ("outside", "was", |it| it.was_outside),
    ("posture", "baseline", |it| passes(it, CheckSet::Baseline)),
    ("posture", "safeguards", |it| {
        passes(it, CheckSet::Safeguards)
    }),
    ("posture", "alarm", |it| !passes(it, CheckSet::Alarm)),
    ("posture", "inspection", |it| {
        passes(it, CheckSet::Inspection)
    }),
    ("permits", "telework", |it| it.holds(PermitKind::Telework)),
    ("permits", "take_out", |it| it.holds(PermitKind::TakeOut)),
    ("permits", "off_site", |it| it.holds(PermitKind::OffSite)),
    ("permits", "byod", |it| it.holds(PermitKind::Byod)),
    ("permits", "reconnection", |it| {
        it.holds(PermitKind::Reconnection)
    }),
    ("permits", "line", |it| it.holds(PermitKind::Line)),
    ("permits", "connection", |it| {
        it.holds(PermitKind::Connection)
    }),
    ("permits", "remote_access", |it| {
        it.holds(PermitKind::RemoteAccess)
    }),
];

/// The bits of the flags.
const FLAG_BITS: u64 = (1 << FLAGS.len()) - 1;
/// Where the grade stands behind the flags: two bits of confidentiality, one each of the others.
const GRADE: u32 = FLAGS.len() as u32;
/// Whether a line is to be joined.
const JOIN: u32 = GRADE + 4;

fn passes(facts: &Facts, set: CheckSet) -> bool {
    facts.passes[set as usize]
}

/// What the built-in rulebook is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Stated {
    facts: u64,
    /// The built-in rules from which exceptions in force depart, a bit each.
    excused: u64,
}

impl Stated {
    pub(super) fn of(question: &Question, facts: &Facts, excused: u64) -> Self {
        let mut flags = 0;
        for (place, (_, _, is)) in FLAGS.iter().enumerate() {
            flags |= u64::from(is(facts)) << place;
        }
        Self::again(question, flags, facts.grade, excused)
    }

    /// The same of an answer that was given: from the flags and the grade that were kept. What stands behind the
    /// flags is let alone.
    pub(super) fn again(question: &Question, flags: u64, grade: Grade, excused: u64) -> Self {
        let mut bits = flags & FLAG_BITS;
        bits |= u64::from(grade.confidentiality.level()) << GRADE;
        bits |= u64::from(grade.needs_integrity()) << (GRADE + 2);
        bits |= u64::from(grade.needs_availability()) << (GRADE + 3);
        bits |= u64::from(matches!(question.act, Act::Join { .. })) << JOIN;
        Self {
            facts: bits,
            excused,
        }
    }

    /// Any facts, to tell answers apart.
    #[cfg(test)]
    pub(super) const fn for_test(number: u64) -> Self {
        Self {
            facts: number,
            excused: 0,
        }
    }

    /// The flags alone.
    pub(super) const fn flags(self) -> u64 {
        self.facts & FLAG_BITS
    }

    const fn bit(self, place: u32) -> bool {
        self.facts >> place & 1 == 1
    }

    /// Whether a line is to be joined; a system to be reached otherwise.
    pub(super) const fn is_join(self) -> bool {
        self.bit(JOIN)
    }

    pub(super) const fn excused(self) -> u64 {
        self.excused
    }

    /// The same in the words of the schema, with what an organisation's own rules may look at besides.
    pub(super) fn context(self, excused: &[&str], more: Option<&More>) -> Result<Context, String> {
        let flags = FLAGS.iter().zip(0..);
        let flag = |((record, name, _), place): (&Flag, u32)| {
            (*record, (*name).to_owned(), E::new_bool(self.bit(place)))
        };
        let mut all: Vec<(&str, String, E)> = flags.map(flag).collect();
        let two = |place| E::new_long(1 + i64::from(self.bit(place)));
        let confidentiality = i64::from(self.bit(GRADE)) + 2 * i64::from(self.bit(GRADE + 1));
        for (name, level) in [
            ("confidentiality", E::new_long(confidentiality)),
            ("integrity", two(GRADE + 2)),
            ("availability", two(GRADE + 3)),
        ] {
            all.push(("grade", name.to_owned(), level));
        }
        let excused = excused.iter().map(|id| E::new_string((*id).to_owned()));
        let mut pairs = vec![("excused".to_owned(), E::new_set(excused))];
        for record in all.chunk_by(|one, other| one.0 == other.0 && !one.0.is_empty()) {
            let named = record[0].0;
            let fields = record
                .iter()
                .map(|(_, name, it)| (name.clone(), it.clone()));
            if named.is_empty() {
                pairs.extend(fields);
            } else {
                pairs.push((named.to_owned(), E::new_record(fields).map_err(said)?));
            }
        }
        if let Some(more) = more {
            pairs.push(("more".to_owned(), more.record()?));
        }
        Context::from_pairs(pairs).map_err(said)
    }
}

fn said(error: impl std::fmt::Display) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(stated: Stated) -> serde_json::Value {
        stated.context(&[], None).unwrap().to_json_value().unwrap()
    }

    #[test]
    fn every_flag_is_told_in_its_place_and_nowhere_else() {
        let low = Stated {
            facts: 1 << GRADE,
            excused: 0,
        };
        for (place, (record, name, _)) in FLAGS.iter().enumerate() {
            let high = Stated {
                facts: low.facts | 1 << place,
                ..low
            };
            let (mut one, other) = (json(low), json(high));
            assert_ne!(one, other, "{record}.{name}");
            let changed = if record.is_empty() {
                &mut one[*name]
            } else {
                &mut one[*record][*name]
            };
            assert_eq!(*changed, false, "{record}.{name}");
            *changed = true.into();
            assert_eq!(one, other, "{record}.{name}");
        }
    }

    #[test]
    fn every_grade_is_told_as_it_is() {
        for grade in sekisho_domain::grade::Grade::all() {
            let bits = u64::from(grade.confidentiality.level())
                | u64::from(grade.needs_integrity()) << 2
                | u64::from(grade.needs_availability()) << 3;
            let told = json(Stated {
                facts: bits << GRADE,
                excused: 0,
            });
            let told = &told["grade"];
            let text = format!(
                "C{}I{}A{}",
                told["confidentiality"], told["integrity"], told["availability"]
            );
            assert_eq!(text, grade.to_string());
        }
    }
}
