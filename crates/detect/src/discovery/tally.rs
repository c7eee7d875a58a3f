//! Who used which service on which day, how often and how much, in bounded memory.

use std::collections::HashMap;

use jiff::civil::Date;

/// Most combinations of service, client and day that are kept apart. What comes on top is counted
/// for the service and the day under [`Client::Others`]: nothing is lost, only the name of who it was.
pub const KEYS_MAX: usize = 500_000;
/// Longest name of a client or user that is kept, in bytes.
const NAME_MAX: usize = 255;

/// From where a service was used.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Client {
    /// By an address or the name of a device, and the person where the log knows.
    Known {
        /// Address or name.
        from: Box<str>,
        /// The person, as the log calls them.
        user: Option<Box<str>>,
    },
    /// By clients that are too many to be told apart.
    Others,
}

impl Client {
    /// The client of a line; its name is cut where it is longer than any name is.
    #[must_use]
    pub fn of(from: &str, user: Option<&str>) -> Self {
        let bounded = |text: &str| {
            let end = (0..=NAME_MAX.min(text.len()))
                .rev()
                .find(|at| text.is_char_boundary(*at));
            Box::from(&text[..end.unwrap_or(0)])
        };
        Self::Known {
            from: bounded(from),
            user: user.map(bounded),
        }
    }
}

/// What was used of a service by one client on one day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Use {
    /// Questions for its names.
    pub asked: u64,
    /// Answers to such questions.
    pub answered: u64,
    /// Bytes that passed, where the log counts them.
    pub bytes: u64,
    /// The first moment, in milliseconds since 1970.
    pub first: i64,
    /// The last moment.
    pub last: i64,
}

impl Use {
    /// How often: a log may hold questions, answers or both, and a question with its answer is one.
    #[must_use]
    pub fn times(&self) -> u64 {
        self.asked.max(self.answered)
    }

    fn add(&mut self, one: &Self) {
        if self.times() == 0 {
            (self.first, self.last) = (one.first, one.last);
        }
        self.asked = self.asked.saturating_add(one.asked);
        self.answered = self.answered.saturating_add(one.answered);
        self.bytes = self.bytes.saturating_add(one.bytes);
        self.first = self.first.min(one.first);
        self.last = self.last.max(one.last);
    }
}

/// One line of the result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    /// The number of the service in the catalogue.
    pub service: u16,
    /// The day, in the zone of the log.
    pub day: Date,
    /// Who.
    pub client: Client,
    /// How much.
    pub use_: Use,
}

/// The tally.
#[derive(Debug)]
pub struct Tally {
    kept: HashMap<(u16, Date, Client), Use>,
    keys_max: usize,
}

impl Default for Tally {
    fn default() -> Self {
        Self::bounded(KEYS_MAX)
    }
}

impl Tally {
    /// One that keeps so many combinations apart.
    #[must_use]
    pub fn bounded(keys_max: usize) -> Self {
        Self {
            kept: HashMap::new(),
            keys_max,
        }
    }

    /// Counts one use.
    pub fn add(&mut self, service: u16, day: Date, client: Client, one: &Use) {
        let mut key = (service, day, client);
        if self.kept.len() >= self.keys_max && !self.kept.contains_key(&key) {
            key.2 = Client::Others;
        }
        self.kept.entry(key).or_default().add(one);
    }

    /// Takes in what another has counted.
    pub fn absorb(&mut self, other: Self) {
        for ((service, day, client), use_) in other.kept {
            self.add(service, day, client, &use_);
        }
    }

    /// Everything that was counted, by service, day and client.
    #[must_use]
    pub fn into_sorted(self) -> Vec<Used> {
        let used = self
            .kept
            .into_iter()
            .map(|((service, day, client), use_)| Used {
                service,
                day,
                client,
                use_,
            });
        let mut used: Vec<Used> = used.collect();
        used.sort_unstable_by(|a, b| {
            (a.service, a.day, &a.client).cmp(&(b.service, b.day, &b.client))
        });
        used
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn one(at: i64, bytes: u64) -> Use {
        Use {
            asked: 1,
            answered: 0,
            bytes,
            first: at,
            last: at,
        }
    }

    #[test]
    fn what_is_too_much_to_keep_apart_is_still_counted() {
        let mut tally = Tally::bounded(3);
        let day = date(2026, 11, 29);
        for n in 0..10 {
            tally.add(
                0,
                day,
                Client::of(&format!("192.0.2.{n}"), None),
                &one(n, 7),
            );
            tally.add(0, day, Client::of("192.0.2.0", None), &one(n, 7));
        }
        let used = tally.into_sorted();
        assert_eq!(used.len(), 4);
        assert_eq!(used.iter().map(|it| it.use_.asked).sum::<u64>(), 20);
        assert_eq!(used.iter().map(|it| it.use_.bytes).sum::<u64>(), 140);
        let others = used.iter().find(|it| it.client == Client::Others).unwrap();
        assert_eq!(
            (others.use_.asked, others.use_.first, others.use_.last),
            (7, 3, 9)
        );
    }

    #[test]
    fn a_clock_that_runs_backwards_makes_the_stretch_no_shorter() {
        let mut tally = Tally::default();
        let day = date(2026, 11, 29);
        for at in [50, 10, 90, 40] {
            tally.add(0, day, Client::of("a", None), &one(at, 0));
        }
        let used = tally.into_sorted();
        assert_eq!((used[0].use_.first, used[0].use_.last), (10, 90));
    }

    #[test]
    fn long_names_are_cut_between_characters() {
        let Client::Known { from, .. } = Client::of(&"関".repeat(200), None) else {
            panic!("a name");
        };
        assert_eq!(from.len(), 255);
        assert!(from.chars().all(|it| it == '関'));
    }
}
