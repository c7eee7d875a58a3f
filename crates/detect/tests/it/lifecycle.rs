//! Ends of support at given days.

use sekisho_detect::advisory::day::parse_day;
use sekisho_detect::advisory::feed::Freshness;
use sekisho_detect::advisory::import::Payload;
use sekisho_detect::advisory::judge::{SupportJudgement, judge_lifecycle};
use sekisho_detect::advisory::lifecycle::{Lifecycle, LifecycleTable, LifecycleUnknown};

use crate::common::import_fixture;

fn table() -> LifecycleTable {
    let mut table = LifecycleTable::default();
    for name in [
        "distro-info-debian.csv",
        "distro-info-ubuntu.csv",
        "endoflife.json",
    ] {
        let Payload::LifeCycles(cycles) = import_fixture(name).payload else {
            panic!("{name}")
        };
        table.add(cycles);
    }
    table
}

/// An answer in few words.
fn said(lifecycle: Lifecycle) -> String {
    let day = |day: Option<jiff::civil::Date>| day.map_or("-".to_owned(), |day| day.to_string());
    match lifecycle {
        Lifecycle::Supported { until } => format!("supported {}", day(until)),
        Lifecycle::LtsOnly { until } => format!("lts {until}"),
        Lifecycle::ContractOnly { ended, until } => format!("contract {} {until}", day(ended)),
        Lifecycle::Ended { at } => format!("ended {}", day(at)),
        Lifecycle::Unknown { reason } => format!("{reason:?}"),
    }
}

#[test]
fn each_period_ends_with_its_last_day() {
    let table = table();
    for (os, version, today, expected) in [
        ("debian", "12", "2026-07-11", "supported 2026-07-11"),
        ("debian", "12", "2026-07-12", "lts 2028-06-30"),
        ("debian", "bookworm", "2028-06-30", "lts 2028-06-30"),
        (
            "debian",
            "12",
            "2028-07-01",
            "contract 2028-06-30 2033-06-30",
        ),
        ("debian", "12", "2033-07-01", "ended 2028-06-30"),
        ("debian", "1.1", "2026-11-22", "ended 1997-06-05"),
        ("debian", "14", "2026-11-22", "NotReleased"),
        ("debian", "", "2026-11-22", "VersionMissing"),
        ("debian", "99", "2026-11-22", "VersionNotListed"),
        (
            "ubuntu",
            "20.04",
            "2026-11-22",
            "contract 2025-05-31 2032-04-23",
        ),
        ("ubuntu", "25.04", "2026-11-22", "ended 2026-01-17"),
        ("alpine", "3.22.1", "2026-11-22", "supported 2027-05-01"),
        ("alpine", "3.2", "2026-11-22", "ended 2017-05-01"),
        ("alpine", "3.20", "2026-11-22", "VersionNotListed"),
        ("rocky", "9.4", "2026-11-22", "supported 2032-05-31"),
        (
            "rhel",
            "7.9",
            "2026-11-22",
            "contract 2024-06-30 2029-05-31",
        ),
        ("macos", "26", "2026-11-22", "supported -"),
        ("macos", "10.4", "2026-11-22", "ended -"),
        ("plan9", "4", "2026-11-22", "ProductNotListed"),
    ] {
        let answer = table.lookup(os, version, parse_day(today).unwrap());
        assert_eq!(said(answer), expected, "{os} {version} {today}");
    }
    let none = LifecycleTable::default().lookup("debian", "12", parse_day("2026-11-22").unwrap());
    assert_eq!(said(none), "NoData");
}

#[test]
fn the_distributions_own_table_wins() {
    let table = table();
    assert_eq!(
        table.find("debian", "12").unwrap().extended,
        Some(parse_day("2033-06-30").unwrap())
    );
}

#[test]
fn stale_data_proves_an_end_but_no_support() {
    let day = |text: &str| parse_day(text).unwrap();
    let stale = Some(Freshness::Stale {
        age_days: 181,
        max_days: 180,
    });
    let fresh = Some(Freshness::Fresh { age_days: 180 });
    let good = [
        Lifecycle::Supported { until: None },
        Lifecycle::LtsOnly {
            until: day("2028-06-30"),
        },
    ];
    let over = [
        Lifecycle::Ended { at: None },
        Lifecycle::ContractOnly {
            ended: None,
            until: day("2033-06-30"),
        },
    ];
    for lifecycle in good {
        assert_eq!(
            judge_lifecycle(lifecycle, fresh),
            SupportJudgement::Supported { lifecycle }
        );
        for data in [stale, None, Some(Freshness::FromFuture)] {
            let judged = judge_lifecycle(lifecycle, data);
            assert!(
                matches!(judged, SupportJudgement::Unknown { .. }),
                "{judged:?}"
            );
        }
    }
    for lifecycle in over {
        for data in [fresh, stale, None] {
            assert_eq!(
                judge_lifecycle(lifecycle, data),
                SupportJudgement::Ended { lifecycle }
            );
        }
    }
    let lifecycle = Lifecycle::Unknown {
        reason: LifecycleUnknown::NoData,
    };
    assert!(matches!(
        judge_lifecycle(lifecycle, fresh),
        SupportJudgement::Unknown { .. }
    ));
}
