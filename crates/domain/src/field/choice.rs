//! Choices: enums of codes.

/// Defines an enum whose variants have stable codes, and which can be a field's type.
///
/// ```
/// sekisho_domain::choice! {
///     /// Who keeps a key.
///     pub enum KeptBy {
///         /// The holder.
///         Holder = "holder",
///         /// The office.
///         Office = "office",
///     }
/// }
/// assert_eq!(KeptBy::from_code("office"), Some(KeptBy::Office));
/// ```
#[macro_export]
macro_rules! choice {
    ($(#[$doc:meta])* pub enum $name:ident { $( $(#[$vdoc:meta])* $variant:ident = $code:literal ),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, ::serde::Serialize, ::serde::Deserialize)]
        pub enum $name { $( $(#[$vdoc])* #[serde(rename = $code)] $variant ),+ }

        impl $name {
            /// Every choice, in the order shown.
            pub const ALL: &'static [Self] = &[ $( Self::$variant ),+ ];
            /// The codes of all.
            pub const CODES: &'static [&'static str] = &[ $( $code ),+ ];

            /// The stable code.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $( Self::$variant => $code ),+ }
            }

            /// The choice of a code; none for unknown codes.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|it| it.code() == code)
            }
        }

        impl $crate::field::FieldType for $name {
            const KIND: $crate::field::FieldKind = $crate::field::FieldKind::Choice(Self::CODES);
            const REQUIRED: bool = true;
            const MANY: bool = false;

            fn value(&self) -> $crate::field::Value {
                $crate::field::Value::Text(self.code().to_owned())
            }

            fn read(value: &$crate::field::Value) -> Result<Self, $crate::field::FieldFault> {
                match value {
                    $crate::field::Value::Text(code) => Self::from_code(code)
                        .ok_or($crate::field::FieldFault::UnknownChoice),
                    $crate::field::Value::Empty => Err($crate::field::FieldFault::Missing),
                    _ => Err($crate::field::FieldFault::Form),
                }
            }
        }
    };
}
