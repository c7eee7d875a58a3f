//! Removable media (外部電磁的記録媒体), for 8.1.1(3)(k): known before they are taken out.

use jiff::civil::Date;

use super::{Fault, RegisterNoun};
use crate::grade::Grade;
use crate::id::PersonId;
use crate::name::Line;

crate::choice! {
    /// What a medium is.
    pub enum MediumKind {
        /// USB memory.
        UsbMemory = "usb_memory",
        /// A portable disk or SSD.
        PortableDisk = "portable_disk",
        /// CD, DVD or Blu-ray.
        OpticalDisc = "optical_disc",
        /// A memory card.
        MemoryCard = "memory_card",
        /// A tape.
        Tape = "tape",
        /// Anything else.
        Other = "other",
    }
}

crate::noun! {
    /// A removable medium.
    pub struct Medium {
        /// 管理番号: its number in the office's own ledger.
        pub number: Line,
        /// What it is.
        pub kind: MediumKind,
        /// Serial number, as the device on which it is used sees it.
        pub serial: Option<Line>,
        /// Maker and model.
        pub model: Option<Line>,
        /// Whether it encrypts what is written to it.
        pub encrypted: bool,
        /// The highest grade that may be written to it.
        pub highest: Option<Grade>,
        /// Who keeps it.
        pub keeper: Option<PersonId>,
        /// Where it is kept.
        pub place: Option<Line>,
        /// When it was acquired.
        pub acquired: Option<Date>,
    }
}

impl RegisterNoun for Medium {
    const KEYS: &'static [&'static str] = &["number", "serial"];

    fn fault(&self) -> Option<Fault> {
        let confidential = self.highest.is_some_and(Grade::is_confidential);
        (confidential && !self.encrypted)
            .then(|| Fault::new("medium.confidential-unencrypted", "encrypted"))
    }
}
