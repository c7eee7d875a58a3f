//! Letters about what is proposed: to the promotion body, which is to be heard, and to whoever approves once it
//! was.

use std::collections::BTreeSet;

use sekisho_domain::actor::Actor;
use sekisho_domain::authorise::{Action, GRANTS, Reach, Subject as About, authorise};
use sekisho_domain::command::{Weight, may_speak, risk_subject};
use sekisho_domain::id::PersonId;
use sekisho_domain::opinion::{Proposal, Subject};
use sekisho_domain::register::ConferenceTool;
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;
use sekisho_messages::{Lang, text};

use super::derive::Wanted;
use super::letter::{Letter, Words, organisation};

/// What waits to be heard or approved, each once for the state that it is in: a change makes it another thing.
pub(super) fn from_time(world: &World, now: Timestamp) -> Vec<Wanted> {
    let gated = world.opinions.are_required() && world.has_promotion_body(now);
    let body = allowed(world, Action::GiveOpinion, About::Body, now);
    let mut wanted = Vec::new();
    for proposal in world.proposals(now) {
        let Proposal { subject, state } = proposal;
        let heard = world.opinion_on(proposal).is_some();
        if !heard {
            let speak = |who: &&PersonId| may_speak(world, subject, **who, now).is_ok();
            for person in body.iter().filter(speak) {
                let key = format!("opinion/{subject}/{state}/{person}");
                wanted.push((key, *person, Letter::OpinionAwaited { subject, state }));
            }
        }
        // Whoever decides on an exception was told of it when it was applied for.
        let ready = heard || (!gated && !matches!(subject, Subject::Exception(_)));
        if ready {
            for person in approvers(world, subject, now) {
                let key = format!("approve/{subject}/{state}/{person}");
                wanted.push((key, person, Letter::ToApprove { subject, state }));
            }
        }
    }
    wanted
}

/// Whether it is proposed still, at that state.
pub(super) fn stands(world: &World, subject: Subject, state: u64, now: Timestamp) -> bool {
    world.proposed_state(subject, now) == Some(state)
}

/// Who approves a thing, without those whose own it is. A conference tool is not approved.
fn approvers(world: &World, subject: Subject, now: Timestamp) -> Vec<PersonId> {
    match subject {
        Subject::Plan(_) => {
            let work = world.plan.work.iter();
            let hands = work.flat_map(|work| work.hands());
            others(world, Action::ApprovePlan, About::Body, hands, now)
        }
        Subject::Rule(rule) => {
            let document = world.rules.documents.get(&rule);
            let work = document.and_then(|it| it.work.as_ref()).into_iter();
            let hands = work.flat_map(|work| work.hands());
            others(world, Action::ApproveRule, About::Body, hands, now)
        }
        Subject::Risk(risk) => {
            let Some(work) = world.risks.work.get(&risk) else {
                return Vec::new();
            };
            let action = Weight::of(&work.content, &work.result).action();
            let about = risk_subject(world.risk_unit(&work.content, now));
            others(world, action, about, work.hands(), now)
        }
        Subject::Exception(permit) => {
            let Some(permit) = world.permits.get(permit) else {
                return Vec::new();
            };
            let Ok(route) = world.route_of(permit, now) else {
                return Vec::new();
            };
            let deciders = world.deciders(route.post, permit.kind(), permit.grade, now);
            let people = deciders.map(|(who, _)| who);
            let people: BTreeSet<PersonId> = people
                .filter(|who| !world.is_own_permit(permit, *who))
                .collect();
            people.into_iter().collect()
        }
        Subject::Conference(_) => Vec::new(),
    }
}

fn others<'a>(
    world: &World,
    action: Action,
    about: About,
    hands: impl Iterator<Item = &'a Actor>,
    now: Timestamp,
) -> Vec<PersonId> {
    let hands: Vec<PersonId> = hands.filter_map(|by| behind(world, by)).collect();
    let mut people = allowed(world, action, about, now);
    people.retain(|who| !hands.contains(who));
    people
}

/// The person behind an actor.
fn behind(world: &World, actor: &Actor) -> Option<PersonId> {
    match actor {
        Actor::Person { person, .. } => Some(*person),
        Actor::Service { token, .. } => world.tokens.get(token).map(|it| it.token.issuer),
        _ => None,
    }
}

/// Who may do something now, by the posts that they hold. The table only narrows whom the gate is asked for.
pub(super) fn allowed(
    world: &World,
    action: Action,
    about: About,
    now: Timestamp,
) -> Vec<PersonId> {
    let grants: Vec<_> = GRANTS.iter().filter(|it| it.action == action).collect();
    let posts = world.posts.values().filter(|post| {
        let mut of_post = grants.iter().filter(|it| post.roles.contains(&it.role));
        of_post.any(|grant| match (grant.reach, about) {
            (Reach::Unit, About::Unit(unit)) => world.unit_is_within(unit, post.unit, now),
            (Reach::Unit, About::Body) => false,
            _ => true,
        })
    });
    let people: BTreeSet<PersonId> = posts
        .flat_map(|post| world.holders(post.id, now))
        .filter(|who| authorise(world, &Actor::person(*who), action, about, now).is_ok())
        .collect();
    people.into_iter().collect()
}

/// Where on the console it is heard, or approved.
pub(super) fn path(subject: Subject, to_approve: bool) -> String {
    match subject {
        Subject::Plan(_) if to_approve => "/plan/draft".to_owned(),
        Subject::Rule(rule) if to_approve => format!("/rules/{rule}/draft"),
        Subject::Risk(risk) if to_approve => format!("/risks/{risk}"),
        Subject::Exception(permit) if to_approve => format!("/permits/{permit}"),
        _ => format!("/opinions/{subject}"),
    }
}

/// What a letter says of it: of which kind it is, and what it is called.
pub(super) fn words(world: &World, subject: Subject, lang: Lang) -> Words {
    let kind = text(lang, format!("opinion.kind.{}", subject.kind()), &[]);
    let name = match subject {
        Subject::Plan(_) => {
            let work = world.plan.work.as_ref();
            work.map(|it| it.content.head.title.clone())
        }
        Subject::Rule(rule) => {
            let document = world.rules.documents.get(&rule);
            let work = document.and_then(|it| it.work.as_ref());
            work.map(|it| it.content.head.title.clone())
        }
        Subject::Exception(permit) => {
            let permit = world.permits.get(permit);
            let exception = permit.and_then(|it| it.exception());
            exception.map(|it| it.requirement.clone())
        }
        Subject::Conference(tool) => {
            let tool = world.registers.get::<ConferenceTool>(tool);
            tool.map(|(_, it)| it.name.clone())
        }
        Subject::Risk(_) => None,
    };
    let name = name.map_or_else(|| "–".to_owned(), |name| name.as_str().to_owned());
    vec![
        ("organisation", organisation(world, lang)),
        ("kind", kind.into_owned()),
        ("name", name),
    ]
}

#[cfg(test)]
mod tests {
    use sekisho_domain::event::{BlobRef, Event};
    use sekisho_domain::id::{PostId, RuleId};
    use sekisho_domain::opinion::{Opinion, Stance};
    use sekisho_domain::role::Role;
    use sekisho_domain::rule::{RuleContent, RuleDrafted, RuleHead, RuleProposed};

    use super::super::stage::{day, fresh, happens, holder, line, office};
    use super::*;

    /// Who is written to, of what kind.
    fn asked(world: &World) -> Vec<(PersonId, &'static str)> {
        let wanted = from_time(world, day(1)).into_iter();
        wanted
            .map(|(_, who, letter)| (who, letter.kind()))
            .collect()
    }

    fn propose(world: &mut World, rule: RuleId, by: PersonId) {
        let head = RuleHead {
            title: line("持ち出しに関する規程"),
            title_en: None,
            owner: PostId::new(fresh(61)),
            acknowledge: false,
            units: Vec::new(),
            note: None,
        };
        let content = RuleContent {
            head,
            clauses: Vec::new(),
        };
        let drafted = Box::new(RuleDrafted { rule, content });
        let event = Event::RuleDrafted { drafted };
        happens(world, Actor::person(by), day(0), event);
        let proposed = RuleProposed { rule };
        let event = Event::RuleProposed { proposed };
        happens(world, Actor::person(by), day(0), event);
    }

    #[test]
    fn the_body_is_asked_first_and_whoever_approves_once_it_was_heard() {
        let mut world = office();
        let ciso = holder(&mut world, 10, Role::Ciso);
        let head = holder(&mut world, 11, Role::Hiso);
        let rule = RuleId::new(fresh(20));
        propose(&mut world, rule, head);
        // Nobody is there to be heard, and nobody approves what is their own.
        assert_eq!(asked(&world), [(ciso, "to-approve")]);
        let body = holder(&mut world, 12, Role::PromotionBody);
        assert_eq!(asked(&world), [(body, "opinion-awaited")]);
        let subject = Subject::Rule(rule);
        let state = world.proposed_state(subject, day(1)).unwrap();
        let document = BlobRef {
            blob: "00".repeat(32),
            size: 2,
        };
        let opinion = Box::new(Opinion {
            proposal: Proposal { subject, state },
            stance: Stance::Object,
            sentence: line("整合性を確認した"),
            consistency: document.clone(),
            contradictions: 0,
            technical: document,
            results: 0,
        });
        let event = Event::OpinionGiven { opinion };
        happens(&mut world, Actor::person(body), day(0), event);
        assert_eq!(asked(&world), [(ciso, "to-approve")]);
        let letter = Letter::OpinionAwaited { subject, state };
        assert!(!letter.has_a_point(&world, body, day(1)));
    }

    #[test]
    fn letters_are_read_back_from_the_form_in_which_they_are_stored() {
        let rule = RuleId::new(fresh(20));
        let subject = Subject::Rule(rule);
        let letter = Letter::ToApprove { subject, state: 2 };
        let stored = serde_json::json!({
            "letter": "to-approve",
            "subject": { "rule": rule.to_string() },
            "state": 2,
        });
        assert_eq!(serde_json::to_value(&letter).unwrap(), stored);
        assert_eq!(serde_json::from_value::<Letter>(stored).unwrap(), letter);
    }

    #[test]
    fn who_proposed_it_is_not_asked_to_speak_for_the_body() {
        let mut world = office();
        let author = holder(&mut world, 12, Role::PromotionBody);
        let other = holder(&mut world, 13, Role::PromotionBody);
        propose(&mut world, RuleId::new(fresh(20)), author);
        assert_eq!(asked(&world), [(other, "opinion-awaited")]);
    }
}
