//! Lists of outside services: brought in as a feed, written by the organisation, laid one over the other.

use sekisho_detect::discovery::{
    CatalogueError, ListChanges, ListedService, ServiceKind, ServiceList, Words,
};
use sekisho_domain::actor::Actor;
use sekisho_domain::time::{Span, Timestamp};
use sekisho_server::app::{App, CommandError};
use sekisho_server::knowledge::services::{
    ImportedServices, OwnChange, ServicesError, change_own_services, import_services,
};
use sekisho_server::knowledge::{ImportHints, lines};
use sekisho_server::service_use::lists::{ListError, OWN_FILE, ServiceLists};

use crate::assessor::{Passing, house};

fn service(id: &str, domain: &str) -> String {
    format!(
        "[[service]]\nid = \"{id}\"\nname = {{ ja = \"{id}\", en = \"{id}\" }}\nkind = \"chat\"\ndomains = [\"{domain}\"]\n"
    )
}

fn own(id: &str, domain: &str) -> OwnChange {
    OwnChange::Put(ListedService {
        id: id.to_owned(),
        name: Words {
            ja: id.to_owned(),
            en: id.to_owned(),
        },
        kind: ServiceKind::Other,
        domains: vec![domain.to_owned()],
        programs: Vec::new(),
    })
}

fn bring(
    app: &App,
    text: &str,
    as_of: Option<Timestamp>,
) -> Result<ImportedServices, ServicesError> {
    let hints = ImportHints {
        as_of,
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
    let app = house(place.path(), &time);
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
    assert!(change_own_services(&app, Actor::Operator, &change).unwrap());
    assert_eq!(found(&app, "a.talk.example").as_deref(), Some("desk"));
    let again = change_own_services(&app, Actor::Operator, &change).unwrap();
    assert!(!again, "the same is no change");
    let file = app.folder().root().join(OWN_FILE);
    std::fs::write(&file, service("file", "talk.example")).unwrap();
    assert_eq!(found(&app, "a.talk.example").as_deref(), Some("file"));
    std::fs::remove_file(&file).unwrap();
    let gone = OwnChange::Remove("desk".to_owned());
    assert!(change_own_services(&app, Actor::Operator, &gone).unwrap());
    assert!(!change_own_services(&app, Actor::Operator, &gone).unwrap());
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
    let app = house(place.path(), &time);
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
    match bring(&app, &service("new", "new.example"), Some(old)) {
        Err(ServicesError::Command(CommandError::Refused(refusal))) => {
            assert_eq!(refusal.reason.code, "feed.older-than-current");
        }
        other => panic!("{other:?}"),
    }
    let wrong = own("mine", "jp");
    assert!(change_own_services(&app, Actor::Operator, &wrong).is_err());
    assert_eq!(found(&app, "a.talk.example").as_deref(), Some("talk"));
    assert_eq!(found(&app, "new.example"), None);
    assert_eq!(app.world().feeds.len(), 1, "nothing else is of record");
}
