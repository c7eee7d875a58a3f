//! The seven kinds of change that call for a reassessment (requirements.md 3.2): use, as it was measured,
//! held against the plan and its baseline, for the whole and for each unit.
//!
//! Monotone by construction: more users, tasks, functions or grades never make a trigger fall silent. What
//! a reassessment has accepted lifts what it is held to; nothing else does. What cannot be measured fires as
//! such, and never counts as nothing.
//!
//! Our own choices beside the defaults of 3.2: growth against the baseline has to exceed what chance makes of
//! so small a number as well ([`level::grown`]); attempts are counted as days on which a person was refused;
//! a person's word that accepts what cannot be measured, or an exploited component, is good for one period of
//! 28 days; a unit fires by a check only with so many devices that it is no chance ([`failing`]), and by what it does
//! of a task only beyond what was frozen of that ([`parts`]). What fires for the whole is told in a unit only where that
//! passes its own level.

mod accepted;
mod eligible;
mod failing;
mod freeze;
mod functions;
mod level;
mod limits;
mod other;
mod parts;
mod settle;
mod sums;
mod tasks;
mod unease;
mod usage;
mod users;
mod volume;

use std::collections::{BTreeMap, BTreeSet};

use sekisho_domain::id::UnitId;
use sekisho_domain::plan::{
    Baseline, CaseScope, FailingSince, FailingUnits, Feed, Figure, FrozenUse, Measure, PlanVersion,
    Trigger,
};
use sekisho_domain::time::{Span, Timestamp};
use sekisho_domain::world::{Accepted, TeleworkPlan};

use accepted::AcceptedBy;
pub use failing::Failing;
pub use freeze::freeze;
pub use level::{SUBSIDES, subsides};
pub use settle::{Settled, settle};
pub use sums::{OutsideOfTask, ScopeUse, Sums};
pub use usage::{
    CheckCount, CheckCounts, CheckShare, ConcernSeen, DAYS, EarlierUnit, ExceptionSeen,
    IncidentSeen, OutsideTask, PersonUse, Suppression, TaskNow, TaskUse, UnitNode, Unlisted, Usage,
    WINDOW, WORKING_DAYS,
};

/// For how long somebody's word stands that what cannot be measured is in order, or that a component with a
/// vulnerability that is being exploited is.
const WORD_STANDS: Span = Span::days(28);

/// What use is held against.
#[derive(Clone, Copy, Debug)]
pub struct Against<'a> {
    /// The plan.
    pub version: &'a PlanVersion,
    /// What was frozen with it.
    pub baseline: &'a Baseline,
    /// What reassessments accepted since.
    pub accepted: &'a [Accepted],
    /// When there was a plan for the first time: what happened before has been taken into it.
    pub first_at: Timestamp,
}

impl<'a> Against<'a> {
    /// What the World holds use against; none before a plan was approved.
    #[must_use]
    pub fn of(plan: &'a TeleworkPlan) -> Option<Self> {
        Some(Self {
            version: plan.current()?,
            baseline: plan.baseline.as_deref()?,
            accepted: &plan.accepted,
            first_at: plan.versions.first()?.approved_at,
        })
    }

    /// The subjects that were accepted of a measure, and by whom.
    fn accepted_subjects(&self, measure: Measure) -> AcceptedSubjects<'a> {
        let mut subjects = AcceptedSubjects::default();
        for accepted in self.accepted {
            let figures = accepted.figures.iter();
            let of_measure = figures.filter(|it| it.measure == measure);
            let of_scope = subjects.0.entry(accepted.scope).or_default();
            of_scope.extend(of_measure.filter_map(|it| it.subject.as_deref()));
        }
        subjects
    }
}

/// Whether a word that was spoken for one scope counts in another: one for the whole counts for every unit, one
/// for a unit for that unit alone.
fn speaks_for(spoken: CaseScope, scope: CaseScope) -> bool {
    spoken == CaseScope::Body || spoken == scope
}

/// Subjects that were accepted, by scope.
#[derive(Default)]
struct AcceptedSubjects<'a>(BTreeMap<CaseScope, BTreeSet<&'a str>>);

impl<'a> AcceptedSubjects<'a> {
    /// Whether a subject was accepted for a scope.
    fn has(&self, scope: CaseScope, subject: &str) -> bool {
        let of = |scope| self.0.get(&scope);
        let both = [of(CaseScope::Body), of(scope)];
        both.into_iter().flatten().any(|it| it.contains(subject))
    }

    /// The subjects that were accepted for a scope.
    fn of(&self, scope: CaseScope) -> impl Iterator<Item = &'a str> {
        let counting = self.0.iter();
        let counting = counting.filter(move |(spoken, _)| speaks_for(**spoken, scope));
        counting.flat_map(|(_, subjects)| subjects.iter().copied())
    }
}

/// Something that fires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fired {
    /// What.
    pub trigger: Trigger,
    /// For whom.
    pub scope: CaseScope,
    /// What was measured.
    pub figures: Vec<Figure>,
    /// Whether the risk may be high.
    pub high: bool,
}

/// What came of holding use against the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evaluation {
    /// What fires, by trigger and scope.
    pub fired: Vec<Fired>,
    /// What comes near to firing.
    pub near: Vec<Figure>,
    /// Use of the whole.
    pub body: FrozenUse,
    /// What could not be measured.
    pub unmeasured: Vec<Feed>,
    /// Checks that more than a tenth of the devices fail, and since when.
    pub failing: Vec<FailingSince>,
    /// The same of units, each by itself.
    pub failing_units: Vec<FailingUnits>,
}

/// What every kind looks at.
struct Ground<'a> {
    usage: &'a Usage,
    against: Against<'a>,
    accepted: AcceptedBy<'a>,
    sums: &'a Sums,
    failing: Failing<'a>,
    /// The place of the unit that is the whole by itself ([`Usage::whole`]).
    whole: Option<usize>,
}

impl Ground<'_> {
    /// Every unit with its place, and its scope.
    fn units(&self) -> impl Iterator<Item = (usize, UnitId, CaseScope)> {
        let units = self.usage.units.iter().enumerate();
        units.map(|(place, unit)| (place, unit.id, CaseScope::Unit(unit.id)))
    }
}

/// What fires, by trigger and scope, as the kinds find it.
#[derive(Default)]
struct Found(BTreeMap<(Trigger, CaseScope), (Vec<Figure>, bool)>);

impl Found {
    fn add(&mut self, trigger: Trigger, scope: CaseScope, figure: Figure) {
        self.0.entry((trigger, scope)).or_default().0.push(figure);
    }

    /// Whether the same thing was found already, whatever it is held to.
    fn has(&self, key: (Trigger, CaseScope), figure: &Figure) -> bool {
        let known = self.0.get(&key);
        known.is_some_and(|(known, _)| known.iter().any(|it| it.about() == figure.about()))
    }

    /// Adds a figure where the risk may be high.
    fn add_high(&mut self, trigger: Trigger, scope: CaseScope, figure: Figure) {
        self.0.entry((trigger, scope)).or_default().1 = true;
        self.add(trigger, scope, figure);
    }

    /// For the whole, and for a unit where one is named.
    fn add_for(&mut self, trigger: Trigger, unit: Option<UnitId>, figure: &Figure, high: bool) {
        self.add_where((trigger, unit), figure, high, |_| true);
    }

    /// The same, in the scopes of which something is true.
    fn add_where(
        &mut self,
        (trigger, unit): (Trigger, Option<UnitId>),
        figure: &Figure,
        high: bool,
        is: impl Fn(CaseScope) -> bool,
    ) {
        for scope in scopes(unit).filter(|it| is(*it)) {
            if high {
                self.add_high(trigger, scope, figure.clone());
            } else {
                self.add(trigger, scope, figure.clone());
            }
        }
    }
}

/// The whole, and a unit where one is named.
fn scopes(unit: Option<UnitId>) -> impl Iterator<Item = CaseScope> {
    let unit = unit.map(CaseScope::Unit);
    std::iter::once(CaseScope::Body).chain(unit)
}

/// What no part of this program brings yet. It is told as not yet watched and stands in no
/// [`Usage::missing`]: a case that nobody can do anything about says nothing. Whoever builds what brings it
/// takes it out of here.
pub const NOT_WATCHED: [Feed; 1] = [Feed::Detections];

/// The triggers that rest on a feed.
#[must_use]
pub const fn resting_on(feed: Feed) -> &'static [Trigger] {
    match feed {
        Feed::Use => &[Trigger::Volume, Trigger::Users, Trigger::Eligible],
        Feed::Gateways => &[Trigger::Volume],
        Feed::Discovery => &[Trigger::Functions],
        Feed::Detections | Feed::Checks => &[Trigger::Unease],
        Feed::Exploited => &[Trigger::Other],
    }
}

/// What a trigger rests on and no part of this program brings yet.
pub fn not_watched(trigger: Trigger) -> impl Iterator<Item = Feed> {
    let all = NOT_WATCHED.into_iter();
    all.filter(move |feed| resting_on(*feed).contains(&trigger))
}

fn unmeasured(ground: &Ground<'_>, found: &mut Found) {
    for feed in &ground.usage.missing {
        let figure = Figure::unmeasured(*feed);
        for trigger in resting_on(*feed) {
            let key = (*trigger, CaseScope::Body);
            let word = ground.accepted.last(key, figure.about());
            if word.is_none_or(|(at, _)| ground.usage.at.since(at) > WORD_STANDS) {
                found.add(*trigger, CaseScope::Body, figure.clone());
            }
        }
    }
}

/// Holds use against the plan. `before` is what the last evaluation said of failing checks.
#[must_use]
pub fn evaluate(usage: &Usage, against: Against<'_>, before: Failing<'_>) -> Evaluation {
    let sums = Sums::of(usage, against);
    let whole = usage.whole();
    let failing = failing::of_whole(usage, before.whole);
    let failing_units = failing::of_units(usage, &sums, (whole, before.units));
    let ground = Ground {
        usage,
        against,
        accepted: AcceptedBy::of(against.accepted),
        sums: &sums,
        failing: Failing {
            whole: &failing,
            units: &failing_units,
        },
        whole,
    };
    let mut found = Found::default();
    volume::find(&ground, &mut found);
    users::find(&ground, &mut found);
    eligible::find(&ground, &mut found);
    tasks::find(&ground, &mut found);
    functions::find(&ground, &mut found);
    unease::find(&ground, &mut found);
    other::find(&ground, &mut found);
    unmeasured(&ground, &mut found);
    let near = users::near(&ground);
    let fired = found
        .0
        .into_iter()
        .map(|((trigger, scope), (figures, high))| Fired {
            trigger,
            scope,
            figures,
            high,
        });
    Evaluation {
        fired: fired.collect(),
        near,
        body: sums.body.frozen(),
        unmeasured: usage.missing.iter().copied().collect(),
        failing,
        failing_units,
    }
}
