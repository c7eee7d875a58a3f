//! The rulebook: the built-in policies of `catalog/rulebook` and an organisation's own beside them.
//!
//! Both are evaluated by themselves, and an access needs both. So no rule of an organisation's own
//! can take away what a clause asks for, and a refusal says whose rule it was.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use cedar_policy::{
    Authorizer, Decision as Said, Effect, Entities, Policy, PolicyId, PolicySet, Request, Schema,
    ValidationMode, Validator,
};
use sekisho_domain::permit::Clause;
use sekisho_domain::requirement::RequirementId;

use super::built_in::Places;
use super::checks::{CheckSetError, CheckSets};
use super::context::Names;
use super::deep::too_deep;
use super::lack::Lack;
use super::memory::{Answer, Memory};
use super::more::More;
use super::next_hour::goes_by_time;
use super::question::Question;
use super::stated::Stated;

const SCHEMA: &str = include_str!("../../../../catalog/rulebook/schema.cedarschema");
const BUILT_IN: &[(&str, &str)] = &[
    (
        "reach.cedar",
        include_str!("../../../../catalog/rulebook/reach.cedar"),
    ),
    (
        "join.cedar",
        include_str!("../../../../catalog/rulebook/join.cedar"),
    ),
];
const SETS: &str = include_str!("../../../../catalog/rulebook/safeguards.toml");

/// Most bytes of an organisation's own rules.
pub const OWN_RULES_MAX: usize = sekisho_domain::access_rules::ACCESS_RULES_MAX;
/// The rule that forbids everything while the organisation's own rules cannot be used.
pub const UNUSABLE: &str = "own-rules.unusable";
/// It. Whoever is refused reads what it says.
const CLOSED: &str = r#"
@id("own-rules.unusable")
@ja("組織が独自に定めた利用規則を読み込めないため、利用を認めません。情報システムセキュリティ責任者に連絡してください。")
@en("The organisation's own rules of access cannot be used, so that nobody is let through. Tell the system's security officer.")
forbid (principal, action, resource);
"#;
/// Most rules of an organisation's own: each is evaluated for every question.
pub const OWN_RULES_COUNT_MAX: usize = 200;
/// The stack on which own rules are to be read, in bytes: parsing and validating them goes down for each of their
/// levels, much deeper than answering does.
pub const OWN_RULES_STACK: usize = 32 * 1024 * 1024;

/// Why a rulebook cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RulebookError {
    /// It cannot be read as policies, or does not hold against the schema.
    #[error("{place}: {what}")]
    Policy {
        /// The file or rule.
        place: String,
        /// What is wrong, in the words of the policy language.
        what: String,
    },
    /// A rule lacks a note that it must have.
    #[error("{rule} has no @{note}")]
    NoNote {
        /// Which rule.
        rule: String,
        /// Which note.
        note: &'static str,
    },
    /// A note says what nothing knows.
    #[error("{rule}: @{note} says nothing that is known")]
    Note {
        /// Which rule.
        rule: String,
        /// Which note.
        note: &'static str,
    },
    /// Two rules have one id.
    #[error("two rules are called {0}")]
    Twice(String),
    /// An organisation's own rule permits: what clauses forbid, nothing of its own gives back.
    #[error("{0} permits; rules of one's own can only forbid")]
    Permits(String),
    /// There are too many of them, or they are too long.
    #[error("more rules than can be evaluated for every question")]
    TooMany,
    /// One of them goes deeper than is parsed.
    #[error("a rule has too many brackets or operators within each other")]
    TooDeep,
    /// The sets of checks.
    #[error(transparent)]
    Sets(#[from] CheckSetError),
}

impl RulebookError {
    pub(super) fn policy(place: &str, what: &dyn std::fmt::Display) -> Self {
        Self::Policy {
            place: place.to_owned(),
            what: what.to_string(),
        }
    }

    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Policy { .. } => "rulebook.policy",
            Self::NoNote { .. } => "rulebook.no-note",
            Self::Note { .. } => "rulebook.note",
            Self::Twice(_) => "rulebook.twice",
            Self::Permits(_) => "rulebook.permits",
            Self::TooMany => "rulebook.too-many",
            Self::TooDeep => "rulebook.too-deep",
            Self::Sets(_) => "rulebook.sets",
        }
    }
}

/// What a rule says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its id, stable.
    pub id: String,
    /// The row of the catalogue that it rests on; none for what is our own design or the
    /// organisation's.
    pub clause: Option<RequirementId>,
    /// What is missing where it forbids; none for rules of an organisation's own.
    pub lack: Option<Lack>,
    /// In Japanese.
    pub ja: String,
    /// In English; the Japanese where an organisation wrote none.
    pub en: String,
}

impl Hash for Rule {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // Its texts follow from the id in all but a few cases.
        self.id.hash(state);
    }
}

/// One set of policies, ready to be asked.
#[derive(Clone, Debug)]
struct Book {
    policies: PolicySet,
    rules: HashMap<PolicyId, Arc<Rule>>,
}

/// The rulebook in force.
#[derive(Debug)]
pub struct Rulebook {
    pub(super) names: Names,
    sets: CheckSets,
    built_in: Book,
    places: Places,
    memory: Memory,
    own: Option<Book>,
    /// Whether any of the organisation's own rules may answer otherwise at another hour or on another day.
    own_go_by_time: bool,
    authorizer: Authorizer,
    nothing: Entities,
}

/// What came of asking a book.
pub(super) enum Asked<'a> {
    Allowed,
    /// By these rules, in the order of their ids.
    Forbidden(Vec<&'a Arc<Rule>>),
    /// It could not be evaluated; nothing is allowed then.
    Failed(String),
}

impl Rulebook {
    /// The built-in rulebook alone.
    ///
    /// # Errors
    /// [`RulebookError`] where the built-in policies do not hold; the tests see to it that they do.
    pub fn built_in() -> Result<Self, RulebookError> {
        let schema = schema()?;
        let mut policies = Vec::new();
        for (file, text) in BUILT_IN {
            policies.extend(parse(file, text)?);
        }
        let built_in = Book::new(policies, &schema, true)?;
        Ok(Self {
            names: Names::new()?,
            sets: CheckSets::parse(SETS)?,
            places: Places::new(built_in.sorted().into_iter().cloned().collect())?,
            memory: Memory::default(),
            built_in,
            own: None,
            own_go_by_time: false,
            authorizer: Authorizer::new(),
            nothing: Entities::empty(),
        })
    }

    /// The built-in rulebook with an organisation's own rules beside it. They are held against the
    /// schema first; where anything is wrong with them nothing of them is taken.
    ///
    /// # Errors
    /// [`RulebookError`] says what is wrong, and where.
    pub fn with_own(text: &str) -> Result<Self, RulebookError> {
        let mut book = Self::built_in()?;
        if text.trim().is_empty() {
            return Ok(book);
        }
        if text.len() > OWN_RULES_MAX {
            return Err(RulebookError::TooMany);
        }
        if too_deep(text).is_some() {
            return Err(RulebookError::TooDeep);
        }
        let policies = parse("own", text)?;
        if policies.len() > OWN_RULES_COUNT_MAX {
            return Err(RulebookError::TooMany);
        }
        // Where nothing but forbids is there, somebody has to permit.
        let mut all = parse(
            "own",
            "@id(\"own\") @ja(\"\") @en(\"\") permit (principal, action, resource);",
        )?;
        for policy in policies {
            if policy.effect() == Effect::Permit {
                return Err(RulebookError::Permits(name_of(&policy)));
            }
            book.own_go_by_time |= goes_by_time(&policy);
            all.push(policy);
        }
        let own = Book::new(all, &schema()?, false)?;
        // In the log of answers a rule is known by its id alone.
        let taken = own
            .rules
            .keys()
            .find(|id| book.built_in.rules.contains_key(id));
        if let Some(id) = taken {
            return Err(RulebookError::Twice(id.to_string()));
        }
        book.own = Some(own);
        Ok(book)
    }

    /// The built-in rulebook with everything forbidden besides: what an organisation forbade is not
    /// known, so that nothing may pass.
    ///
    /// # Errors
    /// [`RulebookError`], which the tests exclude.
    pub fn closed() -> Result<Self, RulebookError> {
        Self::with_own(CLOSED)
    }

    /// The sets of checks.
    #[must_use]
    pub fn sets(&self) -> &CheckSets {
        &self.sets
    }

    /// Every rule, the built-in ones first, by id.
    #[must_use]
    pub fn rules(&self) -> Vec<&Arc<Rule>> {
        let mut rules = self.built_in.sorted();
        rules.extend(self.own.iter().flat_map(Book::sorted));
        rules
    }

    /// The organisation's own rules, by id.
    #[must_use]
    pub fn own_rules(&self) -> Vec<&Arc<Rule>> {
        self.own.iter().flat_map(Book::sorted).collect()
    }

    /// Whether there are rules of the organisation's own.
    #[must_use]
    pub fn has_own(&self) -> bool {
        self.own.is_some()
    }

    /// Whether any of the organisation's own rules may answer otherwise at another hour or on another day.
    pub(super) const fn own_go_by_time(&self) -> bool {
        self.own_go_by_time
    }

    /// The built-in rules, by their places.
    pub(super) fn places(&self) -> &Places {
        &self.places
    }

    /// To how many different combinations of facts the answer of the built-in rules is remembered.
    #[must_use]
    pub fn remembered(&self) -> usize {
        self.memory.len()
    }

    /// What the built-in rules answer to facts, remembered or found out.
    ///
    /// # Errors
    /// They could not be evaluated; nothing is allowed then.
    pub(super) fn ask_built_in(&self, stated: Stated) -> Result<Answer, String> {
        self.memory.answer(stated, || {
            let request = self.names.bare(stated, &self.excused(stated))?;
            match self.ask(&self.built_in, &request) {
                Asked::Allowed => Ok(Answer::Allowed),
                Asked::Forbidden(rules) => Ok(Answer::Forbidden(self.places.bits(rules))),
                Asked::Failed(error) => Err(error),
            }
        })
    }

    /// The request of a question as an organisation's own rules see it.
    pub(super) fn request(
        &self,
        question: &Question,
        stated: Stated,
        more: &More,
    ) -> Result<Request, String> {
        let excused = self.excused(stated);
        self.names.whole(question, stated, &excused, more)
    }

    /// The built-in rules from which exceptions in force depart.
    pub(super) fn excused(&self, stated: Stated) -> Vec<&str> {
        let rules = self.places.of_bits(stated.excused());
        rules.map(|rule| rule.id.as_str()).collect()
    }

    pub(super) fn ask_own(&self, request: &Request) -> Asked<'_> {
        match &self.own {
            Some(book) => self.ask(book, request),
            None => Asked::Allowed,
        }
    }

    fn ask<'a>(&self, book: &'a Book, request: &Request) -> Asked<'a> {
        let response = self
            .authorizer
            .is_authorized(request, &book.policies, &self.nothing);
        let diagnostics = response.diagnostics();
        if let Some(error) = diagnostics.errors().next() {
            return Asked::Failed(error.to_string());
        }
        if response.decision() == Said::Allow {
            return Asked::Allowed;
        }
        let mut rules: Vec<&Arc<Rule>> = diagnostics
            .reason()
            .filter_map(|id| book.rules.get(id))
            .collect();
        rules.sort_unstable_by(|one, other| one.id.cmp(&other.id));
        if rules.is_empty() {
            // No prohibition and no permission: there is no such action.
            return Asked::Failed("no rule permits this action".to_owned());
        }
        Asked::Forbidden(rules)
    }
}

impl Book {
    fn new(policies: Vec<Policy>, schema: &Schema, built_in: bool) -> Result<Self, RulebookError> {
        let mut book = Self {
            policies: PolicySet::new(),
            rules: HashMap::new(),
        };
        for policy in policies {
            let rule = rule_of(&policy, built_in)?;
            let id = PolicyId::new(&rule.id);
            let named = policy.new_id(id.clone());
            if book.rules.insert(id, Arc::new(rule)).is_some() {
                return Err(RulebookError::Twice(name_of(&policy)));
            }
            book.policies
                .add(named)
                .map_err(|error| RulebookError::policy("rulebook", &error))?;
        }
        let result =
            Validator::new(schema.clone()).validate(&book.policies, ValidationMode::Strict);
        match result.validation_errors().next() {
            Some(error) => Err(RulebookError::policy(
                error.policy_id().to_string().as_str(),
                error,
            )),
            None => Ok(book),
        }
    }

    fn sorted(&self) -> Vec<&Arc<Rule>> {
        let mut rules: Vec<&Arc<Rule>> = self
            .rules
            .values()
            .filter(|rule| rule.id != "own")
            .collect();
        rules.sort_unstable_by(|one, other| one.id.cmp(&other.id));
        rules
    }
}

/// The built-in policies as they are written, by file: for those who read them, and for comparison.
pub fn built_in_policies() -> impl Iterator<Item = (&'static str, &'static str)> {
    BUILT_IN.iter().copied()
}

/// The schema of the rulebook.
///
/// # Errors
/// [`RulebookError`] where it cannot be read.
pub fn schema() -> Result<Schema, RulebookError> {
    Schema::from_cedarschema_str(SCHEMA)
        .map(|(schema, _)| schema)
        .map_err(|error| RulebookError::policy("schema", &error))
}

pub(super) fn parse(place: &str, text: &str) -> Result<Vec<Policy>, RulebookError> {
    let set: PolicySet = text
        .parse()
        .map_err(|error| RulebookError::policy(place, &error))?;
    if set.templates().next().is_some() {
        return Err(RulebookError::policy(place, &"templates are not used"));
    }
    Ok(set.policies().cloned().collect())
}

pub(super) fn name_of(policy: &Policy) -> String {
    policy
        .annotation("id")
        .map_or_else(|| policy.id().to_string(), str::to_owned)
}

/// Reads the notes of a policy.
fn rule_of(policy: &Policy, built_in: bool) -> Result<Rule, RulebookError> {
    let name = name_of(policy);
    let note = |note: &'static str| policy.annotation(note);
    let needed = |which: &'static str| {
        note(which)
            .map(str::to_owned)
            .ok_or_else(|| RulebookError::NoNote {
                rule: name.clone(),
                note: which,
            })
    };
    let wrong = |which: &'static str| RulebookError::Note {
        rule: name.clone(),
        note: which,
    };
    let id = needed("id")?;
    let clause = match note("clause") {
        None if built_in => {
            return Err(RulebookError::NoNote {
                rule: name,
                note: "clause",
            });
        }
        None => None,
        Some(text) if text == Clause::Default.code() => None,
        Some(text) => Some(text.parse().map_err(|_| wrong("clause"))?),
    };
    let lack = match note("lack") {
        Some(text) if built_in => Some(text.parse().map_err(|_| wrong("lack"))?),
        None if built_in && policy.effect() == Effect::Forbid => {
            return Err(RulebookError::NoNote {
                rule: name,
                note: "lack",
            });
        }
        _ => None,
    };
    let ja = needed("ja")?;
    let en = match note("en") {
        Some(text) => text.to_owned(),
        None if built_in => {
            return Err(RulebookError::NoNote {
                rule: name,
                note: "en",
            });
        }
        None => ja.clone(),
    };
    Ok(Rule {
        id,
        clause,
        lack,
        ja,
        en,
    })
}
