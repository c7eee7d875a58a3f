//! Checkpoints by keys that were no longer in force.

use std::ops::ControlFlow;

use super::Walk;
use crate::checkpoint::CheckpointError;
use crate::keys::Opened;
use crate::record;
use crate::verify::LedgerSource;
use crate::verify::report::{FindingCode as Code, Place};

/// When the keys of the two checkpoints were retired; none for keys in force.
pub(super) struct Retired {
    signed: Option<i64>,
    outside: Option<i64>,
}

impl Retired {
    /// Of the stored checkpoint and the one from outside.
    pub(super) fn of(signed: Option<&Opened>, outside: Option<&Opened>) -> Self {
        Self {
            signed: signed.and_then(|opened| opened.retired_at),
            outside: outside.and_then(|opened| opened.retired_at),
        }
    }
}

impl<S: LedgerSource> Walk<'_, S> {
    /// No checkpoint counts a record that was made after its key was retired.
    pub(super) fn check_keys(&mut self) -> Result<(), S::Error> {
        let size = |it: &Option<crate::checkpoint::Checkpoint>| it.as_ref().map(|it| it.size);
        let both = [
            (
                self.retired.signed,
                size(&self.signed),
                Code::CheckpointInvalid,
                Place::Checkpoint,
            ),
            (
                self.retired.outside,
                size(&self.outside),
                Code::OutsideInvalid,
                Place::OutsideCheckpoint,
            ),
        ];
        for (retired_at, size, code, place) in both {
            let (Some(retired_at), Some(last)) = (retired_at, size.and_then(|n| n.checked_sub(1)))
            else {
                continue;
            };
            if self.recorded_at(last)?.is_some_and(|at| at > retired_at) {
                let detail = CheckpointError::Retired.code();
                self.report.find(code, place, Some(detail));
            }
        }
        Ok(())
    }

    /// When a record was made; nothing where it is not there, is left out or cannot be read, which
    /// is found elsewhere.
    fn recorded_at(&self, seq: u64) -> Result<Option<i64>, S::Error> {
        let mut found = None;
        self.source.entries_from(seq, &mut |stored| {
            if stored.seq == seq {
                let head = stored
                    .opening
                    .map(|(_, bytes)| record::scan(bytes, &mut |_| {}));
                found = head.and_then(Result::ok).map(|head| head.recorded_at);
            }
            // Places that no entry can have may come first.
            match stored.seq > i64::MAX as u64 {
                true => ControlFlow::Continue(()),
                false => ControlFlow::Break(()),
            }
        })?;
        Ok(found)
    }
}
