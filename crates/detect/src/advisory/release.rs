//! Debian releases: code names and numbers, and which release a set of versions was made for.

/// Number and code name of the Debian releases that can still be met in the field or are planned.
const RELEASES: &[(u32, &str)] = &[
    (8, "jessie"),
    (9, "stretch"),
    (10, "buster"),
    (11, "bullseye"),
    (12, "bookworm"),
    (13, "trixie"),
    (14, "forky"),
    (15, "duke"),
];

/// The code name of a Debian release given by code name (`bookworm`), number (`12`) or point
/// release (`12.15`).
pub fn code_name(release: &str) -> Option<&'static str> {
    let number = release
        .split('.')
        .next()
        .and_then(|n| n.parse::<u32>().ok());
    RELEASES
        .iter()
        .find(|(n, name)| *name == release || Some(*n) == number)
        .map(|(_, name)| *name)
}

/// Finds the release a list of versions belongs to by the mark stable updates carry (`+deb12u3`,
/// `~deb12u1`): the release that most versions are marked for, if that is a clear majority.
#[derive(Debug, Default)]
pub(crate) struct ReleaseVote([usize; RELEASES.len()]);

impl ReleaseVote {
    pub(crate) fn see(&mut self, version: &str) {
        let Some(at) = version.rfind("deb") else {
            return;
        };
        if !version[..at].ends_with(['+', '~']) {
            return;
        }
        let Some((number, _)) = version[at + 3..].split_once('u') else {
            return;
        };
        let Ok(number) = number.parse::<u32>() else {
            return;
        };
        if let Some(slot) = RELEASES.iter().position(|(n, _)| *n == number) {
            self.0[slot] += 1;
        }
    }

    pub(crate) fn winner(&self) -> Option<&'static str> {
        let total: usize = self.0.iter().sum();
        let (slot, votes) = self.0.iter().enumerate().max_by_key(|(_, votes)| **votes)?;
        (*votes * 2 > total).then(|| RELEASES[slot].1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_found_by_name_and_number() {
        for text in ["12", "12.15", "bookworm"] {
            assert_eq!(code_name(text), Some("bookworm"));
        }
        assert_eq!(code_name("24.04"), None);
        assert_eq!(code_name(""), None);
    }

    #[test]
    fn versions_vote_for_their_release() {
        let mut vote = ReleaseVote::default();
        assert_eq!(vote.winner(), None);
        for version in [
            "1.0-1",
            "2.4.71-1~deb12u1",
            "3-1+deb12u2",
            "2.16.9-0.1+deb11u4",
            "debhelper",
        ] {
            vote.see(version);
        }
        assert_eq!(vote.winner(), Some("bookworm"));
        vote.see("1+deb11u1");
        assert_eq!(vote.winner(), None);
    }
}
