//! What the approval of a plan freezes: use as it was measured, and what there was.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::content::{PlanContent, PlanLine};
use crate::grade::Grade;
use crate::id::{SystemId, TaskId, UnitId};
use crate::permit::particulars::TeleworkPlace;
use crate::time::Timestamp;

/// Use of one scope within 28 days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrozenUse {
    /// Different people who teleworked.
    pub people: u64,
    /// Person-days.
    pub person_days: u64,
    /// Hours at gateways.
    pub gateway_hours: u64,
}

/// A task as it stood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrozenTask {
    /// The highest grade handled.
    pub grade: Grade,
    /// The systems it reached.
    pub systems: BTreeSet<SystemId>,
    /// People who held a permit to telework for it.
    pub permits: u64,
}

/// Use of a task within 28 days, by the people of one unit with those below it or by all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrozenTaskUse {
    /// People who held a permit to telework for it.
    pub permits: u64,
    /// Person-days of telework for it.
    pub person_days: u64,
}

/// What the units did of a task.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrozenParts {
    /// All of it.
    pub whole: FrozenTaskUse,
    /// Each unit with those below it; none of those that did nothing of it.
    pub units: BTreeMap<UnitId, FrozenTaskUse>,
}

/// Who might do a task, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrozenLine {
    /// The units whose people might, with those below; none where everyone might. Empty where nobody might.
    pub units: Option<BTreeSet<UnitId>>,
    /// Where; none where anywhere. Empty where nowhere.
    pub places: Option<BTreeSet<TeleworkPlace>>,
}

impl FrozenLine {
    /// As a line of the plan says.
    #[must_use]
    pub fn of(line: &PlanLine) -> Self {
        if !line.admits() {
            return Self::shut();
        }
        let (units, places) = (&line.units, &line.places);
        Self {
            units: (!units.is_empty()).then(|| units.iter().copied().collect()),
            places: (!places.is_empty()).then(|| places.iter().copied().collect()),
        }
    }

    /// Everyone, anywhere.
    #[must_use]
    pub const fn open() -> Self {
        Self {
            units: None,
            places: None,
        }
    }

    /// Nobody, nowhere.
    #[must_use]
    pub const fn shut() -> Self {
        Self {
            units: Some(BTreeSet::new()),
            places: Some(BTreeSet::new()),
        }
    }
}

/// The people of one unit, each by half of an id: enough to tell who came and went, and smaller by half.
pub type Members = BTreeSet<u64>;

/// How much of a whole, in thousandths.
pub type Share = u64;

/// What was frozen. Stored as a document beside the record of the approval, whose hash names it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Baseline {
    /// When it was measured.
    pub measured_at: Timestamp,
    /// How many working days the 28 days had.
    pub working_days: u32,
    /// Use of the whole.
    pub body: FrozenUse,
    /// Use of each unit with those below it.
    pub units: BTreeMap<UnitId, FrozenUse>,
    /// Who was in each unit itself.
    #[serde(with = "members")]
    pub members: BTreeMap<UnitId, Members>,
    /// The units whose people might telework; none where everyone might.
    pub admitted: Option<BTreeSet<UnitId>>,
    /// Who might and where, for each task of which the plan said so. None in baselines of before they were frozen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<BTreeMap<TaskId, FrozenLine>>,
    /// The tasks that might be done by telework.
    pub tasks: BTreeMap<TaskId, FrozenTask>,
    /// What the units did of each task. None in baselines of before that was frozen: no unit is held then to what it
    /// did of a task, nor to how many of its people teleworked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parts: Option<BTreeMap<TaskId, FrozenParts>>,
    /// The functions that there were, by kind and id (`system:sys_…`, `medium:usb`).
    pub functions: BTreeSet<String>,
    /// Editions of what all of it rests on, by name.
    pub editions: BTreeMap<String, String>,
    /// What could not be measured.
    pub unmeasured: BTreeSet<String>,
}

impl Baseline {
    /// Whether anything was known of a unit when it was frozen. Of one that was made since, it says nothing.
    #[must_use]
    pub fn knows(&self, unit: UnitId) -> bool {
        self.units.contains_key(&unit) || self.members.contains_key(&unit)
    }

    /// With what the plan that it was frozen with said of who might and where, where that was not frozen yet. That may
    /// be more than was known: whoever freezes by it cuts it down to the units of the whole.
    #[must_use]
    pub fn with_lines_of(&self, content: &PlanContent) -> Cow<'_, Self> {
        if self.lines.is_some() {
            return Cow::Borrowed(self);
        }
        Cow::Owned(Self {
            lines: Some(content.limits()),
            ..self.clone()
        })
    }
}

/// Writes a baseline as a document.
#[must_use]
pub fn encode_baseline(baseline: &Baseline) -> Vec<u8> {
    // Plain data with string keys always serialises.
    serde_json::to_vec(baseline).unwrap_or_default()
}

/// Reads a document; none where it is not of this form.
#[must_use]
pub fn decode_baseline(document: &[u8]) -> Option<Baseline> {
    serde_json::from_slice(document).ok()
}

/// Halves of ids as one text a unit: a hundred thousand numbers would be as many tokens to read.
mod members {
    use std::collections::BTreeMap;
    use std::fmt::Write as _;

    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serializer};

    use super::Members;
    use crate::id::UnitId;

    const DIGITS: usize = 16;

    pub(super) fn serialize<S: Serializer>(
        all: &BTreeMap<UnitId, Members>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_map(all.iter().map(|(unit, members)| {
            let mut text = String::with_capacity(members.len() * DIGITS);
            for member in members {
                // Writing to a String cannot fail.
                let _ = write!(text, "{member:016x}");
            }
            (unit, text)
        }))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<UnitId, Members>, D::Error> {
        let texts = BTreeMap::<UnitId, String>::deserialize(deserializer)?;
        let read = |text: &str| -> Option<Members> {
            let chunks = text.as_bytes().chunks(DIGITS);
            chunks
                .map(|digits| {
                    let digits = std::str::from_utf8(digits).ok()?;
                    let whole =
                        digits.len() == DIGITS && digits.bytes().all(|it| it.is_ascii_hexdigit());
                    whole.then(|| u64::from_str_radix(digits, 16).ok())?
                })
                .collect()
        };
        let all = texts.into_iter().map(|(unit, text)| {
            let members = read(&text).ok_or_else(|| D::Error::custom("members"))?;
            Ok((unit, members))
        });
        all.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Fresh;

    #[test]
    fn a_baseline_reads_back_as_it_was() {
        let unit = UnitId::new(Fresh([3; 16]));
        let mut baseline = Baseline::default();
        baseline.members.insert(unit, [0, 7, u64::MAX].into());
        baseline.units.insert(
            unit,
            FrozenUse {
                people: 2,
                person_days: 9,
                gateway_hours: 4,
            },
        );
        baseline.functions.insert("medium:usb".to_owned());
        // One of before says nothing of lines, and is written as it was.
        let text = String::from_utf8(encode_baseline(&baseline)).unwrap();
        assert!(!text.contains("lines"), "{text}");
        assert!(!text.contains("parts"), "{text}");
        let line = FrozenLine {
            units: Some([unit].into()),
            places: None,
        };
        let tasks = [5, 6].map(|it| TaskId::new(Fresh([it; 16])));
        baseline.lines = Some([(tasks[0], line), (tasks[1], FrozenLine::shut())].into());
        let of_unit = FrozenTaskUse {
            permits: 3,
            person_days: 20,
        };
        let parts = FrozenParts {
            whole: of_unit,
            units: [(unit, of_unit)].into(),
        };
        baseline.parts = Some([(tasks[0], parts)].into());
        assert_eq!(
            decode_baseline(&encode_baseline(&baseline)),
            Some(baseline.clone())
        );
        let text = String::from_utf8(encode_baseline(&baseline)).unwrap();
        assert_eq!(
            decode_baseline(
                text.replace("0000000000000007", "000000000000007")
                    .as_bytes()
            ),
            None
        );
    }
}
