//! Back onto the internal line (8.1.1(3)(i), (j)): a device with the certificate that its agent was given,
//! Debian's supplicant, authenticator and RADIUS server, the printed configuration of the latter, and a
//! switch of ours that opens a port into the VLAN that the answer names.

mod control;
mod port;
mod printed;
mod radius;
mod stage;
mod supplicant;

use std::path::Path;
use std::time::Duration;

use sekisho_tests::{leave_out, no_namespaces};

use super::office::device::{Device, update_waits};
use super::office::feeds::{ends_of_support, vulnerabilities};
use super::office::forms::{day, send};
use super::office::people::People;
use radius::Radius;
use stage::{INTERNAL, Line, QUARANTINE, Stage};
use supplicant::Supplicant;

/// How long a change may take to reach the port here, on a busy machine.
const SOON: Duration = Duration::from_secs(40);

const PROGRAMS: [&str; 6] = [
    "/usr/sbin/freeradius",
    "/usr/lib/freeradius/rlm_rest.so",
    "/usr/sbin/hostapd",
    "/usr/sbin/wpa_supplicant",
    "/usr/bin/openssl",
    "/usr/bin/curl",
];

/// Everything set up, with the device at home.
struct Office {
    supplicant: Supplicant,
    stage: Stage,
    people: People,
    device: Device,
    radius: Radius,
}

impl Office {
    fn built() -> Self {
        let mut stage = Stage::set();
        let mut people = People::gathered(stage.server(), &stage::LINE);
        ends_of_support(stage.server(), stage.folder());
        vulnerabilities(stage.server(), stage.folder());
        stage.go(Line::Home);
        let mut device = stage.enrolled(&people.invite());
        // In order at home, and that proves nothing of when it came back.
        let mut client = stage.server().client();
        stage.at_device(|| device.report(&mut client, &[]));
        let token = people.network_token();
        let radius = Radius::start(&stage, &token);
        stage.start_port();
        let supplicant = Supplicant::start(&stage, &radius);
        Self {
            supplicant,
            stage,
            people,
            device,
            radius,
        }
    }

    /// Reports from where the device is, that everything is in order but for what is otherwise.
    fn reports(&mut self, otherwise: &[super::office::device::Fact]) {
        let mut client = self.stage.server().client();
        let device = &mut self.device;
        self.stage
            .at_device(|| device.report(&mut client, otherwise));
    }

    /// Signs in at the port until it is open into a VLAN, or closed by a refusal.
    fn signs_in(&mut self, vlan: Option<&str>) {
        let port = self.stage.port();
        self.supplicant.sign_in(port, SOON);
        let why = || format!("{}\n{}", self.stage.server().log(), self.radius.said());
        port.until(vlan, SOON, why);
        match vlan {
            Some(INTERNAL) => self.stage.go(Line::Internal),
            Some(_) => self.stage.go(Line::Quarantine),
            None => {}
        }
        self.reaches(vlan);
    }

    /// Waits until the port is closed by whoever asked the switch for it.
    fn is_taken_off(&self) {
        let why = || format!("{}\n{}", self.stage.server().log(), self.radius.said());
        self.stage.port().until(None, SOON, why);
        self.reaches(None);
    }

    /// Packets really pass to the one side and not to the other.
    fn reaches(&self, vlan: Option<&str>) {
        assert_eq!(self.stage.reaches(Line::Internal), vlan == Some(INTERNAL));
        let quarantined = vlan == Some(QUARANTINE);
        assert_eq!(self.stage.reaches(Line::Quarantine), quarantined);
    }

    /// Waits until the page of the device says something, in both languages, and the other things not.
    fn is_said(&mut self, said: &[(&str, &str)], unsaid: &[(&str, &str)]) {
        let path = format!("/devices/{}", self.device.id);
        let deadline = std::time::Instant::now() + SOON;
        for (place, lang) in ["ja", "en"].into_iter().enumerate() {
            let of = |(ja, en): &(&str, &str)| [(*ja).to_owned(), (*en).to_owned()][place].clone();
            let mut reader = self.people.isso.clone().reading(lang);
            loop {
                let page = reader.get(&path).with_status(200).text();
                let there = |words: &(&str, &str)| page.contains(&of(words));
                if said.iter().all(there) && !unsaid.iter().any(there) {
                    break;
                }
                let section = page.split("id=\"inside\"").nth(1).unwrap_or(&page);
                let section = section.split("</section>").next().unwrap_or(section);
                assert!(
                    std::time::Instant::now() < deadline,
                    "{said:?} without {unsaid:?}: {section}"
                );
                std::thread::sleep(Duration::from_millis(100));
            }
        }
    }

    /// The section chief's permit to join again, applied for, given and taken up. Returns its path.
    fn permit(&mut self) -> String {
        let since = day(0);
        let more = [
            ("f-outside_since", since.as_str()),
            ("f-out_of_sight", "no"),
        ];
        let device = self.device.id.to_string();
        self.people.permit("pr", &device, &more)
    }
}

const UNINSPECTED: (&str, &str) = (
    "持ち帰り後の点検（安全管理措置）が済んでいない",
    "its inspection since it came back has not passed",
);
const UNPERMITTED: (&str, &str) = (
    "課室情報セキュリティ責任者の許可がない",
    "There is no permission of the section",
);
const TRACE_SCAN: [(&str, &str); 2] = [
    ("攻撃を受けた痕跡の調査", "Scan for traces of an attack"),
    ("まだ点検項目に含まれていません", "Not yet part of the list"),
];
const BEFORE_RETURN: (&str, &str) = (
    "持ち帰った後の点検の結果がまだありません",
    "There is no result from after the device came back",
);

#[test]
fn a_device_comes_back_onto_the_line_inspected_and_permitted_and_not_otherwise() {
    let missing = PROGRAMS.iter().find(|it| !Path::new(it).exists());
    let missing = missing.map(|it| format!("{it} is not installed"));
    if let Some(reason) = missing.or_else(|| no_namespaces(&["ip", "nft"])) {
        return leave_out("inside", &reason);
    }
    let mut office = Office::built();
    waits_in_quarantine_until_inspected_and_permitted(&mut office);
    let permit = comes_in(&mut office);
    the_permit_ends(&mut office, &permit);
    the_posture_breaks(&mut office);
    comes_back_uninspected(&mut office);
    without_the_server_nobody_comes_in(&mut office);
    strangers_and_retired_devices_are_refused(&mut office);
}

fn waits_in_quarantine_until_inspected_and_permitted(office: &mut Office) {
    office.signs_in(Some(QUARANTINE));
    let mut said = vec![UNINSPECTED, UNPERMITTED, BEFORE_RETURN];
    said.push(("検疫中", "In quarantine"));
    said.extend(TRACE_SCAN);
    office.is_said(&said, &[]);
    // What it is inspected by is reached from there.
    office.reports(&[]);
    office.is_said(&[UNPERMITTED], &[UNINSPECTED, BEFORE_RETURN]);
    office.reaches(Some(QUARANTINE));
}

fn comes_in(office: &mut Office) -> String {
    let permit = office.permit();
    // It has what it lacked, and is asked to sign in anew.
    office.is_taken_off();
    office.signs_in(Some(INTERNAL));
    office.is_said(&[("接続中", "On the line")], &[UNPERMITTED, UNINSPECTED]);
    permit
}

fn the_permit_ends(office: &mut Office, permit: &str) {
    office.people.act(permit, "return");
    office.is_taken_off();
    office.is_said(&[UNPERMITTED, ("接続を切断", "Taken off the line")], &[]);
    office.signs_in(Some(QUARANTINE));
    office.permit();
    office.is_taken_off();
    office.signs_in(Some(INTERNAL));
}

fn the_posture_breaks(office: &mut Office) {
    office.reports(&[update_waits()]);
    office.is_taken_off();
    office.is_said(
        &[
            UNINSPECTED,
            (
                "セキュリティ更新が1件適用されていません",
                "1 security update waits",
            ),
        ],
        &[UNPERMITTED],
    );
    office.signs_in(Some(QUARANTINE));
    office.reports(&[]);
    office.is_taken_off();
    office.signs_in(Some(INTERNAL));
}

fn comes_back_uninspected(office: &mut Office) {
    office.supplicant.leave();
    let why = || "it left".to_owned();
    office.stage.port().until(None, SOON, why);
    office.stage.go(Line::Home);
    office.reports(&[]);
    office.signs_in(Some(QUARANTINE));
    office.is_said(&[UNINSPECTED, BEFORE_RETURN], &[]);
    office.reports(&[]);
    office.is_taken_off();
    office.signs_in(Some(INTERNAL));
}

fn without_the_server_nobody_comes_in(office: &mut Office) {
    office.stage.kill_server();
    office.supplicant.sign_in(office.stage.port(), SOON);
    let why = || "the server is gone".to_owned();
    office.stage.port().until(None, SOON, why);
    office.reaches(None);
    office.stage.start_server_again();
}

fn strangers_and_retired_devices_are_refused(office: &mut Office) {
    // A certificate of whoever likes.
    office
        .supplicant
        .presents_another(&office.stage, &office.radius);
    office.signs_in(None);
    office
        .supplicant
        .presents_its_own(&office.stage, &office.radius);
    office.signs_in(Some(INTERNAL));
    let device = office.device.id.to_string();
    let retired = [
        ("retire_reason", "replaced"),
        ("name", device.as_str()),
        ("confirmed", "yes"),
    ];
    let path = format!("/devices/{device}/retire");
    send(&mut office.people.isso, &path, &retired);
    office.is_taken_off();
    office.signs_in(None);
    office.is_said(&[("接続を拒否", "Refused")], &[]);
}
