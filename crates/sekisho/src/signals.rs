//! Ctrl-C and SIGTERM: heard from the first moment on, so that whatever is under way ends in order.

use std::sync::mpsc::channel;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use crate::fault::Fault;

/// Whether this process was asked to stop. Copies hear the same.
#[derive(Clone, Debug)]
pub struct Signals(watch::Receiver<bool>);

impl Signals {
    /// Begins to listen. From here on neither Ctrl-C nor SIGTERM ends the process by itself.
    ///
    /// # Errors
    /// The operating system gives no thread or no handlers.
    pub fn listen() -> Result<Self, Fault> {
        let (told, hear) = watch::channel(false);
        let (installed, ready) = channel();
        let thread = std::thread::Builder::new().name("signals".to_owned());
        // It ends with the process: there is nothing to wait for.
        thread.spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            let runtime = match runtime {
                Ok(runtime) => runtime,
                Err(error) => return drop(installed.send(Err(error))),
            };
            runtime.block_on(async {
                let (mut interrupt, mut terminate) = match handlers() {
                    Ok(handlers) => handlers,
                    Err(error) => return drop(installed.send(Err(error))),
                };
                drop(installed.send(Ok(())));
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                }
                told.send_replace(true);
                // The handlers stay: a second signal must not break off an orderly end.
                std::future::pending::<()>().await;
            });
        })?;
        match ready.recv() {
            Ok(installed) => installed?,
            Err(error) => return Err(Fault::new("io").about(error)),
        }
        Ok(Self(hear))
    }

    /// Whether it was asked to stop.
    #[must_use]
    pub fn told(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until it is asked to stop.
    pub async fn wait(&mut self) {
        if self.0.wait_for(|told| *told).await.is_err() {
            // The thread that listens ends with the process only.
            std::future::pending::<()>().await;
        }
    }

    /// Runs something, on a thread of its own, once it is asked to stop.
    ///
    /// # Errors
    /// The operating system gives no thread.
    pub fn then(mut self, act: impl FnOnce() + Send + 'static) -> Result<(), Fault> {
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;
        let thread = std::thread::Builder::new().name("on-signal".to_owned());
        thread.spawn(move || {
            runtime.block_on(self.wait());
            act();
        })?;
        Ok(())
    }
}

fn handlers() -> std::io::Result<(Signal, Signal)> {
    Ok((
        signal(SignalKind::interrupt())?,
        signal(SignalKind::terminate())?,
    ))
}
