//! Count tiles: one large number, what it counts, and a line about it.

use maud::{Markup, html};

/// One tile.
#[derive(Clone, Debug)]
pub struct Tile {
    /// What is counted.
    pub label: Markup,
    /// The number.
    pub value: String,
    /// What stands small after the number: a counter word, or “of 149”.
    pub unit: String,
    /// A line below.
    pub note: Markup,
    /// Where the counted things are listed.
    pub href: Option<String>,
}

/// A row of tiles.
#[must_use]
pub fn tiles(list: &[Tile]) -> Markup {
    html! {
        ul class="tiles" {
            @for tile in list {
                li class="tile" {
                    p class="tile-label" {
                        @if let Some(href) = &tile.href { a href=(href) { (tile.label) } }
                        @else { (tile.label) }
                    }
                    p class="tile-value" {
                        span class="tile-number" { (tile.value) }
                        span class="tile-unit" { (tile.unit) }
                    }
                    p class="tile-note" { (tile.note) }
                }
            }
        }
    }
}
