//! In what setting something is done: grade, place and class of device.

use crate::device::DeviceClass;
use crate::grade::Grade;

crate::choice! {
    /// Where. Off-site (要管理対策区域外) and outside the organisation (組織外) are two separate facts
    /// (requirements.md 1.0).
    pub enum Place {
        /// Inside the controlled area (要管理対策区域).
        ControlledArea = "controlled",
        /// Outside the controlled area, on the organisation's ground.
        OutsideArea = "outside_area",
        /// Outside the organisation.
        OutsideOrganisation = "outside_organisation",
    }
}

impl Place {
    /// Whether it is outside the controlled area (要管理対策区域外).
    #[must_use]
    pub const fn is_off_site(self) -> bool {
        !matches!(self, Self::ControlledArea)
    }
}

/// Grade, place and class of device together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Setting {
    /// The grade of what is handled.
    pub grade: Grade,
    /// Where.
    pub place: Place,
    /// On what class of device; none without a device.
    pub device: Option<DeviceClass>,
}
