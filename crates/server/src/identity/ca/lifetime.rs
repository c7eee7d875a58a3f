//! How long certificates last and when they are renewed.

use sekisho_domain::time::Timestamp;

const MINUTE: i64 = 60 * 1000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// How long a kind of certificate lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetime {
    /// From when it is made, in milliseconds.
    lasts: i64,
}

impl Lifetime {
    /// A device's: 24 hours. This server asks the ledger at each request, so the length matters
    /// only where somebody else judges the certificate by itself (a switch, a proxy): there a
    /// device that was given up is out after a day. Shorter would only add work: whoever was away
    /// for longer asks for a new one by signature, for which no certificate is needed.
    pub const DEVICE: Self = Self { lasts: DAY };
    /// This server's own: 14 days. Its key lives in memory only and is made anew each time.
    pub const SERVER: Self = Self { lasts: 14 * DAY };
    /// The authority's: ten years, about as long as anybody keeps one installed.
    pub const AUTHORITY: Self = Self { lasts: 3_652 * DAY };
}

/// From when until when a certificate holds: `[from, until)`, in whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// From when.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
}

impl Validity {
    /// That of a certificate made now. It begins an hour earlier, so that a device whose clock is
    /// a little behind can use it at once.
    #[must_use]
    pub fn starting(now: Timestamp, lifetime: Lifetime) -> Self {
        let made = now.as_millis().div_euclid(1000).saturating_mul(1000);
        Self {
            from: Timestamp::from_millis(made.saturating_sub(HOUR)),
            until: Timestamp::from_millis(made.saturating_add(lifetime.lasts)),
        }
    }

    /// The same, ended where the certificate that signs it ends.
    #[must_use]
    pub fn within(self, signer: Self) -> Self {
        Self {
            from: self.from.max(signer.from),
            until: self.until.min(signer.until),
        }
    }

    /// From when on it is to be renewed: half of its time is over then, so that as much is left
    /// for trying again.
    #[must_use]
    pub fn renew_at(self) -> Timestamp {
        let half = self.until.since(self.from).as_millis() / 2;
        Timestamp::from_millis(self.from.as_millis().saturating_add(half))
    }

    /// Whether it holds.
    #[must_use]
    pub fn holds(self, now: Timestamp) -> bool {
        self.from <= now && now < self.until
    }
}
