//! The promotion body's opinion on exceptions and conference tools: who may give it, and what is answered to it.

use sekisho_domain::actor::Actor;
use sekisho_domain::command::{
    Command, ExceptionAct, OpinionCommand, PermitAct, PermitCommand, RegisterCommand,
};
use sekisho_domain::event::BlobRef;
use sekisho_domain::field::{Value, Values};
use sekisho_domain::id::{AppointmentId, ConferenceToolId, PostId, StandInId};
use sekisho_domain::opinion::{Opinion, Proposal, Stance, Subject};
use sekisho_domain::permit::particulars::Exception;
use sekisho_domain::permit::{Particulars, PermitKind, Term};
use sekisho_domain::post::Post;
use sekisho_domain::register::Register;
use sekisho_domain::register::conference_tool::MeetingHost;
use sekisho_domain::role::Role;
use sekisho_domain::stand_in::{Absence, StandIn};
use sekisho_domain::time::Interval;

use super::asked::particulars;
use super::exceptions::{HOLD, err, exception, line, ok, on, running};
use super::scene::{
    CHIEF, COLLEAGUE, EXCEPTIONS, HEAD, STAFF, Scene, Who, approve, day, extend, permit, person,
    post_of,
};
use crate::commands::{act, fresh, name, officer, root, sealed};

const BODY: Who = Who(1020);
const OTHER_BODY: Who = Who(1021);

/// Gives someone a post of the whole besides what they hold.
fn also(scene: &mut Scene, who: Who, role: Role) {
    let first = Actor::person(officer());
    let post = PostId::new(fresh(who.0 + 20_000));
    let created = Post::created(post, root(), name("官職"), vec![role]);
    scene.must(&first, &Command::CreatePost(Box::new(created)));
    let appoint = Command::Appoint {
        id: AppointmentId::new(fresh(who.0 + 21_000)),
        person: person(who),
        post,
        valid: Interval::starting(scene.now),
    };
    scene.must(&first, &appoint);
}

/// Says something for the body on what is proposed now.
fn hear(scene: &mut Scene, who: Who, subject: Subject, stance: Stance) -> Result<usize, String> {
    let document = BlobRef {
        blob: "00".repeat(32),
        size: 2,
    };
    let state = scene.world.proposed_state(subject, scene.now).unwrap();
    let opinion = Box::new(Opinion {
        proposal: Proposal { subject, state },
        stance,
        sentence: line("整合性を確認した"),
        consistency: document.clone(),
        contradictions: 0,
        technical: document,
        results: 0,
    });
    let give = Command::Opinion(Box::new(OpinionCommand::Give { opinion }));
    let actor = Actor::person(person(who));
    act(&mut scene.world, &actor, &give, scene.now)
}

fn answering(text: &str) -> PermitAct {
    PermitAct::Approve {
        term: None,
        conditions: None,
        remark: None,
        answer: Some(line(text)),
    }
}

#[test]
fn an_objection_to_an_exception_is_answered_before_it_is_given() {
    let mut scene = Scene::new();
    scene.appoint(BODY, root(), Role::PromotionBody);
    let asked = Particulars::Exception(exception(day(10)));
    ok(scene.apply(1, STAFF, asked));
    let about = Subject::Exception(permit(1));
    ok(hear(&mut scene, BODY, about, Stance::Object));
    err(scene.act(1, EXCEPTIONS, approve()), "opinion.unanswered");
    assert!(scene.permit(1).grant().is_none());
    ok(scene.act(1, EXCEPTIONS, answering("急を要するため")));
    let weighed = &scene.world.opinions.weighed.last().unwrap().weighed;
    assert_eq!(weighed.proposal.subject, about);
    assert_eq!(weighed.answer, Some(line("急を要するため")));
}

#[test]
fn a_permit_that_is_no_exception_has_nothing_to_answer() {
    let mut scene = Scene::new();
    let telework = particulars(PermitKind::Telework, STAFF, "C1I1A1");
    ok(scene.apply(1, STAFF, telework));
    let answer = scene.act(1, CHIEF, answering("急を要するため"));
    err(answer, "opinion.nothing-to-answer");
    ok(scene.act(1, CHIEF, approve()));
}

#[test]
fn an_objection_to_a_later_end_is_answered_before_it_is_put_off() {
    let mut scene = Scene::new();
    running(&mut scene, 1);
    scene.appoint(BODY, root(), Role::PromotionBody);
    let until = day(60);
    let again = |later: bool, answer: Option<&str>| ExceptionAct::DecideAgain {
        until: later.then_some(until),
        next: day(20).jst_date(),
        answer: answer.map(line),
        for_everybody: false,
    };
    let by = (1, EXCEPTIONS);
    let said = Some("後継の準備に要するため");
    // Where the end stands, nobody was asked.
    let stands = on(&mut scene, by, &HOLD, again(false, said));
    err(stands, "opinion.nothing-to-answer");
    let reason = sealed(person(STAFF));
    ok(scene.act(1, STAFF, PermitAct::AskExtension { until, reason }));
    let about = Subject::Exception(permit(1));
    ok(hear(&mut scene, BODY, about, Stance::Object));
    let silent = on(&mut scene, by, &HOLD, again(true, None));
    err(silent, "opinion.unanswered");
    ok(on(&mut scene, by, &HOLD, again(true, said)));
    assert_eq!(scene.permit(1).grant().unwrap().term.until, until);
}

/// A conference tool of the whole in which 機密性2 may be handled, with somebody of the body.
fn a_tool_to_use() -> (Scene, ConferenceToolId) {
    let mut scene = Scene::new();
    scene.appoint(BODY, root(), Role::PromotionBody);
    let tool = ConferenceToolId::new(fresh(7_301));
    let owner = post_of(EXCEPTIONS).to_string();
    let fields = [
        ("name", "会議甲"),
        ("scope", "organisation"),
        ("owner", owner.as_str()),
        ("contract", "会議甲利用契約"),
        ("own", "c2"),
    ];
    scene.enter(HEAD, tool, Register::ConferenceTool, &fields);
    (scene, tool)
}

fn conference(tool: ConferenceToolId) -> Particulars {
    let mut asked = particulars(PermitKind::Conference, STAFF, "C1I1A1");
    let Particulars::Conference(it) = &mut asked else {
        panic!("{asked:?}")
    };
    (it.tool, it.host) = (tool, MeetingHost::Own);
    asked
}

#[test]
fn an_objection_to_a_conference_tool_is_answered_by_whoever_lets_it_be_used() {
    let (mut scene, tool) = a_tool_to_use();
    ok(scene.apply(1, STAFF, conference(tool)));
    err(scene.act(1, CHIEF, approve()), "opinion.tool-lacking");
    let about = Subject::Conference(tool);
    ok(hear(&mut scene, BODY, about, Stance::Object));
    err(scene.act(1, CHIEF, approve()), "opinion.unanswered");
    assert!(scene.permit(1).grant().is_none());
    ok(scene.act(1, CHIEF, answering("代わりの会議ツールがないため")));
    let weighed = &scene.world.opinions.weighed.last().unwrap().weighed;
    assert_eq!(weighed.proposal.subject, about);
    let answer = Some(line("代わりの会議ツールがないため"));
    assert_eq!(weighed.answer, answer);
    // And again where its end is put off.
    ok(scene.act(1, STAFF, PermitAct::Activate));
    let ask = |until| PermitAct::AskExtension {
        until,
        reason: sealed(person(STAFF)),
    };
    ok(scene.act(1, STAFF, ask(day(60))));
    err(scene.act(1, CHIEF, extend(None)), "opinion.unanswered");
    let answered = |until| PermitAct::Extend {
        until,
        answer: answer.clone(),
    };
    ok(scene.act(1, CHIEF, answered(None)));
    assert_eq!(scene.permit(1).grant().unwrap().term.until, day(60));
    assert_eq!(scene.world.opinions.weighed.len(), 2);
    // Once the body has agreed, nothing is to be answered.
    ok(hear(&mut scene, BODY, about, Stance::Agree));
    ok(scene.act(1, STAFF, ask(day(90))));
    let said = scene.act(1, CHIEF, answered(None));
    err(said, "opinion.nothing-to-answer");
    ok(scene.act(1, CHIEF, extend(None)));
    assert_eq!(scene.world.opinions.weighed.len(), 2);
}

#[test]
fn of_a_tool_that_others_host_the_body_is_not_heard_and_nothing_is_answered() {
    let (mut scene, _) = a_tool_to_use();
    let asked = particulars(PermitKind::Conference, STAFF, "C1I1A1");
    ok(scene.apply(1, STAFF, asked));
    let said = scene.act(1, CHIEF, answering("代わりの会議ツールがないため"));
    err(said, "opinion.nothing-to-answer");
    ok(scene.act(1, CHIEF, approve()));
    assert!(scene.world.opinions.weighed.is_empty());
}

#[test]
fn nobody_speaks_for_the_body_on_an_exception_that_is_theirs_or_that_they_decide() {
    let mut scene = Scene::new();
    scene.appoint(BODY, root(), Role::PromotionBody);
    for who in [STAFF, COLLEAGUE, EXCEPTIONS] {
        also(&mut scene, who, Role::PromotionBody);
    }
    let asked = Exception {
        people: vec![person(COLLEAGUE)],
        ..exception(day(10))
    };
    ok(scene.apply(1, STAFF, Particulars::Exception(asked)));
    let about = Subject::Exception(permit(1));
    for (who, code) in [
        (STAFF, "opinion.own-exception"),
        (COLLEAGUE, "opinion.own-exception"),
        (EXCEPTIONS, "opinion.decides-exception"),
    ] {
        err(hear(&mut scene, who, about, Stance::Agree), code);
    }
    ok(hear(&mut scene, BODY, about, Stance::Agree));
}

#[test]
fn who_spoke_for_the_body_on_an_exception_does_not_decide_on_it_as_a_stand_in() {
    let mut scene = Scene::new();
    scene.appoint(BODY, root(), Role::PromotionBody);
    let stand_in = PermitCommand::NameStandIn(StandIn {
        id: StandInId::new(fresh(1)),
        post: post_of(EXCEPTIONS),
        person: person(BODY),
        absence: Absence::Leave,
        kinds: Vec::new(),
        valid: Term {
            from: day(1),
            until: day(5),
        },
    });
    ok(scene.ask(&Actor::person(person(EXCEPTIONS)), stand_in));
    scene.now = day(1);
    ok(scene.apply(1, STAFF, Particulars::Exception(exception(day(10)))));
    let about = Subject::Exception(permit(1));
    ok(hear(&mut scene, BODY, about, Stance::Agree));
    err(scene.act(1, BODY, approve()), "opinion.decider-was-heard");
    ok(scene.act(1, EXCEPTIONS, approve()));
}

/// A conference tool that the head officer has entered, with two of the body, of whom one keeps tools too.
fn a_tool_of_the_whole() -> (Scene, ConferenceToolId) {
    let mut scene = Scene::new();
    scene.now = day(1);
    for who in [BODY, OTHER_BODY] {
        scene.appoint(who, root(), Role::PromotionBody);
    }
    also(&mut scene, BODY, Role::Hiso);
    let tool = ConferenceToolId::new(fresh(7_300));
    let owner = post_of(EXCEPTIONS).to_string();
    let fields = tool_fields("会議甲", &owner);
    scene.enter(HEAD, tool, Register::ConferenceTool, &fields);
    (scene, tool)
}

fn tool_fields<'a>(called: &'a str, owner: &'a str) -> [(&'a str, &'a str); 3] {
    [
        ("name", called),
        ("scope", "organisation"),
        ("owner", owner),
    ]
}

fn rename(tool: ConferenceToolId, called: &str) -> Command {
    let owner = post_of(EXCEPTIONS).to_string();
    let values: Values = tool_fields(called, &owner)
        .iter()
        .map(|(code, value)| ((*code).to_owned(), Value::Text((*value).to_owned())))
        .collect();
    Command::Register(Box::new(RegisterCommand::Change {
        id: tool.into(),
        unit: Some(root()),
        particulars: Register::ConferenceTool.read(&values).unwrap(),
        remark: None,
        expected: None,
    }))
}

/// Only who entered it was kept, so that whoever changed it afterwards spoke for the body on the change.
#[test]
fn whoever_changed_a_conference_tool_gives_no_opinion_on_the_change() {
    let (mut scene, tool) = a_tool_of_the_whole();
    let about = Subject::Conference(tool);
    ok(hear(&mut scene, BODY, about, Stance::Agree));
    scene.must(&Actor::person(person(BODY)), &rename(tool, "会議乙"));
    // Somebody else's change after it makes it no less theirs.
    scene.must(&Actor::person(officer()), &rename(tool, "会議丙"));
    let own = hear(&mut scene, BODY, about, Stance::Agree);
    err(own, "opinion.own-proposal");
    ok(hear(&mut scene, OTHER_BODY, about, Stance::Agree));
    // Once it was heard, what comes after it is weighed alone.
    scene.must(&Actor::person(officer()), &rename(tool, "会議丁"));
    ok(hear(&mut scene, BODY, about, Stance::Agree));
}

/// The first opinion let everybody speak who had written the entry, on the same state as well.
#[test]
fn whoever_changed_a_conference_tool_does_not_speak_on_it_after_another_has() {
    let (mut scene, tool) = a_tool_of_the_whole();
    let about = Subject::Conference(tool);
    scene.must(&Actor::person(person(BODY)), &rename(tool, "会議乙"));
    ok(hear(&mut scene, OTHER_BODY, about, Stance::Object));
    let own = hear(&mut scene, BODY, about, Stance::Agree);
    err(own, "opinion.own-proposal");
    ok(hear(&mut scene, OTHER_BODY, about, Stance::Agree));
    scene.must(&Actor::person(officer()), &rename(tool, "会議丙"));
    ok(hear(&mut scene, BODY, about, Stance::Agree));
}
