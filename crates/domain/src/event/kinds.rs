//! The table of kinds and versions, made together with the events.

/// Defines the event enum together with its table of kinds and versions, so that neither can be
/// forgotten.
macro_rules! events {
    ($( $(#[$doc:meta])* $variant:ident { $( $(#[$fdoc:meta])* $field:ident : $ty:ty ),* $(,)? } = $kind:literal, $version:literal; )*) => {
        /// Everything that can have happened.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(untagged)]
        pub enum Event {
            $( $(#[$doc])* $variant { $( #[doc = "What is stored of it."] $(#[$fdoc])* $field: $ty ),* }, )*
        }

        mod payload {
            use super::*;
            $( #[derive(Deserialize)] pub(super) struct $variant { $( pub(super) $field: $ty ),* } )*
        }

        impl Event {
            /// Every kind with its newest version.
            pub const KINDS: &'static [(&'static str, u32)] = &[ $( ($kind, $version) ),* ];

            /// The kind and version under which this event is stored.
            #[must_use]
            pub const fn kind(&self) -> (&'static str, u32) {
                match self { $( Self::$variant { .. } => ($kind, $version), )* }
            }

            /// Reads a stored payload.
            ///
            /// # Errors
            /// [`EventError`] when the kind is unknown, the version newer than this program, or
            /// the payload not of that form. Each of these stops the start.
            pub fn decode(kind: &str, version: u32, value: Value) -> Result<Self, EventError> {
                match (kind, version) {
                    $( ($kind, $version) => {
                        let parsed: payload::$variant = serde_json::from_value(value)
                            .map_err(|error| EventError::Payload { kind: kind.to_owned(), detail: error.to_string() })?;
                        Ok(Self::$variant { $( $field: parsed.$field ),* })
                    } )*
                    _ => match Self::KINDS.iter().find(|(known, _)| *known == kind) {
                        Some(_) => Err(EventError::NewerVersion { kind: kind.to_owned(), version }),
                        None => Err(EventError::UnknownKind { kind: kind.to_owned() }),
                    },
                }
            }
        }
    };
}
