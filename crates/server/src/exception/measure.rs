//! Where the measures of an exception come from: answers of the decision point, incidents, checks.

use sekisho_domain::exception::Effect;
use sekisho_domain::id::PermitId;
use sekisho_domain::time::{Span, Timestamp};
use sekisho_rules::exception::{Answered, Answers, measure as measured};
use sekisho_store::StoreError;
use sekisho_store::observations::Retention;

use crate::app::App;

/// Whom and what answers are looked for.
struct Sought {
    from: Timestamp,
    until: Timestamp,
    people: Vec<String>,
    devices: Vec<String>,
}

fn sought(app: &App, id: PermitId, now: Timestamp) -> Option<Sought> {
    let world = app.world();
    let permit = world.permits.get(id)?;
    let exception = permit.exception()?;
    let (from, until) = permit.life_until(now)?;
    let kept = Retention::default().decisions;
    let kept = Span::days(u32::try_from(kept).unwrap_or_default());
    let people = std::iter::once(permit.applicant).chain(exception.people.iter().copied());
    Some(Sought {
        from: from.max(now.before(kept)),
        until,
        people: people.map(|it| it.to_string()).collect(),
        devices: exception.named_devices().map(|it| it.to_string()).collect(),
    })
}

fn answers(app: &App, sought: &Sought) -> Result<Option<Answers>, StoreError> {
    let within = (sought.from.as_millis(), sought.until.as_millis());
    let observations = app.observations();
    if !observations.any_answer(within)? {
        return Ok(None);
    }
    let rows = observations.allowed_to(within, &sought.people, &sought.devices)?;
    let answers = rows.into_iter().filter_map(|row| {
        Some(Answered {
            // Questions of a form that this program no longer knows are not answers that it gave.
            question: serde_json::from_str(&row.question).ok()?,
            first: Timestamp::from_millis(row.first_at),
            last: Timestamp::from_millis(row.last_at),
            times: u64::try_from(row.times).unwrap_or_default(),
        })
    });
    Ok(Some(Answers {
        since: sought.from,
        answers: answers.collect(),
    }))
}

/// Measures an exception as it is now; none where the permit is no exception, or was never given.
///
/// # Errors
/// The store's codes.
pub fn measure(app: &App, permit: PermitId) -> Result<Option<Effect>, StoreError> {
    let now = app.now();
    let Some(sought) = sought(app, permit, now) else {
        return Ok(None);
    };
    let answers = answers(app, &sought)?;
    let world = app.world();
    let posture = app.posture();
    let Some(known) = world.permits.get(permit) else {
        return Ok(None);
    };
    Ok(measured(&world, &posture, known, answers.as_ref(), now))
}
