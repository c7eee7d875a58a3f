//! Reproducible pseudo-random numbers (SplitMix64). Never for secrets of real use.

use sekisho_domain::id::Fresh;

/// A stream of numbers that depends on its seed alone.
#[derive(Clone, Debug)]
pub struct SplitMix64(u64);

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

const fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

impl SplitMix64 {
    /// The stream of a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A stream of its own for each label and number, so that adding draws to one part of a
    /// ministry leaves the others as they were.
    #[must_use]
    pub fn fork(seed: u64, label: &str, number: u64) -> Self {
        let start = mix(seed.wrapping_add(GOLDEN)) ^ mix(number.wrapping_mul(GOLDEN));
        Self(label.bytes().fold(start, |state, byte| {
            mix(state ^ u64::from(byte)).wrapping_add(GOLDEN)
        }))
    }

    /// The next number.
    pub const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        mix(self.0)
    }

    /// A number below `bound`; 0 when that is 0.
    pub const fn below(&mut self, bound: u32) -> u32 {
        // The high half times the bound: the remainder would be skewed towards small numbers.
        (((self.next() >> 32) * bound as u64) >> 32) as u32
    }

    /// True so many times in a thousand.
    pub const fn chance(&mut self, per_mille: u32) -> bool {
        self.below(1000) < per_mille
    }

    /// One of several; none of nothing.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        let count = u32::try_from(of.len()).unwrap_or(u32::MAX);
        of.get(self.below(count) as usize)
    }

    /// `N` bytes.
    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        for chunk in bytes.chunks_mut(8) {
            let next = self.next().to_be_bytes();
            chunk.copy_from_slice(&next[..chunk.len()]);
        }
        bytes
    }

    /// What an identifier is made of.
    pub fn fresh(&mut self) -> Fresh {
        Fresh(self.bytes())
    }

    /// Puts a list into another order.
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for last in (1..list.len()).rev() {
            let bound = u32::try_from(last + 1).unwrap_or(u32::MAX);
            list.swap(last, self.below(bound) as usize);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_is_that_of_the_published_algorithm() {
        // First outputs for seed 1234567 of the reference implementation in C.
        let mut stream = SplitMix64::new(1_234_567);
        let first: [u64; 3] = [stream.next(), stream.next(), stream.next()];
        assert_eq!(
            first,
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423
            ]
        );
    }

    #[test]
    fn streams_of_other_labels_and_numbers_differ() {
        let first = |label, number| SplitMix64::fork(7, label, number).next();
        assert_ne!(first("person", 0), first("person", 1));
        assert_ne!(first("person", 0), first("device", 0));
        assert_eq!(first("person", 3), first("person", 3));
    }

    #[test]
    fn numbers_below_a_bound_reach_every_value_evenly() {
        let mut stream = SplitMix64::new(1);
        let mut seen = [0_u32; 10];
        for _ in 0..10_000 {
            seen[stream.below(10) as usize] += 1;
        }
        assert!(
            seen.iter().all(|count| (800..1200).contains(count)),
            "{seen:?}"
        );
        assert_eq!(stream.below(0), 0);
    }
}
