//! What stands with an opinion of the promotion body: conflicts found by the program, and what checks say.

use sekisho_domain::actor::Actor;
use sekisho_domain::command::{Command, OpinionCommand, Refusal};
use sekisho_domain::event::BlobRef;
use sekisho_domain::id::RuleId;
use sekisho_domain::name::Line;
use sekisho_domain::opinion::{
    CheckResult, Conflicts, Opinion, Proposal, Stance, Subject, Technical, encode_conflicts,
    encode_technical,
};
use sekisho_domain::rule::RuleContent;
use sekisho_domain::time::Timestamp;
use sekisho_domain::verdict::Verdict;
use sekisho_domain::world::World;
use sekisho_ledger::digest::Digest;
use sekisho_rules::access::Policies;
use sekisho_rules::assess::Assessment;
use sekisho_rules::bearing::{on_exception, on_rule, spoken_of};
use sekisho_rules::catalogue::{Catalogue, Row, Section};
use sekisho_rules::conflict::{Found, Supposed, conflicts};

use crate::app::{App, CommandError, Committed};

/// The two documents.
#[derive(Clone, Debug, Default)]
pub struct Exhibits {
    /// What conflicts.
    pub consistency: Conflicts,
    /// How many contradictions there are, listed or not.
    pub contradictions: u32,
    /// What checks say.
    pub technical: Technical,
}

impl Exhibits {
    /// Whether there was an assessment to take what checks say from.
    #[must_use]
    pub fn is_assessed(&self) -> bool {
        self.technical.at != Timestamp::default()
    }

    /// By what is told apart whether the documents are still those that somebody saw: all but their times.
    #[must_use]
    pub fn digest(&self) -> String {
        let timeless = Self {
            consistency: Conflicts {
                at: Timestamp::default(),
                ..self.consistency.clone()
            },
            technical: Technical {
                at: Timestamp::default(),
                ..self.technical.clone()
            },
            ..*self
        };
        let mut bytes = encode_conflicts(&timeless.consistency);
        bytes.extend(encode_technical(&timeless.technical));
        Digest::of(&bytes).to_string()
    }
}

/// What conflicts now, with what is proposed in the place of what it would replace.
#[must_use]
pub fn found(app: &App, catalogue: &Catalogue, about: Option<Subject>) -> Found {
    let policies = Policies::of(&app.access().rulebook());
    let now = app.now();
    let world = app.world();
    let supposed = match about {
        Some(Subject::Rule(rule)) => Supposed {
            rule: proposed(&world, about).map(|content| (rule, content)),
            plan: None,
        },
        Some(Subject::Plan(plan)) => Supposed {
            rule: None,
            plan: world
                .plan
                .work
                .as_ref()
                .filter(|work| work.plan == plan)
                .map(|work| work.content.as_ref()),
        },
        _ => Supposed::default(),
    };
    conflicts(&world, catalogue, Some(&policies), supposed, now)
}

fn proposed(world: &World, about: Option<Subject>) -> Option<&RuleContent> {
    let Some(Subject::Rule(rule)) = about else {
        return None;
    };
    let document = world.rules.documents.get(&rule)?;
    document.work.as_ref().map(|work| work.content.as_ref())
}

/// What checks are asked of a rule: what its draft says, and where that takes the rule out of force, what it repeals.
fn draft_or_repealed(world: &World, rule: RuleId) -> Option<&RuleContent> {
    let document = world.rules.documents.get(&rule)?;
    let draft = document.work.as_ref()?;
    Some(spoken_of(&draft.content, &document.versions))
}

/// Whether what a row says bears on a thing.
fn bears(world: &World, row: &Row, about: Subject) -> bool {
    match about {
        Subject::Plan(_) | Subject::Risk(_) => matches!(
            row.section,
            Section::Risk | Section::Issued | Section::Byod | Section::Lines
        ),
        Subject::Conference(_) => row.section == Section::Conference,
        Subject::Exception(permit) => {
            let permit = world.permits.get(permit);
            permit.is_some_and(|it| it.exception().is_some_and(|it| on_exception(row, it)))
        }
        Subject::Rule(rule) => {
            draft_or_repealed(world, rule).is_some_and(|content| on_rule(row, content))
        }
    }
}

/// What checks say of a thing: the verdicts of the rows that bear on it. Of a rule and an exception, which name their
/// rows, that one does not apply is said as well.
fn technical(
    world: &World,
    catalogue: &Catalogue,
    assessment: &Assessment,
    about: Subject,
) -> Technical {
    let rows = catalogue.rows().iter().zip(&assessment.rows);
    let bearing = rows.filter(|(row, judged)| {
        let named = matches!(about, Subject::Rule(_) | Subject::Exception(_));
        let said = named || judged.verdict.verdict != Verdict::NotApplicable;
        said && bears(world, row, about)
    });
    let results = bearing.map(|(row, judged)| {
        let counts = judged.verdict.counts;
        CheckResult {
            of: row.id.to_string(),
            verdict: judged.verdict.verdict.code().to_owned(),
            pass: counts.pass,
            fail: counts.fail,
            unknown: counts.unknown,
        }
    });
    Technical {
        at: assessment.at,
        results: results.collect(),
    }
}

/// The documents for an opinion on a thing, as they are now.
#[must_use]
pub fn exhibits(
    app: &App,
    catalogue: &Catalogue,
    assessment: Option<&Assessment>,
    about: Subject,
) -> Exhibits {
    let found = found(app, catalogue, Some(about));
    let world = app.world();
    let technical = assessment.map(|it| technical(&world, catalogue, it, about));
    Exhibits {
        contradictions: u32::try_from(found.contradictions()).unwrap_or(u32::MAX),
        consistency: found.document(app.now()),
        technical: technical.unwrap_or_default(),
    }
}

/// What is said of a thing.
#[derive(Clone, Debug)]
pub struct OpinionSaid {
    /// On what, at which state.
    pub proposal: Proposal,
    /// What the body thinks.
    pub stance: Stance,
    /// Why.
    pub sentence: Line,
}

impl App {
    /// Records an opinion with its documents. `seen` is [`Exhibits::digest`] of those that its author saw.
    ///
    /// # Errors
    /// [`CommandError`]; `opinion.exhibits-changed` where the documents are others by now.
    pub fn give_opinion(
        &self,
        actor: Actor,
        said: OpinionSaid,
        exhibits: &Exhibits,
        seen: Option<&str>,
    ) -> Result<Committed, CommandError> {
        if seen.is_some_and(|seen| seen != exhibits.digest()) {
            return Err(Refusal::new("opinion.exhibits-changed").into());
        }
        let documents = vec![
            encode_conflicts(&exhibits.consistency),
            encode_technical(&exhibits.technical),
        ];
        let named = |document: &Vec<u8>| BlobRef {
            blob: Digest::of(document).to_string(),
            size: document.len() as u64,
        };
        let results = exhibits.technical.results.len();
        let opinion = Opinion {
            proposal: said.proposal,
            stance: said.stance,
            sentence: said.sentence,
            consistency: named(&documents[0]),
            contradictions: exhibits.contradictions,
            technical: named(&documents[1]),
            results: u32::try_from(results).unwrap_or(u32::MAX),
        };
        let opinion = Box::new(opinion);
        let command = Command::Opinion(Box::new(OpinionCommand::Give { opinion }));
        self.command_blocking(actor, command, documents)
    }
}
