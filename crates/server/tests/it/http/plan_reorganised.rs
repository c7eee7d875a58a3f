//! The plan of telework over a reorganisation (組織改編): who was inside it then.

use sekisho_domain::actor::Actor;
use sekisho_domain::command::{Command, StructureCommand};
use sekisho_domain::id::{TaskId, UnitId};
use sekisho_domain::plan::CaseScope;
use sekisho_domain::time::Span;
use sekisho_rules::trigger::{Against, Sums};
use sekisho_server::plan::measure;
use sekisho_store::observations::NewDecision;

use super::house::House;
use super::plan::{DAY, HEAD, Officers, allowed, approved, done, line, officers, task};

/// A plan with one task, for two units.
async fn planned(house: &House, officers: &Officers, units: [UnitId; 2]) -> TaskId {
    let mut hiso = house.signed_in(officers.hiso);
    let own = task(&mut hiso, house, "総務の事務").await;
    done(&mut hiso, "/plan/draft/head", &HEAD).await;
    let both = units.map(|it| it.to_string());
    let units = both.iter().map(|it| ("f-units", it.as_str()));
    let limited: Vec<_> = line(&own, "allow").into_iter().chain(units).collect();
    done(&mut hiso, "/plan/draft/lines/new", &limited).await;
    approved(house, officers).await;
    own.parse().unwrap()
}

/// A reorganisation makes nobody an outsider of what was lawful before it, nor is what was outside made lawful by it.
#[tokio::test(flavor = "multi_thread")]
async fn people_of_units_that_were_abolished_or_moved_are_judged_by_what_stood_above_them_then() {
    let house = House::founded().await;
    let officers = officers(&house).await;
    let [bureau, abolished, moved, heir] = [
        house.unit("総務局").await,
        house.unit("統計課").await,
        house.unit("調査課").await,
        house.unit("政策局").await,
    ];
    let structure = |act: StructureCommand| {
        let by = Actor::person(house.first_officer());
        house.app.command(by, Command::Structure(Box::new(act)))
    };
    let soon = || house.app.now().after(Span::hours(1));
    let put = |unit, parent| StructureCommand::MoveUnit {
        unit,
        parent,
        from: soon(),
        expected: None,
    };
    structure(put(moved, bureau)).await.unwrap();
    let people = [
        house.person("tokei", abolished).await,
        house.person("chosa", moved).await,
        house.person("seisaku", heir).await,
    ];
    let own = planned(&house, &officers, [bureau, abolished]).await;
    house.pass(8 * DAY);
    let worked = |person| allowed(person, Some(own), house.app.now().as_millis() - 2 * DAY);
    let answers: Vec<_> = people[..2].iter().map(|it| worked(*it)).collect();
    house.app.observations().add_decisions(&answers).unwrap();
    let outsiders = || {
        let usage = measure(&house.app, None).unwrap();
        let sums = Sums::of(&usage, Against::of(&house.app.world().plan).unwrap());
        let of_heir = sums.scope(CaseScope::Unit(heir));
        (sums.body.outside_use, of_heir.outside_use)
    };
    assert_eq!(outsiders(), (0, 0));
    let end = StructureCommand::AbolishUnit {
        unit: abolished,
        until: soon(),
        heirs: vec![heir],
        shares: Vec::new(),
        expected: None,
    };
    structure(end).await.unwrap();
    structure(put(moved, heir)).await.unwrap();
    house.pass(3 * DAY);
    assert_eq!(outsiders(), (0, 0));
    // What they do after it they do outside, and so did who always was there.
    let answers = people.map(|it| NewDecision {
        at: house.app.now().as_millis() - DAY,
        ..worked(it)
    });
    house.app.observations().add_decisions(&answers).unwrap();
    assert_eq!(outsiders(), (3, 2));
}
