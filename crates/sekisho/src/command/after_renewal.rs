//! A command that is run each time the device has a new certificate, such as one that gives it to a browser.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use clap::ArgMatches;
use sekisho_agent::{CERTIFICATE_FILE, KEY_FILE};

use crate::fault::Fault;

/// Where the command finds the certificate (PEM, with those that signed it).
const CERTIFICATE: &str = "SEKISHO_CERTIFICATE";
/// Where it finds the device's key (PEM, PKCS #8).
const KEY: &str = "SEKISHO_KEY";
/// How long it may take; the agent reports nothing meanwhile.
const LIMIT: Duration = Duration::from_secs(60);
/// How often is looked whether it has ended.
const LOOK: Duration = Duration::from_millis(50);

/// What is run, and with which files.
pub struct AfterRenewal {
    program: String,
    arguments: Vec<String>,
    certificate: PathBuf,
    key: PathBuf,
    limit: Duration,
}

impl AfterRenewal {
    /// What the command line says, word for word: no shell reads it.
    pub fn of(arguments: &ArgMatches, state: &Path) -> Option<Self> {
        let mut words = arguments.get_many::<String>("after-renewal")?.cloned();
        Some(Self {
            program: words.next()?,
            arguments: words.collect(),
            certificate: state.join(CERTIFICATE_FILE),
            key: state.join(KEY_FILE),
            limit: LIMIT,
        })
    }

    /// Runs it to its end. What it says goes where the agent's own words go.
    ///
    /// # Errors
    /// `agent.after-renewal`: it did not start, ended with a failure, or took too long.
    pub fn run(&self) -> Result<(), Fault> {
        let failed = |why: &dyn std::fmt::Display| {
            Fault::new("agent.after-renewal").about(format!("{}: {why}", self.program))
        };
        match self.ended() {
            Ok(Some(status)) if status.success() => Ok(()),
            Ok(Some(status)) => Err(failed(&status)),
            Ok(None) => Err(failed(&format!("> {} s", self.limit.as_secs()))),
            Err(error) => Err(failed(&error)),
        }
    }

    /// How it ended; none where it took too long, and was ended.
    fn ended(&self) -> std::io::Result<Option<ExitStatus>> {
        let mut child = Command::new(&self.program)
            .args(&self.arguments)
            .env(CERTIFICATE, &self.certificate)
            .env(KEY, &self.key)
            .stdin(Stdio::null())
            .spawn()?;
        let until = Instant::now() + self.limit;
        loop {
            if let Some(status) = child.try_wait()? {
                return Ok(Some(status));
            }
            if Instant::now() >= until {
                child.kill()?;
                child.wait()?;
                return Ok(None);
            }
            std::thread::sleep(LOOK);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FOLDER: &str = "/state";

    fn of(words: &[&str]) -> AfterRenewal {
        let mut words = words.iter().map(|word| (*word).to_owned());
        AfterRenewal {
            program: words.next().unwrap(),
            arguments: words.collect(),
            certificate: Path::new(FOLDER).join(CERTIFICATE_FILE),
            key: Path::new(FOLDER).join(KEY_FILE),
            limit: LIMIT,
        }
    }

    #[test]
    fn it_is_told_where_the_files_are_and_no_shell_reads_its_words() {
        let script = r#"[ "$SEKISHO_CERTIFICATE $SEKISHO_KEY $1" = "$2" ]"#;
        let word = "$(exit 1) * ;";
        let files = "/state/device.certificate.pem /state/device.key.pem";
        let expected = format!("{files} {word}");
        assert!(
            of(&["sh", "-c", script, "sh", word, &expected])
                .run()
                .is_ok()
        );
        assert!(of(&["sh", "-c", script, "sh", word, files]).run().is_err());
    }

    #[test]
    fn a_failure_and_a_command_that_never_ends_are_told() {
        let endless = AfterRenewal {
            limit: Duration::from_millis(10),
            ..of(&["sleep", "3600"])
        };
        for (command, why) in [
            (of(&["false"]), "exit status: 1"),
            (of(&["/nowhere/at/all"]), "/nowhere/at/all"),
            (endless, "sleep: > 0 s"),
        ] {
            let fault = command.run().unwrap_err();
            assert_eq!(fault.reason.code, "agent.after-renewal");
            let said = format!("{:?}", fault.reason.params["detail"]);
            assert!(said.contains(why), "{said}");
        }
    }
}
