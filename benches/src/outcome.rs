//! What a benchmark says: measured figures, each beside its target where it has one.

use std::fmt;

/// The figures of one subject.
#[derive(Default)]
pub struct Outcome {
    lines: Vec<Line>,
}

/// The side of the bound on which a figure must lie.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Target {
    /// Only shown, such as a baseline.
    None,
    /// At least this.
    AtLeast(f64),
    /// At most this.
    AtMost(f64),
}

struct Line {
    name: String,
    value: f64,
    unit: &'static str,
    target: Target,
}

impl Outcome {
    /// No figures yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a figure.
    pub fn figure(&mut self, name: &str, value: f64, unit: &'static str, target: Target) {
        self.lines.push(Line {
            name: name.to_owned(),
            value,
            unit,
            target,
        });
    }

    /// How many figures lie on the wrong side of their target. A figure that is no number does.
    pub fn missed(&self) -> usize {
        self.lines.iter().filter(|line| !line.held()).count()
    }
}

impl Line {
    fn held(&self) -> bool {
        match self.target {
            Target::None => self.value.is_finite(),
            Target::AtLeast(bound) => self.value >= bound,
            Target::AtMost(bound) => self.value <= bound,
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.lines {
            let Line {
                name,
                value,
                unit,
                target,
            } = line;
            write!(out, "   {name}: {value:.3} {unit}")?;
            match target {
                Target::None => {}
                Target::AtLeast(bound) => write!(out, " (at least {bound} {unit})")?,
                Target::AtMost(bound) => write!(out, " (at most {bound} {unit})")?,
            }
            writeln!(out, "{}", if line.held() { "" } else { "  MISSED" })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wrong_side_of_a_target_is_missed() {
        for (value, target, missed) in [
            (1.0, Target::AtLeast(1.0), 0),
            (0.9, Target::AtLeast(1.0), 1),
            (1.0, Target::AtMost(1.0), 0),
            (1.1, Target::AtMost(1.0), 1),
            (1.0, Target::None, 0),
            (f64::NAN, Target::None, 1),
            (f64::NAN, Target::AtLeast(0.0), 1),
            (f64::NAN, Target::AtMost(9.0), 1),
        ] {
            let mut outcome = Outcome::new();
            outcome.figure("a", value, "s", target);
            assert_eq!(outcome.missed(), missed, "{value} {target:?}");
            assert_eq!(outcome.to_string().contains("MISSED"), missed == 1);
        }
    }
}
