//! Version order against public vectors.

use std::cmp::Ordering;

use sekisho_detect::advisory::version::Ecosystem;

use crate::common::shared_text;

/// `(lines, wrong ones)` of a vector file, one `a OP b` a line.
fn compare_all(ecosystem: Ecosystem, text: &str) -> (usize, Vec<String>) {
    let (mut lines, mut wrong) = (0, Vec::new());
    for line in text
        .lines()
        .filter(|l| !l.trim().is_empty() && !l.starts_with('#'))
    {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [left, operator, right] = fields[..] else {
            panic!("no vector: {line}")
        };
        let expected = match operator {
            "<" => Ordering::Less,
            "=" => Ordering::Equal,
            ">" => Ordering::Greater,
            _ => panic!("no operator: {line}"),
        };
        lines += 1;
        if ecosystem.compare(left, right) != Some(expected) {
            wrong.push(line.to_owned());
        }
    }
    (lines, wrong)
}

#[test]
fn debian_vectors_all_hold() {
    for file in [
        "vectors/debian-versions.txt",
        "vectors/debian-versions-generated.txt.xz",
    ] {
        let Some(text) = shared_text(file) else {
            continue;
        };
        let (lines, wrong) = compare_all(Ecosystem::Debian, &text);
        assert!(lines > 10, "{file} has only {lines} vectors");
        assert_eq!(wrong, Vec::<String>::new(), "{file}");
    }
}

#[test]
fn rpm_vectors_hold_but_for_the_two_with_an_empty_release() {
    let Some(text) = shared_text("vectors/redhat-versions.txt") else {
        return;
    };
    let (lines, wrong) = compare_all(Ecosystem::Rpm, &text);
    assert!(lines > 100);
    // `1` against `1-`: rpm itself has no version with an empty release.
    assert!(
        wrong
            .iter()
            .all(|line| line.split_whitespace().any(|v| v.ends_with('-'))),
        "{wrong:?}"
    );
    assert!(wrong.len() <= 2, "{wrong:?}");
}
