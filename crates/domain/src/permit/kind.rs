//! The fourteen kinds of permit (requirements.md 1.0).

use crate::device::DeviceClass;

impl PermitKind {
    /// The class of device that permits of this kind are about; none where any will do, or none is
    /// named.
    #[must_use]
    pub const fn device_class(self) -> Option<DeviceClass> {
        match self {
            Self::TakeOut | Self::OffSite => Some(DeviceClass::Issued),
            Self::Byod => Some(DeviceClass::Byod),
            _ => None,
        }
    }
}

crate::choice! {
    /// A kind of permit. One object with one life; a kind adds its particulars, its approver and its
    /// obligations.
    pub enum PermitKind {
        /// PT: telework (person × task × place). Our own design; no notice asks for it.
        Telework = "pt",
        /// PO: taking an issued device out of the organisation.
        TakeOut = "po",
        /// PI: handling graded information outside the controlled area on an issued device.
        OffSite = "pi",
        /// PB: use of one's own device.
        Byod = "pb",
        /// PR: joining a device that was outside to the internal line again.
        Reconnection = "pr",
        /// PM: taking external media out of the controlled area.
        Media = "pm",
        /// PS: software outside the list.
        Software = "ps",
        /// PL: a line that a system may join.
        Line = "pl",
        /// PX: a system joining an internal line.
        Connection = "px",
        /// PP: a peripheral or other equipment.
        Peripheral = "pp",
        /// PV: a service used under its published terms (約款による外部サービス).
        Service = "pv",
        /// PC: use of a conference tool. Our own design.
        Conference = "pc",
        /// PA: the right to a remote access session. Our own design.
        RemoteAccess = "pa",
        /// PE: an exception (例外措置).
        Exception = "pe",
    }
}
