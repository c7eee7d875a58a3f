//! Looking at an exception again, and settling it: ordinary operation, stopped, or decided again. Whoever
//! decides on the permit does all of it, with what was measured in view.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Case, Refusal, Step, current, decide};
use crate::actor::Actor;
use crate::command::behind;
use crate::event::{BlobRef, Event};
use crate::exception::{
    DecidedAgain, Effect, FIGURES_STAND, Judgement, NamedClause, Regularised, Reviewed, Stopped,
};
use crate::id::PermitId;
use crate::name::Line;
use crate::opinion::{Proposal, Subject};
use crate::permit::event::{Ended, Extended};
use crate::permit::particulars::Exception;
use crate::permit::{Deadlines, EndKind, Particulars, Status, Term};
use crate::rule::ClauseRef;
use crate::time::Timestamp;
use crate::world::World;

/// What can be done with an exception besides what can be done with every permit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum ExceptionAct {
    /// Look at it again.
    Review {
        /// Whether it works.
        judgement: Judgement,
        /// The measures, by their places, of which it is said that they are done.
        words: Vec<u32>,
        /// When it is to be looked at again: needed while it has not ended.
        next: Option<Date>,
    },
    /// Make ordinary operation of it.
    Regularise {
        /// The clause that says from now on what it allowed.
        into: ClauseRef,
    },
    /// Stop it.
    Stop,
    /// Let it go on as an exception.
    DecideAgain {
        /// Its end from now on, where a later one was asked for; never beyond what was asked.
        until: Option<Timestamp>,
        /// When it is to be looked at again.
        next: Date,
        /// What is answered to an objection of the promotion body, where a later end was asked for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        answer: Option<Line>,
        /// That it counts for everybody from now on, where it names neither people nor devices and counted for its
        /// applicant alone. Without that it goes on for whom it counted.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        for_everybody: bool,
    },
}

crate::choice! {
    /// What can be done with an exception, without what it needs.
    pub enum ExceptionStep {
        /// Look at it again.
        Review = "review",
        /// Make ordinary operation of it.
        Regularise = "regularise",
        /// Let it go on as an exception.
        DecideAgain = "decide_again",
        /// Stop it.
        Stop = "stop",
    }
}

impl ExceptionStep {
    /// Whether it can be done with an exception that stands so. One that is over can still be looked at:
    /// whether it worked is worth knowing then too.
    #[must_use]
    pub fn fits(self, status: Status) -> bool {
        use Status as S;
        let from: &[Status] = match self {
            Self::Review => &[S::Approved, S::Active, S::Suspended, S::Ended, S::Closed],
            Self::Stop => &[S::Approved, S::Active, S::Suspended],
            Self::Regularise | Self::DecideAgain => &[S::Active, S::Suspended],
        };
        from.contains(&status)
    }
}

impl ExceptionAct {
    /// Which step it is.
    #[must_use]
    pub const fn step(&self) -> ExceptionStep {
        match self {
            Self::Review { .. } => ExceptionStep::Review,
            Self::Regularise { .. } => ExceptionStep::Regularise,
            Self::Stop => ExceptionStep::Stop,
            Self::DecideAgain { .. } => ExceptionStep::DecideAgain,
        }
    }
}

/// What was measured, as whoever decides had it before them, and the document that it is stored as.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measured {
    /// The figures.
    pub effect: Box<Effect>,
    /// Their document. That both are the same is seen to before the command reaches the writer.
    pub document: BlobRef,
}

/// A command about an exception.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExceptionCommand {
    /// Which.
    pub permit: PermitId,
    /// The version meant; any where none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<u64>,
    /// What was measured.
    pub measured: Measured,
    /// What is done.
    pub act: ExceptionAct,
    /// Why, in one sentence that names nobody.
    pub note: Line,
}

/// Decides a command about an exception.
pub(in crate::command) fn decide_exception(
    world: &World,
    actor: &Actor,
    command: &ExceptionCommand,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    let permit = world.permits.get(command.permit);
    let permit = permit.ok_or_else(|| Refusal::new("permit.unknown").at("permit"))?;
    let exception = permit
        .exception()
        .ok_or_else(|| Refusal::new("exception.other-permit").at("permit"))?;
    current(permit.version(), command.expected)?;
    let status = permit.status(now);
    let given = permit.grant().is_some();
    if !given || !command.act.step().fits(status) {
        let mut refusal = Refusal::new("exception.not-now");
        refusal.reason = refusal
            .reason
            .with("status", status.code())
            .with("act", command.act.step().code());
        return Err(refusal);
    }
    let effect = &command.measured.effect;
    if effect.permit != permit.id || effect.at > now || now.since(effect.at) > FIGURES_STAND {
        return Err(Refusal::new("exception.figures-old"));
    }
    let case = Case {
        world,
        permit,
        actor,
        now,
    };
    match &command.act {
        ExceptionAct::Review {
            judgement,
            words,
            next,
        } => review(&case, exception, command, (*judgement, words, *next)),
        ExceptionAct::Regularise { into } => regularise(&case, exception, command, *into),
        ExceptionAct::Stop => stop(&case, command),
        ExceptionAct::DecideAgain {
            until,
            next,
            answer,
            for_everybody,
        } => {
            let wider = *for_everybody && exception.is_open();
            let asked = (*until, *next, answer.as_ref());
            decide_again(&case, command, asked, wider)
        }
    }
}

/// A day on which something is to be looked at again comes after today and within the term.
pub(super) fn review_within(next: Date, term: Term, now: Timestamp) -> Result<(), Refusal> {
    let last = Timestamp::from_millis(term.until.as_millis() - 1).jst_date();
    let first = term.from.max(now).jst_date();
    if next < first || next > last {
        let mut refusal = Refusal::new("exception.review-outside-term").at("review_on");
        refusal.reason = refusal
            .reason
            .with("from", first.to_string())
            .with("until", last.to_string());
        return Err(refusal);
    }
    Ok(())
}

/// What an exception suppresses is for whoever decides over all of it: the post that decides stands in the unit
/// for which it is suppressed or above it; in the root for the whole.
pub(super) fn suppresses_within(case: &Case<'_>) -> Result<(), Refusal> {
    let (world, now) = (case.world, case.now);
    let exception = case.permit.exception();
    let Some(exception) = exception.filter(|it| it.suppresses.is_some()) else {
        return Ok(());
    };
    let post = world.posts.get(&case.decision()?.route.post);
    let root = world.organisation.as_ref().map(|it| it.root);
    let all = exception.unit.or(root).zip(post);
    if all.is_some_and(|(unit, post)| world.unit_is_within(unit, post.unit, now)) {
        Ok(())
    } else {
        Err(Refusal::new("exception.suppresses-beyond").at("suppresses"))
    }
}

/// The gate before an exception or the use of a conference tool is given or put off: the promotion body is heard, of
/// an exception never by the mouth of whoever decides, and its objection is answered. Other permits have no such gate,
/// and nothing to answer.
pub(super) fn weighed(case: &Case<'_>, answer: Option<&Line>) -> Result<Option<Event>, Refusal> {
    let (world, permit) = (case.world, case.permit);
    if let Particulars::Conference(asked) = permit.particulars.as_ref() {
        return world.weigh_tool(asked.tool, answer, case.now);
    }
    if permit.exception().is_none() {
        return match answer {
            Some(_) => Err(Refusal::new("opinion.nothing-to-answer").at("answer")),
            None => Ok(None),
        };
    }
    let proposal = Proposal {
        subject: Subject::Exception(permit.id),
        state: permit.version(),
    };
    let given = world.opinion_on(proposal);
    let heard = given.and_then(|it| behind(world, &it.by));
    if heard.is_some() && heard == behind(world, case.actor) {
        return Err(Refusal::new("opinion.decider-was-heard"));
    }
    world.weigh(proposal, answer, case.now).map(Some)
}

fn term(case: &Case<'_>) -> Result<Term, Refusal> {
    let grant = case.permit.grant();
    let grant = grant.ok_or_else(|| Refusal::new("exception.not-now"))?;
    Ok(grant.term)
}

fn review(
    case: &Case<'_>,
    exception: &Exception,
    command: &ExceptionCommand,
    (judgement, words, next): (Judgement, &[u32], Option<Date>),
) -> Result<Vec<Event>, Refusal> {
    let needs_word = |place: &u32| {
        let measure = usize::try_from(*place).ok();
        let measure = measure.and_then(|place| exception.measures.get(place));
        measure.is_some_and(crate::exception::CompensatingMeasure::needs_a_word)
    };
    if !words.iter().all(needs_word) {
        return Err(Refusal::new("exception.word-not-asked").at("words"));
    }
    let live = case
        .permit
        .grant()
        .is_some_and(|grant| grant.end(case.now).is_none());
    let next = match (live, next) {
        (true, None) => return Err(Refusal::new("exception.next-missing").at("review_on")),
        (true, Some(next)) => {
            review_within(next, term(case)?, case.now)?;
            Some(next)
        }
        (false, _) => None,
    };
    let mut words = words.to_vec();
    words.sort_unstable();
    words.dedup();
    let step = Box::new(Reviewed {
        permit: case.permit.id,
        decision: case.decision()?,
        effect: command.measured.document.clone(),
        judgement,
        words,
        next,
        note: command.note.clone(),
    });
    Ok(vec![Event::ExceptionReviewed { step }])
}

/// Ordinary operation needs an effect that was confirmed, measures that are all in effect by fresh evidence,
/// and a clause that stands.
fn regularise(
    case: &Case<'_>,
    exception: &Exception,
    command: &ExceptionCommand,
    into: ClauseRef,
) -> Result<Vec<Event>, Refusal> {
    if exception.measures.is_empty() {
        return Err(Refusal::new("exception.no-measures"));
    }
    if !case.world.exception_record(case.permit.id).is_effective() {
        return Err(Refusal::new("exception.effect-not-confirmed"));
    }
    let effect = &command.measured.effect;
    if effect.measures.len() != exception.measures.len() || !effect.measures_hold() {
        return Err(Refusal::new("exception.measures-not-in-effect"));
    }
    if !case.world.clause_stands(into, case.now) {
        let mut refusal = Refusal::new("exception.clause-unknown").at("clause");
        refusal.reason = refusal.reason.with("clause", NamedClause(into).text());
        return Err(refusal);
    }
    let answers = case.world.clause_answers(exception, into, case.now);
    if !answers || departs_from_it(case, exception, into) {
        return Err(Refusal::new("exception.clause-not-its").at("clause"));
    }
    let step = Box::new(Regularised {
        permit: case.permit.id,
        decision: case.decision()?,
        effect: command.measured.document.clone(),
        into,
        note: command.note.clone(),
    });
    let mut events = vec![Event::ExceptionRegularised { step }];
    events.extend(case.end(ended(case, EndKind::Regularised)?));
    Ok(events)
}

/// Whether a clause is the very one that an exception departs from, as it was when the exception began.
fn departs_from_it(case: &Case<'_>, exception: &Exception, into: ClauseRef) -> bool {
    if exception.clause != Some(NamedClause(into)) {
        return false;
    }
    let document = case.world.rules.documents.get(&into.rule);
    let version = document.and_then(|it| it.in_force(case.now));
    let approved = version.map(|it| it.at);
    let began = case.world.exception_began(case.permit);
    approved
        .zip(began)
        .is_none_or(|(approved, began)| approved <= began)
}

fn ended(case: &Case<'_>, how: EndKind) -> Result<Ended, Refusal> {
    Ok(Ended {
        permit: case.permit.id,
        how,
        at: case.now,
        deadlines: Deadlines::default(),
        decision: Some(case.decision()?),
        remark: None,
    })
}

fn stop(case: &Case<'_>, command: &ExceptionCommand) -> Result<Vec<Event>, Refusal> {
    let step = Box::new(Stopped {
        permit: case.permit.id,
        decision: case.decision()?,
        effect: command.measured.document.clone(),
        note: command.note.clone(),
    });
    let mut events = vec![Event::ExceptionStopped { step }];
    events.extend(case.end(ended(case, EndKind::Revoked)?));
    Ok(events)
}

fn decide_again(
    case: &Case<'_>,
    command: &ExceptionCommand,
    (until, next, answer): (Option<Timestamp>, Date, Option<&Line>),
    wider: bool,
) -> Result<Vec<Event>, Refusal> {
    let mut term = term(case)?;
    case.permissible(Step::Given)?;
    suppresses_within(case)?;
    let mut events = Vec::new();
    if let Some(until) = until {
        let asked = case.permit.asked_until();
        let asked = asked.ok_or_else(|| Refusal::new("permit.no-extension-asked").at("until"))?;
        if until > asked {
            return Err(Refusal::new("permit.beyond-what-was-asked").at("until"));
        }
        decide::longer(term, until)?;
        term.until = until;
        let owed = case.permit.grant().map(|it| it.owed).unwrap_or_default();
        events.extend(weighed(case, answer)?);
        events.push(Event::PermitExtended {
            step: Extended {
                permit: case.permit.id,
                until,
                deadlines: Deadlines::from_end(owed, until, &case.world.calendar()),
                decision: case.decision()?,
            },
        });
    } else if answer.is_some() {
        return Err(Refusal::new("opinion.nothing-to-answer").at("answer"));
    }
    review_within(next, term, case.now)?;
    let step = Box::new(DecidedAgain {
        permit: case.permit.id,
        decision: case.decision()?,
        effect: command.measured.document.clone(),
        until,
        next,
        note: command.note.clone(),
        for_everybody: wider || case.permit.is_for_everybody(),
    });
    events.insert(0, Event::ExceptionDecidedAgain { step });
    Ok(events)
}
