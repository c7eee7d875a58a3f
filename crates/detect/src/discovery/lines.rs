//! Cuts a stream of bytes into lines, in bounded memory, and knows how far it is.

/// Longest line that is looked at, in bytes. A longer one is skipped without being kept.
pub const LINE_MAX: usize = 64 << 10;

/// What stood between two newlines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut<'a> {
    /// A line, without its end.
    Line(&'a [u8]),
    /// A line that was longer than [`LINE_MAX`].
    TooLong,
}

/// The cutter. Lines may be cut anywhere by the chunks that bring them.
#[derive(Debug, Default)]
pub struct Lines {
    /// The beginning of a line whose end has not come yet.
    carry: Vec<u8>,
    /// The line under way is too long already.
    overlong: bool,
    /// Bytes of lines that have ended.
    done: u64,
    /// Bytes of the line under way.
    pending: u64,
}

impl Lines {
    /// Takes the next bytes and tells of every line that ends in them.
    pub fn feed(&mut self, mut chunk: &[u8], mut each: impl FnMut(Cut<'_>)) {
        while let Some(end) = memchr::memchr(b'\n', chunk) {
            let (head, rest) = (&chunk[..end], &chunk[end + 1..]);
            if self.pending == 0 {
                // The usual case: a whole line of this chunk, looked at where it stands.
                each(cut(head));
            } else {
                self.keep(head);
                each(if self.overlong {
                    Cut::TooLong
                } else {
                    cut(&self.carry)
                });
            }
            self.done += self.pending_of(head) + 1;
            self.begin();
            chunk = rest;
        }
        self.keep(chunk);
        self.pending += chunk.len() as u64;
    }

    /// Tells of the last line where it has no end, for a file to which nothing is added any more.
    pub fn finish(&mut self, mut each: impl FnMut(Cut<'_>)) {
        if self.pending > 0 {
            each(if self.overlong {
                Cut::TooLong
            } else {
                cut(&self.carry)
            });
            self.done += self.pending;
            self.begin();
        }
    }

    /// Bytes of whole lines so far: where reading can go on later.
    #[must_use]
    pub fn done(&self) -> u64 {
        self.done
    }

    /// Bytes of a line that has not ended.
    #[must_use]
    pub fn pending(&self) -> u64 {
        self.pending
    }

    fn pending_of(&self, head: &[u8]) -> u64 {
        self.pending + head.len() as u64
    }

    fn begin(&mut self) {
        self.carry.clear();
        self.overlong = false;
        self.pending = 0;
    }

    fn keep(&mut self, bytes: &[u8]) {
        if self.overlong || self.carry.len() + bytes.len() > LINE_MAX {
            self.overlong = true;
            self.carry.clear();
        } else {
            self.carry.extend_from_slice(bytes);
        }
    }
}

fn cut(line: &[u8]) -> Cut<'_> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.len() > LINE_MAX {
        Cut::TooLong
    } else {
        Cut::Line(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(chunks: &[&[u8]]) -> (Vec<Option<Vec<u8>>>, u64) {
        let mut lines = Lines::default();
        let mut told = Vec::new();
        let mut tell = |cut: Cut<'_>| match cut {
            Cut::Line(line) => told.push(Some(line.to_vec())),
            Cut::TooLong => told.push(None),
        };
        for chunk in chunks {
            lines.feed(chunk, &mut tell);
        }
        lines.finish(&mut tell);
        (told, lines.done())
    }

    #[test]
    fn a_line_longer_than_what_is_looked_at_is_told_and_not_kept() {
        let long = vec![b'a'; 3 * LINE_MAX];
        let mut lines = Lines::default();
        let mut told = Vec::new();
        for chunk in long.chunks(1000) {
            lines.feed(chunk, |_| panic!("no line has ended"));
            assert!(lines.carry.capacity() <= 2 * LINE_MAX);
        }
        lines.feed(b"\nshort\n", |cut| told.push(matches!(cut, Cut::TooLong)));
        assert_eq!(told, [true, false]);
        assert_eq!(lines.done(), long.len() as u64 + 7);
    }

    #[test]
    fn the_place_to_go_on_is_the_end_of_the_last_whole_line() {
        let mut lines = Lines::default();
        let mut told = 0;
        lines.feed(b"one\r\ntwo\nthr", |_| told += 1);
        assert_eq!((told, lines.done(), lines.pending()), (2, 9, 3));
    }

    proptest! {
        /// However the bytes are brought, the lines are the same.
        #[test]
        fn chunks_change_nothing(text in proptest::collection::vec(prop_oneof![Just(b'\n'), Just(b'\r'), any::<u8>()], 0..400), at in proptest::collection::vec(0_usize..400, 0..8)) {
            let mut at: Vec<usize> = at.into_iter().map(|it| it.min(text.len())).collect();
            at.sort_unstable();
            let mut chunks = Vec::new();
            let mut from = 0;
            for to in at {
                chunks.push(&text[from..to]);
                from = to;
            }
            chunks.push(&text[from..]);
            let (lines, done) = all(&chunks);
            prop_assert_eq!(&lines, &all(&[&text]).0);
            prop_assert_eq!(done, text.len() as u64);
            let whole: Vec<u8> = lines.into_iter().flatten().flat_map(|it| [it, vec![b'\n']].concat()).collect();
            let without = |bytes: &[u8]| bytes.iter().filter(|it| !b"\r\n".contains(it)).copied().collect::<Vec<u8>>();
            prop_assert_eq!(without(&whole), without(&text));
        }
    }
}
