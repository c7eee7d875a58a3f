//! Outside services that logs show to be used although no register carries them, and what was said of
//! them (notices, section 4; clause 4.1.2).
//!
//! A sighting is a governance fact: that there was such use, of what kind and where. How much, by whom
//! and when in detail stays among the observations, which are kept only for so long.

use serde::{Deserialize, Serialize};

use crate::actor::Actor;
use crate::event::Sealed;
use crate::id::UnitId;
use crate::name::{Line, Name};
use crate::time::Timestamp;

/// Most units that a sighting names; more than those it counts in full elsewhere.
pub const SIGHTED_UNITS_MAX: usize = 200;
/// Most sources or domains that a sighting names.
pub const SIGHTED_NAMES_MAX: usize = 50;
/// Most sightings of one command.
pub const SIGHTINGS_MAX: usize = 10_000;

crate::choice! {
    /// How use of a service was seen. The later ones weigh more.
    pub enum Way {
        /// Its name was asked for.
        Asked = "asked",
        /// Bytes passed to and from it.
        Carried = "carried",
    }
}

crate::choice! {
    /// What is lacking.
    pub enum Lack {
        /// No register names the service.
        Unregistered = "unregistered",
        /// It is registered for a unit, and was used outside that.
        OutsideUnit = "outside_unit",
    }
}

crate::choice! {
    /// Why use that was seen needs no entry: it is not use by the organisation, or has ended.
    pub enum NotOurs {
        /// Pages of others bring it along: advertising, embedded content.
        Embedded = "embedded",
        /// A network for guests, whose use is not the organisation's.
        GuestNetwork = "guest_network",
        /// The list of domains takes something else for it.
        Mistaken = "mistaken",
        /// It was the organisation's, and was stopped. Any later use opens the finding again.
        Stopped = "stopped",
        /// The entry that carried it was retired, and the logs show no use within the period looked back. Found
        /// by the program and said by nobody; any later use opens the finding again.
        Unused = "unused",
        /// Something else, said in words.
        Other = "other",
    }
}

impl NotOurs {
    /// What officers can say.
    pub const SAID: [Self; 5] = [
        Self::Embedded,
        Self::GuestNetwork,
        Self::Mistaken,
        Self::Stopped,
        Self::Other,
    ];

    /// What an officer can say by a code; none for other codes.
    #[must_use]
    pub fn said(code: &str) -> Option<Self> {
        Self::SAID.into_iter().find(|it| it.code() == code)
    }

    /// Whether it says that there was use, and that it has ended.
    #[must_use]
    pub const fn is_an_end(self) -> bool {
        matches!(self, Self::Stopped | Self::Unused)
    }
}

/// Use of a service that no register carries, as far as it was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sighting {
    /// Which service, as the list of services calls it.
    pub service: Line,
    /// Its name.
    pub name: Name,
    /// What it is for, as the list says: `conference`, `storage` …
    pub kind: Line,
    /// The domains by which it is known.
    pub domains: Vec<Line>,
    /// How its use was seen; sorted.
    pub ways: Vec<Way>,
    /// The units that used it, as far as they are known; sorted.
    pub units: Vec<UnitId>,
    /// Whether some of the use could be put down to no unit.
    pub unattributed: bool,
    /// The logs that show it; sorted.
    pub sources: Vec<Line>,
    /// The first moment at which it was seen.
    pub first_at: Timestamp,
    /// The last moment.
    pub last_at: Timestamp,
    /// How often, up to then.
    pub times: u32,
    /// How many people and clients, at least.
    pub people: u32,
}

impl Sighting {
    /// Whether this shows anything of a new kind beside what is known: another unit, use of no known unit where
    /// all of it had one, or a way that weighs more. More of the same is none.
    #[must_use]
    pub fn adds_to(&self, known: &Self) -> bool {
        let full = known.units.len() >= SIGHTED_UNITS_MAX;
        let unit = !full && self.units.iter().any(|unit| !known.units.contains(unit));
        let nobodys = self.unattributed && !known.unattributed;
        unit || nobodys || self.ways.iter().any(|way| !known.ways.contains(way))
    }

    /// Both together. The names are those of the newer one.
    #[must_use]
    pub fn with(mut self, earlier: &Self) -> Self {
        merge(&mut self.ways, &earlier.ways, Way::ALL.len());
        merge(&mut self.units, &earlier.units, SIGHTED_UNITS_MAX);
        merge(&mut self.sources, &earlier.sources, SIGHTED_NAMES_MAX);
        self.unattributed |= earlier.unattributed;
        self.first_at = self.first_at.min(earlier.first_at);
        self.last_at = self.last_at.max(earlier.last_at);
        self.times = self.times.max(earlier.times);
        self.people = self.people.max(earlier.people);
        self
    }

    /// Whether the service is one for meetings (section 4 of the notices).
    #[must_use]
    pub fn is_conference(&self) -> bool {
        self.kind.as_str() == "conference"
    }
}

fn merge<T: Ord + Clone>(into: &mut Vec<T>, from: &[T], most: usize) {
    into.extend(from.iter().cloned());
    into.sort_unstable();
    into.dedup();
    into.truncate(most);
}

/// That use is not the organisation's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disowned {
    /// Why.
    pub why: NotOurs,
    /// What was said beside, under its author's key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Sealed>,
    /// When it was said.
    pub at: Timestamp,
    /// By whom.
    pub by: Actor,
}

/// A sighting as the World knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sighted {
    /// All that was seen.
    pub sighting: Sighting,
    /// When the finding was opened, the last time.
    pub opened_at: Timestamp,
    /// That it was said not to be the organisation's; none while nobody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disowned: Option<Disowned>,
    /// Whether it is open because no entry carries it any more, and no use was seen since.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub lapsed: bool,
    /// Counts what was recorded of it.
    pub version: u64,
}

impl Sighted {
    /// No entry carries it any more. A word that the use had ended was about what was before the entry.
    pub(crate) fn lapse(&mut self, at: Timestamp) {
        self.disowned = self.disowned.take().filter(|word| !word.why.is_an_end());
        if self.disowned.is_none() {
            self.opened_at = at;
            self.lapsed = true;
            self.version += 1;
        }
    }

    /// Whether what was seen now is later use than this was opened or settled by, where any later use counts:
    /// the use was said to have ended, or nobody has seen any since the entry went.
    #[must_use]
    pub fn is_outlived_by(&self, seen: &Sighting) -> bool {
        match &self.disowned {
            Some(word) if word.why == NotOurs::Stopped => word.at < seen.last_at,
            Some(word) => word.why.is_an_end() && self.sighting.last_at < seen.last_at,
            None => self.lapsed && self.sighting.last_at < seen.last_at,
        }
    }
}

/// Whether one domain is the other or lies below it, label by label.
#[must_use]
pub fn is_within(domain: &str, above: &str) -> bool {
    // Every service is held against every entry: nothing is copied for it.
    let [domain, above] = [domain, above].map(|it| it.trim_end_matches('.').as_bytes());
    let Some(rest) = domain.len().checked_sub(above.len()) else {
        return false;
    };
    let (rest, end) = domain.split_at(rest);
    !above.is_empty()
        && end.eq_ignore_ascii_case(above)
        && (rest.is_empty() || rest.ends_with(b"."))
}

/// What registries of countries give names below.
const SECOND_LEVELS: [&str; 18] = [
    "ac", "ad", "co", "com", "ed", "edu", "go", "gob", "gouv", "gov", "gr", "lg", "mil", "ne",
    "net", "nom", "or", "org",
];

/// Whether a domain can be one service's own: neither a whole top-level domain nor what registries give names
/// below (`co.jp`), no address, and nothing that is no domain at all.
#[must_use]
pub fn belongs_to_one(domain: &str) -> bool {
    let domain = domain.strip_suffix('.').unwrap_or(domain);
    let domain = domain.to_ascii_lowercase();
    let labels: Vec<&str> = domain.split('.').collect();
    let (Some(last), true) = (labels.last(), labels.len() > 1) else {
        return false;
    };
    let of_a_name = |it: char| !it.is_ascii() || it.is_ascii_alphanumeric() || "-_".contains(it);
    let is_label = |it: &&str| !it.is_empty() && it.chars().all(of_a_name);
    let whole_registry = labels.len() == 2 && last.len() == 2 && SECOND_LEVELS.contains(&labels[0]);
    let address = last.bytes().all(|byte| byte.is_ascii_digit());
    labels.iter().all(is_label) && !whole_registry && !address
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Fresh;

    fn line(text: &str) -> Line {
        Line::parse(text).unwrap()
    }

    fn sighting(units: &[u8], ways: &[Way]) -> Sighting {
        Sighting {
            service: line("zoom"),
            name: Name::ja(line("Zoom")),
            kind: line("conference"),
            domains: vec![line("zoom.us")],
            ways: ways.to_vec(),
            units: units.iter().map(|n| UnitId::new(Fresh([*n; 16]))).collect(),
            unattributed: false,
            sources: vec![line("dns")],
            first_at: Timestamp::from_millis(10),
            last_at: Timestamp::from_millis(20),
            times: 3,
            people: 1,
        }
    }

    #[test]
    fn more_of_the_same_adds_nothing_and_another_unit_or_way_does() {
        let known = sighting(&[1, 2], &[Way::Asked]);
        let mut more = sighting(&[2], &[Way::Asked]);
        more.times = 3_000;
        more.last_at = Timestamp::from_millis(99);
        assert!(!more.adds_to(&known));
        assert!(sighting(&[3], &[Way::Asked]).adds_to(&known));
        assert!(sighting(&[1], &[Way::Carried]).adds_to(&known));
        let both = sighting(&[3], &[Way::Carried]).with(&known);
        assert_eq!((both.units.len(), both.ways.len()), (3, 2));
        assert!(!sighting(&[3], &[Way::Carried]).adds_to(&both));
    }

    #[test]
    fn an_ending_that_many_share_belongs_to_no_service() {
        for domain in [
            "",
            "us",
            "com",
            "jp",
            "co.jp",
            "GO.jp.",
            "co.uk",
            ".us",
            "zoom..us",
            "*.zoom.us",
            "https://zoom.us",
            "zoom us.example",
            "192.0.2.7",
        ] {
            assert!(!belongs_to_one(domain), "{domain}");
        }
        for domain in [
            "zoom.us",
            "Zoom.US.",
            "example.co.jp",
            "co.example",
            "会議.jp",
            "t.co",
        ] {
            assert!(belongs_to_one(domain), "{domain}");
        }
    }

    #[test]
    fn a_domain_lies_within_another_at_a_border_between_labels() {
        for (domain, above, within) in [
            ("zoom.us", "zoom.us", true),
            ("us02web.ZOOM.us.", "zoom.us", true),
            ("notzoom.us", "zoom.us", false),
            ("zoom.us.evil.example", "zoom.us", false),
            ("zoom.us", "us02web.zoom.us", false),
            ("zoom.us", "", false),
        ] {
            assert_eq!(is_within(domain, above), within, "{domain} {above}");
        }
    }
}
