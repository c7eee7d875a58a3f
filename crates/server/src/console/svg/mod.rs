//! Charts, drawn as SVG on the server. Colours come from the stylesheet by class, patterns tell
//! the series apart without colour, and every chart has its numbers beside it as text.

mod bar;
mod qr;
mod ring;
mod spark;
mod trend;

pub use bar::{VerdictCounts, stacked_bar};
pub use qr::{qr_code, qr_in_characters};
pub use ring::ring;
pub use spark::sparkline;
pub use trend::{Day, trend};
