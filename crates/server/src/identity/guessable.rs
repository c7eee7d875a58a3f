//! Passwords that a guesser tries first (NIST SP 800-63B-4, 3.1.1.2: a blocklist of common, expected
//! and context-specific values).
//!
//! A list of whole passwords of twelve characters and more would be long and still miss
//! `Tokyo2026!!!`. So a password is taken apart: common words, words of this house, runs such as
//! `3456` or `qwer`, digits and signs are what a guesser puts together. What is made of hardly
//! anything else is refused, unless it is a phrase of several words.

use sekisho_domain::fold;

/// Words that people choose, as lists of leaked passwords show again and again, and those that lie near
/// at hand in a Japanese office: places, eras, months, surnames, titles.
const COMMON: &str = include_str!("guessable.txt");

/// Rows of the keyboard, along which fingers run.
const ROWS: &[&str] = &[
    "1234567890-",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
];

/// Letters that nothing explains must be at least so many.
const UNEXPLAINED_MIN: usize = 4;
/// A phrase of so many different common words is hard to guess all the same.
const WORDS_MIN: usize = 4;
/// The shortest run that counts as one.
const RUN_MIN: usize = 3;
/// The shortest word of this house that counts, in characters.
const WORD_MIN: usize = 2;

/// Whether a password is made of hardly anything but what a guesser tries first. `context` are words
/// of this house: the login, the person's and the organisation's name.
#[must_use]
pub fn is_guessable(password: &str, context: &[&str]) -> bool {
    let plain: Vec<char> = fold::width(password).to_lowercase().chars().collect();
    let undone: Vec<char> = plain.iter().copied().map(undisguised).collect();
    let mut words: Vec<Vec<char>> = COMMON
        .split_whitespace()
        .map(|word| word.chars().collect())
        .collect();
    for text in context.iter().chain(&["sekisho", "関所", "せきしょ"]) {
        words.extend(parts(text));
    }
    [plain, undone].iter().any(|text| {
        let found = taken_apart(text, &words);
        found.unexplained < UNEXPLAINED_MIN && found.words.len() < WORDS_MIN
    })
}

/// A word and its parts, as names and logins are written.
fn parts(text: &str) -> Vec<Vec<char>> {
    let text = fold::width(text).to_lowercase();
    let split = text.split(|c: char| !c.is_alphanumeric());
    let parts = split
        .chain([text.as_str()])
        .map(|part| part.chars().collect::<Vec<_>>());
    parts.filter(|part| part.len() >= WORD_MIN).collect()
}

/// A letter for the sign or digit that people put in its place.
const fn undisguised(c: char) -> char {
    match c {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    }
}

/// What is left of a password when everything easy is taken out.
#[derive(Clone, Default)]
struct Found {
    /// Characters that nothing explains.
    unexplained: usize,
    /// Different words in it, by their place in the list.
    words: Vec<usize>,
}

/// The reading of a text that leaves the least unexplained.
fn taken_apart(text: &[char], words: &[Vec<char>]) -> Found {
    // What is best from each place on, from the end.
    let mut best: Vec<Found> = vec![Found::default(); text.len() + 1];
    for place in (0..text.len()).rev() {
        let rest = &text[place..];
        let mut here = best[place + 1].clone();
        here.unexplained += usize::from(rest[0].is_alphabetic());
        let run = run_length(rest);
        if run >= RUN_MIN {
            better(&mut here, &best[place + run]);
        }
        for (index, word) in words.iter().enumerate() {
            if rest.starts_with(word) {
                let mut read = best[place + word.len()].clone();
                if !read.words.contains(&index) {
                    read.words.push(index);
                }
                better(&mut here, &read);
            }
        }
        best[place] = here;
    }
    best.swap_remove(0)
}

/// Of readings that leave the same, the one with fewer words: that is how a guesser gets there.
fn better(here: &mut Found, other: &Found) {
    let key = |found: &Found| (found.unexplained, found.words.len());
    if key(other) < key(here) {
        *here = other.clone();
    }
}

/// How many characters from the first on are one repeated, follow each other in the alphabet or lie
/// beside each other on the keyboard.
fn run_length(text: &[char]) -> usize {
    let steps: [&dyn Fn(char, char) -> bool; 4] = [
        &|a, b| a == b,
        &|a, b| u32::from(b) == u32::from(a) + 1,
        &|a, b| u32::from(a) == u32::from(b) + 1,
        &|a, b| ROWS.iter().any(|row| is_beside(row, a, b)),
    ];
    let length = |step: &dyn Fn(char, char) -> bool| {
        1 + text
            .windows(2)
            .take_while(|pair| step(pair[0], pair[1]))
            .count()
    };
    steps.into_iter().map(length).max().unwrap_or(1)
}

fn is_beside(row: &str, a: char, b: char) -> bool {
    let place = |c: char| row.chars().position(|it| it == c);
    matches!((place(a), place(b)), (Some(a), Some(b)) if a.abs_diff(b) == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_guesser_tries_first_was_taken() {
        let context = ["sato.hanako", "経済産業省"];
        for guessable in [
            "password1234",
            "P@ssw0rd2026!",
            "Passw0rdPassw0rd",
            "123456789012",
            "987654321098",
            "qwertyuiop12",
            "1qaz2wsx3edc",
            "Tokyo2026!!!",
            "Kasumigaseki2026!",
            "Reiwa8-November",
            "霞が関の総務課長２０２６",
            "Sekisho-2026",
            "sekisho-telework",
            "Sato.Hanako1",
            "hanako+sato+1985",
            "administrator1",
            "経済産業省パスワード1",
            "abcdefghijkl",
            "himitsunohimitsu",
            "ｐａｓｓｗｏｒｄ１２３４",
            "20261128202611",
        ] {
            assert!(is_guessable(guessable, &context), "{guessable}");
        }
        for sound in [
            "correct horse battery",
            "関所を通るための合言葉です",
            "aoi-umi-no-kaze",
            "tora ga hashiru yoru",
            "k9Vq-72mm-Lx0w",
            "dragon summer office kyoto",
            "まいあさ駅まで歩く道",
        ] {
            assert!(!is_guessable(sound, &context), "{sound}");
        }
    }

    #[test]
    fn the_longest_password_is_taken_apart_in_no_time() {
        let long = "password".repeat(128);
        assert!(is_guessable(&long, &[]));
    }
}
