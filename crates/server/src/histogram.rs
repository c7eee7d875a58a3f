//! Counts of values by upper bound, as Prometheus reads them. Bounds are fixed, so that the number
//! of series is.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Upper bounds of durations, in microseconds: 0.1 ms to 10 s.
pub(crate) const DURATIONS: &[u64] = &[
    100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000,
    1_000_000, 2_500_000, 10_000_000,
];

/// Upper bounds of numbers of things in a batch.
pub(crate) const SIZES: &[u64] = &[1, 2, 4, 8, 16, 32, 64, 128];

/// Values counted by bound. Observing takes no lock.
#[derive(Debug)]
pub(crate) struct Histogram {
    bounds: &'static [u64],
    /// One for each bound, and one for what lies above all of them.
    counts: Vec<AtomicU64>,
    sum: AtomicU64,
}

impl Histogram {
    /// Nothing counted yet.
    pub(crate) fn new(bounds: &'static [u64]) -> Self {
        Self {
            bounds,
            counts: (0..=bounds.len()).map(|_| AtomicU64::new(0)).collect(),
            sum: AtomicU64::new(0),
        }
    }

    /// Counts a value.
    pub(crate) fn observe(&self, value: u64) {
        let at = self.bounds.partition_point(|bound| *bound < value);
        self.counts[at].fetch_add(1, Ordering::Relaxed);
        self.sum.fetch_add(value, Ordering::Relaxed);
    }

    /// Counts a duration, in microseconds.
    pub(crate) fn took(&self, duration: Duration) {
        self.observe(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX));
    }

    /// Writes the series `name` with `labels` (`name="value"`, or nothing); bounds and sum are
    /// divided by `unit`.
    pub(crate) fn write(&self, out: &mut String, name: &str, labels: &str, unit: u64) {
        let comma = if labels.is_empty() { "" } else { "," };
        let braces = match labels {
            "" => String::new(),
            labels => format!("{{{labels}}}"),
        };
        let mut count = 0;
        for (at, counted) in self.counts.iter().enumerate() {
            count += counted.load(Ordering::Relaxed);
            let bound = self
                .bounds
                .get(at)
                .map_or_else(|| "+Inf".to_owned(), |bound| divided(*bound, unit));
            // Writing to a String cannot fail.
            let _ = writeln!(
                out,
                "{name}_bucket{{{labels}{comma}le=\"{bound}\"}} {count}"
            );
        }
        let sum = divided(self.sum.load(Ordering::Relaxed), unit);
        let _ = writeln!(
            out,
            "{name}_sum{braces} {sum}\n{name}_count{braces} {count}"
        );
    }
}

/// A value in another unit, in its shortest form.
fn divided(value: u64, unit: u64) -> String {
    match unit {
        1 => value.to_string(),
        // Below 2^53 microseconds, which are 285 years, nothing is lost.
        unit => (value as f64 / unit as f64).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_counted_up_to_and_including_their_bound() {
        let histogram = Histogram::new(&[1_000, 2_500]);
        for micros in [1, 1_000, 1_001, 2_501] {
            histogram.took(Duration::from_micros(micros));
        }
        let mut text = String::new();
        histogram.write(&mut text, "x", "part=\"a\"", 1_000_000);
        let expected = "x_bucket{part=\"a\",le=\"0.001\"} 2\n\
             x_bucket{part=\"a\",le=\"0.0025\"} 3\n\
             x_bucket{part=\"a\",le=\"+Inf\"} 4\n\
             x_sum{part=\"a\"} 0.004503\n\
             x_count{part=\"a\"} 4\n";
        assert_eq!(text, expected);
        let sizes = Histogram::new(&[1, 2]);
        sizes.observe(2);
        let mut text = String::new();
        sizes.write(&mut text, "n", "", 1);
        let expected = "n_bucket{le=\"1\"} 0\nn_bucket{le=\"2\"} 1\nn_bucket{le=\"+Inf\"} 1\nn_sum 2\nn_count 1\n";
        assert_eq!(text, expected);
    }
}
