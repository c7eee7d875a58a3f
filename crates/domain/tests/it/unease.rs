//! Unease told with a name and without, answered, and become an incident; checklists and their answers.

use sekisho_domain::actor::Actor;
use sekisho_domain::authorise::{Action, Subject, authorise};
use sekisho_domain::checklist::{ANSWER_MONTHS, Answer, EvidenceLink, Standing};
use sekisho_domain::command::{
    AnswerChecklist, Command, ConcernCommand, IncidentCommand, RegisterCommand, Telling,
};
use sekisho_domain::concern::ReceiptHash;
use sekisho_domain::field::Value;
use sekisho_domain::id::{ChecklistItemId, ConcernId, IncidentId, PersonId, UnitId};
use sekisho_domain::plan::in_months;
use sekisho_domain::register::concern::{ConcernKind, ConcernState};
use sekisho_domain::register::incident::{IncidentKind, IncidentState, Severity};
use sekisho_domain::register::{Concern, EntryId, Incident, Particulars, Register};
use sekisho_domain::role::Role;
use sekisho_domain::time::{Span, Timestamp};
use sekisho_domain::world::World;

use crate::commands::{act, at, founded, fresh, root, sealed};
use crate::registers::{found, holder};

fn concern(number: u64) -> ConcernId {
    ConcernId::new(fresh(number))
}

fn pseudonym() -> PersonId {
    PersonId::new(fresh(900))
}

fn receipt(digit: &str) -> ReceiptHash {
    ReceiptHash::try_from(digit.repeat(64)).unwrap()
}

fn telling(number: u64, kind: ConcernKind, unit: Option<UnitId>) -> Telling {
    Telling {
        concern: concern(number),
        unit,
        kind,
        task: None,
        hidden: false,
        words: None,
        pseudonym: None,
        receipt: None,
    }
}

fn nameless(number: u64, unit: Option<UnitId>) -> Telling {
    Telling {
        words: Some(sealed(pseudonym())),
        pseudonym: Some(pseudonym()),
        receipt: Some(receipt("a")),
        ..telling(number, ConcernKind::Place, unit)
    }
}

fn tell(told: Telling) -> Command {
    Command::Concern(Box::new(ConcernCommand::Tell(Box::new(told))))
}

fn does(command: ConcernCommand) -> Command {
    Command::Concern(Box::new(command))
}

fn answer(number: u64, state: ConcernState, words: Option<u64>) -> Command {
    does(ConcernCommand::Answer {
        concern: concern(number),
        state,
        words: words.map(|n| sealed(PersonId::new(fresh(n)))),
        expected: None,
    })
}

fn refused(code: &str) -> Result<usize, String> {
    Err(code.to_owned())
}

fn state(world: &World, number: u64) -> ConcernState {
    world
        .registers
        .get::<Concern>(concern(number))
        .unwrap()
        .1
        .state
}

#[test]
#[expect(clippy::too_many_lines, reason = "one story or table")]
fn a_report_without_a_name_names_nobody_and_is_followed_by_its_code_alone() {
    let mut world = founded();
    let section = found(&mut world, 50, root());
    let chief = holder(&mut world, 61, section, &[Role::Diso]);
    let staff = holder(&mut world, 60, section, &[Role::Staff]);
    let people = PersonId::new(fresh(60));
    // Nothing of a person passes where nobody speaks, and nothing of nobody where a person does.
    let named_words = Telling {
        words: Some(sealed(people)),
        ..nameless(70, Some(section))
    };
    let as_person = Telling {
        pseudonym: Some(people),
        words: Some(sealed(people)),
        ..nameless(70, Some(section))
    };
    let without = Telling {
        receipt: None,
        ..nameless(70, Some(section))
    };
    for wrong in [named_words, as_person, without] {
        let done = act(&mut world, &Actor::Nobody, &tell(wrong), at(1));
        assert_eq!(done, refused("concern.names-somebody"));
    }
    let done = act(
        &mut world,
        &staff,
        &tell(nameless(70, Some(section))),
        at(1),
    );
    assert_eq!(done, refused("entry.words-of-another"));
    act(
        &mut world,
        &Actor::Nobody,
        &tell(nameless(70, Some(section))),
        at(1),
    )
    .unwrap();
    let entry = world.registers.entry(concern(70)).unwrap().clone();
    assert_eq!(entry.author, None);
    assert_eq!(world.answerers(&entry, at(1)), [PersonId::new(fresh(61))]);
    assert_eq!(world.concerns.by_receipt(&receipt("a")), Some(concern(70)));
    assert_eq!(world.concerns.by_receipt(&receipt("b")), None);
    // A code is given once.
    let again = Telling {
        concern: concern(71),
        ..nameless(71, None)
    };
    let done = act(&mut world, &Actor::Nobody, &tell(again), at(1));
    assert_eq!(done, refused("concern.names-somebody"));
    let say = |code: &str, words| {
        does(ConcernCommand::Say {
            concern: concern(70),
            words: sealed(words),
            receipt: Some(receipt(code)),
        })
    };
    for (actor, command, code) in [
        (&Actor::Nobody, say("b", pseudonym()), "concern.not-yours"),
        (&Actor::Nobody, say("a", people), "concern.not-yours"),
        (&staff, say("a", people), "concern.not-yours"),
        (
            &chief,
            answer(70, ConcernState::Answered, None),
            "entry.words-required",
        ),
        (
            &staff,
            answer(70, ConcernState::Answered, Some(60)),
            "authorise.no-authority",
        ),
        (
            &Actor::Nobody,
            answer(70, ConcernState::Answered, None),
            "authorise.no-authority",
        ),
    ] {
        assert_eq!(act(&mut world, actor, &command, at(2)), refused(code));
    }
    act(
        &mut world,
        &chief,
        &answer(70, ConcernState::Answered, Some(61)),
        at(2),
    )
    .unwrap();
    assert_eq!(state(&world, 70), ConcernState::Answered);
    // Whoever says more asks again.
    act(&mut world, &Actor::Nobody, &say("a", pseudonym()), at(3)).unwrap();
    assert_eq!(state(&world, 70), ConcernState::Examined);
}

#[test]
fn the_words_of_a_report_without_a_name_are_destroyed_once() {
    let mut world = founded();
    let hiso = holder(&mut world, 62, root(), &[Role::Hiso]);
    act(&mut world, &Actor::Nobody, &tell(nameless(70, None)), at(1)).unwrap();
    act(
        &mut world,
        &hiso,
        &tell(telling(71, ConcernKind::Line, None)),
        at(1),
    )
    .unwrap();
    let erase = |number| {
        does(ConcernCommand::Erase {
            concern: concern(number),
        })
    };
    assert_eq!(
        act(&mut world, &hiso, &erase(71), at(2)),
        refused("concern.has-a-name")
    );
    act(&mut world, &hiso, &erase(70), at(2)).unwrap();
    assert!(world.concerns.thread(concern(70)).unwrap().erased);
    assert_eq!(
        act(&mut world, &hiso, &erase(70), at(2)),
        refused("concern.is-erased")
    );
}

#[test]
fn reports_without_a_name_can_be_turned_away() {
    let mut world = founded();
    let hiso = holder(&mut world, 62, root(), &[Role::Hiso]);
    let staff = holder(&mut world, 60, root(), &[Role::Staff]);
    let rules = |nameless| does(ConcernCommand::SetRules { nameless });
    assert!(
        world.concerns.takes_nameless(),
        "unless somebody said otherwise"
    );
    assert_eq!(
        act(&mut world, &staff, &rules(false), at(1)),
        refused("authorise.no-authority")
    );
    assert_eq!(
        act(&mut world, &hiso, &rules(true), at(1)),
        refused("concern.rules-unchanged")
    );
    act(&mut world, &hiso, &rules(false), at(1)).unwrap();
    let asked = authorise(
        &world,
        &Actor::Nobody,
        Action::RaiseConcern,
        Subject::Body,
        at(1),
    );
    assert!(asked.is_err());
    let told = tell(nameless(70, None));
    assert_eq!(
        act(&mut world, &Actor::Nobody, &told, at(1)),
        refused("authorise.no-authority")
    );
    act(&mut world, &hiso, &rules(true), at(2)).unwrap();
    act(&mut world, &Actor::Nobody, &told, at(2)).unwrap();
}

#[test]
fn a_report_goes_to_whoever_answers_for_what_it_is_about() {
    let mut world = founded();
    let section = found(&mut world, 50, root());
    let below = found(&mut world, 51, section);
    holder(&mut world, 60, below, &[Role::Staff]);
    holder(&mut world, 61, section, &[Role::Diso]);
    holder(&mut world, 62, root(), &[Role::Hiso]);
    let to = |world: &World, number| {
        let entry = world.registers.entry(concern(number)).unwrap();
        world.answerers(entry, at(2))
    };
    let person = |n| vec![PersonId::new(fresh(n))];
    for (number, kind) in [
        (70, ConcernKind::Place),
        (71, ConcernKind::Attack),
        (72, ConcernKind::Device),
    ] {
        let mut told = nameless(number, Some(below));
        told.kind = kind;
        told.receipt = Some(receipt(&(number - 70).to_string()));
        act(&mut world, &Actor::Nobody, &tell(told), at(1)).unwrap();
    }
    assert_eq!(
        to(&world, 70),
        person(61),
        "the nearest section officer above"
    );
    // Nobody is there for attacks yet; the first officer of the fixture is a head officer too.
    assert!(to(&world, 71).contains(&PersonId::new(fresh(62))));
    holder(&mut world, 63, root(), &[Role::PromotionBody]);
    assert_eq!(to(&world, 71), person(63));
    holder(&mut world, 64, root(), &[Role::Csirt]);
    holder(&mut world, 65, root(), &[Role::Isso]);
    assert_eq!(to(&world, 71), person(64));
    assert_eq!(to(&world, 72), person(65));
    let due = |number| {
        world
            .concern_due(world.registers.entry(concern(number)).unwrap())
            .unwrap()
    };
    assert!(due(71) < due(70), "an attack waits less long");
}

/// It went to nobody: its author was left out of the letters, and refused as whoever answers their own.
#[test]
fn a_report_by_the_only_holder_of_the_post_that_answers_goes_to_the_next_post() {
    let mut world = founded();
    let bureau = found(&mut world, 50, root());
    let section = found(&mut world, 51, bureau);
    let chief = holder(&mut world, 60, section, &[Role::Diso]);
    let head = holder(&mut world, 61, bureau, &[Role::Diso]);
    let body = holder(&mut world, 62, root(), &[Role::PromotionBody]);
    let isso = holder(&mut world, 63, root(), &[Role::Isso]);
    let to = |world: &World, number| {
        let entry = world.registers.entry(concern(number)).unwrap();
        world.answerers(entry, at(2))
    };
    let person = |n| PersonId::new(fresh(n));
    for (number, teller, kind, unit, next) in [
        // The officer of the unit above, and where there is none the promotion body.
        (70, &chief, ConcernKind::Place, section, 61),
        (71, &head, ConcernKind::Place, bureau, 62),
        (72, &isso, ConcernKind::Device, section, 62),
        // Of another section nothing is theirs but what they told.
        (73, &head, ConcernKind::Place, section, 60),
    ] {
        let told = tell(telling(number, kind, Some(unit)));
        act(&mut world, teller, &told, at(1)).unwrap();
        assert_eq!(to(&world, number), [person(next)], "{number}");
    }
    // Whoever it goes to may answer it.
    for (number, by, own) in [(70, (&head, 61), &chief), (71, (&body, 62), &head)] {
        let answered = |n| answer(number, ConcernState::Answered, Some(n));
        let n = if number == 70 { 60 } else { 61 };
        let done = act(&mut world, own, &answered(n), at(2));
        assert_eq!(done, refused("concern.own"));
        act(&mut world, by.0, &answered(by.1), at(2)).unwrap();
    }
    // A second holder of the post answers; who told it does not.
    holder(&mut world, 64, section, &[Role::Diso]);
    let told = tell(telling(74, ConcernKind::Place, Some(section)));
    act(&mut world, &chief, &told, at(1)).unwrap();
    assert_eq!(to(&world, 74), [person(64)]);
    // Of one without a name nobody is left out.
    let told = tell(nameless(75, Some(section)));
    act(&mut world, &Actor::Nobody, &told, at(1)).unwrap();
    assert_eq!(to(&world, 75), [person(60), person(64)]);
}

#[test]
fn whoever_told_it_reads_what_became_of_it_and_does_not_answer_it() {
    let mut world = founded();
    let section = found(&mut world, 50, root());
    let chief = holder(&mut world, 61, section, &[Role::Diso]);
    let tmo = holder(&mut world, 60, section, &[Role::Tmo]);
    act(
        &mut world,
        &tmo,
        &tell(telling(70, ConcernKind::Rule, Some(section))),
        at(1),
    )
    .unwrap();
    act(
        &mut world,
        &chief,
        &tell(telling(71, ConcernKind::Rule, Some(section))),
        at(1),
    )
    .unwrap();
    let reads = |actor: &Actor, number| {
        let subject = Subject::Entry(EntryId::Concern(concern(number)));
        authorise(&world, actor, Action::ReadConcerns, subject, at(2)).is_ok()
    };
    // The officer for telework reads no reports by office: only the own.
    assert!(reads(&tmo, 70) && !reads(&tmo, 71));
    assert!(reads(&chief, 70) && reads(&chief, 71));
    let own = answer(71, ConcernState::Answered, Some(61));
    assert_eq!(act(&mut world, &chief, &own, at(2)), refused("concern.own"));
}

fn incident(state: IncidentState) -> Incident {
    Incident {
        kind: IncidentKind::Loss,
        found: at(0).jst_date(),
        happened: None,
        severity: Severity::Medium,
        state,
        leaked: false,
        tasks: Vec::new(),
        systems: Vec::new(),
        devices: Vec::new(),
        media: Vec::new(),
        concerns: Vec::new(),
        permits: Vec::new(),
    }
}

#[test]
fn an_incident_is_reported_by_anyone_and_followed_by_steps_with_words() {
    let mut world = founded();
    let section = found(&mut world, 50, root());
    let staff = holder(&mut world, 60, section, &[Role::Staff]);
    let chief = holder(&mut world, 61, section, &[Role::Diso]);
    let id = IncidentId::new(fresh(80));
    let report = |state, words| {
        Command::Incident(Box::new(IncidentCommand::Report {
            incident: id,
            unit: Some(section),
            particulars: Box::new(incident(state)),
            words: sealed(PersonId::new(fresh(words))),
        }))
    };
    for (command, code) in [
        (report(IncidentState::Closed, 60), "incident.not-open"),
        (report(IncidentState::Open, 61), "entry.words-of-another"),
    ] {
        assert_eq!(act(&mut world, &staff, &command, at(1)), refused(code));
    }
    act(&mut world, &staff, &report(IncidentState::Open, 60), at(1)).unwrap();
    let due = |world: &World| world.incident_due(world.registers.entry(id).unwrap());
    let first = due(&world).unwrap();
    let step = |to, words, expected| {
        Command::Incident(Box::new(IncidentCommand::Step {
            incident: id,
            to,
            words: sealed(PersonId::new(fresh(words))),
            expected,
        }))
    };
    let contained = step(IncidentState::Contained, 60, None);
    assert_eq!(
        act(&mut world, &staff, &contained, at(2)),
        refused("authorise.no-authority")
    );
    let stale = step(IncidentState::Contained, 61, Some(9));
    assert_eq!(
        act(&mut world, &chief, &stale, at(2)),
        refused("command.stale")
    );
    act(
        &mut world,
        &chief,
        &step(IncidentState::Contained, 61, Some(1)),
        at(2),
    )
    .unwrap();
    assert!(due(&world).unwrap() > first, "closing may take longer");
    act(
        &mut world,
        &chief,
        &step(IncidentState::Closed, 61, Some(2)),
        at(3),
    )
    .unwrap();
    assert_eq!(due(&world), None);
    assert_eq!(world.open_incidents().count(), 0);
    // Whoever reported it reads what was done.
    let subject = Subject::Entry(EntryId::Incident(id));
    assert!(authorise(&world, &staff, Action::ReadIncidents, subject, at(4)).is_ok());
}

#[test]
fn a_report_becomes_an_incident_once() {
    let mut world = founded();
    let section = found(&mut world, 50, root());
    let chief = holder(&mut world, 61, section, &[Role::Diso]);
    act(
        &mut world,
        &Actor::Nobody,
        &tell(nameless(70, Some(section))),
        at(1),
    )
    .unwrap();
    let turn = |number| {
        does(ConcernCommand::Turn {
            concern: concern(70),
            incident: IncidentId::new(fresh(number)),
            particulars: Box::new(incident(IncidentState::Open)),
            words: sealed(PersonId::new(fresh(61))),
        })
    };
    assert_eq!(act(&mut world, &chief, &turn(80), at(2)), Ok(2));
    let (_, made) = world
        .registers
        .get::<Incident>(IncidentId::new(fresh(80)))
        .unwrap();
    assert_eq!(made.concerns, [concern(70)]);
    assert_eq!(
        act(&mut world, &chief, &turn(81), at(3)),
        refused("concern.is-incident")
    );
}

fn item(text: &str) -> Particulars {
    let value = |text: &str| Value::Text(text.to_owned());
    let values = [
        ("list", "JNSA 2020"),
        ("edition", "2020-05-19"),
        ("chapter", "joining"),
        ("number", "2-1"),
        ("text", text),
    ];
    let values = values.map(|(code, it)| (code.to_owned(), value(it)));
    Register::ChecklistItem.read(&values.into()).unwrap()
}

#[test]
#[expect(clippy::too_many_lines, reason = "one story or table")]
fn an_answer_counts_for_a_year_and_for_the_text_that_was_answered() {
    let mut world = founded();
    let body = holder(&mut world, 60, root(), &[Role::PromotionBody]);
    let id = ChecklistItemId::new(fresh(90));
    let entered = Command::Register(Box::new(RegisterCommand::Enter {
        id: id.into(),
        unit: None,
        particulars: item("手元の写しの項目"),
        remark: None,
    }));
    act(&mut world, &body, &entered, at(1)).unwrap();
    let standing = |world: &World, at: Timestamp| world.checklist_items(at).next().unwrap().3;
    assert_eq!(standing(&world, at(1)), Standing::Unanswered);
    let answers = |answer, evidence: Vec<EvidenceLink>, note: bool, expected| {
        let note = note.then(|| sekisho_domain::name::Line::parse("理由").unwrap());
        Command::Checklist(Box::new(AnswerChecklist {
            item: id,
            answer,
            note,
            evidence,
            expected: Some(expected),
        }))
    };
    let row = || vec![EvidenceLink::Row("GOV-1-a".parse().unwrap())];
    let far = vec![EvidenceLink::Record(1_000)];
    for (command, code) in [
        (
            answers(Answer::Yes, Vec::new(), true, 1),
            "checklist.no-evidence",
        ),
        (answers(Answer::No, row(), false, 1), "checklist.no-reason"),
        (
            answers(Answer::Yes, far, false, 1),
            "checklist.unknown-link",
        ),
        (answers(Answer::Yes, row(), false, 7), "command.stale"),
    ] {
        assert_eq!(act(&mut world, &body, &command, at(2)), refused(code));
    }
    act(
        &mut world,
        &body,
        &answers(Answer::Yes, row(), false, 1),
        at(2),
    )
    .unwrap();
    assert_eq!(standing(&world, at(3)), Standing::Answered(Answer::Yes));
    let over = in_months(at(2), ANSWER_MONTHS).unwrap();
    assert_eq!(
        standing(&world, over.before(Span::seconds(1))),
        Standing::Answered(Answer::Yes)
    );
    assert_eq!(standing(&world, over), Standing::Stale);
    let changed = Command::Register(Box::new(RegisterCommand::Change {
        id: id.into(),
        unit: None,
        particulars: item("別の文言"),
        remark: None,
        expected: None,
    }));
    act(&mut world, &body, &changed, at(4)).unwrap();
    assert_eq!(standing(&world, at(5)), Standing::Reworded);
    act(
        &mut world,
        &body,
        &answers(Answer::No, Vec::new(), true, 2),
        at(5),
    )
    .unwrap();
    assert_eq!(standing(&world, at(6)), Standing::Answered(Answer::No));
    assert_eq!(world.checklist.of(id).len(), 2, "earlier answers stay");
    // The same number twice in one list is refused.
    let twin = Command::Register(Box::new(RegisterCommand::Enter {
        id: ChecklistItemId::new(fresh(91)).into(),
        unit: None,
        particulars: item("もう一つ"),
        remark: None,
    }));
    assert_eq!(
        act(&mut world, &body, &twin, at(7)),
        refused("entry.duplicate")
    );
}

/// A snapshot holds all that the fold made.
#[test]
fn what_was_told_survives_its_stored_form() {
    let mut world = founded();
    holder(&mut world, 62, root(), &[Role::Hiso]);
    act(&mut world, &Actor::Nobody, &tell(nameless(70, None)), at(1)).unwrap();
    let stored = serde_json::to_value(world.frozen()).unwrap();
    let back: World = serde_json::from_value(stored).unwrap();
    assert_eq!(back.concerns, world.concerns);
    assert_eq!(back.concerns.by_receipt(&receipt("a")), Some(concern(70)));
}
