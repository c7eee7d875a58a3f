//! Lists, searches and decision pages, read by people of every reach.

use std::time::{Duration, Instant};

use sekisho_domain::permit::{Permit, Status};
use sekisho_domain::role::Role;

use super::SECTION;
use super::house::{House, Reader};
use crate::measure::Times;
use crate::{Outcome, Target};

/// Times that a page is asked for; fewer where that takes too long.
const ROUNDS: usize = 200;
/// So long a page is asked for at most.
const PATIENCE: Duration = Duration::from_secs(10);
/// What a page may take, in milliseconds.
const PAGE: f64 = 50.0;

/// Measures every list, and the smallest request there is.
pub(super) fn measure(house: &House, outcome: &mut Outcome) {
    let baseline = times(house, None, &["/healthz".to_owned()]);
    outcome.figure("smallest answer, p99", baseline.at(99), "ms", Target::None);
    let desk = Desk {
        house,
        baseline: baseline.at(99),
    };
    desk.as_staff(outcome);
    desk.as_chief(outcome);
    desk.as_officer(outcome);
    desk.with_reach_over_all(outcome);
    desk.people(outcome);
    desk.registers(outcome);
}

/// Asks for pages in turn.
fn times(house: &House, reader: Option<&Reader>, paths: &[String]) -> Times {
    for path in paths.iter().take(3) {
        house.get(reader, path);
    }
    let mut times = Times::default();
    let began = Instant::now();
    for path in paths.iter().cycle().take(ROUNDS.max(paths.len())) {
        times.add(house.get(reader, path).0);
        if began.elapsed() > PATIENCE {
            break;
        }
    }
    times
}

struct Desk<'a> {
    house: &'a House,
    baseline: f64,
}

impl Desk<'_> {
    /// Measures what some pages take together.
    fn figures(&self, outcome: &mut Outcome, name: &str, reader: &Reader, paths: &[String]) {
        let took = times(self.house, Some(reader), paths);
        let (p50, p99, most) = (took.at(50), took.at(99), took.at(100));
        let ratio = p99 / self.baseline;
        let name =
            format!("{name}: p50 {p50:.1}, most {most:.1}, {ratio:.0} times the smallest; p99");
        outcome.figure(&name, p99, "ms", Target::AtMost(PAGE));
    }

    fn one(&self, outcome: &mut Outcome, name: &str, reader: &Reader, path: &str) {
        self.figures(outcome, name, reader, &[path.to_owned()]);
    }

    /// Pages of permits that fit, each for itself.
    fn permits(&self, most: usize, fits: impl Fn(&Permit) -> bool) -> Vec<String> {
        let world = self.house.app.world();
        let fitting = world.permits.iter().filter(|it| fits(it));
        fitting
            .take(most)
            .map(|it| format!("/permits/{}", it.id))
            .collect()
    }

    fn as_staff(&self, outcome: &mut Outcome) {
        let population = self.house.population;
        let number = population.chief(SECTION) + 20;
        let reader = self.house.reader(number);
        let person = population.person(super::SEED, number);
        self.one(outcome, "staff: own permits", &reader, "/permits");
        let own = self.permits(100, |it| it.applicant == person);
        if !own.is_empty() {
            self.figures(outcome, "staff: an own permit", &reader, &own);
        }
        self.one(
            outcome,
            "staff: form of an application",
            &reader,
            "/permits/new/pt",
        );
        self.one(outcome, "staff: waiting", &reader, "/permits/waiting");
        self.one(
            outcome,
            "staff: register of systems",
            &reader,
            "/registers/system",
        );
    }

    fn as_chief(&self, outcome: &mut Outcome) {
        let population = self.house.population;
        let number = population.chief(SECTION);
        let reader = self.house.reader(number);
        let now = self.house.app.now();
        for (name, path) in [
            ("chief: waiting", "/permits/waiting"),
            ("chief: all permits", "/permits/all"),
            ("chief: rare state", "/permits/all?status=suspended"),
            (
                "chief: rare kind and state",
                "/permits/all?kind=pe&status=suspended",
            ),
            ("chief: overdue", "/permits/owed"),
            ("chief: deputies", "/permits/deputies"),
            ("chief: people", "/organisation/people"),
            ("chief: devices", "/devices"),
        ] {
            self.one(outcome, name, &reader, path);
        }
        let post = {
            let world = self.house.app.world();
            let person = population.person(super::SEED, number);
            let mut held = world.posts_held(person, now);
            held.next().map(|(_, post)| post.id)
        };
        let waits = |it: &Permit| it.waits(now) && Some(it.route.post) == post;
        let waiting = self.permits(100, waits);
        if !waiting.is_empty() {
            self.figures(outcome, "chief: decision page", &reader, &waiting);
        }
    }

    fn as_officer(&self, outcome: &mut Outcome) {
        let number = self.house.population.systems_officer(SECTION);
        let reader = self.house.reader(number);
        for (name, path) in [
            ("officer for systems: waiting", "/permits/waiting"),
            ("officer for systems: all permits", "/permits/all"),
            ("officer for systems: devices", "/devices"),
        ] {
            self.one(outcome, name, &reader, path);
        }
    }

    fn with_reach_over_all(&self, outcome: &mut Outcome) {
        let reader = self.house.reader(self.house.population.central(Role::Hiso));
        for status in Status::ALL {
            let path = format!("/permits/all?status={}", status.code());
            let name = format!("whole: permits by state {}", status.code());
            self.one(outcome, &name, &reader, &path);
        }
        let unit = {
            let world = self.house.app.world();
            let old = world.permits.iter().next().map(|it| it.unit);
            old.map(|it| it.to_string()).unwrap_or_default()
        };
        let oldest = self.permits(60, |_| true).pop().unwrap_or_default();
        let oldest = oldest.trim_start_matches("/permits/").to_owned();
        for (name, path) in [
            ("whole: all permits", "/permits/all".to_owned()),
            (
                "whole: the oldest permits",
                format!("/permits/all?after={oldest}"),
            ),
            ("whole: rare kind", "/permits/all?kind=pe".to_owned()),
            (
                "whole: rare kind and state",
                "/permits/all?kind=pe&status=suspended".to_owned(),
            ),
            (
                "whole: kind and state that none has",
                "/permits/all?kind=pc&status=ended".to_owned(),
            ),
            ("whole: one unit", format!("/permits/all?unit={unit}")),
            (
                "whole: one unit and a rare state",
                format!("/permits/all?unit={unit}&status=suspended"),
            ),
            ("whole: overdue", "/permits/owed".to_owned()),
            ("whole: deputies", "/permits/deputies".to_owned()),
            ("whole: waiting", "/permits/waiting".to_owned()),
            ("whole: devices", "/devices".to_owned()),
            (
                "whole: devices that fail, a late page",
                "/devices?state=failing&page=40".to_owned(),
            ),
            ("whole: people", "/organisation/people".to_owned()),
        ] {
            self.one(outcome, name, &reader, &path);
        }
    }

    fn people(&self, outcome: &mut Outcome) {
        let reader = self.house.reader(self.house.population.central(Role::Hiso));
        // The same name in kanji, in kana of both widths, and in Latin letters.
        let words = [
            "%E4%BD%90%E8%97%A4",
            "%E3%81%95%E3%81%A8%E3%81%86",
            "%EF%BD%BB%EF%BE%84%EF%BD%B3",
            "SATO",
            "taro%20sato",
        ];
        let paths = words.map(|it| format!("/organisation/people?q={it}"));
        self.figures(outcome, "whole: people searched", &reader, &paths);
        self.one(
            outcome,
            "whole: people searched in vain",
            &reader,
            "/organisation/people?q=zzzz",
        );
        for (name, path) in [
            ("whole: units", "/organisation/units"),
            ("whole: the organisation", "/organisation"),
            (
                "whole: the organisation, narrowed",
                "/organisation?who=%E4%BD%90%E8%97%A4&title=%E8%AA%B2%E9%95%B7",
            ),
            ("whole: lists of moves", "/organisation/moves"),
            ("whole: accounts", "/organisation/accounts"),
        ] {
            self.one(outcome, name, &reader, path);
        }
        let person = self.house.population.person(super::SEED, 20);
        let path = format!("/organisation/people/{person}");
        self.one(outcome, "whole: a person", &reader, &path);
    }

    fn registers(&self, outcome: &mut Outcome) {
        let reader = self.house.reader(self.house.population.central(Role::Isso));
        for (name, path) in [
            ("register of devices", "/registers/issued_device"),
            (
                "register of devices, by another column",
                "/registers/issued_device?sort=model&order=down",
            ),
            (
                "register of devices, a rare choice",
                "/registers/issued_device?form=phone",
            ),
            ("register of media", "/registers/medium"),
            (
                "register of media, retired",
                "/registers/medium?state=retired",
            ),
            ("register of tasks", "/registers/task"),
            ("register of software", "/registers/software?q=soft"),
        ] {
            self.one(outcome, name, &reader, path);
        }
        // ミホン in half width, ｍｉｈｏｎ in full width, a number, several words, nothing.
        let words = [
            "%EF%BE%90%EF%BE%8E%EF%BE%9D",
            "%EF%BD%8D%EF%BD%89%EF%BD%88%EF%BD%8F%EF%BD%8E",
            "SN01000",
            "%E8%A6%8B%E6%9C%AC%203%E9%9A%8E",
            "zzzz",
        ];
        let paths = words.map(|it| format!("/registers/issued_device?q={it}"));
        self.figures(outcome, "register of devices searched", &reader, &paths);
    }
}
