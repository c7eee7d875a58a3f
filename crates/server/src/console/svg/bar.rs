//! One horizontal bar, divided by verdict.

use maud::{Markup, html};
use sekisho_domain::verdict::Verdict;
use sekisho_messages::{Lang, number};

use crate::console::words;

/// How many rows or subjects got which verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VerdictCounts {
    /// Met.
    pub met: u32,
    /// Attested.
    pub attested: u32,
    /// Not applicable.
    pub not_applicable: u32,
    /// Unknown.
    pub unknown: u32,
    /// Not met.
    pub not_met: u32,
}

impl VerdictCounts {
    /// The order in which charts stack the verdicts: what is settled first, what fails last.
    pub const ORDER: [Verdict; 5] = [
        Verdict::Met,
        Verdict::Attested,
        Verdict::NotApplicable,
        Verdict::Unknown,
        Verdict::NotMet,
    ];

    /// The count of one verdict.
    #[must_use]
    pub const fn of(&self, verdict: Verdict) -> u32 {
        match verdict {
            Verdict::Met => self.met,
            Verdict::NotMet => self.not_met,
            Verdict::Attested => self.attested,
            Verdict::NotApplicable => self.not_applicable,
            Verdict::Unknown => self.unknown,
        }
    }

    /// Counts one more.
    pub const fn add(&mut self, verdict: Verdict) {
        let slot = match verdict {
            Verdict::Met => &mut self.met,
            Verdict::NotMet => &mut self.not_met,
            Verdict::Attested => &mut self.attested,
            Verdict::NotApplicable => &mut self.not_applicable,
            Verdict::Unknown => &mut self.unknown,
        };
        *slot = slot.saturating_add(1);
    }

    /// All of them.
    #[must_use]
    pub const fn total(&self) -> u32 {
        self.met + self.attested + self.not_applicable + self.unknown + self.not_met
    }

    /// The counts in words, for people who do not see the chart.
    #[must_use]
    pub fn describe(&self, lang: Lang) -> String {
        let separator = match lang {
            Lang::Ja => "、",
            Lang::En => ", ",
        };
        Self::ORDER
            .iter()
            .filter(|verdict| self.of(**verdict) > 0)
            .map(|verdict| {
                let count = number(i64::from(self.of(*verdict)));
                format!("{} {count}", words::verdict(lang, *verdict))
            })
            .collect::<Vec<_>>()
            .join(separator)
    }
}

/// The parts of a whole of `length`, in whole units, none that exists narrower than `least`.
/// They add up to `length`.
#[must_use]
pub(super) fn shares(counts: &VerdictCounts, length: u32, least: u32) -> Vec<(Verdict, u32)> {
    let total = u64::from(counts.total());
    if total == 0 {
        return Vec::new();
    }
    let mut parts: Vec<(Verdict, u32)> = VerdictCounts::ORDER
        .into_iter()
        .filter(|verdict| counts.of(*verdict) > 0)
        .map(|verdict| {
            let exact = u64::from(counts.of(verdict)) * u64::from(length) / total;
            (verdict, u32::try_from(exact).unwrap_or(length).max(least))
        })
        .collect();
    // What rounding and the least width took or left is settled with the widest part.
    let sum: u32 = parts.iter().map(|(_, share)| *share).sum();
    if let Some((_, widest)) = parts.iter_mut().max_by_key(|(_, share)| *share) {
        *widest = (*widest + length).saturating_sub(sum).max(least);
    }
    parts
}

/// A bar over the whole width, divided by verdict.
#[must_use]
pub fn stacked_bar(lang: Lang, counts: &VerdictCounts) -> Markup {
    let mut from = 0;
    html! {
        svg class="bar" viewBox="0 0 400 8" preserveAspectRatio="none" role="img" aria-label=(counts.describe(lang)) {
            rect class="bar-ground" width="400" height="8" {}
            @for (verdict, share) in shares(counts, 400, 4) {
                @let x = from;
                rect class={ "fill--" (verdict.code()) } x=(x) width=(share.saturating_sub(1)) height="8" {}
                @let () = from += share;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_parts_fill_the_bar(
            met in 0u32..500, attested in 0u32..500, not_applicable in 0u32..500,
            unknown in 0u32..500, not_met in 1u32..500,
        ) {
            let counts = VerdictCounts { met, attested, not_applicable, unknown, not_met };
            let parts = shares(&counts, 400, 4);
            prop_assert_eq!(parts.iter().map(|(_, share)| *share).sum::<u32>(), 400);
            prop_assert!(parts.iter().all(|(_, share)| *share >= 4));
        }
    }
}
