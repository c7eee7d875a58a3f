//! Rows that reports of unease, checklists and earlier advisories answer.

use proptest::prelude::*;
use sekisho_domain::account::Account;
use sekisho_domain::checklist::{Answer, ChecklistAnswered, EvidenceLink};
use sekisho_domain::concern::{ConcernAnswered, ConcernTold};
use sekisho_domain::event::Event;
use sekisho_domain::field::Value;
use sekisho_domain::id::{AccountId, AdvisoryId, ChecklistItemId, ConcernId, PersonId, UnitId};
use sekisho_domain::profile::Profile;
use sekisho_domain::register::concern::{ConcernKind, ConcernState};
use sekisho_domain::register::{EntryId, Register};
use sekisho_domain::time::{Span, Timestamp};
use sekisho_domain::verdict::Verdict;

use crate::fixture::{NOW, Scene, fresh, row};

fn said(scene: &Scene, id: &str) -> (Verdict, String) {
    let assessment = scene.assess();
    let verdict = &row(&assessment, id).verdict;
    (verdict.verdict, verdict.reason.code.to_string())
}

fn told(scene: &mut Scene, number: u32, due: Timestamp) {
    let told = ConcernTold {
        concern: ConcernId::new(fresh(80, number)),
        unit: None,
        kind: ConcernKind::Place,
        task: None,
        hidden: false,
        due,
        words: None,
        pseudonym: None,
        receipt: None,
    };
    scene.apply(Event::ConcernTold {
        told: Box::new(told),
    });
}

fn answered(scene: &mut Scene, number: u32) {
    scene.apply(Event::ConcernAnswered {
        answered: ConcernAnswered {
            concern: ConcernId::new(fresh(80, number)),
            state: ConcernState::Answered,
            words: None,
        },
    });
}

/// What the reports alone say. The row has the cases of its trigger beside them, which are worse here.
fn of_concerns(scene: &Scene) -> (Verdict, String) {
    said(scene, "GOV-1-a")
}

#[test]
fn a_report_past_its_time_fails_whatever_else_is_known() {
    let mut scene = Scene::new(Profile::Gov);
    assert_eq!(
        of_concerns(&scene),
        (Verdict::Unknown, "plan.none".to_owned())
    );
    told(&mut scene, 1, NOW.after(Span::days(1)));
    assert_eq!(of_concerns(&scene).0, Verdict::Unknown);
    told(&mut scene, 2, NOW);
    assert_eq!(
        of_concerns(&scene),
        (Verdict::NotMet, "concern.late".to_owned())
    );
    answered(&mut scene, 2);
    assert_eq!(of_concerns(&scene).0, Verdict::Unknown);
}

#[test]
fn silence_says_nothing_where_nobody_can_speak() {
    let mut scene = Scene::new(Profile::Gov);
    scene.apply(Event::ConcernRulesSet { nameless: false });
    let of_row = |scene: &Scene| {
        let assessment = scene.assess();
        row(&assessment, "GOV-1-a").clone()
    };
    assert_eq!(of_row(&scene).verdict.verdict, Verdict::Unknown);
    // Beside a plan that is in force and looked at, it is the reports that leave the row unknown.
    crate::plan::in_force_and_evaluated(&mut scene);
    assert_eq!(
        of_concerns(&scene),
        (Verdict::Unknown, "concern.no-way".to_owned())
    );
    let (person, account) = (PersonId::new(fresh(81, 1)), AccountId::new(fresh(82, 1)));
    scene.world.people.insert(person, UnitId::new(fresh(2, 0)));
    scene.world.accounts.insert(
        account,
        Account {
            id: account,
            person,
            closed: false,
        },
    );
    scene.world.accounts_of.insert(person, vec![account]);
    assert_eq!(
        of_concerns(&scene),
        (Verdict::Unknown, "attestation.missing".to_owned())
    );
}

fn fields(fields: &[(&str, &str)]) -> sekisho_domain::field::Values {
    let all = fields.iter();
    all.map(|(code, text)| ((*code).to_owned(), Value::Text((*text).to_owned())))
        .collect()
}

pub const CHAPTERS: [&str; 4] = ["restarting", "joining", "emergency", "onward"];

pub fn item(scene: &mut Scene, number: u32, chapter: &str) {
    let number_text = number.to_string();
    let mut given = vec![
        ("list", "JNSA 2020"),
        ("edition", "2020-05-19"),
        ("chapter", chapter),
        ("number", number_text.as_str()),
        ("text", "項目"),
    ];
    if chapter == "other" {
        given.push(("heading", "章"));
    }
    scene.apply_at(
        Event::RegisterEntered {
            id: EntryId::ChecklistItem(ChecklistItemId::new(fresh(83, number))),
            unit: None,
            particulars: Register::ChecklistItem.read(&fields(&given)).unwrap(),
            remark: None,
        },
        NOW.before(Span::days(800)),
    );
}

pub fn answer(scene: &mut Scene, number: u32, answer: Answer, shown: bool, at: Timestamp) {
    let evidence = shown.then(|| EvidenceLink::Row("GOV-1-a".parse().unwrap()));
    let answered = ChecklistAnswered {
        item: ChecklistItemId::new(fresh(83, number)),
        version: 1,
        answer,
        note: None,
        evidence: evidence.into_iter().collect(),
    };
    let event = Event::ChecklistAnswered {
        answered: Box::new(answered),
    };
    scene.apply_at(event, at);
}

#[test]
fn a_checklist_counts_when_every_chapter_has_items_and_every_item_an_answer() {
    let mut scene = Scene::new(Profile::Gov);
    let unknown = |code: &str| (Verdict::Unknown, code.to_owned());
    assert_eq!(said(&scene, "PUB-3"), unknown("checklist.none"));
    // A list of one's own is none of JNSA's.
    item(&mut scene, 9, "other");
    assert_eq!(said(&scene, "PUB-3"), unknown("checklist.none"));
    for (number, chapter) in (0..3).zip(CHAPTERS) {
        item(&mut scene, number, chapter);
        answer(
            &mut scene,
            number,
            Answer::Yes,
            true,
            NOW.before(Span::days(1)),
        );
    }
    assert_eq!(said(&scene, "PUB-3"), unknown("checklist.chapters-empty"));
    item(&mut scene, 3, CHAPTERS[3]);
    let not = (Verdict::NotMet, "checklist.not-answered".to_owned());
    assert_eq!(said(&scene, "PUB-3"), not);
    answer(
        &mut scene,
        3,
        Answer::Yes,
        true,
        NOW.before(Span::days(700)),
    );
    assert_eq!(said(&scene, "PUB-3"), unknown("checklist.answers-old"));
    answer(
        &mut scene,
        3,
        Answer::Partly,
        false,
        NOW.before(Span::days(1)),
    );
    assert_eq!(said(&scene, "PUB-3"), unknown("checklist.answers-old"));
    answer(&mut scene, 3, Answer::No, false, NOW.before(Span::days(1)));
    assert_eq!(said(&scene, "PUB-3"), unknown("attestation.missing"));
}

pub fn advisory(scene: &mut Scene, number: u32, cited: &str, open: bool) {
    let disposition = if open { "open" } else { "done" };
    let mut given = vec![
        ("name", "注意喚起"),
        ("issuer", "発出者"),
        ("issued", "2020-04-14"),
        ("disposition", disposition),
    ];
    if !cited.is_empty() {
        given.push(("cited", cited));
    }
    if !open {
        given.push(("disposed", "2020-05-01"));
        given.push(("done", "実施した"));
    }
    scene.apply(Event::RegisterEntered {
        id: EntryId::Advisory(AdvisoryId::new(fresh(84, number))),
        unit: None,
        particulars: Register::Advisory.read(&fields(&given)).unwrap(),
        remark: None,
    });
}

#[test]
fn each_profile_asks_for_the_advisories_that_its_notice_cites() {
    const FRONT: [&str; 2] = ["telework_2020_04_14", "public_2020_05_21"];
    const GOV: [&str; 2] = ["conference_2020_04_03", "conference_2020_04_09"];
    const CI: [&str; 1] = ["telework_2020_04_07"];
    for (profile, own) in [
        (Profile::Gov, GOV.to_vec()),
        (Profile::Ci, CI.to_vec()),
        (Profile::General, [&GOV[..], &CI[..]].concat()),
    ] {
        let mut scene = Scene::new(profile);
        assert_eq!(said(&scene, "PUB-4").1, "earlier.none");
        let all = [&FRONT[..], &own[..]].concat();
        for (number, cited) in (0..).zip(&all) {
            if number > 0 {
                assert_eq!(
                    said(&scene, "PUB-4").1,
                    "earlier.missing",
                    "{profile:?} {cited}"
                );
            }
            advisory(&mut scene, number, cited, false);
        }
        assert_eq!(
            said(&scene, "PUB-4").1,
            "attestation.missing",
            "{profile:?}"
        );
        // One more that was taken up and not decided on.
        advisory(&mut scene, 50, "", true);
        assert_eq!(
            said(&scene, "PUB-4"),
            (Verdict::NotMet, "earlier.open".to_owned())
        );
    }
}

#[test]
fn operators_have_the_newsletter_on_record_beside_the_list() {
    let mut scene = Scene::new(Profile::Ci);
    for (number, chapter) in (0..).zip(CHAPTERS) {
        item(&mut scene, number, chapter);
        answer(
            &mut scene,
            number,
            Answer::Yes,
            true,
            NOW.before(Span::days(1)),
        );
    }
    assert_eq!(said(&scene, "CI-6").1, "earlier.none");
    advisory(&mut scene, 1, "telework_2020_04_14", false);
    assert_eq!(
        said(&scene, "CI-6"),
        (Verdict::NotMet, "earlier.missing".to_owned())
    );
    advisory(&mut scene, 2, "newsletter_263", true);
    assert_eq!(
        said(&scene, "CI-6").1,
        "attestation.missing",
        "a source needs no disposition"
    );
}

proptest! {
    /// Nothing that is missing, old or unshown ever makes the row better.
    #[test]
    fn no_list_passes_with_an_item_that_does_not_count(
        answers in proptest::collection::vec((0_u8..5, any::<bool>(), 0_u32..800), 4..12)
    ) {
        let mut scene = Scene::new(Profile::Gov);
        let mut all_count = true;
        for (place, (how, shown, days)) in answers.iter().enumerate() {
            let number = u32::try_from(place).unwrap();
            item(&mut scene, number, CHAPTERS[place % 4]);
            let given = [Answer::Yes, Answer::Partly, Answer::No, Answer::NotApplicable];
            let Some(given) = given.get(usize::from(*how)) else {
                all_count = false;
                continue;
            };
            answer(&mut scene, number, *given, *shown, NOW.before(Span::days(*days)));
            let recent = *days < 365;
            all_count &= recent && (*shown || !given.needs_evidence());
        }
        let (verdict, code) = said(&scene, "PUB-3");
        // Machines never meet it alone: a word is lacking at best.
        prop_assert!(verdict != Verdict::Met);
        prop_assert_eq!(code == "attestation.missing", all_count);
    }
}
