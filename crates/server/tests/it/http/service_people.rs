//! Who used a service without an application: no row names them, and the page of the service does for a stated purpose.

use sekisho_domain::actor::Actor;
use sekisho_domain::command::{Command, RegisterCommand};
use sekisho_domain::field::Value;
use sekisho_domain::id::{PersonId, ServiceId};
use sekisho_domain::name::Line;
use sekisho_domain::register::Register;
use sekisho_domain::role::Role;
use sekisho_domain::time::Span;
use sekisho_protocol::service_use::{SeenService, SeenUse, ServiceRun};
use sekisho_server::app::directory::PersonProfile;
use sekisho_server::app::fresh;
use sekisho_server::service_use::take;

use super::house::{House, name_of};

const ROW: &str = "/requirements/US-4.1.2-2-a-ii";
const NAME: &str = "田中 一郎";
const MAIL: &str = "tanaka@example.org";

/// Enters a service under terms.
async fn entered(house: &House, hiso: PersonId) {
    let fields = [
        ("name", Value::Text("翻訳サービス".to_owned())),
        ("provider", Value::Text("提供者".to_owned())),
        ("kind", Value::Text("terms".to_owned())),
        ("highest", Value::Text("C1I1A1".to_owned())),
        ("domains", Value::Many(vec!["translate.example".to_owned()])),
    ];
    let values = fields.map(|(code, it)| (code.to_owned(), it));
    let particulars = Register::Service.read(&values.into_iter().collect());
    let enter = RegisterCommand::Enter {
        id: ServiceId::new(fresh().unwrap()).into(),
        unit: None,
        particulars: particulars.unwrap(),
        remark: None,
    };
    let command = Command::Register(Box::new(enter));
    house
        .app
        .command(Actor::person(hiso), command)
        .await
        .unwrap();
}

/// Takes in the log of a proxy at which somebody signed in and used it.
fn used(house: &House) {
    let at = house.app.now().before(Span::hours(1));
    let run = ServiceRun {
        after: 0,
        marks: String::new(),
        through: Some(house.app.now()),
        gap: false,
        lines: 10,
        matched: 1,
        skipped: 0,
        services: vec![SeenService {
            id: "translate".to_owned(),
            ja: "翻訳".to_owned(),
            en: "Translate".to_owned(),
            kind: "translation".to_owned(),
            domains: vec!["translate.example".to_owned()],
        }],
        uses: vec![SeenUse {
            service: 0,
            day: at.jst_date().to_string(),
            from: Some("192.0.2.7".to_owned()),
            user: Some(MAIL.to_owned()),
            unit: None,
            person: None,
            times: 1,
            bytes: 0,
            first: at,
            last: at,
        }],
    };
    let source = Line::parse("proxy").unwrap();
    tokio::task::block_in_place(|| take(&house.app, &source, &run)).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_had_not_applied_is_named_by_no_row_and_for_a_purpose_by_the_page_of_the_service() {
    let house = House::founded().await;
    let profile = PersonProfile {
        name: name_of(NAME),
        mail: Some(MAIL.to_owned()),
    };
    house.registered(&profile, house.root()).await;
    let (_, diso) = house.officer("diso", house.root(), Role::Diso).await;
    let (hiso, officer) = house.officer("hiso", house.root(), Role::Hiso).await;
    entered(&house, hiso).await;
    used(&house);
    let row = house.signed_in(diso).get(ROW).await.text();
    assert!(row.contains("申請のないまま使われています"), "{row}");
    // The register is theirs to read, and who used what is not.
    assert!(row.contains("翻訳サービス</a>"), "{row}");
    assert!(!row.contains(NAME) && !row.contains("/services/"), "{row}");

    let mut browser = house.signed_in(officer);
    let row = browser.get(ROW).await.text();
    assert!(row.contains("/services/translate#people"), "{row}");
    assert!(!row.contains(NAME), "{row}");
    let page = browser.get("/services/translate").await;
    assert!(!page.text().contains(NAME), "{}", page.text());
    let before = house.app.head().size;
    let (csrf, purpose) = (page.csrf(), "申請のない利用の確認");
    let fields = [("csrf", csrf.as_str()), ("purpose", purpose)];
    let named = browser.post("/services/translate/people", &fields).await;
    assert!(named.text().contains(NAME), "{}", named.text());
    assert_eq!(house.app.head().size, before + 1);
}
