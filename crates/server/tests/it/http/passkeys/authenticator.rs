//! An authenticator in memory, for tests only: ES256 keys, attestation `none`, a counter.
//! Forms: WebAuthn Level 3, sections 5.8.1, 6.1 and 6.5; CBOR by RFC 8949.

use base64ct::{Base64UrlUnpadded, Encoding};
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The address at which passkeys work in the tests.
pub const HOST: &str = "localhost:8420";

const USER_PRESENT: u8 = 0x01;
const USER_VERIFIED: u8 = 0x04;
const KEY_INCLUDED: u8 = 0x40;

/// One passkey. A clone has the same key and a counter of its own.
#[derive(Clone)]
pub struct Authenticator {
    pub(super) key: SigningKey,
    pub(super) id: Vec<u8>,
    pub(super) user: Vec<u8>,
    pub counter: u32,
    /// Whether it counts at all.
    pub counts: bool,
    /// Where the browser says that it is.
    pub origin: String,
    /// Whether it verifies who uses it.
    pub verifies: bool,
}

fn text(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

fn sha256(bytes: &[u8]) -> Vec<u8> {
    Sha256::digest(bytes).to_vec()
}

impl Authenticator {
    pub fn new(seed: u8) -> Self {
        Self {
            key: SigningKey::from_slice(&[seed; 32]).unwrap(),
            id: vec![seed; 24],
            user: Vec::new(),
            counter: 0,
            counts: true,
            origin: format!("http://{HOST}"),
            verifies: true,
        }
    }

    pub fn id(&self) -> String {
        text(&self.id)
    }

    fn client_data(&self, kind: &str, challenge: &str) -> Vec<u8> {
        json!({
            "type": kind,
            "challenge": challenge,
            "origin": self.origin,
            "crossOrigin": false,
        })
        .to_string()
        .into_bytes()
    }

    fn data(&mut self, domain: &str, more: u8) -> Vec<u8> {
        let verified = if self.verifies { USER_VERIFIED } else { 0 };
        self.counter += u32::from(self.counts);
        let mut data = sha256(domain.as_bytes());
        data.push(USER_PRESENT | verified | more);
        data.extend(self.counter.to_be_bytes());
        data
    }

    /// Answers a challenge to make a key.
    pub fn create(&mut self, challenge: &Value) -> String {
        let options = &challenge["publicKey"];
        let user = options["user"]["id"].as_str().unwrap();
        self.user = Base64UrlUnpadded::decode_vec(user).unwrap();
        let mut data = self.data(options["rp"]["id"].as_str().unwrap(), KEY_INCLUDED);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).unwrap().to_be_bytes());
        data.extend(&self.id);
        let point = self.key.verifying_key().to_sec1_point(false);
        // COSE_Key (RFC 9053, 7.1.1): EC2, ES256, P-256, x, y.
        data.extend([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20]);
        data.extend(&point.as_bytes()[1..33]);
        data.extend([0x22, 0x58, 0x20]);
        data.extend(&point.as_bytes()[33..65]);
        let mut object = vec![0xa3, 0x63];
        object.extend(b"fmt\x64none\x67attStmt\xa0\x68authData\x59");
        object.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
        object.extend(data);
        let client = self.client_data("webauthn.create", options["challenge"].as_str().unwrap());
        json!({
            "id": self.id(),
            "rawId": self.id(),
            "type": "public-key",
            "extensions": {},
            "response": {
                "attestationObject": text(&object),
                "clientDataJSON": text(&client),
                "transports": ["internal"],
            },
        })
        .to_string()
    }

    /// Answers a challenge to use the key.
    pub fn get(&mut self, challenge: &Value) -> String {
        let options = &challenge["publicKey"];
        let data = self.data(options["rpId"].as_str().unwrap(), 0);
        let client = self.client_data("webauthn.get", options["challenge"].as_str().unwrap());
        let mut signed = data.clone();
        signed.extend(sha256(&client));
        let signature: Signature = self.key.sign(&signed);
        json!({
            "id": self.id(),
            "rawId": self.id(),
            "type": "public-key",
            "extensions": {},
            "response": {
                "authenticatorData": text(&data),
                "clientDataJSON": text(&client),
                "signature": text(signature.to_der().as_bytes()),
                "userHandle": text(&self.user),
            },
        })
        .to_string()
    }
}
