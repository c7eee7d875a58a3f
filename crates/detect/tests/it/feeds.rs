//! Every format into typed records, recognised by content.

use sekisho_detect::advisory::cve::CveId;
use sekisho_detect::advisory::debian::{AdvisoryStatus, DebianRecord, to_lines};
use sekisho_detect::advisory::feed::FeedId;
use sekisho_detect::advisory::import::{Hints, Imported, Payload};

use crate::common::{dated, fixture, import_bytes, import_fixture, ms, today};

fn debian(imported: &Imported) -> &[DebianRecord] {
    let Payload::Debian(records) = &imported.payload else {
        panic!("not Debian")
    };
    records
}

#[test]
fn each_fixture_is_recognised_by_its_content() {
    for (name, id, entries) in [
        ("changelogs.jsonl", FeedId::DebianChangelogs, 21),
        ("tracker.json", FeedId::DebianTracker, 20),
        ("security-packages.tsv", FeedId::DebianSecurityArchive, 7),
        ("Packages", FeedId::DebianSecurityArchive, 2),
        ("support-ended.txt", FeedId::DebianSupportEnded, 3),
        ("support-limited.txt", FeedId::DebianSupportLimited, 2),
        ("distro-info-debian.csv", FeedId::DistroInfoDebian, 6),
        ("distro-info-ubuntu.csv", FeedId::DistroInfoUbuntu, 3),
        ("endoflife.json", FeedId::EndOfLifeDate, 7),
        ("kev.json", FeedId::Kev, 2),
        ("kev.json.xz", FeedId::Kev, 2),
        ("kev.json.gz", FeedId::Kev, 2),
        ("epss.csv", FeedId::Epss, 3),
    ] {
        let imported = import_fixture(name);
        assert_eq!(
            (imported.meta.id, imported.meta.entries),
            (id, entries),
            "{name}"
        );
        assert_eq!(imported.meta.imported_at, today());
    }
}

#[test]
fn the_data_tells_its_own_time_where_it_can() {
    let as_of = |name: &str, hints| import_bytes(&fixture(name), hints).map(|i| i.meta.as_of);
    let none = Hints::default();
    // Stated by the data: the caller's word does not make it younger.
    assert_eq!(as_of("epss.csv", dated()), Ok(ms("2026-11-15")));
    assert_eq!(
        as_of("kev.json", dated()),
        Ok(ms("2026-11-20") + 64_003_601)
    );
    // Not older than the newest thing in it.
    assert_eq!(as_of("endoflife.json", none), Ok(ms("2026-08-20")));
    assert_eq!(
        as_of("changelogs.jsonl", none),
        Ok(ms("2026-11-14") + 37_798_000)
    );
    assert_eq!(as_of("changelogs.jsonl", dated()), Ok(ms("2026-11-21")));
    // Says nothing.
    for name in [
        "tracker.json",
        "security-packages.tsv",
        "support-limited.txt",
        "distro-info-debian.csv",
    ] {
        assert_eq!(
            as_of(name, none).unwrap_err().fault.code(),
            "feed.date_missing",
            "{name}"
        );
    }
}

#[test]
fn the_digest_is_that_of_the_bytes_as_given() {
    let digests: Vec<String> = ["kev.json", "kev.json.xz", "kev.json.gz"]
        .map(|name| import_fixture(name).meta.digest)
        .into();
    assert!(digests.iter().all(|d| d.len() == 64));
    assert_ne!(digests[0], digests[1]);
    // `printf '…' | sha256sum` of this text.
    let csv = b"cve,epss,percentile\nCVE-2026-10003,0.42000,0.97000\n";
    let imported = import_bytes(csv, dated()).unwrap();
    assert_eq!(imported.meta.digest, EPSS_DIGEST);
}

const EPSS_DIGEST: &str = "d1f5da5bc2df172e40e4e563fd0d19e485632751a7753775b8fd96ab450ccc96";

#[test]
fn the_tracker_maps_into_the_normalised_form() {
    let imported = import_fixture("tracker.json");
    let status = |release: &str, id: &str| {
        let id: CveId = id.parse().unwrap();
        debian(&imported).iter().find_map(|record| match record {
            DebianRecord::Advisory {
                release: r,
                cve,
                status,
                ..
            } if **r == *release && *cve == id => Some(status.clone()),
            _ => None,
        })
    };
    assert!(matches!(
        status("bookworm", "CVE-2026-10006"),
        Some(AdvisoryStatus::Fixed { .. })
    ));
    assert_eq!(
        status("trixie", "CVE-2026-10006"),
        Some(AdvisoryStatus::NotAffected)
    );
    assert_eq!(
        status("bookworm", "CVE-2026-10020"),
        Some(AdvisoryStatus::Open { unimportant: false })
    );
    assert_eq!(
        status("bookworm", "CVE-2026-10021"),
        Some(AdvisoryStatus::Open { unimportant: true })
    );
    assert_eq!(
        status("bookworm", "CVE-2026-10022"),
        Some(AdvisoryStatus::Undetermined)
    );
}

/// A release given beside it once narrowed it before its entries were counted, so that a whole
/// tracker looked cut beside the one in use.
#[test]
fn a_tracker_is_read_whole_whatever_release_is_given_beside_it() {
    let whole = import_bytes(&fixture("tracker.json"), dated()).unwrap();
    let beside = Hints {
        release: Some("13"),
        ..dated()
    };
    let again = import_bytes(&fixture("tracker.json"), beside).unwrap();
    assert_eq!(debian(&again), debian(&whole));
    assert_eq!(again.meta.entries, whole.meta.entries);
}

/// A tracker of one package once said of all others that nothing is known against them.
#[test]
fn a_tracker_that_lost_a_part_covers_what_it_names_only() {
    let covered = |text: &str| {
        let imported = import_bytes(text.as_bytes(), dated()).unwrap();
        let whole = |record: &&DebianRecord| matches!(record, DebianRecord::CoversAll { .. });
        debian(&imported).iter().filter(whole).count()
    };
    let whole = String::from_utf8(fixture("tracker.json")).unwrap();
    assert_eq!(covered(&whole), 2);
    let imported = import_bytes(whole.as_bytes(), dated()).unwrap();
    assert!(imported.in_part().is_empty());
    for lost in ["apt", "glibc", "zlib"] {
        let part = whole.replace(&format!("\"{lost}\""), "\"other\"");
        assert_eq!(covered(&part), 0, "without {lost}");
        let imported = import_bytes(part.as_bytes(), dated()).unwrap();
        let releases: Vec<&str> = imported.in_part().into_iter().collect();
        assert_eq!(releases, ["bookworm", "trixie"], "without {lost}");
    }
    // One release may be whole beside another that is not.
    let one = whole.replacen(
        "\"trixie\": {\"status\": \"resolved\", \"repositories\": {}",
        "\"sid\": {\"status\": \"resolved\", \"repositories\": {}",
        1,
    );
    assert_eq!(covered(&one), 1);
}

#[test]
fn the_stored_form_reads_back_the_same() {
    for name in [
        "changelogs.jsonl",
        "tracker.json",
        "Packages",
        "support-ended.txt",
        "support-limited.txt",
    ] {
        let imported = import_fixture(name);
        let lines: Result<Vec<String>, _> =
            to_lines(imported.meta.id, imported.meta.as_of, debian(&imported)).collect();
        let stored = lines.unwrap().join("\n");
        let again = import_bytes(stored.as_bytes(), Hints::default()).unwrap();
        assert_eq!(again.payload, imported.payload, "{name}");
        assert_eq!(
            (again.meta.id, again.meta.as_of),
            (imported.meta.id, imported.meta.as_of)
        );
    }
}

/// Stored forms are for ever: this line must stay readable and be written the same.
#[test]
fn the_stored_form_is_the_golden_one() {
    let golden = String::from_utf8(fixture("golden-stored.jsonl")).unwrap();
    let imported = import_bytes(golden.as_bytes(), Hints::default()).unwrap();
    let lines: Result<Vec<String>, _> =
        to_lines(imported.meta.id, imported.meta.as_of, debian(&imported)).collect();
    assert_eq!(lines.unwrap().join("\n") + "\n", golden);
    assert_eq!(debian(&imported).len(), 9);
}

#[test]
fn a_missing_release_is_asked_for_and_taken() {
    let table = "tool\t1.0-1\t\nother\t2.0-1\tsrc \n";
    let refused = import_bytes(table.as_bytes(), dated()).unwrap_err();
    assert_eq!(refused.fault.code(), "feed.release_missing");
    let told = import_bytes(
        table.as_bytes(),
        Hints {
            release: Some("12"),
            ..dated()
        },
    )
    .unwrap();
    let DebianRecord::Candidate { release, .. } = &debian(&told)[0] else {
        panic!()
    };
    assert_eq!(&**release, "bookworm");
}
