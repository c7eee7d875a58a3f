//! What the assessor waits for.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// What has happened since the assessor last looked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct News {
    /// Reports have come.
    pub reports: bool,
    /// Feeds have changed.
    pub knowledge: bool,
    /// Registers or permits have changed with which devices are compared.
    pub lists: bool,
    /// The application stops.
    pub stopping: bool,
}

/// Where news is left.
#[derive(Default)]
pub(super) struct NewsDesk {
    news: Mutex<News>,
    arrived: Condvar,
}

impl NewsDesk {
    pub(super) fn tell(&self, change: impl FnOnce(&mut News)) {
        change(&mut self.news.lock().unwrap_or_else(PoisonError::into_inner));
        self.arrived.notify_all();
    }

    /// Whether the application stops.
    pub(super) fn stopping(&self) -> bool {
        let news = self.news.lock().unwrap_or_else(PoisonError::into_inner);
        news.stopping
    }

    pub(super) fn wait(&self, idle: Duration, gather: Duration) -> News {
        let news = self.news.lock().unwrap_or_else(PoisonError::into_inner);
        let (news, _) = self
            .arrived
            .wait_timeout_while(news, idle, |news| *news == News::default())
            .unwrap_or_else(PoisonError::into_inner);
        // Once there is any, more is likely at once; only stopping does not wait.
        let (mut news, _) = self
            .arrived
            .wait_timeout_while(news, gather, |news| {
                !news.stopping && *news != News::default()
            })
            .unwrap_or_else(PoisonError::into_inner);
        let stopping = news.stopping;
        let gathered = std::mem::take(&mut *news);
        news.stopping = stopping;
        gathered
    }
}
