//! `sekisho feeds import|status`.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::ArgMatches;
use sekisho_domain::time::Timestamp;
use sekisho_messages::{Arg, Lang, day, feed_part, text};
use sekisho_protocol::admin::{Answer, DOCUMENT_MAX, FeedLine, Request};

use crate::fault::Fault;
use crate::output::{Format, Output, deepest};
use crate::{desk, place};

/// Most files that one import takes from folders.
const FILES_MAX: usize = 1000;

/// `sekisho feeds …`
pub fn run(matches: &ArgMatches, output: &Output) -> Result<ExitCode, Fault> {
    let arguments = deepest(matches);
    match matches.subcommand_name() {
        Some("import") => import(arguments, output),
        _ => status(arguments, output),
    }
}

fn status(arguments: &ArgMatches, output: &Output) -> Result<ExitCode, Fault> {
    let answer = desk::ask(&place::data(arguments, false), &Request::FeedStatus, &[])?;
    let Answer::Feeds(feeds) = answer else {
        return Err(Fault::new("admin.not-understood"));
    };
    match output.format {
        Format::Json => output.json(&feeds),
        Format::Text => {
            for feed in &feeds {
                output.line(line(feed, output));
            }
        }
    }
    let stale = feeds.iter().any(|feed| !feed.fresh);
    Ok(ExitCode::from(u8::from(stale)))
}

/// A feed as a line.
pub fn line(feed: &FeedLine, output: &Output) -> String {
    let lang = output.lang;
    let name = text(lang, format!("common.feed.{}", feed.kind), &[]);
    let Some(as_of) = feed.as_of else {
        return output.text("cli.feeds.missing", &[("name", Arg::from(name))]);
    };
    let key = match (feed.fresh, feed.kind.as_str()) {
        (true, _) => "cli.feeds.fresh",
        // It proves nothing; it is looked with all the same.
        (false, "services") => "cli.feeds.stale-services",
        (false, _) => "cli.feeds.stale",
    };
    // Where a feed is of one document only, naming it twice tells nothing.
    let part = (feed.part != feed.kind).then(|| feed_part(lang, &feed.part));
    let name = match part.flatten() {
        Some(part) => output.text(
            "cli.feeds.part",
            &[("name", Arg::from(name)), ("part", Arg::from(part))],
        ),
        None => name.into_owned(),
    };
    let arguments = [
        ("name", Arg::from(name)),
        ("day", Arg::from(day(lang, as_of))),
        ("n", Arg::from(feed.entries)),
        ("max", Arg::from(feed.max_age_days)),
    ];
    let mut said = output.text(key, &arguments);
    if let Some(in_part) = feed.in_part.as_ref().filter(|it| !it.is_empty()) {
        let releases = in_part.join(match lang {
            Lang::Ja => "、",
            Lang::En => ", ",
        });
        said.push_str(&output.text("cli.feeds.in-part", &[("releases", Arg::from(releases))]));
    }
    said
}

fn import(arguments: &ArgMatches, output: &Output) -> Result<ExitCode, Fault> {
    let data = place::data(arguments, false);
    let as_of = arguments.get_one::<String>("as-of").map(|given| {
        Timestamp::parse(given).map_err(|_| Fault::new("assess.time-form").about(given))
    });
    let as_of = as_of.transpose()?;
    let hints = Hints {
        as_of,
        release: arguments.get_one::<String>("release").cloned(),
        smaller: arguments.get_flag("smaller"),
    };
    let given: Vec<PathBuf> = arguments
        .get_many::<String>("path")
        .into_iter()
        .flatten()
        .map(PathBuf::from)
        .collect();
    let files = files(&given)?;
    if files.is_empty() {
        return Err(Fault::new("feeds.no-files"));
    }
    let mut refused = 0_u32;
    let mut results = Vec::new();
    for file in &files {
        let name = file.display().to_string();
        let outcome = bring(&data, file, &hints);
        match (&outcome, output.format) {
            (Ok(brought), Format::Text) => output.line(brought.line(output)),
            // A fault that ends the whole import is printed once, by the one who ends it.
            (Err(fault), Format::Text) if fault.exit_code() == 1 => {
                output.note(&name);
                output.fault(fault);
            }
            (Ok(brought), Format::Json) => results.push(brought.json(&name)),
            (Err(fault), Format::Json) => {
                results.push(serde_json::json!({"file": name, "error": fault.reason}));
            }
            (Err(_), Format::Text) => {}
        }
        if let Err(fault) = outcome {
            if fault.exit_code() != 1 {
                return Err(fault);
            }
            refused += 1;
        }
    }
    if output.format == Format::Json {
        output.json(&results);
    }
    Ok(ExitCode::from(u8::from(refused > 0)))
}

/// What the one who imports says of the files.
struct Hints {
    as_of: Option<Timestamp>,
    release: Option<String>,
    smaller: bool,
}

/// Whether a document was here already.
enum Known {
    New,
    Here,
    /// It was, and a later moment was stated, which the same bytes cannot have or state themselves.
    NoYounger,
}

/// What an import brought.
enum Brought {
    Feed {
        feed: FeedLine,
        known: Known,
    },
    Services {
        feed: FeedLine,
        known: bool,
        /// Services by what became of them, the word for that first.
        changes: [(&'static str, Vec<String>); 3],
    },
    Holidays {
        days: u32,
        first: i16,
        last: i16,
        known: bool,
    },
}

impl Brought {
    fn line(&self, output: &Output) -> String {
        match self {
            Self::Feed { feed, known } => {
                let mut said = line(feed, output);
                match known {
                    Known::New => {}
                    Known::Here => said.push_str(&output.text("cli.feeds.known", &[])),
                    Known::NoYounger => said.push_str(&output.text("cli.feeds.no-younger", &[])),
                }
                said
            }
            Self::Services {
                feed,
                known,
                changes,
            } => {
                let mut said = line(feed, output);
                if *known {
                    said.push_str(&output.text("cli.feeds.known", &[]));
                }
                let comma = match output.lang {
                    Lang::Ja => "、",
                    Lang::En => ", ",
                };
                for (what, ids) in changes.iter().filter(|(_, ids)| !ids.is_empty()) {
                    let key = format!("cli.feeds.services-{what}");
                    let ids = [
                        ("n", Arg::from(ids.len())),
                        ("ids", Arg::from(ids.join(comma))),
                    ];
                    said.push_str(&format!("\n  {}", text(output.lang, key, &ids)));
                }
                said
            }
            Self::Holidays {
                days,
                first,
                last,
                known,
            } => {
                let key = match known {
                    true => "cli.holidays.known",
                    false => "cli.holidays.replaced",
                };
                let (first, last) = (first.to_string(), last.to_string());
                let arguments = [
                    ("first", Arg::from(&first)),
                    ("last", Arg::from(&last)),
                    ("n", Arg::from(*days)),
                ];
                output.text(key, &arguments)
            }
        }
    }

    fn json(&self, name: &str) -> serde_json::Value {
        match self {
            Self::Feed { feed, known } => {
                let known = !matches!(known, Known::New);
                serde_json::json!({"file": name, "feed": feed, "known": known})
            }
            Self::Services {
                feed,
                known,
                changes,
            } => {
                let mut said = serde_json::json!({"file": name, "feed": feed, "known": known});
                for (what, ids) in changes {
                    said[*what] = serde_json::json!(ids);
                }
                said
            }
            Self::Holidays {
                days,
                first,
                last,
                known,
            } => {
                let holidays = serde_json::json!({"first": first, "last": last, "days": days});
                serde_json::json!({"file": name, "holidays": holidays, "known": known})
            }
        }
    }
}

fn bring(data: &Path, file: &Path, hints: &Hints) -> Result<Brought, Fault> {
    let name = file
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let bytes = read(file)?;
    let as_of = hints.as_of.or_else(|| date_in(&name));
    let request = Request::ImportFeed {
        size: bytes.len() as u64,
        as_of,
        release: hints.release.clone().or_else(|| release_in(&name)),
        smaller: hints.smaller,
        name,
    };
    match desk::ask(data, &request, &bytes)? {
        Answer::FeedImported { feed, known } => {
            let known = match (known, as_of > feed.as_of) {
                (false, _) => Known::New,
                (true, false) => Known::Here,
                (true, true) => Known::NoYounger,
            };
            Ok(Brought::Feed { feed, known })
        }
        Answer::ServicesImported {
            feed,
            known,
            added,
            removed,
            changed,
        } => Ok(Brought::Services {
            feed,
            known,
            changes: [("added", added), ("removed", removed), ("changed", changed)],
        }),
        Answer::HolidaysReplaced {
            days,
            first,
            last,
            known,
        } => Ok(Brought::Holidays {
            days,
            first,
            last,
            known,
        }),
        _ => Err(Fault::new("admin.not-understood")),
    }
}

pub fn read(file: &Path) -> Result<Vec<u8>, Fault> {
    let fault = |error: std::io::Error| {
        tracing::debug!(%error, "a feed cannot be read");
        Fault::new("feeds.unreadable").about(file.display())
    };
    let mut bytes = Vec::new();
    let opened = std::fs::File::open(file).map_err(fault)?;
    opened
        .take(DOCUMENT_MAX + 1)
        .read_to_end(&mut bytes)
        .map_err(fault)?;
    if bytes.len() as u64 > DOCUMENT_MAX {
        return Err(Fault::refusal("feed.too_large").about(file.display()));
    }
    Ok(bytes)
}

/// The files named, and those in the folders named, one level deep, by name.
pub fn files(given: &[PathBuf]) -> Result<Vec<PathBuf>, Fault> {
    let mut files = Vec::new();
    for path in given {
        let fault = |error: std::io::Error| {
            tracing::debug!(%error, "a folder cannot be read");
            Fault::new("feeds.unreadable").about(path.display())
        };
        if !std::fs::metadata(path).map_err(fault)?.is_dir() {
            files.push(path.clone());
            continue;
        }
        let mut found: Vec<PathBuf> = std::fs::read_dir(path)
            .map_err(fault)?
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .filter(|path| path.is_file())
            .collect();
        found.sort();
        files.append(&mut found);
    }
    if files.len() > FILES_MAX {
        return Err(Fault::new("feeds.too-many-files"));
    }
    Ok(files)
}

/// The day that a file's name states (`kev-2026-08-21.json.xz`): whoever published it named it so.
pub fn date_in(name: &str) -> Option<Timestamp> {
    (0..name.len().checked_sub(9)?)
        .filter_map(|start| name.get(start..start + 10))
        .filter(|part| part.bytes().filter(|byte| *byte == b'-').count() == 2)
        .find_map(|part| Timestamp::parse(part).ok())
}

/// The Debian release that a file's name states.
pub fn release_in(name: &str) -> Option<String> {
    let known = ["bullseye", "bookworm", "trixie", "forky"];
    if let Some(found) = known.into_iter().find(|release| name.contains(release)) {
        return Some(found.to_owned());
    }
    // `security-support-ended.deb12`
    match name.rsplit_once(".deb")?.1 {
        "11" => Some("bullseye".to_owned()),
        "12" => Some("bookworm".to_owned()),
        "13" => Some("trixie".to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_states_day_and_release() {
        let day = |name| date_in(name).map(|at| at.jst_date().to_string());
        assert_eq!(day("kev-2026-08-21.json.xz").as_deref(), Some("2026-08-21"));
        assert_eq!(day("distro-info-debian.csv"), None);
        assert_eq!(day("2026-13-40.json"), None);
        assert_eq!(
            release_in("bookworm-security-packages.tsv").as_deref(),
            Some("bookworm")
        );
        assert_eq!(
            release_in("security-support-ended.deb12").as_deref(),
            Some("bookworm")
        );
        assert_eq!(release_in("kev.json"), None);
    }
}
