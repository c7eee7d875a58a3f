//! Days: era, year, month and day as separate boxes. A whole date in the box of the year, such as
//! `R8.4.1` or `2026-04-01`, is read too.

use maud::{Markup, html};
use sekisho_domain::field::FieldFault;
use sekisho_domain::time::{Era, TimeError, Timestamp, parse_date};
use sekisho_messages::{Lang, day, t, text};

use super::entered::Entered;
use super::input::{Place, box_id, label_line};

/// The calendars to choose from; Western years have no era.
const CALENDARS: [(&str, Option<Era>); 4] = [
    ("reiwa", Some(Era::Reiwa)),
    ("heisei", Some(Era::Heisei)),
    ("showa", Some(Era::Showa)),
    ("western", None),
];

const fn usual(lang: Lang) -> &'static str {
    match lang {
        Lang::Ja => "reiwa",
        Lang::En => "western",
    }
}

/// A stored day as people read it, with era and Western year; the text itself where it is no day.
#[must_use]
pub fn civil_day(lang: Lang, stored: &str) -> String {
    let at = parse_date(stored).ok();
    let at = at.and_then(|date| Timestamp::start_of_jst_day(date).ok());
    at.map_or_else(|| stored.to_owned(), |at| day(lang, at))
}

/// Puts a stored day into the boxes.
pub(super) fn prefill(lang: Lang, entered: &mut Entered, name: &str, stored: &str) {
    let Ok(date) = parse_date(stored) else {
        return entered.put(&format!("{name}-year"), stored);
    };
    let era = Era::of(date).filter(|_| lang == Lang::Ja);
    let calendar = CALENDARS
        .iter()
        .find(|(_, known)| *known == era.map(|(era, _)| era));
    let year = era.map_or(date.year(), |(_, year)| year);
    entered.put(
        &format!("{name}-era"),
        calendar.map_or("western", |(code, _)| *code),
    );
    entered.put(&format!("{name}-year"), &year.to_string());
    entered.put(&format!("{name}-month"), &date.month().to_string());
    entered.put(&format!("{name}-day"), &date.day().to_string());
}

/// The day in the boxes in its stable form; none where nothing is in them.
pub(super) fn read(entered: &Entered, code: &str) -> Result<Option<String>, FieldFault> {
    let part = |name: &str| entered.part(code, name).trim().to_owned();
    let whole = entered.get(&super::input_name(code)).trim().to_owned();
    let (year, month, day) = (part("year"), part("month"), part("day"));
    let written = if !whole.is_empty() {
        whole
    } else if month.is_empty() && day.is_empty() {
        if year.is_empty() {
            return Ok(None);
        }
        year
    } else {
        let era = CALENDARS.iter().find(|(known, _)| *known == part("era"));
        let era = era.and_then(|(_, era)| *era).map_or("", Era::kanji);
        format!("{era}{year}.{month}.{day}")
    };
    match parse_date(&written) {
        Ok(date) => Ok(Some(date.to_string())),
        Err(TimeError::NoSuchDay) => Err(FieldFault::NoSuchDay),
        Err(TimeError::Form | TimeError::Range) => Err(FieldFault::Form),
    }
}

/// The boxes.
pub(super) fn picker(place: &Place<'_>, entered: &Entered) -> Markup {
    let lang = place.lang;
    let part = |name: &str| entered.part(place.code, name);
    let chosen = match part("era") {
        "" => usual(lang),
        code => code,
    };
    let id = box_id(place.code);
    // One box for a whole date where a link or a program gave one.
    let year = match part("year") {
        "" => entered.get(&id),
        year => year,
    };
    html! {
        fieldset class="field" aria-describedby=[place.described_by()] {
            legend { (label_line(place)) }
            (place.notes())
            div class="date" {
                div class="date-part" {
                    label for={ (id) "-era" } { (t!(lang, "field.date.calendar")) }
                    select id={ (id) "-era" } name={ (id) "-era" } {
                        @for (code, _) in CALENDARS {
                            option value=(code) selected[code == chosen] { (text(lang, format!("field.date.{code}"), &[])) }
                        }
                    }
                }
                @for (name, value, width) in [("year", year, "10"), ("month", part("month"), "2"), ("day", part("day"), "2")] {
                    div class={ "date-part date-part--" (name) } {
                        // The first box is where a link from the summary of errors leads.
                        @let own = if name == "year" { id.clone() } else { format!("{id}-{name}") };
                        label for=(own) { (text(lang, format!("field.date.{name}"), &[])) }
                        input id=(own) name={ (id) "-" (name) } type="text" inputmode=[(name != "year").then_some("numeric")]
                            maxlength=(if name == "year" { "20" } else { width }) value=(value) autocomplete="off" aria-invalid=[place.invalid()];
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entered(parts: &[(&str, &str)]) -> Entered {
        let pairs: Vec<(String, &str)> = parts
            .iter()
            .map(|(part, value)| (format!("f-since{part}"), *value))
            .collect();
        Entered::of_pairs(pairs.iter().map(|(name, value)| (name.as_str(), *value)))
    }

    #[test]
    fn days_are_read_from_boxes_and_whole() {
        let boxes = |era, year, month, day| {
            entered(&[
                ("-era", era),
                ("-year", year),
                ("-month", month),
                ("-day", day),
            ])
        };
        let cases = [
            (boxes("reiwa", "8", "4", "1"), Ok(Some("2026-04-01"))),
            (boxes("reiwa", "元", "5", "1"), Ok(Some("2019-05-01"))),
            (
                boxes("western", "２０２６", "４", "１"),
                Ok(Some("2026-04-01")),
            ),
            (boxes("heisei", "31", "4", "30"), Ok(Some("2019-04-30"))),
            (boxes("heisei", "31", "5", "1"), Err(FieldFault::NoSuchDay)),
            (boxes("reiwa", "8", "2", "30"), Err(FieldFault::NoSuchDay)),
            (boxes("reiwa", "8", "4", ""), Err(FieldFault::Form)),
            (boxes("reiwa", "R8.4.1", "", ""), Ok(Some("2026-04-01"))),
            (boxes("western", "", "", ""), Ok(None)),
            (entered(&[("", "2026-04-01")]), Ok(Some("2026-04-01"))),
        ];
        for (given, expected) in cases {
            let expected = expected.map(|found| found.map(str::to_owned));
            assert_eq!(read(&given, "since"), expected, "{given:?}");
        }
    }

    #[test]
    fn a_stored_day_survives_the_boxes_of_both_languages() {
        for lang in Lang::ALL {
            for stored in ["2026-04-01", "2019-05-01", "1989-01-07", "1920-03-04"] {
                let mut form = Entered::default();
                prefill(lang, &mut form, "f-since", stored);
                assert_eq!(
                    read(&form, "since"),
                    Ok(Some(stored.to_owned())),
                    "{stored}"
                );
            }
        }
    }
}
