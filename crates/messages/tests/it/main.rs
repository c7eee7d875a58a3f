//! The catalogue against the sources that use it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn rust_sources(folder: &Path, out: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            rust_sources(&path, out);
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            out.push(path);
        }
    }
}

/// The literal keys given to `t!(…, "key")`, `Key("key")` and `text(…, "key")` in a source.
fn literal_keys(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (start, opening) in ["t!(", "Key("]
        .iter()
        .flat_map(|call| source.match_indices(call))
    {
        let line_start = source[..start].rfind('\n').map_or(0, |at| at + 1);
        let before = source[..start].chars().next_back();
        let comment = source[line_start..start].trim_start().starts_with("//");
        let part_of_a_word = before.is_some_and(|c| c.is_alphanumeric() || c == '_');
        if part_of_a_word || comment {
            continue;
        }
        let inside: String = source[start + opening.len()..].chars().take(300).collect();
        let Some((before_key, rest)) = inside.split_once('"') else {
            continue;
        };
        let first_argument = before_key.matches(',').count() == usize::from(*opening == *"t!(");
        let plain = before_key
            .chars()
            .all(|c| c.is_alphanumeric() || "_.,:&*() \n\t".contains(c));
        if let (true, true, Some((key, _))) = (first_argument, plain, rest.split_once('"')) {
            found.push(key.to_owned());
        }
    }
    found
}

#[test]
fn every_key_used_in_the_sources_is_in_the_catalogue() {
    let mut sources = Vec::new();
    rust_sources(&root().join("crates"), &mut sources);
    let mut missing = BTreeSet::new();
    let mut seen = 0;
    for path in sources {
        if path.starts_with(root().join("crates/messages")) {
            continue;
        }
        let source = std::fs::read_to_string(&path).unwrap();
        for key in literal_keys(&source) {
            seen += 1;
            if !sekisho_messages::contains(&key) {
                missing.insert(format!("{key} ({})", path.display()));
            }
        }
    }
    println!("{seen} keys looked up");
    assert!(missing.is_empty(), "not in catalog/messages: {missing:#?}");
}

#[test]
fn keys_are_found_in_sources() {
    let source = r#"
        // t!(lang, "in.a.comment")
        let a = t!(lang, "one.two", n = 5);
        let b = sekisho_messages::t!(view.lang, "three");
        let c = Key("four");
        let d = assert!(lang, "no key");
    "#;
    assert_eq!(literal_keys(source), ["one.two", "three", "four"]);
}

#[test]
fn every_catalogue_file_is_compiled_in() {
    let named: BTreeSet<String> = sekisho_messages::areas().map(str::to_owned).collect();
    let there: BTreeSet<String> = std::fs::read_dir(root().join("catalog/messages"))
        .unwrap()
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            Some(name.strip_suffix(".toml")?.to_owned())
        })
        .collect();
    assert_eq!(named, there);
}
