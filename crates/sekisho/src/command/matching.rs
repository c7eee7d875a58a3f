//! `sekisho match`: advisories against a package list, offline. One JSON object a line.

use std::io::{BufRead, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::ArgMatches;
use sekisho_agent::run::device_clock;
use sekisho_detect::advisory::import::{Hints, import};
use sekisho_detect::advisory::index::{Index, IndexBuilder};
use sekisho_detect::advisory::matching::{Evidence, Match, match_packages};
use sekisho_detect::advisory::package::InstalledPackage;
use sekisho_detect::advisory::unpack::Limits;
use sekisho_messages::Arg;
use serde_json::json;

use super::feeds::{date_in, files, read, release_in};
use crate::fault::Fault;
use crate::output::Output;

/// Most packages of one list.
const PACKAGES_MAX: usize = 200_000;
/// Largest package list, in bytes.
const LIST_MAX: u64 = 64 << 20;

/// `sekisho match`: exit code 1 when something open is found.
pub fn run(arguments: &ArgMatches, output: &Output) -> Result<ExitCode, Fault> {
    let list = arguments
        .get_one::<String>("packages")
        .map(String::as_str)
        .unwrap_or_default();
    let release = arguments
        .get_one::<String>("release")
        .map_or("bookworm", String::as_str);
    let feeds: Vec<PathBuf> = arguments
        .get_many::<String>("feeds")
        .into_iter()
        .flatten()
        .map(PathBuf::from)
        .collect();
    let packages = packages(Path::new(list))?;
    let index = index(&feeds, output)?;
    let (mut open, mut unproved) = (false, 0_u32);
    for found in match_packages(&packages, release, &index).matches {
        open |= found.counts_as_open();
        unproved += u32::from(found.finding.evidence == Evidence::RebuildUnproved);
        output.line(line(&found).to_string());
    }
    if unproved > 0 {
        output.note(output.text("cli.match.unproved", &[("n", Arg::from(unproved))]));
    }
    Ok(ExitCode::from(u8::from(open)))
}

fn line(found: &Match<'_>) -> serde_json::Value {
    json!({
        "cve": found.finding.cve.to_string(),
        "source": found.source,
        "state": found.finding.state,
        "evidence": found.finding.evidence,
        "fixed_in": found.finding.fixed_in,
        "note": found.note,
        "kev": found.finding.kev.is_some(),
    })
}

/// Tab-separated: name, architecture, version, source, source version; a heading is passed over.
fn packages(path: &Path) -> Result<Vec<InstalledPackage>, Fault> {
    let unreadable = |error: std::io::Error| {
        tracing::debug!(%error, "the package list cannot be read");
        Fault::new("feeds.unreadable").about(path.display())
    };
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let mut packages = Vec::new();
    for (number, line) in std::io::BufReader::new(file.take(LIST_MAX))
        .lines()
        .enumerate()
    {
        let place = || format!("{}:{}", path.display(), number + 1);
        let line = line.map_err(|error| match error.kind() {
            // Not UTF-8.
            std::io::ErrorKind::InvalidData => Fault::new("match.list-form").about(place()),
            _ => unreadable(error),
        })?;
        let fields: Vec<&str> = line.split('\t').collect();
        if number == 0 && fields.first() == Some(&"package") {
            continue;
        }
        let [name, arch, version, source, source_version] = fields[..] else {
            return Err(Fault::new("match.list-form").about(place()));
        };
        if packages.len() == PACKAGES_MAX {
            return Err(Fault::new("match.list-long").about(path.display()));
        }
        packages.push(InstalledPackage {
            name: name.to_owned(),
            version: version.to_owned(),
            arch: arch.to_owned(),
            source: source.to_owned(),
            source_version: source_version.to_owned(),
            changelog_cves: None,
        });
    }
    Ok(packages)
}

/// The feeds named, laid one on another in the order given.
fn index(feeds: &[PathBuf], output: &Output) -> Result<Index, Fault> {
    let files = files(feeds)?;
    if files.is_empty() {
        return Err(Fault::new("feeds.no-files"));
    }
    let now = device_clock().as_millis();
    let mut index = IndexBuilder::new();
    for file in files {
        let name = file
            .file_name()
            .map(|name| name.to_string_lossy())
            .unwrap_or_default();
        let bytes = read(&file)?;
        let release = release_in(&name);
        let as_of = date_in(&name).map(|at| at.as_millis());
        let hints = Hints {
            as_of,
            release: release.as_deref(),
        };
        match import(&*bytes, hints, Limits::default(), now) {
            Ok(imported) => {
                index.add(&imported);
            }
            // One that is no feed does not stop the others, and is not passed over in silence.
            Err(error) => output.fault(&Fault::refusal(error.fault.code()).about(&name)),
        }
    }
    Ok(index.build())
}
