//! Every way in, for everyone: whoever is not named here is refused.

use axum::http::StatusCode;
use sekisho_domain::actor::Actor;
use sekisho_domain::command::{Application, Command, PermitCommand};
use sekisho_domain::id::{
    AccountId, AppointmentId, DelegationId, DeviceId, PermitId, PersonId, PostId, StandInId, UnitId,
};
use sekisho_domain::permit::particulars::Reconnection;
use sekisho_domain::permit::{Particulars, Term};
use sekisho_domain::role::Role;
use sekisho_domain::time::Span;
use sekisho_server::app::{PERMIT_PURPOSE, fresh};
use sekisho_server::http::routes::{Access, ROUTES};

use super::agents::key;
use super::gate_rules::RULES;
use super::gate_unease::UNEASE;
use super::house::{Browser, House, Reply};

pub const STAFF: &str = "staff";
pub const DISO: &str = "diso";
pub const AUDITOR: &str = "auditor";
pub const HISO: &str = "hiso";

/// Who may take a way in, by method and path; the device is one of the section's unit.
const MAY: &[(&str, &str, &[&str])] = &[
    ("GET", "/", &[STAFF, DISO, AUDITOR, HISO]),
    ("GET", "/requirements", &[STAFF, DISO, AUDITOR, HISO]),
    ("GET", "/requirements/{id}", &[STAFF, DISO, AUDITOR, HISO]),
    ("POST", "/requirements/{id}/attestations", &[HISO]),
    ("GET", "/devices", &[STAFF, DISO, AUDITOR, HISO]),
    ("GET", "/devices/{id}", &[DISO, AUDITOR, HISO]),
    ("POST", "/devices/{id}/personal", &[AUDITOR, HISO]),
    ("POST", "/devices/{id}/suspend", &[]),
    ("POST", "/devices/{id}/resume", &[]),
    ("POST", "/devices/{id}/retire", &[]),
    ("POST", "/break-glass/close", &[HISO]),
    ("GET", "/ledger", &[AUDITOR, HISO]),
    ("POST", "/ledger/verify", &[AUDITOR, HISO]),
    ("GET", "/registers", &[STAFF, DISO, AUDITOR, HISO]),
    (
        "GET",
        "/registers/{register}",
        &[STAFF, DISO, AUDITOR, HISO],
    ),
    ("POST", "/registers/{register}", &[DISO, HISO]),
    ("GET", "/registers/{register}/new", &[DISO, HISO]),
    (
        "GET",
        "/registers/{register}/export",
        &[STAFF, DISO, AUDITOR, HISO],
    ),
    ("GET", "/registers/{register}/import", &[HISO]),
    ("POST", "/registers/{register}/import", &[HISO]),
    (
        "POST",
        "/registers/{register}/import/profiles/remove",
        &[HISO],
    ),
    ("GET", "/registers/{register}/import/{upload}", &[HISO]),
    (
        "GET",
        "/registers/{register}/import/{upload}/result",
        &[HISO],
    ),
    (
        "POST",
        "/registers/{register}/import/{upload}/mapping",
        &[HISO],
    ),
    (
        "POST",
        "/registers/{register}/import/{upload}/confirm",
        &[HISO],
    ),
    (
        "POST",
        "/registers/{register}/import/{upload}/discard",
        &[HISO],
    ),
    (
        "GET",
        "/registers/{register}/import/{upload}/faults",
        &[HISO],
    ),
    ("GET", "/registers/{register}/import/{upload}/rows", &[HISO]),
    ("GET", "/registers/{register}/empty", &[HISO]),
    ("POST", "/registers/{register}/empty", &[HISO]),
    (
        "GET",
        "/registers/{register}/{id}",
        &[STAFF, DISO, AUDITOR, HISO],
    ),
    ("GET", "/registers/{register}/{id}/change", &[DISO, HISO]),
    ("POST", "/registers/{register}/{id}/change", &[DISO, HISO]),
    ("GET", "/registers/{register}/{id}/retire", &[DISO, HISO]),
    ("POST", "/registers/{register}/{id}/retire", &[DISO, HISO]),
    ("GET", "/registers/{register}/{id}/restore", &[DISO, HISO]),
    ("POST", "/registers/{register}/{id}/restore", &[DISO, HISO]),
    ("GET", "/permits", &[STAFF, DISO, AUDITOR, HISO]),
    ("GET", "/permits/new", &[STAFF, DISO, AUDITOR, HISO]),
    ("GET", "/permits/new/{kind}", &[STAFF, DISO, AUDITOR, HISO]),
    ("POST", "/permits/new/{kind}", &[STAFF, DISO, AUDITOR, HISO]),
    ("GET", "/permits/waiting", &[STAFF, DISO, AUDITOR, HISO]),
    ("POST", "/permits/waiting", &[STAFF, DISO, AUDITOR, HISO]),
    ("GET", "/permits/all", &[DISO, AUDITOR, HISO]),
    ("GET", "/permits/owed", &[DISO, AUDITOR, HISO]),
    ("GET", "/permits/deputies", &[DISO, HISO]),
    ("POST", "/permits/stand-ins", &[DISO, HISO]),
    ("POST", "/permits/stand-ins/{id}/end", &[HISO]),
    ("GET", "/permits/delegations/new", &[DISO, HISO]),
    ("POST", "/permits/delegations", &[DISO, HISO]),
    ("POST", "/permits/delegations/{id}/end", &[HISO]),
    ("GET", "/permits/rules", &[HISO]),
    ("POST", "/permits/rules", &[HISO]),
    ("GET", "/plan", &[STAFF, DISO, AUDITOR, HISO]),
    ("POST", "/plan/evaluate", &[HISO]),
    ("GET", "/plan/table", &[STAFF, DISO, AUDITOR, HISO]),
    (
        "GET",
        "/plan/versions/{version}",
        &[STAFF, DISO, AUDITOR, HISO],
    ),
    ("GET", "/plan/draft", &[HISO]),
    ("GET", "/plan/draft/head", &[HISO]),
    ("POST", "/plan/draft/head", &[HISO]),
    ("GET", "/plan/draft/lines/{task}", &[HISO]),
    ("POST", "/plan/draft/lines/{task}", &[HISO]),
    ("POST", "/plan/draft/lines/{task}/remove", &[HISO]),
    ("GET", "/plan/draft/table", &[HISO]),
    ("POST", "/plan/draft/table", &[HISO]),
    ("POST", "/plan/draft/{act}", &[HISO]),
    ("GET", "/cases", &[DISO, AUDITOR, HISO]),
    ("GET", "/cases/{id}", &[DISO, AUDITOR, HISO]),
    ("POST", "/cases/{id}", &[DISO, HISO]),
    ("GET", "/access/rules", &[AUDITOR, HISO]),
    ("POST", "/access/rules", &[HISO]),
    ("GET", "/access/rules/versions/{version}", &[AUDITOR, HISO]),
    ("GET", "/access/rules/trials/{trial}", &[HISO]),
    ("POST", "/access/rules/trials/{trial}", &[HISO]),
    ("POST", "/access/rules/trials/{trial}/people", &[HISO]),
    ("GET", "/permits/{id}", &[DISO, AUDITOR, HISO]),
    ("POST", "/permits/{id}/decide", &[DISO]),
    ("GET", "/permits/{id}/form", &[DISO, AUDITOR, HISO]),
    ("GET", "/permits/{id}/change", &[]),
    ("POST", "/permits/{id}/change", &[]),
    ("GET", "/permits/{id}/{act}", &[DISO, HISO]),
    ("POST", "/permits/{id}/{act}", &[DISO, HISO]),
    ("GET", "/organisation", &[DISO, AUDITOR, HISO]),
    ("GET", "/organisation/units", &[STAFF, DISO, AUDITOR, HISO]),
    ("GET", "/organisation/moves", &[AUDITOR, HISO]),
    ("POST", "/organisation/moves/{id}/withdraw", &[HISO]),
    (
        "GET",
        "/organisation/units/{id}",
        &[STAFF, DISO, AUDITOR, HISO],
    ),
    ("GET", "/organisation/units/{id}/{act}", &[HISO]),
    ("POST", "/organisation/units/{id}/{act}", &[HISO]),
    (
        "GET",
        "/organisation/posts/{id}",
        &[STAFF, DISO, AUDITOR, HISO],
    ),
    ("GET", "/organisation/posts/{id}/{act}", &[HISO]),
    ("POST", "/organisation/posts/{id}/{act}", &[HISO]),
    ("GET", "/organisation/people/{id}/details/{act}", &[HISO]),
    ("POST", "/organisation/people/{id}/details/{act}", &[HISO]),
    ("POST", "/organisation/units", &[HISO]),
    ("POST", "/organisation/posts", &[HISO]),
    ("POST", "/organisation/people", &[HISO]),
    ("POST", "/organisation/appointments", &[HISO]),
    ("GET", "/organisation/people", &[DISO, AUDITOR, HISO]),
    ("GET", "/organisation/people/{id}", &[DISO, AUDITOR, HISO]),
    ("POST", "/organisation/people/{id}/account", &[HISO]),
    ("POST", "/organisation/people/{id}/close", &[HISO]),
    ("GET", "/organisation/people/{id}/forget", &[HISO]),
    ("POST", "/organisation/people/{id}/forget", &[HISO]),
    ("GET", "/organisation/appointments/{id}", &[HISO]),
    ("POST", "/organisation/appointments/{id}", &[HISO]),
    ("GET", "/organisation/accounts", &[HISO]),
    ("POST", "/organisation/accounts", &[HISO]),
    ("POST", "/organisation/enrolments", &[]),
    ("GET", "/access/connect", &[STAFF, DISO, AUDITOR, HISO]),
    ("POST", "/access/connect", &[STAFF, DISO, AUDITOR, HISO]),
    ("GET", "/access", &[STAFF, DISO, AUDITOR, HISO]),
    ("GET", "/registers/service/{id}/terms", &[HISO]),
    ("POST", "/registers/service/{id}/terms", &[HISO]),
    ("GET", "/service-catalogue", &[AUDITOR, HISO]),
    ("POST", "/service-catalogue", &[HISO]),
    ("POST", "/service-catalogue/remove", &[HISO]),
    ("GET", "/services", &[AUDITOR, HISO]),
    ("GET", "/services/{id}", &[AUDITOR, HISO]),
    ("POST", "/services/{id}/not-ours", &[HISO]),
    ("POST", "/services/sources/retire", &[HISO]),
    ("POST", "/services/{id}/people", &[AUDITOR, HISO]),
    ("GET", "/conferences", &[STAFF, DISO, AUDITOR, HISO]),
    ("GET", "/access/people", &[DISO, AUDITOR, HISO]),
    ("GET", "/access/people/{id}", &[DISO, AUDITOR, HISO]),
    ("GET", "/access/systems", &[DISO, AUDITOR, HISO]),
    ("GET", "/access/systems/{id}", &[DISO, AUDITOR, HISO]),
    ("POST", "/access/refused", &[AUDITOR, HISO]),
    ("GET", "/access/cut/{scope}/{id}", &[DISO, HISO]),
    ("POST", "/access/cut/{scope}/{id}", &[DISO, HISO]),
    ("GET", "/access/mine", &[STAFF, DISO, AUDITOR, HISO]),
    ("POST", "/access/mine/end", &[STAFF, DISO, AUDITOR, HISO]),
    ("GET", "/account", &[STAFF, DISO, AUDITOR, HISO]),
    ("POST", "/account/passkeys", &[STAFF, DISO, AUDITOR, HISO]),
    (
        "POST",
        "/account/passkeys/challenge",
        &[STAFF, DISO, AUDITOR, HISO],
    ),
    (
        "POST",
        "/account/passkeys/remove",
        &[STAFF, DISO, AUDITOR, HISO],
    ),
    ("POST", "/account/language", &[STAFF, DISO, AUDITOR, HISO]),
    ("POST", "/account/password", &[STAFF, DISO, AUDITOR, HISO]),
    (
        "POST",
        "/account/second-factor/remove",
        &[STAFF, DISO, AUDITOR, HISO],
    ),
    (
        "GET",
        "/set-up/second-factor",
        &[STAFF, DISO, AUDITOR, HISO],
    ),
    (
        "POST",
        "/set-up/second-factor",
        &[STAFF, DISO, AUDITOR, HISO],
    ),
    (
        "POST",
        "/set-up/second-factor/skip",
        &[STAFF, DISO, AUDITOR, HISO],
    ),
    ("GET", "/events", &[STAFF, DISO, AUDITOR, HISO]),
    ("GET", "/mail", &[HISO]),
    ("POST", "/mail/{id}/again", &[HISO]),
    ("GET", "/tokens", &[DISO, AUDITOR, HISO]),
    ("POST", "/tokens", &[DISO, AUDITOR, HISO]),
    ("POST", "/tokens/{id}/revoke", &[DISO, AUDITOR, HISO]),
    ("GET", "/ledger/records/{name}", &[AUDITOR, HISO]),
];

/// What the paths speak of: a device, a person, an appointment and a task of the section.
struct Things {
    task: String,
    device: DeviceId,
    person: PersonId,
    appointment: AppointmentId,
    unit: UnitId,
    post: PostId,
    permit: PermitId,
    stand_in: StandInId,
    delegation: DelegationId,
}

/// An application of a member of the section, on which its chief decides.
async fn applied(house: &House, person: PersonId) -> PermitId {
    let unit = house.app.world().unit_of(person, house.app.now()).unwrap();
    let particulars = Particulars::Reconnection(Reconnection {
        device: house.device(unit, None, key(9).1).await,
        line: None,
        outside_since: sekisho_domain::time::parse_date("2026-11-01").unwrap(),
        out_of_sight: false,
    });
    let now = house.app.now();
    let permit = PermitId::new(fresh().unwrap());
    let application = Application {
        particulars,
        wanted: Term {
            from: now,
            until: now.after(Span::days(30)),
        },
        purpose: house.app.seal(person, PERMIT_PURPOSE, b"why").unwrap(),
    };
    let command = PermitCommand::Apply {
        permit,
        applicant: person,
        application,
    };
    let command = Command::Permit(Box::new(command));
    house
        .app
        .command(Actor::person(person), command)
        .await
        .unwrap();
    permit
}

fn path_of(pattern: &str, things: &Things) -> String {
    if pattern.starts_with("/registers") {
        let pattern = pattern.replace("{register}", "task");
        return pattern.replace("{id}", &things.task);
    }
    let id = match pattern {
        "/ledger/records/{name}" => return "/ledger/records/0.json".to_owned(),
        devices if devices.starts_with("/devices/") => things.device.to_string(),
        people if people.starts_with("/organisation/people/") => things.person.to_string(),
        people if people.starts_with("/access/people/") => things.person.to_string(),
        cut if cut.starts_with("/access/cut/") => {
            let pattern = pattern.replace("{scope}", "person");
            return pattern.replace("{id}", &things.person.to_string());
        }
        permits if permits.starts_with("/permits/{id}") => things.permit.to_string(),
        exceptions if exceptions.starts_with("/exceptions/{id}") => things.permit.to_string(),
        it if it.starts_with("/permits/stand-ins/") => things.stand_in.to_string(),
        it if it.starts_with("/permits/delegations/") => things.delegation.to_string(),
        units if units.starts_with("/organisation/units/") => {
            let pattern = pattern.replace("{act}", "rename");
            return pattern.replace("{id}", &things.unit.to_string());
        }
        posts if posts.starts_with("/organisation/posts/") => {
            let pattern = pattern.replace("{act}", "change");
            return pattern.replace("{id}", &things.post.to_string());
        }
        posts if posts.starts_with("/organisation/appointments/") => things.appointment.to_string(),
        _ => "GOV-3-1-c".to_owned(),
    };
    let act = if pattern.starts_with("/permits") {
        "suspend"
    } else {
        "change"
    };
    let path = pattern.replace("{id}", &id).replace("{act}", act);
    let path = path.replace("{version}", "1").replace("{trial}", "none");
    path.replace("{kind}", "pl")
}

async fn ask(browser: &mut Browser<'_>, method: &str, path: &str) -> Reply {
    if method == "GET" {
        if path == "/events" {
            return stream(browser).await;
        }
        return browser.get(path).await;
    }
    // Everybody has a sound token of the own session: only the gate is tried here.
    let csrf = browser.get("/account").await;
    let csrf = if csrf.status == StatusCode::OK {
        csrf.csrf()
    } else {
        String::new()
    };
    browser.post(path, &[("csrf", &csrf)]).await
}

/// A stream does not end: only its head is looked at.
async fn stream(browser: &mut Browser<'_>) -> Reply {
    use tower::ServiceExt;
    let request = browser
        .request("GET", "/events")
        .body(axum::body::Body::empty())
        .unwrap();
    let response = browser.router().oneshot(request).await.unwrap();
    Reply {
        status: response.status(),
        headers: response.headers().clone(),
        bytes: Vec::new(),
    }
}

fn is_refused(reply: &Reply) -> bool {
    let to_sign_in = reply.header("location").starts_with("/sign-in");
    matches!(
        reply.status,
        StatusCode::FORBIDDEN | StatusCode::UNAUTHORIZED
    ) || (reply.status == StatusCode::SEE_OTHER && to_sign_in)
}

fn post_of(house: &House, person: PersonId) -> PostId {
    let world = house.app.world();
    let held = world.appointments_of[&person][0];
    world.appointments[&held].post
}

/// A task of a unit; what comes back is its id.
async fn task(browser: &mut Browser<'_>, unit: UnitId) -> String {
    let csrf = browser.get("/account").await.csrf();
    let unit = unit.to_string();
    let fields = [
        ("csrf", csrf.as_str()),
        ("f-unit", unit.as_str()),
        ("f-name", "統計の集計"),
        ("f-grade-c", "2"),
        ("f-grade-i", "1"),
        ("f-grade-a", "1"),
        ("f-state", "allowed"),
    ];
    let done = browser.post("/registers/task", &fields).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
    let path = done.header("location");
    path.rsplit('/').next().unwrap_or_default().to_owned()
}

/// Whether a way in asks for something else than a signed-in person.
const fn is_open(access: Access) -> bool {
    use Access::{Device, Link, Proxy, Public, Token};
    matches!(access, Public | Link | Device | Token | Proxy)
}

/// Who may take a way in; none where it is open to others than people.
fn may(
    method: &str,
    path: &str,
) -> Option<&'static (&'static str, &'static str, &'static [&'static str])> {
    let mut all = MAY.iter().chain(UNEASE).chain(RULES);
    all.find(|(m, p, _)| (*m, *p) == (method, path))
}

#[tokio::test]
async fn whoever_is_not_named_is_refused() {
    let house = House::founded().await;
    let section = house.unit("第一課").await;
    let root = house.root();
    let mut people: Vec<(&str, Option<AccountId>)> = vec![("anonymous", None)];
    for (name, unit, role) in [
        (STAFF, section, Role::Staff),
        (DISO, section, Role::Diso),
        (AUDITOR, root, Role::Auditor),
        (HISO, root, Role::Hiso),
    ] {
        people.push((name, Some(house.officer(name, unit, role).await.1)));
    }
    // The bootstrap power must not widen anything here: it ends with the CISO.
    house.officer("ciso", root, Role::Ciso).await;
    let (person, _) = house.officer("section", section, Role::Staff).await;
    let mut hiso = house.signed_in(people[4].1.expect("the head officer has an account"));
    // A reading of the World lasts to the end of its statement: nothing may be written meanwhile.
    let permit = applied(&house, person).await;
    let appointment = house.app.world().appointments_of[&person][0];
    let things = Things {
        task: task(&mut hiso, section).await,
        device: house.device(section, None, key(1).1).await,
        person,
        appointment,
        unit: section,
        post: post_of(&house, person),
        permit,
        stand_in: StandInId::new(fresh().unwrap()),
        delegation: DelegationId::new(fresh().unwrap()),
    };
    for route in ROUTES {
        let open = is_open(route.access);
        let named = may(route.method, route.path);
        assert_eq!(
            named.is_none(),
            open,
            "{} {}: name who may",
            route.method,
            route.path
        );
        let Some((method, pattern, may)) = named else {
            continue;
        };
        for (name, account) in &people {
            let mut browser =
                account.map_or_else(|| house.browser(), |account| house.signed_in(account));
            let reply = ask(&mut browser, method, &path_of(pattern, &things)).await;
            assert_eq!(
                !is_refused(&reply),
                may.contains(name),
                "{name}: {method} {pattern}: {}",
                reply.status
            );
            assert!(
                !reply.status.is_server_error(),
                "{name}: {method} {pattern}: {}",
                reply.status
            );
        }
    }
}

#[tokio::test]
async fn a_device_is_seen_by_its_section_and_its_user() {
    let house = House::founded().await;
    let section = house.unit("第一課").await;
    let other = house.unit("第二課").await;
    let device = house.device(section, None, key(1).1).await;
    // Another section's chief does not see the device; its own user does.
    let (_, chief) = house.officer("other", other, Role::Diso).await;
    let page = house
        .signed_in(chief)
        .get(&format!("/devices/{device}"))
        .await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    let (person, account) = house.officer("user", section, Role::Staff).await;
    let own = house.device(section, Some(person), key(2).1).await;
    let page = house
        .signed_in(account)
        .get(&format!("/devices/{own}"))
        .await;
    assert_eq!(page.status, StatusCode::OK);
    let list = house.signed_in(account).get("/devices").await.text();
    assert!(list.contains(&own.to_string()) && !list.contains(&device.to_string()));
}

#[tokio::test]
async fn a_refusal_names_who_can() {
    let house = House::founded().await;
    let (_, staff) = house.officer("staff", house.root(), Role::Staff).await;
    let page = house.signed_in(staff).get("/ledger").await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    let text = page.text();
    assert!(
        text.contains("台帳の閲覧") && text.contains("統括情報セキュリティ責任者"),
        "{text}"
    );
    let problem = house.signed_in(staff).get("/ledger/records/0.json").await;
    assert_eq!(problem.header("content-type"), "application/problem+json");
    assert_eq!(problem.json()["code"], "authorise.no-authority");
    assert_eq!(problem.json()["status"], 403);
}

#[tokio::test]
async fn the_first_officer_appoints_and_the_power_ends() {
    let house = House::founded().await;
    let mut browser = house.signed_in(house.first_account());
    let csrf = browser.get("/organisation").await.csrf();
    let csrf = ("csrf", csrf.as_str());
    let root = house.root().to_string();
    let person = [
        csrf,
        ("person_unit", &root),
        ("name_ja", "鈴木 一郎"),
        ("login", "suzuki"),
    ];
    let registered = browser.post("/organisation/people", &person).await.text();
    let (_, link) = registered
        .split_once("/link/")
        .expect("a link for the password");
    let taken = browser.post("/organisation/people", &person).await;
    assert!(taken.text().contains("login-error"), "the login is taken");
    let post = [
        csrf,
        ("post_unit", &root),
        ("title_ja", "次長"),
        ("role", "ciso"),
    ];
    let made = browser.post("/organisation/posts", &post).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER);
    let (post, who) = ciso_and_newcomer(&house);
    let chosen = [csrf, ("person", &who), ("post", &post)];
    let wrong = [
        &chosen[..],
        &[("from", "2026-12-01"), ("last_day", "2026-11-01")],
    ]
    .concat();
    let refused = browser.post("/organisation/appointments", &wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().contains("last_day-error"));
    let made = browser.post("/organisation/appointments", &chosen).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text());
    assert!(house.app.world().bootstrap_is_over());
    chooses_a_password(&house, &format!("/link/{}", &link[..43])).await;
}

/// The post of the CISO, and the person beside the first officer.
fn ciso_and_newcomer(house: &House) -> (String, String) {
    let world = house.app.world();
    let post = world
        .posts
        .values()
        .find(|post| post.roles == [Role::Ciso])
        .unwrap();
    let first = world.bootstrap.unwrap();
    let who = world
        .people
        .keys()
        .find(|person| **person != first)
        .unwrap();
    (post.id.to_string(), who.to_string())
}

/// The new officer chooses a password by the link and is in.
async fn chooses_a_password(house: &House, path: &str) {
    let mut browser = house.browser();
    let csrf = browser.get(path).await.csrf();
    let entry = |password| {
        [
            ("csrf", csrf.as_str()),
            ("password", password),
            ("password_again", password),
        ]
    };
    let short = browser.post(path, &entry("short")).await;
    assert_eq!(short.status, StatusCode::UNPROCESSABLE_ENTITY);
    let sound = browser
        .post(path, &entry("関所を通るための合言葉です"))
        .await;
    assert_eq!(sound.status, StatusCode::SEE_OTHER);
    assert_eq!(browser.get("/").await.status, StatusCode::OK);
}
