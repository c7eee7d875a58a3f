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
