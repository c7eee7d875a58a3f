//! What is being exploited on the machine of a gateway threatens every task that may be done through it.

use std::collections::BTreeMap;

use sekisho_domain::actor::Actor;
use sekisho_domain::check::{DeviceCheck, Outcome};
use sekisho_domain::command::Command;
use sekisho_domain::device::{DeviceClass, StateSource};
use sekisho_domain::field::Value;
use sekisho_domain::id::DeviceId;
use sekisho_domain::name::Line;
use sekisho_domain::permit::particulars::TeleworkPlace;
use sekisho_domain::plan::{Conclusion, Feed};
use sekisho_domain::register::{EntryId, Register};
use sekisho_domain::risk::{
    Answer, FactKind, Inputs, Question, RiskContent, RiskSubject, Scenario, ThreatFact,
};
use sekisho_rules::catalogue::Catalogue;
use sekisho_rules::risk::assess;
use sekisho_server::app::fresh;
use sekisho_server::risk::measure;

use super::agents::key;
use super::gateways::Road;
use super::plan_feeds::{KEV, change, found};

const DAY: i64 = 86_400_000;
const WELL: (Outcome, &str) = (Outcome::Pass, "advisory.clean");
const EXPLOITED: (Outcome, &str) = (Outcome::Fail, "advisory.exploited");

/// A machine of another unit, on which the gateway runs from now on.
async fn machine(road: &Road) -> DeviceId {
    let device = DeviceId::new(fresh().unwrap());
    let enrol = Command::EnrolDevice {
        device,
        key: key(9).1,
        class: DeviceClass::Issued,
        unit: road.house().unit("情報システム課").await,
        user: None,
        source: StateSource::Observed,
    };
    let app = &road.house().app;
    app.command(Actor::Operator, enrol).await.unwrap();
    let runs_on = Some(Value::Text(device.to_string()));
    change(&road.section, road.gateway.into(), &[("device", runs_on)]).await;
    device
}

/// What is said of the section's task.
fn content(road: &Road) -> RiskContent {
    let EntryId::Task(task) = road.section.entry(Register::Task) else {
        panic!("no task");
    };
    RiskContent {
        subject: RiskSubject::Task(task),
        grade: "C2I2A1".parse().unwrap(),
        places: vec![TeleworkPlace::Home],
        cases: Vec::new(),
        answers: Question::ALL.iter().map(|it| (*it, Answer::No)).collect(),
        raised: Vec::new(),
        lowered: Vec::new(),
        conclusion: Conclusion::Unchanged,
        reason: Line::parse("定期の見直しのため").unwrap(),
        treatments: Vec::new(),
    }
}

fn threat(inputs: &Inputs, scenario: Scenario) -> u8 {
    let found = assess(inputs);
    let it = found.scenarios.iter().find(|it| it.scenario == scenario);
    it.unwrap().threat.number()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exploited_gateway_raises_the_attack_on_lines_though_the_devices_of_the_task_are_others()
{
    let road = Road::new().await;
    let app = &road.house().app;
    road.house().pass(3 * DAY);
    tokio::task::block_in_place(|| road.house().feeds(&[KEV]));
    let (catalogue, content) = (Catalogue::builtin().unwrap(), content(&road));
    let measured = || measure(app, &catalogue, &content).unwrap();
    let unseen = |inputs: &Inputs| inputs.unmeasured.contains(Feed::Exploited.code());
    // Nobody said on what the gateway runs.
    assert!(unseen(&measured()));
    let device = machine(&road).await;
    found(app, device, DeviceCheck::Advisories, WELL);
    let calm = measured();
    assert!(!unseen(&calm) && calm.facts.is_empty(), "{:?}", calm.facts);
    found(app, device, DeviceCheck::Advisories, EXPLOITED);
    let raised = measured();
    let fact = ThreatFact {
        kind: FactKind::Gateway,
        subject: road.gateway.to_string(),
        at: app.now(),
    };
    let expected = BTreeMap::from([(Scenario::LineAttack, vec![fact])]);
    assert_eq!(raised.facts, expected);
    assert!(!unseen(&raised));
    // The machine is none of the devices with which the task is done.
    assert_eq!(raised.devices, calm.devices);
    for scenario in Scenario::ALL {
        let step = u8::from(*scenario == Scenario::LineAttack);
        let before = threat(&calm, *scenario);
        assert_eq!(threat(&raised, *scenario), before + step, "{scenario:?}");
    }
    // What was found the day before yesterday says nothing of today.
    road.house().pass(2 * DAY);
    let later = measured();
    assert!(later.facts.is_empty() && unseen(&later));
}
