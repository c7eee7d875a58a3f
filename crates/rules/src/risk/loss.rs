//! Annex, never the default: how much a year may cost, by frequency × lognormal loss, drawn from a seed. A
//! section has no data of losses and figures of yen invite false precision; it serves talks about budgets.

/// What a person estimates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LossModel {
    /// How often a year, on average.
    pub frequency: f64,
    /// The lower end of the 90 % interval of one loss, in yen.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
    /// The seed: the same seed gives the same figures.
    pub seed: u64,
    /// How many years are drawn.
    pub years: u32,
}

/// Why nothing is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LossFault {
    /// Frequency outside 0 to 365 a year.
    #[error("the frequency is not between 0 and 365 a year")]
    Frequency,
    /// The interval is empty, or reaches below one yen.
    #[error("the interval of a loss is not one")]
    Interval,
    /// Too few or too many years.
    #[error("between 100 and 100000 years are drawn")]
    Years,
    /// Too many losses over all years together.
    #[error("so many losses over so many years are not drawn at once")]
    Draws,
}

/// Most losses and years that are drawn at once, so that an answer takes a fraction of a second.
pub const LOSS_DRAWS: f64 = 2_000_000.0;

/// Hundredths of the years, none and all of them included.
pub const LOSS_SHARES: usize = 101;

/// What was drawn, in yen a year.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Loss {
    /// The mean.
    pub mean: f64,
    /// Half of the years stay below.
    pub median: f64,
    /// Nineteen years of twenty stay below.
    pub p95: f64,
    /// By place: what so many years of a hundred stay below.
    pub shares: [f64; LOSS_SHARES],
}

/// The 95th percentile of the standard normal distribution.
const Z95: f64 = 1.644_853_626_951_472_2;

/// Splitmix64: small, and the same on every machine.
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Uniform over (0, 1): never 0, whose logarithm is none.
    #[allow(clippy::cast_precision_loss)] // 53 bits are exact.
    fn uniform(&mut self) -> f64 {
        ((self.next() >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }

    /// Standard normal, by Box and Muller.
    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.uniform().ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }

    /// How many events a year has, by waiting times between them.
    fn events(&mut self, frequency: f64) -> u32 {
        let (mut at, mut count) = (0.0, 0);
        if frequency <= 0.0 {
            return 0;
        }
        loop {
            at -= self.uniform().ln() / frequency;
            if at >= 1.0 {
                return count;
            }
            count += 1;
        }
    }
}

/// Draws years.
///
/// # Errors
/// [`LossFault`] where what is estimated cannot be drawn from.
pub fn simulate(model: LossModel) -> Result<Loss, LossFault> {
    if !(0.0..=365.0).contains(&model.frequency) {
        return Err(LossFault::Frequency);
    }
    if !(model.low >= 1.0 && model.low <= model.high && model.high.is_finite()) {
        return Err(LossFault::Interval);
    }
    if !(100..=100_000).contains(&model.years) {
        return Err(LossFault::Years);
    }
    // A year without a loss takes a number too.
    if f64::from(model.years) * (model.frequency + 1.0) > LOSS_DRAWS {
        return Err(LossFault::Draws);
    }
    let middle = f64::midpoint(model.low.ln(), model.high.ln());
    let spread = (model.high.ln() - model.low.ln()) / (2.0 * Z95);
    let mut draw = Draw(model.seed);
    let mut years: Vec<f64> = (0..model.years)
        .map(|_| {
            let events = draw.events(model.frequency);
            (0..events)
                .map(|_| (middle + spread * draw.normal()).exp())
                .sum()
        })
        .collect();
    years.sort_by(f64::total_cmp);
    let place = |share: usize| years[(years.len() * share / 100).min(years.len() - 1)];
    Ok(Loss {
        mean: years.iter().sum::<f64>() / f64::from(model.years),
        median: place(50),
        p95: place(95),
        shares: std::array::from_fn(place),
    })
}
