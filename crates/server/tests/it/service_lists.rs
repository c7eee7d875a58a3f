//! Lists of outside services: brought in as a feed, written by the organisation, laid one over the other.

use sekisho_detect::discovery::{
    CatalogueError, ListChanges, ListedService, ServiceKind, ServiceList, Words,
};
use sekisho_domain::actor::Actor;
use sekisho_domain::command::Command;
use sekisho_domain::feed::{FeedKind, FeedState, OWN_SERVICES_PART, SERVICES_PART};
use sekisho_domain::time::{Span, Timestamp};
use sekisho_ledger::digest::Digest;
use sekisho_protocol::admin::{Answer, Request};
use sekisho_rules::access::{Blind, Hidden};
use sekisho_rules::catalogue::Catalogue as Rows;
use sekisho_server::admin::Desk;
use sekisho_server::app::{App, CommandError};
use sekisho_server::knowledge::services::{
    ImportedServices, OwnChange, ServicesError, change_own_services, import_services,
};
use sekisho_server::knowledge::{ImportHints, lines};
use sekisho_server::service_use::lists::{ListError, OWN_FILE, ServiceLists};
use sekisho_store::observations::{Feed, FeedState as StoredState};

use crate::assessor::{Passing, house};
use crate::compared::{OFFICER, person};

/// The head officer, who keeps the services of all.
fn officer() -> Actor {
    Actor::person(person(OFFICER))
}

/// A house a week later, when the list that comes along is not of a day to come.
fn later(place: &tempfile::TempDir, time: &Passing) -> App {
    time.days(7);
    house(place.path(), time)
}

fn service(id: &str, domain: &str) -> String {
    format!(
        "[[service]]\nid = \"{id}\"\nname = {{ ja = \"{id}\", en = \"{id}\" }}\nkind = \"chat\"\ndomains = [\"{domain}\"]\n"
    )
}

fn listed(id: &str, kind: ServiceKind, domains: &[&str]) -> ListedService {
    ListedService {
        id: id.to_owned(),
        name: Words {
            ja: id.to_owned(),
            en: id.to_owned(),
        },
        kind,
        domains: domains.iter().map(|it| (*it).to_owned()).collect(),
        programs: Vec::new(),
    }
}

fn own(id: &str, domain: &str) -> OwnChange {
    OwnChange::Put(listed(id, ServiceKind::Other, &[domain]))
}

/// Keeps bytes as a part of the lists without a record, as where the program ended in between.
fn keep(app: &App, part: &str, bytes: &[u8]) {
    let now = app.now().as_millis();
    let state = StoredState {
        name: part.to_owned(),
        as_of: now,
        imported_at: now,
        digest: Digest::of(bytes).0,
        entries: 1,
    };
    let content = bytes.to_vec();
    app.observations()
        .put_feed(&Feed { state, content })
        .unwrap();
}

/// The code with which something was refused.
fn refused<T: std::fmt::Debug>(answer: Result<T, ServicesError>) -> String {
    match answer {
        Err(ServicesError::Command(CommandError::Refused(refusal))) => {
            refusal.reason.code.to_string()
        }
        other => panic!("{other:?}"),
    }
}

fn bring(
    app: &App,
    text: &str,
    as_of: Option<Timestamp>,
) -> Result<ImportedServices, ServicesError> {
    // Beside the list that comes along these are short.
    let hints = ImportHints {
        as_of,
        smaller: true,
        ..ImportHints::default()
    };
    import_services(app, Actor::Operator, text.as_bytes(), &hints)
}

fn found(app: &App, name: &str) -> Option<String> {
    let catalogue = ServiceLists::of(app).unwrap().catalogue().unwrap();
    let number = catalogue.find(name.as_bytes())?;
    Some(catalogue.service(number)?.id.as_str().to_owned())
}

#[test]
fn a_feed_takes_the_place_of_the_list_that_comes_along_and_ones_own_counts_before_it() {
    let (place, time) = (tempfile::tempdir().unwrap(), Passing::default());
    let app = later(&place, &time);
    assert_eq!(found(&app, "us02web.zoom.us").as_deref(), Some("zoom"));
    let quiet = lines(&app).into_iter().all(|line| line.kind != "services");
    assert!(quiet, "nobody need bring one in");
    let first = service("talk", "talk.example") + &service("post", "post.example");
    let now = app.now();
    let brought = bring(&app, &first, Some(now)).unwrap();
    assert!(!brought.known);
    assert_eq!(brought.changes.added, ["post", "talk"]);
    assert!(brought.changes.removed.contains(&"zoom".to_owned()));
    assert_eq!(found(&app, "us02web.zoom.us"), None);
    assert_eq!(found(&app, "a.talk.example").as_deref(), Some("talk"));
    assert!(bring(&app, &first, Some(now)).unwrap().known);
    // Written on the console, then in a file: what comes later counts.
    let change = own("desk", "talk.example");
    assert!(change_own_services(&app, officer(), &change).unwrap());
    assert_eq!(found(&app, "a.talk.example").as_deref(), Some("desk"));
    let again = change_own_services(&app, officer(), &change).unwrap();
    assert!(!again, "the same is no change");
    let file = app.folder().root().join(OWN_FILE);
    std::fs::write(&file, service("file", "talk.example")).unwrap();
    assert_eq!(found(&app, "a.talk.example").as_deref(), Some("file"));
    std::fs::remove_file(&file).unwrap();
    let gone = OwnChange::Remove("desk".to_owned());
    assert!(change_own_services(&app, officer(), &gone).unwrap());
    assert!(!change_own_services(&app, officer(), &gone).unwrap());
    assert_eq!(found(&app, "a.talk.example").as_deref(), Some("talk"));
    // The list before is kept, and old age is told and takes nothing away.
    time.days(1);
    let second = service("talk", "talk.example");
    let changes = bring(&app, &second, Some(app.now())).unwrap().changes;
    assert_eq!(
        changes,
        ListChanges {
            removed: vec!["post".to_owned()],
            ..ListChanges::default()
        }
    );
    let lists = ServiceLists::of(&app).unwrap();
    assert_eq!(lists.before, Some(ServiceList::parse(&first).unwrap()));
    time.days(181);
    let line = lines(&app).into_iter().find(|line| line.kind == "services");
    assert!(!line.unwrap().fresh);
    assert_eq!(found(&app, "a.talk.example").as_deref(), Some("talk"));
}

#[test]
fn a_list_that_is_wrong_changes_nothing() {
    let (place, time) = (tempfile::tempdir().unwrap(), Passing::default());
    let app = later(&place, &time);
    let good = service("talk", "talk.example");
    bring(&app, &good, Some(app.now())).unwrap();
    let later = app.now().after(Span::seconds(1));
    let form = |text: &str| match bring(&app, text, Some(later)) {
        Err(ServicesError::List(ListError::Form(error))) => error,
        other => panic!("{text}: {other:?}"),
    };
    let twice = good.clone() + &service("talk", "other.example");
    assert_eq!(form(&twice), CatalogueError::Id("talk".to_owned()));
    for domain in [
        "example",
        "co.jp",
        "*.talk.example",
        "xn--a.example",
        "192.0.2.1",
    ] {
        let wrong = service("new", domain) + &good;
        assert!(
            matches!(form(&wrong), CatalogueError::Domain { .. }),
            "{domain}"
        );
    }
    let nameless = good.replace("ja = \"talk\"", "ja = \" \"");
    assert_eq!(form(&nameless), CatalogueError::Name("talk".to_owned()));
    assert!(matches!(
        form("[[service]]\nid = 3\n"),
        CatalogueError::Form(_)
    ));
    assert!(matches!(
        bring(&app, &service("new", "new.example"), None),
        Err(ServicesError::DateMissing)
    ));
    let old = app.now().before(Span::days(1));
    let old = bring(&app, &service("new", "new.example"), Some(old));
    assert_eq!(refused(old), "feed.older-than-current");
    let wrong = own("mine", "jp");
    assert!(change_own_services(&app, officer(), &wrong).is_err());
    assert_eq!(found(&app, "a.talk.example").as_deref(), Some("talk"));
    assert_eq!(found(&app, "new.example"), None);
    assert_eq!(app.world().feeds.len(), 1, "nothing else is of record");
}

/// A list that was brought in long ago was in use for ever, however often the program was updated.
#[test]
fn a_list_that_came_with_an_update_takes_the_place_of_an_older_one_that_was_brought_in() {
    let (place, time) = (tempfile::tempdir().unwrap(), Passing::default());
    let app = house(place.path(), &time);
    // Brought in before the list was written that comes along now.
    let old = service("talk", "talk.example");
    keep(&app, SERVICES_PART, old.as_bytes());
    let feed = FeedState {
        kind: FeedKind::Services,
        part: SERVICES_PART.to_owned(),
        digest: Digest::of(old.as_bytes()).to_string(),
        as_of: app.now(),
        imported_at: app.now(),
        entries: 1,
    };
    let smaller = false;
    let import = Command::ImportFeed { feed, smaller };
    app.command_blocking(Actor::Operator, import, Vec::new())
        .unwrap();
    time.days(7);
    assert_eq!(found(&app, "us02web.zoom.us").as_deref(), Some("zoom"));
    assert_eq!(found(&app, "a.talk.example"), None);
    assert!(lines(&app).iter().all(|line| line.kind != "services"));
    // What is brought in now is held against the list in use.
    let between = app.now().before(Span::days(3));
    let between = bring(&app, &service("new", "new.example"), Some(between));
    assert_eq!(refused(between), "feed.older-than-current");
    let short = import_services(
        &app,
        Actor::Operator,
        service("new", "new.example").as_bytes(),
        &ImportHints {
            as_of: Some(app.now()),
            ..ImportHints::default()
        },
    );
    assert_eq!(refused(short), "feed.shrunk");
    bring(&app, &service("new", "new.example"), Some(app.now())).unwrap();
    assert_eq!(found(&app, "new.example").as_deref(), Some("new"));
}

/// The same entry again was no change, so that what had never been recorded stayed out of use.
#[test]
fn an_own_entry_that_broke_off_before_it_was_recorded_is_recorded_when_it_is_written_again() {
    let (place, time) = (tempfile::tempdir().unwrap(), Passing::default());
    let app = later(&place, &time);
    let list = ServiceList {
        as_of: None,
        service: vec![listed("desk", ServiceKind::Other, &["desk.example"])],
    };
    keep(&app, OWN_SERVICES_PART, &serde_json::to_vec(&list).unwrap());
    assert_eq!(found(&app, "desk.example"), None);
    let change = own("desk", "desk.example");
    assert!(change_own_services(&app, officer(), &change).unwrap());
    assert_eq!(found(&app, "desk.example").as_deref(), Some("desk"));
    assert!(!change_own_services(&app, officer(), &change).unwrap());
    // The same of an entry that was taken out.
    let none = serde_json::to_vec(&ServiceList::default()).unwrap();
    keep(&app, OWN_SERVICES_PART, &none);
    let gone = OwnChange::Remove("desk".to_owned());
    assert!(change_own_services(&app, officer(), &gone).unwrap());
    assert!(!ServiceLists::of(&app).unwrap().unrecorded);
}

/// Whoever might bring lists in could take a service out of what is looked for, and no row changed.
#[test]
fn only_who_keeps_the_services_of_all_hides_one_and_the_evidence_names_it() {
    let (place, time) = (tempfile::tempdir().unwrap(), Passing::default());
    let app = later(&place, &time);
    let blind = || {
        let world = app.world();
        app.access_evidence(&world).services().blind().clone()
    };
    let zoom = || {
        Blind::To(vec![Hidden {
            name: "zoom".to_owned(),
            conference: true,
        }])
    };
    assert_eq!(blind(), Blind::Nowhere);
    let hide = OwnChange::Put(listed("zoom", ServiceKind::Conference, &[]));
    let shell = change_own_services(&app, Actor::Operator, &hide);
    assert_eq!(refused(shell), "authorise.no-authority");
    assert_eq!(blind(), Blind::Nowhere);
    change_own_services(&app, officer(), &hide).unwrap();
    assert_eq!(found(&app, "us02web.zoom.us"), None);
    assert_eq!(blind(), zoom());
    let gone = OwnChange::Remove("zoom".to_owned());
    change_own_services(&app, officer(), &gone).unwrap();
    assert_eq!(blind(), Blind::Nowhere);
    // Whoever writes it anew says nothing of its programs: without them devices' sockets would tell nothing.
    let list = ServiceList::built_in().unwrap();
    let mut listed = list.service.into_iter().find(|it| it.id == "zoom").unwrap();
    let programs = std::mem::take(&mut listed.programs);
    assert!(!programs.is_empty());
    let lists = ServiceLists::of(&app).unwrap();
    assert_eq!(lists.programs_of("zoom"), programs);
    change_own_services(&app, officer(), &OwnChange::Put(listed)).unwrap();
    assert_eq!(blind(), zoom());
    change_own_services(&app, officer(), &gone).unwrap();
    // The file says it without a record.
    let file = app.folder().root().join(OWN_FILE);
    let other = service("other", "us02web.zoom.us");
    std::fs::write(&file, other).unwrap();
    assert_eq!(blind(), zoom());
    std::fs::write(&file, "no list").unwrap();
    assert_eq!(blind(), Blind::Everywhere);
    std::fs::remove_file(&file).unwrap();
    assert_eq!(blind(), Blind::Nowhere);
}

/// The shell looked with whatever lay in the folder.
#[test]
fn the_shell_is_handed_the_lists_that_were_recorded() {
    let (place, time) = (tempfile::tempdir().unwrap(), Passing::default());
    let app = later(&place, &time);
    let list = ServiceList {
        as_of: None,
        service: vec![listed("zoom", ServiceKind::Conference, &[])],
    };
    keep(&app, OWN_SERVICES_PART, &serde_json::to_vec(&list).unwrap());
    let desk = Desk::new(app.clone(), Rows::builtin().unwrap().into());
    let source = "dns".to_owned();
    let answer = desk.answer(&Request::ServiceMarks { source }, &[]);
    let Answer::ServiceMarks(marks) = answer else {
        panic!("{answer:?}");
    };
    let handed: ServiceList = serde_json::from_str(&marks.list).unwrap();
    let zoom = handed.service.iter().find(|it| it.id == "zoom").unwrap();
    assert!(zoom.domains.contains(&"zoom.us".to_owned()), "{zoom:?}");
}
