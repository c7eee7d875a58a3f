//! What ledgers hold of units since triggers look at them one by one: the texts that were written are read for ever.

use sekisho_domain::id::{Fresh, TaskId, UnitId};
use sekisho_domain::plan::{FailingUnits, FrozenParts, FrozenTaskUse, PlanEvaluated};
use serde_json::json;

fn unit(number: u8) -> UnitId {
    UnitId::new(Fresh([number; 16]))
}

#[test]
fn an_evaluation_that_names_failing_units_is_read_as_it_was_written() {
    let written = json!({
        "version": 1,
        "day": 86_400_000,
        "body": { "people": 3, "person_days": 21, "gateway_hours": 160 },
        "firing": 2,
        "unmeasured": [],
        "failing": [],
        "failing_units": [
            { "check": "firewall", "since": 0, "units": [unit(2).to_string(), unit(3).to_string()] },
        ],
    });
    let read: PlanEvaluated = serde_json::from_value(written.clone()).unwrap();
    let [FailingUnits { units, .. }] = &read.failing_units[..] else {
        panic!("{read:?}");
    };
    assert_eq!(*units, [unit(2), unit(3)]);
    assert_eq!(serde_json::to_value(&read).unwrap(), written);
}

#[test]
fn what_was_frozen_of_the_tasks_of_units_is_read_as_it_was_written() {
    let task = TaskId::new(Fresh([5; 16])).to_string();
    let of_unit = json!({ "permits": 3, "person_days": 20 });
    let written = json!({
        task: { "whole": of_unit, "units": { unit(2).to_string(): of_unit } },
    });
    let read: std::collections::BTreeMap<TaskId, FrozenParts> =
        serde_json::from_value(written.clone()).unwrap();
    let parts = read.values().next().unwrap();
    let whole = FrozenTaskUse {
        permits: 3,
        person_days: 20,
    };
    assert_eq!((parts.whole, parts.units[&unit(2)]), (whole, whole));
    assert_eq!(serde_json::to_value(&read).unwrap(), written);
}
