//! What the subjects share: times in order, and the memory of this process.

/// Times of the same thing, in milliseconds.
#[derive(Clone, Debug, Default)]
pub struct Times(Vec<f64>);

impl Times {
    /// Notes one, in seconds.
    pub fn add(&mut self, seconds: f64) {
        self.0.push(seconds * 1_000.0);
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The time that so many in a hundred do not exceed; no number where there is none.
    #[must_use]
    pub fn at(&self, per_cent: usize) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let place = (sorted.len() * per_cent).div_ceil(100).saturating_sub(1);
        sorted.get(place).copied().unwrap_or(f64::NAN)
    }
}

impl FromIterator<f64> for Times {
    fn from_iter<I: IntoIterator<Item = f64>>(seconds: I) -> Self {
        let mut times = Self::default();
        seconds.into_iter().for_each(|it| times.add(it));
        times
    }
}

/// Bytes in GiB.
#[must_use]
pub fn gib(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 30)
}

/// A line of the process's status in bytes; 0 where the system does not say.
fn status(field: &str) -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    text.lines()
        .find_map(|line| {
            line.strip_prefix(field)?
                .split_whitespace()
                .nth(1)?
                .parse()
                .ok()
        })
        .map_or(0, |kib: u64| kib * 1024)
}

/// Bytes of this process in memory now.
#[must_use]
pub fn resident() -> u64 {
    status("VmRSS")
}

/// The most bytes that this process has had in memory.
#[must_use]
pub fn peak() -> u64 {
    status("VmHWM").max(resident())
}

/// Forgets the peak that earlier subjects left, where the system allows it.
pub fn reset_peak() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_in_a_hundred_do_not_exceed_the_figure() {
        let times: Times = (1..=200).map(|n| f64::from(n) / 1_000.0).collect();
        assert_eq!(
            (times.at(50), times.at(99), times.at(100)),
            (100.0, 198.0, 200.0)
        );
        let one: Times = [0.5].into_iter().collect();
        assert_eq!((one.at(50), one.at(99)), (500.0, 500.0));
        assert!(Times::default().at(50).is_nan());
    }
}
