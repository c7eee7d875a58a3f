//! Reading an organisation's own rules for those who write them: everything that is wrong, each with
//! its place in the text, and what is sound and yet can never matter.
//!
//! [`Rulebook::with_own`] has the last word: what it refuses is never put in force, whatever is told
//! here.

use cedar_policy::{
    Effect, Policy, PolicyId, PolicySet, ValidationError, ValidationMode, ValidationWarning,
    Validator,
};
use miette::Diagnostic;

use super::deep::{Tokens, too_deep};
use super::rulebook::{OWN_RULES_COUNT_MAX, OWN_RULES_MAX, UNUSABLE};
use super::rulebook::{Rulebook, RulebookError, schema};

/// Most things that are told of one text.
const FAULTS_MAX: usize = 50;
/// Ids that mean something else in the log of answers.
const RESERVED: &[&str] = &["own", UNUSABLE, "rulebook.failed"];

/// Rules as a beginner may start from; a test sees to it that they hold.
pub const EXAMPLE: &str = include_str!("../../../../catalog/rulebook/own-example.cedar");

/// Something to be told of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnRuleFault {
    /// The stable code, which is also the key of its words.
    pub code: &'static str,
    /// The rule, by its id or its number in the text; none where it is the whole text.
    pub rule: Option<String>,
    /// Line and column, from 1, in characters.
    pub at: Option<(u32, u32)>,
    /// What the policy language says of it, in its own words.
    pub detail: Option<String>,
}

/// Rules that hold.
#[derive(Debug)]
pub struct OwnRules {
    /// The rulebook with them.
    pub book: Rulebook,
    /// What is sound and can never matter.
    pub remarks: Vec<OwnRuleFault>,
}

/// A fact that rules may look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnFact {
    /// Where it stands in the context; its words have this as the end of their key.
    pub path: &'static str,
    /// Its type in the policy language.
    pub kind: &'static str,
}

macro_rules! facts {
    ($( $path:literal $kind:literal )+) => {
        /// Every fact that rules may look at, in the order of the schema.
        pub const FACTS: &[OwnFact] = &[ $( OwnFact { path: $path, kind: $kind } ),+ ];
    };
}

facts! {
    "clock_sure" "Bool"
    "person.active" "Bool"
    "device.stated" "Bool"
    "device.enrolled" "Bool"
    "device.suspended" "Bool"
    "device.retired" "Bool"
    "device.issued" "Bool"
    "device.theirs" "Bool"
    "place.off_site" "Bool"
    "place.outside_organisation" "Bool"
    "grade.confidentiality" "Long"
    "grade.integrity" "Long"
    "grade.availability" "Long"
    "system.in_use" "Bool"
    "system.remote" "Bool"
    "line.in_use" "Bool"
    "line.internal" "Bool"
    "line.listed" "Bool"
    "task.stated" "Bool"
    "task.in_use" "Bool"
    "task.stopped" "Bool"
    "task.covers" "Bool"
    "task.refused" "Bool"
    "task.within" "Bool"
    "task.risk_stopped" "Bool"
    "task.risk_covered" "Bool"
    "task.risk_measured" "Bool"
    "task.risk_within" "Bool"
    "outside.was" "Bool"
    "posture.baseline" "Bool"
    "posture.safeguards" "Bool"
    "posture.alarm" "Bool"
    "posture.inspection" "Bool"
    "permits.telework" "Bool"
    "permits.take_out" "Bool"
    "permits.off_site" "Bool"
    "permits.byod" "Bool"
    "permits.reconnection" "Bool"
    "permits.line" "Bool"
    "permits.connection" "Bool"
    "permits.remote_access" "Bool"
    "excused" "Set<String>"
    "more.roles" "Set<String>"
    "more.units" "Set<String>"
    "more.unit" "String"
    "more.device" "String"
    "more.declared" "Bool"
    "more.system" "String"
    "more.task" "String"
    "more.failing" "Set<String>"
    "more.restrictions" "Set<String>"
    "more.hour" "Long"
    "more.weekday" "Long"
    "more.working_day" "Bool"
}

/// Reads rules. A text without any is sound: nothing is forbidden then besides what clauses forbid.
///
/// What is as deep as is allowed takes a stack of [`super::OWN_RULES_STACK`].
///
/// # Errors
/// Everything that is wrong, in the order of the text. Nothing of it may be put in force.
pub fn read_own_rules(text: &str) -> Result<OwnRules, Vec<OwnRuleFault>> {
    if text.len() > OWN_RULES_MAX {
        return Err(vec![OwnRuleFault::whole("own-rules.too-long")]);
    }
    // Nothing of it may be parsed then.
    if let Some(at) = too_deep(text) {
        let mut fault = OwnRuleFault::whole("own-rules.too-deep");
        fault.at = Some(line_and_column(text, at));
        return Err(vec![fault]);
    }
    let set: PolicySet = match text.parse() {
        Ok(set) => set,
        Err(errors) => return Err(syntax(text, &errors)),
    };
    let found = Reader::of(text, &set);
    let mut faults = found.notes();
    let (wrong, remarks) = found.validated(&set);
    faults.extend(wrong);
    match Rulebook::with_own(text) {
        Ok(book) if faults.is_empty() => Ok(OwnRules { book, remarks }),
        Ok(_) => Err(in_order(faults)),
        Err(error) => {
            if faults.is_empty() {
                faults.push(last_word(&error));
            }
            Err(in_order(faults))
        }
    }
}

fn in_order(mut faults: Vec<OwnRuleFault>) -> Vec<OwnRuleFault> {
    faults.sort_by_key(|fault| fault.at);
    // A rule for both actions is looked at once for each, and is at fault in much the same words.
    faults.dedup_by(|one, other| {
        (one.code, one.at, &one.rule) == (other.code, other.at, &other.rule)
    });
    faults.truncate(FAULTS_MAX);
    faults
}

/// What the rulebook refuses though nothing was found wrong here.
fn last_word(error: &RulebookError) -> OwnRuleFault {
    let mut fault = OwnRuleFault::whole("own-rules.does-not-fit");
    fault.detail = Some(error.to_string());
    fault
}

fn syntax(text: &str, errors: &cedar_policy::ParseErrors) -> Vec<OwnRuleFault> {
    let each = errors.iter().map(|error| OwnRuleFault {
        code: "own-rules.syntax",
        rule: None,
        at: place_of(text, error),
        detail: Some(words_of(error)),
    });
    in_order(each.collect())
}

/// What Cedar says, with its advice where it has any.
fn words_of<E: Diagnostic>(error: &E) -> String {
    match error.help() {
        Some(help) => format!("{error} ({help})"),
        None => error.to_string(),
    }
}

fn place_of(text: &str, error: &impl Diagnostic) -> Option<(u32, u32)> {
    let label = error.labels()?.next()?;
    Some(line_and_column(text, label.offset()))
}

/// From 1, in characters.
fn line_and_column(text: &str, offset: usize) -> (u32, u32) {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let before = &text[..offset];
    let line = before.matches('\n').count() + 1;
    let begins = before.rfind('\n').map_or(0, |at| at + 1);
    let column = before[begins..].chars().count() + 1;
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    (number(line), number(column))
}

/// Where each policy begins: behind the `;` of the one before, past white space and comments.
fn beginnings(text: &str) -> Vec<usize> {
    let mut inside = false;
    Tokens::of(text)
        .filter_map(|(at, token)| {
            let begins = !inside;
            inside = token != ";";
            begins.then_some(at)
        })
        .collect()
}

/// The policies of a text, in its order.
struct Reader<'a> {
    text: &'a str,
    policies: Vec<(&'a Policy, Option<usize>)>,
    templates: bool,
}

impl<'a> Reader<'a> {
    fn of(text: &'a str, set: &'a PolicySet) -> Self {
        let mut policies: Vec<&Policy> = set.policies().collect();
        policies.sort_unstable_by_key(|policy| number_of(policy.id()));
        let templates = set.templates().next().is_some();
        let begins = beginnings(text);
        // Templates stand between policies in the text and not in this list.
        let placed = !templates && begins.len() == policies.len();
        let policies = policies.into_iter().enumerate();
        let policies = policies
            .map(|(at, policy)| (policy, begins.get(at).copied().filter(|_| placed)))
            .collect();
        Self {
            text,
            policies,
            templates,
        }
    }

    /// What is wrong besides the language itself.
    fn notes(&self) -> Vec<OwnRuleFault> {
        let mut faults = Vec::new();
        if self.templates {
            faults.push(OwnRuleFault::whole("own-rules.template"));
        }
        if self.policies.len() > OWN_RULES_COUNT_MAX {
            faults.push(OwnRuleFault::whole("own-rules.too-many"));
        }
        let built_in = Rulebook::built_in();
        let mut taken: Vec<String> = built_in
            .iter()
            .flat_map(Rulebook::rules)
            .map(|rule| rule.id.clone())
            .chain(RESERVED.iter().map(|id| (*id).to_owned()))
            .collect();
        for (number, (policy, begins)) in self.policies.iter().enumerate() {
            let fault = |code| OwnRuleFault {
                code,
                rule: Some(name(policy, number)),
                at: begins.map(|at| line_and_column(self.text, at)),
                detail: None,
            };
            if policy.effect() == Effect::Permit {
                faults.push(fault("own-rules.permits"));
            }
            match policy.annotation("id").map(str::trim) {
                None | Some("") => faults.push(fault("own-rules.no-id")),
                Some(id) if taken.iter().any(|it| it == id) => {
                    faults.push(fault("own-rules.id-taken"));
                }
                Some(id) => taken.push(id.to_owned()),
            }
            if policy
                .annotation("ja")
                .is_none_or(|it| it.trim().is_empty())
            {
                faults.push(fault("own-rules.no-ja"));
            }
        }
        faults
    }

    /// What the schema says: what is wrong, and what can never matter.
    fn validated(&self, set: &PolicySet) -> (Vec<OwnRuleFault>, Vec<OwnRuleFault>) {
        let Ok(schema) = schema() else {
            return (
                vec![OwnRuleFault::whole("own-rules.does-not-fit")],
                Vec::new(),
            );
        };
        let result = Validator::new(schema).validate(set, ValidationMode::Strict);
        let errors = result
            .validation_errors()
            .map(|error| self.told(error_code(error), error.policy_id(), error));
        let warnings = result
            .validation_warnings()
            .map(|it| self.told(warning_code(it), it.policy_id(), it));
        (errors.collect(), in_order(warnings.collect()))
    }

    fn told<E: Diagnostic>(&self, code: &'static str, id: &PolicyId, error: &E) -> OwnRuleFault {
        let mut all = self.policies.iter().enumerate();
        let policy = all.find(|(_, (policy, _))| policy.id() == id);
        let begins = policy.and_then(|(_, (_, begins))| *begins);
        OwnRuleFault {
            code,
            rule: policy.map(|(number, (policy, _))| name(policy, number)),
            at: place_of(self.text, error)
                .or_else(|| begins.map(|at| line_and_column(self.text, at))),
            detail: Some(words_of(error)),
        }
    }
}

impl OwnRuleFault {
    const fn whole(code: &'static str) -> Self {
        Self {
            code,
            rule: None,
            at: None,
            detail: None,
        }
    }
}

/// Policies of a text are called `policy0`, `policy1` and so on by the parser.
fn number_of(id: &PolicyId) -> u32 {
    let id: &str = id.as_ref();
    let number = id.strip_prefix("policy").and_then(|it| it.parse().ok());
    number.unwrap_or(u32::MAX)
}

fn name(policy: &Policy, number: usize) -> String {
    match policy.annotation("id").map(str::trim) {
        Some(id) if !id.is_empty() => id.to_owned(),
        _ => (number + 1).to_string(),
    }
}

fn error_code(error: &ValidationError) -> &'static str {
    match error {
        ValidationError::UnrecognizedEntityType(_) => "own-rules.unknown-type",
        ValidationError::UnrecognizedActionId(_) => "own-rules.unknown-action",
        ValidationError::UnsafeAttributeAccess(_) => "own-rules.unknown-fact",
        ValidationError::UnexpectedType(_) | ValidationError::IncompatibleTypes(_) => {
            "own-rules.wrong-type"
        }
        _ => "own-rules.does-not-fit",
    }
}

fn warning_code(warning: &ValidationWarning) -> &'static str {
    match warning {
        ValidationWarning::ImpossiblePolicy(_) | ValidationWarning::InvalidActionApplication(_) => {
            "own-rules.never"
        }
        _ => "own-rules.remark",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_from_one_in_characters() {
        let text = "// 規則;\n@id(\"a;\\\"b\")\nforbid (principal, action, resource);\n  forbid";
        let starts: Vec<_> = beginnings(text)
            .into_iter()
            .map(|at| line_and_column(text, at))
            .collect();
        assert_eq!(starts, [(2, 1), (4, 3)]);
        assert_eq!(line_and_column("規則x", 6), (1, 3));
        assert_eq!(line_and_column("", 9), (1, 1));
    }
}
