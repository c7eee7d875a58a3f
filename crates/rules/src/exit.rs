//! Which rows set the exit code of `assess`.

use sekisho_domain::requirement::Force;
use sekisho_domain::verdict::Verdict;

/// Whether a row makes `assess` end with code 1: not met or unknown in a row of force M, N, I or
/// S; with `strict` in any row.
#[must_use]
pub const fn sets_exit_code(force: Force, verdict: Verdict, strict: bool) -> bool {
    verdict.is_open() && (strict || force.is_binding())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guidance_is_reported_and_does_not_set_the_code() {
        for force in [Force::M, Force::N, Force::I, Force::S] {
            assert!(sets_exit_code(force, Verdict::NotMet, false));
            assert!(sets_exit_code(force, Verdict::Unknown, false));
        }
        for force in [Force::E, Force::G] {
            assert!(!sets_exit_code(force, Verdict::NotMet, false));
            assert!(sets_exit_code(force, Verdict::NotMet, true));
        }
        for verdict in [Verdict::Met, Verdict::Attested, Verdict::NotApplicable] {
            assert!(!sets_exit_code(Force::M, verdict, true));
        }
    }
}
