//! How deep a text of own rules goes, before anybody parses it.
//!
//! The parser of the policy language, and whatever walks through its trees or drops them, calls itself once for
//! each level and does not look at what is left of the stack: a few thousand parentheses, or one chain of as many
//! operators, would end the program. So a text that goes deeper than rules have to is not parsed at all.

/// Most brackets within each other.
pub(super) const BRACKETS_MAX: usize = 32;
/// Most levels of a rule: a chain such as `a || b || c` has one for each operator, whatever it is made of comes
/// on top.
pub(super) const LEVELS_MAX: u32 = 100;

/// Signs of two characters.
const PAIRS: &[&str] = &["||", "&&", "==", "!=", "<=", ">=", "::"];

/// What a text is made of, with its places: words, literal texts and signs, without white space and comments.
pub(super) struct Tokens<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Tokens<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// Past white space and comments.
    fn skip(&mut self) {
        loop {
            let rest = &self.text[self.at..];
            let bare = rest.trim_start();
            self.at += rest.len() - bare.len();
            if !bare.starts_with("//") {
                return;
            }
            // A comment goes on to the end of its line, by either character.
            self.at += bare.find(['\n', '\r']).unwrap_or(bare.len());
        }
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = (usize, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        self.skip();
        let (at, rest) = (self.at, &self.text[self.at..]);
        let first = rest.chars().next()?;
        let length = match first {
            '"' => literal(rest),
            _ if is_of_word(first) => rest.find(|it: char| !is_of_word(it)).unwrap_or(rest.len()),
            _ if PAIRS.iter().any(|pair| rest.starts_with(pair)) => 2,
            _ => first.len_utf8(),
        };
        self.at += length;
        Some((at, &rest[..length]))
    }
}

fn is_of_word(char: char) -> bool {
    char.is_ascii_alphanumeric() || char == '_'
}

/// The length of a literal text with its quotation marks.
fn literal(rest: &str) -> usize {
    let mut escaped = false;
    for (at, char) in rest.char_indices().skip(1) {
        match char {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// What stands between two brackets, so far.
#[derive(Clone, Copy, Default)]
struct Level {
    /// Operators, each of which puts all before it one level lower.
    joined: u32,
    /// How long the present operand's chain of members is: `a.b(c)["d"]`.
    chain: u32,
    /// How deep the deepest operand goes.
    operand: u32,
    /// How deep the deepest part before the last comma goes.
    before: u32,
}

impl Level {
    fn depth(&self) -> u32 {
        self.before.max(self.joined + self.operand)
    }

    /// One more of the operand's members, which holds so many levels itself.
    fn link(&mut self, within: u32) {
        self.operand = self.operand.max(self.chain + within);
    }

    fn part(&mut self) {
        *self = Self {
            before: self.depth(),
            ..Self::default()
        };
    }
}

/// Where a text goes deeper than is parsed, if it does. It is never judged less deep than the parser finds it; of
/// what the parser gives up as nonsense anything may be said.
pub(super) fn too_deep(text: &str) -> Option<usize> {
    let (mut outer, mut level): (Vec<Level>, Level) = (Vec::new(), Level::default());
    for (at, token) in Tokens::of(text) {
        match token {
            // The parser begins anew here, whatever is open.
            ";" => {
                outer.clear();
                level = Level::default();
            }
            "(" | "[" | "{" => {
                level.chain += 1;
                level.link(0);
                outer.push(std::mem::take(&mut level));
            }
            ")" | "]" | "}" => {
                if let Some(around) = outer.pop() {
                    let within = std::mem::replace(&mut level, around).depth();
                    level.link(within);
                }
            }
            "." => {
                level.chain += 1;
                level.link(0);
            }
            "," => level.part(),
            "||" | "&&" | "+" | "-" | "*" | "/" | "%" | "!" | "if" | "when" | "unless" => {
                level.joined += 1;
                level.chain = 0;
            }
            // They stand between two operands and make no chains.
            "==" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "has" | "like" | "is" | "then"
            | "else" | "@" => level.chain = 0,
            _ => {}
        }
        if outer.len() > BRACKETS_MAX || level.depth() > LEVELS_MAX {
            return Some(at);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Vec<&str> {
        Tokens::of(text).map(|(_, token)| token).collect()
    }

    #[test]
    fn a_text_falls_into_words_literals_and_signs() {
        let text = "// (((\r@id(\"a;\\\"(\") // \"\n a.b_1||!x==\"規則\" ";
        let expected = "@ id ( \"a;\\\"(\" ) a . b_1 || ! x == \"規則\"";
        assert_eq!(tokens(text).join(" "), expected);
        assert_eq!(tokens("\"never closed ("), ["\"never closed ("]);
        assert!(tokens(" // nothing").is_empty());
    }

    #[test]
    fn as_deep_as_is_allowed_and_not_one_deeper() {
        let within = |n: usize| format!("when {{ {}true{} }};", "(".repeat(n), ")".repeat(n));
        let row = |n: usize, join: &str| format!("when {{ {} }};", vec!["true"; n].join(join));
        let members = |n: usize| format!("when {{ a{} }};", ".b".repeat(n));
        // The brackets of `when` are one of them; `when` and its brackets are two levels.
        assert_eq!(too_deep(&within(BRACKETS_MAX - 1)), None);
        assert!(too_deep(&within(BRACKETS_MAX)).is_some());
        let levels = LEVELS_MAX as usize - 2;
        for join in ["||", " && ", "+", "-", "*", "|| !", " || // \r"] {
            assert!(too_deep(&row(levels + 2, join)).is_some(), "{join}");
        }
        assert_eq!(too_deep(&row(levels + 1, "||")), None);
        assert!(too_deep(&row(levels + 2, "||")).is_some());
        assert_eq!(too_deep(&members(levels)), None);
        assert!(too_deep(&members(levels + 1)).is_some());
        for more in ["a[\"b\"]", "a.b(c)"] {
            let chain = format!("when {{ a{} }};", more[1..].repeat(LEVELS_MAX as usize));
            assert!(too_deep(&chain).is_some(), "{more}");
        }
        let choice = "if a then b else ".repeat(levels + 1);
        assert!(too_deep(&format!("when {{ {choice} c }};")).is_some());
        assert!(too_deep(&"when { a } ".repeat(levels + 2)).is_some());
        // Of everything a little: levels add up across brackets.
        let half = "a || ".repeat(levels / 2 + 1);
        assert!(too_deep(&format!("when {{ {half} ({half} c) }};")).is_some());
    }

    #[test]
    fn what_stands_side_by_side_is_not_deep() {
        let rules =
            "@id(\"a\") @ja(\"甲\") forbid (principal, action, resource) when { a };".repeat(500);
        assert_eq!(too_deep(&rules), None);
        let set = format!("when {{ [{}].contains(a.b) }};", "x.y || z, ".repeat(500));
        assert_eq!(too_deep(&set), None);
        let said = format!("@ja(\"{}\") // {}\n", "(".repeat(500), "[".repeat(500));
        assert_eq!(too_deep(&said), None);
    }
}
