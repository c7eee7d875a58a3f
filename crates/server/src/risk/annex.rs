//! The annex as it is asked for: what was entered, read and drawn. Nothing of it is kept.

use sekisho_rules::risk::{Loss, LossFault, LossModel, simulate};

/// What is entered, by the name of its field.
pub const LOSS_FIELDS: [&str; 5] = ["frequency", "low", "high", "years", "seed"];
/// How many years are drawn, and from which seed, unless said.
const YEARS: &str = "10000";
const SEED: &str = "1";
/// Most yen of one loss, and of a year that is told in figures.
const YEN_MAX: f64 = 1e13;
const TOLD_MAX: f64 = 1e15;

/// A field and the code of what is wrong with it.
pub type LossWrong = (&'static str, &'static str);

/// What is entered, as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LossAsked {
    /// How often a year.
    pub frequency: String,
    /// The lower end of the 90 % interval of one loss, in yen.
    pub low: String,
    /// Its upper end.
    pub high: String,
    /// How many years.
    pub years: String,
    /// The seed.
    pub seed: String,
}

impl LossAsked {
    /// What is entered, field by field; what usually stands in those that were left out.
    #[must_use]
    pub fn of(entered: impl Fn(&str) -> Option<String>) -> Self {
        let of = |name: &str, usual: &str| {
            let text = entered(name).map(|it| it.trim().to_owned());
            let text = text.filter(|it| !it.is_empty());
            text.unwrap_or_else(|| usual.to_owned())
        };
        Self {
            frequency: of("frequency", ""),
            low: of("low", ""),
            high: of("high", ""),
            years: of("years", YEARS),
            seed: of("seed", SEED),
        }
    }

    /// What is entered in a field.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        match name {
            "frequency" => &self.frequency,
            "low" => &self.low,
            "high" => &self.high,
            "years" => &self.years,
            _ => &self.seed,
        }
    }

    /// Reads what is entered and draws the years.
    ///
    /// # Errors
    /// All that is wrong, with the field that it is about.
    pub fn draw(&self) -> Result<(LossModel, Loss), Vec<LossWrong>> {
        let mut wrong: Vec<LossWrong> = Vec::new();
        let frequency = self.frequency.parse::<f64>().ok();
        let frequency = frequency.filter(|it| (0.0..=365.0).contains(it));
        if frequency.is_none() {
            wrong.push(("frequency", "risk.loss-frequency"));
        }
        let (low, high) = (yen(&self.low), yen(&self.high));
        for (name, read) in [("low", low), ("high", high)] {
            if read.is_none() {
                wrong.push((name, "risk.loss-yen"));
            }
        }
        if low.zip(high).is_some_and(|(low, high)| low > high) {
            wrong.push(("high", "risk.loss-interval"));
        }
        let years = self.years.replace(',', "").parse::<u32>().ok();
        if years.is_none() {
            wrong.push(("years", "risk.loss-years"));
        }
        let seed = self.seed.parse::<u64>().ok();
        if seed.is_none() {
            wrong.push(("seed", "risk.loss-seed"));
        }
        let (Some(frequency), Some(low), Some(high), Some(years), Some(seed), true) =
            (frequency, low, high, years, seed, wrong.is_empty())
        else {
            return Err(wrong);
        };
        let model = LossModel {
            frequency,
            low,
            high,
            seed,
            years,
        };
        let drawn = simulate(model).map_err(|fault| vec![told(fault)])?;
        Ok((model, drawn))
    }
}

const fn told(fault: LossFault) -> LossWrong {
    match fault {
        LossFault::Frequency => ("frequency", "risk.loss-frequency"),
        LossFault::Interval => ("high", "risk.loss-interval"),
        LossFault::Years => ("years", "risk.loss-years"),
        LossFault::Draws => ("years", "risk.loss-draws"),
    }
}

/// An amount in whole yen, with or without commas.
fn yen(text: &str) -> Option<f64> {
    let digits = text.replace(',', "");
    let is_whole = (1..=14).contains(&digits.len()) && digits.bytes().all(|it| it.is_ascii_digit());
    let amount = is_whole.then(|| digits.parse::<f64>().ok()).flatten();
    amount.filter(|it| (1.0..=YEN_MAX).contains(it))
}

/// An amount as it is told; none where it is more than is told in figures.
#[must_use]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Within the bounds just asked.
pub fn whole_yen(amount: f64) -> Option<u64> {
    let whole = amount.round();
    (0.0..=TOLD_MAX).contains(&whole).then_some(whole as u64)
}

/// An amount to three figures: more would pretend to know more.
#[must_use]
pub fn three_figures(amount: u64) -> u64 {
    let beyond = amount.checked_ilog10().unwrap_or(0).saturating_sub(2);
    let step = 10u64.pow(beyond);
    (amount + step / 2) / step * step
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(fields: [&str; 5]) -> LossAsked {
        LossAsked::of(|name| {
            let place = LOSS_FIELDS.iter().position(|it| *it == name)?;
            Some(fields[place].to_owned())
        })
    }

    #[test]
    fn all_that_is_wrong_is_told_at_its_field() {
        let wrong = |fields| asked(fields).draw().unwrap_err();
        assert_eq!(
            wrong(["NaN", "0", "1.5", "-1", "x"]),
            [
                ("frequency", "risk.loss-frequency"),
                ("low", "risk.loss-yen"),
                ("high", "risk.loss-yen"),
                ("years", "risk.loss-years"),
                ("seed", "risk.loss-seed"),
            ]
        );
        let one = |fields| wrong(fields)[0];
        assert_eq!(one(["1", "20", "10", "", ""]).1, "risk.loss-interval");
        assert_eq!(one(["1", "10", "20", "99", ""]).1, "risk.loss-years");
        assert_eq!(one(["365", "10", "20", "100,000", ""]).1, "risk.loss-draws");
        assert_eq!(one(["inf", "10", "20", "", ""]).0, "frequency");
        assert_eq!(one(["1", "10", "99,999,999,999,999", "", ""]).0, "high");
    }

    #[test]
    fn what_is_left_out_is_what_usually_stands() {
        let (model, drawn) = asked(["0.5", "1,000", "9000", " ", ""]).draw().unwrap();
        assert_eq!((model.years, model.seed), (10_000, 1));
        let again = asked(["0.50", "1000", "9,000", "10000", "1"]).draw();
        assert_eq!(again, Ok((model, drawn)));
    }

    #[test]
    fn amounts_are_told_to_three_figures_and_not_beyond_what_is_told() {
        for (amount, told) in [(0, 0), (999, 999), (1_234, 1_230), (99_950, 100_000)] {
            assert_eq!(three_figures(amount), told, "{amount}");
        }
        assert_eq!(whole_yen(1.4), Some(1));
        assert_eq!(whole_yen(-0.0), Some(0));
        assert_eq!(whole_yen(2e15), None);
        assert_eq!(whole_yen(f64::INFINITY), None);
        assert_eq!(whole_yen(f64::NAN), None);
    }
}
