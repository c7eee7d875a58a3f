//! QR codes.

use std::fmt::Write as _;

use maud::{Markup, html};
use qrcode::{EcLevel, QrCode};

/// A QR code of a text (at most about 2,300 bytes), dark on light whatever the colour scheme,
/// because readers need it so. None when the text is too long.
#[must_use]
pub fn qr_code(text: &str, label: &str) -> Option<Markup> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let width = code.width();
    let mut dark = String::new();
    for (index, color) in code.to_colors().into_iter().enumerate() {
        if color == qrcode::Color::Dark {
            // Writing to a String cannot fail.
            let _ = write!(dark, "M{} {}h1v1h-1z", index % width + 4, index / width + 4);
        }
    }
    let size = width + 8;
    Some(html! {
        svg class="qr" viewBox={ "0 0 " (size) " " (size) } width="208" height="208" role="img"
            aria-label=(label) shape-rendering="crispEdges" {
            rect width=(size) height=(size) fill="#ffffff" {}
            path d=(dark) fill="#000000" {}
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_does_not_fit_gives_none() {
        assert!(qr_code("otpauth://totp/x", "x").is_some());
        assert!(qr_code(&"x".repeat(3000), "x").is_none());
    }
}
