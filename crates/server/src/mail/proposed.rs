//! Letters about what is proposed: to the promotion body, which is to be heard, and to whoever approves once it
//! was.

use std::collections::{BTreeMap, BTreeSet};

use sekisho_domain::actor::Actor;
use sekisho_domain::authorise::{Action, GRANTS, Reach, Subject as About, authorise};
use sekisho_domain::command::{Weight, may_speak, risk_subject};
use sekisho_domain::id::PersonId;
use sekisho_domain::opinion::Subject;
use sekisho_domain::register::{ConferenceTool, Task};
use sekisho_domain::risk::RiskSubject;
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;
use sekisho_messages::{Lang, t, text};

use super::derive::Wanted;
use super::letter::{Letter, Words, in_parts, organisation, scope_name};
use super::reading::days_since;

/// Something that waits for a reader.
struct Waiting {
    subject: Subject,
    /// Whether it waits for approval, and not for an opinion.
    to_approve: bool,
    since: Timestamp,
}

/// What waits to be heard or approved, for each who may.
fn waiting(world: &World, now: Timestamp) -> Vec<(PersonId, Waiting)> {
    let gated = world.opinions.are_required() && world.has_promotion_body(now);
    let body = allowed(world, Action::GiveOpinion, About::Body, now);
    let mut all = Vec::new();
    for proposal in world.proposals(now) {
        let subject = proposal.subject;
        let given = world.opinion_on(proposal);
        let since = given.map(|it| it.at).or_else(|| since(world, subject));
        let Some(since) = since else { continue };
        let mut tell = |person: PersonId, to_approve: bool| {
            let waiting = Waiting {
                subject,
                to_approve,
                since,
            };
            all.push((person, waiting));
        };
        if given.is_none() {
            for person in &body {
                if may_speak(world, subject, *person, now).is_ok() {
                    tell(*person, false);
                }
            }
        }
        // Whoever decides on an exception was told of it when it was applied for.
        let ready = given.is_some() || (!gated && !matches!(subject, Subject::Exception(_)));
        if ready {
            for person in approvers(world, subject, now) {
                tell(person, true);
            }
        }
    }
    all
}

/// Since when a thing is proposed as it is; none where it is not.
fn since(world: &World, subject: Subject) -> Option<Timestamp> {
    let proposed = match subject {
        Subject::Plan(_) => world.plan.work.as_ref()?.proposed.as_ref(),
        Subject::Rule(rule) => {
            let document = world.rules.documents.get(&rule)?;
            document.work.as_ref()?.proposed.as_ref()
        }
        Subject::Risk(risk) => world.risks.work.get(&risk)?.proposed.as_ref(),
        Subject::Exception(permit) => return Some(world.permits.get(permit)?.changed_at),
        Subject::Conference(tool) => return Some(world.registers.entry(tool)?.changed_at),
    };
    proposed.map(|it| it.at)
}

/// The newest day of each reader.
pub(super) fn newest(
    days: impl Iterator<Item = (PersonId, Timestamp)>,
) -> BTreeMap<PersonId, Timestamp> {
    let mut newest: BTreeMap<PersonId, Timestamp> = BTreeMap::new();
    for (person, day) in days {
        let known = newest.entry(person).or_insert(day);
        *known = (*known).max(day);
    }
    newest
}

/// One letter a day to each for whom something came to wait, with all that waits for them then, and once more
/// where it still does days later: whoever writes often, or enters many things, fills nobody's mailbox.
pub(super) fn from_time(world: &World, now: Timestamp) -> Vec<Wanted> {
    let days = waiting(world, now).into_iter().flat_map(|(person, it)| {
        let come = days_since(world, it.since).into_iter();
        come.filter(|day| *day <= now).map(move |day| (person, day))
    });
    let letters = newest(days).into_iter().map(|(person, day)| {
        let key = format!("proposals/{}/{person}", day.as_millis());
        (key, person, Letter::ProposalsWaiting { day })
    });
    letters.collect()
}

/// What waits for a reader.
fn waiting_for(world: &World, reader: PersonId, now: Timestamp) -> Vec<Waiting> {
    let all = waiting(world, now).into_iter();
    all.filter(|(person, _)| *person == reader)
        .map(|(_, it)| it)
        .collect()
}

/// Whether anything waits for a reader.
pub(super) fn asks(world: &World, reader: PersonId, now: Timestamp) -> bool {
    !waiting_for(world, reader, now).is_empty()
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
fn path(subject: Subject, to_approve: bool) -> String {
    match subject {
        Subject::Plan(_) if to_approve => "/plan/draft".to_owned(),
        Subject::Rule(rule) if to_approve => format!("/rules/{rule}/draft"),
        Subject::Risk(risk) if to_approve => format!("/risks/{risk}"),
        Subject::Exception(permit) if to_approve => format!("/permits/{permit}"),
        _ => format!("/opinions/{subject}"),
    }
}

/// What a letter says: what waits for its reader, and where.
pub(super) fn words(
    world: &World,
    (reader, lang): (PersonId, Lang),
    base: &str,
    now: Timestamp,
) -> Words {
    let waiting = waiting_for(world, reader, now);
    let item = |it: &Waiting| {
        let kind = text(lang, format!("opinion.kind.{}", it.subject.kind()), &[]);
        let name = name(world, it.subject, lang, now);
        let url = format!("{base}{}", path(it.subject, it.to_approve));
        t!(
            lang,
            "letter.proposals-waiting.item",
            kind = &*kind,
            name = name.as_str(),
            url = url.as_str()
        )
        .into_owned()
    };
    let of = |to_approve: bool| -> Vec<String> {
        let of_kind = waiting.iter().filter(|it| it.to_approve == to_approve);
        of_kind.map(item).collect()
    };
    let parts = [
        (t!(lang, "letter.proposals-waiting.opinion"), of(false)),
        (t!(lang, "letter.proposals-waiting.approval"), of(true)),
    ];
    vec![
        ("organisation", organisation(world, lang)),
        ("n", waiting.len().to_string()),
        ("parts", in_parts(lang, parts)),
    ]
}

/// What a thing is called; its id where it has no name.
fn name(world: &World, subject: Subject, lang: Lang, now: Timestamp) -> String {
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
        Subject::Risk(risk) => {
            let work = world.risks.work.get(&risk);
            let of = work.map(|it| of_risk(world, it.content.subject, lang, now));
            return of.unwrap_or_else(|| risk.to_string());
        }
    };
    name.map_or_else(|| subject.to_string(), |name| name.as_str().to_owned())
}

/// What a risk assessment is of: the task, or the tasks of a unit or the whole.
pub(super) fn of_risk(world: &World, of: RiskSubject, lang: Lang, now: Timestamp) -> String {
    match of {
        RiskSubject::Task(task) => {
            let known = world.registers.get::<Task>(task);
            known.map_or_else(|| task.to_string(), |(_, it)| it.name.as_str().to_owned())
        }
        RiskSubject::Tasks(scope) => {
            let scope = scope_name(world, scope, lang, now);
            t!(lang, "risk.all-tasks", scope = scope.as_str()).into_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use sekisho_domain::event::{BlobRef, Event};
    use sekisho_domain::field::Value;
    use sekisho_domain::id::{ConferenceToolId, PostId, RuleId};
    use sekisho_domain::opinion::{Opinion, Proposal, Stance};
    use sekisho_domain::register::{EntryId, Register};
    use sekisho_domain::role::Role;
    use sekisho_domain::rule::{RuleContent, RuleDrafted, RuleHead, RuleProposed};

    use super::super::stage::{day, fresh, happens, holder, line, office};
    use super::*;

    /// Who is written to, and whether about something to approve.
    fn asked(world: &World) -> Vec<(PersonId, bool)> {
        let wanted = from_time(world, day(1)).into_iter();
        let all = wanted.map(|(_, who, _)| {
            let waiting = waiting_for(world, who, day(1));
            (who, waiting.iter().any(|it| it.to_approve))
        });
        all.collect()
    }

    fn keys(world: &World, n: i64) -> Vec<String> {
        let wanted = from_time(world, day(n)).into_iter();
        wanted.map(|(key, ..)| key).collect()
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
        assert_eq!(asked(&world), [(ciso, true)]);
        let body = holder(&mut world, 12, Role::PromotionBody);
        assert_eq!(asked(&world), [(body, false)]);
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
        assert_eq!(asked(&world), [(ciso, true)]);
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
        assert_eq!(asked(&world), [(other, false)]);
    }

    /// Every change of a tool was another letter to everybody of the body.
    #[test]
    fn tools_that_are_entered_and_changed_are_one_letter_a_day_that_names_them_all() {
        let mut world = office();
        let body = holder(&mut world, 12, Role::PromotionBody);
        let fields = |called: &str| {
            let owner = PostId::new(fresh(62)).to_string();
            let fields = [
                ("name", called),
                ("scope", "organisation"),
                ("owner", &owner),
            ];
            let values = fields.map(|(code, it)| (code.to_owned(), Value::Text(it.to_owned())));
            Register::ConferenceTool
                .read(&values.into_iter().collect())
                .unwrap()
        };
        let tool = |n: u8| EntryId::from(ConferenceToolId::new(fresh(n)));
        for n in [30, 31] {
            let event = Event::RegisterEntered {
                id: tool(n),
                unit: None,
                particulars: fields(&format!("会議{n}")),
                remark: None,
            };
            happens(&mut world, Actor::System, day(0), event);
        }
        let change = |world: &mut World, n: i64| {
            let event = Event::RegisterChanged {
                id: tool(30),
                unit: None,
                particulars: fields(&format!("会議改{n}")),
                remark: None,
            };
            happens(world, Actor::System, day(n), event);
        };
        // The day on which they came is gathered.
        assert!(keys(&world, 0).is_empty());
        let first = keys(&world, 1);
        assert_eq!(first.len(), 1);
        for _ in 0..5 {
            change(&mut world, 1);
        }
        assert_eq!(keys(&world, 1), first);
        let second = keys(&world, 2);
        assert_eq!(second.len(), 1);
        assert_ne!(second, first);
        let words = words(&world, (body, Lang::Ja), "https://sekisho.example", day(2));
        let parts = words.iter().find(|(name, _)| *name == "parts").unwrap();
        for named in ["会議改1", "会議31", "https://sekisho.example/opinions/"] {
            assert!(parts.1.contains(named), "{named}: {}", parts.1);
        }
        // A reminder of each day, and no more of what stays as it is.
        let later: BTreeSet<String> = (3..40).flat_map(|n| keys(&world, n)).collect();
        assert_eq!(later.difference(&second.into_iter().collect()).count(), 2);
    }
}
