//! Who teleworked when and for how long: answers of the decision point, and tunnels at gateways.

use std::collections::{BTreeMap, HashMap};

use sekisho_domain::id::TaskId;
use sekisho_domain::permit::{EndKind, Particulars, Permit, PermitKind, Stage};
use sekisho_domain::plan::Feed;
use sekisho_domain::register::{EntryId, Gateway};
use sekisho_domain::time::{Span, Timestamp};
use sekisho_rules::assess::unseen_use;
use sekisho_rules::trigger::{DAYS, OutsideTask, TaskUse, Usage, WINDOW};
use sekisho_store::StoreError;
use sekisho_store::observations::TeleworkDay;

use super::structure::{Admitted, Places};
use super::telework_days::sum_telework;
use crate::app::App;

/// Most tunnels over the end of a day that are read; what is beyond was not measured.
const MOST: usize = 2_000_000;
/// How far ahead of our time a gateway may have been heard.
const AHEAD: Span = Span::seconds(5);
/// For how long a gateway may be silent.
const HEARD_WITHIN: Span = Span::hours(48);
/// Milliseconds of a day, and of a minute.
const DAY: i64 = 86_400_000;
const MINUTE: i64 = 60_000;

/// How many days before the day that is measured an instant lies; none of that day itself, which is not
/// over, and of what lies too far back.
fn days_back(usage: &Usage, at: i64) -> Option<u32> {
    let before = usage.day.as_millis() - 1 - at;
    let days = u32::try_from(before.div_euclid(DAY)).ok()?;
    (usize::try_from(days).ok()? < DAYS).then_some(days)
}

/// Days on which a person was let in for a task, and on which the person was refused, as the days of a person are.
type LetInAndRefused = (u64, u64);

/// What people did for tasks to which the plan in force does not admit them, while it does to others, since it was
/// approved: what was done before it was done under another plan. By the unit in which they were then: who moved did
/// the work of the unit before while there.
#[derive(Default)]
struct Outside {
    since: i64,
    admitted: Admitted,
    /// By task, the person's place, and that of the unit.
    seen: HashMap<(TaskId, usize, u32), LetInAndRefused>,
}

impl Outside {
    fn of(app: &App, places: &Places, usage: &Usage) -> Self {
        let current = app.world().plan.current().cloned();
        let Some(current) = current else {
            return Self::default();
        };
        let admitted = Admitted::of(&current.content, usage);
        Self {
            since: current.approved_at.as_millis(),
            admitted: admitted.with_stays(&app.world(), places, usage),
            seen: HashMap::new(),
        }
    }

    /// The days of a person for a task to which the plan does not admit the person; none where it does, or to no
    /// task at all, or it was before the plan.
    fn days(
        &mut self,
        usage: &Usage,
        (place, task): (usize, Option<TaskId>),
        (at, let_in): (i64, bool),
    ) -> Option<&mut LetInAndRefused> {
        let task = task.filter(|_| at >= self.since)?;
        let when = (Timestamp::from_millis(at), let_in);
        let unit = self.admitted.outside(usage, (place, task), when)?;
        Some(self.seen.entry((task, place, unit)).or_default())
    }

    fn put(self, usage: &mut Usage) {
        let mut seen: Vec<_> = self.seen.into_iter().collect();
        seen.sort_unstable_by_key(|(key, _)| *key);
        for ((task, _, unit), (days, refused)) in seen {
            usage.outside.push(OutsideTask {
                task,
                unit,
                days,
                refused,
            });
        }
    }
}

/// Days of telework by task, as the days of a person are; by the person's place.
struct ByTask {
    /// Days on which somebody was let in for a task that was named.
    named: HashMap<(TaskId, usize), u64>,
    /// Days on which somebody was let in for no named task.
    unnamed: Vec<u64>,
}

impl ByTask {
    fn of(usage: &Usage) -> Self {
        Self {
            named: HashMap::new(),
            unnamed: vec![0; usage.people.len()],
        }
    }

    fn put(&mut self, place: usize, days: u32, task: Option<TaskId>) {
        let known = match task {
            Some(task) => self.named.entry((task, place)).or_default(),
            None => &mut self.unnamed[place],
        };
        *known |= 1 << days;
    }

    /// Sums up. What was done for no named task may have been done for any that the person had a permit for on that
    /// day, whether or not it holds still.
    fn sum(mut self, app: &App, places: &Places, usage: &mut Usage) {
        let world = app.world();
        for permit in world.permits.of_kind(PermitKind::Telework) {
            let Particulars::Telework(it) = permit.particulars.as_ref() else {
                continue;
            };
            let held = days_held(permit, usage);
            if held == 0 {
                continue;
            }
            if let Some(place) = places.find(&permit.applicant.to_string()) {
                *self.named.entry((it.task, place)).or_default() |= self.unnamed[place] & held;
            }
        }
        let mut units: BTreeMap<(TaskId, usize), TaskUse> = BTreeMap::new();
        for ((task, place), days) in self.named {
            let Some(now) = usage.tasks.get_mut(&task) else {
                continue;
            };
            now.person_days += u64::from((days & Usage::window(0)).count_ones());
            // Each day in the unit of then.
            for (unit, then, _) in usage.stays(&usage.people[place]) {
                let known = units.entry((task, unit)).or_default();
                known.add_days(days & then, usage.working);
            }
        }
        for (key, days) in units {
            usage.task_units.entry(key).or_default().add(&days);
        }
    }
}

/// The days of the term for which a permit was granted, up to its end where it ended before; none of one that was
/// never taken up.
fn days_held(permit: &Permit, usage: &Usage) -> u64 {
    let Some(grant) = permit.grant() else {
        return 0;
    };
    let until = match grant.stage {
        Stage::Ended(end) | Stage::Closed(end) if end.how == EndKind::Withdrawn => return 0,
        Stage::Ended(end) | Stage::Closed(end) => grant.term.until.min(end.at),
        Stage::Live {
            taken_up: false, ..
        } => return 0,
        Stage::Live { .. } => grant.term.until,
    };
    usage.days_within(grant.term.from, until)
}

pub(super) fn read(app: &App, places: &Places, usage: &mut Usage) -> Result<(), StoreError> {
    sum_telework(app)?;
    let from = usage.day.before(Span::days(DAYS as u32)).as_millis();
    let mut by_task = ByTask::of(usage);
    let mut outside = Outside::of(app, places, usage);
    answers(app, places, usage, (from, &mut by_task, &mut outside))?;
    refusals(app, places, usage, &mut outside)?;
    outside.put(usage);
    tunnels(app, places, usage, (from, &mut by_task))?;
    by_task.sum(app, places, usage);
    what_is_missing(app, usage);
    Ok(())
}

fn answers(
    app: &App,
    places: &Places,
    usage: &mut Usage,
    (from, by_task, outside): (i64, &mut ByTask, &mut Outside),
) -> Result<(), StoreError> {
    app.observations().each_telework_day(true, from, |day| {
        let Some(days) = days_back(usage, day.day) else {
            return;
        };
        let Some(place) = places.find(day.person) else {
            return;
        };
        let task = task_of(&day);
        usage.people[place].days |= 1 << days;
        by_task.put(place, days, task);
        // The plan, or where the person was, may have changed within the day. Where it did twice, what was done between
        // the first and the last time goes with them.
        for at in [day.first_at, day.last_at] {
            if let Some((used, _)) = outside.days(usage, (place, task), (at, true)) {
                *used |= 1 << days;
            }
        }
    })
}

/// For which task, where one was named: only ids are kept.
fn task_of(day: &TeleworkDay<'_>) -> Option<TaskId> {
    day.task.and_then(|task| task.parse().ok())
}

fn refusals(
    app: &App,
    places: &Places,
    usage: &mut Usage,
    outside: &mut Outside,
) -> Result<(), StoreError> {
    let by_task = outside.admitted.limits_tasks();
    let by_plan = outside.admitted.admits_some();
    if usage.people.iter().all(|it| it.admitted) && usage.earlier.is_empty() && !by_task {
        return Ok(());
    }
    let from = usage.day.before(Span::days(WINDOW)).as_millis();
    app.observations().each_telework_day(false, from, |day| {
        let Some(days) = days_back(usage, day.day) else {
            return;
        };
        let Some(place) = places.find(day.person) else {
            return;
        };
        let person = &usage.people[place];
        let at_all = !person.admitted || usage.earlier.contains_key(&person.key);
        if at_all && by_plan {
            usage.people[place].refused |= 1 << days;
        }
        let task = task_of(&day).filter(|_| at_all || by_task);
        for at in [day.first_at, day.last_at] {
            if let Some((_, refused)) = outside.days(usage, (place, task), (at, false)) {
                *refused |= 1 << days;
            }
        }
    })
}

/// That somebody had a tunnel for so many minutes on a day.
fn had_tunnel(usage: &mut Usage, place: usize, days: u32, minutes: i64) {
    let person = &mut usage.people[place];
    person.days |= 1 << days;
    let unit = usage.unit_on(&usage.people[place], days);
    let known = &mut usage.minutes[unit as usize][days as usize];
    *known = known.saturating_add(u32::try_from(minutes).unwrap_or_default());
}

fn tunnels(
    app: &App,
    places: &Places,
    usage: &mut Usage,
    (from, by_task): (i64, &mut ByTask),
) -> Result<(), StoreError> {
    let within = (from, usage.day.as_millis());
    for sum in app.observations().tunnel_days(within)? {
        // One that was cut off before the period and reported within it lies too far back.
        let days = u32::try_from(sum.days_back).ok();
        let days = days.filter(|days| (*days as usize) < DAYS);
        if let (Some(place), Some(days)) = (places.find(&sum.person), days) {
            had_tunnel(usage, place, days, sum.minutes);
            by_task.put(place, days, None);
        }
    }
    let spans = app.observations().tunnels_over_days(within, MOST)?;
    if spans.len() == MOST {
        usage.missing.extend([Feed::Use, Feed::Gateways]);
    }
    for span in spans {
        let Some(place) = places.find(&span.person) else {
            continue;
        };
        let last = span.last_at;
        // Day by day: it reaches over midnight.
        let mut at = span.first_at;
        while at <= last {
            let next = Timestamp::from_millis(at).day_begun().as_millis() + DAY;
            if let Some(days) = days_back(usage, at) {
                had_tunnel(usage, place, days, (last.min(next) - at) / MINUTE);
                by_task.put(place, days, None);
            }
            at = next;
        }
    }
    Ok(())
}

/// That nobody was seen says something only where somebody would have been: before each system that may be reached
/// from outside something stands that asks the decision point, or a gateway at work, as rows on access hold it too.
fn what_is_missing(app: &App, usage: &mut Usage) {
    let now = usage.at;
    let world = app.world();
    let evidence = app.access_evidence(&world);
    if !unseen_use(&world, &app.posture(), &evidence, now).is_empty() {
        usage.missing.insert(Feed::Use);
    }
    let gateways: Vec<bool> = world
        .registers
        .nouns::<Gateway>()
        .filter_map(|(entry, _)| match entry.id {
            EntryId::Gateway(id) if entry.is_active() => Some(id),
            _ => None,
        })
        .map(|id| {
            let heard = evidence.gateway(id).heard_at;
            // What was heard in the future was heard before the clock was set back.
            heard.is_some_and(|at| at <= now.after(AHEAD) && now.since(at) <= HEARD_WITHIN)
        })
        .collect();
    let hours_planned = world
        .plan
        .current()
        .is_some_and(|it| it.content.head.gateway_hours.is_some());
    if gateways.iter().any(|heard| !heard) || (gateways.is_empty() && hours_planned) {
        usage.missing.insert(Feed::Gateways);
    }
}
