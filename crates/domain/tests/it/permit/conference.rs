//! What the conference matrix lets a tool carry, by who hosts the meeting (GOV-4-f).

use sekisho_domain::permit::{Particulars, PermitKind};
use sekisho_domain::register::conference_tool::MeetingHost;

use super::asked::particulars;
use super::scene::{STAFF, Scene};

#[test]
fn a_tool_carries_what_its_host_may_and_what_is_forbidden_is_said_so() {
    let scene = Scene::new();
    for (host, grade, code) in [
        (MeetingHost::Own, "C3I2A2", None),
        (MeetingHost::External, "C2I2A1", None),
        (
            MeetingHost::External,
            "C3I2A2",
            Some("permit.beyond-matrix"),
        ),
        (
            MeetingHost::Contractor,
            "C1I1A1",
            Some("permit.matrix-undecided"),
        ),
        // Nothing is carried there, not even what is for everybody.
        (
            MeetingHost::Individual,
            "C1I1A1",
            Some("permit.matrix-forbidden"),
        ),
    ] {
        let mut asked = particulars(PermitKind::Conference, STAFF, grade);
        let Particulars::Conference(conference) = &mut asked else {
            panic!("{asked:?}")
        };
        conference.host = host;
        let grade = grade.parse().unwrap();
        let found = scene.world.conference_ceiling(&asked, grade).err();
        let found = found.as_ref().map(|refusal| &*refusal.reason.code);
        assert_eq!(found, code, "{host:?} {grade}");
    }
}
