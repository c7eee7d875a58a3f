//! What the checks of devices are held against, of today.

use std::path::Path;

use sekisho_tests::Sekisho;

use super::forms::day;

pub const ENDS: &str = r#"{"debian":{"releases":[{"releaseCycle":"13","codename":"Trixie","releaseDate":"2025-08-09","eol":"2028-08-09","eoes":"2030-06-30"}]}}"#;
/// The one package of the device, with a vulnerability that is repaired.
const TRACKER: &str = r#"{"bash":{"CVE-2026-10001":{"scope":"local","releases":{"trixie":{"status":"resolved","repositories":{"trixie":"5.2.37-2"},"fixed_version":"5.2.37-1","urgency":"low"}}}}}"#;
const SUPPORT_ENDED: &str =
    "# Packages whose security support ends early\n\nhorde.*  0  2025-03-22  Made up\n";

/// The ends of support.
pub fn ends_of_support(server: &Sekisho, folder: &Path) {
    bring(server, folder, "endoflife.json", ENDS, &[]);
}

/// Vulnerabilities, those that are exploited, and supports that ended early.
pub fn vulnerabilities(server: &Sekisho, folder: &Path) {
    let exploited = serde_json::json!({
        "title": "Known exploited vulnerabilities", "catalogVersion": "1",
        "dateReleased": format!("{}T00:00:00Z", day(-1)), "count": 1,
        "vulnerabilities": [{
            "cveID": "CVE-2026-10099", "vendorProject": "Example", "product": "Example",
            "vulnerabilityName": "Example", "dateAdded": day(-10), "shortDescription": "Example.",
            "requiredAction": "Update.", "dueDate": day(10),
        }],
    });
    bring(server, folder, "tracker.json", TRACKER, &[]);
    bring(server, folder, "kev.json", &exploited.to_string(), &[]);
    let release = ["--release", "trixie"];
    bring(server, folder, "support-ended.txt", SUPPORT_ENDED, &release);
}

fn bring(server: &Sekisho, folder: &Path, name: &str, text: &str, more: &[&str]) {
    let file = folder.join(name);
    std::fs::write(&file, text).expect("a file is written");
    let (file, today) = (file.display().to_string(), day(0));
    let mut words = vec!["feeds", "import", &file, "--as-of", &today];
    words.extend_from_slice(more);
    server.cli().run(words).with_code(0);
}
