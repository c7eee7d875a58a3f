//! Hostile and broken input: always a typed refusal, in bounded memory and time.

use std::io::{BufReader, Read, Write};

use proptest::prelude::*;
use sekisho_detect::advisory::error::FeedError;
use sekisho_detect::advisory::import::{Hints, import};
use sekisho_detect::advisory::unpack::Limits;

use crate::common::{dated, fixture, import_bytes, ms, today};

fn refusal(bytes: &[u8]) -> FeedError {
    import_bytes(bytes, dated()).expect_err("must be refused")
}

fn code(bytes: &[u8]) -> &'static str {
    refusal(bytes).fault.code()
}

/// Gives `start`, then `filler` for ever (up to a terabyte, so that a bug ends at last).
fn endless(start: &'static [u8], filler: u8) -> impl std::io::BufRead {
    BufReader::new(start.chain(std::io::repeat(filler).take(1 << 40)))
}

#[test]
fn a_line_without_end_is_refused_after_a_mebibyte() {
    let starts: [&[u8]; 5] = [
        b"cve,epss,percentile\nCVE-2026-1000",
        b"{\"source\":\"shell\",\"entries\":[],\"x\":\"",
        b"#model_version:v1,score_date:2026-11-15\n#",
        b"tool\t1.0-1+deb12u1\tx",
        b"{\"sekisho_feed\":\"debian_tracker\",\"version\":1,\"as_of\":1}\n{\"x\":\"",
    ];
    for start in starts {
        let refused =
            import(endless(start, b'1'), dated(), Limits::default(), today()).unwrap_err();
        assert_eq!(refused.fault.code(), "feed.line_too_long");
        assert!(refused.place.line.is_some());
    }
}

#[test]
fn a_json_string_without_end_is_refused_after_a_mebibyte() {
    let starts: [&[u8]; 3] = [
        b"{\"catalogVersion\":\"1\",\"vulnerabilities\":[{\"cveID\":\"",
        b"{\"shell\":{\"CVE-2026-10006\":{\"releases\":{\"bookworm\":{\"status\":\"",
        b"{\"alpine\":{\"releases\":[{\"releaseCycle\":\"1\",\"eol\":\"",
    ];
    for start in starts {
        let refused =
            import(endless(start, b'a'), dated(), Limits::default(), today()).unwrap_err();
        assert_eq!(refused.fault.code(), "feed.line_too_long");
        let offset = refused.place.offset.unwrap();
        assert!((1 << 20..1 << 21).contains(&offset), "{offset}");
    }
}

#[test]
fn endless_data_is_refused_at_the_limit() {
    let limits = Limits {
        unpacked: 3 << 20,
        ..Limits::default()
    };
    let json = endless(b"{\"catalogVersion\":\"1\",\"vulnerabilities\":[", b' ');
    let refused = import(json, dated(), limits, today()).unwrap_err();
    assert_eq!(refused.fault.code(), "feed.too_large");
    let empty_lines = endless(b"cve,epss,percentile\n", b'\n');
    let refused = import(empty_lines, dated(), limits, today()).unwrap_err();
    assert_eq!(refused.fault.code(), "feed.too_large");
}

#[test]
fn deep_nesting_is_refused() {
    let deep = endless(b"{\"catalogVersion\":\"1\",\"vulnerabilities\":", b'[');
    let refused = import(deep, dated(), Limits::default(), today()).unwrap_err();
    assert_eq!(refused.fault.code(), "feed.bad_shape");
}

#[test]
fn bombs_are_refused_by_their_ratio() {
    assert_eq!(code(&fixture("bomb.xz")), "feed.ratio_bomb");
    assert_eq!(code(&fixture("bomb.gz")), "feed.ratio_bomb");
}

#[test]
fn a_bomb_of_blanks_is_called_what_it_is() {
    let blanks = endless(b" ", b' ');
    let limits = Limits {
        unpacked: 3 << 20,
        ..Limits::default()
    };
    let refused = import(blanks, dated(), limits, today()).unwrap_err();
    assert_eq!(refused.fault.code(), "feed.too_large");
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..16 {
        packed.write_all(&[b' '; 1 << 20]).unwrap();
    }
    assert_eq!(code(&packed.finish().unwrap()), "feed.ratio_bomb");
}

#[test]
fn a_feed_cut_before_its_kind_shows_is_called_cut() {
    let whole = fixture("kev.json");
    let cut = &whole[..whole.len().min(40)];
    assert!(!String::from_utf8_lossy(cut).contains("vulnerabilities"));
    assert_eq!(code(cut), "feed.truncated");
    assert_eq!(code(b"{\"hello\":1}"), "feed.wrong_type");
}

#[test]
fn a_decoder_that_wants_too_much_memory_is_refused() {
    assert_eq!(code(&fixture("big-dictionary.xz")), "feed.memory_limit");
}

#[test]
fn too_many_entries_are_refused() {
    let limits = Limits {
        entries: 1,
        ..Limits::default()
    };
    for name in [
        "changelogs.jsonl",
        "tracker.json",
        "security-packages.tsv",
        "Packages",
        "support-ended.txt",
        "support-limited.txt",
        "distro-info-debian.csv",
        "endoflife.json",
        "kev.json",
        "epss.csv",
        "golden-stored.jsonl",
    ] {
        let refused = import(&*fixture(name), dated(), limits, today()).unwrap_err();
        assert_eq!(refused.fault.code(), "feed.too_many_entries", "{name}");
    }
}

#[test]
fn every_truncation_of_a_packed_or_json_feed_is_refused() {
    for name in [
        "kev.json.xz",
        "kev.json.gz",
        "kev.json",
        "tracker.json",
        "endoflife.json",
    ] {
        let whole = fixture(name);
        let end = whole.trim_ascii_end().len();
        for cut in 0..end {
            let refused = import_bytes(&whole[..cut], dated());
            assert!(refused.is_err(), "{name} cut at {cut}");
        }
        let half = code(&whole[..end * 9 / 10]);
        assert_eq!(half, "feed.truncated", "{name}");
    }
}

#[test]
fn damage_inside_a_container_is_refused() {
    for name in ["kev.json.xz", "kev.json.gz"] {
        let whole = fixture(name);
        for at in 20..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 0x10;
            if let Ok(imported) = import_bytes(&damaged, dated()) {
                // Only bytes that carry nothing (gzip's header flags) may go unnoticed.
                assert_eq!(
                    imported.payload,
                    import_bytes(&whole, dated()).unwrap().payload
                );
            }
        }
    }
}

#[test]
fn wrong_types_are_refused() {
    for (bytes, expected) in [
        (&b""[..], "feed.empty"),
        (b" \n\n", "feed.empty"),
        (b"PK\x03\x04rest", "feed.unsupported_container"),
        (b"\x28\xb5\x2f\xfdrest", "feed.unsupported_container"),
        (b"%PDF-1.7", "feed.unsupported_container"),
        (b"<!DOCTYPE html><html></html>", "feed.wrong_type"),
        (b"{\"hello\":1}", "feed.wrong_type"),
        (b"[]", "feed.wrong_type"),
        (b"null", "feed.wrong_type"),
        (b"cve,epss,percentile\n", "feed.empty"),
        (
            b"version,codename,series,created,release,eol\n",
            "feed.empty",
        ),
    ] {
        assert_eq!(code(bytes), expected, "{}", String::from_utf8_lossy(bytes));
    }
}

#[test]
fn bytes_that_are_not_utf8_are_refused_with_their_place() {
    let mut csv = b"cve,epss,percentile\nCVE-2026-10003,0.4,0.9\n".to_vec();
    let place = csv.len() as u64;
    csv.extend_from_slice(b"\xff\xfe");
    let refused = refusal(&csv);
    assert_eq!(refused.fault.code(), "feed.not_utf8");
    assert_eq!(refused.place.offset, Some(place));
    let mut kev = String::from_utf8(fixture("kev.json"))
        .unwrap()
        .replace("Example.", "例")
        .into_bytes();
    assert!(import_bytes(&kev, dated()).is_ok());
    let cut = kev.iter().position(|b| *b == 0xe4).unwrap();
    kev.remove(cut + 1);
    assert_eq!(code(&kev), "feed.not_utf8");
}

#[test]
fn a_character_split_between_reads_is_still_text() {
    let text = format!(
        "# Packages with limited security support\n\nshell {}\n",
        "関所".repeat(30_000)
    );
    let reader = BufReader::with_capacity(7, text.as_bytes());
    assert!(import(reader, dated(), Limits::default(), today()).is_ok());
}

#[test]
fn bad_fields_are_refused_with_their_line() {
    for (text, expected, line) in [
        (
            "cve,epss,percentile\nCVE-1,0.1,0.1\n",
            "feed.bad_field",
            Some(2),
        ),
        (
            "cve,epss,percentile\nCVE-2026-10003,0.1,0.1\nCVE-2026-10003,2.0,0.1\n",
            "feed.bad_field",
            Some(3),
        ),
        (
            "cve,epss,percentile\nCVE-2026-10003\n",
            "feed.bad_field",
            Some(2),
        ),
        (
            "#model_version:v1,score_date:2026-02-30T00:00:00+0000\n",
            "feed.bad_date",
            Some(1),
        ),
        (
            "version,codename,series,created,release,eol\n12,B,b,2021-08-14,2023-06-10,2026-07-99\n",
            "feed.bad_date",
            Some(2),
        ),
        (
            "tool\t1.0+deb12u1\t\ntool\t1.0\n",
            "feed.bad_field",
            Some(2),
        ),
        (
            "tool\t1.0+deb12u1\t\ntool\t1.0\tsrc (１)\n",
            "feed.bad_field",
            Some(2),
        ),
        ("Package: tool\n\n", "feed.bad_field", Some(2)),
        (
            "{\"source\":\"a\",\"entries\":[]}\n{\"source\":\"a\",\"entries\":[{\"v\":\"1 2\",\"suite\":\"x\",\"cves\":[]}]}\n",
            "feed.bad_shape",
            Some(2),
        ),
        (
            "{\"sekisho_feed\":\"debian_tracker\",\"version\":2,\"as_of\":1}\n",
            "feed.bad_field",
            Some(1),
        ),
    ] {
        let refused = refusal(text.as_bytes());
        assert_eq!(
            (refused.fault.code(), refused.place.line),
            (expected, line),
            "{text}"
        );
    }
}

fn kev_with(from: &str, to: &str) -> Vec<u8> {
    let text = String::from_utf8(fixture("kev.json")).unwrap();
    assert!(text.contains(from));
    text.replace(from, to).into_bytes()
}

#[test]
fn a_catalogue_that_lost_entries_or_has_odd_dates_is_refused() {
    assert_eq!(
        code(&kev_with("\"count\": 2", "\"count\": 3")),
        "feed.bad_field"
    );
    assert_eq!(code(&kev_with("2026-11-25", "2026-11-31")), "feed.bad_date");
    assert_eq!(
        code(&kev_with("2026-11-20T", "2026-11-32T")),
        "feed.bad_date"
    );
    assert_eq!(
        code(&kev_with("2026-11-20T", "2027-11-20T")),
        "feed.future_date"
    );
    assert_eq!(
        code(&kev_with("\"CVE-2026-10009\"", "\"CVE-9\"")),
        "feed.bad_shape"
    );
}

#[test]
fn the_tracker_with_an_unknown_status_is_refused() {
    let text = String::from_utf8(fixture("tracker.json")).unwrap();
    assert_eq!(
        code(text.replace("undetermined", "perhaps").as_bytes()),
        "feed.bad_field"
    );
    assert_eq!(
        code(text.replace("590-2.1\", \"urg", "５\", \"urg").as_bytes()),
        "feed.bad_field"
    );
}

#[test]
fn a_date_of_the_caller_in_the_future_is_refused() {
    let hints = Hints {
        as_of: Some(ms("2026-11-24")),
        release: None,
    };
    let refused = import_bytes(&fixture("tracker.json"), hints).unwrap_err();
    assert_eq!(refused.fault.code(), "feed.future_date");
}

#[test]
fn data_years_old_is_taken_and_stale() {
    let old = kev_with("2026-11-20T", "2016-11-20T");
    let imported = import_bytes(&old, dated()).unwrap();
    assert!(!sekisho_detect::advisory::feed::fresh(&imported.meta, today()).is_fresh());
}

#[test]
fn a_failing_reader_is_reported_as_such() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("gone"))
        }
    }
    let start: &[u8] = b"cve,epss,percentile\nCVE-2026-10003,0.1,0.1\n";
    let reader = BufReader::new(start.chain(Broken));
    let refused = import(reader, dated(), Limits::default(), today()).unwrap_err();
    assert_eq!(refused.fault.code(), "feed.read");
}

const NAMES: [&str; 8] = [
    "changelogs.jsonl",
    "tracker.json",
    "kev.json",
    "kev.json.xz",
    "kev.json.gz",
    "epss.csv",
    "support-ended.txt",
    "golden-stored.jsonl",
];

proptest! {
    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = import_bytes(&bytes, dated());
    }

    #[test]
    fn no_change_of_a_feed_panics(
        name in prop::sample::select(NAMES.to_vec()),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..5),
    ) {
        let mut bytes = fixture(name);
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        let _ = import_bytes(&bytes, dated());
    }
}
