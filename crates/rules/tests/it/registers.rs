//! Rows that registers answer by themselves.

use sekisho_domain::appointment::{Appointment, AppointmentKind};
use sekisho_domain::event::Event;
use sekisho_domain::field::{Value, Values};
use sekisho_domain::id::{AppointmentId, Fresh, PersonId, PostId, ServiceId, SoftwareId, UnitId};
use sekisho_domain::post::Post;
use sekisho_domain::profile::Profile;
use sekisho_domain::register::{EntryId, Register};
use sekisho_domain::role::Role;
use sekisho_domain::time::{Interval, Span};
use sekisho_domain::verdict::Verdict;

use crate::fixture::{NOW, Scene, fresh, name, row};

pub fn enter(
    scene: &mut Scene,
    register: Register,
    id: impl Into<EntryId>,
    fields: &[(&str, Value)],
) {
    let values: Values = fields
        .iter()
        .map(|(code, value)| ((*code).to_owned(), value.clone()))
        .collect();
    scene.apply(Event::RegisterEntered {
        id: id.into(),
        unit: None,
        particulars: register.read(&values).unwrap(),
        remark: None,
    });
}

pub fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// A post, held from long ago until an instant.
pub fn post(scene: &mut Scene, n: u8, until: Option<Span>) -> PostId {
    let post = PostId::new(Fresh([n; 16]));
    let person = PersonId::new(Fresh([n; 16]));
    let unit = UnitId::new(fresh(2, 0));
    scene.apply(Event::PostCreated {
        post: Post::created(post, unit, name("課長"), vec![Role::Iso]),
    });
    scene.apply(Event::AppointmentMade {
        appointment: Appointment {
            id: AppointmentId::new(Fresh([n; 16])),
            person,
            post,
            valid: Interval {
                from: NOW.before(Span::days(50)),
                until: until.map(|span| NOW.before(span)),
            },
            kind: AppointmentKind::Regular,
        },
    });
    post
}

fn verdict(scene: &Scene, id: &str) -> (Verdict, String) {
    let assessment = scene.assess();
    let verdict = &row(&assessment, id).verdict;
    (verdict.verdict, verdict.reason.code.to_string())
}

fn is(verdict: Verdict, code: &str) -> (Verdict, String) {
    (verdict, code.to_owned())
}

#[test]
fn an_empty_register_shows_nothing_until_its_owner_says_that_it_is() {
    let mut scene = Scene::new(Profile::Gov);
    let rows = ["GOV-4-a", "GOV-4-c", "GOV-4-f"];
    for id in rows {
        assert_eq!(
            verdict(&scene, id),
            is(Verdict::Unknown, "register.nothing-entered")
        );
    }
    let declare = |register, days| Event::RegisterDeclaredEmpty {
        register,
        valid: Interval {
            from: NOW.before(Span::days(1)),
            until: Some(NOW.before(Span::days(1)).after(Span::days(days))),
        },
    };
    scene.apply(declare(Register::ConferenceTool, 180));
    scene.apply(declare(Register::Software, 180));
    for id in rows {
        assert_eq!(
            verdict(&scene, id),
            is(Verdict::NotApplicable, "register.declared-empty")
        );
    }
    // Lists that are asked for as such do not go away by being empty.
    let lists = "US-7.1.1-1-b-許";
    assert_eq!(
        verdict(&scene, lists),
        is(Verdict::Unknown, "register.nothing-entered")
    );
    scene.apply(declare(Register::ConferenceTool, 1));
    for id in rows {
        assert_eq!(
            verdict(&scene, id),
            is(Verdict::Unknown, "register.nothing-entered")
        );
    }
}

#[test]
fn each_list_of_software_is_asked_for() {
    let mut scene = Scene::new(Profile::Gov);
    let (allowed, forbidden) = ("US-7.1.1-1-b-許", "US-7.1.1-1-b-禁");
    let fields = |list| [("name", text("表計算")), ("list", text(list))];
    let id = |n| SoftwareId::new(Fresh([n; 16]));
    enter(&mut scene, Register::Software, id(1), &fields("deny"));
    assert_eq!(
        verdict(&scene, allowed),
        is(Verdict::Unknown, "register.nothing-entered")
    );
    // The list is there; what is left is for its owner to attest.
    assert_eq!(
        verdict(&scene, forbidden),
        is(Verdict::Unknown, "attestation.missing")
    );
    enter(&mut scene, Register::Software, id(2), &fields("allow"));
    assert_eq!(
        verdict(&scene, allowed),
        is(Verdict::Unknown, "attestation.missing")
    );
}

#[test]
fn a_service_without_a_responsible_person_in_office_fails_its_row() {
    let mut scene = Scene::new(Profile::Gov);
    let (held, vacant) = (
        post(&mut scene, 20, None),
        post(&mut scene, 21, Some(Span::days(3))),
    );
    let service = |owner: Option<PostId>, name: &str| {
        let mut fields = vec![
            ("name", text(name)),
            ("provider", text("提供者")),
            ("kind", text("terms")),
            ("highest", text("C1I1A1")),
        ];
        fields.extend(owner.map(|post| ("owner", text(&post.to_string()))));
        fields
    };
    let id = |n| ServiceId::new(Fresh([n; 16]));
    enter(
        &mut scene,
        Register::Service,
        id(1),
        &service(Some(held), "甲"),
    );
    let owner = "US-4.1.2-1-b";
    assert_eq!(
        verdict(&scene, owner),
        is(Verdict::Unknown, "attestation.missing")
    );
    enter(
        &mut scene,
        Register::Service,
        id(2),
        &service(Some(vacant), "乙"),
    );
    enter(&mut scene, Register::Service, id(3), &service(None, "丙"));
    assert_eq!(
        verdict(&scene, owner),
        is(Verdict::NotMet, "register.incomplete")
    );
    let assessment = scene.assess();
    let counts = row(&assessment, owner).verdict.counts;
    assert_eq!((counts.pass, counts.fail), (1, 2));
    // None of them says which work may use it.
    assert_eq!(
        verdict(&scene, "US-4.1.2-1-a-ア"),
        is(Verdict::NotMet, "register.incomplete")
    );
}
