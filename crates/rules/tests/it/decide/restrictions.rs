//! Handling restrictions of what a system holds (取扱制限): they refuse nothing by themselves, go with
//! every answer that lets somebody reach it, in union with those of the permits (requirements.md 2.3), and
//! can be looked at by rules of one's own.

use sekisho_domain::device::DeviceClass;
use sekisho_domain::field::Value;
use sekisho_domain::permit::{Particulars, PermitKind, Place};
use sekisho_domain::register::Register;
use sekisho_domain::restriction::Restriction;
use sekisho_rules::decide::{
    Decision, Denied, Outing, OwnAnswer, Question, Rulebook, Then, decide_seen,
};

use super::scene::{Office, device, highest, join, particulars, reach, system};

/// The entry of the system with these restrictions.
fn restrict(office: &mut Office, restrictions: &[&str]) {
    let entry = office.scene.world.registers.entry(system()).unwrap();
    let mut values = entry.particulars.values();
    let restrictions = restrictions.iter().map(|it| (*it).to_owned());
    values.insert(
        "restrictions".to_owned(),
        Value::Many(restrictions.collect()),
    );
    let fields: Vec<(&str, Value)> = values
        .iter()
        .map(|(code, value)| (code.as_str(), value.clone()))
        .collect();
    office.write(Register::System, system().into(), &fields);
}

/// With what restrictions it is allowed.
fn told(office: &Office, question: &Question) -> Vec<String> {
    let book = Rulebook::built_in().unwrap();
    match office.decide(&book, question) {
        Decision::Allow(allowed) => allowed
            .restrictions
            .iter()
            .map(ToString::to_string)
            .collect(),
        Decision::Deny(denied) => panic!("{denied:?}"),
    }
}

#[test]
fn what_the_register_restricts_goes_with_every_answer_that_lets_somebody_reach_the_system() {
    let inside = reach(Place::ControlledArea);
    let mut office = Office::without_permits(DeviceClass::Issued, highest());
    assert_eq!(told(&office, &inside), Vec::<String>::new());
    restrict(&mut office, &["印刷禁止", "複製要許可"]);
    // No permit is needed here, and none has to say it.
    assert_eq!(told(&office, &inside), ["copy:by=diso", "print:deny"]);
    // Of a line nothing is known that would be restricted.
    assert_eq!(told(&office, &join(Outing::None)), Vec::<String>::new());
    restrict(&mut office, &[]);
    assert_eq!(told(&office, &inside), Vec::<String>::new());
}

#[test]
fn the_restrictions_of_the_system_and_of_its_permits_are_united_and_the_strictest_is_told() {
    let mut office = Office::without_permits(DeviceClass::Issued, highest());
    restrict(&mut office, &["複製要許可", "印刷禁止"]);
    let question = reach(Place::OutsideOrganisation);
    for kind in [
        PermitKind::Telework,
        PermitKind::TakeOut,
        PermitKind::RemoteAccess,
        PermitKind::Line,
    ] {
        office.give(kind, &question);
    }
    let mut asked = particulars(PermitKind::OffSite, Some(device()), question.origin.place);
    let Particulars::OffSite(it) = &mut asked else {
        panic!("it is for handling off-site");
    };
    it.restrictions = ["複製禁止", "送信禁止", "印刷禁止"]
        .map(|word| word.parse::<Restriction>().unwrap())
        .into();
    let wanted = office.term();
    let permit = office.apply(asked, Some(highest()), wanted);
    office.approve(permit);
    office.take_up(permit);
    assert_eq!(
        told(&office, &question),
        ["copy:deny", "send:deny", "print:deny"]
    );
}

#[test]
fn rules_of_ones_own_see_the_restrictions_of_the_system_and_answers_keep_them() {
    let own = Rulebook::with_own(
        r#"
@id("own.no-copies-outside") @ja("複製を禁じられた情報は、庁舎外で扱いません。")
forbid (principal, action == Sekisho::Action::"reach", resource)
when { context.more.restrictions.contains("copy:deny") };
"#,
    )
    .unwrap();
    let question = reach(Place::ControlledArea);
    let mut office = Office::without_permits(DeviceClass::Issued, highest());
    for (restrictions, forbidden) in [(&["複製禁止"][..], true), (&["印刷禁止"][..], false)]
    {
        restrict(&mut office, restrictions);
        let (decision, seen, _) = decide_seen(&own, office.ground(), &question);
        let rules: Vec<&str> = match &decision {
            Decision::Allow(_) => Vec::new(),
            Decision::Deny(Denied::Missing(all)) => all.iter().map(|it| &*it.rule.id).collect(),
            Decision::Deny(Denied::Failed(error)) => panic!("{error}"),
        };
        let then = Then {
            question: &question,
            seen: &seen,
            at: office.now,
        };
        let kept = own.own_answer(then);
        if forbidden {
            assert_eq!(rules, ["own.no-copies-outside"]);
            assert_eq!(
                kept,
                OwnAnswer::Forbidden(vec!["own.no-copies-outside".to_owned()])
            );
        } else {
            assert!(rules.is_empty(), "{rules:?}");
            assert_eq!(kept, OwnAnswer::Allowed);
        }
    }
}
