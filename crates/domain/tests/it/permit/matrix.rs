//! The matrices written by hand from the clauses, against what the program computes, cell by cell.

use std::collections::BTreeSet;
use std::path::PathBuf;

use sekisho_domain::device::DeviceClass;
use sekisho_domain::grade::Grade;
use sekisho_domain::permit::{Access, Clause, Need, Needed, PermitKind, Place, Setting};
use sekisho_domain::role::Role;

/// The rows of a file, below its header, as fields.
fn rows(file: &str, header: &str) -> Vec<Vec<String>> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../catalog")
        .join(file);
    let text = std::fs::read_to_string(path).unwrap();
    let mut lines = text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty());
    assert_eq!(lines.next(), Some(header));
    lines
        .map(|line| line.split(',').map(str::to_owned).collect())
        .collect()
}

/// Whether one of the alternatives of a field is this word.
fn names(field: &str, word: &str) -> bool {
    field == "*" || field.split('|').any(|one| one == word)
}

/// Whether a field of gradings covers a grade.
fn covers(field: &str, grade: Grade) -> bool {
    let text = grade.to_string();
    let like = |pattern: &str| {
        pattern.len() == text.len()
            && pattern
                .chars()
                .zip(text.chars())
                .all(|(p, c)| p == '?' || p == c)
    };
    // As the headers of the files define them.
    let of_class = |class: &str| match class {
        "low" => text == "C1I1A1",
        "secret" => text == "C2I1A1",
        "weighty" => text != "C1I1A1" && text != "C2I1A1",
        _ => false,
    };
    field == "*" || field.split('|').any(|one| like(one) || of_class(one))
}

fn class_word(class: Option<DeviceClass>) -> &'static str {
    class.map_or("none", DeviceClass::code)
}

/// Every grading, place and class of device: 108 settings.
fn settings() -> Vec<Setting> {
    let classes = [Some(DeviceClass::Issued), Some(DeviceClass::Byod), None];
    let grades = Grade::all().into_iter();
    let all = grades.flat_map(|grade| {
        Place::ALL.iter().flat_map(move |place| {
            classes.map(move |device| Setting {
                grade,
                place: *place,
                device,
            })
        })
    });
    all.collect()
}

#[test]
fn every_cell_of_the_permit_matrix_is_what_the_program_computes() {
    let rows = rows(
        "permit-matrix.csv",
        "kind,grading,place,device,required,clause,approver,named_by",
    );
    let mut used = BTreeSet::new();
    let mut cells = 0;
    for kind in PermitKind::ALL {
        for setting in settings() {
            let of_cell = |(_, row): &(usize, &Vec<String>)| {
                row[0] == kind.code()
                    && covers(&row[1], setting.grade)
                    && names(&row[2], setting.place.code())
                    && names(&row[3], class_word(setting.device))
            };
            let found: Vec<_> = rows.iter().enumerate().filter(of_cell).collect();
            used.extend(found.iter().map(|(number, _)| *number));
            let said: BTreeSet<&[String]> = found.iter().map(|(_, row)| &row[4..]).collect();
            let said: Vec<_> = said.into_iter().collect();
            let [said] = said.as_slice() else {
                panic!("{kind:?} {setting:?}: {said:?}");
            };
            assert_eq!(
                said.join(","),
                computed(*kind, setting),
                "{kind:?} {setting:?}"
            );
            cells += 1;
        }
    }
    assert_eq!(cells, 14 * 12 * 9);
    assert_eq!(
        used.len(),
        rows.len(),
        "a row that matches nothing says nothing"
    );
}

fn computed(kind: PermitKind, setting: Setting) -> String {
    let (need, clause) = kind.need(setting);
    let (role, named_by) = kind.approver();
    match need {
        Need::None => "no,,,".to_owned(),
        Need::Forbidden => format!("forbidden,{},,", clause.code()),
        Need::Permit => format!("yes,{},{},{}", clause.code(), role.code(), named_by.code()),
    }
}

#[test]
fn every_cell_of_the_access_matrix_is_what_the_program_computes() {
    let rows = rows(
        "access-matrix.csv",
        "access,line,place,device,grading,permits",
    );
    let mut used = BTreeSet::new();
    for access in Access::ALL {
        let lines: &[&str] = if *access == Access::Remote {
            &["listed", "unlisted"]
        } else {
            &["-"]
        };
        for (line, setting) in lines
            .iter()
            .flat_map(|line| settings().into_iter().map(move |it| (*line, it)))
        {
            let of_cell = |(_, row): &(usize, &Vec<String>)| {
                row[0] == access.code()
                    && names(&row[1], line)
                    && names(&row[2], setting.place.code())
                    && names(&row[3], class_word(setting.device))
                    && covers(&row[4], setting.grade)
            };
            let found: Vec<_> = rows.iter().enumerate().filter(of_cell).collect();
            used.extend(found.iter().map(|(number, _)| *number));
            let said: BTreeSet<BTreeSet<&str>> = found
                .iter()
                .map(|(_, row)| row[5].split(' ').collect())
                .collect();
            let needed = match access.needed(setting, line == "listed") {
                Needed::Forbidden => BTreeSet::from(["!"]),
                Needed::NoSuchAccess => BTreeSet::from(["?"]),
                Needed::Permits(permits) if permits.is_empty() => BTreeSet::from(["-"]),
                Needed::Permits(permits) => permits.iter().map(|kind| kind.code()).collect(),
            };
            let cell = format!(
                "{} {line} {} {} {}",
                access.code(),
                setting.place.code(),
                class_word(setting.device),
                setting.grade
            );
            assert_eq!(said, BTreeSet::from([needed]), "{cell}");
        }
    }
    assert_eq!(
        used.len(),
        rows.len(),
        "a row that matches nothing says nothing"
    );
}

/// requirements.md 1.7, counted.
#[test]
fn the_clauses_bind_as_many_gradings_as_the_truth_table_says() {
    let bound = |kind: PermitKind, place, device| {
        let settings = settings().into_iter();
        let here = settings.filter(|it| it.place == place && it.device == device);
        here.filter(|it| kind.need(*it).0 == Need::Permit).count()
    };
    let (inside, outside) = (Place::ControlledArea, Place::OutsideArea);
    let (issued, own) = (Some(DeviceClass::Issued), Some(DeviceClass::Byod));
    assert_eq!(bound(PermitKind::OffSite, outside, issued), 10);
    assert_eq!(bound(PermitKind::OffSite, inside, issued), 0);
    assert_eq!(bound(PermitKind::Media, outside, None), 10);
    assert_eq!(bound(PermitKind::Byod, inside, own), 11);
    assert_eq!(bound(PermitKind::Byod, outside, own), 11);
    assert_eq!(bound(PermitKind::Reconnection, inside, issued), 12);
    let forbidden = settings()
        .into_iter()
        .filter(|it| it.place == inside && it.device == issued);
    let forbidden = forbidden.filter(|it| PermitKind::Service.need(*it).0 == Need::Forbidden);
    assert_eq!(forbidden.count(), 8);
}

#[test]
fn a_clause_that_names_the_decider_is_the_clause_that_asks() {
    for kind in PermitKind::ALL {
        let (role, named_by) = kind.approver();
        assert!(
            named_by == Clause::Default || named_by == kind.clause(),
            "{kind:?}"
        );
        // What a notice settles the rules do not choose.
        assert!(
            named_by == Clause::Default || kind.choosable().is_empty(),
            "{kind:?}"
        );
        let chosen = kind.choosable();
        assert!(chosen.is_empty() || chosen.contains(&role), "{kind:?}");
        assert!(!chosen.contains(&Role::Auditor));
    }
}
