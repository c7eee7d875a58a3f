//! What the device reports in the test. The agent of the device looks at the machine of the test, which
//! is in no good order; the test reports in its place, signed with the device's own key, with numbers
//! that are ahead of the agent's, so that the agent's own reports are refused from then on.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use sekisho_domain::id::DeviceId;
use sekisho_domain::time::{Span, Timestamp};
use sekisho_ledger::Digest;
use sekisho_protocol::agent::{
    HEADER_DEVICE, HEADER_SEQUENCE, HEADER_SIGNATURE, HEADER_TIME, PATH_REPORT, signing_input,
};
use sekisho_protocol::request_key::RequestKey;
use sekisho_tests::Client;
use serde_json::{Value, json};

/// How far the numbers are ahead.
const AHEAD: u64 = 86_400_000;

/// A kind of fact and what was seen.
pub type Fact = (&'static str, Value);

fn moment() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("a time");
    Timestamp::from_millis(i64::try_from(since.as_millis()).expect("a time"))
}

pub struct Device {
    pub id: DeviceId,
    key: RequestKey,
    reports: u64,
}

impl Device {
    /// By the folder of its agent.
    pub fn of(id: &str, state: &Path) -> Self {
        let pem = std::fs::read_to_string(state.join("device.key.pem")).expect("a key");
        Self {
            id: id.parse().expect("an id"),
            key: RequestKey::from_pem(&pem).expect("a key"),
            reports: 0,
        }
    }

    /// Reports that everything is in order but for what is otherwise.
    pub fn report(&mut self, client: &mut Client, otherwise: &[Fact]) {
        self.report_at(client, moment(), otherwise);
    }

    /// The same by a clock of the test's own.
    pub fn report_at(&mut self, client: &mut Client, now: Timestamp, otherwise: &[Fact]) {
        self.reports += 1;
        let mut facts = in_order(now);
        for (kind, value) in otherwise {
            let replaced = facts.iter_mut().find(|(known, _)| known == kind);
            replaced.expect("a fact").1 = value.clone();
        }
        let observations: Vec<Value> = facts
            .into_iter()
            .map(|(kind, value)| {
                json!({
                    "seen": { "value": { "kind": kind, "value": value } },
                    "source": "test",
                    "observed_at": now,
                })
            })
            .collect();
        let body = json!({
            "agent": "0.0.0",
            "observed_at": now,
            "observations": observations,
        });
        let body = serde_json::to_vec(&body).expect("JSON");
        let sequence = u64::try_from(now.as_millis()).expect("a time") + AHEAD + self.reports;
        let digest = Digest::of(&body).to_string();
        let input = signing_input("POST", PATH_REPORT, self.id, now, sequence, &digest);
        let (device, time) = (self.id.to_string(), now.as_millis().to_string());
        let (sequence, signature) = (sequence.to_string(), self.key.sign(&input));
        let headers = [
            ("content-type", "application/json"),
            (HEADER_DEVICE, device.as_str()),
            (HEADER_TIME, &time),
            (HEADER_SEQUENCE, &sequence),
            (HEADER_SIGNATURE, &signature),
        ];
        client
            .request("POST", PATH_REPORT, &headers, &body)
            .with_status(200);
    }
}

/// The packet filter lets everything in.
pub fn unfiltered() -> Fact {
    let value = json!({ "filter": "nftables", "inbound_default_deny": false, "rules": 2, "enforced": false });
    ("firewall", value)
}

/// A security update waits.
pub fn update_waits() -> Fact {
    let waiting = json!({
        "name": "openssl", "installed": "3.5.1-1", "candidate": "3.5.1-1+deb13u1", "security": true,
    });
    let value = json!({ "updates": [waiting], "metadata_at": moment(), "security_source": true });
    ("pending_updates", value)
}

fn in_order(now: Timestamp) -> Vec<Fact> {
    let account = |name: &str, uid: u32, administrator: bool| {
        json!({
            "name": name, "uid": uid, "can_login": true, "has_password": true,
            "empty_password": false, "administrator": administrator,
        })
    };
    vec![
        (
            "os_release",
            json!({
                "family": "linux", "product": "debian", "version": "13", "codename": "trixie",
                "pretty": "Debian GNU/Linux 13 (trixie)",
            }),
        ),
        (
            "packages",
            json!({ "format": "deb", "packages": [{ "name": "bash", "version": "5.2.37-2", "arch": "amd64" }] }),
        ),
        (
            "pending_updates",
            json!({ "updates": [], "metadata_at": now.before(Span::hours(1)), "security_source": true }),
        ),
        (
            "disk_encryption",
            json!({ "volumes": [
                { "mount": "/", "device": "/dev/mapper/root", "used_for": "file_system", "layer": "luks" },
            ] }),
        ),
        (
            "firewall",
            json!({ "filter": "nftables", "inbound_default_deny": true, "rules": 2, "enforced": true }),
        ),
        ("kernel", json!({ "release": "6.12.57+deb13-amd64" })),
        (
            "usb_history",
            json!({ "devices": [], "since": now.before(Span::days(100)) }),
        ),
        ("listening", json!({ "ports": [] })),
        (
            "screen_lock",
            json!({
                "state": "desktop", "desktop": "gnome", "enabled": true, "idle_seconds": 300,
                "locked_by_policy": true,
            }),
        ),
        (
            "accounts",
            json!({ "accounts": [account("root", 0, true), account("tanaka", 1000, false)] }),
        ),
        (
            "ssh_daemon",
            json!({ "installed": false, "running": false }),
        ),
    ]
}
