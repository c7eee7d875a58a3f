//! A ring of shares with one number in its middle.

use maud::{Markup, html};
use sekisho_messages::Lang;

use super::bar::{VerdictCounts, shares};

/// The circumference is set to this many units by `pathLength`, so that shares are whole numbers.
const ROUND: u32 = 1000;

/// A ring divided by verdict; `middle` stands in it, `below` under that.
#[must_use]
pub fn ring(lang: Lang, counts: &VerdictCounts, middle: &str, below: &str) -> Markup {
    let mut from: u32 = 0;
    html! {
        svg class="ring" viewBox="0 0 120 120" width="120" height="120" role="img"
            aria-label=(counts.describe(lang)) {
            circle class="ring-ground" cx="60" cy="60" r="52" fill="none" stroke-width="12" {}
            g transform="rotate(-90 60 60)" {
                @for (verdict, share) in shares(counts, ROUND, 8) {
                    circle class={ "stroke--" (verdict.code()) } cx="60" cy="60" r="52"
                        fill="none" stroke-width="12" pathLength=(ROUND)
                        stroke-dasharray={ (share.saturating_sub(4)) " " (ROUND) }
                        stroke-dashoffset={ "-" (from) } {}
                    @let () = from += share;
                }
            }
            text class="ring-middle" x="60" y="62" text-anchor="middle" { (middle) }
            text class="ring-below" x="60" y="80" text-anchor="middle" { (below) }
        }
    }
}
