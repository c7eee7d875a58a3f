//! What the register says of conference tools: an entry by itself confirms nothing (notices, 4).

use sekisho_domain::check::Outcome;
use sekisho_domain::device::DeviceClass;
use sekisho_domain::field::Value;
use sekisho_domain::id::{Fresh, PostId, UnitId};
use sekisho_domain::profile::Profile;
use sekisho_domain::register::Register;
use sekisho_domain::time::Span;
use sekisho_domain::verdict::Verdict;
use sekisho_rules::assess::{Thing, attesters};

use crate::clients::shows;
use crate::fixture::{Scene, around_now, fresh, row};
use crate::permits::said;
use crate::registers::{enter, post, text};
use crate::services::{ago, is, many, read_logs, sighting, tool};

const KNOWN: &str = "GOV-4-a";
const OPERATED: &str = "GOV-4-c";
const GRADED: &str = "GOV-4-f";

/// A post that nobody holds any more.
fn vacant() -> Value {
    text(&PostId::new(Fresh([21; 16])).to_string())
}

/// All that the rows ask for, with one field as given or left out.
fn fields(owner: PostId, key: &'static str, value: Option<Value>) -> Vec<(&'static str, Value)> {
    let mut fields = vec![
        ("name", text("会議")),
        ("scope", text("organisation")),
        ("owner", text(&owner.to_string())),
        ("own", text("c1")),
        ("contractor", text("c1")),
        ("external", text("c1")),
        ("individual", text("forbidden")),
        ("restriction", text("なし")),
        ("version", text("6.2")),
        ("settings_reviewed", text("2026-11-01")),
        ("domains", many(&["meet.example"])),
    ];
    fields.retain(|(code, _)| *code != key);
    fields.extend(value.map(|value| (key, value)));
    fields
}

/// An organisation with that tool, which reads its logs.
fn with_tool(profile: Profile, key: &'static str, value: Option<Value>) -> Scene {
    let mut scene = Scene::new(profile);
    let owner = post(&mut scene, 20, None);
    post(&mut scene, 21, Some(Span::days(3)));
    read_logs(&mut scene, 1);
    let fields = fields(owner, key, value);
    enter(&mut scene, Register::ConferenceTool, tool(1), &fields);
    scene
}

fn to_attest() -> (Verdict, String) {
    is(Verdict::Unknown, "attestation.missing")
}

/// A tool with a field left out or changed, and what the row says then.
type Case = (
    &'static str,
    Option<Value>,
    &'static str,
    Verdict,
    &'static str,
);

fn cases() -> Vec<Case> {
    use Verdict::{NotMet, Unknown};
    let day = |day| Some(text(day));
    let (owner, looked) = ("owner", "settings_reviewed");
    let blank = "services.host-undecided";
    let (vacant, unstated) = ("services.owner-vacant", "services.owner-unstated");
    let undated = "services.settings-undated";
    vec![
        (owner, None, KNOWN, Unknown, unstated),
        (owner, Some(self::vacant()), KNOWN, NotMet, vacant),
        (owner, None, OPERATED, Unknown, unstated),
        (owner, Some(self::vacant()), OPERATED, NotMet, vacant),
        (
            "version",
            None,
            OPERATED,
            Unknown,
            "services.version-unknown",
        ),
        (looked, None, OPERATED, Unknown, undated),
        (looked, day("2026-11-24"), OPERATED, Unknown, undated),
        (
            looked,
            day("2026-05-01"),
            OPERATED,
            Unknown,
            "services.settings-old",
        ),
        (
            "domains",
            None,
            OPERATED,
            Unknown,
            "services.tool-without-domains",
        ),
        ("individual", None, GRADED, Unknown, blank),
        ("restriction", None, GRADED, Unknown, blank),
        // The policy itself is asked for there.
        ("individual", None, "CI-4-d", NotMet, blank),
    ]
}

/// One entry made every row of the register as good as confirmed, whatever it left out.
#[test]
fn a_tool_confirms_a_row_only_with_all_that_the_row_asks_for() {
    let whole = with_tool(Profile::Gov, "settings_reviewed", Some(text("2026-11-23")));
    for id in [KNOWN, OPERATED, GRADED] {
        assert_eq!(said(&whole, id), to_attest(), "{id}");
    }
    for (key, value, id, verdict, code) in cases() {
        let profile = if id.starts_with("CI") {
            Profile::Ci
        } else {
            Profile::Gov
        };
        let about = format!("{id} {key}: {value:?}");
        let mut scene = with_tool(profile, key, value);
        assert_eq!(said(&scene, id), is(verdict, code), "{about}");
        // No officer's word lifts it.
        let of = scene
            .catalogue
            .rows()
            .iter()
            .find(|it| it.id.as_str() == id);
        let officer = scene.appoint(attesters(of.unwrap())[0]);
        scene.attest(id, officer, around_now());
        let assessment = scene.assess();
        let judged = row(&assessment, id);
        assert_eq!(judged.verdict.verdict, verdict, "{about}");
        assert_eq!(judged.verdict.reason.params["tool"], "会議".into());
        let named = judged.concerned.iter();
        let mut named = named.filter(|it| it.what == Thing::Entry(tool(1).into()));
        assert!(named.any(|it| it.reason.code == code), "{about}");
    }
}

#[test]
fn every_tool_is_named_with_all_that_it_lacks_what_is_wrong_first() {
    let mut scene = with_tool(Profile::Gov, "version", None);
    let owner = PostId::new(Fresh([20; 16]));
    let mut two = fields(owner, "owner", Some(vacant()));
    two.retain(|(key, _)| *key != "domains");
    two[0] = ("name", text("会議二"));
    enter(&mut scene, Register::ConferenceTool, tool(2), &two);
    let assessment = scene.assess();
    let judged = row(&assessment, OPERATED);
    let told = (judged.verdict.verdict, &*judged.verdict.reason.code);
    assert_eq!(told, (Verdict::NotMet, "services.several-lack"));
    let counts = judged.verdict.counts;
    assert_eq!((counts.pass, counts.fail, counts.unknown), (0, 1, 1));
    let named: Vec<_> = judged
        .concerned
        .iter()
        .map(|it| (it.what, &*it.reason.code))
        .collect();
    let (one, two) = (Thing::Entry(tool(1).into()), Thing::Entry(tool(2).into()));
    let expected = [
        (two, "services.owner-vacant"),
        (one, "services.version-unknown"),
        (two, "services.tool-without-domains"),
    ];
    assert_eq!(named, expected);
}

#[test]
fn names_of_a_client_tell_no_version_until_a_device_shows_it() {
    let mut scene = with_tool(Profile::Gov, "version", None);
    let owner = PostId::new(Fresh([20; 16]));
    let mut two = fields(owner, "version", None);
    two[0] = ("name", text("会議二"));
    two.push(("packages", many(&["zoom"])));
    enter(&mut scene, Register::ConferenceTool, tool(2), &two);
    scene.apply(sekisho_domain::event::Event::RegisterRetired {
        id: tool(1).into(),
        remark: None,
    });
    let device = scene.enrol(DeviceClass::Issued);
    let unseen = is(Verdict::Unknown, "services.client-unseen");
    assert_eq!(said(&scene, OPERATED), unseen);
    shows(&mut scene, device, tool(2), Outcome::Pass);
    assert_eq!(said(&scene, OPERATED), to_attest());
}

/// The catalogue named what logs show as evidence of these rows, and nothing read it.
#[test]
fn what_logs_show_of_tools_counts_for_the_rows_that_name_it() {
    let mut scene = with_tool(Profile::Gov, "", None);
    let sources = |scene: &Scene, id: &str| {
        let assessment = scene.assess();
        let evidence = row(&assessment, id).verdict.evidence.iter();
        let of = evidence.filter(|it| it.source.starts_with("services:"));
        of.map(|it| (it.source.clone(), it.at)).collect::<Vec<_>>()
    };
    let read = ("services:logs".to_owned(), ago(1).day_begun());
    assert_eq!(sources(&scene, KNOWN), std::slice::from_ref(&read));
    assert_eq!(sources(&scene, OPERATED), std::slice::from_ref(&read));
    scene.access.services_mut().note(tool(1).into(), ago(2));
    let used = ("services:used".to_owned(), ago(2).day_begun());
    assert_eq!(sources(&scene, OPERATED), [used, read]);
    // What nobody registered may have been introduced for the whole.
    let root = UnitId::new(fresh(2, 0));
    scene.apply(sighting("zoom", "conference", "zoom.us", &[root]));
    let unlisted = is(Verdict::Unknown, "services.unregistered");
    assert_eq!(said(&scene, KNOWN), unlisted);
    assert_eq!(said(&scene, OPERATED), to_attest());
    // Without logs nobody knows what is used.
    scene.access.services_mut().read("proxy", ago(9));
    let silent = is(Verdict::Unknown, "services.logs-stale");
    assert_eq!(said(&scene, OPERATED), silent);
    assert_eq!(said(&scene, GRADED), to_attest());
}

#[test]
fn a_tool_that_others_host_is_theirs_to_operate() {
    let scene = with_tool(Profile::Gov, "scope", Some(text("others")));
    for id in [KNOWN, OPERATED] {
        assert_eq!(said(&scene, id), to_attest(), "{id}");
    }
    let mut unread = Scene::new(Profile::Gov);
    let owner = post(&mut unread, 20, None);
    let fields = fields(owner, "scope", Some(text("others")));
    enter(&mut unread, Register::ConferenceTool, tool(1), &fields);
    for id in [KNOWN, OPERATED] {
        let no_logs = is(Verdict::Unknown, "services.no-logs");
        assert_eq!(said(&unread, id), no_logs, "{id}");
    }
}
