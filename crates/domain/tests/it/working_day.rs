//! Working days: the built-in table against the law, and deadlines over long weekends.

use std::collections::BTreeSet;

use jiff::civil::{Date, Weekday, date};
use sekisho_domain::time::Timestamp;
use sekisho_domain::working_day::{AHEAD_MAX, Calendar, HolidayFault, Holidays};

/// Days of the equinoxes in March and September as the National Astronomical Observatory gives
/// them: (year, March, September).
const EQUINOXES: [(i16, i8, i8); 11] = [
    (2020, 20, 22),
    (2021, 20, 23),
    (2022, 21, 23),
    (2023, 21, 23),
    (2024, 20, 22),
    (2025, 20, 23),
    (2026, 20, 23),
    (2027, 21, 23),
    (2028, 20, 22),
    (2029, 20, 23),
    (2030, 20, 23),
];

/// The day on which the sun passes the equinox in Japan, 1980 to 2099, in millionths of a day.
fn equinox(year: i16, at_1980: i64) -> i8 {
    let since = i64::from(year) - 1980;
    let day = (at_1980 + 242_194 * since) / 1_000_000 - since / 4;
    i8::try_from(day).unwrap()
}

#[test]
fn the_equinoxes_are_those_of_the_list() {
    for (year, march, september) in EQUINOXES {
        assert_eq!(equinox(year, 20_843_100), march, "{year}");
        assert_eq!(equinox(year, 23_248_800), september, "{year}");
    }
}

fn monday(year: i16, month: i8, nth: i8) -> Date {
    date(year, month, 1)
        .nth_weekday_of_month(nth, Weekday::Monday)
        .unwrap()
}

/// National holidays of a year as 国民の祝日に関する法律 has them (2条 and 3条), with the special rules
/// for the games of 2020.
fn by_law(year: i16) -> BTreeSet<Date> {
    let (marine, mountain, sports) = match year {
        2020 => (date(2020, 7, 23), date(2020, 8, 10), date(2020, 7, 24)),
        2021 => (date(2021, 7, 22), date(2021, 8, 8), date(2021, 7, 23)),
        _ => (monday(year, 7, 3), date(year, 8, 11), monday(year, 10, 2)),
    };
    let (_, march, september) = *EQUINOXES.iter().find(|it| it.0 == year).unwrap();
    let named = BTreeSet::from([
        date(year, 1, 1),
        monday(year, 1, 2),
        date(year, 2, 11),
        date(year, 2, 23),
        date(year, 3, march),
        date(year, 4, 29),
        date(year, 5, 3),
        date(year, 5, 4),
        date(year, 5, 5),
        marine,
        mountain,
        monday(year, 9, 3),
        date(year, 9, september),
        sports,
        date(year, 11, 3),
        date(year, 11, 23),
    ]);
    let mut all = named.clone();
    for day in &named {
        // 3条2項: the next day that is none, for one on a Sunday.
        if day.weekday() == Weekday::Sunday {
            let mut next = day.tomorrow().unwrap();
            while named.contains(&next) {
                next = next.tomorrow().unwrap();
            }
            all.insert(next);
        }
        // 3条3項: a day between two of them.
        let between = day.tomorrow().unwrap();
        if !named.contains(&between) && named.contains(&between.tomorrow().unwrap()) {
            all.insert(between);
        }
    }
    all
}

#[test]
fn the_built_in_table_is_the_law() {
    let table = Holidays::built_in();
    assert_eq!(table.years(), (2020, 2030));
    for year in 2020..=2030 {
        let found: BTreeSet<Date> = table.days().filter(|day| day.year() == year).collect();
        assert_eq!(found, by_law(year), "{year}");
    }
    let days: BTreeSet<Date> = table.days().collect();
    for day in [
        date(2020, 5, 6),
        date(2026, 9, 22),
        date(2027, 3, 22),
        date(2030, 11, 4),
    ] {
        assert!(days.contains(&day), "{day}");
    }
}

#[test]
fn deadlines_pass_over_what_is_no_working_day() {
    let calendar = Calendar::new(None);
    for (from, n, to) in [
        // Saturday, Sunday and the substitute of 3 May 2026 before the 7th.
        (date(2026, 5, 1), 1, date(2026, 5, 7)),
        // Five days off in September 2026.
        (date(2026, 9, 18), 1, date(2026, 9, 24)),
        (date(2026, 11, 27), 3, date(2026, 12, 2)),
        // The turn of the year.
        (date(2026, 12, 28), 1, date(2027, 1, 4)),
        (date(2026, 12, 28), 10, date(2027, 1, 18)),
        // From a Sunday, the Monday is the first.
        (date(2026, 11, 29), 1, date(2026, 11, 30)),
        (date(2026, 11, 29), 0, date(2026, 11, 29)),
    ] {
        assert_eq!(calendar.after(from, n), to, "{n} after {from}");
        if n > 0 && calendar.is_working_day(from) {
            assert_eq!(calendar.before(to, n), from, "{n} before {to}");
        }
    }
    assert!(calendar.knows(date(2030, 12, 31)) && !calendar.knows(date(2031, 1, 1)));
    let most = calendar.after(date(2026, 1, 5), u32::MAX);
    assert_eq!(most, calendar.after(date(2026, 1, 5), AHEAD_MAX));
}

#[test]
fn the_last_day_is_in_time_and_the_next_is_not() {
    let calendar = Calendar::new(None);
    let at = |text: &str| Timestamp::parse(text).unwrap();
    let late = calendar.deadline(at("2026-11-27 15:00"), 2);
    assert_eq!(late, at("2026-12-02"));
    for (now, left) in [
        ("2026-11-27 15:00", Some(2)),
        ("2026-11-30 09:00", Some(1)),
        ("2026-12-01 23:59", Some(0)),
        ("2026-12-02 00:00", None),
    ] {
        assert_eq!(calendar.left(at(now), late), left, "{now}");
    }
}

fn year(text: &str) -> String {
    (1..=9).map(|day| format!("{text}/6/{day},x\n")).collect()
}

#[test]
fn a_table_that_is_brought_in_counts_for_its_years_only() {
    let table = Holidays::read(year("2027").as_bytes()).unwrap();
    let calendar = Calendar::new(Some(&table));
    assert!(!calendar.is_working_day(date(2027, 6, 1)));
    assert!(calendar.is_working_day(date(2027, 2, 11)), "replaced");
    assert!(!calendar.is_working_day(date(2026, 2, 11)), "built in");
    let stored = serde_json::to_string(&table).unwrap();
    assert!(stored.starts_with("[\"2027-06-01\""), "{stored}");
    assert_eq!(serde_json::from_str::<Holidays>(&stored).unwrap(), table);
}

#[test]
fn any_encoding_and_way_of_writing_is_read() {
    // The headings of syukujitsu.csv in CP932.
    let mut cp932 = b"\x8d\x91\x96\xaf\x82\xcc\x8f\x6a\x93\xfa,\x96\xbc\x8f\xcc\r\n".to_vec();
    cp932.extend(year("2027").replace(",x\n", ",\x2e\r\n").bytes());
    let with_bom = format!("\u{feff}日,名\n{}", year("2027").replace('/', "-"));
    let era = year("R9").replace('/', ".");
    let quoted: String = (1..=9)
        .map(|day| format!("\"2027/6/{day}\",\"x\"\n"))
        .collect();
    for file in [
        &cp932,
        with_bom.as_bytes(),
        era.as_bytes(),
        quoted.as_bytes(),
    ] {
        let shown = String::from_utf8_lossy(file);
        assert!(Holidays::are_in(file), "{shown}");
        assert_eq!(
            Holidays::read(file).map(|table| table.len()),
            Ok(9),
            "{shown}"
        );
    }
}

#[test]
fn what_is_no_whole_table_is_refused_with_its_place() {
    let cut = format!("{}2028/1/1,x\n", year("2027"));
    let gap = format!("{}{}", year("2027"), year("2029"));
    let many: String = (1..=31)
        .flat_map(|year| (1..=12).map(move |month| (year, month)))
        .flat_map(|(year, month)| {
            (1..=28).map(move |day| format!("{}/{month}/{day},\n", 2000 + year))
        })
        .collect();
    for (file, fault) in [
        (String::new(), HolidayFault::Empty),
        ("日,名\n".to_owned(), HolidayFault::Empty),
        (cut, HolidayFault::YearNotWhole(2028)),
        (gap, HolidayFault::YearNotWhole(2028)),
        (many, HolidayFault::TooMany),
        ("h,n\n2027/2/30,x\n".to_owned(), HolidayFault::NotADay(2)),
        (format!("{}休,x\n", year("2027")), HolidayFault::NotADay(10)),
        (format!("{0}{0}", year("2027")), HolidayFault::Twice(10)),
        (
            "2027/1/1,x\nH31.5.1,x\n".to_owned(),
            HolidayFault::NotADay(2),
        ),
    ] {
        assert_eq!(Holidays::read(file.as_bytes()), Err(fault), "{file}");
    }
    for no_table in [
        "",
        "version,codename,series,\n1,2026,3\n",
        "{\"2026/1/1\": 1}",
    ] {
        assert!(!Holidays::are_in(no_table.as_bytes()), "{no_table}");
    }
}
