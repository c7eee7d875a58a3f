//! A device is who proves it: by its certificate on the line to the proxy, which Sekisho verifies once more.

use sekisho_tests::{Client, Launch, Reply, Sekisho, free_address};
use tempfile::TempDir;

use super::certificates::Certificate;
use super::programs::Program;
use super::signed_in;
use super::stage::Stage;
use super::world::World;

/// What a page says, in both languages.
type Words = [&'static str; 2];

const ABSENT: Words = [
    "登録された端末からの利用ではない",
    "not used from an enrolled device",
];
const NOT_THEIRS: Words = [
    "この端末の利用者として登録されていない",
    "not registered as the user",
];
const RETIRED: Words = ["この端末は廃止されている", "This device is retired"];

fn is_refused(reply: &Reply, said: Words, what: &str) {
    let page = reply.text();
    assert_eq!(reply.status, 403, "{what}: {page}");
    for words in said {
        assert!(page.contains(words), "{what}: {words}: {page}");
    }
}

/// A session as its header.
fn cookies(client: &Client) -> String {
    let all = client.cookies().iter();
    let all: Vec<String> = all.map(|(name, value)| format!("{name}={value}")).collect();
    all.join("; ")
}

/// As Envoy writes a certificate down.
fn as_envoy(certificate: &Certificate) -> String {
    let mut text = certificate.leaf().to_owned();
    for (plain, written) in [
        ("\n", "%0A"),
        (" ", "%20"),
        ("+", "%2B"),
        ("/", "%2F"),
        ("=", "%3D"),
    ] {
        text = text.replace(plain, written);
    }
    format!("Hash=00;Cert=\"{text}\"")
}

/// With the same session, and on no device, another's, one that was given up, and one that another
/// authority vouches for: the application is not reached.
pub fn is_asked_for(world: &World, program: &Program, stage: &Stage) {
    let person = stage.signed_in(&world.login, Some(&world.device.certificate));
    let session = cookies(&person);
    let reached = stage.seen();
    let ask = |certificate: Option<&Certificate>, more: &[(&str, &str)]| {
        let mut headers = vec![("cookie", session.as_str()), ("accept", "text/html")];
        headers.extend_from_slice(more);
        let mut client = stage.client(certificate);
        client.try_request("GET", "/application/page", &headers, b"")
    };
    let answered = |certificate, more: &[(&str, &str)]| match ask(certificate, more) {
        Ok(reply) => reply,
        Err(error) => panic!("{}: {error}", program.name),
    };
    is_refused(&answered(None, &[]), ABSENT, program.name);
    // The very certificate of the device, without its key.
    let (der, by_envoy) = (
        world.device.certificate.base64(),
        as_envoy(&world.device.certificate),
    );
    let copied = [
        ("Sekisho-Client-Certificate", der.as_str()),
        ("X-Forwarded-Client-Cert", &by_envoy),
        ("Sekisho-Device", &world.device.id),
    ];
    is_refused(&answered(None, &copied), ABSENT, program.name);
    nor_by_his_query(world, program, stage, &session);
    let other = Some(&world.other_device.certificate);
    is_refused(&answered(other, &copied), NOT_THEIRS, program.name);
    let json = [("accept", "application/json")];
    let mut client = stage.client(other);
    let headers = [&[("cookie", session.as_str())][..], &json].concat();
    let reply = client.request("GET", "/application/page", &headers, b"");
    assert_eq!(reply.status, 403, "{}", program.name);
    assert_eq!(reply.json()["decision"], false, "{}", program.name);
    let retired = Some(&world.retired_device.certificate);
    is_refused(&answered(retired, &copied), RETIRED, program.name);
    // Most programs end that line themselves.
    if let Ok(reply) = ask(Some(&world.foreign), &copied) {
        assert!(reply.status >= 400, "{}: {}", program.name, reply.text());
    }
    assert_eq!(
        stage.seen(),
        reached,
        "{}: the application was reached",
        program.name
    );
    let own = answered(Some(&world.device.certificate), &[]);
    assert_eq!(own.status, 200, "{}: {}", program.name, own.text());
}

/// What a proxy may say of this device counts, and the client's query puts no word into its mouth.
fn nor_by_his_query(world: &World, program: &Program, stage: &Stage, session: &str) {
    let words = format!("device={}&part=x", world.device.id);
    let headers = [("cookie", session), ("accept", "text/html")];
    for path in [
        format!("/application/page?{words}"),
        format!("/;{}/page", words.replace('&', ";")),
    ] {
        let mut client = stage.client(None);
        let reply = client.request("GET", &path, &headers, b"");
        is_refused(&reply, ABSENT, program.name);
    }
}

/// A server, with the folder of its configuration.
fn served(world: &World, more: &str) -> (Sekisho, TempDir) {
    let folder = TempDir::new().expect("a temporary folder");
    let address = free_address();
    let text = format!("names = [\"{address}\"]\ntrusted_proxies = [\"127.0.0.1\"]\n{more}");
    let config = folder.path().join("sekisho.toml");
    std::fs::write(&config, text).expect("a file is written");
    let launch = Launch::new("serve").at(address).on(world.data());
    (launch.argument("--config").argument(config).start(), folder)
}

/// A proxy's question, from where everybody is here.
fn asked(person: &mut Client, path: &str, more: &[(&str, &str)]) -> Reply {
    let told = [
        ("accept", "text/html"),
        ("X-Forwarded-For", "127.0.0.1"),
        ("X-Forwarded-Host", "application.example"),
        ("Sekisho-Client-Address", "127.0.0.1"),
    ];
    person.request("GET", path, &[&told[..], more].concat(), b"")
}

fn is_let_through(reply: &Reply, device: &str, what: &str) {
    assert_eq!(reply.status, 200, "{what}: {}", reply.text());
    assert_eq!(reply.header("sekisho-device"), Some(device), "{what}");
    // Empty, and there all the same: it stands in the place of the session that was asked with.
    assert_eq!(reply.header("cookie"), Some(""), "{what}");
}

/// A proxy that verified nothing: what it passes on is verified here, and what it merely says counts only
/// where our own configuration leaves it to that proxy.
pub fn is_asked_for_by_the_decision_point_too(world: &World) {
    let (system, own) = (&world.system, &world.device);
    let forward = format!("/authz/forward/{system}");
    let envoy = format!("/authz/envoy/{system}/application/page");
    let stated = [
        format!("{forward}?device={}", own.id),
        format!("/authz/envoy/{system};device={}/application/page", own.id),
    ];
    let (server, _folder) = served(world, "");
    let mut person = signed_in(&server, &world.login);
    for (certificate, said) in [
        (&own.certificate, None),
        (&world.other_device.certificate, Some(NOT_THEIRS)),
        (&world.retired_device.certificate, Some(RETIRED)),
        (&world.foreign, Some(ABSENT)),
    ] {
        let (der, by_envoy) = (certificate.base64(), as_envoy(certificate));
        for (path, name, value) in [
            (&forward, "Sekisho-Client-Certificate", &der),
            (&envoy, "X-Forwarded-Client-Cert", &by_envoy),
        ] {
            let reply = asked(&mut person, path, &[(name, value)]);
            match said {
                None => is_let_through(&reply, &own.id, path),
                Some(words) => is_refused(&reply, words, path),
            }
        }
    }
    // A name that Envoy says is no certificate.
    let name = format!("Hash=00;URI=sekisho:device/{}", own.id);
    let reply = asked(&mut person, &envoy, &[("X-Forwarded-Client-Cert", &name)]);
    is_refused(&reply, ABSENT, &envoy);
    for path in &stated {
        is_refused(&asked(&mut person, path, &[]), ABSENT, path);
    }
    assert!(server.stop().success());
    left_to_the_proxy(world, &stated);
}

/// One device is left to one proxy by our configuration.
fn left_to_the_proxy(world: &World, stated: &[String]) {
    let id = &world.device.id;
    let more =
        format!("[[forward_auth.stated_devices]]\nproxy = \"127.0.0.1\"\ndevice = \"{id}\"\n");
    let (server, _folder) = served(world, &more);
    let mut person = signed_in(&server, &world.login);
    let foreign = [
        ("Sekisho-Client-Certificate", world.foreign.base64()),
        ("X-Forwarded-Client-Cert", as_envoy(&world.foreign)),
    ];
    let foreign = foreign
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    for path in stated {
        is_let_through(&asked(&mut person, path, &[]), id, path);
        // Who shows a certificate is judged by that.
        is_refused(&asked(&mut person, path, &foreign), ABSENT, path);
        let other = path.replace(id, &world.other_device.id);
        is_refused(&asked(&mut person, &other, &[]), ABSENT, &other);
    }
    assert!(server.stop().success());
}
