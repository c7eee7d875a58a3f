//! What is kept of a moment is what was decided on: rules put to it later say what they would have
//! said then.

use serde_json::Value;

use sekisho_domain::time::Span;
use sekisho_rules::decide::{
    Decision, Denied, OwnAnswer, Rulebook, Seen, Then, cedar_request, decide, decide_seen,
};

use super::fixes::{Dice, office, question};

/// So many situations.
const SITUATIONS: usize = 4_000;

/// Rules that look at facts of every kind.
const RULES: &str = r#"
@id("nights") @ja("夜間は不可。")
forbid (principal, action == Sekisho::Action::"reach", resource)
when { context.place.off_site && (context.more.hour < 7 || context.more.hour >= 22) };
@id("holidays") @ja("閉庁日は不可。")
forbid (principal, action, resource) unless { context.more.working_day };
@id("high") @ja("機密性3は支給端末のみ。")
forbid (principal, action, resource)
when { context.grade.confidentiality >= 3 && !context.device.issued };
@id("failing") @ja("点検に不合格。")
forbid (principal, action, resource) when { context.more.failing.contains("screen_lock") };
@id("excused") @ja("特例措置の間は不可。")
forbid (principal, action, resource) when { context.excused.contains("permit.off-site") };
@id("line") @ja("回線に接続できません。")
forbid (principal, action == Sekisho::Action::"join", resource)
when { context.outside.was && context.more.weekday == 1 };
"#;

/// Sets are in no order.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(all) => {
            let mut all: Vec<Value> = all.iter().map(sorted).collect();
            all.sort_by_key(ToString::to_string);
            Value::Array(all)
        }
        Value::Object(all) => {
            let all = all.iter().map(|(name, it)| (name.clone(), sorted(it)));
            Value::Object(all.collect())
        }
        other => other.clone(),
    }
}

#[test]
fn what_is_kept_gives_the_context_that_was_decided_on() {
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let book = Rulebook::built_in().unwrap();
    let own = Rulebook::with_own(RULES).unwrap();
    let (mut allowed, mut forbidden) = (0, 0);
    for _ in 0..SITUATIONS {
        let question = question(&mut dice);
        let mut office = office(&mut dice, &question);
        office.now = office
            .now
            .after(Span::hours(u32::try_from(dice.roll(168)).unwrap()));
        let ground = office.ground();
        let (decision, seen, built_in) = decide_seen(&book, ground, &question);
        assert_eq!(decision, decide(&book, ground, &question));
        // Through the form in which it is stored.
        let text = serde_json::to_string(&seen).unwrap();
        let seen: Seen = serde_json::from_str(&text).unwrap();
        assert!(seen.is_known());
        let request = cedar_request(&book, ground, &question).unwrap();
        let ours = seen.context(&question, office.now).unwrap();
        let theirs = request.context().unwrap();
        assert_eq!(
            sorted(&ours.to_json_value().unwrap()),
            sorted(&theirs.to_json_value().unwrap()),
            "{text}"
        );
        assert_eq!(built_in, Some(decision.is_allowed()));
        // The answer under own rules is that of the built-in rules and of what is kept.
        let then = Then {
            question: &question,
            seen: &seen,
            at: office.now,
        };
        let of_own: Vec<String> = match decide(&own, ground, &question) {
            Decision::Deny(Denied::Missing(missing)) => {
                let own = missing.into_iter().filter(|it| it.own);
                own.map(|it| it.rule.id.clone()).collect()
            }
            _ => Vec::new(),
        };
        match own.own_answer(then) {
            OwnAnswer::Allowed => {
                allowed += 1;
                assert_eq!(of_own, Vec::<String>::new());
            }
            OwnAnswer::Forbidden(rules) => {
                forbidden += 1;
                assert_eq!(of_own, rules);
            }
            OwnAnswer::Failed(error) => panic!("{error}"),
        }
    }
    assert!(allowed > 100 && forbidden > 100, "{allowed} {forbidden}");
}

#[test]
fn facts_of_another_edition_are_not_known() {
    let text = r#"{"v":1,"b":0,"g":"C1I1A1"}"#;
    let seen: Seen = serde_json::from_str(text).unwrap();
    assert!(!seen.is_known());
}

#[test]
fn what_is_kept_is_small() {
    let mut dice = Dice(7);
    let book = Rulebook::built_in().unwrap();
    let mut longest = 0;
    for _ in 0..500 {
        let question = question(&mut dice);
        let office = office(&mut dice, &question);
        let (_, seen, _) = decide_seen(&book, office.ground(), &question);
        longest = longest.max(serde_json::to_string(&seen).unwrap().len());
    }
    println!("the longest facts have {longest} bytes");
    assert!(longest < 1024, "{longest}");
}
