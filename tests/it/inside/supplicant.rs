//! The device at the port: Debian's supplicant with the key and the certificate of the agent.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sekisho_tests::Running;

use super::control::Control;
use super::port::Port;
use super::printed::printed;
use super::radius::{NAME, Radius, certificate};
use super::stage::Stage;

/// The folder of the agent, as it is printed.
const AGENT: &str = "/var/lib/sekisho/data/agent";
/// After how long without an answer it begins anew.
const AGAIN: Duration = Duration::from_secs(5);

pub struct Supplicant {
    control: Control,
    process: Running,
}

impl Supplicant {
    /// With the files of the agent, as they are.
    pub fn start(stage: &Stage, radius: &Radius) -> Self {
        let state = stage.state();
        let certificate = state.join("device.certificate.pem");
        Self::with(stage, radius, &certificate, &state.join("device.key.pem"))
    }

    fn with(stage: &Stage, radius: &Radius, certificate: &Path, key: &Path) -> Self {
        let folder = stage.folder();
        let control: PathBuf = folder.join("supplicant");
        let path = |it: &Path| it.display().to_string();
        let text = printed(
            "ctrl_interface=/run/wpa_supplicant",
            &[
                ("/run/wpa_supplicant", &path(&control)),
                ("/etc/sekisho/radius.pem", &path(&radius.authority())),
                ("radius.example.go.jp", NAME),
                (
                    &format!("{AGENT}/device.certificate.pem"),
                    &path(certificate),
                ),
                (&format!("{AGENT}/device.key.pem"), &path(key)),
            ],
        );
        let config = folder.join("supplicant.conf");
        std::fs::write(&config, text).expect("written");
        let mut command = stage.device_command("wpa_supplicant");
        command
            .args(["-D", "wired", "-i", "dev0", "-c"])
            .arg(&config);
        let process = Running::start(command);
        Self {
            control: Control::open(folder, &control.join("dev0")),
            process,
        }
    }

    /// Signs in until there is an answer, whatever it is. A Linux device does so when its link comes up;
    /// here the link stays up.
    pub fn sign_in(&self, port: &Port, limit: Duration) {
        let (deadline, before) = (Instant::now() + limit, port.answers());
        // Whoever was refused or taken off is forgotten after some seconds.
        while port.is_leaving() {
            assert!(Instant::now() < deadline, "the port stays occupied");
            std::thread::sleep(Duration::from_millis(20));
        }
        assert_eq!(self.control.ask("LOGON").as_deref(), Some("OK\n"));
        let mut next = Instant::now();
        while port.answers() == before {
            let now = Instant::now();
            assert!(now < deadline, "no answer: {}", self.process.said());
            if now >= next {
                let said = self.control.ask("REASSOCIATE");
                assert_eq!(said.as_deref(), Some("OK\n"));
                next = now + AGAIN;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Signs off, as it does before its cable is drawn.
    pub fn leave(&self) {
        assert_eq!(self.control.ask("LOGOFF").as_deref(), Some("OK\n"));
    }

    /// From here on it shows a certificate that nobody of ours gave.
    pub fn presents_another(&mut self, stage: &Stage, radius: &Radius) {
        let folder = stage.folder();
        certificate(folder, "stranger", "device");
        let (pem, key) = (folder.join("stranger.pem"), folder.join("stranger.key"));
        self.is_replaced(|| Self::with(stage, radius, &pem, &key));
    }

    /// From here on it shows its own again.
    pub fn presents_its_own(&mut self, stage: &Stage, radius: &Radius) {
        self.is_replaced(|| Self::start(stage, radius));
    }

    fn is_replaced(&mut self, by: impl FnOnce() -> Self) {
        self.process.kill();
        *self = by();
    }
}
