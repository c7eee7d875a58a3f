//! Version order per packaging ecosystem.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

/// A packaging ecosystem, which decides how versions compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ecosystem {
    /// dpkg order (Debian Policy §5.6.12).
    Debian,
    /// rpm order (epoch, version, release; `rpmvercmp`).
    Rpm,
}

/// Longest version text taken; the longest in Debian's archive has fewer than 80 bytes.
const MAX_VERSION_BYTES: usize = 256;

impl Ecosystem {
    /// Whether the text can be compared in this ecosystem at all: no spaces or control characters,
    /// not empty, and not absurdly long. Debian versions are ASCII, and [`Ecosystem::compare`] must
    /// not be given others (its library counts bytes as characters); rpm's need not be.
    pub fn accepts(self, version: &str) -> bool {
        let bounded = !version.is_empty() && version.len() <= MAX_VERSION_BYTES;
        bounded
            && match self {
                Self::Debian => version.bytes().all(|b| b.is_ascii_graphic()),
                Self::Rpm => !version.contains(|c: char| c.is_whitespace() || c.is_control()),
            }
    }

    /// The order of two versions, or `None` when one of them is not a version text.
    pub fn compare(self, left: &str, right: &str) -> Option<Ordering> {
        if !self.accepts(left) || !self.accepts(right) {
            return None;
        }
        Some(match self {
            Self::Debian => deb_version::compare_versions(left, right),
            Self::Rpm => rpm_version::rpm_evr_compare(left, right),
        })
    }
}

/// A Debian version that has been checked to be comparable. Orders as dpkg does, and is equal
/// where dpkg says equal (`0:1.0` and `1.0`).
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct DebVersion(std::sync::Arc<str>);

impl DebVersion {
    /// Takes a version text; `None` when it cannot be one.
    pub fn new(text: &str) -> Option<Self> {
        Ecosystem::Debian.accepts(text).then(|| Self(text.into()))
    }

    /// The text as given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for DebVersion {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::new(&text).ok_or_else(|| serde::de::Error::custom("not a version"))
    }
}

impl PartialEq for DebVersion {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for DebVersion {}

impl PartialOrd for DebVersion {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for DebVersion {
    fn cmp(&self, other: &Self) -> Ordering {
        deb_version::compare_versions(&self.0, &other.0)
    }
}

/// The version without a binary-only rebuild suffix (`5.2.15-2+b8` → `5.2.15-2`).
pub fn without_binnmu(version: &str) -> &str {
    match version.rsplit_once("+b") {
        Some((base, n)) if !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()) => base,
        _ => version,
    }
}

/// The version a stable rebuild or backport was made from (`590-2.1~deb12u2` → `590-2.1`,
/// `1:10.0.2+ds-2+deb13u1~bpo12+1` → `1:10.0.2+ds-2+deb13u1`), or `None` for other versions.
///
/// Such a rebuild sorts below the version it contains, so version order alone would call it older.
pub fn rebuild_base(version: &str) -> Option<&str> {
    let (base, suffix) = version.rsplit_once('~')?;
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    let pair = |t: &str, sep: char| {
        t.split_once(sep)
            .is_some_and(|(a, b)| digits(a) && digits(b))
    };
    let rebuilt = suffix.strip_prefix("deb").is_some_and(|t| pair(t, 'u'))
        || suffix.strip_prefix("bpo").is_some_and(|t| pair(t, '+'));
    (rebuilt && !base.is_empty()).then_some(base)
}

/// Whether a rebuild made from `base` contains the later-sorting version `other`: it does when
/// `other` is not newer than `base`, unless `other` is itself a rebuild of `base`, in which case only
/// their own order counts (`2.9-1.3~deb12u5` does not contain `2.9-1.3~deb12u6`).
pub(crate) fn rebuild_contains(base: &DebVersion, other: &DebVersion) -> bool {
    other <= base && rebuild_base(other.as_str()) != Some(base.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn debian_order_has_the_known_traps() {
        let cases = [
            ("590-2.1~deb12u2", Ordering::Less, "590-2.1"),
            ("2.0~rc1-1", Ordering::Less, "2.0-1"),
            ("1.0-1~bpo12+1", Ordering::Less, "1.0-1"),
            ("5.2.15-2+b8", Ordering::Greater, "5.2.15-2"),
            ("1:1.0-1", Ordering::Greater, "9.0-1"),
            ("0:1.0-1", Ordering::Equal, "1.0-1"),
            ("1.0-1+deb12u10", Ordering::Greater, "1.0-1+deb12u9"),
            ("1.2.3", Ordering::Less, "1.2.3a"),
        ];
        for (left, order, right) in cases {
            assert_eq!(
                Ecosystem::Debian.compare(left, right),
                Some(order),
                "{left} {right}"
            );
            assert_eq!(
                Ecosystem::Debian.compare(right, left),
                Some(order.reverse())
            );
        }
    }

    #[test]
    fn rpm_order_has_the_known_traps() {
        let cases = [
            ("1:1.0-1.el9", Ordering::Greater, "9.0-1.el9"),
            ("1.0~rc1-1", Ordering::Less, "1.0-1"),
            ("1.0^git1-1", Ordering::Greater, "1.0-1"),
            ("5.14.0-9.el9", Ordering::Less, "5.14.0-10.el9"),
        ];
        for (left, order, right) in cases {
            assert_eq!(
                Ecosystem::Rpm.compare(left, right),
                Some(order),
                "{left} {right}"
            );
        }
    }

    #[test]
    fn texts_that_are_no_versions_are_not_compared() {
        for bad in ["", "1 0", "1.0\n", &"1".repeat(257)] {
            assert_eq!(Ecosystem::Debian.compare(bad, "1"), None);
            assert_eq!(Ecosystem::Rpm.compare("1", bad), None);
            assert!(DebVersion::new(bad).is_none());
        }
        for bad in ["１.0", "a\u{301}1"] {
            assert_eq!(Ecosystem::Debian.compare(bad, "1"), None);
        }
    }

    #[test]
    fn suffixes_are_taken_off() {
        assert_eq!(without_binnmu("5.2.15-2+b8"), "5.2.15-2");
        assert_eq!(without_binnmu("1.0+beta-1"), "1.0+beta-1");
        assert_eq!(without_binnmu("1.0+b"), "1.0+b");
        assert_eq!(rebuild_base("590-2.1~deb12u2"), Some("590-2.1"));
        assert_eq!(
            rebuild_base("1:2+ds-2+deb13u1~bpo12+1"),
            Some("1:2+ds-2+deb13u1")
        );
        assert_eq!(rebuild_base("2.0~rc1-1"), None);
        assert_eq!(rebuild_base("2.0-1+deb12u1"), None);
    }

    proptest! {
        #[test]
        fn debian_order_is_total(
            a in "[0-9][0-9a-z.+~:-]{0,12}",
            b in "[0-9][0-9a-z.+~:-]{0,12}",
            c in "[0-9][0-9a-z.+~:-]{0,12}",
        ) {
            let cmp = |x: &str, y: &str| Ecosystem::Debian.compare(x, y).unwrap();
            prop_assert_eq!(cmp(&a, &b), cmp(&b, &a).reverse());
            if cmp(&a, &b) != Ordering::Greater && cmp(&b, &c) != Ordering::Greater {
                prop_assert!(cmp(&a, &c) != Ordering::Greater);
            }
        }

        #[test]
        fn no_text_panics(a in ".{0,20}", b in ".{0,20}") {
            let _ = Ecosystem::Debian.compare(&a, &b);
            let _ = Ecosystem::Rpm.compare(&a, &b);
            let _ = (without_binnmu(&a), rebuild_base(&b));
        }
    }
}
