//! A year of an organisation, lived through by the real program: its days are requests to the decision point,
//! everything else is done on the console and at the shell, by a clock that the test sets. Use grows past the
//! plan, a high risk stops a task and the next decision about access says so, an exception in a hurry proves
//! itself and becomes a rule, an unregistered conference tool appears in the log of a real resolver. At the end
//! each moment is told again by `sekisho assess --at`, beside the server and without it.

mod office;
mod people;
mod told;

use sekisho_tests::{Reply, hidden, leave_out};
use serde_json::{Value, json};

use crate::discover::peers::Peer;
use crate::office::device::{unfiltered, update_waits};
use office::Office;
use people::{AUTHORITY, BODY, CISO, COLLEAGUE, HISO, People, STAFF};
use told::Moments;

const HOME: &str = "outside_organisation";
/// The row from which the exception departs. Built-in rules rest on it: nobody reaches the system with a device for
/// which an update waits.
const ROW: &str = "GOV-3-1-d";

/// The plan: one task, one person, five days of telework in four weeks.
fn plan(office: &mut Office, people: &People) {
    let head = [
        ("f-title", "一年の計画"),
        ("f-people", "10"),
        ("f-person_days", "5"),
    ];
    office.done(HISO, "/plan/draft/head", &head);
    let line = [
        ("f-task", people.task.as_str()),
        ("f-decision", "allow"),
        ("f-reason", "通常の業務であるため"),
        ("f-people", "1"),
        ("f-highest-c", "2"),
        ("f-highest-i", "2"),
        ("f-highest-a", "1"),
    ];
    office.done(HISO, "/plan/draft/lines/new", &line);
    office.done(HISO, "/plan/draft/propose", &[]);
    let until = office.day(360);
    let until = [("until", until.as_str())];
    let own = "自分が作成又は提案した計画";
    office.refused(HISO, "/plan/draft/approve", &until, own);
    office.done(CISO, "/plan/draft/approve", &until);
    office.planned = true;
    office.shows(STAFF, "/plan", &["一年の計画"], &["一年の計画"]);
}

/// Two people hold a permit for a task of one, and are let through from home on more days than were planned.
fn use_grows(office: &mut Office, people: &mut People, moments: &mut Moments) {
    for login in [STAFF, COLLEAGUE] {
        let kinds: [(&str, &[(&str, &str)]); 5] = [
            ("pt", &[("f-place", "home")]),
            ("po", &[("f-destination", "home"), ("f-encrypted", "yes")]),
            ("pi", &[("f-place", HOME), ("f-restrictions", "複製禁止")]),
            ("pl", &[("f-kind", "home"), ("f-encrypted", "yes")]),
            ("pa", &[]),
        ];
        for (kind, fields) in kinds {
            people.permit(office, (login, kind), fields);
        }
    }
    people.evaluate(office);
    for _ in 0..5 {
        office.pass(1);
        office.bring_feed();
        people.report(office, &[]);
        people.works(office, STAFF, HOME);
        people.works(office, COLLEAGUE, HOME);
    }
    office.pass(1);
    people.evaluate(office);
    let (ja, en) = (["延べ実施日数（人日）"], ["Person-days"]);
    office.shows(HISO, "/cases", &ja, &en);
    // Nobody looks at it.
    office.pass(20);
    people.evaluate(office);
    office.shows(HISO, "/cases", &["期限超過"], &["was due by"]);
    moments.look(office, "late");
}

/// The rules by which the task is refused from home, and the whole answer.
fn refused(office: &Office, people: &People) -> (Vec<String>, Value) {
    let context = json!({ "place": HOME, "task": people.task });
    let answer = people.decision(office, STAFF, &context);
    assert_eq!(answer["decision"], false, "{answer}");
    let missing = answer["context"]["missing"].as_array().expect("a list");
    let rules = missing.iter().filter_map(|it| it["rule"].as_str());
    (rules.map(str::to_owned).collect(), answer)
}

/// The task is assessed as High by what a device reported, and stopped: the next decision says so, to programs
/// and to the person. The rest is accepted until a day that passes, and answered by a measure then.
fn a_high_risk_stops_a_task(office: &mut Office, people: &mut People, moments: &mut Moments) {
    people.report(office, &[unfiltered()]);
    let (rules, answer) = refused(office, people);
    assert!(!rules.contains(&"risk.stopped".to_owned()), "{answer}");
    let path = People::assessed(office, &people.task, (false, ("stop", "yes")));
    let (rules, answer) = refused(office, people);
    assert!(rules.contains(&"risk.stopped".to_owned()), "{answer}");
    let said = &answer["context"]["reason_user"];
    for (language, words) in [
        ("ja", "この業務をテレワークで行うことが停止されている"),
        ("en", "the task is stopped for telework"),
    ] {
        let said = said[language].as_str().unwrap_or_default();
        assert!(said.contains(words), "{answer}");
    }
    let risk = path.rsplit('/').next().unwrap_or_default();
    let (ja, en) = ("テレワークの許可がない", "There is no permit for telework");
    office.shows(STAFF, "/access/mine", &[ja, risk], &[en, risk]);
    let ja = ["業務の停止", "同じ値です", "受信通信の遮断"];
    let en = ["Task stopped", "put to the method again", "High"];
    office.shows(CISO, &path, &ja, &en);
    // The rest the CISO takes upon himself for a while.
    let soon = office.day(20);
    let accepted = people.answer(office, false, ("accept_until", &soon));
    assert_eq!(accepted, ["body", "unit"]);
    people.evaluate(office);
    moments.look(office, "acted");
    office.pass(30);
    people.evaluate(office);
    moments.look(office, "open");
    let measure = ("measure", "firewall");
    let answered = people.answer(office, false, measure);
    assert_eq!(answered, ["body"]);
    People::assessed(office, &people.unit, (false, measure));
}

/// Does something with an exception as its page asks for it.
fn on_exception(office: &mut Office, path: &str, act: &str, more: &[(&str, &str)]) -> Reply {
    let to = format!("{path}/{act}");
    let page = office.page(AUTHORITY, &to);
    let (expected, seen) = (hidden(&page, "expected"), hidden(&page, "seen"));
    let mut fields = vec![
        ("expected", expected.as_str()),
        ("seen", seen.as_str()),
        ("confirmed", "yes"),
        ("f-note", "一月の状況を確認した"),
    ];
    fields.extend_from_slice(more);
    office.send(AUTHORITY, &to, &fields)
}

/// An exception in a hurry, with a measure that a device shows and one that only a person sees; where it is. For some
/// days work goes on by it alone, and its page tells that it was used.
fn an_exception_is_taken(
    office: &mut Office,
    people: &mut People,
    moments: &mut Moments,
) -> String {
    let (review, until) = (office.day(30), office.day(80));
    let fields = [
        ("f-requirement", ROW),
        ("f-place", "controlled"),
        ("f-measures", "firewall: 接続を断る\n毎夕、課長が確認する"),
        ("f-urgent", "yes"),
        ("f-review_on", review.as_str()),
        ("f-term_until", until.as_str()),
    ];
    let permit = people.permit(office, (STAFF, "pe"), &fields);
    let path = permit.replace("/permits/", "/exceptions/");
    people.report(office, &[]);
    for _ in 0..3 {
        office.pass(1);
        office.bring_feed();
        people.report(office, &[update_waits()]);
        people.works(office, STAFF, "controlled");
    }
    office.pass(26);
    people.report(office, &[]);
    people.answer(office, false, ("measure", "firewall"));
    let used = ("アクセスを認められた者 1人", "1 person was let through");
    let ja = ["測定した効果", "実施を確認", "毎夕、課長が確認する", used.0];
    office.shows(AUTHORITY, &path, &ja, &[used.1]);
    let next = office.day(40);
    let found = [
        ("f-judgement", "effective"),
        ("f-review_on", next.as_str()),
        ("word", "1"),
    ];
    on_exception(office, &path, "review", &found).with_status(303);
    let proved = ["有効と確認された例外措置です"];
    office.shows(AUTHORITY, &path, &proved, &[]);
    office.shows(AUTHORITY, "/exceptions", &[&path, "緊急"], &[&path]);
    people.evaluate(office);
    moments.look(office, "left");
    path
}

/// What the exception allowed is written into a rule; where the rule is.
fn drafted(office: &mut Office) -> String {
    let page = office.page(HISO, "/rules/new");
    let owner = crate::office::forms::choice(&page, "f-owner", "統括");
    let head = [
        ("f-title", "持出し端末の規程"),
        ("f-owner", owner.as_str()),
        ("f-acknowledge", "yes"),
    ];
    let draft = office.done(HISO, "/rules/new", &head);
    let clause = [
        ("f-label", "第1条"),
        ("text", "接続を断る設定をした端末で行う。"),
        ("f-rows", ROW),
    ];
    office.done(HISO, &format!("{draft}/clauses/new"), &clause);
    office.done(HISO, &format!("{draft}/propose"), &[]);
    let rule = draft.strip_suffix("/draft").expect("a draft");
    rule.to_owned()
}

/// The promotion body is heard, the rule is approved, and the exception becomes ordinary operation.
fn it_becomes_a_rule(
    office: &mut Office,
    people: &mut People,
    (moments, exception): (&mut Moments, &str),
) {
    office.pass(10);
    people::joins(office, (BODY, "小林 六郎", "promotion_body"));
    let path = drafted(office);
    let approve = format!("{path}/draft/approve");
    let lacking = "推進体制の意見がまだありません";
    office.refused(CISO, &approve, &[], lacking);
    let rule = path.rsplit('/').next().unwrap_or_default();
    People::heard(office, rule);
    people.report(office, &[]);
    // While the clause only is a proposal, nothing can be made of it.
    let clause = format!("{rule}/1");
    let into = [("f-clause", clause.as_str())];
    on_exception(office, exception, "regularise", &into).with_status(422);
    office.done(CISO, &approve, &[]);
    on_exception(office, exception, "regularise", &into).with_status(303);
    let title = ["持出し端末の規程"];
    office.shows(STAFF, "/rules", &title, &title);
    office.shows(AUTHORITY, exception, &[&clause], &[&clause]);
    people.evaluate(office);
    moments.look(office, "regular");
    people.answer(office, true, ("measure", "firewall"));
}

/// A tool that no register carries is found in the log of a resolver, and entered.
fn a_tool_appears(
    office: &mut Office,
    people: &mut People,
    (moments, resolver): (&mut Moments, &Peer),
) {
    const TOOL: &str = "/services/zoom";
    office.pass(60);
    assert_eq!(office.resolver_read(resolver), json!(["zoom"]));
    office.shows(HISO, "/services", &["台帳にない", TOOL], &[TOOL]);
    let evidence = ["dns-honsho", "zoom.us"];
    office.shows(HISO, TOOL, &evidence, &evidence);
    people.report(office, &[]);
    people.evaluate(office);
    moments.look(office, "tool");
    // Nobody enters it within a week: that is a change against the plan.
    office.pass(8);
    assert_eq!(office.resolver_read(resolver), json!([]));
    people.evaluate(office);
    let page = office.page(HISO, "/cases");
    let cases = page.split("href=\"/cases/").skip(1);
    let cases = cases.filter_map(|it| it.split('"').next());
    let cases: Vec<String> = cases.map(|it| format!("/cases/{it}")).collect();
    let link = format!("href=\"{TOOL}\"");
    let mut named = cases.iter();
    let named = named.find(|case| office.page(HISO, case).contains(&link));
    assert!(named.is_some(), "no case names it: {cases:?}");
    let tool = [
        ("f-name", "Zoom"),
        ("f-scope", "others"),
        ("f-own", "forbidden"),
        ("f-contractor", "c1"),
        ("f-external", "c1"),
        ("f-individual", "forbidden"),
        ("f-restriction", "画面共有は公開資料に限る"),
        ("f-domains", "zoom.us\nzoom.com"),
    ];
    office.done(HISO, "/registers/conference_tool", &tool);
    office.shows(HISO, TOOL, &["台帳に登録されています"], &[]);
    people.evaluate(office);
    people.answer(office, true, ("measure", "firewall"));
}

/// The last day: everything is looked at once more.
fn the_year_ends(
    office: &mut Office,
    people: &mut People,
    (moments, resolver, exception): (&mut Moments, &Peer, &str),
) {
    office.pass(185);
    assert_eq!(office.resolver_read(resolver), json!([]));
    people.report(office, &[]);
    people.evaluate(office);
    // What nobody sees but by a word was last said more than ninety days ago.
    moments.look(office, "silent");
    let still = [("f-judgement", "effective"), ("word", "1")];
    on_exception(office, exception, "review", &still).with_status(303);
    let last_day = office.day(30);
    let word = [
        (
            "statement",
            "例外で行っていた業務を規程に定めたことを確認した。",
        ),
        ("last_day", last_day.as_str()),
        ("confirmed", "yes"),
    ];
    office.done(HISO, "/requirements/GOV-2-d/attestations", &word);
    moments.look(office, "end");
    for (who, path, words) in [
        (HISO, "/plan", "一年の計画"),
        (HISO, "/risks", "予算要求の調整"),
        (AUTHORITY, "/exceptions", exception),
        (HISO, "/rules", "持出し端末の規程"),
        (HISO, "/conferences", "Zoom"),
    ] {
        office.shows(who, path, &[words], &[words]);
    }
    let (rules, answer) = refused(office, people);
    assert!(rules.contains(&"risk.stopped".to_owned()), "{answer}");
}

#[test]
fn a_year_is_lived_through_by_the_real_program_and_told_again_at_the_shell() {
    let name = "a_year_is_lived_through_by_the_real_program_and_told_again_at_the_shell";
    let [dnsmasq, ..] = Peer::all();
    if !dnsmasq.is_there() {
        return leave_out(name, "dnsmasq is not installed");
    }
    let Some(mut office) = Office::begun() else {
        return leave_out(name, "no C compiler");
    };
    let office = &mut office;
    let mut people = People::gathered(office);
    let mut moments = Moments::default();
    moments.look(office, "before");
    plan(office, &people);
    use_grows(office, &mut people, &mut moments);
    a_high_risk_stops_a_task(office, &mut people, &mut moments);
    let exception = an_exception_is_taken(office, &mut people, &mut moments);
    it_becomes_a_rule(office, &mut people, (&mut moments, &exception));
    a_tool_appears(office, &mut people, (&mut moments, &dnsmasq));
    let rest = (&mut moments, &dnsmasq, exception.as_str());
    the_year_ends(office, &mut people, rest);
    office.shell().run(["ledger", "verify"]).with_code(0);
    moments.told_again(office);
    // The same without the server, by the folder alone.
    office.stop();
    office.shell().run(["ledger", "verify"]).with_code(0);
    moments.told_again(office);
}
