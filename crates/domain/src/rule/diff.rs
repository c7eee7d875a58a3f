//! What changed between two versions: clause by clause, and within a text character by character.
//!
//! Japanese is written without blanks between words, so texts are cut into runs of one kind of script: words
//! of Latin letters and digits stay whole, every other character stands alone.

use super::{Clause, ClauseNumber, RuleContent};

/// Most pieces of two texts that are compared one by one; beyond, the whole text counts as changed.
pub const DIFF_MAX: usize = 3_000;

/// What became of a clause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClauseChange<'a> {
    /// It is as it was.
    Same(&'a Clause),
    /// It came.
    Added(&'a Clause),
    /// It went.
    Removed(&'a Clause),
    /// Its text, its label or what it is bound to changed.
    Changed {
        /// As it was.
        before: &'a Clause,
        /// As it is.
        after: &'a Clause,
    },
}

impl ClauseChange<'_> {
    /// Of which clause.
    #[must_use]
    pub const fn number(&self) -> ClauseNumber {
        match self {
            Self::Same(it) | Self::Added(it) | Self::Removed(it) => it.number,
            Self::Changed { after, .. } => after.number,
        }
    }
}

/// What became of every clause: those of the later version in its order, then those that went.
#[must_use]
pub fn clause_changes<'a>(
    before: Option<&'a RuleContent>,
    after: &'a RuleContent,
) -> Vec<ClauseChange<'a>> {
    let known = |number| before.and_then(|before| before.clause(number));
    let kept = after
        .clauses
        .iter()
        .map(|clause| match known(clause.number) {
            None => ClauseChange::Added(clause),
            Some(was) if was == clause => ClauseChange::Same(clause),
            Some(was) => ClauseChange::Changed {
                before: was,
                after: clause,
            },
        });
    let gone = before.into_iter().flat_map(|before| &before.clauses);
    let gone = gone.filter(|clause| after.clause(clause.number).is_none());
    kept.chain(gone.map(ClauseChange::Removed)).collect()
}

/// A piece of a text, and what became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// It is in both.
    Same(&'a str),
    /// It came.
    Added(&'a str),
    /// It went.
    Removed(&'a str),
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric()
}

/// Cuts a text: words of Latin letters and digits whole, everything else by the character.
fn tokens(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut chars = text.char_indices().peekable();
    while let Some((begin, first)) = chars.next() {
        let mut end = begin + first.len_utf8();
        if is_word(first) {
            while let Some((at, next)) = chars.next_if(|(_, next)| is_word(*next)) {
                end = at + next.len_utf8();
            }
        }
        found.push(&text[begin..end]);
    }
    found
}

/// What changed from one text to another: pieces that read, without those that came, as the first, and
/// without those that went, as the second. Bounded: see [`DIFF_MAX`].
#[must_use]
pub fn text_pieces<'a>(before: &'a str, after: &'a str) -> Vec<Piece<'a>> {
    let (a, b) = (tokens(before), tokens(after));
    // What both begin and end with costs nothing to find, and leaves little to compare.
    let head = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let tail = a[head..].iter().rev().zip(b[head..].iter().rev());
    let tail = tail.take_while(|(x, y)| x == y).count();
    let (left, right) = (&a[head..a.len() - tail], &b[head..b.len() - tail]);
    let mut pieces: Vec<Piece<'a>> = a[..head].iter().copied().map(Piece::Same).collect();
    if left.len().max(right.len()) > DIFF_MAX {
        pieces.extend(left.iter().copied().map(Piece::Removed));
        pieces.extend(right.iter().copied().map(Piece::Added));
    } else {
        compare(left, right, &mut pieces);
    }
    pieces.extend(a[a.len() - tail..].iter().copied().map(Piece::Same));
    joined(before, after, &pieces)
}

/// The longest common subsequence, walked from the front.
fn compare<'a>(left: &[&'a str], right: &[&'a str], pieces: &mut Vec<Piece<'a>>) {
    let width = right.len() + 1;
    // DIFF_MAX fits in 16 bits, and a row of two bytes keeps the table below 20 MiB.
    let mut table = vec![0_u16; (left.len() + 1) * width];
    for i in (0..left.len()).rev() {
        for j in (0..right.len()).rev() {
            table[i * width + j] = if left[i] == right[j] {
                table[(i + 1) * width + j + 1] + 1
            } else {
                table[(i + 1) * width + j].max(table[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < left.len() && j < right.len() {
        if left[i] == right[j] {
            pieces.push(Piece::Same(left[i]));
            i += 1;
            j += 1;
        } else if table[(i + 1) * width + j] >= table[i * width + j + 1] {
            pieces.push(Piece::Removed(left[i]));
            i += 1;
        } else {
            pieces.push(Piece::Added(right[j]));
            j += 1;
        }
    }
    pieces.extend(left[i..].iter().copied().map(Piece::Removed));
    pieces.extend(right[j..].iter().copied().map(Piece::Added));
}

/// Neighbouring pieces of one kind become one; of a run of changes, what went comes first.
fn joined<'a>(before: &'a str, after: &'a str, pieces: &[Piece<'a>]) -> Vec<Piece<'a>> {
    let (mut at_before, mut at_after) = (0, 0);
    let mut found = Vec::new();
    let mut rest = pieces;
    while !rest.is_empty() {
        let same = rest.iter().take_while(|it| matches!(it, Piece::Same(_)));
        let bytes: usize = same.clone().map(length).sum();
        let count = same.count();
        if count > 0 {
            found.push(Piece::Same(&after[at_after..at_after + bytes]));
            at_before += bytes;
            at_after += bytes;
            rest = &rest[count..];
            continue;
        }
        let changed = rest.iter().take_while(|it| !matches!(it, Piece::Same(_)));
        let (mut gone, mut come, mut count) = (0, 0, 0);
        for piece in changed {
            count += 1;
            match piece {
                Piece::Removed(text) => gone += text.len(),
                Piece::Added(text) | Piece::Same(text) => come += text.len(),
            }
        }
        if gone > 0 {
            found.push(Piece::Removed(&before[at_before..at_before + gone]));
        }
        if come > 0 {
            found.push(Piece::Added(&after[at_after..at_after + come]));
        }
        at_before += gone;
        at_after += come;
        rest = &rest[count..];
    }
    found
}

const fn length(piece: &Piece<'_>) -> usize {
    match piece {
        Piece::Same(text) | Piece::Added(text) | Piece::Removed(text) => text.len(),
    }
}
