//! Rules through their commands: from draft to approval, numbers of clauses, who has read what, conclusions;
//! and the gate of the promotion body's opinions.

use std::num::NonZeroU32;

use sekisho_domain::actor::Actor;
use sekisho_domain::command::{Command, OpinionCommand, PlanCommand, RuleCommand};
use sekisho_domain::event::BlobRef;
use sekisho_domain::id::{AppointmentId, ConferenceToolId, PlanId, PostId, RuleId};
use sekisho_domain::name::Line;
use sekisho_domain::opinion::{Heard, Opinion, Proposal, Stance, Subject};
use sekisho_domain::permit::PermitKind;
use sekisho_domain::post::Post;
use sekisho_domain::register::Register;
use sekisho_domain::role::Role;
use sekisho_domain::rule::{
    Clause, ClauseNumber, ClauseRef, ClauseTerms, ClauseText, Finding, RuleContent, RuleHead,
};
use sekisho_domain::time::{Interval, Timestamp};
use sekisho_domain::world::World;

use crate::commands::{act_with, fresh, name, officer, root};
use crate::permit::scene::{
    CISO, HEAD, OTHER_STAFF, SECTION, STAFF, Scene, Who, day, person, post_of, unit,
};

const BODY: Who = Who(1020);

fn rule() -> RuleId {
    RuleId::new(fresh(8_000))
}

fn line(text: &str) -> Line {
    Line::parse(text).unwrap()
}

fn blob(name: &str) -> BlobRef {
    BlobRef {
        blob: name.to_owned(),
        size: 1,
    }
}

fn number(n: u32) -> ClauseNumber {
    ClauseNumber(NonZeroU32::new(n).unwrap())
}

fn clause(n: u32, label: &str) -> Clause {
    Clause {
        number: number(n),
        text: ClauseText::parse("職員等は、許可を得る。").unwrap(),
        terms: ClauseTerms::labelled(line(label)),
    }
}

fn content(clauses: Vec<Clause>) -> RuleContent {
    RuleContent {
        head: RuleHead {
            title: line("持ち出しに関する規程"),
            title_en: None,
            owner: post_of(CISO),
            acknowledge: true,
            units: vec![unit(SECTION)],
            note: None,
        },
        clauses,
    }
}

fn head() -> Actor {
    Actor::person(officer())
}

fn ciso() -> Actor {
    Actor::person(person(CISO))
}

fn ask(scene: &mut Scene, actor: &Actor, command: RuleCommand) -> Result<usize, String> {
    let command = Command::Rule(Box::new(command));
    let now = scene.now;
    act_with(
        &mut scene.world,
        actor,
        &command,
        now,
        &sekisho_domain::world::NoDocuments,
    )
}

fn write(clauses: Vec<Clause>) -> RuleCommand {
    RuleCommand::Write {
        rule: rule(),
        content: Box::new(content(clauses)),
        expected: None,
    }
}

fn propose() -> RuleCommand {
    RuleCommand::Propose {
        rule: rule(),
        expected: None,
    }
}

fn approve(from: Option<Timestamp>, answer: Option<&str>) -> RuleCommand {
    RuleCommand::Approve {
        rule: rule(),
        expected: None,
        from,
        answer: answer.map(line),
    }
}

fn refused(code: &str) -> Result<usize, String> {
    Err(code.to_owned())
}

/// A scene in which these clauses are in force.
fn in_force(clauses: Vec<Clause>) -> Scene {
    let mut scene = Scene::new();
    scene.now = day(1);
    adopt(&mut scene, clauses);
    scene
}

fn adopt(scene: &mut Scene, clauses: Vec<Clause>) {
    assert_eq!(ask(scene, &head(), write(clauses)), Ok(1));
    assert_eq!(ask(scene, &head(), propose()), Ok(1));
    assert_eq!(ask(scene, &ciso(), approve(None, None)), Ok(2));
}

#[test]
fn a_rule_goes_from_draft_to_approval_and_nobody_approves_their_own() {
    let mut scene = Scene::new();
    scene.now = day(1);
    let staff = Actor::person(person(STAFF));
    let clauses = vec![clause(1, "第1条"), clause(2, "第2条")];
    assert_eq!(
        ask(&mut scene, &staff, write(clauses.clone())),
        refused("authorise.no-authority")
    );
    assert_eq!(
        ask(&mut scene, &head(), propose()),
        refused("rule.not-in-work")
    );
    assert_eq!(ask(&mut scene, &head(), write(Vec::new())), Ok(1));
    assert_eq!(
        ask(&mut scene, &head(), propose()),
        refused("rule.no-clauses")
    );
    assert_eq!(ask(&mut scene, &head(), write(clauses.clone())), Ok(1));
    assert_eq!(ask(&mut scene, &head(), write(clauses.clone())), Ok(0));
    assert_eq!(
        ask(&mut scene, &ciso(), approve(None, None)),
        refused("rule.not-proposed")
    );
    assert_eq!(ask(&mut scene, &head(), propose()), Ok(1));
    assert_eq!(
        ask(&mut scene, &head(), write(clauses)),
        refused("rule.is-proposed")
    );
    assert_eq!(
        ask(&mut scene, &head(), approve(None, None)),
        refused("rule.own-proposal")
    );
    let stale = RuleCommand::Approve {
        rule: rule(),
        expected: Some(1),
        from: None,
        answer: None,
    };
    assert_eq!(ask(&mut scene, &ciso(), stale), refused("command.stale"));
    assert_eq!(
        ask(&mut scene, &ciso(), approve(Some(day(400)), None)),
        refused("rule.from")
    );
    assert_eq!(ask(&mut scene, &ciso(), approve(Some(day(5)), None)), Ok(2));
    let rules = &scene.world.rules;
    assert!(rules.in_force(day(4)).next().is_none());
    let (document, version) = rules.in_force(day(5)).next().unwrap();
    assert_eq!((version.version, document.last_clause), (1, 2));
    let of = ClauseRef {
        rule: rule(),
        clause: number(2),
    };
    assert_eq!(
        rules.clause(of, day(5)).unwrap().terms.label.as_str(),
        "第2条"
    );
    // A snapshot holds all of it.
    let stored = serde_json::to_vec(&scene.world.frozen()).unwrap();
    let read: World = serde_json::from_slice(&stored).unwrap();
    assert_eq!(read.rules, scene.world.rules);
    assert_eq!(read.opinions, scene.world.opinions);
}

#[test]
fn numbers_of_clauses_are_given_once_and_a_rule_without_clauses_is_out_of_force() {
    let mut scene = in_force(vec![clause(1, "第1条"), clause(2, "第2条")]);
    adopt(&mut scene, vec![clause(2, "第1条")]);
    for (wrong, code) in [
        (
            vec![clause(1, "第1条"), clause(2, "第2条")],
            "rule.number-gone",
        ),
        (
            vec![clause(2, "第1条"), clause(2, "第2条")],
            "rule.number-twice",
        ),
        (
            vec![clause(2, "第1条"), clause(3, "第1条")],
            "rule.label-twice",
        ),
        (vec![clause(999_999, "第1条")], "rule.number-far"),
    ] {
        assert_eq!(ask(&mut scene, &head(), write(wrong)), refused(code));
    }
    assert_eq!(
        ask(&mut scene, &head(), write(vec![clause(2, "第1条")])),
        Ok(1)
    );
    assert_eq!(
        ask(&mut scene, &head(), propose()),
        refused("rule.unchanged")
    );
    adopt(&mut scene, vec![clause(2, "第1条"), clause(3, "第2条")]);
    adopt(&mut scene, Vec::new());
    let document = &scene.world.rules.documents[&rule()];
    assert_eq!((document.versions.len(), document.last_clause), (4, 3));
    assert!(document.in_force(day(1)).is_none());
    assert_eq!(
        ask(&mut scene, &head(), write(vec![clause(3, "第2条")])),
        refused("rule.number-gone")
    );
}

#[test]
fn what_a_clause_cannot_say_is_refused() {
    let mut scene = Scene::new();
    let mut forbids = clause(1, "第1条");
    forbids.terms.forbids = true;
    forbids.terms.days = Some(3);
    let mut approver = clause(1, "第1条");
    approver.terms.approver = sekisho_domain::rule::Approver::from_code("diso");
    let mut days = clause(1, "第1条");
    days.terms.days = Some(0);
    days.terms.permits = vec![PermitKind::Telework];
    let mut task = clause(1, "第1条");
    task.terms.task = Some(sekisho_domain::id::TaskId::new(fresh(4_242)));
    let mut measure = clause(1, "第1条");
    let case = sekisho_domain::id::CaseId::new(fresh(4_243));
    measure.terms.measures = vec![sekisho_domain::rule::MeasureRef::Case(case)];
    for (clause, code) in [
        (forbids, "rule.forbids-and-allows"),
        (approver, "rule.approver-of-what"),
        (days, "rule.days"),
        (task, "rule.reference-unknown"),
        (measure, "rule.reference-unknown"),
    ] {
        assert_eq!(ask(&mut scene, &head(), write(vec![clause])), refused(code));
    }
}

fn read(version: u32, who: Who) -> RuleCommand {
    RuleCommand::Acknowledge {
        rule: rule(),
        version,
        person: person(who),
    }
}

#[test]
fn each_person_says_once_for_a_version_to_have_read_it() {
    let mut scene = in_force(vec![clause(1, "第1条")]);
    let staff = Actor::person(person(STAFF));
    let other = Actor::person(person(OTHER_STAFF));
    assert_eq!(
        scene.world.rules_to_read(person(STAFF), scene.now),
        [(rule(), 1)]
    );
    assert_eq!(
        ask(&mut scene, &staff, read(1, OTHER_STAFF)),
        refused("authorise.out-of-reach")
    );
    assert_eq!(
        ask(&mut scene, &other, read(1, OTHER_STAFF)),
        refused("rule.concerns-others")
    );
    assert_eq!(
        ask(&mut scene, &staff, read(2, STAFF)),
        refused("command.stale")
    );
    assert_eq!(ask(&mut scene, &staff, read(1, STAFF)), Ok(1));
    assert_eq!(
        ask(&mut scene, &staff, read(1, STAFF)),
        refused("rule.acknowledged")
    );
    let count = |scene: &Scene| {
        let document = &scene.world.rules.documents[&rule()];
        let version = document.in_force(scene.now).unwrap();
        let readers = scene.world.rule_read(document, version, scene.now);
        (readers.concerned, readers.read)
    };
    let (concerned, read_by) = count(&scene);
    assert_eq!(read_by, 1);
    assert!(concerned > 1);
    // Another version is to be read anew.
    adopt(&mut scene, vec![clause(1, "第1条の2")]);
    assert_eq!(count(&scene), (concerned, 0));
    assert_eq!(ask(&mut scene, &staff, read(2, STAFF)), Ok(1));
}

fn conclude(finding: Finding) -> RuleCommand {
    RuleCommand::Check {
        rule: rule(),
        version: 1,
        finding,
        note: line("所見"),
        report: blob("report"),
    }
}

#[test]
fn a_rule_found_wanting_waits_for_a_later_version() {
    let mut scene = in_force(vec![clause(1, "第1条")]);
    let waiting = |scene: &Scene| {
        scene.world.rules.documents[&rule()]
            .to_revise(scene.now)
            .count()
    };
    assert_eq!(ask(&mut scene, &head(), conclude(Finding::Works)), Ok(1));
    assert_eq!(waiting(&scene), 0);
    scene.now = day(2);
    assert_eq!(ask(&mut scene, &head(), conclude(Finding::Wanting)), Ok(1));
    assert_eq!(waiting(&scene), 1);
    scene.now = day(3);
    adopt(&mut scene, vec![clause(1, "第1条"), clause(2, "第2条")]);
    assert_eq!(waiting(&scene), 0);
    assert_eq!(
        ask(&mut scene, &head(), conclude(Finding::Works)),
        refused("command.stale")
    );
}

fn opinion(stance: Stance, state: u64, subject: Subject) -> Command {
    let opinion = Opinion {
        proposal: Proposal { subject, state },
        stance,
        sentence: line("整合性を確認した"),
        consistency: blob("conflicts"),
        contradictions: 0,
        technical: blob("technical"),
        results: 1,
    };
    let opinion = Box::new(opinion);
    Command::Opinion(Box::new(OpinionCommand::Give { opinion }))
}

fn say(scene: &mut Scene, who: &Actor, command: &Command) -> Result<usize, String> {
    let now = scene.now;
    act_with(
        &mut scene.world,
        who,
        command,
        now,
        &sekisho_domain::world::NoDocuments,
    )
}

#[test]
fn approval_waits_for_an_opinion_on_precisely_what_is_approved() {
    let mut scene = Scene::new();
    scene.now = day(1);
    scene.appoint(BODY, root(), Role::PromotionBody);
    let body = Actor::person(person(BODY));
    let about = Subject::Rule(rule());
    let state = |scene: &Scene| scene.world.proposed_state(about, scene.now).unwrap();
    ask(&mut scene, &head(), write(vec![clause(1, "第1条")])).unwrap();
    assert_eq!(
        say(&mut scene, &body, &opinion(Stance::Agree, 1, about)),
        refused("opinion.nothing-proposed")
    );
    ask(&mut scene, &head(), propose()).unwrap();
    assert_eq!(
        ask(&mut scene, &ciso(), approve(None, None)),
        refused("opinion.lacking")
    );
    assert_eq!(
        say(&mut scene, &head(), &opinion(Stance::Agree, 2, about)),
        refused("authorise.no-authority")
    );
    assert_eq!(
        say(&mut scene, &body, &opinion(Stance::Agree, 1, about)),
        refused("command.stale")
    );
    let now = state(&scene);
    assert_eq!(
        say(&mut scene, &body, &opinion(Stance::Agree, now, about)),
        Ok(1)
    );
    // What is changed afterwards is another thing.
    let reason = line("見直すこと");
    let back = RuleCommand::SendBack {
        rule: rule(),
        reason,
    };
    ask(&mut scene, &ciso(), back).unwrap();
    ask(&mut scene, &head(), write(vec![clause(1, "第一条")])).unwrap();
    ask(&mut scene, &head(), propose()).unwrap();
    assert_eq!(
        ask(&mut scene, &ciso(), approve(None, None)),
        refused("opinion.lacking")
    );
    let now = state(&scene);
    assert_eq!(
        say(&mut scene, &body, &opinion(Stance::Object, now, about)),
        Ok(1)
    );
    assert_eq!(
        ask(&mut scene, &ciso(), approve(None, None)),
        refused("opinion.unanswered")
    );
    assert_eq!(
        ask(&mut scene, &ciso(), approve(None, Some("急を要するため"))),
        Ok(2)
    );
    let weighed = &scene.world.opinions.weighed.last().unwrap().weighed;
    assert_eq!(weighed.heard, Heard::Opinion);
    assert_eq!(weighed.answer, Some(line("急を要するため")));
    let document = &scene.world.rules.documents[&rule()];
    assert_eq!(weighed.proposal.state, document.versions[0].revision);
}

/// Whoever entered a tool once gave the opinion on it.
#[test]
fn whoever_entered_a_conference_tool_gives_no_opinion_on_it() {
    let mut scene = Scene::new();
    scene.now = day(1);
    scene.appoint(BODY, root(), Role::PromotionBody);
    let post = PostId::new(fresh(7_100));
    let created = Post::created(post, root(), name("官職"), vec![Role::Hiso]);
    scene.must(&head(), &Command::CreatePost(Box::new(created)));
    let appoint = Command::Appoint {
        id: AppointmentId::new(fresh(7_101)),
        person: person(BODY),
        post,
        valid: Interval::starting(scene.now),
    };
    scene.must(&head(), &appoint);
    let body = Actor::person(person(BODY));
    for (who, n, called, expected) in [
        (BODY, 7_200, "会議甲", refused("opinion.own-proposal")),
        (HEAD, 7_201, "会議乙", Ok(1)),
    ] {
        let tool = ConferenceToolId::new(fresh(n));
        let owner = post.to_string();
        let fields = [
            ("name", called),
            ("scope", "organisation"),
            ("owner", owner.as_str()),
        ];
        scene.enter(who, tool, Register::ConferenceTool, &fields);
        let about = Subject::Conference(tool);
        let state = scene.world.proposed_state(about, scene.now).unwrap();
        let said = say(&mut scene, &body, &opinion(Stance::Agree, state, about));
        assert_eq!(said, expected);
    }
}

/// Its id was once written under again, and the opinion on the dropped draft counted.
#[test]
fn a_draft_that_was_dropped_leaves_its_opinion_to_no_other() {
    let mut scene = Scene::new();
    scene.now = day(1);
    scene.appoint(BODY, root(), Role::PromotionBody);
    let body = Actor::person(person(BODY));
    let about = Subject::Rule(rule());
    ask(&mut scene, &head(), write(vec![clause(1, "第1条")])).unwrap();
    ask(&mut scene, &head(), propose()).unwrap();
    let state = scene.world.proposed_state(about, scene.now).unwrap();
    say(&mut scene, &body, &opinion(Stance::Agree, state, about)).unwrap();
    ask(&mut scene, &head(), RuleCommand::Drop { rule: rule() }).unwrap();
    assert_eq!(
        ask(&mut scene, &head(), write(vec![clause(1, "別の条")])),
        refused("rule.not-in-work")
    );
}

#[test]
fn the_body_gives_no_opinion_on_its_own_draft_and_the_gate_can_be_left_open() {
    let mut scene = Scene::new();
    scene.now = day(1);
    scene.appoint(BODY, root(), Role::PromotionBody);
    let body = Actor::person(person(BODY));
    let about = Subject::Rule(rule());
    ask(&mut scene, &body, write(vec![clause(1, "第1条")])).unwrap();
    ask(&mut scene, &body, propose()).unwrap();
    let state = scene.world.proposed_state(about, scene.now).unwrap();
    assert_eq!(
        say(&mut scene, &body, &opinion(Stance::Agree, state, about)),
        refused("opinion.own-proposal")
    );
    let gate = |required| {
        let note = line("体制が整うまでの間");
        Command::Opinion(Box::new(OpinionCommand::SetGate { required, note }))
    };
    assert_eq!(
        say(&mut scene, &head(), &gate(true)),
        refused("opinion.gate-unchanged")
    );
    assert_eq!(say(&mut scene, &head(), &gate(false)), Ok(1));
    assert_eq!(ask(&mut scene, &ciso(), approve(None, None)), Ok(2));
    let weighed = &scene.world.opinions.weighed.last().unwrap().weighed;
    assert_eq!(weighed.heard, Heard::None);
    // A plan is held to the same gate.
    let plan = Subject::Plan(PlanId::new(fresh(7_000)));
    assert_eq!(scene.world.proposed_state(plan, scene.now), None);
    let drop = PlanCommand::Drop {
        plan: PlanId::new(fresh(7_000)),
    };
    let drop = Command::Plan(Box::new(drop));
    assert_eq!(say(&mut scene, &head(), &drop), refused("plan.not-in-work"));
}
