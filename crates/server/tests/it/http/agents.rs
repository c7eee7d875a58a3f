//! Agents: enrolment by secret, signed reports, and every way to forge them.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::request::Builder;
use axum::http::{Request, StatusCode, header};
use base64ct::{Base64UrlUnpadded, Encoding};
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use sekisho_domain::device::{DeviceClass, DeviceKey};
use sekisho_domain::id::DeviceId;
use sekisho_domain::time::Timestamp;
use sekisho_ledger::Digest;
use sekisho_protocol::agent::{
    EnrolRequest, HEADER_DEVICE, HEADER_SEQUENCE, HEADER_SIGNATURE, HEADER_TIME, PATH_ENROL,
    PATH_REPORT, Report, enrol_signing_input, signing_input,
};
use sekisho_server::identity::link::{self, Enrolment, Issuer};

use super::house::{HOST, House, Reply};

/// A key of a device, with its public form.
pub fn key(seed: u8) -> (SigningKey, DeviceKey) {
    let signing = SigningKey::from_slice(&[seed; 32]).unwrap();
    let point = signing.verifying_key().to_sec1_point(true);
    let text = Base64UrlUnpadded::encode_string(point.as_bytes());
    (signing, DeviceKey::try_from(text).unwrap())
}

pub fn sign(key: &SigningKey, message: &[u8]) -> String {
    let signature: Signature = key.sign(message);
    Base64UrlUnpadded::encode_string(&signature.to_bytes())
}

fn secret(house: &House) -> String {
    let allowed = Enrolment {
        unit: house.root(),
        class: DeviceClass::Issued,
        user: None,
        issuer: Issuer::Operator,
        source: sekisho_domain::device::StateSource::Observed,
    };
    link::enrolment(house.app.accounts(), &allowed, house.app.now()).unwrap()
}

async fn enrol(house: &House, secret: &str, seed: u8) -> Reply {
    let (signing, public) = key(seed);
    let proof = sign(&signing, &enrol_signing_input(secret, public.as_str()));
    let body = EnrolRequest {
        secret: secret.to_owned(),
        public_key: public.into(),
        proof,
        declares: false,
    };
    post(house, PATH_ENROL, &[], serde_json::to_vec(&body).unwrap()).await
}

pub async fn post(house: &House, path: &str, headers: &[(&str, String)], body: Vec<u8>) -> Reply {
    let request = request(path, headers);
    house.send(request.body(Body::from(body)).unwrap()).await
}

fn request(path: &str, headers: &[(&str, String)]) -> Builder {
    let mut request = Request::builder()
        .method("POST")
        .uri(path)
        .header(header::HOST, HOST);
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    request
}

/// A request that a device signs, of any path.
pub async fn signed(
    house: &House,
    (device, signing): (DeviceId, &SigningKey),
    path: &str,
    sequence: u64,
    body: &serde_json::Value,
) -> Reply {
    let body = serde_json::to_vec(body).unwrap();
    let headers = headers((device, signing), path, (house.app.now(), sequence), &body);
    post(house, path, &headers, body).await
}

/// The headers of a signed request.
pub fn headers(
    (device, signing): (DeviceId, &SigningKey),
    path: &str,
    (time, sequence): (Timestamp, u64),
    body: &[u8],
) -> [(&'static str, String); 4] {
    let digest = Digest::of(body).to_string();
    let input = signing_input("POST", path, device, time, sequence, &digest);
    [
        (HEADER_DEVICE, device.to_string()),
        (HEADER_TIME, time.as_millis().to_string()),
        (HEADER_SEQUENCE, sequence.to_string()),
        (HEADER_SIGNATURE, sign(signing, &input)),
    ]
}

pub struct Sent {
    device: DeviceId,
    time: Timestamp,
    sequence: u64,
    body: Vec<u8>,
    signature: String,
}

impl Sent {
    pub fn new(house: &House, device: DeviceId, signing: &SigningKey, sequence: u64) -> Self {
        let time = house.app.now();
        let report = Report {
            agent: "0.1.0".to_owned(),
            observed_at: time,
            observations: Vec::new(),
        };
        let body = serde_json::to_vec(&report).unwrap();
        let digest = Digest::of(&body).to_string();
        let input = signing_input("POST", PATH_REPORT, device, time, sequence, &digest);
        Self {
            device,
            time,
            sequence,
            body,
            signature: sign(signing, &input),
        }
    }

    fn headers(&self) -> [(&'static str, String); 4] {
        [
            (HEADER_DEVICE, self.device.to_string()),
            (HEADER_TIME, self.time.as_millis().to_string()),
            (HEADER_SEQUENCE, self.sequence.to_string()),
            (HEADER_SIGNATURE, self.signature.clone()),
        ]
    }

    pub async fn send(&self, house: &House) -> Reply {
        post(house, PATH_REPORT, &self.headers(), self.body.clone()).await
    }

    /// From the machine itself, which is no line of the organisation's.
    async fn send_from_here(&self, house: &House) -> Reply {
        let request = request(PATH_REPORT, &self.headers())
            .extension(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 50_000))));
        house
            .send(request.body(Body::from(self.body.clone())).unwrap())
            .await
    }
}

#[tokio::test]
async fn a_secret_enrols_one_device() {
    let house = House::founded().await;
    let secret = secret(&house);
    let done = enrol(&house, &secret, 1).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text());
    let device: DeviceId = done.json()["device"].as_str().unwrap().parse().unwrap();
    assert!(house.app.world().device(device).is_some());
    assert_eq!(
        enrol(&house, &secret, 2).await.json()["code"],
        "enrol.refused"
    );
    assert_eq!(house.app.world().devices.len(), 1);
}

#[tokio::test]
async fn an_enrolment_that_fails_does_not_use_the_secret() {
    let house = House::founded().await;
    let secret = secret(&house);
    let (_, public) = key(1);
    let (other, _) = key(2);
    let proof = sign(&other, &enrol_signing_input(&secret, public.as_str()));
    let forged = EnrolRequest {
        secret: secret.clone(),
        public_key: public.into(),
        proof,
        declares: false,
    };
    let reply = post(
        &house,
        PATH_ENROL,
        &[],
        serde_json::to_vec(&forged).unwrap(),
    )
    .await;
    assert_eq!(
        (reply.status, reply.json()["code"].as_str()),
        (StatusCode::FORBIDDEN, Some("enrol.proof"))
    );
    let reply = post(&house, PATH_ENROL, &[], b"{".to_vec()).await;
    assert_eq!(reply.status, StatusCode::BAD_REQUEST);
    for wrong in ["", "x", &format!("{secret}x"), &secret[..secret.len() - 1]] {
        assert_eq!(
            enrol(&house, wrong, 1).await.json()["code"],
            "enrol.refused",
            "{wrong}"
        );
    }
    assert_eq!(enrol(&house, &secret, 1).await.status, StatusCode::OK);
    // The same key does not enrol twice, and the second secret stays unused.
    let next = self::secret(&house);
    assert_eq!(
        enrol(&house, &next, 1).await.json()["code"],
        "device.key-in-use"
    );
    assert_eq!(enrol(&house, &next, 3).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_issuer_must_still_have_the_authority() {
    let house = House::founded().await;
    let (person, _) = house
        .officer("staff", house.root(), sekisho_domain::role::Role::Staff)
        .await;
    let allowed = Enrolment {
        unit: house.root(),
        class: DeviceClass::Issued,
        user: None,
        issuer: Issuer::Person(person),
        source: sekisho_domain::device::StateSource::Observed,
    };
    let secret = link::enrolment(house.app.accounts(), &allowed, house.app.now()).unwrap();
    assert_eq!(
        enrol(&house, &secret, 1).await.status,
        StatusCode::FORBIDDEN
    );
    assert!(house.app.world().devices.is_empty());
}

#[tokio::test]
async fn only_the_devices_own_new_report_is_taken() {
    let house = House::founded().await;
    let (signing, public) = key(1);
    let device = house.device(house.root(), None, public).await;
    let first = Sent::new(&house, device, &signing, 1);
    let taken = first.send(&house).await;
    assert_eq!(taken.status, StatusCode::OK, "{}", taken.text());
    assert_eq!(first.send(&house).await.json()["code"], "report.replayed");
    assert_eq!(
        Sent::new(&house, device, &signing, 1)
            .send(&house)
            .await
            .json()["code"],
        "report.replayed"
    );
    let next = Sent::new(&house, device, &signing, 2);
    assert_eq!(next.send(&house).await.status, StatusCode::OK);
    let kept = house
        .app
        .observations()
        .last_sequence(&device.to_string())
        .unwrap();
    assert_eq!(kept, Some(2));
}

#[tokio::test]
async fn a_report_that_comes_again_says_nothing_of_where_its_device_is() {
    let house = House::founded().await;
    let (signing, public) = key(1);
    let device = house.device(house.root(), None, public).await;
    let first = Sent::new(&house, device, &signing, 1);
    assert_eq!(first.send_from_here(&house).await.status, StatusCode::OK);
    let whereabouts = || house.app.observations().whereabouts().unwrap();
    let known = whereabouts();
    assert_eq!(known.len(), 1, "no line knows its address");
    house.pass(60_000);
    assert_eq!(
        first.send_from_here(&house).await.json()["code"],
        "report.replayed"
    );
    assert_eq!(whereabouts(), known);
    // A new one does.
    let next = Sent::new(&house, device, &signing, 2);
    assert_eq!(next.send_from_here(&house).await.status, StatusCode::OK);
    assert_ne!(whereabouts(), known);
}

#[tokio::test]
async fn a_forged_report_leaves_nothing_behind() {
    let house = House::founded().await;
    let (signing, public) = key(1);
    let (stranger, _) = key(2);
    let device = house.device(house.root(), None, public).await;
    let other = Sent::new(&house, device, &signing, 1);
    assert_eq!(other.send(&house).await.status, StatusCode::OK);
    let base = || Sent::new(&house, device, &signing, 2);
    let unknown = DeviceId::new(sekisho_domain::id::Fresh([9; 16]));
    let forged = [
        Sent::new(&house, device, &stranger, 2),
        Sent {
            body: b"{}".to_vec(),
            ..base()
        },
        Sent {
            sequence: 3,
            ..base()
        },
        Sent {
            time: Timestamp::from_millis(base().time.as_millis() + 1),
            ..base()
        },
        Sent {
            device: unknown,
            ..base()
        },
        Sent {
            signature: other.signature.clone(),
            ..base()
        },
        Sent {
            signature: "A".repeat(86),
            ..base()
        },
        Sent {
            signature: String::new(),
            ..base()
        },
    ];
    for (place, sent) in forged.into_iter().enumerate() {
        let reply = sent.send(&house).await;
        assert_eq!(
            reply.status,
            StatusCode::UNAUTHORIZED,
            "{place}: {}",
            reply.text()
        );
    }
    let headers = [(HEADER_DEVICE, device.to_string())];
    let reply = post(&house, PATH_REPORT, &headers, b"{}".to_vec()).await;
    assert_eq!(reply.status, StatusCode::BAD_REQUEST);
    assert_eq!(
        house
            .app
            .observations()
            .last_sequence(&device.to_string())
            .unwrap(),
        Some(1)
    );
    assert_eq!(base().send(&house).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_wrong_clock_is_a_fact_and_no_refusal() {
    let house = House::founded().await;
    let (signing, public) = key(1);
    let device = house.device(house.root(), None, public).await;
    let late = Sent::new(&house, device, &signing, 1);
    house.pass(24 * 3_600_000);
    let reply = late.send(&house).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
    let received = reply.json()["received_at"].as_i64().unwrap();
    assert_eq!(
        received,
        house.app.now().as_millis(),
        "freshness counts from the receipt"
    );
}
