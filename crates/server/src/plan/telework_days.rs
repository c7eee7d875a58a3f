//! Days of telework, summed from the answers of the decision point as they come.

use std::time::{Duration, Instant};

use sekisho_domain::access::Asker;
use sekisho_domain::time::Timestamp;
use sekisho_rules::decide::{Act, Question};
use sekisho_store::StoreError;
use sekisho_store::observations::{CountsFor, Unsummed};

use crate::app::App;

/// Answers that are summed up in one transaction: some thousandths of a second, in which nobody else writes.
const AT_ONCE: usize = 1_000;
/// So many times as long as one took it rests before the next where nobody waits, so that what others have to write
/// comes first.
const REST: u32 = 4;
/// The same where an evaluation waits.
const REST_AWAITED: Duration = Duration::from_millis(1);

/// Sums up what has come since the last time: all of it, for an evaluation that is to begin.
pub(super) fn sum_telework(app: &App) -> Result<(), StoreError> {
    while !sum_some(app)? {
        std::thread::sleep(REST_AWAITED);
    }
    Ok(())
}

/// The same until the server stops, and with rests: what is left then is summed up the next time. So an evaluation finds
/// hardly anything left.
pub(super) fn follow_telework(app: &App) -> Result<(), StoreError> {
    loop {
        let begun = Instant::now();
        if app.is_stopping() || sum_some(app)? {
            return Ok(());
        }
        std::thread::sleep(begun.elapsed() * REST);
    }
}

fn sum_some(app: &App) -> Result<bool, StoreError> {
    app.observations().sum_telework(AT_ONCE, counts_for)
}

/// What an answer counts for; none where it is no telework: a system reached from outside the controlled area. Each answer
/// is asked about once: whoever changes this has the table of days made anew by a step of the schema.
fn counts_for(answer: Unsummed<'_>) -> Option<CountsFor> {
    let asker: Option<Asker> = answer.asker.and_then(|asker| asker.parse().ok());
    if answer.allowed && asker.is_some_and(Asker::tells_what_passed) {
        // What a gateway was answered for a tunnel is no use yet; its tunnels are counted by themselves.
        return None;
    }
    // Questions of a form that this program no longer knows are not answers that it gave.
    let question = serde_json::from_str::<Question>(answer.question).ok()?;
    let is_telework =
        question.origin.place.is_off_site() && matches!(question.act, Act::Reach { .. });
    (is_telework && question.person.is_some()).then(|| CountsFor {
        day: Timestamp::from_millis(answer.at).day_begun().as_millis(),
        task: question.task.map(|task| task.to_string()),
    })
}
