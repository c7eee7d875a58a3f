//! A line of a few values, without axes.

use std::fmt::Write as _;

use maud::{Markup, html};

/// A small line over the values, oldest first; `label` says in words what it shows.
#[must_use]
pub fn sparkline(values: &[u32], label: &str) -> Markup {
    let (Some(first), Some(most)) = (values.first(), values.iter().max()) else {
        return html! {};
    };
    let most = u64::from((*most).max(1));
    let steps = u64::try_from(values.len().saturating_sub(1).max(1)).unwrap_or(1);
    let height = |value: u32| 26 - u64::from(value) * 24 / most;
    let mut line = format!("M2 {}", height(*first));
    for (step, value) in (0u64..).zip(values).skip(1) {
        // Writing to a String cannot fail.
        let _ = write!(line, "L{} {}", 2 + step * 96 / steps, height(*value));
    }
    html! {
        svg class="spark" viewBox="0 0 100 28" width="100" height="28" role="img" aria-label=(label) {
            path d=(line) fill="none" {}
        }
    }
}
