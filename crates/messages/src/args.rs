//! Arguments of a message, and how they are put in.

use std::borrow::Cow;

/// One argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arg<'a> {
    /// A text, put in as it is.
    Text(Cow<'a, str>),
    /// A whole number, put in with thousands separators.
    Number(i64),
}

/// Named arguments, in any order.
pub type Args<'a> = &'a [(&'a str, Arg<'a>)];

impl<'a> From<&'a str> for Arg<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl<'a> From<&'a String> for Arg<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Arg<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl<'a> From<Cow<'a, str>> for Arg<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        Self::Text(text)
    }
}

macro_rules! from_numbers {
    ($($number:ty),+) => {$(
        impl From<$number> for Arg<'_> {
            fn from(number: $number) -> Self {
                Self::Number(i64::from(number))
            }
        }
    )+};
}

from_numbers!(i8, i16, i32, i64, u8, u16, u32);

macro_rules! from_large_numbers {
    ($($number:ty),+) => {$(
        impl From<$number> for Arg<'_> {
            fn from(number: $number) -> Self {
                Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
            }
        }
    )+};
}

from_large_numbers!(u64, usize);

impl Arg<'_> {
    fn write(&self, out: &mut String) {
        match self {
            Self::Text(text) => out.push_str(text),
            Self::Number(value) => out.push_str(&number(*value)),
        }
    }
}

/// A whole number with thousands separators, as both languages write it: `-1,234,567`.
#[must_use]
pub fn number(value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if value < 0 {
        out.push('-');
    }
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A piece of a message.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// Text to be taken as it is.
    Plain(&'a str),
    /// `{name}`.
    Value(&'a str),
    /// `{name|one|many}`.
    Choice {
        name: &'a str,
        one: &'a str,
        many: &'a str,
    },
}

/// Splits a message into its pieces. A brace that opens nothing is plain text.
pub(crate) fn pieces(message: &str) -> Vec<Piece<'_>> {
    let mut out = Vec::new();
    let mut rest = message;
    while let Some(at) = rest.find(['{', '}']) {
        if at > 0 {
            out.push(Piece::Plain(&rest[..at]));
        }
        let tail = &rest[at..];
        if tail.starts_with("{{") || tail.starts_with("}}") {
            out.push(Piece::Plain(&tail[..1]));
            rest = &tail[2..];
        } else if let Some(end) = tail.find('}').filter(|_| tail.starts_with('{')) {
            out.push(placeholder(&tail[1..end]));
            rest = &tail[end + 1..];
        } else {
            out.push(Piece::Plain(&tail[..1]));
            rest = &tail[1..];
        }
    }
    if !rest.is_empty() {
        out.push(Piece::Plain(rest));
    }
    out
}

fn placeholder(inside: &str) -> Piece<'_> {
    let mut parts = inside.splitn(3, '|');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(name), Some(one), Some(many)) => Piece::Choice { name, one, many },
        _ => Piece::Value(inside),
    }
}

/// What stands where an argument was not given.
const GAP: &str = "…";

/// Puts arguments into a message. Where one is not given an ellipsis stands, and `gap` is told its
/// name: a reader is never shown how the message is made.
pub(crate) fn fill(message: &str, args: Args<'_>, gap: &mut dyn FnMut(&str)) -> String {
    let find = |name: &str| args.iter().find(|(n, _)| *n == name).map(|(_, arg)| arg);
    let mut out = String::with_capacity(message.len() + 16);
    for piece in pieces(message) {
        match piece {
            Piece::Plain(text) => out.push_str(text),
            Piece::Value(name) => {
                if let Some(arg) = find(name) {
                    arg.write(&mut out);
                } else {
                    gap(name);
                    out.push_str(GAP);
                }
            }
            Piece::Choice { name, one, many } => {
                let arg = find(name);
                if arg.is_none() {
                    gap(name);
                }
                let single = matches!(arg, Some(Arg::Number(1)));
                out.push_str(if single { one } else { many });
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_have_thousands_separators() {
        for (value, expected) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (-1_234_567, "-1,234,567"),
            (i64::MIN, "-9,223,372,036,854,775,808"),
        ] {
            assert_eq!(number(value), expected);
        }
    }

    #[test]
    fn arguments_are_put_in() {
        let args = [("n", Arg::from(1)), ("who", Arg::from("CISO"))];
        for (message, expected) in [
            ("{who}: {n} {n|item|items}", "CISO: 1 item"),
            ("{{n}} {absent}", "{n} …"),
            ("a } b { c", "a } b { c"),
            ("", ""),
        ] {
            assert_eq!(fill(message, &args, &mut |_| ()), expected, "{message}");
        }
    }

    #[test]
    fn no_placeholder_is_shown_to_a_reader_and_each_is_told_of() {
        let mut gaps = Vec::new();
        let message = "{n} security {n|update waits|updates wait} ({first} first).";
        let shown = fill(message, &[], &mut |name| gaps.push(name.to_owned()));
        assert_eq!(shown, "… security updates wait (… first).");
        assert_eq!(gaps, ["n", "n", "first"]);
    }

    proptest! {
        #[test]
        fn no_message_stops_the_filling(message in ".{0,80}") {
            let _ = fill(&message, &[("n", Arg::from(3))], &mut |_| ());
        }

        #[test]
        fn separators_are_all_that_is_added(value in any::<i64>()) {
            prop_assert_eq!(number(value).replace(',', ""), value.to_string());
        }
    }
}
