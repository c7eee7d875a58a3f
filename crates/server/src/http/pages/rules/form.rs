//! The forms of a draft: what a rule says of itself, and each of its clauses.

use std::sync::Arc;

use axum::http::StatusCode;
use maud::{Markup, html as markup};
use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::command::{Command, RuleCommand};
use sekisho_domain::field::{Field, Noun};
use sekisho_domain::id::RuleId;
use sekisho_domain::rule::{
    CLAUSE_TEXT_MAX, Clause, ClauseTerms, ClauseText, RuleContent, RuleDocument, RuleHead, RuleWork,
};
use sekisho_messages::t;

use super::super::super::ctx::{Answer, Ctx, html, redirect};
use super::super::super::fault::Fault;
use super::super::super::form::Form;
use super::super::register::referents::Things;
use super::super::{refused, sentence};
use super::words::{CLAUSE_WORDS, HEAD_WORDS};
use super::{asked, draft, path, title_of};
use crate::app::{CommandError, fresh};
use crate::console::components::{Field as Asked, Input, text_area};
use crate::console::fields::{
    Entered, FieldForm, Words, input_name, inputs, read, sentence as field_sentence,
};
use crate::console::layout::Place;
use crate::console::register::{FormView, form_page};
use crate::console::rules::PATH;

/// What is wrong: the code of a field, and the sentence.
pub(super) type Wrong = Vec<(String, String)>;

/// The code of the text, which is no field of the noun.
const TEXT: &str = "text";

/// What a form is about.
struct Ask {
    words: Words,
    fields: &'static [Field],
    title: String,
    lead: String,
    action: String,
    back: String,
    trail: Vec<(String, String)>,
    revision: u64,
    /// The text of a clause as entered; none in a form of a head.
    text: Option<String>,
    /// Where the clause is taken out; none for what is new.
    remove: Option<String>,
}

/// Inputs of a clause's text.
fn text_input(ctx: &Ctx, entered: &str, wrong: &Wrong) -> Markup {
    let error = wrong.iter().find(|(code, _)| code == TEXT);
    text_area(
        ctx.lang,
        &Asked {
            name: TEXT,
            label: t!(ctx.lang, "register.rule_clause.text"),
            support: Some(t!(ctx.lang, "register.rule_clause.text_help")),
            required: true,
            input: Input::Text,
            value: entered,
            error: error.map(|(_, said)| said.as_str()),
            autocomplete: "off",
            lang: None,
        },
        CLAUSE_TEXT_MAX,
    )
}

fn render(ctx: &Ctx, ask: &Ask, entered: &Entered, wrong: &Wrong) -> Answer {
    let lang = ctx.lang;
    let things = Things { ctx };
    let form = FieldForm {
        lang,
        words: ask.words,
        fields: ask.fields,
        entered,
        errors: wrong,
        referents: &things,
    };
    let id = |code: &str| match code {
        "" => "main".to_owned(),
        TEXT => TEXT.to_owned(),
        code => input_name(code),
    };
    let view = FormView {
        trail: ask.trail.clone(),
        title: ask.title.clone(),
        lead: ask.lead.clone(),
        note: markup! {},
        action: ask.action.clone(),
        csrf: ctx.live()?.csrf(),
        hidden: vec![("expected", ask.revision.to_string())],
        inputs: markup! {
            @if let Some(text) = &ask.text { (text_input(ctx, text, wrong)) }
            (inputs(&form))
            @if let Some(remove) = &ask.remove {
                p class="form-aside" {
                    button class="button button--secondary" type="submit" formaction=(remove) formnovalidate {
                        (t!(lang, "rule.remove-clause"))
                    }
                }
            }
        },
        remark: None,
        submit: t!(lang, "plan.save").into_owned(),
        danger: false,
        back: ask.back.clone(),
        errors: wrong
            .iter()
            .map(|(code, said)| (id(code), said.clone()))
            .collect(),
    };
    let mut frame = ctx.frame(Place::Rules);
    frame.path.clone_from(&view.action);
    let mut response = html(form_page(&frame, &view));
    if !wrong.is_empty() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

/// Reads a noun from a form, or tells all that is wrong.
fn understood<N: Noun>(ctx: &Ctx, ask: &Ask, entered: &Entered) -> Result<N, Wrong> {
    let mut all = read(ask.fields, entered, &Things { ctx });
    let judged = N::read(&all.values);
    if let Err(errors) = &judged {
        all.judge(&errors.0);
    }
    match judged {
        Ok(noun) if all.faults.is_empty() => Ok(noun),
        _ => {
            let said = |(code, fault): (String, _)| {
                let said = field_sentence(ctx.lang, ask.words, &code, fault);
                (code, said)
            };
            Err(all.faults.into_iter().map(said).collect())
        }
    }
}

/// Writes the draft; a refusal is told at its field.
pub(super) fn write(
    ctx: &Ctx,
    (rule, expected): (RuleId, Option<u64>),
    content: RuleContent,
) -> Result<(), Result<Wrong, Fault>> {
    let command = Command::Rule(Box::new(RuleCommand::Write {
        rule,
        content: Box::new(content),
        expected,
    }));
    let actor = ctx.actor().map_err(Err)?;
    match ctx.site.app.command_blocking(actor, command, Vec::new()) {
        Ok(_) => Ok(()),
        Err(error @ CommandError::Refused(_)) if !error.code().starts_with("authorise.") => {
            let (field, said) = refused(ctx.lang, &error);
            Err(Ok(vec![(field.unwrap_or_default(), said)]))
        }
        Err(error) => Err(Err(error.into())),
    }
}

fn written(
    ctx: &Ctx,
    ask: &Ask,
    entered: &Entered,
    done: Result<(), Result<Wrong, Fault>>,
) -> Answer {
    match done {
        Ok(()) => Ok(redirect(&ask.back)),
        Err(Ok(wrong)) => {
            let known = |code: &str| ask.fields.iter().any(|field| field.code == code);
            let wrong = wrong.into_iter();
            let wrong = wrong.map(|(code, said)| {
                if known(&code) {
                    (code, said)
                } else {
                    (String::new(), said)
                }
            });
            render(ctx, ask, entered, &wrong.collect())
        }
        Err(Err(fault)) => Err(fault),
    }
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
    render(ctx, &ask, &Entered::default(), &Vec::new())
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
        return render(ctx, ask, &entered, &Vec::new());
    }
    let head = match understood::<RuleHead>(ctx, ask, &entered) {
        Ok(head) => head,
        Err(wrong) => return render(ctx, ask, &entered, &wrong),
    };
    let expected = form.get("expected").parse().ok();
    let done = write(ctx, (rule, expected), RuleContent { head, clauses });
    written(ctx, ask, &entered, done)
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
    render(ctx, &ask, &entered, &Vec::new())
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
    Ask {
        words: CLAUSE_WORDS,
        fields: ClauseTerms::FIELDS,
        title: t!(ctx.lang, key).into_owned(),
        lead: t!(ctx.lang, "rule.clause-lead").into_owned(),
        remove: clause.map(|_| format!("{action}/remove")),
        action,
        back,
        trail: above,
        revision: document.revision,
        text: Some(text),
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
    render(ctx, &ask, &entered, &Vec::new())
}

/// `POST /rules/{id}/draft/clauses/{clause}`
pub(in crate::http) fn set_clause(ctx: &Ctx, form: &Form) -> Answer {
    let (document, work, known) = asked_clause(ctx)?;
    let ask = of_clause(ctx, &document, known.as_ref(), form.get(TEXT).to_owned());
    let entered = Entered::of_pairs(form.pairs());
    if entered.looks_for().is_some() {
        return render(ctx, &ask, &entered, &Vec::new());
    }
    let text = ClauseText::parse(form.get(TEXT))
        .map_err(|error| (TEXT.to_owned(), sentence(ctx.lang, error.code(), &[])));
    let terms = understood::<ClauseTerms>(ctx, &ask, &entered);
    let (text, terms) = match (text, terms) {
        (Ok(text), Ok(terms)) => (text, terms),
        (text, terms) => {
            let mut wrong: Wrong = text.err().into_iter().collect();
            wrong.extend(terms.err().into_iter().flatten());
            return render(ctx, &ask, &entered, &wrong);
        }
    };
    if let Some(fault) = terms.fault() {
        let said = sentence(ctx.lang, fault.code, &[]);
        return render(ctx, &ask, &entered, &vec![(fault.field.to_owned(), said)]);
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
    written(ctx, &ask, &entered, done)
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
    written(ctx, &ask, &Entered::of_pairs(form.pairs()), done)
}
