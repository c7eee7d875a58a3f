//! What is remembered of answers is what the policies answer: random situations are asked of one
//! rulebook one after the other, and of plain Cedar, which remembers nothing.

use std::collections::BTreeSet;

use cedar_policy::{ActionConstraint, Authorizer, Entities, PolicySet, PrincipalConstraint};
use cedar_policy::{Request, ResourceConstraint};
use sekisho_rules::decide::{Decision, Denied, Rulebook, built_in_policies, cedar_request};

use super::fixes::{Dice, situation};

fn policies() -> PolicySet {
    let text: String = built_in_policies().map(|(_, text)| text).collect();
    text.parse().unwrap()
}

/// The ids of the policies that forbid; none where all of them let it through.
fn plain(policies: &PolicySet, request: &Request) -> BTreeSet<String> {
    let response = Authorizer::new().is_authorized(request, policies, &Entities::empty());
    let diagnostics = response.diagnostics();
    assert_eq!(diagnostics.errors().count(), 0);
    if response.decision() == cedar_policy::Decision::Allow {
        return BTreeSet::new();
    }
    let reasons = diagnostics.reason().map(|id| policies.policy(id).unwrap());
    let ids = reasons.map(|policy| policy.annotation("id").unwrap().to_owned());
    let ids: BTreeSet<String> = ids.collect();
    assert!(!ids.is_empty());
    ids
}

#[test]
fn what_is_remembered_is_what_plain_cedar_answers() {
    const SITUATIONS: usize = 20_000;
    let (book, policies) = (Rulebook::built_in().unwrap(), policies());
    let mut dice = Dice(26);
    let mut allowed = 0;
    for number in 0..SITUATIONS {
        let (office, question) = situation(&mut dice);
        let request = cedar_request(&book, office.ground(), &question).unwrap();
        let expected = plain(&policies, &request);
        // The second answer is remembered for sure.
        for _ in 0..2 {
            let found: BTreeSet<String> = match office.decide(&book, &question) {
                Decision::Allow(_) => BTreeSet::new(),
                Decision::Deny(Denied::Missing(missing)) => {
                    missing.iter().map(|it| it.rule.id.clone()).collect()
                }
                failed @ Decision::Deny(_) => panic!("{failed:?}"),
            };
            assert_eq!(found, expected, "situation {number}: {question:?}");
        }
        allowed += usize::from(expected.is_empty());
    }
    assert!(allowed > 0);
    // So most of them were answered from memory the first time already.
    assert!(book.remembered() > 100 && book.remembered() < SITUATIONS);
}

#[test]
fn no_built_in_rule_looks_at_who_asks_for_what_or_at_anything_besides_the_facts() {
    // What the rulebook is asked names nobody and nothing, and has nothing of `more`.
    for policy in policies().policies() {
        let id = policy.annotation("id").unwrap();
        assert_eq!(
            policy.principal_constraint(),
            PrincipalConstraint::Any,
            "{id}"
        );
        assert_eq!(
            policy.resource_constraint(),
            ResourceConstraint::Any,
            "{id}"
        );
        let action = policy.action_constraint();
        assert!(!matches!(action, ActionConstraint::In(_)), "{id}");
        let conditions = policy.to_json().unwrap()["conditions"].to_string();
        for unseen in [
            "\"Var\":\"principal\"",
            "\"Var\":\"resource\"",
            "\"Var\":\"action\"",
            "__entity",
            "\"more\"",
        ] {
            assert!(!conditions.contains(unseen), "{id} looks at {unseen}");
        }
        assert!(
            conditions == "[]" || conditions.contains("\"Var\":\"context\""),
            "{id}"
        );
    }
}
