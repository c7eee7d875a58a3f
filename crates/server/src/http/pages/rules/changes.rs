//! What changed between two versions of a rule, or between the newest and the draft.

use std::sync::Arc;

use maud::html as markup;
use sekisho_domain::field::Noun as _;
use sekisho_domain::rule::{
    Clause, ClauseChange, ClauseTerms, Piece, RuleContent, RuleDocument, clause_changes,
    text_pieces,
};
use sekisho_messages::t;

use super::super::super::ctx::{Answer, Ctx, html};
use super::super::super::fault::Fault;
use super::super::register::referents::Things;
use super::words::CLAUSE_WORDS;
use super::{asked, drafts_or_approves, path, title_of};
use crate::console::fields::changes;
use crate::console::layout::Place;
use crate::console::rules::{ChangeLine, ChangesView, changes_page, pieces};

/// What a version or the draft says, and what it is called.
fn content(
    ctx: &Ctx,
    document: &RuleDocument,
    which: &str,
) -> Result<(Arc<RuleContent>, String), Fault> {
    if which == "draft" {
        let work = document.work.as_ref().filter(|_| drafts_or_approves(ctx));
        let work = work.ok_or_else(Fault::not_found)?;
        return Ok((
            Arc::clone(&work.content),
            t!(ctx.lang, "rule.draft").into_owned(),
        ));
    }
    let number: u32 = which.parse().map_err(|_| Fault::not_found())?;
    let found = document.versions.iter().find(|it| it.version == number);
    let found = found.ok_or_else(Fault::not_found)?;
    let name = t!(ctx.lang, "rule.version", n = number).into_owned();
    Ok((Arc::clone(&found.content), name))
}

fn line(ctx: &Ctx, change: &ClauseChange<'_>) -> Option<ChangeLine> {
    let whole = |clause: &Clause, change, piece: Piece<'_>| ChangeLine {
        change,
        label: markup! { (clause.terms.label.as_str()) },
        text: pieces(&[piece]),
        fields: Vec::new(),
    };
    Some(match change {
        ClauseChange::Same(_) => return None,
        ClauseChange::Added(clause) => whole(clause, "added", Piece::Added(clause.text.as_str())),
        ClauseChange::Removed(clause) => {
            whole(clause, "removed", Piece::Removed(clause.text.as_str()))
        }
        ClauseChange::Changed { before, after } => {
            let (was, is) = (before.terms.values(), after.terms.values());
            let things = Things { ctx };
            let fields = changes(
                ctx.lang,
                CLAUSE_WORDS,
                &ClauseTerms::FIELDS[1..],
                (&was, &is),
                &things,
            );
            let label = text_pieces(before.terms.label.as_str(), after.terms.label.as_str());
            ChangeLine {
                change: "changed",
                label: pieces(&label),
                text: pieces(&text_pieces(before.text.as_str(), after.text.as_str())),
                fields: fields
                    .into_iter()
                    .map(|it| {
                        let none = || markup! { "–" };
                        (
                            it.label,
                            it.before.unwrap_or_else(none),
                            it.after.unwrap_or_else(none),
                        )
                    })
                    .collect(),
            }
        }
    })
}

/// `GET /rules/{id}/changes?from=1&to=2`; `to` is a version or `draft`, `from` the one before it unless said.
pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    let document = asked(ctx)?;
    let newest = document.newest().map_or(0, |it| it.version);
    let to = ctx.query("to").unwrap_or_else(|| newest.to_string());
    let (after, after_name) = content(ctx, &document, &to)?;
    let before_that = match to.parse::<u32>() {
        Ok(number) => number.saturating_sub(1),
        Err(_) => newest,
    };
    let from = match ctx.query("from") {
        Some(from) => Some(from),
        None => (before_that > 0).then(|| before_that.to_string()),
    };
    let before = from
        .map(|from| content(ctx, &document, &from))
        .transpose()?;
    let (before, before_name) = match before {
        Some((content, name)) => (Some(content), name),
        None => (None, t!(ctx.lang, "rule.nothing").into_owned()),
    };
    let all = clause_changes(before.as_deref(), &after);
    let same = all
        .iter()
        .filter(|it| matches!(it, ClauseChange::Same(_)))
        .count();
    let view = ChangesView {
        rule: (title_of(ctx, &document), path(document.rule)),
        between: (before_name, after_name),
        lines: all.iter().filter_map(|it| line(ctx, it)).collect(),
        same,
    };
    Ok(html(changes_page(&ctx.frame(Place::Rules), &view)))
}
