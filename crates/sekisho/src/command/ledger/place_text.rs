//! Places and findings in words.

use sekisho_ledger::{Finding, Place};

use crate::output::Output;

/// Where something is wrong, in words.
pub fn place(output: &Output, place: &Place) -> String {
    // As text: numbers of records are names, written as `prove` takes them.
    let text = |key, args: &[(&str, String)]| {
        let args: Vec<_> = args
            .iter()
            .map(|(name, value)| (*name, value.into()))
            .collect();
        output.text(key, &args)
    };
    match place {
        Place::Seq(seq) => text("ledger.place.record", &[("n", seq.to_string())]),
        Place::Range(from, until) => {
            let last = until.saturating_sub(1).to_string();
            let args = [("from", from.to_string()), ("last", last)];
            text("ledger.place.records", &args)
        }
        Place::Tile(id) => text("ledger.place.tile", &[("path", id.to_string())]),
        Place::Blob(digest) => text("ledger.place.blob", &[("digest", digest.to_string())]),
        Place::Checkpoint => text("ledger.place.checkpoint", &[]),
        Place::OutsideCheckpoint => text("ledger.place.outside", &[]),
    }
}

/// What is wrong and where, in words, with the codes.
pub fn finding(output: &Output, finding: &Finding) -> String {
    let place = place(output, &finding.place);
    let what = output.text(&format!("ledger.finding.{}", finding.code), &[]);
    let why = finding.detail.map_or_else(String::new, |detail| {
        let why = output.text(&format!("ledger.detail.{detail}"), &[]);
        output.text("ledger.cli.detail", &[("why", why.into())])
    });
    let code = finding.code.as_str();
    let args = [
        ("place", place.into()),
        ("what", what.into()),
        ("why", why.into()),
        ("code", code.into()),
    ];
    output.text("ledger.cli.finding", &args)
}

#[cfg(test)]
mod tests {
    use sekisho_ledger::canonical::CanonicalCode;
    use sekisho_ledger::{CheckpointError, Digest, FindingCode, RecordError, TileId, Unknown};
    use sekisho_messages::{Lang, contains};

    use super::*;
    use crate::output::Format;

    const PLACES: [Place; 6] = [
        Place::Seq(1234),
        Place::Range(3, 9),
        Place::Tile(TileId { level: 0, index: 7 }),
        Place::Blob(Digest([1; 32])),
        Place::Checkpoint,
        Place::OutsideCheckpoint,
    ];

    /// The finer codes that a finding may carry.
    fn details() -> Vec<&'static str> {
        use CanonicalCode as Form;
        let forms = [
            Form::TooLarge,
            Form::TooDeep,
            Form::NotUtf8,
            Form::NotCanonical,
            Form::KeyOrder,
            Form::Number,
        ];
        let records = [RecordError::Kind, RecordError::Version];
        let checkpoints = [
            CheckpointError::Malformed,
            CheckpointError::Origin,
            CheckpointError::Unsigned,
            CheckpointError::Signature,
        ];
        forms
            .iter()
            .map(|code| code.as_str())
            .chain(records.iter().map(RecordError::code))
            .chain(checkpoints.iter().map(CheckpointError::code))
            .collect()
    }

    #[test]
    fn every_code_of_a_verification_has_its_words() {
        for code in FindingCode::ALL {
            assert!(contains(&format!("ledger.finding.{code}")), "{code}");
        }
        for code in Unknown::ALL {
            assert!(contains(&format!("ledger.unknown.{code}")), "{code}");
        }
        for code in details() {
            assert!(contains(&format!("ledger.detail.{code}")), "{code}");
        }
    }

    #[test]
    fn a_finding_names_its_place_and_code_in_both_languages() {
        for lang in [Lang::Ja, Lang::En] {
            let output = Output {
                lang,
                format: Format::Text,
                colour: false,
            };
            for (at, code) in PLACES.iter().zip(FindingCode::ALL) {
                let found = Finding {
                    code: *code,
                    place: *at,
                    detail: Some("number"),
                };
                let said = finding(&output, &found);
                assert!(said.contains(&place(&output, at)), "{said}");
                assert!(said.contains(code.as_str()), "{said}");
                // A missing message or an argument without value would show itself.
                assert!(!said.contains("[ledger.") && !said.contains('{'), "{said}");
            }
            assert!(place(&output, &PLACES[0]).contains("1234"));
            assert!(place(&output, &PLACES[1]).contains('8'));
        }
    }
}
