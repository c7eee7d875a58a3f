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

/// The same for a terminal, two rows to a line, light modules as blocks: terminals are dark. None when
/// the text is too long.
#[must_use]
pub fn qr_in_characters(text: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
    let (width, colors) = (code.width(), code.to_colors());
    let quiet = 2;
    // Outside of the code everything is light.
    let is_light = |x: usize, y: usize| {
        let inside = |at: usize| at.checked_sub(quiet).filter(|at| *at < width);
        let module = inside(x).zip(inside(y)).map(|(x, y)| y * width + x);
        module.is_none_or(|at| colors[at] == qrcode::Color::Light)
    };
    let size = width + 2 * quiet;
    let mut lines = String::new();
    for y in (0..size).step_by(2) {
        for x in 0..size {
            lines.push(match (is_light(x, y), is_light(x, y + 1)) {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                (false, false) => ' ',
            });
        }
        lines.push('\n');
    }
    Some(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_characters_it_is_as_wide_as_the_code_and_half_as_high() {
        let text = "https://sekisho.example.go.jp/telephone#secret";
        let lines: Vec<usize> = qr_in_characters(text)
            .unwrap()
            .lines()
            .map(|line| line.chars().count())
            .collect();
        assert!(lines.iter().all(|width| *width == lines[0]), "{lines:?}");
        assert_eq!(lines.len(), lines[0].div_ceil(2));
        assert!(qr_in_characters(&"x".repeat(4000)).is_none());
    }

    #[test]
    fn a_text_that_does_not_fit_gives_none() {
        assert!(qr_code("otpauth://totp/x", "x").is_some());
        assert!(qr_code(&"x".repeat(3000), "x").is_none());
    }
}
