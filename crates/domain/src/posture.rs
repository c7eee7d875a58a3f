//! Posture: for every device the result of every check, compact, in memory on every node.

use std::collections::HashMap;

use crate::check::{CheckResult, DeviceCheck, Outcome};
use crate::code::Reason;
use crate::continuity::Continuity;
use crate::device::StateSource;
use crate::id::DeviceId;
use crate::time::{Span, Timestamp};

/// One result, packed. Times in milliseconds since the epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Cell {
    outcome: Outcome,
    reason: u32,
    observed_at: i64,
    received_at: i64,
    fresh_until: i64,
    continuity: Continuity,
}

/// The results of one device.
type Row = [Option<Cell>; DeviceCheck::COUNT];

/// What the results of one device come to as long as none of them expires: lists grade a hundred
/// thousand devices, and a row is too large to be read for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sum {
    gravest: Outcome,
    /// When the first of its results expires, in milliseconds since the epoch.
    until: i64,
}

impl Sum {
    /// The sum of a row of which some results may have expired by `now`; those do not count towards
    /// its end.
    fn of(row: &Row, source: StateSource, now: i64) -> Self {
        let mut sum = Self {
            gravest: Outcome::Pass,
            until: i64::MAX,
        };
        for (check, cell) in DeviceCheck::ALL.into_iter().zip(row) {
            let fresh = cell.as_ref().filter(|cell| now < cell.fresh_until);
            let outcome = match fresh.map_or(Outcome::Unknown, |cell| cell.outcome) {
                Outcome::Unknown if !check.unknown_weighs() || !check.is_told_by(source) => {
                    Outcome::Pass
                }
                known => known,
            };
            sum.gravest = match (sum.gravest, outcome) {
                (Outcome::Fail, _) | (_, Outcome::Fail) => Outcome::Fail,
                (Outcome::Unknown, _) | (_, Outcome::Unknown) => Outcome::Unknown,
                (Outcome::Pass, Outcome::Pass) => Outcome::Pass,
            };
            sum.until = fresh.map_or(sum.until, |cell| sum.until.min(cell.fresh_until));
        }
        sum
    }
}

/// The table of device × check.
///
/// Past `fresh_until` a result reads as [`Outcome::Unknown`] by comparing times; no event is
/// needed for evidence to expire.
#[derive(Clone, Debug, Default)]
pub struct Posture {
    rows: HashMap<DeviceId, u32>,
    cells: Vec<Row>,
    /// Of each row what it comes to before anything expires.
    sums: Vec<Sum>,
    /// Of each row who tells of it.
    sources: Vec<StateSource>,
    reasons: Vec<Reason>,
    reason_index: HashMap<Reason, u32>,
    sequence: u64,
}

/// What the posture says of one check of one device at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing<'a> {
    /// A fresh result.
    Fresh(Outcome, &'a Reason, Evidenced),
    /// There is a result and it has expired.
    Stale(Evidenced),
    /// There has never been a result.
    Absent,
}

/// The times that a result rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Evidenced {
    /// Observed by the device's clock.
    pub observed_at: Timestamp,
    /// Received by the server's clock.
    pub received_at: Timestamp,
    /// Fresh until.
    pub fresh_until: Timestamp,
}

impl Standing<'_> {
    /// The outcome that counts: stale and absent are unknown.
    #[must_use]
    pub const fn outcome(&self) -> Outcome {
        match self {
            Self::Fresh(outcome, _, _) => *outcome,
            Self::Stale(_) | Self::Absent => Outcome::Unknown,
        }
    }
}

/// The results of one device.
#[derive(Clone, Copy, Debug)]
pub struct DevicePosture<'a> {
    cells: &'a Row,
    reasons: &'a [Reason],
}

impl<'a> DevicePosture<'a> {
    /// What is known of one check at `now`.
    #[must_use]
    pub fn standing(self, check: DeviceCheck, now: Timestamp) -> Standing<'a> {
        let Some(cell) = &self.cells[check.column()] else {
            return Standing::Absent;
        };
        let times = Evidenced {
            observed_at: Timestamp::from_millis(cell.observed_at),
            received_at: Timestamp::from_millis(cell.received_at),
            fresh_until: Timestamp::from_millis(cell.fresh_until),
        };
        if now >= times.fresh_until {
            Standing::Stale(times)
        } else {
            Standing::Fresh(cell.outcome, &self.reasons[cell.reason as usize], times)
        }
    }

    /// How steadily the state behind one check was known; none without any result.
    #[must_use]
    pub fn continuity(self, check: DeviceCheck) -> Option<&'a Continuity> {
        Some(&self.cells[check.column()].as_ref()?.continuity)
    }
}

impl Posture {
    /// Records a result and the sequence number under which the store keeps it. How steadily the
    /// state was known follows from what is recorded already.
    pub fn set(
        &mut self,
        device: DeviceId,
        check: DeviceCheck,
        result: &CheckResult,
        sequence: u64,
    ) {
        let continuity = self.continued(device, check, result, None, check.freshness());
        self.put(device, check, result, continuity, sequence);
    }

    /// How steadily the state is known once a result is recorded. `since` is from when it should
    /// have been known: the device's enrolment. `lasting` is how long it may go unobserved.
    #[must_use]
    pub fn continued(
        &self,
        device: DeviceId,
        check: DeviceCheck,
        result: &CheckResult,
        since: Option<Timestamp>,
        lasting: Span,
    ) -> Continuity {
        let known = self
            .device(device)
            .and_then(|device| device.continuity(check));
        if result.outcome == Outcome::Unknown {
            return known.cloned().unwrap_or_default();
        }
        let never = Continuity::default();
        known
            .unwrap_or(&never)
            .known(result.received_at, since, lasting)
    }

    /// Records a result with how steadily the state was known. One that rests on older facts than
    /// what is recorded is left aside: it was overtaken on its way.
    pub fn put(
        &mut self,
        device: DeviceId,
        check: DeviceCheck,
        result: &CheckResult,
        continuity: Continuity,
        sequence: u64,
    ) {
        let row = self.row_for(device);
        let known = self.cells[row][check.column()].as_ref();
        if known.is_some_and(|known| known.received_at > result.received_at.as_millis()) {
            return;
        }
        let reason = self.intern(&result.reason);
        self.cells[row][check.column()] = Some(Cell {
            outcome: result.outcome,
            reason,
            observed_at: result.observed_at.as_millis(),
            received_at: result.received_at.as_millis(),
            fresh_until: result.fresh_until.as_millis(),
            continuity,
        });
        self.sums[row] = Sum::of(&self.cells[row], self.sources[row], i64::MIN);
        self.sequence = self.sequence.max(sequence);
    }

    /// Says who tells of the state of a device. What cannot be told in that way does not weigh.
    pub fn told_by(&mut self, device: DeviceId, source: StateSource) {
        let row = self.row_for(device);
        self.sources[row] = source;
        self.sums[row] = Sum::of(&self.cells[row], source, i64::MIN);
    }

    fn row_for(&mut self, device: DeviceId) -> usize {
        if let Some(row) = self.rows.get(&device) {
            return *row as usize;
        }
        let row = self.cells.len();
        self.cells.push([const { None }; DeviceCheck::COUNT]);
        self.sources.push(StateSource::Observed);
        self.sums
            .push(Sum::of(&self.cells[row], self.sources[row], i64::MIN));
        self.rows
            .insert(device, u32::try_from(row).unwrap_or(u32::MAX));
        row
    }

    fn intern(&mut self, reason: &Reason) -> u32 {
        if let Some(index) = self.reason_index.get(reason) {
            return *index;
        }
        let index = u32::try_from(self.reasons.len()).unwrap_or(u32::MAX);
        self.reasons.push(reason.clone());
        self.reason_index.insert(reason.clone(), index);
        index
    }

    /// What is known of one device; none where there has never been a result.
    #[must_use]
    pub fn device(&self, device: DeviceId) -> Option<DevicePosture<'_>> {
        let row = self.rows.get(&device)?;
        Some(DevicePosture {
            cells: &self.cells[*row as usize],
            reasons: &self.reasons,
        })
    }

    /// What is known of one check of one device at `now`.
    #[must_use]
    pub fn standing(&self, device: DeviceId, check: DeviceCheck, now: Timestamp) -> Standing<'_> {
        self.device(device)
            .map_or(Standing::Absent, |device| device.standing(check, now))
    }

    /// The gravest outcome of any check of a device at `now`: failing before unknown before passing.
    /// What is unknown of a check whose unknown does not weigh is left aside.
    #[must_use]
    pub fn gravest(&self, device: DeviceId, now: Timestamp) -> Outcome {
        let Some(row) = self.rows.get(&device).map(|row| *row as usize) else {
            return Outcome::Unknown;
        };
        let (sum, now) = (self.sums[row], now.as_millis());
        if now < sum.until {
            sum.gravest
        } else {
            Sum::of(&self.cells[row], self.sources[row], now).gravest
        }
    }

    /// The sequence number of the newest result.
    #[must_use]
    pub const fn sequence(&self) -> u64 {
        self.sequence
    }

    /// How many devices have any result.
    #[must_use]
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Whether no device has any result.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }
}
