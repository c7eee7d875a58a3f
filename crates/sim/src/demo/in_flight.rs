//! Many commands under way at once, so that the writer commits them in groups.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;

use sekisho_domain::actor::Actor;
use sekisho_domain::command::Command;
use sekisho_server::app::{App, CommandError, Committed};

use super::{FillError, Progress, Stage};

/// Commands under way at once: four groups of the writer's, so that it never waits for us.
const AT_ONCE: usize = 512;

/// Wakes the thread that waits.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

type Answer<'a> = Pin<Box<dyn Future<Output = Result<Committed, CommandError>> + 'a>>;

/// Carries commands out in the order given; every one must be accepted.
pub(super) fn carry_out(
    app: &App,
    stage: Stage,
    commands: Vec<(Actor, Command)>,
    progress: &mut Progress<'_>,
) -> Result<(), FillError> {
    let total = commands.len();
    let mut done = 0;
    progress(stage, done, total);
    let mut commands = commands.into_iter();
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut context = Context::from_waker(&waker);
    while done < total {
        let batch = commands.by_ref().take(AT_ONCE);
        // Asking once puts the command into the writer's queue: so they stand there in order.
        let mut asked: Vec<(Answer<'_>, Poll<Result<Committed, CommandError>>)> = batch
            .map(|(actor, command)| {
                let mut answer: Answer<'_> = Box::pin(app.command(actor, command));
                let first = answer.as_mut().poll(&mut context);
                (answer, first)
            })
            .collect();
        for (answer, first) in &mut asked {
            let result = loop {
                match std::mem::replace(first, Poll::Pending) {
                    Poll::Ready(result) => break result,
                    Poll::Pending => match answer.as_mut().poll(&mut context) {
                        Poll::Ready(result) => break result,
                        // A wake-up may have been another answer's: then we ask again.
                        Poll::Pending => std::thread::park(),
                    },
                }
            };
            result.map_err(|source| FillError::Command { stage, source })?;
        }
        done += asked.len();
        progress(stage, done, total);
    }
    Ok(())
}
