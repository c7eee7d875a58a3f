//! Grades: three choices in plain words, and the badge of a grade.

use maud::{Markup, html};
use sekisho_domain::field::FieldFault;
use sekisho_domain::grade::Grade;
use sekisho_messages::{Lang, t, text};

use super::entered::Entered;
use super::input::{Place, box_id, label_line};

/// The dimensions: the letter of the short form and the levels from the highest.
const DIMENSIONS: [(&str, &[u8]); 3] = [("c", &[3, 2, 1]), ("i", &[2, 1]), ("a", &[2, 1])];

/// A grade: the short form, and what it means.
#[must_use]
pub fn grade_badge(lang: Lang, grade: Grade) -> Markup {
    html! {
        span class={ "grade grade--c" (grade.confidentiality as u8 + 1) } { (grade) }
        " " span class="grade-words" { (grade_words(lang, grade)) }
    }
}

/// The derived classes of a grade: 要機密情報 and the like.
#[must_use]
pub fn grade_words(lang: Lang, grade: Grade) -> String {
    let classes = [
        (grade.is_confidential(), "field.grade.is_confidential"),
        (grade.needs_integrity(), "field.grade.needs_integrity"),
        (grade.needs_availability(), "field.grade.needs_availability"),
    ];
    let mut names = Vec::new();
    for (holds, key) in classes {
        if holds {
            names.push(text(lang, key, &[]));
        }
    }
    if names.is_empty() {
        names.push(t!(lang, "field.grade.unprotected"));
    }
    crate::console::words::list(lang, names)
}

/// Puts a stored grade into the choices.
pub(super) fn prefill(entered: &mut Entered, name: &str, stored: &str) {
    let mut letters = stored.chars();
    while let (Some(letter), Some(level)) = (letters.next(), letters.next()) {
        let letter = letter.to_ascii_lowercase();
        entered.put(&format!("{name}-{letter}"), &level.to_string());
    }
}

/// The grade in its short form; none where nothing is chosen.
pub(super) fn read(entered: &Entered, code: &str) -> Result<Option<String>, FieldFault> {
    let whole = entered.get(&super::input_name(code)).trim();
    if !whole.is_empty() {
        let short = sekisho_domain::fold::width(whole).to_uppercase();
        let grade: Grade = short.parse().map_err(|_| FieldFault::Form)?;
        return Ok(Some(grade.to_string()));
    }
    let mut short = String::new();
    for (letter, _) in DIMENSIONS {
        let level = entered.part(code, letter);
        if !level.is_empty() {
            short.push_str(&letter.to_uppercase());
            short.push_str(level);
        }
    }
    if short.is_empty() {
        return Ok(None);
    }
    let grade = short.parse::<Grade>();
    // Some of the three are chosen: the rest is missing.
    grade
        .map(|grade| Some(grade.to_string()))
        .map_err(|_| FieldFault::Missing)
}

/// The three choices.
pub(super) fn picker(place: &Place<'_>, entered: &Entered) -> Markup {
    let lang = place.lang;
    let id = box_id(place.code);
    let mut whole = Entered::default();
    // A link or a program may have given the short form.
    prefill(&mut whole, &id, entered.get(&id));
    html! {
        fieldset class="field grades" aria-describedby=[place.described_by()] {
            legend { (label_line(place)) }
            (place.notes())
            @for (letter, levels) in DIMENSIONS {
                fieldset class="grade-part" {
                    legend { (text(lang, format!("field.grade.{letter}"), &[])) }
                    @for (index, level) in levels.iter().enumerate() {
                        @let own = if letter == "c" && index == 0 { id.clone() } else { format!("{id}-{letter}{level}") };
                        @let level = level.to_string();
                        @let name = format!("{id}-{letter}");
                        @let chosen = entered.get(&name) == level || whole.get(&name) == level;
                        div class="choice" {
                            input type="radio" id=(own) name=(name) value=(level)
                                checked[chosen] required[place.required] aria-describedby={ (own) "-choice" };
                            div {
                                label for=(own) { (text(lang, format!("field.grade.{letter}{level}"), &[])) }
                                p class="field-support" id={ (own) "-choice" } { (text(lang, format!("field.grade.{letter}{level}_help"), &[])) }
                            }
                        }
                    }
                    // Without it, a grade once chosen could not be taken back.
                    @if !place.required {
                        @let own = format!("{id}-{letter}0");
                        div class="choice" {
                            input type="radio" id=(own) name={ (id) "-" (letter) } value="";
                            div { label for=(own) { (text(lang, "field.grade.none", &[])) } }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_grade_survives_its_choices() {
        for grade in Grade::all() {
            let mut form = Entered::default();
            prefill(&mut form, "f-grade", &grade.to_string());
            assert_eq!(read(&form, "grade"), Ok(Some(grade.to_string())));
        }
    }

    #[test]
    fn a_grade_in_part_is_missing_and_none_is_none() {
        let part = Entered::of_pairs([("f-grade-c", "3")]);
        assert_eq!(read(&part, "grade"), Err(FieldFault::Missing));
        let wrong = Entered::of_pairs([("f-grade-c", "9"), ("f-grade-i", "1"), ("f-grade-a", "1")]);
        assert_eq!(read(&wrong, "grade"), Err(FieldFault::Missing));
        assert_eq!(read(&Entered::default(), "grade"), Ok(None));
        let written = Entered::of_pairs([("f-grade", "ｃ２i1a1")]);
        assert_eq!(read(&written, "grade"), Ok(Some("C2I1A1".to_owned())));
    }
}
