//! Devices as the register knows them: issued (支給端末) and not issued (支給以外の端末). A device can stand
//! here before it is enrolled; enrolment binds its key to the same id.

use jiff::civil::Date;

use super::{Fault, RegisterNoun};
use crate::id::PersonId;
use crate::name::Line;

crate::choice! {
    /// What a device is.
    pub enum DeviceForm {
        /// Notebook.
        Notebook = "notebook",
        /// Desktop.
        Desktop = "desktop",
        /// Tablet.
        Tablet = "tablet",
        /// Smartphone.
        Phone = "phone",
        /// Something else.
        Other = "other",
    }
}

crate::noun! {
    /// An issued device.
    pub struct IssuedDevice {
        /// 資産番号.
        pub asset: Line,
        /// What it is.
        pub form: DeviceForm,
        /// Maker.
        pub maker: Option<Line>,
        /// Model.
        pub model: Option<Line>,
        /// Serial number.
        pub serial: Option<Line>,
        /// Operating system, as the register says; what runs on it is seen by the agent.
        pub os: Option<Line>,
        /// The person it is issued to, where one person uses it.
        pub user: Option<PersonId>,
        /// Where it is kept.
        pub place: Option<Line>,
        /// When it was acquired.
        pub acquired: Option<Date>,
        /// When its lease or life ends.
        pub until: Option<Date>,
        /// Whether a privacy filter is issued with it (7.1.1(1)(a), 盗み見).
        pub privacy_filter: bool,
        /// Whether a wire lock is issued with it (7.1.1(1)(a), 盗難).
        pub wire_lock: bool,
    }
}

impl RegisterNoun for IssuedDevice {
    const KEYS: &'static [&'static str] = &["asset", "serial"];

    fn fault(&self) -> Option<Fault> {
        match (self.acquired, self.until) {
            (Some(from), Some(until)) if until < from => {
                Some(Fault::new("device.life-reversed", "until"))
            }
            _ => None,
        }
    }
}

crate::noun! {
    /// A person's own device.
    pub struct ByodDevice {
        /// Whose it is.
        pub owner: PersonId,
        /// What it is.
        pub form: DeviceForm,
        /// Maker.
        pub maker: Option<Line>,
        /// Model.
        pub model: Option<Line>,
        /// Serial number.
        pub serial: Option<Line>,
        /// Operating system, as declared.
        pub os: Option<Line>,
        /// Whether others in the household use it too.
        pub shared: bool,
        /// When the owner agreed to what is read on it.
        pub agreed: Option<Date>,
    }
}

impl RegisterNoun for ByodDevice {
    const KEYS: &'static [&'static str] = &["serial"];

    fn fault(&self) -> Option<Fault> {
        None
    }
}
