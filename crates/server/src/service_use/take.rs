//! A run over logs is taken in: kept, judged, and findings opened where no register carries what was used.

use std::collections::{BTreeMap, BTreeSet};

use sekisho_domain::command::Refusal;
use sekisho_domain::id::PersonId;
use sekisho_domain::name::{Line, Name};
use sekisho_domain::register::service::ServiceKind;
use sekisho_domain::register::{EntryId, Service};
use sekisho_domain::sighting::SIGHTED_NAMES_MAX;
use sekisho_domain::time::{Span, Timestamp, parse_date};
use sekisho_domain::world::{Carrier, World};
use sekisho_protocol::service_use::{
    SOURCE_MAX, SeenService, SeenUse, ServiceRun, ServiceRunTaken, UNKNOWN_MAX, USES_MAX,
};
use sekisho_rules::access::{AHEAD, LOGS_FRESH, ServiceUse};
use sekisho_store::StoreError;
use sekisho_store::observations::{NewServiceUse, ServiceSource};

use super::findings::open_findings;
use super::last_day;
use super::whose::{Whose, WhoseList};
use crate::app::{App, CommandError};

/// Longest notes of how far logs were read, in bytes.
const MARKS_MAX: usize = 8 << 20;
/// Most services of a run.
pub(super) const SERVICES_MAX: usize = 10_000;

/// Why a run is not taken in.
#[derive(Debug, thiserror::Error)]
pub enum TakeError {
    /// It is not of the form; the code of what is wrong.
    #[error("{0}")]
    Form(&'static str),
    /// There is no organisation whose services these could be.
    #[error("no organisation")]
    NotFounded,
    /// It does not go on from what was taken in: somebody else reads these logs too, or the run was taken
    /// in before and the answer was lost.
    #[error("does not go on from what was read")]
    Elsewhere,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The ledger takes nothing now: findings could not be recorded, or nobody has confirmed the time.
    #[error("findings were not recorded")]
    Command(CommandError),
}

impl TakeError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Form(code) => code,
            Self::NotFounded => "organisation.not-founded",
            Self::Elsewhere => "service-use.read-elsewhere",
            Self::Store(error) => error.code(),
            Self::Command(error) => error.code(),
        }
    }
}

/// The name of a source.
///
/// # Errors
/// [`TakeError::Form`] where it is empty, too long or holds what no name holds.
pub fn source_name(text: &str) -> Result<Line, TakeError> {
    let line = Line::parse(text).map_err(|_| TakeError::Form("service-use.source"))?;
    if line.as_str().chars().count() > SOURCE_MAX {
        return Err(TakeError::Form("service-use.source"));
    }
    Ok(line)
}

/// How far the logs of a source were read; none where none was.
///
/// # Errors
/// The codes of the store.
pub fn marks(app: &App, source: &Line) -> Result<Option<ServiceSource>, TakeError> {
    let all = app.observations().service_sources()?;
    Ok(all.into_iter().find(|it| it.source == source.as_str()))
}

/// Until when everything that was written to the logs of a source had been read. Where nothing ever was to its end,
/// what counts still is looked for.
#[must_use]
pub fn read_since(source: &ServiceSource, now: Timestamp) -> Timestamp {
    let through = source.through_at.map(Timestamp::from_millis);
    through.unwrap_or_else(|| now.before(LOOKED_BACK))
}

/// A service of the run, read.
pub(super) struct Known {
    pub(super) id: Line,
    pub(super) name: Name,
    pub(super) kind: Line,
    pub(super) domains: Vec<Line>,
    pub(super) carriers: Vec<Carrier>,
    /// Whether a clause asks who used it: no register carries it, or it is used on its provider's terms.
    by_person: bool,
}

impl Known {
    fn read(world: &World, seen: &SeenService) -> Option<Self> {
        let line = |text: &str| Line::parse(text).ok();
        let domains: Option<Vec<Line>> = seen.domains.iter().map(|it| line(it)).collect();
        let mut domains = domains?;
        domains.truncate(SIGHTED_NAMES_MAX);
        let kind = line(&seen.kind)?;
        let carriers = world.carriers(&domains, kind.as_str() == "conference");
        let by_person = carriers.is_empty() || carriers.iter().any(|it| is_under_terms(world, it));
        Some(Self {
            id: line(&seen.id)?,
            name: Name {
                ja: line(&seen.ja)?,
                en: line(&seen.en),
                kana: None,
            },
            kind,
            domains,
            carriers,
            by_person,
        })
    }
}

/// Whether an entry is of a service on its provider's terms, of which a clause asks who used it.
pub(super) fn is_under_terms(world: &World, carrier: &Carrier) -> bool {
    let known = match carrier.id {
        EntryId::Service(id) => world.registers.get::<Service>(id),
        _ => None,
    };
    known.is_some_and(|(_, service)| service.kind == ServiceKind::Terms)
}

/// One use, with whose it is.
pub(super) struct Attributed<'r> {
    pub(super) seen: &'r SeenUse,
    pub(super) whose: Whose,
}

/// Takes a run in.
///
/// # Errors
/// [`TakeError`]; then nothing was kept of what was read, and whoever reads the logs reads it again.
pub fn take(app: &App, source: &Line, run: &ServiceRun) -> Result<ServiceRunTaken, TakeError> {
    bounded(run)?;
    // By a time that may be wrong nobody can say which uses cannot have been, and what was read is not read again.
    if app.clock().step().is_some() {
        return Err(TakeError::Command(Refusal::new("clock").into()));
    }
    let now = app.now();
    let (seen, ahead) = until_now(run, now);
    let mut unknown = BTreeSet::new();
    let (known, uses) = {
        let list = WhoseList::new(app, &run.uses)?;
        let world = app.world();
        if world.organisation.is_none() {
            return Err(TakeError::NotFounded);
        }
        let known: Option<Vec<Known>> = run
            .services
            .iter()
            .map(|it| Known::read(&world, it))
            .collect();
        let known = known.ok_or(TakeError::Form("service-use.form"))?;
        let uses: Vec<Attributed<'_>> = seen
            .into_iter()
            .map(|seen| Attributed {
                seen,
                whose: list.whose(&world, seen, now, &mut unknown),
            })
            .collect();
        (known, uses)
    };
    // Before anything was read of it a source is none: it would keep rows unknown until somebody gave it up.
    if run.after == 0 && run.lines == 0 {
        return Ok(ServiceRunTaken::default());
    }
    let stored = described(&known);
    let before = marks(app, source)?;
    if before.as_ref().map_or(0, |it| it.batch) != run.after {
        return Err(TakeError::Elsewhere);
    }
    let source_now = read_so_far((source, before.as_ref()), run, (now, ahead));
    let kept = kept(&known, &uses);
    // Before what was read counts as read: a finding that is not recorded is never looked for again. Recorded twice,
    // it adds nothing.
    let found = open_findings(app, source, &known, &uses, now)?;
    if !app
        .observations()
        .add_service_use(&source_now, &stored, &kept)?
    {
        return Err(TakeError::Elsewhere);
    }
    follow(app, source, &source_now, &known, &uses);
    Ok(ServiceRunTaken {
        uses: uses.len() as u64,
        without_unit: uses.iter().filter(|it| it.whose.unit.is_none()).count() as u64,
        unknown: unknown.into_iter().take(UNKNOWN_MAX).collect(),
        found,
    })
}

/// The uses that can have been, and how often those were that cannot: what lies more than a day ahead of now, a wrong
/// clock wrote. Who reads the logs skips and counts such lines; an older shell does not.
fn until_now(run: &ServiceRun, now: Timestamp) -> (Vec<&SeenUse>, u64) {
    let (latest, last_day) = (now.after(AHEAD), last_day(now));
    let can_have_been = |it: &&SeenUse| it.last <= latest && it.day <= last_day;
    let (seen, ahead): (Vec<&SeenUse>, Vec<&SeenUse>) = run.uses.iter().partition(can_have_been);
    let times = ahead.iter().map(|it| it.times.max(1));
    (seen, times.fold(0, u64::saturating_add))
}

/// How far the source is read with this run, which goes on from `before`.
fn read_so_far(
    (source, before): (&Line, Option<&ServiceSource>),
    run: &ServiceRun,
    (now, ahead): (Timestamp, u64),
) -> ServiceSource {
    // A clock that runs ahead makes nothing fresher, nor does a log that was not understood, nor one with uses of
    // which nobody knows when they were.
    let is_whole = ahead == 0 && is_understood(run);
    let through = run.through.filter(|_| is_whole).map(|at| at.min(now));
    ServiceSource {
        source: source.as_str().to_owned(),
        batch: run.after.saturating_add(1),
        marks: run.marks.clone(),
        taken_at: now.as_millis(),
        through_at: through.map(Timestamp::as_millis),
        since_at: since(before, through, run.gap)
            .filter(|_| is_whole)
            .map(Timestamp::as_millis),
        lines: run.lines,
        matched: run.matched.saturating_sub(ahead),
        skipped: run.skipped.saturating_add(ahead),
    }
}

/// Since when a source is read without a gap, with a run that read it through until then. What came to a log that was
/// not read for longer than logs are fresh may have been rotated away, and what is said to be a gap was: what nobody
/// can know begins anew.
fn since(
    before: Option<&ServiceSource>,
    through: Option<Timestamp>,
    gap: bool,
) -> Option<Timestamp> {
    let since = before.and_then(|it| it.since_at).filter(|_| !gap);
    let since = since.map(Timestamp::from_millis);
    let Some(through) = through else {
        return since;
    };
    let last = before.and_then(|it| it.through_at);
    let last = last.map(Timestamp::from_millis);
    let goes_on = last.is_some_and(|last| through < last.after(LOGS_FRESH));
    let anew = last.map_or(through, |last| through.max(last));
    since.filter(|_| goes_on).or(Some(anew))
}

/// Whether most of what was read says anything: a log of another form than it was read as shows no use, and
/// proves nothing. Who reads judges log by log and hands over nothing of one that was not understood.
fn is_understood(run: &ServiceRun) -> bool {
    let understood = run.skipped <= run.lines.saturating_sub(run.skipped);
    if !understood {
        let (lines, skipped) = (run.lines, run.skipped);
        tracing::warn!(lines, skipped, "most lines of a log were not understood");
    }
    understood
}

/// The run comes from the shell of this machine; what is wrong with it is a fault of the program, but a
/// program must not be able to fill the store.
fn bounded(run: &ServiceRun) -> Result<(), TakeError> {
    let sound = |it: &SeenUse| {
        it.service < run.services.len()
            && parse_date(&it.day).is_ok_and(|day| day.to_string() == it.day)
            && it.first <= it.last
    };
    let fits = run.marks.len() <= MARKS_MAX
        && run.services.len() <= SERVICES_MAX
        && run.uses.len() <= USES_MAX
        && run.uses.iter().all(sound);
    if fits {
        Ok(())
    } else {
        Err(TakeError::Form("service-use.form"))
    }
}

fn described(known: &[Known]) -> Vec<(String, String)> {
    let text = |it: &Known| {
        let stored = super::KnownService {
            name: it.name.clone(),
            kind: it.kind.clone(),
            domains: it.domains.clone(),
        };
        // Plain data cannot fail to be written.
        serde_json::to_string(&stored).unwrap_or_default()
    };
    known
        .iter()
        .map(|it| (it.id.as_str().to_owned(), text(it)))
        .collect()
}

/// Day, service, unit and who: what a row is kept by.
type RowKey = (String, usize, String, String);

/// The rows to be kept: by person where a clause asks who it was, else by unit.
fn kept(known: &[Known], uses: &[Attributed<'_>]) -> Vec<NewServiceUse> {
    let mut rows: BTreeMap<RowKey, (NewServiceUse, BTreeSet<String>)> = BTreeMap::new();
    for it in uses {
        let service = &known[it.seen.service];
        let unit = it
            .whose
            .unit
            .map(|unit| unit.to_string())
            .unwrap_or_default();
        let who = if service.by_person {
            it.whose.who.clone()
        } else {
            String::new()
        };
        let key = (
            it.seen.day.clone(),
            it.seen.service,
            unit.clone(),
            who.clone(),
        );
        let (row, people) = rows.entry(key).or_insert_with(|| {
            let row = NewServiceUse {
                day: it.seen.day.clone(),
                service: service.id.as_str().to_owned(),
                unit,
                who,
                people: 1,
                times: 0,
                bytes: 0,
                first_at: it.seen.first.as_millis(),
                last_at: it.seen.last.as_millis(),
            };
            (row, BTreeSet::new())
        });
        people.insert(it.whose.who.clone());
        row.times = row.times.saturating_add(it.seen.times);
        row.bytes = row.bytes.saturating_add(it.seen.bytes);
        row.first_at = row.first_at.min(it.seen.first.as_millis());
        row.last_at = row.last_at.max(it.seen.last.as_millis());
        if row.who.is_empty() {
            row.people = u32::try_from(people.len()).unwrap_or(u32::MAX);
        }
    }
    rows.into_values().map(|(row, _)| row).collect()
}

/// Takes it into what rows rest on.
fn follow(app: &App, source: &Line, now: &ServiceSource, known: &[Known], uses: &[Attributed<'_>]) {
    let world = app.world();
    // Where nothing was read yet, all of it is read from the store, this run with it.
    app.change_service_evidence(|seen| {
        seen.source(source.as_str(), now.through_at.map(Timestamp::from_millis));
        for it in uses {
            for used in used_entries(&known[it.seen.service].carriers, it) {
                seen.take(&world, &used);
            }
        }
    });
    drop(world);
    app.report_taken();
}

fn used_entries(carriers: &[Carrier], it: &Attributed<'_>) -> Vec<ServiceUse> {
    let of = |carrier: &Carrier| ServiceUse {
        entry: carrier.id,
        person: it.whose.person,
        within: (it.seen.first, it.seen.last),
    };
    carriers.iter().map(of).collect()
}

/// Who somebody is, where the store says it.
pub(super) fn person_of(who: &str) -> Option<PersonId> {
    who.parse().ok()
}

/// How far back use is looked at.
pub(super) const LOOKED_BACK: Span = sekisho_rules::access::LOOKED_BACK;
