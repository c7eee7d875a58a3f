//! Telework of a simulated organisation, as triggers measure it: who worked elsewhere on which day.
//!
//! Stationary by construction: everyone has the same habits all year. What is injected on top says so.

use sekisho_domain::grade::{Availability, Confidentiality, Grade, Integrity};
use sekisho_domain::id::{Fresh, TaskId, UnitId};
use sekisho_domain::name::{Line, NameError};
use sekisho_domain::plan::{PlanContent, PlanDecision, PlanHead, PlanLine};
use sekisho_domain::time::{Span, Timestamp};
use sekisho_domain::working_day::Calendar;
use sekisho_rules::trigger::{DAYS, PersonUse, TaskNow, UnitNode, Usage, WORKING_DAYS};

use crate::random::SplitMix64;

/// How large, and how much telework.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Habits {
    /// People, in sections of `section`.
    pub people: u32,
    /// People of a section.
    pub section: u32,
    /// Sections of a bureau.
    pub bureau: u32,
    /// So many of a thousand telework at all.
    pub telework: u32,
    /// The seed.
    pub seed: u64,
}

/// The grade of the one task.
const LOWEST: Grade = Grade {
    confidentiality: Confidentiality::C1,
    integrity: Integrity::I1,
    availability: Availability::A1,
};
/// So many of a thousand working days on which habits are not kept.
const UNSTEADY: u32 = 150;
/// Minutes at a gateway on a day of telework: at least, and up to so many more.
const MINUTES: (u32, u32) = (360, 180);

fn id(seed: u64, label: &str, number: u32) -> Fresh {
    Fresh(SplitMix64::fork(seed, label, number.into()).bytes())
}

impl Habits {
    /// The section of a number, by the place of its unit: the whole first, then bureaus, then sections.
    fn sections(self) -> u32 {
        self.people.div_ceil(self.section.max(1))
    }

    fn bureaus(self) -> u32 {
        self.sections().div_ceil(self.bureau.max(1))
    }

    /// How many units there are.
    #[must_use]
    pub fn units(self) -> u32 {
        1 + self.bureaus() + self.sections()
    }

    /// The task that everyone does.
    #[must_use]
    pub fn task(self) -> TaskId {
        TaskId::new(id(self.seed, "usage-task", 0))
    }

    fn nodes(self) -> Vec<UnitNode> {
        let unit = |number| UnitId::new(id(self.seed, "usage-unit", number));
        let mut nodes = vec![UnitNode {
            id: unit(0),
            parent: None,
        }];
        for bureau in 0..self.bureaus() {
            nodes.push(UnitNode {
                id: unit(1 + bureau),
                parent: Some(0),
            });
        }
        for section in 0..self.sections() {
            let above = 1 + section / self.bureau.max(1);
            let number = 1 + self.bureaus() + section;
            nodes.push(UnitNode {
                id: unit(number),
                parent: Some(above),
            });
        }
        nodes
    }

    /// Whether a person teleworks at all, and holds a permit for it.
    fn teleworks(self, person: u32) -> bool {
        let mut habit = SplitMix64::fork(self.seed, "usage-habit", person.into());
        habit.chance(self.telework)
    }

    /// Whether a person teleworks on a working day: two or three weekdays of habit, kept most of the time.
    fn works(self, person: u32, day: i64, weekday: u32) -> bool {
        let mut habit = SplitMix64::fork(self.seed, "usage-habit", person.into());
        if !habit.chance(self.telework) {
            return false;
        }
        let first = habit.below(5);
        let second = (first + 1 + habit.below(4)) % 5;
        let third = habit.chance(400).then(|| habit.below(5));
        let usual = weekday == first || weekday == second || Some(weekday) == third;
        let number = u64::from(person) << 32 | u64::try_from(day).unwrap_or_default();
        let mut today = SplitMix64::fork(self.seed, "usage-day", number);
        if today.chance(UNSTEADY) {
            today.chance(450)
        } else {
            usual
        }
    }

    /// Use as it is measured on a day, the 28 days before it and more.
    #[must_use]
    pub fn usage(self, at: Timestamp) -> Usage {
        let day = at.day_begun();
        let calendar = Calendar::new(None);
        let nodes = self.nodes();
        let mut usage = Usage {
            at,
            day,
            minutes: vec![[0; DAYS]; nodes.len()],
            units: nodes,
            ..Usage::default()
        };
        let mut working = Vec::new();
        let mut date = day.jst_date();
        for back in 0..DAYS {
            let Ok(before) = date.yesterday() else { break };
            date = before;
            if calendar.is_working_day(date) {
                let weekday = date.weekday().to_monday_zero_offset();
                working.push((back, u32::try_from(weekday).unwrap_or_default()));
                usage.calendar |= 1 << back;
            }
        }
        for (shift, (back, _)) in usage
            .working
            .iter_mut()
            .zip(working.iter().take(WORKING_DAYS))
        {
            *shift = u8::try_from(*back).unwrap_or_default();
        }
        let number = day.as_millis() / Span::days(1).as_millis();
        self.worked(&mut usage, &working, number);
        let newest = Usage::window(0);
        let days = usage.people.iter();
        let days = days.map(|it| u64::from((it.days & newest).count_ones()));
        let task = TaskNow {
            grade: LOWEST,
            systems: std::collections::BTreeSet::new(),
            permits: u64::from(self.people) * u64::from(self.telework) / 1000,
            person_days: days.sum(),
            unit: None,
        };
        usage.tasks.insert(self.task(), task);
        usage.functions.insert("medium:usb".to_owned());
        usage
            .editions
            .insert("catalogue".to_owned(), "1".to_owned());
        usage
    }

    /// Puts in what everyone did on the working days before the day of a number.
    fn worked(self, usage: &mut Usage, working: &[(usize, u32)], number: i64) {
        for person in 0..self.people {
            let unit = 1 + self.bureaus() + person / self.section.max(1);
            let mut days = 0;
            for (back, weekday) in working {
                let on = number - 1 - i64::try_from(*back).unwrap_or_default();
                if self.works(person, on, *weekday) {
                    days |= 1 << back;
                    let mut length = SplitMix64::fork(
                        self.seed,
                        "usage-minutes",
                        u64::from(person) << 32 | u64::try_from(on).unwrap_or_default(),
                    );
                    usage.minutes[unit as usize][*back] += MINUTES.0 + length.below(MINUTES.1);
                }
            }
            let part = (self.task(), unit as usize);
            let part = usage.task_units.entry(part).or_default();
            part.permits += u64::from(self.teleworks(person));
            part.add_days(days, usage.working);
            usage.people.push(PersonUse {
                unit,
                key: SplitMix64::fork(self.seed, "usage-person", person.into()).next(),
                days,
                refused: 0,
                admitted: true,
            });
        }
    }

    /// A plan that fits: so many more people and person-days than there are, in hundredths.
    ///
    /// # Errors
    /// [`NameError`] where a text is no line any more.
    pub fn plan(self, hundredths: u32) -> Result<PlanContent, NameError> {
        let people = self.people * hundredths / 100;
        Ok(PlanContent {
            head: PlanHead {
                title: Line::parse("テレワーク計画")?,
                people,
                person_days: people * 12,
                gateway_hours: None,
                note: None,
            },
            lines: vec![PlanLine {
                task: self.task(),
                decision: PlanDecision::Allow,
                reason: Line::parse("通常の業務であるため")?,
                highest: Some(LOWEST),
                units: Vec::new(),
                places: Vec::new(),
                people: None,
                person_days: None,
                systems: Vec::new(),
                services: Vec::new(),
                tools: Vec::new(),
            }],
        })
    }
}
