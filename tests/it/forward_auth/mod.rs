//! Proxies that ask the decision point for each request: the real programs, with the configurations of
//! `docs/forward-auth.md`.

mod application;
mod certificates;
mod programs;
mod proof;
mod stage;
mod world;

use sekisho_tests::{Client, PASSWORD, Reply, Sekisho, hidden, leave_out};

use application::OWN;
use certificates::OPENSSL;
use programs::{Program, all};
use stage::Stage;
use world::World;

/// Signs in with the password of the tests.
pub fn signed_in(server: &Sekisho, login: &str) -> Client {
    let mut client = server.client();
    let reply = sign_in(&mut client, login, "");
    assert_eq!(reply.status, 303, "{}", reply.text());
    client
}

/// The same, without saying from which page the form came: a proxy's page has another address here.
fn sign_in(client: &mut Client, login: &str, next: &str) -> Reply {
    let page = client.get("/sign-in").with_status(200).text();
    let csrf = hidden(&page, "csrf");
    let password = PASSWORD.replace(' ', "+");
    let form = format!("csrf={csrf}&login={login}&password={password}&next={next}");
    let kind = [("content-type", "application/x-www-form-urlencoded")];
    let reply = client.request("POST", "/sign-in", &kind, form.as_bytes());
    assert!(
        client.cookies().keys().any(|name| name.ends_with(SESSION)),
        "{}",
        reply.text()
    );
    reply
}

/// How the name of a session's cookie ends, over TLS and without.
const SESSION: &str = "sekisho-session";

const FORGED: &[(&str, &str)] = &[
    ("Sekisho-Person", "psn_forged"),
    ("Sekisho-Device", "dev_forged"),
    ("Sekisho-Permits", "prm_forged"),
    ("X-Forwarded-User", "forged"),
    ("X-Forwarded-Email", "forged"),
    ("X-Forwarded-Groups", "forged"),
    ("X-Forwarded-Preferred-Username", "forged"),
    ("X-Auth-Request-User", "forged"),
    ("X-Auth-Request-Email", "forged"),
    ("X-Auth-Request-Groups", "forged"),
    ("X-Auth-Request-Preferred-Username", "forged"),
    ("X-Remote-User", "forged"),
    ("Remote-User", "forged"),
    ("Remote-Groups", "forged"),
    ("Remote-Email", "forged"),
    ("Remote-Name", "forged"),
    // The same variables to an application behind CGI or WSGI.
    ("Sekisho_Person", "psn_forged"),
    ("Sekisho_Device", "dev_forged"),
    ("Sekisho_Permits", "prm_forged"),
    ("Remote_User", "forged"),
    ("X_Forwarded-User", "forged"),
    ("X-Auth_Request_Email", "forged"),
    ("X-Forwarded-Client-Cert", "Cert=forged"),
    ("X-Forwarded-Host", "evil.example"),
    // From outside nothing is reached here: neither address may be believed.
    ("X-Forwarded-For", "203.0.113.99"),
    ("Sekisho-Client-Address", "203.0.113.99"),
    ("Sekisho-Client-Certificate", "forged"),
    ("X-Original-URI", "//evil.example/"),
    ("Accept", "text/html"),
];

/// All programs one after the other, on one organisation: filling it takes longer than they do.
#[test]
fn every_proxy_lets_through_what_is_allowed_and_nothing_else() {
    let programs = all();
    let (there, missing): (Vec<Program>, Vec<Program>) =
        programs.into_iter().partition(Program::is_there);
    for program in &missing {
        leave_out(program.name, "the program is not installed");
    }
    if !std::path::Path::new(OPENSSL).exists() {
        return leave_out("forward_auth", "openssl is not installed");
    }
    let world = World::made();
    for program in &there {
        println!("{}", program.name);
        tried(&world, program);
    }
    proof::is_asked_for_by_the_decision_point_too(&world);
    // One of them will do: the page is the decision point's.
    if let Some(program) = there.first() {
        closed_by_an_own_rule(&world, program);
    }
}

/// What the organisation's own rule says is on the page, with its name; nothing is promised, and nobody
/// is named who could settle it.
fn closed_by_an_own_rule(world: &World, program: &Program) {
    let stage = Stage::set(world, program);
    let mut person = stage.signed_in(&world.login, Some(&world.device.certificate));
    let reply = person.request("GET", "/application/page", FORGED, b"");
    assert_eq!(reply.status, 200, "{}: {}", program.name, reply.text());
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let rules = folder.path().join("own.cedar");
    let text = "@id(\"own.closed\")\n@ja(\"棚卸しのため、今月は利用できません。\")\n\
        @en(\"Closed for stock-taking this month.\")\n\
        forbid (principal, action == Sekisho::Action::\"reach\", resource);\n";
    std::fs::write(&rules, text).expect("a file is written");
    let file = rules.to_str().expect("a plain path");
    let set = ["access", "rules", "set", file, "--note", "stock-taking"];
    stage.cli().run(set).with_code(0);
    let reply = person.request("GET", "/application/page", FORGED, b"");
    let page = reply.text();
    assert_eq!(reply.status, 403, "{}: {page}", program.name);
    for said in [
        "棚卸しのため、今月は利用できません。",
        "Closed for stock-taking this month.",
        "<code>own.closed</code>",
        "組織が独自に定めた規則",
        "A rule of the organisation",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    for promised in [
        "必要な対応",
        "What to do",
        "対応できる方",
        "Who can settle it",
    ] {
        assert!(!page.contains(promised), "{promised}: {page}");
    }
    // Taken back, the road is open again.
    std::fs::write(&rules, "\n").expect("a file is written");
    let back = [
        "access",
        "rules",
        "set",
        file,
        "--note",
        "over",
        "--withdraw",
    ];
    stage.cli().run(back).with_code(0);
    let reply = person.request("GET", "/application/page", FORGED, b"");
    assert_eq!(reply.status, 200, "{}: {}", program.name, reply.text());
    stage.end();
}

fn tried(world: &World, program: &Program) {
    let mut stage = Stage::set(world, program);
    let own = Some(&world.device.certificate);
    // Nobody is signed in, whatever headers say.
    let mut stranger = stage.client(own);
    let reply = stranger.request("GET", "/application/page", FORGED, b"");
    assert!(
        matches!(reply.status, 401 | 302),
        "{}: {} {}",
        program.name,
        reply.status,
        reply.text()
    );
    let location = reply.header("location").unwrap_or_default();
    led_back(world, program, &stage, location);
    // Signed in: let through, with the names that Sekisho gives and no others.
    let mut person = stage.signed_in(&world.login, own);
    let_through(world, program, &mut person);
    nothing_of_the_session(program, &stage, &person);
    no_page_of_it_writes(program, &stage, person.clone());
    let reached = stage.seen();
    // A session that is no session.
    let mut forged = stage.client(own);
    let cookie = [(
        "cookie",
        "__Host-sekisho-session=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    )];
    let reply = forged.request("GET", "/application/page", &cookie, b"");
    assert!(
        matches!(reply.status, 401 | 302),
        "{}: {}",
        program.name,
        reply.status
    );
    assert_eq!(
        stage.seen(),
        reached,
        "{}: the application was reached",
        program.name
    );
    proof::is_asked_for(world, program, &stage);
    closed_without_a_server(program, &mut stage, &mut person);
    stage.end();
}

/// The sign-in leads back to the very page of the application, which is at another origin than the console.
fn led_back(world: &World, program: &Program, stage: &Stage, location: &str) {
    let [console, application] = stage.origins();
    let escaped = application.replace(':', "%3A");
    let next = format!("{escaped}/application/page");
    let expected = format!("{console}/sign-in?next={next}");
    assert_eq!(location, expected, "{}", program.name);
    let mut browser = stage.at_console(stage.client(None));
    let reply = sign_in(&mut browser, &world.login, &next);
    let page = format!("{application}/application/page");
    let refresh = reply.header("refresh");
    assert_eq!(
        refresh,
        Some(format!("0; url={page}").as_str()),
        "{}",
        program.name
    );
    assert!(
        reply.text().contains(&format!("href=\"{page}\"")),
        "{}",
        program.name
    );
    // Who is signed in already is led there at once.
    let again = browser.get(&format!("/sign-in?next={next}"));
    let told = (again.status, again.header("location"));
    assert_eq!(told, (303, Some(page.as_str())), "{}", program.name);
}

/// The application never had the session, and has not put another in its place.
fn nothing_of_the_session(program: &Program, stage: &Stage, person: &Client) {
    let received = stage.received();
    let (_, session) = person
        .cookies()
        .iter()
        .find(|(name, _)| name.ends_with(SESSION))
        .expect("a session");
    assert_ne!(session, "planted", "{}", program.name);
    assert!(
        !received.contains(session.as_str()),
        "{}: {received}",
        program.name
    );
    let received = received.to_ascii_lowercase();
    assert!(
        !received.contains("sekisho-session"),
        "{}: {received}",
        program.name
    );
    assert!(
        !received.contains("__host-sekisho"),
        "{}: {received}",
        program.name
    );
}

/// A page of the application sends what a page of the console could: the console takes nothing of it.
fn no_page_of_it_writes(program: &Program, stage: &Stage, person: Client) {
    let [_, application] = stage.origins();
    let mut person = stage.at_console(person);
    for headers in [
        vec![
            ("origin", application.as_str()),
            ("sec-fetch-site", "same-site"),
        ],
        vec![("sec-fetch-site", "same-site")],
        vec![("origin", application.as_str())],
    ] {
        let reply = person.request("POST", "/sign-out", &headers, b"");
        let page = reply.text();
        assert_eq!(reply.status, 403, "{}: {page}", program.name);
        assert!(page.contains("http.origin"), "{}: {page}", program.name);
    }
}

/// The decision point is killed, and nothing else is amiss.
fn closed_without_a_server(program: &Program, stage: &mut Stage, person: &mut Client) {
    let reached = stage.seen();
    stage.kill_server();
    for _ in 0..3 {
        let reply = person.request("GET", "/application/page", FORGED, b"");
        assert!(
            reply.status >= 400,
            "{}: {} {}",
            program.name,
            reply.status,
            reply.text()
        );
        assert!(
            !reply.text().contains("sekisho-person"),
            "{}: {}",
            program.name,
            reply.text()
        );
    }
    assert_eq!(
        stage.seen(),
        reached,
        "{}: the application was reached",
        program.name
    );
}

/// Whatever the method, and with the names that Sekisho gives and no others.
fn let_through(world: &World, program: &Program, person: &mut Client) {
    // Of the cookies only what the application has set itself, and where it has set nothing, none.
    for (method, cookies) in [("GET", ""), ("POST", OWN), ("DELETE", OWN)] {
        let reply = person.request(method, "/application/page?a=1", FORGED, b"x=1");
        assert_eq!(
            reply.status,
            200,
            "{} {method}: {}",
            program.name,
            reply.text()
        );
        let seen = reply.json();
        assert_eq!(seen["request"], format!("{method} /application/page?a=1"));
        let told = seen["cookie"].as_str().unwrap_or_default();
        assert_eq!(told, cookies, "{} {method}: {seen}", program.name);
        assert_eq!(
            seen["sekisho-person"],
            world.person.as_str(),
            "{}: {seen}",
            program.name
        );
        assert_eq!(
            seen["sekisho-device"],
            world.device.id.as_str(),
            "{}: {seen}",
            program.name
        );
        assert!(
            !seen.to_string().contains("forged"),
            "{}: {seen}",
            program.name
        );
        assert_ne!(
            seen["sekisho-client-address"], "203.0.113.99",
            "{}: {seen}",
            program.name
        );
    }
}

/// The same question about a request for another host.
fn for_host<'a>(question: &[(&'a str, &'a str)], host: &'a str) -> Vec<(&'a str, &'a str)> {
    let all = question.iter();
    let other = all.map(|&(name, value)| match name {
        "X-Forwarded-Host" => (name, host),
        _ => (name, value),
    });
    other.collect()
}

/// Without the client's address, or without a system, nothing is answered.
fn refused_without(proxy: &mut Client, path: &str, traefik: &[(&str, &str)]) {
    let rest: Vec<_> = traefik
        .iter()
        .copied()
        .filter(|(name, _)| *name != "X-Forwarded-For")
        .collect();
    let refused = proxy.request("GET", path, &rest, b"");
    assert_eq!(
        (refused.status, &refused.json()["code"]),
        (403, &"access.no-client-address".into())
    );
    // Envoy tells the address in a header of its own.
    let told = [traefik, &[("Sekisho-Client-Address", "192.0.2.7")]].concat();
    for nowhere in ["/authz/forward", "/authz/forward/x", "/authz/envoy/x/page"] {
        let refused = proxy.request("GET", nowhere, &told, b"");
        assert_eq!(
            (refused.status, &refused.json()["code"]),
            (403, &"access.no-system".into()),
            "{nowhere}"
        );
    }
}

/// Requests as Traefik's documentation gives them, and what stands before any proxy.
#[test]
fn only_a_named_proxy_that_tells_the_client_s_address_is_answered() {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let address = sekisho_tests::free_address();
    let application = format!("{}:1", address.ip());
    let text = format!(
        "names = [\"{address}\"]\ntrusted_proxies = [\"127.0.0.1\"]\n\
        [forward_auth]\napplications = [\"{application}\"]\n"
    );
    let config = folder.path().join("sekisho.toml");
    std::fs::write(&config, text).expect("a file is written");
    let launch = sekisho_tests::Launch::new("serve").at(address);
    let server = launch.argument("--config").argument(config).start();
    let path = "/authz/forward/sys_01j9zq3v8h0000000000000000";
    let traefik = [
        ("X-Forwarded-Method", "POST"),
        ("X-Forwarded-Proto", "https"),
        ("X-Forwarded-Host", "application.example"),
        ("X-Forwarded-Uri", "/page"),
        ("X-Forwarded-For", "192.0.2.7"),
        ("Accept", "application/json"),
    ];
    let mut proxy = server.client();
    let asked = proxy.request("GET", path, &traefik, b"");
    assert_eq!(
        (asked.status, &asked.json()["code"]),
        (401, &"authorise.not-signed-in".into())
    );
    // A path of another host leads nowhere.
    assert_eq!(
        asked.header("location"),
        Some(format!("https://{address}/sign-in").as_str())
    );
    let led = proxy.request("GET", path, &for_host(&traefik, &application), b"");
    let back = format!("https://{address}/sign-in?next=https%3A//127.0.0.1%3A1/page");
    assert_eq!(led.header("location"), Some(back.as_str()));
    // An application of our own origin is let through to nobody.
    for host in [address.to_string().as_str(), ""] {
        let refused = proxy.request("GET", path, &for_host(&traefik, host), b"");
        assert_eq!(
            (refused.status, &refused.json()["code"]),
            (403, &"access.application-at-console".into()),
            "{host}"
        );
    }
    refused_without(&mut proxy, path, &traefik);
    drop(server);
    let open = sekisho_tests::Launch::new("serve").start();
    let refused = open.client().request("GET", path, &traefik, b"");
    assert_eq!(
        (refused.status, &refused.json()["code"]),
        (403, &"access.proxy-unknown".into())
    );
}
