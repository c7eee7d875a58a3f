//! The latest fact of each kind of one device.

use sekisho_domain::code::Reason;
use sekisho_domain::device::StateSource;
use sekisho_domain::fact::{Fact, FactKind, FactValue, Seen, UnseenReason};
use sekisho_domain::id::DeviceId;
use sekisho_domain::time::Timestamp;

/// The latest fact of each kind of one device.
#[derive(Clone, Debug)]
pub struct DeviceFacts<'a> {
    latest: [Option<&'a Fact>; FactKind::ALL.len()],
    subject: Option<DeviceId>,
    source: StateSource,
}

/// A value that was seen, and what was not seen beside it.
#[derive(Clone, Copy, Debug)]
pub struct Sight<'a, T> {
    /// The value.
    pub value: &'a T,
    /// What more privilege would have shown.
    pub partial: Option<&'a UnseenReason>,
    /// When it was observed, by the device's clock.
    pub observed_at: Timestamp,
    /// When the server received it.
    pub received_at: Timestamp,
}

impl<'a> DeviceFacts<'a> {
    /// The view over facts of one device in any order. Of several of a kind the one received last
    /// counts: the device's own clock decides nothing.
    pub fn new(facts: impl IntoIterator<Item = &'a Fact>) -> Self {
        let mut latest: [Option<&'a Fact>; FactKind::ALL.len()] = [None; FactKind::ALL.len()];
        let mut subject = None;
        for fact in facts {
            subject = Some(fact.subject);
            let place = &mut latest[fact.observation.seen.kind() as usize];
            if place.is_none_or(|known| known.received_at <= fact.received_at) {
                *place = Some(fact);
            }
        }
        let source = StateSource::Observed;
        Self {
            latest,
            subject,
            source,
        }
    }

    /// The same, told by somebody else than a program that looked: of a device, every fact is either
    /// observed or declared.
    #[must_use]
    pub const fn told_by(mut self, source: StateSource) -> Self {
        self.source = source;
        self
    }

    /// Who tells of the device.
    #[must_use]
    pub const fn source(&self) -> StateSource {
        self.source
    }

    /// The device that they are of; none where there is no fact.
    #[must_use]
    pub const fn subject(&self) -> Option<DeviceId> {
        self.subject
    }

    /// The latest fact of a kind.
    #[must_use]
    pub fn fact(&self, kind: FactKind) -> Option<&'a Fact> {
        self.latest[kind as usize]
    }

    /// What was seen of a kind.
    ///
    /// # Errors
    /// The reason why it was not seen.
    pub fn seen<T>(
        &self,
        kind: FactKind,
        pick: fn(&FactValue) -> Option<&T>,
    ) -> Result<Sight<'a, T>, Reason> {
        let not_reported = || Reason::new("unseen.not-reported").with("fact", kind.code());
        let fact = self.fact(kind).ok_or_else(not_reported)?;
        let value = match &fact.observation.seen {
            Seen::Value(value) => pick(value).ok_or_else(not_reported)?,
            Seen::Unseen { reason, .. } => return Err(super::unseen(reason)),
        };
        Ok(Sight {
            value,
            partial: fact.observation.partial.as_ref(),
            observed_at: fact.observation.observed_at,
            received_at: fact.received_at,
        })
    }
}

/// What was seen of one kind of fact: `sight!(given, OsRelease)`.
macro_rules! sight {
    ($given:expr, $kind:ident) => {
        $given
            .facts
            .seen(sekisho_domain::fact::FactKind::$kind, |value| match value {
                sekisho_domain::fact::FactValue::$kind(inner) => Some(inner),
                _ => None,
            })
    };
}
pub(super) use sight;
