//! Finding the bytes of a JSON string that are not plain text: 64 bytes at a time.
//!
//! Strings are most of a record, and a string ends at its first such byte. One look at 64 bytes
//! answers for every string in them, however short they are.

/// The bytes looked at together.
const WIDTH: usize = 64;

/// Remembers what the last 64 bytes looked at hold.
pub(super) struct Specials {
    /// The place of those bytes, counted in 64 bytes; none at first.
    window: usize,
    /// A bit for each of them that is special.
    mask: u64,
}

impl Specials {
    pub(super) const fn new() -> Self {
        Self {
            window: usize::MAX,
            mask: 0,
        }
    }

    /// The next place from `at` on with a quote, a backslash or a control character, or the end.
    #[inline(always)]
    pub(super) fn next(&mut self, bytes: &[u8], mut at: usize) -> usize {
        loop {
            let window = at / WIDTH;
            if window != self.window {
                if at >= bytes.len() {
                    return bytes.len();
                }
                self.mask = look(bytes, window * WIDTH);
                self.window = window;
            }
            let rest = self.mask >> (at % WIDTH);
            if rest != 0 {
                // Below 64, so the widening loses nothing.
                return at + rest.trailing_zeros() as usize;
            }
            at = (window + 1) * WIDTH;
        }
    }
}

/// The mask of the 64 bytes from `from` on. What lies behind the end counts as special. Not inlined,
/// so that what most strings need stays short.
#[inline(never)]
fn look(bytes: &[u8], from: usize) -> u64 {
    let rest = &bytes[from..];
    if let Some(chunk) = rest.first_chunk() {
        return mask(chunk);
    }
    let mut padded = [0; WIDTH];
    padded[..rest.len()].copy_from_slice(rest);
    mask(&padded)
}

/// A bit for each special byte. In two steps, because compilers make the first into comparisons of
/// whole vectors.
#[inline(always)]
fn mask(chunk: &[u8; WIDTH]) -> u64 {
    /// Moves the lowest bits of eight bytes side by side into the highest byte.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let flags = chunk.map(|byte| u8::from((byte < 0x20) | (byte == b'"') | (byte == b'\\')));
    let (words, _) = flags.as_chunks::<8>();
    words.iter().rev().fold(0, |mask, &word| {
        mask << 8 | u64::from_le_bytes(word).wrapping_mul(GATHER) >> 56
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_byte_is_told_apart_at_every_place() {
        for byte in 0..=u8::MAX {
            for at in 0..WIDTH {
                let mut chunk = [b'a'; WIDTH];
                chunk[at] = byte;
                let expected = u64::from(byte < 0x20 || b"\"\\".contains(&byte)) << at;
                assert_eq!(mask(&chunk), expected, "{byte:#x} at {at}");
            }
        }
    }

    proptest! {
        #[test]
        fn plain_runs_end_where_they_should(
            bytes in proptest::collection::vec(prop_oneof![4 => Just(b'a'), 1 => any::<u8>()], 0..300),
            mut places in proptest::collection::vec(0usize..320, 1..8),
        ) {
            places.sort_unstable();
            let mut specials = Specials::new();
            for at in places {
                let naive = (at..bytes.len())
                    .find(|&i| bytes[i] < 0x20 || bytes[i] == b'"' || bytes[i] == b'\\')
                    .unwrap_or(bytes.len());
                prop_assert_eq!(specials.next(&bytes, at).min(bytes.len()), naive);
            }
        }
    }
}
