//! Nouns: structs of fields.

use super::{Field, FieldErrors, Value, Values};

/// A struct of fields.
pub trait Noun: Sized {
    /// Its fields, in the order shown.
    const FIELDS: &'static [Field];

    /// What it holds. Empty fields are left out.
    fn values(&self) -> Values;

    /// What one field holds; empty where there is no such field. Whoever looks at a field of each of
    /// a hundred thousand nouns asks for it alone.
    fn value(&self, code: &str) -> Value;

    /// Reads it; every field at fault is named.
    ///
    /// # Errors
    /// [`FieldErrors`] with all that is wrong.
    fn read(values: &Values) -> Result<Self, FieldErrors>;
}

/// Defines a struct whose fields have [`FieldType`](crate::field::FieldType)s, with its [`Noun`].
/// Stored as its [`Values`].
#[macro_export]
macro_rules! noun {
    ($(#[$doc:meta])* pub struct $name:ident { $( $(#[$fdoc:meta])* pub $field:ident : $ty:ty ),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name { $( $(#[$fdoc])* pub $field: $ty ),+ }

        impl $crate::field::Noun for $name {
            const FIELDS: &'static [$crate::field::Field] = &[ $( $crate::field::Field {
                code: stringify!($field),
                kind: <$ty as $crate::field::FieldType>::KIND,
                required: <$ty as $crate::field::FieldType>::REQUIRED,
                many: <$ty as $crate::field::FieldType>::MANY,
            } ),+ ];

            fn values(&self) -> $crate::field::Values {
                let mut values = $crate::field::Values::new();
                $(
                    let value = $crate::field::FieldType::value(&self.$field);
                    if !value.is_empty() {
                        values.insert(stringify!($field).to_owned(), value);
                    }
                )+
                values
            }

            fn value(&self, code: &str) -> $crate::field::Value {
                match code {
                    $( stringify!($field) => $crate::field::FieldType::value(&self.$field), )+
                    _ => $crate::field::Value::Empty,
                }
            }

            fn read(values: &$crate::field::Values) -> Result<Self, $crate::field::FieldErrors> {
                let mut errors = Vec::new();
                for code in values.keys() {
                    if !Self::FIELDS.iter().any(|field| field.code == code) {
                        errors.push($crate::field::FieldError {
                            field: code.clone(),
                            fault: $crate::field::FieldFault::UnknownField,
                        });
                    }
                }
                $(
                    let $field = values
                        .get(stringify!($field))
                        .map_or_else(
                            || <$ty as $crate::field::FieldType>::read(&$crate::field::Value::Empty),
                            <$ty as $crate::field::FieldType>::read,
                        )
                        .map_err(|fault| errors.push($crate::field::FieldError {
                            field: stringify!($field).to_owned(),
                            fault,
                        }));
                )+
                match ( $( $field, )+ ) {
                    ( $( Ok($field), )+ ) if errors.is_empty() => Ok(Self { $( $field ),+ }),
                    _ => Err($crate::field::FieldErrors(errors)),
                }
            }
        }

        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                ::serde::Serialize::serialize(&$crate::field::Noun::values(self), serializer)
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let values = <$crate::field::Values as ::serde::Deserialize>::deserialize(deserializer)?;
                <Self as $crate::field::Noun>::read(&values).map_err(::serde::de::Error::custom)
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use crate::field::{FieldErrors, FieldFault, FieldKind, Noun, Value, Values};
    use crate::grade::Grade;
    use crate::id::{Fresh, UnitId};
    use crate::name::Line;

    crate::choice! {
        /// Colours.
        pub enum Colour {
            /// Red.
            Red = "red",
            /// Dark blue.
            DarkBlue = "dark_blue",
        }
    }

    crate::noun! {
        /// A flag on a pole.
        pub struct Pole {
            /// Its label.
            pub label: Line,
            /// Its colour.
            pub colour: Option<Colour>,
            /// How high.
            pub height: u32,
            /// Since when.
            pub since: Option<jiff::civil::Date>,
            /// Whether it is lit.
            pub lit: bool,
            /// Of what grade.
            pub grade: Option<Grade>,
            /// Who looks at it.
            pub units: Vec<UnitId>,
        }
    }

    fn pole() -> Pole {
        Pole {
            label: Line::parse("門").unwrap(),
            colour: Some(Colour::DarkBlue),
            height: 3,
            since: Some(date(2026, 4, 1)),
            lit: false,
            grade: Some("C2I1A2".parse().unwrap()),
            units: vec![UnitId::new(Fresh([1; 16])), UnitId::new(Fresh([2; 16]))],
        }
    }

    #[test]
    fn a_noun_survives_its_values_and_its_stored_form() {
        let before = pole();
        assert_eq!(Pole::read(&before.values()), Ok(before.clone()));
        for field in Pole::FIELDS {
            let alone = before.value(field.code);
            let among = before.values().remove(field.code).unwrap_or_default();
            assert_eq!(alone, among, "{}", field.code);
        }
        assert_eq!(before.value("smell"), Value::Empty);
        let json = serde_json::to_string(&before).unwrap();
        assert!(json.contains("\"since\":\"2026-04-01\""), "{json}");
        assert_eq!(serde_json::from_str::<Pole>(&json).unwrap(), before);
    }

    #[test]
    fn empty_fields_are_left_out_and_read_as_empty() {
        let bare = Pole {
            colour: None,
            since: None,
            grade: None,
            units: Vec::new(),
            ..pole()
        };
        let keys: Vec<String> = bare.values().into_keys().collect();
        assert_eq!(keys, ["height", "label", "lit"]);
        assert_eq!(Pole::read(&bare.values()), Ok(bare));
    }

    #[test]
    fn every_field_at_fault_is_named() {
        let values = Values::from([
            ("label".into(), Value::Text("  ".into())),
            ("colour".into(), Value::Text("green".into())),
            ("height".into(), Value::Text("tall".into())),
            ("since".into(), Value::Text("2026-02-30".into())),
            ("lit".into(), Value::Number(1)),
            ("grade".into(), Value::Text("C9".into())),
            ("units".into(), Value::Many(vec!["psn_0".into()])),
            ("smell".into(), Value::Flag(true)),
        ]);
        let Err(FieldErrors(errors)) = Pole::read(&values) else {
            panic!("read");
        };
        let found: Vec<(&str, FieldFault)> = errors
            .iter()
            .map(|error| (error.field.as_str(), error.fault))
            .collect();
        assert_eq!(
            found,
            [
                ("smell", FieldFault::UnknownField),
                ("label", FieldFault::Missing),
                ("colour", FieldFault::UnknownChoice),
                ("height", FieldFault::Form),
                ("since", FieldFault::NoSuchDay),
                ("lit", FieldFault::Form),
                ("grade", FieldFault::Form),
                ("units", FieldFault::NotAnId),
            ]
        );
    }

    #[test]
    fn fields_say_what_they_take() {
        let of = |code| Pole::FIELDS.iter().find(|it| it.code == code).unwrap();
        assert!(of("label").required && !of("label").many);
        assert!(!of("since").required);
        assert_eq!(of("colour").kind, FieldKind::Choice(&["red", "dark_blue"]));
        assert_eq!(of("units").kind, FieldKind::Reference("unt"));
        assert!(of("units").many && !of("units").required);
        assert!(!of("lit").required);
    }
}
