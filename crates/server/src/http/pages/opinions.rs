//! Opinions of the promotion body: what waits for one, the form of one with its documents, and whether
//! approvals wait for them.

use axum::http::StatusCode;
use maud::Markup;
use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::command::{Command, OpinionCommand};
use sekisho_domain::opinion::{self, Given, Proposal, Stance};
use sekisho_domain::register::EntryId;
use sekisho_messages::t;

use super::super::ctx::{Answer, Ctx, html, redirect};
use super::super::fault::Fault;
use super::super::form::Form;
use super::rules::{conflict_shown, named_rule};
use super::{form_refusal, line, sentence, standing};
use crate::console::layout::Place;
use crate::console::rules::{
    GivenLine, OPINIONS_PATH, OpinionState, OpinionView, OpinionsView, WaitingLine, opinion_page,
    opinion_state, opinions_page,
};
use crate::rule::{Exhibits, OpinionSaid, exhibits};

/// Opinions that are listed.
const GIVEN: usize = 200;
/// What is wrong, with the id it is about.
type Errors = Vec<(String, String)>;

/// What a thing is called, and where it is read.
pub(super) fn named(ctx: &Ctx, about: opinion::Subject) -> (String, Option<String>) {
    let by_id = (about.to_string(), None);
    match about {
        opinion::Subject::Plan(plan) => {
            let world = ctx.site.app.world();
            let work = world.plan.work.as_ref().filter(|work| work.plan == plan);
            let version = world.plan.versions.iter().find(|it| it.plan == plan);
            let title = work.map(|it| it.content.head.title.clone());
            let in_work = title.is_some();
            let title = title.or_else(|| version.map(|it| it.content.head.title.clone()));
            let href = if in_work { "/plan/draft" } else { "/plan" };
            title.map_or(by_id, |it| (it.as_str().to_owned(), Some(href.to_owned())))
        }
        opinion::Subject::Rule(rule) => {
            let in_work = {
                let world = ctx.site.app.world();
                let known = world.rules.documents.get(&rule);
                known.is_some_and(|it| it.work.is_some())
            };
            let end = if in_work { "/draft" } else { "" };
            named_rule(ctx, rule).map_or(by_id, |(name, href)| (name, Some(href + end)))
        }
        opinion::Subject::Exception(permit) => {
            let name = || t!(ctx.lang, "opinion.exception").into_owned();
            super::exceptions::named_permit(ctx, permit).map_or_else(
                || (name(), Some(format!("/permits/{permit}"))),
                |(name, href)| (name, Some(href)),
            )
        }
        opinion::Subject::Conference(tool) => {
            let id = EntryId::ConferenceTool(tool);
            let title = {
                let world = ctx.site.app.world();
                let entry = world.registers.entry(id);
                entry.map(|it| (super::register::title(ctx.lang, it), it.register()))
            };
            title.map_or(by_id, |(title, register)| {
                (title, Some(super::register::entry_path(register, id)))
            })
        }
        opinion::Subject::Risk(risk) => {
            let assessed = {
                let world = ctx.site.app.world();
                let work = world.risks.work.get(&risk).map(|it| it.content.subject);
                let approved = world.risks.approved.get(&risk);
                work.or_else(|| approved.map(|it| it.content.subject))
            };
            assessed.map_or(by_id, |subject| {
                let name = super::risk::words::subject(ctx, subject);
                (name, Some(format!("/risks/{risk}")))
            })
        }
    }
}

fn given_state(given: &Given) -> OpinionState {
    OpinionState::Given {
        stance: given.opinion.stance,
        sentence: given.opinion.sentence.as_str().to_owned(),
        href: format!("{OPINIONS_PATH}/{}", given.opinion.proposal.subject),
    }
}

/// What the body said of a proposal, as a note for whoever decides on it.
pub(super) fn state_of(ctx: &Ctx, proposal: Proposal) -> Markup {
    let state = {
        let world = ctx.site.app.world();
        match world.opinion_on(proposal) {
            Some(given) => given_state(given),
            None if !world.has_promotion_body(ctx.now) => OpinionState::NoBody,
            None => OpinionState::Waiting {
                required: world.opinions.are_required(),
                href: format!("{OPINIONS_PATH}/{}", proposal.subject),
            },
        }
    };
    opinion_state(ctx.lang, &state)
}

fn given_line(ctx: &Ctx, given: &Given, answer: Option<String>) -> GivenLine {
    let subject = given.opinion.proposal.subject;
    GivenLine {
        kind: subject.kind(),
        name: named(ctx, subject).0,
        at: given.at,
        by: super::rules::actor(ctx, &given.by),
        stance: given.opinion.stance,
        sentence: given.opinion.sentence.as_str().to_owned(),
        exhibits: (given.opinion.contradictions, given.opinion.results),
        answer,
    }
}

fn render_all(ctx: &Ctx, errors: Errors) -> Answer {
    let (waiting, given, has_body, required) = {
        let world = ctx.site.app.world();
        let newest = world.opinions.given.iter().rev().take(GIVEN);
        let given: Vec<(Given, Option<String>)> = newest
            .map(|it| {
                let weighed = world.opinions.weighed(it.opinion.proposal);
                let answer = weighed.and_then(|it| it.weighed.answer.as_ref());
                (it.clone(), answer.map(|it| it.as_str().to_owned()))
            })
            .collect();
        (
            world.awaiting_opinion(ctx.now),
            given,
            world.has_promotion_body(ctx.now),
            world.opinions.are_required(),
        )
    };
    let wrong = !errors.is_empty();
    let view = OpinionsView {
        waiting: waiting
            .iter()
            .map(|it| WaitingLine {
                kind: it.subject.kind(),
                name: named(ctx, it.subject).0,
                href: format!("{OPINIONS_PATH}/{}", it.subject),
            })
            .collect(),
        given: given
            .into_iter()
            .map(|(it, answer)| given_line(ctx, &it, answer))
            .collect(),
        has_body,
        required,
        settles: if ctx.may(Action::SetOpinionGate, Subject::Body) {
            Some(ctx.live()?.csrf())
        } else {
            None
        },
        errors,
    };
    let mut frame = ctx.frame(Place::Opinions);
    OPINIONS_PATH.clone_into(&mut frame.path);
    let mut response = html(opinions_page(&frame, &view));
    if wrong {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

/// `GET /opinions`
pub(in crate::http) fn list(ctx: &Ctx) -> Answer {
    ctx.gate(Action::ReadOpinions, Subject::Body)?;
    render_all(ctx, Vec::new())
}

/// `POST /opinions/gate`
pub(in crate::http) fn gate(ctx: &Ctx, form: &Form) -> Answer {
    ctx.gate(Action::SetOpinionGate, Subject::Body)?;
    let required = match form.get("required") {
        "yes" => true,
        "no" => false,
        _ => return Err(Fault::not_found()),
    };
    let note = match line(ctx.lang, form.get("note")) {
        Ok(note) => note,
        Err(said) => return render_all(ctx, vec![("note".to_owned(), said)]),
    };
    let command = Command::Opinion(Box::new(OpinionCommand::SetGate { required, note }));
    let actor = ctx.actor()?;
    match ctx.site.app.command_blocking(actor, command, Vec::new()) {
        Ok(_) => Ok(redirect(OPINIONS_PATH)),
        Err(error) => {
            let (_, said) = form_refusal(ctx.lang, error)?;
            render_all(ctx, vec![("main".to_owned(), said)])
        }
    }
}

/// The thing that the path names, at its state now; without a state where nothing waits.
fn asked(ctx: &Ctx) -> Result<(opinion::Subject, Option<u64>), Fault> {
    ctx.gate(Action::ReadOpinions, Subject::Body)?;
    let about = ctx.parameter("subject").parse();
    let about: opinion::Subject = about.map_err(|_| Fault::not_found())?;
    let world = ctx.site.app.world();
    let state = world.proposed_state(about, ctx.now);
    if state.is_none() && world.opinions.about(about).next().is_none() {
        return Err(Fault::not_found());
    }
    Ok((about, state))
}

/// The documents for an opinion, as they are now.
pub(in crate::http) fn documents(ctx: &Ctx, about: opinion::Subject) -> Exhibits {
    let assessment = standing(ctx);
    let site = &ctx.site;
    exhibits(&site.app, &site.catalogue, assessment.as_deref(), about)
}

/// What is said where checks say nothing of a thing.
fn without_results(exhibits: &Exhibits, about: opinion::Subject) -> &'static str {
    if !exhibits.is_assessed() {
        "opinion.not-assessed"
    } else if matches!(about, opinion::Subject::Rule(_)) {
        "opinion.binds-nothing"
    } else {
        "opinion.no-results"
    }
}

fn render(ctx: &Ctx, entered: (String, String), errors: Errors) -> Answer {
    let (about, state) = asked(ctx)?;
    let exhibits = documents(ctx, about);
    let (name, href) = named(ctx, about);
    let given = {
        let world = ctx.site.app.world();
        let on_this = state.and_then(|state| {
            world.opinion_on(Proposal {
                subject: about,
                state,
            })
        });
        let known = match state {
            Some(_) => on_this,
            None => world.opinions.about(about).next(),
        };
        known.map(given_state)
    };
    let results = exhibits.technical.results.iter().map(|it| {
        let row = it.of.parse().ok();
        let row = row.and_then(|id| ctx.site.catalogue.row(&id));
        let name = row.map_or_else(String::new, |row| {
            super::both(&row.text).get(ctx.lang).to_owned()
        });
        (name, it.clone())
    });
    let gives = state.is_some() && ctx.may(Action::GiveOpinion, Subject::Body);
    let wrong = !errors.is_empty();
    let view = OpinionView {
        kind: about.kind(),
        name,
        href,
        state: state.unwrap_or_default(),
        seen: exhibits.digest(),
        conflicts: exhibits
            .consistency
            .lines
            .iter()
            .map(|it| conflict_shown(ctx, it))
            .collect(),
        more: exhibits.consistency.more,
        results: results.collect(),
        no_results: without_results(&exhibits, about),
        given,
        gives: if gives {
            Some(ctx.live()?.csrf())
        } else {
            None
        },
        entered,
        errors,
    };
    let mut frame = ctx.frame(Place::Opinions);
    frame.path = format!("{OPINIONS_PATH}/{about}");
    let mut response = html(opinion_page(&frame, &view));
    if wrong {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

/// `GET /opinions/{subject}`
pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    render(ctx, (String::new(), String::new()), Vec::new())
}

/// `POST /opinions/{subject}`
pub(in crate::http) fn give(ctx: &Ctx, form: &Form) -> Answer {
    ctx.gate(Action::GiveOpinion, Subject::Body)?;
    let (about, _) = asked(ctx)?;
    let entered = (
        form.get("stance").to_owned(),
        form.get("sentence").to_owned(),
    );
    let mut errors = Errors::new();
    let stance = Stance::from_code(&entered.0);
    if stance.is_none() {
        let said = sentence(ctx.lang, "case.choose", &[]);
        errors.push(("stance".to_owned(), said));
    }
    let said = line(ctx.lang, &entered.1);
    if let Err(said) = &said {
        errors.push(("sentence".to_owned(), said.clone()));
    }
    let state = form.get("state").parse::<u64>();
    let state = state.map_err(|_| Fault::not_found())?;
    let (Some(stance), Ok(said)) = (stance, said) else {
        return render(ctx, entered, errors);
    };
    let exhibits = documents(ctx, about);
    let said = OpinionSaid {
        proposal: Proposal {
            subject: about,
            state,
        },
        stance,
        sentence: said,
    };
    let seen = form.get("seen");
    let app = &ctx.site.app;
    match app.give_opinion(ctx.actor()?, said, &exhibits, Some(seen)) {
        Ok(_) => Ok(redirect(OPINIONS_PATH)),
        Err(error) => {
            let (_, said) = form_refusal(ctx.lang, error)?;
            render(ctx, entered, vec![("main".to_owned(), said)])
        }
    }
}
