//! What the promotion body says of a conference tool, where somebody decides on its use.

use sekisho_domain::opinion::Subject;
use sekisho_domain::permit::{PermitKind, Status};
use sekisho_domain::register::{EntryId, Register};
use sekisho_domain::role::Role;

use super::house::{Browser, Reply};
use super::permit_section::{Section, Who, send, went};

const SAID: &str = "録画の設定を見直すこと";
const ANSWER: &str = "代わりの会議ツールがないため";
const UNANSWERED: &str = "推進体制の異議に対する回答がありません";

fn hidden(page: &str, name: &str) -> String {
    let mark = format!("name=\"{name}\" value=\"");
    let at = page.find(&mark).unwrap() + mark.len();
    page[at..].split('"').next().unwrap().to_owned()
}

/// Somebody of the body objects to the tool.
async fn objected(section: &Section, tool: EntryId) {
    let root = section.house.root();
    let body = section.house.officer("body", root, Role::PromotionBody);
    let (_, body) = body.await;
    let mut browser = section.house.signed_in(body);
    let about = format!("/opinions/{tool}");
    let page = browser.get(&about).await.text();
    let (state, seen) = (hidden(&page, "state"), hidden(&page, "seen"));
    let said = [
        ("state", state.as_str()),
        ("seen", seen.as_str()),
        ("stance", "object"),
        ("sentence", SAID),
    ];
    went(&send(&mut browser, &about, &said).await);
}

/// Decides with an answer to what the body said.
async fn answered(section: &Section, path: &str, (_, account): Who, act: &str) -> Reply {
    let mut browser: Browser<'_> = section.house.signed_in(account);
    let version = section.permit(path).version().to_string();
    let fields = [
        ("expected", version.as_str()),
        ("act", act),
        ("answer", ANSWER),
    ];
    send(&mut browser, &format!("{path}/decide"), &fields).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_objection_to_a_conference_tool_is_shown_to_whoever_decides_and_has_to_be_answered() {
    let section = Section::new().await;
    let path = section.applied(PermitKind::Conference).await;
    let tool = section.entry(Register::ConferenceTool);
    objected(&section, tool).await;
    let diso = section.diso;
    let mut chief = section.house.signed_in(diso.1);
    let page = chief.get(&path).await.text();
    for shown in [SAID, "name=\"answer\""] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    let silent = section.decided(&path, diso, "approve", "").await.text();
    assert!(silent.contains(UNANSWERED), "{silent}");
    assert_eq!(section.status(&path), Status::Applied);
    went(&answered(&section, &path, diso, "approve").await);
    went(&section.done(&path, section.staff, "activate", &[]).await);
    let later = [
        ("f-extend_until", "2027-01-31"),
        ("remark", "会議が続くため"),
    ];
    let asked = section.done(&path, section.staff, "extension", &later);
    went(&asked.await);
    let page = chief.get(&path).await.text();
    for shown in [SAID, "name=\"answer\"", "value=\"extend\""] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    let silent = section.decided(&path, diso, "extend", "").await.text();
    assert!(silent.contains(UNANSWERED), "{silent}");
    assert!(section.permit(&path).asked_until().is_some());
    went(&answered(&section, &path, diso, "extend").await);
    assert!(section.permit(&path).asked_until().is_none());
    let EntryId::ConferenceTool(tool) = tool else {
        panic!("{tool:?}");
    };
    let world = section.house.app.world();
    let weighed: Vec<_> = world
        .opinions
        .weighed
        .iter()
        .map(|it| &it.weighed)
        .collect();
    assert_eq!(weighed.len(), 2);
    for it in weighed {
        assert_eq!(it.proposal.subject, Subject::Conference(tool));
        assert_eq!(it.answer.as_ref().map(|it| it.as_str()), Some(ANSWER));
    }
}
