//! Tells code, comments and strings of a Rust file apart: enough of the lexer for house rules.

/// A Rust file whose comments and literals are blanked, line by line as long as before.
pub struct Scanned {
    /// The code; comments and the inside of literals are spaces.
    pub code: String,
    /// Every string literal.
    pub strings: Vec<Literal>,
    /// For every line (from 0) whether it lies in an item under `#[cfg(test)]`.
    pub test_lines: Vec<bool>,
}

/// A string literal as written, escapes and all.
pub struct Literal {
    /// Byte offset of its opening quote in the code.
    pub at: usize,
    /// What stands between the quotes.
    pub text: String,
}

impl Scanned {
    /// Scans a text. Text that is no Rust gives nonsense but ends.
    pub fn new(text: &str) -> Self {
        let mut scanner = Scanner {
            bytes: text.as_bytes(),
            at: 0,
            code: Vec::new(),
            strings: vec![],
        };
        while scanner.at < scanner.bytes.len() {
            scanner.step();
        }
        let code = String::from_utf8_lossy(&scanner.code).into_owned();
        let test_lines = test_lines(&code);
        Self {
            code,
            strings: scanner.strings,
            test_lines,
        }
    }

    /// The lines of code with their numbers from 1.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.code
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 1, line))
    }

    /// The line, from 1, of a byte offset.
    pub fn line_of(&self, at: usize) -> usize {
        line_of(&self.code, at)
    }

    /// Whether a line (from 1) only exists in tests.
    pub fn in_test(&self, line: usize) -> bool {
        self.test_lines
            .get(line.wrapping_sub(1))
            .copied()
            .unwrap_or(false)
    }
}

/// The line, from 1, of a byte offset.
fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes()
        .iter()
        .take(at)
        .filter(|byte| **byte == b'\n')
        .count()
        + 1
}

/// Byte offsets at which a word stands as a word of its own.
pub fn words<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let bytes = code.as_bytes();
    code.match_indices(word)
        .map(|(at, _)| at)
        .filter(move |at| {
            let before = at.checked_sub(1).map(|it| bytes[it]);
            let after = bytes.get(at + word.len()).copied();
            !before.is_some_and(is_word) && !after.is_some_and(is_word)
        })
}

/// The offset just past the bracket that closes the one at `open`.
pub fn close_of(code: &str, open: usize) -> Option<usize> {
    let mut depth = 0usize;
    for (index, byte) in code.bytes().enumerate().skip(open) {
        match byte {
            b'{' | b'(' | b'[' => depth += 1,
            b'}' | b')' | b']' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(index + 1);
                }
            }
            _ => {}
        }
    }
    None
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn test_lines(code: &str) -> Vec<bool> {
    let mut lines = vec![false; code.lines().count()];
    for (at, attribute) in code.match_indices("#[cfg(test)]") {
        let rest = &code[at + attribute.len()..];
        let Some(offset) = rest.find(['{', ';']) else {
            continue;
        };
        let open = at + attribute.len() + offset;
        if code.as_bytes()[open] == b'{' {
            let end = close_of(code, open).unwrap_or(code.len());
            for line in line_of(code, at)..=line_of(code, end.saturating_sub(1)) {
                if let Some(flag) = lines.get_mut(line - 1) {
                    *flag = true;
                }
            }
        }
    }
    lines
}

struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    code: Vec<u8>,
    strings: Vec<Literal>,
}

impl Scanner<'_> {
    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn keep(&mut self) {
        let byte = self.peek(0);
        self.code.push(if byte.is_ascii() { byte } else { b' ' });
        self.at += 1;
    }

    fn blank(&mut self) {
        self.code
            .push(if self.peek(0) == b'\n' { b'\n' } else { b' ' });
        self.at += 1;
    }

    fn step(&mut self) {
        let fresh = !self.code.last().copied().is_some_and(is_word);
        match (self.peek(0), self.peek(1)) {
            (b'/', b'/') => {
                while self.at < self.bytes.len() && self.peek(0) != b'\n' {
                    self.blank();
                }
            }
            (b'/', b'*') => self.block_comment(),
            (b'"', _) => self.string(),
            (b'\'', _) => self.quote(),
            (b'b' | b'c', b'r') if fresh && self.raw_hashes(2).is_some() => self.raw_string(2),
            (b'r', _) if fresh && self.raw_hashes(1).is_some() => self.raw_string(1),
            _ => self.keep(),
        }
    }

    fn block_comment(&mut self) {
        let mut depth = 0usize;
        while self.at < self.bytes.len() {
            match (self.peek(0), self.peek(1)) {
                (b'/', b'*') => depth += 1,
                (b'*', b'/') => depth -= 1,
                _ => {
                    self.blank();
                    continue;
                }
            }
            self.blank();
            self.blank();
            if depth == 0 {
                return;
            }
        }
    }

    fn string(&mut self) {
        let (opened, start) = (self.code.len(), self.at + 1);
        self.keep();
        while self.at < self.bytes.len() && self.peek(0) != b'"' {
            if self.peek(0) == b'\\' {
                self.blank();
            }
            if self.at < self.bytes.len() {
                self.blank();
            }
        }
        self.note(opened, start, self.at);
        if self.at < self.bytes.len() {
            self.keep();
        }
    }

    /// How many `#` follow a raw string's prefix, where it is one.
    fn raw_hashes(&self, prefix: usize) -> Option<usize> {
        let hashes = (0..)
            .take_while(|ahead| self.peek(prefix + ahead) == b'#')
            .count();
        (self.peek(prefix + hashes) == b'"').then_some(hashes)
    }

    fn raw_string(&mut self, prefix: usize) {
        let hashes = self.raw_hashes(prefix).unwrap_or(0);
        for _ in 0..prefix + hashes {
            self.blank();
        }
        let (opened, start) = (self.code.len(), self.at + 1);
        self.keep();
        while self.at < self.bytes.len() {
            if self.peek(0) == b'"' && (1..=hashes).all(|ahead| self.peek(ahead) == b'#') {
                self.note(opened, start, self.at);
                self.keep();
                for _ in 0..hashes {
                    self.blank();
                }
                return;
            }
            self.blank();
        }
    }

    /// A character literal, or the tick of a lifetime.
    fn quote(&mut self) {
        let rest = &self.bytes[self.at + 1..];
        let width = match rest.first() {
            Some(b'\\') => rest
                .iter()
                .skip(2)
                .position(|byte| *byte == b'\'')
                .map(|it| it + 2),
            // One character of up to four bytes, then the closing tick.
            Some(_) => (1..=4).find(|width| {
                rest.get(*width) == Some(&b'\'')
                    && std::str::from_utf8(&rest[..*width]).is_ok_and(|it| it.chars().count() == 1)
            }),
            None => None,
        };
        self.keep();
        if let Some(width) = width {
            for _ in 0..width {
                self.blank();
            }
            self.keep();
        }
    }

    fn note(&mut self, at: usize, start: usize, end: usize) {
        let text = String::from_utf8_lossy(&self.bytes[start.min(end)..end]).into_owned();
        self.strings.push(Literal { at, text });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(text: &str) -> Vec<String> {
        Scanned::new(text)
            .strings
            .into_iter()
            .map(|it| it.text)
            .collect()
    }

    #[test]
    fn comments_and_literals_are_blanked_at_their_place() {
        let text =
            "let a = \"x // y\"; // dbg!(1)\n/* todo!() /* deep */ */ b('\"', '\\'', 'あ', &'a c);";
        let scanned = Scanned::new(text);
        assert_eq!(scanned.code.len(), text.len());
        assert_eq!(scanned.code.lines().count(), 2);
        assert!(!scanned.code.contains("dbg") && !scanned.code.contains("todo"));
        assert!(scanned.code.ends_with("&'a c);"));
        assert_eq!(strings(text), ["x // y"]);
    }

    #[test]
    fn raw_and_byte_strings_end_where_they_end() {
        assert_eq!(
            strings(r###"r#"a"b"# br"c" b"d\"e" r#fn c"f""###),
            ["a\"b", "c", "d\\\"e", "f"]
        );
    }

    #[test]
    fn text_cut_off_anywhere_ends_without_harm() {
        let text = "fn a() { \"b\\\"\" /* c */ r##\"d\"## '\\u{1F600}' 'e }";
        for end in 0..text.len() {
            Scanned::new(&text[..end]);
        }
    }

    #[test]
    fn knows_lines_of_test_items() {
        let text = "fn a() {}\n#[cfg(test)]\nmod tests {\n  fn b() {}\n}\nfn c() {}\n#[cfg(test)]\nmod far;\nfn d() {}";
        let scanned = Scanned::new(text);
        let tests: Vec<usize> = (1..=9).filter(|line| scanned.in_test(*line)).collect();
        assert_eq!(tests, [2, 3, 4, 5]);
    }

    #[test]
    fn words_stand_alone() {
        assert_eq!(
            words("unsafe_code unsafe  my_unsafe", "unsafe").collect::<Vec<_>>(),
            [12]
        );
    }
}
