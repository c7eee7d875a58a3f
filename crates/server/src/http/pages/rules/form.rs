//! The forms of a draft: what a rule says of itself, and each of its clauses.

use std::sync::Arc;

use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::command::{Command, RuleCommand};
use sekisho_domain::field::Noun as _;
use sekisho_domain::id::RuleId;
use sekisho_domain::rule::{
    CLAUSE_TEXT_MAX, Clause, ClauseTerms, ClauseText, RuleContent, RuleDocument, RuleHead, RuleWork,
};
use sekisho_messages::t;

use super::super::super::ctx::{Answer, Ctx};
use super::super::super::fault::Fault;
use super::super::super::form::Form;
use super::super::draft_form::{self, Ask, AskedText, TEXT, Written, Wrong};
use super::super::sentence;
use super::words::{CLAUSE_WORDS, HEAD_WORDS};
use super::{asked, draft, path, title_of};
use crate::app::fresh;
use crate::console::fields::Entered;
use crate::console::layout::Place;
use crate::console::rules::PATH;

/// Writes the draft; a refusal is told at its field.
pub(super) fn write(
    ctx: &Ctx,
    (rule, expected): (RuleId, Option<u64>),
    content: RuleContent,
) -> Written {
    let command = RuleCommand::Write {
        rule,
        content: Box::new(content),
        expected,
    };
    draft_form::write(ctx, Command::Rule(Box::new(command)))
}

fn trail(ctx: &Ctx, document: Option<&RuleDocument>) -> Vec<(String, String)> {
    let mut trail = vec![(t!(ctx.lang, "rule.title").into_owned(), PATH.to_owned())];
    if let Some(document) = document {
        trail.push((title_of(ctx, document), path(document.rule)));
    }
    trail
}

fn of_head(ctx: &Ctx, document: Option<&RuleDocument>, rule: RuleId) -> Ask {
    let (key, action) = match document {
        None => ("rule.new", format!("{PATH}/new")),
        Some(_) => ("rule.change-head", format!("{}/draft/head", path(rule))),
    };
    Ask {
        place: Place::Rules,
        words: HEAD_WORDS,
        fields: RuleHead::FIELDS,
        title: t!(ctx.lang, key).into_owned(),
        lead: t!(ctx.lang, "rule.head-lead").into_owned(),
        action,
        back: format!("{}/draft", path(rule)),
        trail: trail(ctx, document),
        revision: document.map_or(0, |it| it.revision),
        text: None,
        remove: None,
    }
}

/// `GET /rules/new`
pub(in crate::http) fn new(ctx: &Ctx) -> Answer {
    ctx.gate(Action::DraftRule, Subject::Body)?;
    let mut ask = of_head(ctx, None, RuleId::new(fresh()?));
    PATH.clone_into(&mut ask.back);
    ask.render(ctx, &Entered::default(), &Vec::new())
}

/// `POST /rules/new`
pub(in crate::http) fn begin(ctx: &Ctx, form: &Form) -> Answer {
    ctx.gate(Action::DraftRule, Subject::Body)?;
    let rule = RuleId::new(fresh()?);
    let ask = of_head(ctx, None, rule);
    set(ctx, form, &ask, (rule, Vec::new()))
}

fn set(ctx: &Ctx, form: &Form, ask: &Ask, (rule, clauses): (RuleId, Vec<Clause>)) -> Answer {
    let entered = Entered::of_pairs(form.pairs());
    if entered.looks_for().is_some() {
        return ask.render(ctx, &entered, &Vec::new());
    }
    let head = match ask.understood::<RuleHead>(ctx, &entered) {
        Ok(head) => head,
        Err(wrong) => return ask.render(ctx, &entered, &wrong),
    };
    let expected = form.get("expected").parse().ok();
    let done = write(ctx, (rule, expected), RuleContent { head, clauses });
    ask.written(ctx, &entered, done)
}

/// The rule, and what its draft or else its newest version says.
fn begun(ctx: &Ctx) -> Result<(RuleDocument, Arc<RuleContent>), Fault> {
    ctx.gate(Action::DraftRule, Subject::Body)?;
    let document = asked(ctx)?;
    let work = document.work.as_ref();
    if work.is_some_and(|work| work.proposed.is_some()) {
        return Err(Fault::not_found());
    }
    let content = work.map(|work| &work.content);
    let content = content.or_else(|| document.newest().map(|it| &it.content));
    let content = content.map(Arc::clone).ok_or_else(Fault::not_found)?;
    Ok((document, content))
}

/// `GET /rules/{id}/draft/head`
pub(in crate::http) fn head(ctx: &Ctx) -> Answer {
    let (document, content) = begun(ctx)?;
    let ask = of_head(ctx, Some(&document), document.rule);
    let values = content.head.values();
    let entered = Entered::of_values(ctx.lang, RuleHead::FIELDS, &values);
    ask.render(ctx, &entered, &Vec::new())
}

/// `POST /rules/{id}/draft/head`: a new draft begins with the clauses in force.
pub(in crate::http) fn set_head(ctx: &Ctx, form: &Form) -> Answer {
    let (document, content) = begun(ctx)?;
    let ask = of_head(ctx, Some(&document), document.rule);
    set(ctx, form, &ask, (document.rule, content.clauses.clone()))
}

fn of_clause(ctx: &Ctx, document: &RuleDocument, clause: Option<&Clause>, text: String) -> Ask {
    let number = clause.map_or_else(|| "new".to_owned(), |it| it.number.0.to_string());
    let key = if clause.is_some() {
        "rule.change-clause"
    } else {
        "rule.add-clause"
    };
    let back = format!("{}/draft", path(document.rule));
    let action = format!("{back}/clauses/{number}");
    let mut above = trail(ctx, Some(document));
    above.push((t!(ctx.lang, "rule.draft").into_owned(), back.clone()));
    let remove = format!("{action}/remove");
    Ask {
        place: Place::Rules,
        words: CLAUSE_WORDS,
        fields: ClauseTerms::FIELDS,
        title: t!(ctx.lang, key).into_owned(),
        lead: t!(ctx.lang, "rule.clause-lead").into_owned(),
        remove: clause.map(|_| (remove, t!(ctx.lang, "rule.remove-clause"))),
        action,
        back,
        trail: above,
        revision: document.revision,
        text: Some(AskedText {
            label: t!(ctx.lang, "register.rule_clause.text"),
            support: t!(ctx.lang, "register.rule_clause.text_help"),
            longest: CLAUSE_TEXT_MAX,
            entered: text,
        }),
    }
}

/// The draft, and the clause that the path names; none for `new`.
fn asked_clause(ctx: &Ctx) -> Result<(RuleDocument, RuleWork, Option<Clause>), Fault> {
    let (document, work) = draft::unproposed(ctx)?;
    if ctx.parameter("clause") == "new" {
        return Ok((document, work, None));
    }
    let number: u32 = ctx
        .parameter("clause")
        .parse()
        .map_err(|_| Fault::not_found())?;
    let mut clauses = work.content.clauses.iter();
    let clause = clauses.find(|it| it.number.0.get() == number).cloned();
    let clause = clause.ok_or_else(Fault::not_found)?;
    Ok((document, work, Some(clause)))
}

/// `GET /rules/{id}/draft/clauses/{clause}`
pub(in crate::http) fn clause(ctx: &Ctx) -> Answer {
    let (document, _, clause) = asked_clause(ctx)?;
    let entered = clause.as_ref().map_or_else(Entered::default, |clause| {
        Entered::of_values(ctx.lang, ClauseTerms::FIELDS, &clause.terms.values())
    });
    let text = clause.as_ref().map(|it| it.text.as_str().to_owned());
    let ask = of_clause(ctx, &document, clause.as_ref(), text.unwrap_or_default());
    ask.render(ctx, &entered, &Vec::new())
}

/// `POST /rules/{id}/draft/clauses/{clause}`
pub(in crate::http) fn set_clause(ctx: &Ctx, form: &Form) -> Answer {
    let (document, work, known) = asked_clause(ctx)?;
    let ask = of_clause(ctx, &document, known.as_ref(), form.get(TEXT).to_owned());
    let entered = Entered::of_pairs(form.pairs());
    if entered.looks_for().is_some() {
        return ask.render(ctx, &entered, &Vec::new());
    }
    let text = ClauseText::parse(form.get(TEXT))
        .map_err(|error| (TEXT.to_owned(), sentence(ctx.lang, error.code(), &[])));
    let terms = ask.understood::<ClauseTerms>(ctx, &entered);
    let (text, terms) = match (text, terms) {
        (Ok(text), Ok(terms)) => (text, terms),
        (text, terms) => {
            let mut wrong: Wrong = text.err().into_iter().collect();
            wrong.extend(terms.err().into_iter().flatten());
            return ask.render(ctx, &entered, &wrong);
        }
    };
    if let Some(fault) = terms.fault() {
        let said = sentence(ctx.lang, fault.code, &[]);
        return ask.render(ctx, &entered, &vec![(fault.field.to_owned(), said)]);
    }
    let mut content = work.content.as_ref().clone();
    let drafted = content.last_number();
    let number = known.as_ref().map(|it| it.number);
    let number = number.unwrap_or_else(|| ctx.site.app.next_clause(document.rule, drafted));
    let clause = Clause {
        number,
        text,
        terms,
    };
    let mut places = content.clauses.iter();
    match places.position(|it| it.number == number) {
        Some(place) => content.clauses[place] = clause,
        None => content.clauses.push(clause),
    }
    let expected = form.get("expected").parse().ok();
    let done = write(ctx, (document.rule, expected), content);
    ask.written(ctx, &entered, done)
}

/// `POST /rules/{id}/draft/clauses/{clause}/remove`
pub(in crate::http) fn remove_clause(ctx: &Ctx, form: &Form) -> Answer {
    let (document, work, known) = asked_clause(ctx)?;
    let known = known.ok_or_else(Fault::not_found)?;
    let ask = of_clause(ctx, &document, Some(&known), form.get(TEXT).to_owned());
    let mut content = work.content.as_ref().clone();
    content.clauses.retain(|it| it.number != known.number);
    let expected = form.get("expected").parse().ok();
    let done = write(ctx, (document.rule, expected), content);
    ask.written(ctx, &Entered::of_pairs(form.pairs()), done)
}
