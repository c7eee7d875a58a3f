//! What is being exploited on the machine of a gateway raises the threat of attacks on lines, and nothing else; what was
//! frozen before gateways were looked at comes to the same number.

use sekisho_domain::risk::{
    FactKind, Inputs, RiskResult, Scenario, ThreatFact, decode_inputs, encode_inputs,
};
use sekisho_rules::risk::{Replay, assess, built_in_table, read_table, replay};

use crate::fixture::NOW;
use crate::risk::inputs;

const ROW: &str = "exploited_gateways = true\n";

fn with_gateway(mut inputs: Inputs) -> Inputs {
    let fact = ThreatFact {
        kind: FactKind::Gateway,
        subject: "gwy_1".to_owned(),
        at: NOW,
    };
    inputs.facts.insert(Scenario::LineAttack, vec![fact]);
    inputs
}

fn threats(found: &RiskResult) -> Vec<(Scenario, u8)> {
    let all = found.scenarios.iter();
    all.map(|it| (it.scenario, it.threat.number())).collect()
}

#[test]
fn gateways_raise_the_attack_on_lines_and_no_other_scenario() {
    let (table, _) = built_in_table().unwrap();
    let by_gateways = table.scenario.iter().filter(|row| row.exploited_gateways);
    let by_gateways: Vec<Scenario> = by_gateways.map(|row| row.code).collect();
    assert_eq!(by_gateways, [Scenario::LineAttack]);
    let (calm, raised) = (inputs("C2I1A1"), with_gateway(inputs("C2I1A1")));
    let before = threats(&assess(&calm)).into_iter();
    let expected: Vec<_> = before
        .map(|(scenario, threat)| match scenario {
            Scenario::LineAttack => (scenario, threat + 1),
            _ => (scenario, threat),
        })
        .collect();
    let found = assess(&raised);
    assert_eq!(threats(&found), expected);
    // It is frozen with what it raised, and comes to the same number again.
    let document = encode_inputs(&raised);
    let text = String::from_utf8(document.clone()).unwrap();
    assert!(text.contains("\"kind\":\"gateway\",\"subject\":\"gwy_1\""));
    assert_eq!(replay(&document, &found), Replay::Same);
}

#[test]
fn what_was_frozen_before_gateways_were_looked_at_comes_to_the_same_number() {
    let text = include_str!("../../../../catalog/risk.toml");
    assert_eq!(text.matches(ROW).count(), 1);
    let (table, table_digest) = read_table(&text.replace(ROW, "")).unwrap();
    let old = Inputs {
        table,
        table_digest,
        ..inputs("C2I1A1")
    };
    let document = encode_inputs(&old);
    // As it was written then, to the byte.
    let written = String::from_utf8(document.clone()).unwrap();
    assert!(!written.contains("gateway"), "{written}");
    assert_eq!(decode_inputs(&document).as_ref(), Some(&old));
    assert_eq!(replay(&document, &assess(&old)), Replay::Same);
    assert_eq!(assess(&old), assess(&inputs("C2I1A1")));
}
