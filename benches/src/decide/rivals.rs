//! The same rules elsewhere: plain Cedar, and Rego by `regorus`. Both are given the facts as they need
//! them, made beforehand, and have to name the same rules as `decide`.

use std::collections::BTreeSet;
use std::hint::black_box;
use std::time::Instant;

use cedar_policy::{Authorizer, Entities, PolicySet, Request};
use regorus::{Engine, Value};
use sekisho_rules::decide::built_in_policies;

use crate::measure::Times;

/// The rulebook in Rego.
const REGO: &str = include_str!("rulebook.rego");

/// The ids of the rules that forbid.
pub(super) type Rules = BTreeSet<String>;

/// Asks plain Cedar.
pub(super) fn cedar(requests: &[Request]) -> (Times, Vec<Rules>) {
    let text: String = built_in_policies().map(|(_, text)| text).collect();
    let policies: PolicySet = text.parse().expect("the policies are read");
    let (authorizer, nothing) = (Authorizer::new(), Entities::empty());
    let mut times = Times::default();
    let mut found = Vec::with_capacity(requests.len());
    for request in requests {
        let begun = Instant::now();
        let response = authorizer.is_authorized(black_box(request), &policies, &nothing);
        times.add(begun.elapsed().as_secs_f64());
        let mut rules = Rules::new();
        if response.decision() == cedar_policy::Decision::Deny {
            let reasons = response.diagnostics().reason();
            rules.extend(
                reasons.filter_map(|id| Some(policies.policy(id)?.annotation("id")?.to_owned())),
            );
        }
        found.push(rules);
    }
    (times, found)
}

/// Asks Rego.
pub(super) fn rego(requests: &[Request]) -> (Times, Vec<Rules>) {
    let mut engine = Engine::new();
    let path = "rulebook.rego".to_owned();
    engine
        .add_policy(path, REGO.to_owned())
        .expect("the rules are read");
    let inputs: Vec<Value> = requests.iter().map(input).collect();
    let mut times = Times::default();
    let mut found = Vec::with_capacity(inputs.len());
    for input in inputs {
        let begun = Instant::now();
        engine.set_input(input);
        let denied = engine.eval_rule("data.sekisho.deny".to_owned());
        times.add(begun.elapsed().as_secs_f64());
        let denied = denied.expect("the rules can be evaluated");
        let denied = denied.as_set().expect("a set of rules");
        let ids = denied
            .iter()
            .filter_map(|id| Some(id.as_string().ok()?.to_string()));
        found.push(ids.collect());
    }
    (times, found)
}

fn input(request: &Request) -> Value {
    let context = request.context().expect("a whole request");
    let mut input = context.to_json_value().expect("facts are plain data");
    // What only an organisation's own rules look at.
    if let Some(members) = input.as_object_mut() {
        members.remove("more");
        let action = request.action().expect("a whole request");
        members.insert("action".to_owned(), action.id().unescaped().into());
    }
    Value::from(input)
}
