//! The automatic list of conflicts (notices, 5): between clauses, of clauses with permits in force, the plan,
//! settings and policies, and of the plan with permits in force. Pure; what is looked at is what is in force, with a draft in the place of
//! what it would replace.
//!
//! What counts as a conflict is our own choice, since the notices do not say it. Two clauses conflict where
//! both cannot be followed, or where a reader cannot tell which of two limits on the same thing holds. A
//! clause of narrower scope that is stricter can be followed together with the wider one. One that is looser
//! is a special provision where both stand in the same rule, which is told as such, and a contradiction where
//! they stand in different ones.

mod binding;
mod clauses;
mod permits;
mod planned;
mod scope;
pub(crate) mod whom;

use sekisho_domain::code::Param;
use sekisho_domain::id::{PermitId, PostId, RuleId, TaskId};
use sekisho_domain::opinion::{ConflictLine, Conflicts};
use sekisho_domain::permit::PermitKind;
use sekisho_domain::plan::PlanContent;
use sekisho_domain::register::EntryId;
use sekisho_domain::requirement::RequirementId;
use sekisho_domain::rule::{CheckCode, Clause, ClauseRef, RuleContent, RuleDocument};
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;

pub use planned::EXAMPLES;
pub use scope::{exceeds, overlap, within};

use self::whom::Whom;
use crate::access::Policies;
use crate::catalogue::Catalogue;

/// Most conflicts that are listed; what is beyond is counted.
pub const CONFLICTS_MAX: usize = 500;

sekisho_domain::choice! {
    /// What is in conflict.
    pub enum ConflictCode {
        /// One clause forbids what another allows within limits.
        ForbidsAndAllows = "forbids_and_allows",
        /// Two clauses name different highest grades for the same thing.
        Ceilings = "ceilings",
        /// Two clauses name different longest terms for the same permits.
        Terms = "terms",
        /// Two clauses let different posts decide on the same permits.
        Approvers = "approvers",
        /// A clause departs from a wider one of the same rule: a special provision.
        Special = "special",
        /// A permit in force allows what a clause forbids.
        PermitForbidden = "permit_forbidden",
        /// A permit in force goes beyond a clause's highest grade.
        PermitBeyond = "permit_beyond",
        /// A permit in force runs for longer than a clause lets it.
        PermitTooLong = "permit_too_long",
        /// The plan allows what a clause forbids.
        PlanForbidden = "plan_forbidden",
        /// The plan goes beyond a clause's highest grade.
        PlanBeyond = "plan_beyond",
        /// The plan has work with confidential information use a service on its provider's terms.
        PlanOnTerms = "plan_on_terms",
        /// A permit in force allows what the plan refuses, or more than it limits the task to.
        PlanPermit = "plan_permit",
        /// Permits are decided on by another post than a clause says.
        ApproverSettled = "approver_settled",
        /// A clause is bound to a policy that is not in force.
        PolicyMissing = "policy_missing",
        /// A clause is bound to policies, and the organisation's own cannot be read.
        PoliciesUnusable = "policies_unusable",
        /// A clause is bound to a check that nothing knows.
        CheckUnknown = "check_unknown",
        /// A clause answers a row that the catalogue does not have.
        RowUnknown = "row_unknown",
        /// A clause limits a task that is not in use any more.
        TaskGone = "task_gone",
        /// Nobody holds the post that answers for a rule.
        OwnerVacant = "owner_vacant",
    }
}

impl ConflictCode {
    /// Whether it is a contradiction, and not only something to be looked at.
    #[must_use]
    pub const fn is_contradiction(self) -> bool {
        !matches!(self, Self::Special | Self::TaskGone | Self::OwnerVacant)
    }
}

/// One side of a conflict.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// A clause.
    Clause(ClauseRef),
    /// A rule as a whole.
    Rule(RuleId),
    /// A permit.
    Permit(PermitId),
    /// What the plan says of a task.
    PlanTask(TaskId),
    /// A task of the register.
    Task(TaskId),
    /// A post.
    Post(PostId),
    /// Who decides on a kind of permit.
    Kind(PermitKind),
    /// A policy.
    Policy(String),
    /// A check.
    Check(CheckCode),
    /// A row of the catalogue.
    Row(RequirementId),
    /// A service or conference tool.
    Entry(EntryId),
}

impl Side {
    /// In a stable form: an id or a code.
    #[must_use]
    pub fn code(&self) -> String {
        match self {
            Self::Clause(of) => format!("{}#{}", of.rule, of.clause.0),
            Self::Rule(id) => id.to_string(),
            Self::Permit(id) => id.to_string(),
            Self::PlanTask(id) => format!("plan:{id}"),
            Self::Task(id) => id.to_string(),
            Self::Post(id) => id.to_string(),
            Self::Kind(kind) => format!("permit:{}", kind.code()),
            Self::Policy(id) => format!("policy:{id}"),
            Self::Check(code) => code.to_string(),
            Self::Row(id) => id.to_string(),
            Self::Entry(id) => id.to_string(),
        }
    }
}

/// A conflict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// What is in conflict.
    pub code: ConflictCode,
    /// The one side: a clause or rule, and a task of the plan where the plan is against the notices themselves or
    /// against a permit.
    pub one: Side,
    /// The other.
    pub other: Side,
    /// What stands on each side, in words of codes: a grade, a number of days, a role.
    pub values: [String; 2],
}

impl Conflict {
    pub(crate) fn new(code: ConflictCode, one: Side, other: Side) -> Self {
        Self {
            code,
            one,
            other,
            values: [String::new(), String::new()],
        }
    }

    pub(crate) fn of(mut self, one: impl ToString, other: impl ToString) -> Self {
        self.values = [one.to_string(), other.to_string()];
        self
    }

    /// As it stands with an opinion.
    #[must_use]
    pub fn line(&self) -> ConflictLine {
        let [one, other] = &self.values;
        let named = [("one", one), ("other", other)].into_iter();
        let named = named.filter(|(_, value)| !value.is_empty());
        ConflictLine {
            code: self.code.code().to_owned(),
            contradiction: self.code.is_contradiction(),
            between: vec![self.one.code(), self.other.code()],
            detail: named
                .map(|(name, value)| (name.to_owned(), value.clone()))
                .collect(),
        }
    }

    /// The values as parameters of a message.
    #[must_use]
    pub fn params(&self) -> Vec<(&'static str, Param)> {
        let [one, other] = &self.values;
        vec![
            ("one", Param::Text(one.clone())),
            ("other", Param::Text(other.clone())),
        ]
    }
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The conflicts, at most [`CONFLICTS_MAX`], and of permits that depart from one task of the plan in one thing at
    /// most [`EXAMPLES`].
    pub conflicts: Vec<Conflict>,
    /// How many more contradictions there are.
    pub more_contradictions: u64,
    /// How many more there are that are none.
    pub more: u64,
    /// Whether policies that clauses are bound to could not be looked at.
    pub policies_unseen: bool,
}

impl Found {
    fn push(&mut self, conflict: Conflict) {
        if self.conflicts.len() < CONFLICTS_MAX {
            self.conflicts.push(conflict);
        } else {
            self.count(conflict.code);
        }
    }

    /// One more, which is not listed.
    fn count(&mut self, code: ConflictCode) {
        if code.is_contradiction() {
            self.more_contradictions += 1;
        } else {
            self.more += 1;
        }
    }

    /// How many contradictions there are.
    #[must_use]
    pub fn contradictions(&self) -> u64 {
        let listed = self.conflicts.iter();
        let listed = listed.filter(|it| it.code.is_contradiction()).count();
        listed as u64 + self.more_contradictions
    }

    /// As a document that stands with an opinion.
    #[must_use]
    pub fn document(&self, at: Timestamp) -> Conflicts {
        Conflicts {
            at,
            lines: self.conflicts.iter().map(Conflict::line).collect(),
            more: self.more + self.more_contradictions,
        }
    }
}

/// What is looked at in the place of what is in force.
#[derive(Clone, Copy, Debug, Default)]
pub struct Supposed<'a> {
    /// What a rule would say.
    pub rule: Option<(RuleId, &'a RuleContent)>,
    /// What the plan would say.
    pub plan: Option<&'a PlanContent>,
}

/// What a rule says, and whom it is for.
struct Ruled<'a> {
    rule: RuleId,
    content: &'a RuleContent,
    whom: Whom,
}

impl<'a> Ruled<'a> {
    fn of(world: &World, (rule, content): (RuleId, &'a RuleContent), now: Timestamp) -> Self {
        Self {
            rule,
            content,
            whom: Whom::named(world, &content.head.units, now),
        }
    }

    fn placed(&self) -> impl Iterator<Item = Placed<'_>> {
        self.content.clauses.iter().map(move |clause| Placed {
            of: ClauseRef {
                rule: self.rule,
                clause: clause.number,
            },
            clause,
            whom: &self.whom,
        })
    }

    fn limits(&self) -> impl Iterator<Item = Placed<'_>> {
        self.placed().filter(|it| it.clause.terms.is_limit())
    }
}

/// A clause with where it stands, and whom its rule is for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Placed<'a> {
    pub(crate) of: ClauseRef,
    pub(crate) clause: &'a Clause,
    pub(crate) whom: &'a Whom,
}

/// Everything that conflicts at an instant, with what is supposed in its place.
#[must_use]
pub fn conflicts(
    world: &World,
    catalogue: &Catalogue,
    policies: Option<&Policies>,
    supposed: Supposed<'_>,
    now: Timestamp,
) -> Found {
    let mut found = Found::default();
    let contents = contents(world, supposed, now);
    let limits: Vec<Placed<'_>> = contents.iter().flat_map(Ruled::limits).collect();
    for (place, one) in limits.iter().enumerate() {
        for other in &limits[place + 1..] {
            clauses::between((world, now), *one, *other, &mut found);
        }
    }
    to_come(world, supposed, now, &mut found);
    let current = world.plan.current().map(|it| it.content.as_ref());
    permits::of_plan((world, now), supposed.plan.or(current), &limits, &mut found);
    permits::on_terms(world, supposed.plan.or(current), &mut found);
    permits::of_settings(world, &limits, &mut found);
    permits::in_force(world, &limits, now, &mut found);
    for ruled in &contents {
        binding::of_rule(world, ruled.rule, ruled.content, now, &mut found);
    }
    for one in contents.iter().flat_map(Ruled::placed) {
        binding::of_clause(world, catalogue, policies, one, now, &mut found);
    }
    planned::against_plan(world, supposed.plan.or(current), now, &mut found);
    found
}

fn contents<'a>(world: &'a World, supposed: Supposed<'a>, now: Timestamp) -> Vec<Ruled<'a>> {
    let replaced = supposed.rule.map(|(rule, _)| rule);
    let in_force = world.rules.in_force(now);
    let in_force = in_force.filter(|(document, _)| Some(document.rule) != replaced);
    let in_force = in_force.map(|(document, version)| (document.rule, version.content.as_ref()));
    let all = in_force.chain(supposed.rule);
    all.map(|it| Ruled::of(world, it, now)).collect()
}

/// A draft against what was adopted for a later day: the body has it before it before both are in force. What is
/// told of an earlier version, in force or to come, is not told or counted again.
fn to_come(world: &World, supposed: Supposed<'_>, now: Timestamp, found: &mut Found) {
    let Some((rule, content)) = supposed.rule else {
        return;
    };
    let draft = Ruled::of(world, (rule, content), now);
    let others = world.rules.documents.values();
    for document in others.filter(|it| it.rule != rule) {
        let (versions, told) = in_turn(world, document, now);
        for (place, coming) in versions.iter().enumerate().skip(told) {
            for one in coming.limits() {
                for other in draft.limits() {
                    let both = (one, other);
                    anew((world, now), &versions[..place], both, found);
                }
            }
        }
    }
}

/// The versions of a rule that are in force or will be, in that order, and how many of them are in force now.
fn in_turn<'a>(
    world: &World,
    document: &'a RuleDocument,
    now: Timestamp,
) -> (Vec<Ruled<'a>>, usize) {
    let standing = document.in_force(now);
    let told = usize::from(standing.is_some());
    let coming = document.versions.iter().filter(|version| {
        let begins = document.in_force(version.from);
        now < version.from && begins.is_some_and(|it| it.version == version.version)
    });
    let all = standing.into_iter().chain(coming);
    let all = all.map(|it| Ruled::of(world, (document.rule, it.content.as_ref()), now));
    (all.collect(), told)
}

/// What conflicts between a clause and one of a draft, and did not while an earlier version said it.
fn anew(
    at: (&World, Timestamp),
    before: &[Ruled<'_>],
    (one, other): (Placed<'_>, Placed<'_>),
    found: &mut Found,
) {
    let mut new = Found::default();
    clauses::between(at, one, other, &mut new);
    if new.conflicts.is_empty() {
        return;
    }
    let mut told = Found::default();
    let same = before.iter().flat_map(Ruled::limits);
    for earlier in same.filter(|it| it.of == one.of) {
        clauses::between(at, earlier, other, &mut told);
    }
    for conflict in new.conflicts {
        if !told.conflicts.contains(&conflict) {
            found.push(conflict);
        }
    }
}
