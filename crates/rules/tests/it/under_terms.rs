//! Services and tools under their providers' terms: what may be put there, how they were judged, the procedure,
//! and registers that hold none of them.

use sekisho_domain::command::{may_change, may_enter};
use sekisho_domain::event::Event;
use sekisho_domain::field::Value;
use sekisho_domain::id::{Fresh, PermitId, PersonId, PostId, UnitId};
use sekisho_domain::permit::event::Answer;
use sekisho_domain::permit::particulars::{Conference, ServiceMeasure};
use sekisho_domain::permit::{Capacity, Decision, Particulars};
use sekisho_domain::profile::Profile;
use sekisho_domain::register::Register;
use sekisho_domain::register::conference_tool::MeetingHost;
use sekisho_domain::role::Role;
use sekisho_domain::time::Span;
use sekisho_domain::verdict::Verdict;
use sekisho_rules::access::ServiceUse;

use crate::conflicts::{content, enact, terms};
use crate::fixture::{NOW, Scene, fresh, row};
use crate::permits::{apply, give, person, route, said, sealed, until};
use crate::registers::{enter, post, text};
use crate::services::{is, many, permit, read_logs, service, sighting, tool, under_terms};

#[test]
fn terms_are_judged_as_they_are_now_and_never_for_secrets() {
    let judged = |version: &'static str| {
        [
            ("terms_version", text("2026-04")),
            ("judged_terms", text(version)),
            ("judged_on", text("2026-04-02")),
            ("judged_by", text(&PostId::new(Fresh([9; 16])).to_string())),
            ("judgement", text("acceptable")),
        ]
    };
    let terms = "US-4.1.2-2-a-i";
    let mut scene = Scene::new(Profile::Gov);
    under_terms(&mut scene, 1, &judged("2026-04"));
    assert_eq!(
        said(&scene, terms),
        is(Verdict::Unknown, "attestation.missing")
    );
    assert_eq!(said(&scene, "US-4.1.2-1-a-禁").1, "attestation.missing");
    under_terms(&mut scene, 2, &judged("2025-10"));
    assert_eq!(
        said(&scene, terms),
        is(Verdict::NotMet, "services.terms-changed")
    );
    under_terms(&mut scene, 3, &[("terms_version", text("1"))]);
    let assessment = scene.assess();
    let all = row(&assessment, terms);
    assert_eq!(&*all.verdict.reason.code, "services.several-lack");
    assert_eq!((all.verdict.counts.pass, all.verdict.counts.fail), (1, 2));
    assert_eq!(all.concerned.len(), 2);
}

/// Each of them stood on the page of the row by name, for whoever may read the directory.
#[test]
fn a_service_that_several_used_without_applying_is_named_once_and_they_are_not() {
    let mut scene = Scene::new(Profile::Gov);
    under_terms(&mut scene, 1, &[]);
    read_logs(&mut scene, 1);
    let world = scene.world.clone();
    for n in [901, 902] {
        let used = ServiceUse {
            entry: service(1).into(),
            person: Some(PersonId::new(fresh(6, n))),
            within: (NOW.before(Span::days(3)), NOW.before(Span::days(2))),
        };
        scene.access.services_mut().take(&world, &used);
    }
    let assessment = scene.assess();
    let judged = row(&assessment, "US-4.1.2-2-a-ii");
    assert_eq!(judged.verdict.verdict, Verdict::NotMet);
    assert_eq!(judged.verdict.counts.fail, 2);
    let named: Vec<_> = judged.concerned.iter().map(|it| it.person).collect();
    assert_eq!(named, [None]);
    // Nobody knows any more who it was, and that they used it is known.
    scene
        .access
        .services_mut()
        .forget_people(NOW.before(Span::days(2)));
    assert_eq!(scene.access.services().applied(NOW).1.len(), 2);
    scene
        .access
        .services_mut()
        .forget_people(NOW.before(Span::days(1)));
    assert!(scene.access.services().applied(NOW).1.is_empty());
    let used_at = scene.access.services().used_at(service(1).into(), NOW);
    assert_eq!(used_at, Some(NOW.before(Span::days(2))));
}

/// Changes what is noted of the terms of a service, judged as they are then; so many days ago.
fn noted(scene: &mut Scene, (version, sha256): (&str, Option<&str>), days: u32) {
    let judge = PostId::new(Fresh([9; 16])).to_string();
    let digest = sha256.map(|it| it.repeat(64)).unwrap_or_default();
    let mut fields = vec![
        ("name", text("翻訳")),
        ("provider", text("社")),
        ("kind", text("terms")),
        ("highest", text("C1I1A1")),
        ("domains", many(&["translate.example"])),
        ("terms_version", text(version)),
        ("judged_terms", text(version)),
        ("judged_on", text("2026-04-02")),
        ("judged_by", text(&judge)),
        ("judgement", text("acceptable")),
    ];
    if !digest.is_empty() {
        fields.push(("terms_sha256", text(&digest)));
        fields.push(("judged_sha256", text(&digest)));
    }
    let particulars = read(Register::Service, &fields);
    let changed = Event::RegisterChanged {
        id: service(1).into(),
        unit: None,
        particulars,
        remark: None,
    };
    scene.apply_at(changed, NOW.before(Span::days(days)));
}

/// A permit for the service, whose terms were read and which was applied for so many days ago.
fn read_then(scene: &mut Scene, n: u32, (read, applied): (u32, u32)) {
    let mut particulars = permit(1, &[ServiceMeasure::SecondFactor]);
    if let Particulars::Service(it) = &mut particulars {
        it.terms_read_on = NOW.before(Span::days(read)).jst_date();
    }
    give(scene, n, particulars, applied, until(30));
}

/// The terms are other ones where their bytes are, whatever they call themselves.
#[test]
fn who_read_other_bytes_of_the_same_version_read_another_edition() {
    let terms = "US-4.1.2-2-a-i";
    let old = is(Verdict::NotMet, "permit.terms-changed");
    let well = is(Verdict::Unknown, "attestation.missing");
    let begun = || {
        let mut scene = Scene::new(Profile::Gov);
        under_terms(&mut scene, 1, &[]);
        noted(&mut scene, ("2026-04", None), 30);
        scene
    };
    // Noting a digest where none was, or the same one, shows no other bytes.
    let mut scene = begun();
    read_then(&mut scene, 1, (28, 28));
    noted(&mut scene, ("2026-04", Some("a")), 20);
    noted(&mut scene, ("2026-04", Some("a")), 19);
    assert_eq!(said(&scene, terms), well);
    // Other bytes are judged again; whoever had read the former ones has not read these.
    noted(&mut scene, ("2026-04", Some("b")), 10);
    assert_eq!(said(&scene, terms), old);
    // So it is where the digest was left out in between.
    let mut scene = begun();
    noted(&mut scene, ("2026-04", Some("a")), 29);
    read_then(&mut scene, 1, (28, 28));
    noted(&mut scene, ("2026-04", None), 20);
    assert_eq!(said(&scene, terms), well);
    noted(&mut scene, ("2026-04", Some("a")), 15);
    assert_eq!(said(&scene, terms), well);
    noted(&mut scene, ("2026-04", None), 14);
    noted(&mut scene, ("2026-04", Some("b")), 10);
    assert_eq!(said(&scene, terms), old);
    // Read before the change and applied for after it; and read and applied for after it.
    for (days, judged) in [((11, 5), &old), ((5, 5), &well)] {
        let mut scene = begun();
        noted(&mut scene, ("2026-04", Some("a")), 20);
        noted(&mut scene, ("2026-04", Some("b")), 10);
        read_then(&mut scene, 1, days);
        assert_eq!(said(&scene, terms), *judged, "{days:?}");
    }
}

#[test]
fn nothing_confidential_is_handled_with_a_tool_that_is_a_service_under_terms() {
    let mut scene = Scene::new(Profile::Gov);
    under_terms(&mut scene, 1, &[]);
    let with = |own: &str| {
        [
            ("name", text("会議")),
            ("scope", text("others")),
            ("service", text(&service(1).to_string())),
            ("own", text(own)),
            ("restriction", text("なし")),
        ]
    };
    let read = |fields: &[(&str, Value)]| {
        let values = fields.iter();
        let values = values.map(|(code, value)| ((*code).to_owned(), value.clone()));
        Register::ConferenceTool.read(&values.collect()).unwrap()
    };
    let asked = |own: &str| {
        may_enter(&scene.world, tool(1).into(), None, &read(&with(own)), NOW)
            .err()
            .map(|refusal| refusal.reason.code.to_string())
    };
    let refused = Some("conference.terms-confidential".to_owned());
    assert_eq!(
        [asked("c1"), asked("c2"), asked("c3")],
        [None, refused.clone(), refused]
    );
    assert_eq!(said(&scene, "US-4.1.2-1-a-禁").1, "attestation.missing");
    // Decided on before its service was entered as one under terms: nothing of it is permitted, and it shows.
    enter(&mut scene, Register::ConferenceTool, tool(1), &with("c2"));
    let shown = is(Verdict::NotMet, "services.for-secrets");
    assert_eq!(said(&scene, "US-4.1.2-1-a-禁"), shown);
    for (grade, code) in [
        ("C1I1A1", None),
        ("C2I1A1", Some("permit.conference-on-terms")),
    ] {
        let meeting = Particulars::Conference(Conference {
            tool: tool(1),
            host: MeetingHost::Own,
            grade: grade.parse().unwrap(),
            task: None,
            outsiders: false,
            recorded: false,
        });
        let found = scene
            .world
            .conference_ceiling(&meeting, grade.parse().unwrap())
            .err();
        let found = found.as_ref().map(|refusal| &*refusal.reason.code);
        assert_eq!(found, code, "{grade}");
    }
}

fn read(register: Register, fields: &[(&str, Value)]) -> sekisho_domain::register::Particulars {
    let values = fields.iter();
    let values = values.map(|(code, value)| ((*code).to_owned(), value.clone()));
    register.read(&values.collect()).unwrap()
}

fn meeting(n: u8, grade: &str) -> Particulars {
    Particulars::Conference(Conference {
        tool: tool(n),
        host: MeetingHost::Own,
        grade: grade.parse().unwrap(),
        task: None,
        outsiders: false,
        recorded: false,
    })
}

/// A tool whose own meetings are for so much.
fn of_ceiling(own: &str, more: &[(&str, Value)]) -> Vec<(&'static str, Value)> {
    let mut fields = vec![
        ("name", text("会議")),
        ("scope", text("others")),
        ("own", text(own)),
        ("restriction", text("なし")),
    ];
    for (code, value) in more {
        let known = ["service", "contract", "domains"];
        let code = known.into_iter().find(|known| known == code).unwrap();
        fields.push((code, value.clone()));
    }
    fields
}

#[test]
fn a_free_tool_that_names_no_service_is_never_for_secrets() {
    let mut scene = Scene::new(Profile::Gov);
    under_terms(&mut scene, 1, &[]);
    let asked = |more: &[(&str, Value)]| {
        let entered = read(Register::ConferenceTool, &of_ceiling("c3", more));
        may_enter(&scene.world, tool(1).into(), None, &entered, NOW)
            .err()
            .map(|refusal| refusal.reason.code.to_string())
    };
    assert_eq!(asked(&[]), Some("conference.no-ground".to_owned()));
    assert_eq!(asked(&[("contract", text("会議契約"))]), None);
    assert_eq!(
        asked(&[("service", text(&service(1).to_string()))]),
        Some("conference.terms-confidential".to_owned())
    );
    // Entered before a ground was asked for: the domains tell what it is, or nobody knows.
    for (domain, permit, row) in [
        (
            "eu.translate.example",
            "permit.conference-on-terms",
            is(Verdict::NotMet, "services.for-secrets"),
        ),
        (
            "meet.example",
            "permit.conference-no-ground",
            is(Verdict::Unknown, "services.ground-unknown"),
        ),
    ] {
        let mut scene = Scene::new(Profile::Gov);
        under_terms(&mut scene, 1, &[]);
        let fields = of_ceiling("c3", &[("domains", many(&[domain]))]);
        enter(&mut scene, Register::ConferenceTool, tool(1), &fields);
        let refused = |grade: &str| {
            let grade_of = grade.parse().unwrap();
            let found = scene
                .world
                .conference_ceiling(&meeting(1, grade), grade_of)
                .err();
            found.map(|refusal| refusal.reason.code.to_string())
        };
        assert_eq!(refused("C2I1A1"), Some(permit.to_owned()), "{domain}");
        assert_eq!(refused("C1I1A1"), None, "{domain}");
        assert_eq!(said(&scene, "US-4.1.2-1-a-禁"), row, "{domain}");
    }
}

#[test]
fn a_service_on_which_secrets_hang_does_not_become_one_under_terms() {
    let under = |kind: &str, highest: &str| {
        [
            ("name", text("会議基盤")),
            ("provider", text("社")),
            ("kind", text(kind)),
            ("highest", text(highest)),
        ]
    };
    let turned = |scene: &Scene| {
        let to_terms = read(Register::Service, &under("terms", "C1I1A1"));
        may_change(&scene.world, service(1).into(), None, &to_terms, NOW)
            .err()
            .map(|refusal| refusal.reason.code.to_string())
    };
    let linked = ("service", text(&service(1).to_string()));
    let refused = Some("service.terms-with-secrets".to_owned());
    for (own, permit, expected) in [
        ("c1", None, None),
        ("c1", Some("C1I1A1"), None),
        ("c2", None, refused.clone()),
        // Given before the ceiling was lowered.
        ("c1", Some("C2I1A1"), refused),
    ] {
        let mut scene = Scene::new(Profile::Gov);
        enter(
            &mut scene,
            Register::Service,
            service(1),
            &under("cloud", "C2I1A1"),
        );
        let fields = of_ceiling(own, std::slice::from_ref(&linked));
        enter(&mut scene, Register::ConferenceTool, tool(1), &fields);
        if let Some(grade) = permit {
            give(&mut scene, 1, meeting(1, grade), 5, until(30));
        }
        assert_eq!(turned(&scene), expected, "{own} {permit:?}");
    }
}

#[test]
fn a_tool_under_live_permits_for_secrets_stays_under_its_contract() {
    let row = "US-4.1.2-1-a-禁";
    let linked = ("service", text(&service(1).to_string()));
    let shared = ("domains", many(&["eu.translate.example"]));
    let secret = "C2I1A1";
    let in_order = || is(Verdict::Unknown, "attestation.missing");
    // What the tool becomes, under which permit; what is said of the change, and of the row where it was made.
    for (more, grade, refused, shown) in [
        (
            vec![linked.clone()],
            secret,
            Some("conference.terms-with-permits"),
            is(Verdict::NotMet, "permit.conference-with-secrets"),
        ),
        (
            vec![shared],
            secret,
            Some("conference.terms-with-permits"),
            is(Verdict::NotMet, "permit.conference-with-secrets"),
        ),
        (
            Vec::new(),
            secret,
            Some("conference.ground-with-permits"),
            is(Verdict::Unknown, "services.ground-unknown"),
        ),
        (vec![linked], "C1I1A1", None, in_order()),
        (
            vec![("contract", text("別の会議契約"))],
            secret,
            None,
            in_order(),
        ),
    ] {
        let mut scene = Scene::new(Profile::Gov);
        under_terms(&mut scene, 1, &[]);
        let under_contract = of_ceiling("c2", &[("contract", text("会議契約"))]);
        enter(
            &mut scene,
            Register::ConferenceTool,
            tool(1),
            &under_contract,
        );
        give(&mut scene, 1, meeting(1, grade), 5, until(30));
        assert_eq!(said(&scene, row), in_order(), "{more:?}");
        let becomes = read(Register::ConferenceTool, &of_ceiling("c1", &more));
        let asked = may_change(&scene.world, tool(1).into(), None, &becomes, NOW);
        let asked = asked.err().map(|refusal| refusal.reason.code.to_string());
        assert_eq!(asked.as_deref(), refused, "{more:?}");
        // Changed before that was asked.
        scene.apply(Event::RegisterChanged {
            id: tool(1).into(),
            unit: None,
            particulars: becomes,
            remark: None,
        });
        assert_eq!(said(&scene, row), shown, "{more:?}");
    }
}

#[test]
fn of_a_tool_that_never_stated_its_ground_anything_may_be_noted_but_terms() {
    let secret = "C2I1A1";
    for (more, refused) in [
        (Vec::new(), None),
        (vec![("contract", text("会議契約"))], None),
        (
            vec![("domains", many(&["eu.translate.example"]))],
            Some("conference.terms-with-permits"),
        ),
    ] {
        let mut scene = Scene::new(Profile::Gov);
        under_terms(&mut scene, 1, &[]);
        let without = of_ceiling("c1", &[]);
        enter(&mut scene, Register::ConferenceTool, tool(1), &without);
        give(&mut scene, 1, meeting(1, secret), 5, until(30));
        let mut fields = of_ceiling("c1", &more);
        fields.push(("version", text("5.17.0")));
        let noted = read(Register::ConferenceTool, &fields);
        let asked = may_change(&scene.world, tool(1).into(), None, &noted, NOW);
        let asked = asked.err().map(|refusal| refusal.reason.code.to_string());
        assert_eq!(asked.as_deref(), refused, "{more:?}");
    }
}

/// What waits, was sent back or was taken back shows nobody deciding; what was refused does.
#[test]
fn of_the_procedure_only_what_was_decided_counts() {
    let procedure = "US-4.1.2-1-a-ウ";
    let mut scene = Scene::new(Profile::Gov);
    under_terms(&mut scene, 1, &[]);
    scene.appoint(Role::Diso);
    let answer = |n| {
        Box::new(Answer {
            permit: PermitId::new(fresh(8, n)),
            decision: Decision {
                by: person(),
                capacity: Capacity::Holder,
                route: route(),
            },
            reason: sealed(),
        })
    };
    for n in 1..=4 {
        let asked = permit(1, &[ServiceMeasure::SharingOff]);
        apply(&mut scene, n, asked, 5, until(30));
    }
    scene.apply(Event::PermitSentBack { step: answer(2) });
    let permit = PermitId::new(fresh(8, 3));
    scene.apply(Event::PermitWithdrawn { permit });
    let never = is(Verdict::Unknown, "services.never-applied");
    assert_eq!(said(&scene, procedure), never);
    scene.apply(Event::PermitRefused { step: answer(4) });
    assert_eq!(said(&scene, procedure), is(Verdict::Unknown, "rule.none"));
}

#[test]
fn the_procedure_is_there_once_somebody_decides_and_some_were_decided() {
    let procedure = "US-4.1.2-1-a-ウ";
    let mut scene = Scene::new(Profile::Gov);
    under_terms(&mut scene, 1, &[]);
    assert_eq!(
        said(&scene, procedure),
        is(Verdict::NotMet, "services.nobody-decides")
    );
    scene.appoint(Role::Diso);
    assert_eq!(
        said(&scene, procedure),
        is(Verdict::Unknown, "services.never-applied")
    );
    give(
        &mut scene,
        1,
        permit(1, &[ServiceMeasure::SharingOff]),
        5,
        until(30),
    );
    // Used it is; that a rule says so is asked as well.
    assert_eq!(said(&scene, procedure), is(Verdict::Unknown, "rule.none"));
    enact_for(&mut scene, "US-4.1.2-1-a");
    assert_eq!(
        said(&scene, procedure),
        is(Verdict::NotMet, "rule.no-clause")
    );
    enact_for(&mut scene, procedure);
    assert_eq!(
        said(&scene, procedure),
        is(Verdict::Unknown, "attestation.missing")
    );
}

/// Puts a clause in force that answers a row, in a rule of the head officer.
fn enact_for(scene: &mut Scene, row: &str) {
    let mut clause = terms("第1条");
    clause.rows = vec![row.parse().unwrap()];
    let mut content = content(vec![clause]);
    let mut posts = scene.world.posts.values();
    let head = posts
        .find(|it| it.roles.contains(&Role::Hiso))
        .map(|it| it.id);
    content.head.owner = head.unwrap_or_else(|| {
        let appointment = scene.appoint(Role::Hiso);
        scene.world.appointments[&appointment].post
    });
    enact(scene, 1, content);
}

#[test]
fn a_register_of_other_kinds_alone_is_no_dead_end() {
    let mut scene = Scene::new(Profile::Gov);
    let cloud = [
        ("name", text("基盤")),
        ("provider", text("社")),
        ("kind", text("cloud")),
        ("highest", text("C2I2A2")),
        ("domains", many(&["cloud.example"])),
    ];
    enter(&mut scene, Register::Service, service(1), &cloud);
    let rows = ["US-4.1.2-1-a-ア", "US-4.1.2-1-a-禁", "US-4.1.2-2-a-i"];
    let procedure = "US-4.1.2-1-a-ウ";
    enact_for(&mut scene, procedure);
    let all = || rows.into_iter().chain([procedure]);
    for id in all() {
        let unread = is(Verdict::Unknown, "services.no-logs");
        assert_eq!(said(&scene, id), unread, "{id}");
    }
    read_logs(&mut scene, 1);
    let machine_is_met = is(Verdict::Unknown, "attestation.missing");
    for id in all() {
        assert_eq!(said(&scene, id), machine_is_met, "{id}");
    }
    // What is used and stands nowhere may be used on its provider's terms.
    let root = UnitId::new(fresh(2, 0));
    scene.apply(sighting("deepl", "translation", "deepl.example", &[root]));
    for id in all() {
        let unclear = is(Verdict::Unknown, "services.unregistered");
        assert_eq!(said(&scene, id), unclear, "{id}");
    }
}

#[test]
fn tools_of_bureaus_alone_are_no_dead_end_of_those_for_the_whole() {
    for (profile, rows) in [
        (Profile::Gov, &["GOV-4-a"][..]),
        (Profile::Ci, &["CI-4-0", "CI-4-a"][..]),
    ] {
        let mut scene = Scene::new(profile);
        let owner = post(&mut scene, 20, None);
        let bureaus = [
            ("name", text("会議")),
            ("scope", text("unit")),
            ("owner", text(&owner.to_string())),
            ("version", text("6.2")),
            ("settings_reviewed", text("2026-11-01")),
            ("domains", many(&["meet.example"])),
        ];
        enter(&mut scene, Register::ConferenceTool, tool(1), &bureaus);
        for id in rows {
            let unread = is(Verdict::Unknown, "services.no-logs");
            assert_eq!(said(&scene, id), unread, "{id}");
        }
        read_logs(&mut scene, 1);
        for id in rows {
            let machine_is_met = is(Verdict::Unknown, "attestation.missing");
            assert_eq!(said(&scene, id), machine_is_met, "{id}");
        }
    }
}
