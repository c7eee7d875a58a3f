//! What changed between two versions of a rule.

use std::num::NonZeroU32;

use proptest::prelude::*;
use sekisho_domain::id::{Fresh, PostId};
use sekisho_domain::name::Line;
use sekisho_domain::rule::{
    Clause, ClauseChange, ClauseNumber, ClauseTerms, ClauseText, DIFF_MAX, Piece, RuleContent,
    RuleHead, clause_changes, text_pieces,
};

fn clause(number: u32, text: &str) -> Clause {
    Clause {
        number: ClauseNumber(NonZeroU32::new(number).unwrap()),
        text: ClauseText::parse(text).unwrap(),
        terms: ClauseTerms::labelled(Line::parse(&format!("第{number}条")).unwrap()),
    }
}

fn content(clauses: Vec<Clause>) -> RuleContent {
    RuleContent {
        head: RuleHead {
            title: Line::parse("規程").unwrap(),
            title_en: None,
            owner: PostId::new(Fresh([1; 16])),
            acknowledge: false,
            units: Vec::new(),
            note: None,
        },
        clauses,
    }
}

fn codes(before: Option<&RuleContent>, after: &RuleContent) -> Vec<(u32, &'static str)> {
    let changes = clause_changes(before, after);
    changes
        .iter()
        .map(|it| {
            let code = match it {
                ClauseChange::Same(_) => "same",
                ClauseChange::Added(_) => "added",
                ClauseChange::Removed(_) => "removed",
                ClauseChange::Changed { .. } => "changed",
            };
            (it.number().0.get(), code)
        })
        .collect()
}

#[test]
fn clauses_are_told_apart_by_number_wherever_they_stand() {
    let before = content(vec![clause(1, "一"), clause(2, "二"), clause(3, "三")]);
    let after = content(vec![clause(3, "三"), clause(1, "壱"), clause(4, "四")]);
    assert_eq!(
        codes(Some(&before), &after),
        [(3, "same"), (1, "changed"), (4, "added"), (2, "removed")]
    );
    assert_eq!(
        codes(None, &before),
        [(1, "added"), (2, "added"), (3, "added")]
    );
}

#[test]
fn texts_are_compared_by_the_character_and_words_as_a_whole() {
    let table: [(&str, &str, Vec<Piece<'_>>); 5] = [
        ("同じ", "同じ", vec![Piece::Same("同じ")]),
        ("", "新", vec![Piece::Added("新")]),
        (
            "課室の許可を得る。",
            "課長の許可を得る。",
            vec![
                Piece::Same("課"),
                Piece::Removed("室"),
                Piece::Added("長"),
                Piece::Same("の許可を得る。"),
            ],
        ),
        (
            "90日以内",
            "30日以内",
            vec![
                Piece::Removed("90"),
                Piece::Added("30"),
                Piece::Same("日以内"),
            ],
        ),
        (
            "USBメモリ",
            "SSDメモリ",
            vec![
                Piece::Removed("USB"),
                Piece::Added("SSD"),
                Piece::Same("メモリ"),
            ],
        ),
    ];
    for (before, after, pieces) in table {
        assert_eq!(text_pieces(before, after), pieces, "{before} {after}");
    }
}

#[test]
fn what_is_too_long_to_compare_is_told_as_a_whole() {
    let before = "甲".repeat(DIFF_MAX + 1);
    let after = "乙".repeat(DIFF_MAX + 1);
    assert_eq!(
        text_pieces(&before, &after),
        [
            Piece::Removed(before.as_str()),
            Piece::Added(after.as_str())
        ]
    );
}

fn joined(pieces: &[Piece<'_>], left: bool) -> String {
    pieces
        .iter()
        .filter_map(|piece| match piece {
            Piece::Same(text) => Some(*text),
            Piece::Removed(text) => left.then_some(*text),
            Piece::Added(text) => (!left).then_some(*text),
        })
        .collect()
}

proptest! {
    #[test]
    fn pieces_read_as_both_texts(before in "[a-c一二三。 \n]{0,40}", after in "[a-c一二三。 \n]{0,40}") {
        let pieces = text_pieces(&before, &after);
        prop_assert_eq!(joined(&pieces, true), before.clone());
        prop_assert_eq!(joined(&pieces, false), after.clone());
        let changed = pieces.iter().any(|it| !matches!(it, Piece::Same(_)));
        prop_assert_eq!(changed, before != after);
    }
}
