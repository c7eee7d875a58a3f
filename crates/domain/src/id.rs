//! Typed identifiers.
//!
//! An id is 128 random bits written as a short prefix and 26 lower-case Crockford base-32
//! characters (`dev_01h…`). It says nothing about what it names, so that a person's id may stand
//! in the ledger for ever (decision 6 in the design).

use std::fmt;

use serde::{Deserialize, Serialize};

/// 128 bits of randomness handed in from the edge; every fresh id is made of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fresh(pub [u8; 16]);

/// Why a text is not an identifier of the kind asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an identifier of the kind {expected}")]
pub struct IdError {
    /// The prefix that was expected.
    pub expected: &'static str,
}

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

fn encode(value: u128, out: &mut String) {
    for position in (0..26).rev() {
        let index = ((value >> (position * 5)) & 31) as usize;
        out.push(char::from(ALPHABET[index]));
    }
}

fn decode(text: &str) -> Option<u128> {
    if text.len() != 26 {
        return None;
    }
    let mut value: u128 = 0;
    for (position, byte) in text.bytes().enumerate() {
        let digit = ALPHABET.iter().position(|candidate| *candidate == byte)? as u128;
        // 26 × 5 = 130 bits: the first character carries only three.
        if position == 0 && digit > 7 {
            return None;
        }
        value = (value << 5) | digit;
    }
    Some(value)
}

/// Defines one typed identifier with its prefix.
macro_rules! define_id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u128);

        impl $name {
            /// The prefix that marks this kind of id in text.
            pub const PREFIX: &'static str = $prefix;

            /// The id made of fresh randomness.
            #[must_use]
            pub const fn new(fresh: Fresh) -> Self {
                Self(u128::from_be_bytes(fresh.0))
            }

            /// The id's 16 bytes, for compact storage.
            #[must_use]
            pub const fn to_bytes(self) -> [u8; 16] {
                self.0.to_be_bytes()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut text = String::with_capacity(30);
                text.push_str(concat!($prefix, "_"));
                encode(self.0, &mut text);
                f.write_str(&text)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                text.strip_prefix(concat!($prefix, "_"))
                    .and_then(decode)
                    .map(Self)
                    .ok_or(IdError { expected: $prefix })
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl crate::field::FieldType for $name {
            const KIND: crate::field::FieldKind = crate::field::FieldKind::Reference($prefix);
            const REQUIRED: bool = true;
            const MANY: bool = false;

            fn value(&self) -> crate::field::Value {
                crate::field::Value::Text(self.to_string())
            }

            fn read(value: &crate::field::Value) -> Result<Self, crate::field::FieldFault> {
                match value {
                    crate::field::Value::Text(text) => {
                        text.parse().map_err(|_| crate::field::FieldFault::NotAnId)
                    }
                    crate::field::Value::Empty => Err(crate::field::FieldFault::Missing),
                    _ => Err(crate::field::FieldFault::Form),
                }
            }
        }
    };
}

define_id!(
    /// The organisation that keeps this ledger.
    OrganisationId,
    "org"
);
define_id!(
    /// A unit (部局, 課室) of the organisation.
    UnitId,
    "unt"
);
define_id!(
    /// A post (官職): roles belong to posts, people hold them by dated appointment.
    PostId,
    "pst"
);
define_id!(
    /// A person. Opaque: names live in the directory, outside the ledger.
    PersonId,
    "psn"
);
define_id!(
    /// One dated appointment of a person to a post.
    AppointmentId,
    "apt"
);
define_id!(
    /// A means of signing in. Not an authority.
    AccountId,
    "acc"
);
define_id!(
    /// A device, named at enrolment and bound to the key made on it.
    DeviceId,
    "dev"
);
define_id!(
    /// A dated attestation by the holder of a post.
    AttestationId,
    "att"
);

define_id!(
    /// One application for, and grant of, a permission (the document, from application to close-out).
    PermitId,
    "pmt"
);
define_id!(
    /// A removable medium (外部電磁的記録媒体) in the register.
    MediumId,
    "med"
);
define_id!(
    /// An entry of the lists of software: allowed, forbidden, under conditions.
    SoftwareId,
    "sfw"
);
define_id!(
    /// A communication line or network (通信回線).
    LineId,
    "lin"
);
define_id!(
    /// An information system (情報システム).
    SystemId,
    "sys"
);
define_id!(
    /// An external service (外部サービス, 約款による外部サービス).
    ServiceId,
    "svc"
);
define_id!(
    /// A web-conference tool.
    ConferenceToolId,
    "cnf"
);
define_id!(
    /// A task (業務) done by telework, or a named part of one.
    TaskId,
    "tsk"
);
define_id!(
    /// A security incident.
    IncidentId,
    "inc"
);
define_id!(
    /// A report of unease (不安).
    ConcernId,
    "cnc"
);
define_id!(
    /// A standing delegation of decisions (専決).
    DelegationId,
    "dlg"
);
define_id!(
    /// A temporary stand-in for the holder of a post (代決).
    StandInId,
    "sti"
);
define_id!(
    /// A list of personnel moves (発令).
    MoveListId,
    "mov"
);
define_id!(
    /// A service account: a program that uses the API.
    ServiceAccountId,
    "sac"
);
define_id!(
    /// An API token.
    ApiTokenId,
    "tok"
);
define_id!(
    /// A gateway.
    GatewayId,
    "gwy"
);
define_id!(
    /// A plan of telework (テレワーク計画) from its draft to its approval.
    PlanId,
    "pln"
);
define_id!(
    /// A case that calls for a reassessment.
    CaseId,
    "cas"
);
define_id!(
    /// A risk assessment (リスク評価) from its draft to its approval.
    RiskId,
    "rsk"
);
define_id!(
    /// A rule document (規程) with its clauses, through all its versions.
    RuleId,
    "rul"
);
define_id!(
    /// An item of a checklist.
    ChecklistItemId,
    "cki"
);
define_id!(
    /// An earlier advisory (注意喚起) that the organisation has on record.
    AdvisoryId,
    "adv"
);
define_id!(
    /// A tunnel of one person on one device.
    TunnelSessionId,
    "tns"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_text() {
        for byte in [0_u8, 1, 0x7f, 0x80, 0xff] {
            let id = DeviceId::new(Fresh([byte; 16]));
            assert_eq!(id.to_string().parse::<DeviceId>(), Ok(id));
            let json = serde_json::to_string(&id).unwrap();
            assert_eq!(serde_json::from_str::<DeviceId>(&json).unwrap(), id);
        }
    }

    #[test]
    fn one_kind_of_id_is_not_another() {
        let device = DeviceId::new(Fresh([7; 16])).to_string();
        assert!(device.parse::<PersonId>().is_err());
        assert!("dev_".parse::<DeviceId>().is_err());
        assert!(
            "dev_zzzzzzzzzzzzzzzzzzzzzzzzzz"
                .parse::<DeviceId>()
                .is_err()
        );
        assert!(device.to_uppercase().parse::<DeviceId>().is_err());
    }
}
