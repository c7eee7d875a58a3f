//! Risk assessments through their commands: from draft to approval, who decides, what a high one needs, that
//! an approval closes the cases it answers, and what permits it refuses.

use sekisho_domain::actor::Actor;
use sekisho_domain::command::{
    CaseFound, Command, Evaluated, PermitCommand, PlanCommand, RegisterCommand, RiskCommand,
    Weight, decide,
};
use sekisho_domain::event::BlobRef;
use sekisho_domain::field::Value;
use sekisho_domain::id::{CaseId, RiskId, TaskId, UnitId};
use sekisho_domain::name::Line;
use sekisho_domain::permit::particulars::{Telework, TeleworkPlace};
use sekisho_domain::permit::{Particulars, Term};
use sekisho_domain::plan::{
    CaseScope, Conclusion, Figure, FrozenUse, Measure, PlanDecision, PlanEvaluated, Reassessment,
    RiskLevel, Trigger,
};
use sekisho_domain::register::Register;
use sekisho_domain::risk::{
    ACCEPTED_DAYS, Answer, Answered, INPUTS_DAYS, Lowered, Question, Rank, RiskContent, RiskResult,
    RiskSubject, Scenario, ScenarioResult, TaskLimit, Treatment,
};
use sekisho_domain::time::Span;
use sekisho_domain::world::NoDocuments;

use super::planned::{in_force, line};
use super::scene::{
    BUREAU_HEAD, CHIEF, CISO, OTHER_CHIEF, SECTION, STAFF, SYSTEMS, Scene, application, day,
    permit, person, unit,
};
use crate::commands::{act_with, fresh, officer};

pub(super) fn risk() -> RiskId {
    RiskId::new(fresh(7_100))
}

pub(super) fn task() -> TaskId {
    TaskId::new(fresh(900))
}

fn section() -> Option<UnitId> {
    Some(unit(SECTION))
}

pub(super) fn of_section() -> RiskSubject {
    RiskSubject::Tasks(CaseScope::Unit(unit(SECTION)))
}

pub(super) fn content(subject: RiskSubject, treatments: Vec<Treatment>) -> RiskContent {
    let named = |it: &Treatment| matches!(it, Treatment::Measure { .. } | Treatment::Condition(_));
    let conclusion = if treatments.iter().any(named) {
        Conclusion::Measures
    } else {
        Conclusion::Unchanged
    };
    RiskContent {
        subject,
        grade: "C3I2A2".parse().unwrap(),
        places: vec![TeleworkPlace::Home],
        cases: Vec::new(),
        answers: Question::ALL.iter().map(|it| (*it, Answer::No)).collect(),
        raised: Vec::new(),
        lowered: Vec::new(),
        conclusion,
        reason: Line::parse("紛失が続いたため").unwrap(),
        treatments,
    }
}

fn found(level: RiskLevel) -> RiskResult {
    let risk = if level == RiskLevel::High { 9 } else { 3 };
    RiskResult {
        importance: Rank::Three,
        scenarios: vec![ScenarioResult {
            scenario: Scenario::Loss,
            threat: Rank::Three,
            weakness: Rank::Three,
            likelihood: Rank::Three,
            risk,
        }],
        risk,
        level,
    }
}

pub(super) fn actor(who: super::scene::Who) -> Actor {
    Actor::person(person(who))
}

pub(super) fn ask(scene: &mut Scene, actor: &Actor, command: RiskCommand) -> Result<usize, String> {
    let command = Command::Risk(Box::new(command));
    act_with(&mut scene.world, actor, &command, scene.now, &NoDocuments)
}

pub(super) fn write(unit: Option<UnitId>, content: RiskContent, level: RiskLevel) -> RiskCommand {
    RiskCommand::Write {
        risk: risk(),
        unit,
        content: Box::new(content),
        frozen: BlobRef {
            blob: "frozen".to_owned(),
            size: 1,
        },
        result: Box::new(found(level)),
        expected: None,
    }
}

pub(super) fn propose(unit: Option<UnitId>) -> RiskCommand {
    RiskCommand::Propose {
        risk: risk(),
        unit,
        expected: None,
    }
}

pub(super) fn approve(unit: Option<UnitId>, weight: Weight) -> RiskCommand {
    RiskCommand::Approve {
        risk: risk(),
        unit,
        weight,
        expected: None,
        answer: None,
    }
}

pub(super) fn refused(code: &str) -> Result<usize, String> {
    Err(code.to_owned())
}

/// Whose tasks: that of the scene belongs to the unit that its register says.
pub(super) fn own_unit(scene: &Scene) -> Option<UnitId> {
    let subject = RiskSubject::Task(task());
    scene.world.risk_subject_unit(subject, scene.now)
}

pub(super) fn begun() -> Scene {
    let mut scene = Scene::new();
    scene.now = day(1);
    scene
}

#[test]
fn an_assessment_goes_from_draft_to_approval_and_nobody_approves_their_own() {
    let mut scene = begun();
    let unit = own_unit(&scene);
    let head = Actor::person(officer());
    let body = content(RiskSubject::Task(task()), Vec::new());
    let staff = ask(
        &mut scene,
        &actor(STAFF),
        write(unit, body.clone(), RiskLevel::Low),
    );
    assert_eq!(staff, refused("authorise.no-authority"));
    let elsewhere = write(section(), body.clone(), RiskLevel::Low);
    if unit != section() {
        assert_eq!(
            ask(&mut scene, &head, elsewhere),
            refused("risk.other-unit")
        );
    }
    let low = write(unit, body, RiskLevel::Low);
    assert_eq!(ask(&mut scene, &head, low.clone()), Ok(1));
    let early = approve(unit, Weight::Ordinary);
    assert_eq!(
        ask(&mut scene, &actor(CISO), early.clone()),
        refused("risk.not-proposed")
    );
    assert_eq!(ask(&mut scene, &head, propose(unit)), Ok(1));
    assert_eq!(ask(&mut scene, &head, low), refused("risk.is-proposed"));
    assert_eq!(
        ask(&mut scene, &head, early.clone()),
        refused("risk.own-proposal")
    );
    // Whoever asks for another decision than it is has not asked for it.
    let other = approve(unit, Weight::High);
    assert_eq!(
        ask(&mut scene, &actor(CISO), other),
        refused("risk.other-weight")
    );
    let back = RiskCommand::SendBack {
        risk: risk(),
        unit,
        weight: Weight::Ordinary,
        reason: Line::parse("理由を具体的に").unwrap(),
    };
    assert_eq!(ask(&mut scene, &actor(CISO), back), Ok(1));
    assert_eq!(ask(&mut scene, &head, propose(unit)), Ok(1));
    scene.now = scene.now.after(Span::days(INPUTS_DAYS + 1));
    assert_eq!(
        ask(&mut scene, &actor(CISO), early.clone()),
        refused("risk.inputs-old")
    );
    scene.now = day(1);
    // With it stands that there is no promotion body to hear.
    assert_eq!(ask(&mut scene, &actor(CISO), early), Ok(2));
    let risks = &scene.world.risks;
    assert!(risks.work.is_empty() && risks.limiting.is_empty());
    assert_eq!(risks.of(RiskSubject::Task(task())).unwrap().risk, risk());
}

#[test]
fn a_high_risk_needs_a_treatment_and_an_acceptance_the_ciso() {
    let mut scene = begun();
    let unit = own_unit(&scene);
    let head = Actor::person(officer());
    let of = |treatments| content(RiskSubject::Task(task()), treatments);
    let draft = |treatments| write(unit, of(treatments), RiskLevel::High);
    assert_eq!(ask(&mut scene, &head, draft(Vec::new())), Ok(1));
    let bare = refused("risk.high-without-treatment");
    assert_eq!(ask(&mut scene, &head, propose(unit)), bare);
    let nothing = vec![Treatment::Limit(TaskLimit::default())];
    assert_eq!(
        ask(&mut scene, &head, draft(nothing)),
        refused("risk.limits-nothing")
    );
    let until = |days| Treatment::Accept {
        until: day(1).after(Span::days(days)),
    };
    for days in [0, ACCEPTED_DAYS + 1] {
        let wrong = ask(&mut scene, &head, draft(vec![until(days)]));
        assert_eq!(wrong, refused("risk.acceptance-term"), "{days}");
    }
    assert_eq!(
        ask(&mut scene, &head, draft(vec![until(ACCEPTED_DAYS)])),
        Ok(1)
    );
    assert_eq!(ask(&mut scene, &head, propose(unit)), Ok(1));
    // Not even the head of information security accepts one.
    let accept = approve(unit, Weight::Accepted);
    assert_eq!(
        ask(&mut scene, &head, accept.clone()),
        refused("authorise.no-authority")
    );
    assert_eq!(ask(&mut scene, &actor(CISO), accept), Ok(2));
    let version = &scene.world.risks.approved[&risk()];
    let world = &scene.world;
    assert!(!version.stops(world, scene.now) && version.is_acted_on(world, scene.now));
    let over = day(1).after(Span::days(ACCEPTED_DAYS));
    assert!(version.stops(world, over) && !version.is_acted_on(world, over));
}

/// A task of the section, of C2.
fn section_task(scene: &mut Scene) -> RiskSubject {
    let task = TaskId::new(fresh(950));
    let fields = [("name", "窓口"), ("grade", "C2I1A1"), ("state", "allowed")];
    let values = fields
        .iter()
        .map(|(code, value)| ((*code).to_owned(), Value::Text((*value).to_owned())));
    let enter = Command::Register(Box::new(RegisterCommand::Enter {
        id: task.into(),
        unit: section(),
        particulars: Register::Task.read(&values.collect()).unwrap(),
        remark: None,
    }));
    let now = scene.now;
    let head = Actor::person(officer());
    act_with(&mut scene.world, &head, &enter, now, &NoDocuments).unwrap();
    RiskSubject::Task(task)
}

#[test]
fn a_section_decides_on_its_own_and_a_high_risk_goes_up() {
    let mut scene = begun();
    let none = content(of_section(), Vec::new());
    let none = ask(
        &mut scene,
        &actor(CHIEF),
        write(section(), none, RiskLevel::Low),
    );
    assert_eq!(none, refused("risk.no-task"));
    let task = section_task(&mut scene);
    for subject in [task, of_section()] {
        let body = content(subject, Vec::new());
        let draft = write(section(), body.clone(), RiskLevel::Low);
        let other = ask(&mut scene, &actor(OTHER_CHIEF), draft.clone());
        assert_eq!(other, refused("authorise.out-of-reach"));
        assert_eq!(ask(&mut scene, &actor(CHIEF), draft), Ok(1));
        assert_eq!(ask(&mut scene, &actor(CHIEF), propose(section())), Ok(1));
        let drop = RiskCommand::SendBack {
            risk: risk(),
            unit: section(),
            weight: Weight::Ordinary,
            reason: Line::parse("やり直し").unwrap(),
        };
        assert_eq!(ask(&mut scene, &actor(BUREAU_HEAD), drop), Ok(1));
        let high = write(
            section(),
            content(subject, vec![Treatment::Stop]),
            RiskLevel::High,
        );
        assert_eq!(ask(&mut scene, &actor(CHIEF), high), Ok(1));
        assert_eq!(ask(&mut scene, &actor(CHIEF), propose(section())), Ok(1));
        let up = approve(section(), Weight::High);
        let no = refused("authorise.no-authority");
        assert_eq!(ask(&mut scene, &actor(BUREAU_HEAD), up), no);
        let back = RiskCommand::SendBack {
            risk: risk(),
            unit: section(),
            weight: Weight::High,
            reason: Line::parse("やり直し").unwrap(),
        };
        assert_eq!(ask(&mut scene, &actor(CISO), back), Ok(1));
        let drop = RiskCommand::Drop {
            risk: risk(),
            unit: section(),
        };
        assert_eq!(ask(&mut scene, &actor(CHIEF), drop), Ok(1));
    }
}

#[test]
fn a_section_approves_what_is_not_high() {
    let mut scene = begun();
    let task = section_task(&mut scene);
    let low = content(task, Vec::new());
    let low = RiskContent {
        grade: "C1I2A2".parse().unwrap(),
        ..low
    };
    let too_low = ask(
        &mut scene,
        &actor(CHIEF),
        write(section(), low, RiskLevel::Low),
    );
    assert_eq!(too_low, refused("risk.grade-too-low"));
    let fine = write(section(), content(task, Vec::new()), RiskLevel::Low);
    assert_eq!(ask(&mut scene, &actor(CHIEF), fine), Ok(1));
    assert_eq!(ask(&mut scene, &actor(CHIEF), propose(section())), Ok(1));
    let ordinary = approve(section(), Weight::Ordinary);
    assert_eq!(ask(&mut scene, &actor(BUREAU_HEAD), ordinary), Ok(2));
}

#[test]
fn what_is_said_has_to_hold_together() {
    let mut scene = begun();
    let unit = own_unit(&scene);
    let head = Actor::person(officer());
    let good = || content(RiskSubject::Task(task()), Vec::new());
    let mut try_out = |change: fn(&mut RiskContent), code: &str| {
        let mut body = good();
        change(&mut body);
        let unit = scene.world.risk_unit(&body, scene.now).or(unit);
        let done = ask(&mut scene, &head, write(unit, body, RiskLevel::Low));
        assert_eq!(done, refused(code));
    };
    try_out(|it| it.places.clear(), "risk.no-place");
    try_out(
        |it| {
            it.answers.remove(&Question::Hurried);
        },
        "risk.unanswered",
    );
    try_out(
        |it| it.subject = RiskSubject::Task(TaskId::new(fresh(901_000))),
        "risk.subject-unknown",
    );
    try_out(
        |it| {
            it.lowered.push(Lowered {
                scenario: Scenario::Loss,
                to: Rank::One,
                permit: permit(1),
            });
        },
        "risk.lowered-without-exception",
    );
    try_out(
        |it| {
            it.cases.push(Answered {
                case: CaseId::new(fresh(8_000)),
                version: 1,
            });
        },
        "risk.case-not-answered",
    );
}

fn case() -> CaseId {
    CaseId::new(fresh(8_001))
}

fn evaluated(figures: Vec<Figure>, high: bool) -> PlanCommand {
    PlanCommand::Evaluate(Box::new(Evaluated {
        version: 1,
        day: Some(PlanEvaluated {
            version: 1,
            day: day(1).day_begun(),
            body: FrozenUse::default(),
            firing: 1,
            unmeasured: Vec::new(),
            failing: Vec::new(),
            failing_units: Vec::new(),
        }),
        found: vec![CaseFound {
            case: case(),
            trigger: Trigger::Unease,
            scope: CaseScope::Body,
            figures,
            high,
        }],
        grown: Vec::new(),
        moved: Vec::new(),
        subsided: Vec::new(),
    }))
}

fn planned(figures: Vec<Figure>, high: bool) -> Scene {
    let mut scene = in_force(vec![line(PlanDecision::Allow)]);
    let command = Command::Plan(Box::new(evaluated(figures, high)));
    let now = scene.now;
    act_with(
        &mut scene.world,
        &Actor::System,
        &command,
        now,
        &NoDocuments,
    )
    .unwrap();
    scene
}

#[test]
fn an_approval_closes_the_case_that_it_answers_by_a_record_that_names_it() {
    let about = Figure::found(Measure::StaffConcerns, task().to_string());
    let mut scene = planned(vec![about], true);
    let by_word = PlanCommand::Reassess {
        case: case(),
        scope: CaseScope::Body,
        reassessment: Box::new(Reassessment {
            level: RiskLevel::Low,
            conclusion: Conclusion::Unchanged,
            note: Line::parse("影響は小さい").unwrap(),
        }),
        expected: None,
    };
    let by_word = Command::Plan(Box::new(by_word));
    let now = scene.now;
    let word = act_with(&mut scene.world, &actor(CISO), &by_word, now, &NoDocuments);
    assert_eq!(word, refused("case.needs-assessment"));
    let head = Actor::person(officer());
    let mut body = content(RiskSubject::Task(task()), vec![Treatment::Stop]);
    body.cases.push(Answered {
        case: case(),
        version: 1,
    });
    // A case of the whole: the gate is asked about the whole.
    assert_eq!(scene.world.risk_unit(&body, scene.now), None);
    assert_eq!(
        ask(&mut scene, &head, write(None, body, RiskLevel::High)),
        Ok(1)
    );
    assert_eq!(ask(&mut scene, &head, propose(None)), Ok(1));
    assert_eq!(
        ask(&mut scene, &actor(CISO), approve(None, Weight::High)),
        Ok(3)
    );
    let closed = &scene.world.plan.cases[&case()];
    assert_eq!(closed.assessed_by(), Some(risk()));
    let (_, found) = closed.reassessed().unwrap();
    assert_eq!(
        (found.level, found.conclusion),
        (RiskLevel::High, Conclusion::Unchanged)
    );
    assert_eq!(scene.world.plan.current().unwrap().version, 2);
    assert_eq!(scene.world.risks.answered[&case()], risk());
    // The task is stopped: nothing is given that the next decision would refuse.
    let telework = Particulars::Telework(Telework {
        task: task(),
        place: TeleworkPlace::Home,
        device: None,
        grade: None,
        days_per_week: None,
    });
    assert_eq!(
        scene.apply(1, STAFF, telework),
        refused("permit.risk-stops")
    );
}

#[test]
fn one_task_never_answers_a_case_about_more() {
    let figures = vec![
        Figure::found(Measure::StaffConcerns, task().to_string()),
        Figure::found(Measure::Incident, "inc_x".to_owned()),
    ];
    let mut scene = planned(figures, false);
    let mut body = content(RiskSubject::Task(task()), Vec::new());
    let answered = Answered {
        case: case(),
        version: 1,
    };
    body.cases.push(answered);
    let head = Actor::person(officer());
    let no = refused("risk.case-not-answered");
    assert_eq!(
        ask(&mut scene, &head, write(None, body.clone(), RiskLevel::Low)),
        no
    );
    body.subject = RiskSubject::Tasks(CaseScope::Body);
    let stale = RiskContent {
        cases: vec![Answered {
            version: 2,
            ..answered
        }],
        ..body.clone()
    };
    let grown = refused("risk.case-grown");
    assert_eq!(
        ask(&mut scene, &head, write(None, stale, RiskLevel::Low)),
        grown
    );
    assert_eq!(
        ask(&mut scene, &head, write(None, body, RiskLevel::Low)),
        Ok(1)
    );
}

#[test]
fn an_applicant_learns_which_assessment_refuses_and_not_what_its_author_wrote() {
    let mut scene = in_force(vec![line(PlanDecision::Allow)]);
    let head = Actor::person(officer());
    let unit = own_unit(&scene);
    let stop = content(RiskSubject::Task(task()), vec![Treatment::Stop]);
    let words = stop.reason.as_str().to_owned();
    let draft = write(unit, stop, RiskLevel::High);
    assert_eq!(ask(&mut scene, &head, draft), Ok(1));
    assert_eq!(ask(&mut scene, &head, propose(unit)), Ok(1));
    let approval = approve(unit, Weight::High);
    assert_eq!(ask(&mut scene, &actor(CISO), approval), Ok(2));
    let telework = Particulars::Telework(Telework {
        task: task(),
        place: TeleworkPlace::Home,
        device: None,
        grade: None,
        days_per_week: None,
    });
    let wanted = Term {
        from: scene.now,
        until: scene.now.after(Span::days(30)),
    };
    let apply = Command::Permit(Box::new(PermitCommand::Apply {
        permit: permit(1),
        applicant: person(STAFF),
        application: application(STAFF, telework, wanted),
    }));
    let refusal = decide(&scene.world, &actor(STAFF), &apply, scene.now);
    let said = refusal.map(|_| ()).unwrap_err().reason;
    assert_eq!(said.code, "permit.risk-stops");
    let told = format!("{said:?}");
    assert!(told.contains(&risk().to_string()), "{told}");
    assert!(!told.contains(&words), "{told}");
}

#[test]
fn whoever_wrote_any_of_a_draft_is_its_author_after_another_saved_it() {
    let mut scene = begun();
    let unit = own_unit(&scene);
    let head = Actor::person(officer());
    let low = || {
        let body = content(RiskSubject::Task(task()), Vec::new());
        write(unit, body, RiskLevel::Low)
    };
    assert_eq!(ask(&mut scene, &head, low()), Ok(1));
    for _ in 0..2 {
        assert_eq!(ask(&mut scene, &actor(SYSTEMS), low()), Ok(1));
    }
    assert_eq!(scene.world.risks.work[&risk()].authors.len(), 1);
    assert_eq!(ask(&mut scene, &actor(SYSTEMS), propose(unit)), Ok(1));
    let approval = approve(unit, Weight::Ordinary);
    assert_eq!(
        ask(&mut scene, &head, approval.clone()),
        refused("risk.own-proposal")
    );
    assert_eq!(ask(&mut scene, &actor(CISO), approval), Ok(2));
}

#[test]
fn measures_are_not_concluded_without_naming_one() {
    let mut scene = begun();
    let unit = own_unit(&scene);
    let head = Actor::person(officer());
    let mut body = content(RiskSubject::Task(task()), vec![Treatment::Stop]);
    body.conclusion = Conclusion::Measures;
    let draft = |body: &RiskContent| write(unit, body.clone(), RiskLevel::High);
    assert_eq!(ask(&mut scene, &head, draft(&body)), Ok(1));
    assert_eq!(
        ask(&mut scene, &head, propose(unit)),
        refused("risk.measures-unnamed")
    );
    let check = sekisho_domain::check::DeviceCheck::DiskEncryption;
    body.treatments.push(Treatment::Measure { check });
    assert_eq!(ask(&mut scene, &head, draft(&body)), Ok(1));
    assert_eq!(ask(&mut scene, &head, propose(unit)), Ok(1));
}
