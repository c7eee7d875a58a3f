//! The languages people read Sekisho in.

/// A language of the interface. Japanese comes first wherever nothing else is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Lang {
    /// Japanese.
    #[default]
    Ja,
    /// English.
    En,
}

impl Lang {
    /// Both languages, Japanese first.
    pub const ALL: [Self; 2] = [Self::Ja, Self::En];

    /// The tag of BCP 47, as `lang` attributes and `--lang` have it.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Ja => "ja",
            Self::En => "en",
        }
    }

    /// The language's own name for itself.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ja => "日本語",
            Self::En => "English",
        }
    }

    /// The other language, for a switch.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Ja => Self::En,
            Self::En => Self::Ja,
        }
    }

    /// Reads a language tag or a locale: `ja`, `ja-JP`, `ja_JP.UTF-8`, `en_GB`, `EN`. None for
    /// languages that are not spoken here, and for `C` and `POSIX`, which name no language.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_', '.', '@']).next()?;
        Self::ALL
            .into_iter()
            .find(|lang| primary.eq_ignore_ascii_case(lang.tag()))
    }

    /// The best language for an `Accept-Language` header (RFC 9110, section 12.5.4); none when
    /// neither language is acceptable. Only the first 32 entries are read.
    #[must_use]
    pub fn from_accept_language(header: &str) -> Option<Self> {
        let mut best: Option<(u16, Self)> = None;
        for entry in header.split(',').take(32) {
            let mut parts = entry.split(';');
            let Some(lang) = parts.next().and_then(Self::from_tag) else {
                continue;
            };
            let quality = parts
                .find_map(|part| part.trim().strip_prefix("q="))
                .map_or(Some(1000), parse_quality)
                .unwrap_or(0);
            if quality > 0 && best.is_none_or(|(so_far, _)| quality > so_far) {
                best = Some((quality, lang));
            }
        }
        best.map(|(_, lang)| lang)
    }
}

/// A `qvalue` in thousandths: `1`, `0.8`, `0.875`.
fn parse_quality(text: &str) -> Option<u16> {
    let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    if fraction.len() > 3 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let fraction: u16 = format!("{fraction:0<3}").parse().ok()?;
    match whole {
        "1" if fraction == 0 => Some(1000),
        "0" => Some(fraction),
        _ => None,
    }
}

/// A text that names neither Japanese nor English.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownLang;

impl std::fmt::Display for UnknownLang {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ja / en")
    }
}

impl std::error::Error for UnknownLang {}

impl std::str::FromStr for Lang {
    type Err = UnknownLang;

    fn from_str(tag: &str) -> Result<Self, UnknownLang> {
        Self::from_tag(tag).ok_or(UnknownLang)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_and_locales_are_read() {
        for (tag, expected) in [
            ("ja", Some(Lang::Ja)),
            ("ja_JP.UTF-8", Some(Lang::Ja)),
            ("ja-JP", Some(Lang::Ja)),
            ("EN", Some(Lang::En)),
            ("en_GB@euro", Some(Lang::En)),
            ("C.UTF-8", None),
            ("POSIX", None),
            ("jam", None),
            ("", None),
        ] {
            assert_eq!(Lang::from_tag(tag), expected, "{tag}");
        }
    }

    #[test]
    fn the_most_wanted_language_wins() {
        for (header, expected) in [
            ("ja,en-US;q=0.9,en;q=0.8", Some(Lang::Ja)),
            ("de,en;q=0.5,ja;q=0.7", Some(Lang::Ja)),
            ("en, ja", Some(Lang::En)),
            ("ja;q=0, en;q=0.001", Some(Lang::En)),
            ("ja;q=nonsense", None),
            ("fr, de", None),
            ("", None),
        ] {
            assert_eq!(Lang::from_accept_language(header), expected, "{header}");
        }
    }
}
