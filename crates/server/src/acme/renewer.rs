//! Sees to it that there is a certificate: orders one where there is none, another when two thirds of
//! its time are over, and again and again where that fails. What holds stays in force meanwhile.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sekisho_domain::time::Timestamp;
use sekisho_store::StoreError;
use sekisho_store::keyring::{AcmeKeys, IssuedCertificate};
use tokio::sync::watch;

use super::error::AcmeError;
use super::{AcmeSettings, Challenges, life, order};
use crate::app::App;
use crate::app::certificate::{CertificateSource, CertificateStanding, Failing};
use crate::http::tls::{Keeper, Offered};

/// How long it sleeps at most: the trusted clock may come to run otherwise than this machine's.
const LOOK: Duration = Duration::from_secs(60);

/// Orders certificates.
pub(crate) struct Renewer {
    pub(crate) app: App,
    pub(crate) settings: AcmeSettings,
    pub(crate) keys: Arc<Mutex<AcmeKeys>>,
    pub(crate) keeper: Arc<Keeper>,
    pub(crate) challenges: Arc<Challenges>,
}

/// When what is to happen next.
#[derive(Clone, Copy)]
struct Round {
    /// How many orders in a row have failed.
    failures: u32,
    /// When the next one is due.
    due: Timestamp,
}

impl Renewer {
    /// Goes on until the server stops.
    pub(crate) async fn run(self, mut stopping: watch::Receiver<bool>) {
        let due = self.first_due();
        self.tell(|standing| standing.renew_at = Some(due));
        let mut round = Round { failures: 0, due };
        loop {
            let wanted = tokio::select! {
                biased;
                _ = stopping.wait_for(|stop| *stop) => return,
                () = self.app.certificate_wanted() => true,
                () = tokio::time::sleep(self.wait(round.due)) => false,
            };
            // A certificate that seems to be over may not be: the clock is in doubt.
            let clock_is_sound = self.app.clock().step().is_none();
            if wanted || (clock_is_sound && round.due <= self.app.now()) {
                let ordered = tokio::select! {
                    biased;
                    _ = stopping.wait_for(|stop| *stop) => return,
                    ordered = self.order() => ordered,
                };
                round = self.ended(round, ordered);
            }
        }
    }

    /// When the first order is due: at once where what there is will not do for these settings.
    fn first_due(&self) -> Timestamp {
        let now = self.app.now();
        let Some(offered) = self.keeper.offered() else {
            return now;
        };
        let same = offered.directory == self.settings.directory;
        if same && life::names_lacking(&offered.chain, &self.settings.names).is_empty() {
            life::renew_at(offered.validity)
        } else {
            now
        }
    }

    fn wait(&self, due: Timestamp) -> Duration {
        let millis = due.since(self.app.now()).as_millis().max(0);
        Duration::from_millis(u64::try_from(millis).unwrap_or(0)).min(LOOK)
    }

    async fn order(&self) -> Result<Timestamp, AcmeError> {
        let fresh = match self.order_by(self.account().await?).await {
            Err(AcmeError::AccountUnknown(told)) => {
                // It was closed, or the authority was set up anew. The next try makes another.
                self.with_keys(AcmeKeys::drop_account).await?;
                return Err(AcmeError::AccountUnknown(told));
            }
            other => other?,
        };
        let issued = IssuedCertificate {
            directory: self.settings.directory.clone(),
            chain: fresh.chain,
            key: fresh.key,
        };
        let offered = Offered::read(&issued)
            .ok_or_else(|| AcmeError::Certificate("not a certificate (PEM)".to_owned()))?;
        let lacking = life::names_lacking(&offered.chain, &self.settings.names);
        if !lacking.is_empty() {
            return Err(AcmeError::Certificate(lacking.join(", ")));
        }
        if !offered.validity.holds(self.app.now()) {
            let until = offered.validity.until.to_rfc3339();
            return Err(AcmeError::Certificate(until));
        }
        let renew_at = life::renew_at(offered.validity);
        // In force first: it is good, whether or not the disk takes it.
        self.keeper
            .offer(offered, &issued)
            .map_err(|error| AcmeError::Certificate(error.to_string()))?;
        self.with_keys(move |keys| keys.keep_certificate(&issued))
            .await?;
        Ok(renew_at)
    }

    async fn order_by(&self, account: instant_acme::Account) -> Result<order::Fresh, AcmeError> {
        order::certificate(&self.settings, &account, &self.challenges).await
    }

    /// The account that was kept; a new one where there is none at this authority.
    async fn account(&self) -> Result<instant_acme::Account, AcmeError> {
        let directory = self.settings.directory.clone();
        let kept = self.with_keys(move |keys| keys.account(&directory)).await?;
        if let Some(kept) = kept {
            return order::known_account(&self.settings, &kept).await;
        }
        let (account, made) = order::new_account(&self.settings).await?;
        let directory = self.settings.directory.clone();
        self.with_keys(move |keys| keys.keep_account(&directory, &made))
            .await?;
        tracing::info!(
            code = "acme.account",
            directory = self.settings.directory,
            "an account was made at the certificate authority"
        );
        Ok(account)
    }

    /// Does something with what is kept, where blocking is allowed.
    async fn with_keys<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut AcmeKeys) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, AcmeError> {
        let keys = Arc::clone(&self.keys);
        let acted = tokio::task::spawn_blocking(move || act(&mut locked(&keys)));
        let acted = acted
            .await
            .map_err(|error| AcmeError::Made(error.to_string()))?;
        Ok(acted?)
    }

    /// Writes down how an order ended, and says when the next one is due.
    fn ended(&self, round: Round, ordered: Result<Timestamp, AcmeError>) -> Round {
        let directory = self.settings.directory.as_str();
        match ordered {
            Ok(due) => {
                let next = due.to_rfc3339();
                tracing::info!(
                    code = "acme.renewed",
                    directory,
                    next,
                    "a certificate was issued"
                );
                self.tell(|standing| {
                    standing.renew_at = Some(due);
                    standing.failing = None;
                    standing.orders += 1;
                });
                Round { failures: 0, due }
            }
            Err(error) => {
                let now = self.app.now();
                let failures = round.failures.saturating_add(1);
                let held = self.keeper.offered().map(|offered| offered.validity.until);
                let again_at = life::again_at(now, failures, held.filter(|until| now < *until));
                let until = held.map(Timestamp::to_rfc3339).unwrap_or_default();
                tracing::error!(
                    code = error.code(), %error, directory, tries = failures, held_until = until,
                    again_at = again_at.to_rfc3339(),
                    "no certificate was issued; the one before stays in force while it holds"
                );
                self.tell(|standing| {
                    standing.failing = Some(Failing {
                        reason: error.reason(directory),
                        tries: failures,
                        again_at,
                    });
                    standing.orders += 1;
                });
                Round {
                    failures,
                    due: again_at,
                }
            }
        }
    }

    fn tell(&self, change: impl FnOnce(&mut CertificateStanding)) {
        self.app.set_certificate(|standing| {
            let source = CertificateSource::Acme;
            change(standing.get_or_insert_with(|| CertificateStanding::of(source)));
        });
    }
}

fn locked(keys: &Mutex<AcmeKeys>) -> MutexGuard<'_, AcmeKeys> {
    keys.lock().unwrap_or_else(PoisonError::into_inner)
}
