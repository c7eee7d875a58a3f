//! Message catalogues: both languages, the same placeholders, no key unknown and none unused.

use std::collections::{BTreeMap, BTreeSet};

use super::Finding;
use super::scan::{Scanned, close_of, words};
use super::tree::{File, Tree};

const FOLDER: &str = "catalog/messages";

/// Where a message stands.
type Keys<'a> = BTreeMap<String, &'a File>;

/// Reads the catalogues and holds them against the code.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut keys = Keys::new();
    for file in tree.below(FOLDER, "toml") {
        match file.text.parse::<toml::Table>() {
            Ok(table) => collect(file, "", &table, &mut keys, &mut findings),
            Err(error) => findings.push(Finding::new(&file.path, 0, format!("{error}"))),
        }
    }
    let mut uses = Uses::default();
    for (file, scanned) in tree.rust().filter(|(file, _)| is_product(file)) {
        for (line, key) in asked_for(scanned) {
            if !keys.contains_key(&key) && !key.contains('{') {
                findings.push(Finding::new(
                    &file.path,
                    line,
                    format!("no message `{key}`"),
                ));
            }
        }
        uses.take_from(scanned);
    }
    uses.take_from_rulebook(tree);
    for (key, file) in keys.iter().filter(|(key, _)| !uses.covers(key)) {
        let line = file
            .text
            .lines()
            .position(|line| line.trim() == format!("[{key}]"));
        let line = line.map_or(0, |index| index + 1);
        findings.push(Finding::new(
            &file.path,
            line,
            format!("`{key}` is used nowhere"),
        ));
    }
    findings
}

/// Our crates; what the harnesses or the tests of other rules write is no use of a message.
fn is_product(file: &File) -> bool {
    file.path.starts_with("crates") && !file.is_test_file()
}

fn collect<'a>(
    file: &'a File,
    key: &str,
    table: &toml::Table,
    keys: &mut Keys<'a>,
    findings: &mut Vec<Finding>,
) {
    let text = |language: &str| table.get(language).and_then(toml::Value::as_str);
    let is_message = text("ja").is_some() || text("en").is_some();
    if is_message {
        let (ja, en) = (
            text("ja").unwrap_or_default(),
            text("en").unwrap_or_default(),
        );
        for (language, said) in [("ja", ja), ("en", en)] {
            if said.trim().is_empty() {
                let text = format!("`{key}` has no {language}");
                findings.push(Finding::new(&file.path, 0, text));
            }
        }
        if !ja.is_empty() && !en.is_empty() && placeholders(ja) != placeholders(en) {
            let text = format!("`{key}`: ja and en have different placeholders");
            findings.push(Finding::new(&file.path, 0, text));
        }
        if keys.insert(key.to_owned(), file).is_some() {
            findings.push(Finding::new(&file.path, 0, format!("`{key}` stands twice")));
        }
    }
    for (name, value) in table {
        let inner = if key.is_empty() {
            name.clone()
        } else {
            format!("{key}.{name}")
        };
        match value {
            toml::Value::Table(table) => collect(file, &inner, table, keys, findings),
            _ if is_message && (name == "ja" || name == "en") => {}
            _ => findings.push(Finding::new(
                &file.path,
                0,
                format!("`{inner}` is no message"),
            )),
        }
    }
}

/// The names in `{name}` and `{name|one|many}`; `{{` and `}}` are plain braces.
fn placeholders(text: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let plain = text.replace("{{", "").replace("}}", "");
    for part in plain.split('{').skip(1) {
        let inside = part.split('}').next().unwrap_or_default();
        names.insert(inside.split('|').next().unwrap_or_default().to_owned());
    }
    names
}

/// The keys that the code asks for outright: `t!(lang, "key" …)` and `Key("key")`.
fn asked_for(scanned: &Scanned) -> Vec<(usize, String)> {
    let code = &scanned.code;
    let mut asked = Vec::new();
    for literal in &scanned.strings {
        if code[..literal.at].trim_end().ends_with("Key(") {
            asked.push((scanned.line_of(literal.at), literal.text.clone()));
        }
    }
    for at in words(code, "t").filter(|at| code[at + 1..].starts_with("!(")) {
        let Some(end) = close_of(code, at + 2) else {
            continue;
        };
        let Some(comma) = first_comma(&code[at + 3..end]).map(|offset| at + 3 + offset) else {
            continue;
        };
        let second = scanned
            .strings
            .iter()
            .find(|it| it.at > comma && it.at < end);
        if let Some(literal) = second.filter(|it| code[comma + 1..it.at].trim().is_empty()) {
            asked.push((scanned.line_of(literal.at), literal.text.clone()));
        }
    }
    asked.retain(|(line, _)| !scanned.in_test(*line));
    asked
}

fn first_comma(arguments: &str) -> Option<usize> {
    let mut depth = 0i32;
    arguments.bytes().position(|byte| {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth -= 1,
            _ => {}
        }
        byte == b',' && depth == 0
    })
}

/// What the code may turn into a key: whole keys, and patterns such as `"error.{code}.what"`.
#[derive(Default)]
struct Uses {
    whole: BTreeSet<String>,
    patterns: BTreeSet<Vec<String>>,
}

impl Uses {
    fn take_from(&mut self, scanned: &Scanned) {
        for literal in &scanned.strings {
            if !scanned.in_test(scanned.line_of(literal.at)) {
                self.take(&literal.text);
            }
        }
    }

    /// The rulebook names its messages itself.
    fn take_from_rulebook(&mut self, tree: &Tree) {
        for file in tree.below("catalog", "cedar") {
            for part in file.text.split("@message(\"").skip(1) {
                self.take(part.split('"').next().unwrap_or_default());
            }
        }
    }

    fn take(&mut self, text: &str) {
        let is_key_like = text.contains('.')
            && text
                .chars()
                .all(|it| it.is_ascii_alphanumeric() || "._-{}:".contains(it));
        if !is_key_like {
            return;
        }
        // A pattern must name its area, or it would cover everything.
        let named = text
            .split('.')
            .next()
            .is_some_and(|area| !area.is_empty() && !area.contains('{'));
        if (text.contains('{') || text.ends_with('.')) && named {
            let mut fixed = vec![String::new()];
            for part in text.split('{') {
                let tail = part.split_once('}').map_or(part, |(_, tail)| tail);
                if fixed.len() == 1 && fixed[0].is_empty() {
                    fixed[0] = tail.to_owned();
                } else {
                    fixed.push(tail.to_owned());
                }
            }
            if text.ends_with('.') {
                fixed.push(String::new());
            }
            self.patterns.insert(fixed);
        } else {
            self.whole.insert(text.to_owned());
        }
    }

    fn covers(&self, key: &str) -> bool {
        self.whole.contains(key) || self.patterns.iter().any(|fixed| matches(fixed, key))
    }
}

/// Whether a key has the fixed parts in order, the first at its start and the last at its end.
fn matches(fixed: &[String], key: &str) -> bool {
    let [first, middle @ .., last] = fixed else {
        return false;
    };
    let Some(mut rest) = key.strip_prefix(first.as_str()) else {
        return false;
    };
    for part in middle {
        match rest.find(part.as_str()) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.len() > last.len() && rest.ends_with(last.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(catalogue: &str, code: &str) -> Vec<String> {
        let tree = Tree::of(&[
            ("catalog/messages/a.toml", catalogue),
            ("crates/x/src/b.rs", code),
        ]);
        check(&tree).into_iter().map(|it| it.text).collect()
    }

    const GOOD: &str = "[a.count]\nja = \"{n}件\"\nen = \"{n} {n|item|items}\"\n";

    #[test]
    fn a_message_in_both_languages_and_in_use_is_well() {
        assert_eq!(
            found(GOOD, "fn f() { t!(lang, \"a.count\", n = 5) }"),
            [""; 0]
        );
        assert_eq!(found(GOOD, "const K: Key = Key(\"a.count\");"), [""; 0]);
    }

    #[test]
    fn a_missing_language_and_other_placeholders_are_found() {
        let code = "Key(\"a.b\")";
        assert_eq!(found("[a.b]\nja = \"x\"\n", code), ["`a.b` has no en"]);
        assert_eq!(found("[a.b]\nja = \"{n}\"\nen = \"{m}\"\n", code).len(), 1);
        assert_eq!(found("[a.b]\nja = \"{{n}}\"\nen = \"x\"\n", code), [""; 0]);
    }

    #[test]
    fn unknown_and_unused_keys_are_found() {
        let code = "fn f() { t!(g(a, b), \"a.other\") } // \"a.count\"";
        let findings = found(GOOD, code);
        assert_eq!(
            findings,
            ["no message `a.other`", "`a.count` is used nowhere"]
        );
    }

    #[test]
    fn patterns_cover_what_they_can_make_and_no_more() {
        let catalogue = "[a.x.what]\nja = \"x\"\nen = \"x\"\n[a.x.todo]\nja = \"x\"\nen = \"x\"\n";
        let findings = found(catalogue, "format!(\"a.{code}.what\")");
        assert_eq!(findings, ["`a.x.todo` is used nowhere"]);
        assert_eq!(found(catalogue, "[\"a.x.\"]"), [""; 0]);
        assert_eq!(found(catalogue, "format!(\"{area}.x.what\")").len(), 2);
    }

    #[test]
    fn a_use_in_tests_alone_is_no_use() {
        let code = "#[cfg(test)]\nmod tests { fn f() { t!(l, \"a.count\"); t!(l, \"a.none\") } }";
        assert_eq!(found(GOOD, code), ["`a.count` is used nowhere"]);
    }
}
