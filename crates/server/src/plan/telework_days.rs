//! Days of telework, summed from the answers of the decision point as they come.

use std::time::Duration;

use sekisho_domain::access::Asker;
use sekisho_domain::time::Timestamp;
use sekisho_rules::decide::{Act, Question};
use sekisho_store::StoreError;
use sekisho_store::observations::{CountsFor, Unsummed};

use crate::app::App;

/// Answers that are summed up in one transaction.
const AT_ONCE: usize = 20_000;
/// Between two of them, so that what others have to write comes first.
const REST: Duration = Duration::from_millis(20);

/// Sums up what has come since the last time: all of it.
pub(super) fn sum_telework(app: &App) -> Result<(), StoreError> {
    sum_while(app, || true)
}

/// The same until the server stops: what is left then is summed up the next time.
pub(super) fn follow_telework(app: &App) -> Result<(), StoreError> {
    sum_while(app, || !app.is_stopping())
}

fn sum_while(app: &App, goes_on: impl Fn() -> bool) -> Result<(), StoreError> {
    while goes_on() && !app.observations().sum_telework(AT_ONCE, counts_for)? {
        std::thread::sleep(REST);
    }
    Ok(())
}

/// What an answer counts for; none where it is no telework: a system reached from outside the controlled area.
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
