//! Devices: a random id bound to a key made on the device (decision 10).

use serde::{Deserialize, Serialize};

use crate::id::{DeviceId, PersonId, UnitId};
use crate::time::Timestamp;

/// Whose device it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceClass {
    /// 支給端末: issued by the organisation.
    Issued,
    /// 支給外端末: the person's own.
    Byod,
}

impl DeviceClass {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Issued => "issued",
            Self::Byod => "byod",
        }
    }
}

/// Who tells of the state of a device. Fixed at enrolment: no report can raise itself from one to the
/// other.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum StateSource {
    /// A program on it that looks.
    #[default]
    Observed,
    /// The person who uses it, by a dated declaration: a telephone, on which nothing of ours looks.
    Declared,
}

impl StateSource {
    // Serde asks by reference.
    #[allow(clippy::trivially_copy_pass_by_ref)]
    fn is_observed(&self) -> bool {
        *self == Self::Observed
    }

    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Observed => "observed",
            Self::Declared => "declared",
        }
    }
}

/// A P-256 public key in SEC1 compressed form, base64url without padding (44 characters).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DeviceKey(String);

/// The text is not a compressed P-256 point in base64url.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a device key")]
pub struct DeviceKeyError;

impl DeviceKey {
    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for DeviceKey {
    type Error = DeviceKeyError;

    // Only the form is checked here; that it is a point on the curve is checked where
    // signatures are, before an enrolment command is made.
    fn try_from(text: String) -> Result<Self, DeviceKeyError> {
        let sound = text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        if sound && text.len() == 44 {
            Ok(Self(text))
        } else {
            Err(DeviceKeyError)
        }
    }
}

impl From<DeviceKey> for String {
    fn from(key: DeviceKey) -> Self {
        key.0
    }
}

/// Where a device stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceState {
    /// In use.
    Active,
    /// Reports are kept and nothing is allowed: its key was seen in two places at once.
    Suspended,
    /// Given up for good.
    Retired,
}

/// One enrolled device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Its id.
    pub id: DeviceId,
    /// Its place in the order of enrolment, from 0: the number that stands for it in sets.
    pub ordinal: u32,
    /// Its key.
    pub key: DeviceKey,
    /// Whose it is.
    pub class: DeviceClass,
    /// The unit that answers for it.
    pub unit: UnitId,
    /// The person who uses it, where one person does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<PersonId>,
    /// When it was enrolled.
    pub enrolled_at: Timestamp,
    /// Where it stands.
    pub state: DeviceState,
    /// Who tells of its state. Of most devices a program, which is not written down each time.
    #[serde(default, skip_serializing_if = "StateSource::is_observed")]
    pub source: StateSource,
}
