//! `sekisho discover --into-server`: what was read goes to the server that runs on the data folder. The
//! server keeps how far each log was read, together with what was read, so that nothing counts twice and
//! nothing is lost, wherever it breaks off.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::ArgMatches;
use sekisho_agent::run::device_clock;
use sekisho_detect::discovery::{Catalogue, Client, ServiceKind, ServiceList, Used, Words};
use sekisho_domain::time::Timestamp;
use sekisho_messages::Arg;
use sekisho_protocol::admin::{Answer, Request};
use sekisho_protocol::service_use::{
    SeenService, SeenUse, ServiceMarks, ServiceRun, ServiceRunTaken,
};

use super::bookmark::Bookmarks;
use super::reading::Reading;
use super::rotated::{Paths, ReadThrough};
use super::{Asked, logs, unusable};
use crate::fault::Fault;
use crate::output::{Format, Output};
use crate::{desk, place};

pub(super) fn run(
    arguments: &ArgMatches,
    given: &[PathBuf],
    output: &Output,
) -> Result<ExitCode, Fault> {
    // What is not there is told before anything is read.
    logs(given)?;
    let data = place::data(arguments, false);
    let source = arguments.get_one::<String>("source").cloned();
    let source = source.unwrap_or_else(|| "logs".to_owned());
    let request = Request::ServiceMarks {
        source: source.clone(),
    };
    let Answer::ServiceMarks(known) = desk::ask(&data, &request, &[])? else {
        return Err(Fault::new("admin.not-understood"));
    };
    let mut asked = Asked::of(arguments, catalogue(&known)?)?;
    let marks = Bookmarks::parse(&known.marks)?;
    let paths = ReadThrough::default().paths(given, (&marks, known.since));
    let gathered = gather(&known, &mut asked, paths, Some(output))?;
    for fault in &gathered.faults {
        output.fault(fault);
    }
    let taken = hand_over(source, &gathered.run, |request, document| {
        desk::ask(&data, request, document)
    })?;
    for gap in &gathered.gaps {
        output.fault(gap);
    }
    tell(&gathered.run, &taken, output);
    let failed = !gathered.faults.is_empty();
    Ok(ExitCode::from(if failed { 2 } else { 0 }))
}

/// What the server has logs looked through with: what lies in its folder may never have been recorded.
fn catalogue(known: &ServiceMarks) -> Result<Catalogue, Fault> {
    let list: ServiceList =
        serde_json::from_str(&known.list).map_err(|_| Fault::new("admin.not-understood"))?;
    Catalogue::of(list).map_err(|error| unusable(&error))
}

/// What a reading of the logs of a source brought.
pub(super) struct Gathered {
    /// What the server is to take in.
    pub(super) run: ServiceRun,
    /// Why some could not be read.
    pub(super) faults: Vec<Fault>,
    /// Which those are.
    pub(super) failed: Vec<PathBuf>,
    /// Which begin anew without what was read under their names before, or are gone from their folders.
    pub(super) gaps: Vec<Fault>,
    /// Whether all others were read to their end.
    pub(super) to_their_end: bool,
    /// One of which not one whole line was read, although more is there.
    pub(super) stands: Option<PathBuf>,
}

/// Reads logs from where the server left them.
pub(super) fn gather(
    known: &ServiceMarks,
    asked: &mut Asked,
    paths: Paths,
    output: Option<&Output>,
) -> Result<Gathered, Fault> {
    look_for(&known.own, &mut asked.catalogue);
    let mut marks = Bookmarks::parse(&known.marks)?;
    let read = Reading::of(paths, (asked, &mut marks), output);
    let Reading { sum, tally, .. } = read;
    let used = tally.into_sorted();
    // Of standard input nobody knows when it was written; its newest use is no later than that.
    let newest = used
        .iter()
        .map(|it| Timestamp::from_millis(it.use_.last))
        .max();
    let run = ServiceRun {
        after: known.batch,
        marks: marks.text()?,
        // A log that was not read, or not to its end, leaves a gap: what was read makes nothing fresh.
        through: sum
            .through
            .or(newest)
            .filter(|_| read.faults.is_empty() && read.to_their_end)
            .map(|at| at.min(device_clock())),
        gap: !read.gaps.is_empty(),
        lines: sum.lines,
        matched: sum.matched,
        skipped: sum.skipped,
        services: Vec::new(),
        uses: Vec::new(),
    };
    Ok(Gathered {
        run: filled(run, &used, asked),
        faults: read.faults,
        gaps: read.gaps,
        failed: read.failed,
        to_their_end: read.to_their_end,
        stands: read.stands,
    })
}

/// Has the server take a run in; `ask` brings it there.
pub(super) fn hand_over(
    source: String,
    run: &ServiceRun,
    ask: impl FnOnce(&Request, &[u8]) -> Result<Answer, Fault>,
) -> Result<ServiceRunTaken, Fault> {
    let document = serde_json::to_vec(run).map_err(|_| Fault::new("admin.not-understood"))?;
    let request = Request::TakeServiceRun {
        source,
        size: document.len() as u64,
    };
    match ask(&request, &document)? {
        Answer::ServiceRunTaken(taken) => Ok(taken),
        _ => Err(Fault::new("admin.not-understood")),
    }
}

/// Has what the registers carry looked for by its own domains.
fn look_for(own: &[SeenService], catalogue: &mut Catalogue) {
    for it in own {
        let name = Words {
            ja: it.ja.clone(),
            en: it.en.clone(),
        };
        let kind = match it.kind.as_str() {
            "conference" => ServiceKind::Conference,
            _ => ServiceKind::Other,
        };
        catalogue.add_own(&it.id, name, kind, &it.domains);
    }
}

/// The run with its uses, and the services that they are of.
fn filled(mut run: ServiceRun, used: &[Used], asked: &Asked) -> ServiceRun {
    let mut places: BTreeMap<u16, usize> = BTreeMap::new();
    for it in used {
        let Some(service) = asked.catalogue.service(it.service) else {
            continue;
        };
        let place = *places.entry(it.service).or_insert_with(|| {
            run.services.push(SeenService {
                id: service.id.as_str().to_owned(),
                ja: service.name.ja.clone(),
                en: service.name.en.clone(),
                kind: service.kind.code().to_owned(),
                domains: service.domains.clone(),
            });
            run.services.len() - 1
        });
        let (from, user) = match &it.client {
            Client::Known { from, user } => (Some(from.to_string()), user.as_deref()),
            Client::Others => (None, None),
        };
        let whose = asked.clients.whose(&it.client);
        let said = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        run.uses.push(SeenUse {
            service: place,
            day: it.day.to_string(),
            from,
            user: user.map(str::to_owned),
            unit: whose.and_then(|it| said(&it.unit)),
            person: whose.and_then(|it| said(&it.person)),
            times: it.use_.times(),
            bytes: it.use_.bytes,
            first: Timestamp::from_millis(it.use_.first),
            last: Timestamp::from_millis(it.use_.last),
        });
    }
    run
}

fn tell(run: &ServiceRun, taken: &ServiceRunTaken, output: &Output) {
    if output.format == Format::Json {
        return output.json(taken);
    }
    output.line(output.text(
        "cli.discover.taken",
        &[
            ("lines", Arg::from(run.lines)),
            ("uses", Arg::from(taken.uses)),
            ("without", Arg::from(taken.without_unit)),
        ],
    ));
    if !taken.unknown.is_empty() {
        let names = taken.unknown.join(", ");
        output.line(output.text("cli.discover.unknown", &[("names", Arg::from(names))]));
    }
    let key = if taken.found.is_empty() {
        "cli.discover.nothing-found"
    } else {
        "cli.discover.found"
    };
    let names = taken.found.join(", ");
    output.line(output.text(key, &[("names", Arg::from(names))]));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What lay in the folder was looked with, recorded or not.
    #[test]
    fn logs_are_looked_through_with_the_list_that_the_server_handed_over() {
        let list = r#"{"service":[{"id":"talk","name":{"ja":"談話","en":"Talk"},"kind":"chat","domains":["talk.example"]}]}"#;
        let known = ServiceMarks {
            list: list.to_owned(),
            ..ServiceMarks::default()
        };
        let handed = catalogue(&known).unwrap();
        assert!(handed.find(b"a.talk.example").is_some());
        assert_eq!(handed.services().len(), 1);
        // None is not taken for the list that comes along.
        assert!(catalogue(&ServiceMarks::default()).is_err());
    }
}
