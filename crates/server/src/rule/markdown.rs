//! Rules as Markdown: a title, and a heading before the text of every clause. What clauses are bound to is not
//! written there; a clause that keeps its label keeps its number and what it is bound to.

use std::num::NonZeroU32;

use sekisho_domain::name::{Line, NameError};
use sekisho_domain::rule::{
    CLAUSES_MAX, Clause, ClauseNumber, ClauseTerms, ClauseText, RuleContent,
};

/// Most that is said to be wrong with one file: reading ends there.
const FAULTS_MAX: usize = 100;
/// Most headings that are read, those of chapters included.
const SECTIONS_MAX: usize = 4 * CLAUSES_MAX;

/// What was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    /// The title, where there is one.
    pub title: Option<Line>,
    /// The clauses.
    pub clauses: Vec<Clause>,
}

/// What is wrong, and in which line of the file, from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarkdownFault {
    /// The line.
    pub line: usize,
    /// The stable code.
    pub code: &'static str,
}

/// A heading with its depth.
fn heading(line: &str) -> Option<(usize, &str)> {
    let depth = line.chars().take_while(|c| *c == '#').count();
    let rest = &line[depth..];
    let is_heading = (1..=6).contains(&depth) && rest.starts_with([' ', '\u{3000}']);
    is_heading.then(|| (depth, rest.trim().trim_end_matches('#').trim_end()))
}

struct Section<'a> {
    line: usize,
    label: &'a str,
    text: Vec<&'a str>,
}

/// Cuts a file at its headings; what is wrong outside of its sections stands in `faults`. None where there are so
/// many headings or faults that nothing further was read; `faults` says so then.
fn cut<'a>(
    text: &'a str,
    faults: &mut Vec<MarkdownFault>,
) -> Option<(Option<Line>, Vec<Section<'a>>)> {
    let mut title = None;
    let mut sections: Vec<Section<'a>> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        if faults.len() >= FAULTS_MAX {
            return None;
        }
        match heading(line) {
            Some((1, name)) if title.is_none() && sections.is_empty() => match Line::parse(name) {
                Ok(name) => title = Some(name),
                Err(error) => faults.push(fault(number, error)),
            },
            Some(_) if sections.len() >= SECTIONS_MAX => {
                faults.push(MarkdownFault {
                    line: number + 1,
                    code: "rule.too-long",
                });
                return None;
            }
            Some((_, label)) => sections.push(Section {
                line: number,
                label,
                text: Vec::new(),
            }),
            None => match sections.last_mut() {
                Some(section) => section.text.push(line),
                None if line.trim().is_empty() => {}
                None => faults.push(MarkdownFault {
                    line: number + 1,
                    code: "rule.text-before-clause",
                }),
            },
        }
    }
    Some((title, sections))
}

/// Reads a file. `known` is what the draft or the newest version says; `next` gives new numbers.
///
/// # Errors
/// What is wrong, by line; at most the first hundred.
pub fn read_markdown(
    text: &str,
    known: Option<&RuleContent>,
    next: ClauseNumber,
) -> Result<Read, Vec<MarkdownFault>> {
    let text = text.trim_start_matches('\u{FEFF}');
    let mut faults = Vec::new();
    let Some((title, mut sections)) = cut(text, &mut faults) else {
        return Err(faults);
    };
    // Headings of chapters have no text of their own.
    sections.retain(|it| it.text.iter().any(|line| !line.trim().is_empty()));
    if sections.len() > CLAUSES_MAX {
        faults.push(MarkdownFault {
            line: sections.last().map_or(1, |it| it.line + 1),
            code: "rule.too-long",
        });
        return Err(faults);
    }
    let mut clauses = Vec::new();
    let mut free = next.0;
    for section in &sections {
        if faults.len() >= FAULTS_MAX {
            break;
        }
        match clause(section, known, free) {
            Ok(clause) => {
                if clause.number.0 == free {
                    free = free.saturating_add(1);
                }
                clauses.push(clause);
            }
            Err(found) => faults.push(found),
        }
    }
    if faults.is_empty() {
        Ok(Read { title, clauses })
    } else {
        Err(faults)
    }
}

fn clause(
    section: &Section<'_>,
    known: Option<&RuleContent>,
    free: NonZeroU32,
) -> Result<Clause, MarkdownFault> {
    let label = Line::parse(section.label).map_err(|error| fault(section.line, error))?;
    let text = section.text.join("\n");
    let text = ClauseText::parse(&text).map_err(|error| fault(section.line, error))?;
    let clauses = known.into_iter().flat_map(|known| &known.clauses);
    let same = clauses.into_iter().find(|it| it.terms.label == label);
    Ok(match same {
        Some(same) => Clause {
            text,
            ..same.clone()
        },
        None => Clause {
            number: ClauseNumber(free),
            text,
            terms: ClauseTerms::labelled(label),
        },
    })
}

const fn fault(line: usize, error: NameError) -> MarkdownFault {
    MarkdownFault {
        line: line + 1,
        code: error.code(),
    }
}

/// Writes a rule as a file that reads back.
#[must_use]
pub fn write_markdown(content: &RuleContent) -> String {
    let mut text = format!("# {}\n", content.head.title.as_str());
    for clause in &content.clauses {
        let (label, words) = (clause.terms.label.as_str(), clause.text.as_str());
        text.push_str(&format!("\n## {label}\n\n"));
        for line in words.lines() {
            // A line of the text that would read as a heading is written so that it does not.
            if heading(line).is_some() {
                text.push(' ');
            }
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "# 情報の持ち出しに関する規程\n\n## 第1章 総則\n\n## 第1条（目的）\n\nこの規程は、\n持ち出しを定める。\n\n## 第2条（許可）\n許可を得る。\n";

    fn first() -> ClauseNumber {
        ClauseNumber(NonZeroU32::MIN)
    }

    #[test]
    fn a_rule_reads_from_markdown_and_back() {
        let read = read_markdown(FILE, None, first()).unwrap();
        assert_eq!(
            read.title.as_ref().unwrap().as_str(),
            "情報の持ち出しに関する規程"
        );
        let labels: Vec<_> = read
            .clauses
            .iter()
            .map(|it| it.terms.label.as_str())
            .collect();
        assert_eq!(labels, ["第1条（目的）", "第2条（許可）"]);
        let numbers: Vec<u32> = read.clauses.iter().map(|it| it.number.0.get()).collect();
        assert_eq!(numbers, [1, 2]);
        assert_eq!(
            read.clauses[0].text.as_str(),
            "この規程は、\n持ち出しを定める。"
        );
    }

    #[test]
    fn labels_keep_their_numbers_and_faults_name_their_lines() {
        let read = read_markdown(FILE, None, first()).unwrap();
        let head = sekisho_domain::rule::RuleHead {
            title: read.title.clone().unwrap(),
            title_en: None,
            owner: sekisho_domain::id::PostId::new(sekisho_domain::id::Fresh([1; 16])),
            acknowledge: false,
            units: Vec::new(),
            note: None,
        };
        let content = RuleContent {
            head,
            clauses: read.clauses,
        };
        let written = write_markdown(&content);
        let next = ClauseNumber(NonZeroU32::new(9).unwrap());
        let again = read_markdown(&written, Some(&content), next).unwrap();
        assert_eq!(again.clauses, content.clauses);
        let more = format!("{written}\n## 第3条\n新しい条。\n");
        let more = read_markdown(&more, Some(&content), next).unwrap();
        assert_eq!(more.clauses[2].number, next);
        let wrong = read_markdown("本文\n## a\nx\n", None, first()).unwrap_err();
        assert_eq!(wrong[0].line, 1);
        assert_eq!(wrong[0].code, "rule.text-before-clause");
    }

    #[test]
    fn a_file_of_nothing_but_faults_or_headings_is_not_read_to_its_end() {
        let faulty = "x\n".repeat(100_000);
        let found = read_markdown(&faulty, None, first()).unwrap_err();
        assert_eq!(found.len(), FAULTS_MAX);
        let headings = "# t\n".to_owned() + &"## 章\n".repeat(100_000);
        let found = read_markdown(&headings, None, first()).unwrap_err();
        let last = SECTIONS_MAX + 2;
        let told: Vec<_> = found.iter().map(|it| (it.line, it.code)).collect();
        assert_eq!(told, [(last, "rule.too-long")]);
        // As many headings of chapters as may be are read.
        let fits = "# t\n".to_owned() + &"## 章\n".repeat(SECTIONS_MAX);
        assert!(read_markdown(&fits, None, first()).is_ok());
        // Clauses that are all wrong: their labels are too long.
        let label = "条".repeat(5_000);
        let wrong = format!("## {label}\nx\n").repeat(CLAUSES_MAX);
        let found = read_markdown(&wrong, None, first()).unwrap_err();
        assert_eq!(found.len(), FAULTS_MAX);
    }
}
