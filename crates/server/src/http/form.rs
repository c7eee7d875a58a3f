//! Forms: `application/x-www-form-urlencoded`, bounded.

use zeroize::Zeroize;

/// Most bytes of a form.
pub(super) const FORM_MAX: usize = 64 * 1024;
/// Most bytes of a form with the organisation's own rules of access: each of their bytes may come as three, and
/// an end of line as six.
pub(super) const LONG_FORM_MAX: usize = 4 * sekisho_rules::decide::OWN_RULES_MAX;
/// Most fields of a form.
const FIELDS_MAX: usize = 400;

/// The fields of a form. Values may be passwords: wiped when dropped, never printed.
#[derive(Default)]
pub(super) struct Form(Vec<(String, String)>);

impl Drop for Form {
    fn drop(&mut self) {
        for (_, value) in &mut self.0 {
            value.zeroize();
        }
    }
}

impl Form {
    pub(super) fn parse(body: &[u8]) -> Self {
        Self(pairs(body))
    }

    /// Every field, in order.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// A field; empty when it is not there.
    pub(super) fn get(&self, name: &str) -> &str {
        self.0
            .iter()
            .find(|(n, _)| n == name)
            .map_or("", |(_, value)| value)
    }
}

/// The pairs of a query or form.
pub(super) fn pairs(text: &[u8]) -> Vec<(String, String)> {
    text.split(|b| *b == b'&')
        .filter(|pair| !pair.is_empty())
        .take(FIELDS_MAX)
        .map(|pair| {
            let at = pair.iter().position(|b| *b == b'=');
            let (name, value) = at.map_or((pair, &[][..]), |at| (&pair[..at], &pair[at + 1..]));
            (decode(name), decode(value))
        })
        .collect()
}

fn decode(text: &[u8]) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, tail @ ..] = rest {
        let hex = |b: &u8| {
            char::from(*b)
                .to_digit(16)
                .and_then(|d| u8::try_from(d).ok())
        };
        rest = match (first, tail) {
            (b'%', [high, low, after @ ..]) if hex(high).is_some() && hex(low).is_some() => {
                out.push(hex(high).unwrap_or_default() << 4 | hex(low).unwrap_or_default());
                after
            }
            (b'+', _) => {
                out.push(b' ');
                tail
            }
            _ => {
                out.push(*first);
                tail
            }
        };
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_decoded() {
        let form = Form::parse(
            "a=1&b=%E9%96%A2%E6%89%80+x&roles=ciso&roles=hiso&c&=&%=%4&d=%zz".as_bytes(),
        );
        assert_eq!(form.get("a"), "1");
        assert_eq!(form.get("b"), "関所 x");
        assert_eq!(form.get("c"), "");
        assert_eq!(form.get("%"), "%4");
        assert_eq!(form.get("d"), "%zz");
        assert_eq!(form.get("roles"), "ciso");
    }

    #[test]
    fn no_form_has_more_fields_than_are_read() {
        assert_eq!(pairs("a=1&".repeat(1000).as_bytes()).len(), FIELDS_MAX);
        assert_eq!(pairs(b"a=%FF"), [("a".to_owned(), "\u{fffd}".to_owned())]);
    }
}
