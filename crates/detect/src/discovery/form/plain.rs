//! JSON as programs write it plainly: no blanks, no escapes, whole numbers. Reading it from left to right
//! costs a fraction of what a reader of all JSON does; whatever is written otherwise is `None`, and then
//! the reader of all JSON has the word. So nothing is ever understood in two ways.

/// What is still to be read of a line.
pub(super) struct Plain<'a> {
    rest: &'a [u8],
}

/// A value that stands by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value<'a> {
    /// A text, without its marks.
    Text(&'a str),
    /// A whole number of at most 18 digits.
    Number(i64),
    /// `true`, `false`.
    Truth,
}

impl<'a> Plain<'a> {
    pub(super) fn of(line: &'a [u8]) -> Self {
        Self { rest: line }
    }

    /// Whether nothing is left.
    pub(super) fn is_read(&self) -> bool {
        self.rest.is_empty()
    }

    /// Goes through the fields of an object, from its bracket to its bracket. `each` is given the name and
    /// reads the value.
    pub(super) fn object(
        &mut self,
        mut each: impl FnMut(&mut Self, &'a str) -> Option<()>,
    ) -> Option<()> {
        self.take(b'{')?;
        loop {
            let name = self.text()?;
            self.take(b':')?;
            each(self, name)?;
            match self.next()? {
                b',' => {}
                b'}' => return Some(()),
                _ => return None,
            }
        }
    }

    /// A value that is no object and no list.
    pub(super) fn value(&mut self) -> Option<Value<'a>> {
        match self.rest.first()? {
            b'"' => self.text().map(Value::Text),
            b't' => self.word(b"true"),
            b'f' => self.word(b"false"),
            _ => self.number().map(Value::Number),
        }
    }

    /// A text without a stroke in it.
    pub(super) fn text(&mut self) -> Option<&'a str> {
        self.take(b'"')?;
        // Control characters are not allowed in a text; the reader of all JSON refuses them.
        let end = self
            .rest
            .iter()
            .position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20))?;
        let (text, rest) = self.rest.split_at(end);
        self.rest = rest.strip_prefix(b"\"")?;
        std::str::from_utf8(text).ok()
    }

    /// A whole number as JSON has it: no sign, no zero in front.
    pub(super) fn number(&mut self) -> Option<i64> {
        let digits = self
            .rest
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        let (number, rest) = self.rest.split_at(digits);
        let usual = matches!(digits, 1..=18) && (digits == 1 || number[0] != b'0');
        usual.then_some(())?;
        self.rest = rest;
        Some(
            number
                .iter()
                .fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0')),
        )
    }

    fn word(&mut self, word: &[u8]) -> Option<Value<'a>> {
        self.rest = self.rest.strip_prefix(word)?;
        Some(Value::Truth)
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        (self.next()? == byte).then_some(())
    }

    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn flat(line: &[u8]) -> Option<Vec<(&str, Value<'_>)>> {
        let mut fields = Vec::new();
        let mut plain = Plain::of(line);
        plain.object(|at, name| {
            fields.push((name, at.value()?));
            Some(())
        })?;
        plain.is_read().then_some(fields)
    }

    #[test]
    fn plain_fields_are_read_and_anything_else_is_left() {
        assert_eq!(
            flat(r#"{"a":"六本木","b":170,"c":false}"#.as_bytes()),
            Some(vec![
                ("a", Value::Text("六本木")),
                ("b", Value::Number(170)),
                ("c", Value::Truth)
            ])
        );
        for other in [
            r#"{"a":"b\n"}"#,
            r#"{"a": 1}"#,
            r#"{"a":01}"#,
            r#"{"a":-1}"#,
            r#"{"a":1.5}"#,
            r#"{"a":1234567890123456789}"#,
            r#"{"a":null}"#,
            r#"{"a":{}}"#,
            r#"{"a":1}}"#,
            r#"{"a":1,}"#,
            r#"{"a":1"#,
            "{\"a\":\"\t\"}",
            "{}",
            "",
        ] {
            assert_eq!(flat(other.as_bytes()), None, "{other}");
        }
        assert_eq!(flat(b"{\"a\":\"\xff\"}"), None);
    }

    proptest! {
        /// What is read plainly is JSON, and says the same.
        #[test]
        fn it_reads_no_more_than_json(line in r#"\{("[ab]{1,2}":("[a-c\\]{0,3}"|[0-9]{1,3}|true|false|tru),?){1,3}\}?"#) {
            if let Some(fields) = flat(line.as_bytes()) {
                let whole: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&line).unwrap();
                for (name, value) in fields.iter().rev().take(1) {
                    let same = match value {
                        Value::Text(text) => whole[*name] == **text,
                        Value::Number(number) => whole[*name] == *number,
                        Value::Truth => whole[*name].is_boolean(),
                    };
                    prop_assert!(same, "{line}");
                }
            }
        }
    }
}
