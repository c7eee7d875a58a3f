//! Checklists: the lists with their items, and the answer to one.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use maud::{Markup, html as markup};
use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::checklist::{Answer as Answered, EvidenceLink, Given, Standing};
use sekisho_domain::command::{AnswerChecklist, Command};
use sekisho_domain::id::ChecklistItemId;
use sekisho_domain::register::checklist_item::Chapter;
use sekisho_domain::register::{ChecklistItem, Entry, Register};
use sekisho_messages::{Lang, date, t, text};

use super::super::attachment::{asked_format, list_file};
use super::super::ctx::{Answer, Ctx, html, redirect};
use super::super::fault::Fault;
use super::super::form::Form;
use super::register::history::who;
use super::register::referents::Things;
use super::{form_refusal, optional_line, refused, sentence};
use crate::app::CommandError;
use crate::checklist::{by_number, known_links};
use crate::console::checklist::{
    ChapterView, ChecklistView, ChecklistsView, ItemForm, ItemLine, ItemView, PATH,
    checklists_page, item_page,
};
use crate::console::components::{Definitions, instant};
use crate::console::fields::{Referents as _, civil_day};
use crate::console::layout::Place;

fn chapter_word(lang: Lang, chapter: Chapter) -> String {
    let key = Register::ChecklistItem.choice_key("chapter", chapter.code());
    text(lang, key, &[]).into_owned()
}

/// An item with what is known of it.
type Item = (ChecklistItemId, Entry, ChecklistItem, Standing);

fn items(ctx: &Ctx) -> Vec<Item> {
    let world = ctx.site.app.world();
    let all = world.checklist_items(ctx.now);
    let mut items: Vec<Item> = all
        .map(|(id, entry, item, standing)| (id, entry.clone(), item.clone(), standing))
        .collect();
    items.sort_by_cached_key(|(_, _, item, _)| by_number(item.number.as_str()));
    items
}

fn line(ctx: &Ctx, (id, _, item, standing): &Item) -> ItemLine {
    let world = ctx.site.app.world();
    let newest = world.checklist.newest(*id);
    ItemLine {
        id: id.to_string(),
        number: item.number.as_str().to_owned(),
        text: item.text.as_str().to_owned(),
        standing: standing.code(),
        answered: newest.map_or_else(String::new, |given| date(ctx.lang, given.at)),
    }
}

fn source(lang: Lang, items: &[&Item]) -> String {
    let Some((_, _, item, _)) = items.first() else {
        return t!(lang, "checklist.not_loaded").into_owned();
    };
    let edition = civil_day(lang, &item.edition.to_string());
    let source = item.source.as_ref().map_or("–", |it| it.as_str());
    t!(lang, "checklist.source", edition = edition, source = source).into_owned()
}

/// JNSA's list with its four chapters, loaded or not; then the others by name.
fn lists(ctx: &Ctx, items: &[Item]) -> Vec<ChecklistView> {
    let lang = ctx.lang;
    let of = |chapter: Chapter| -> Vec<&Item> {
        let all = items.iter();
        all.filter(|(_, _, item, _)| item.chapter == chapter)
            .collect()
    };
    let jnsa: Vec<&Item> = items.iter().filter(|it| it.2.chapter.is_jnsa()).collect();
    let chapters = Chapter::JNSA.map(|chapter| ChapterView {
        title: chapter_word(lang, chapter),
        items: of(chapter).into_iter().map(|it| line(ctx, it)).collect(),
    });
    let mut lists = vec![ChecklistView {
        title: t!(lang, "checklist.jnsa").into_owned(),
        source: source(lang, &jnsa),
        chapters: chapters.to_vec(),
    }];
    let mut others: BTreeMap<&str, BTreeMap<&str, Vec<&Item>>> = BTreeMap::new();
    for item in of(Chapter::Other) {
        let heading = item.2.heading.as_ref().map_or("", |it| it.as_str());
        let list = others.entry(item.2.list.as_str()).or_default();
        list.entry(heading).or_default().push(item);
    }
    for (title, chapters) in others {
        let first: Vec<&Item> = chapters.values().flatten().copied().collect();
        lists.push(ChecklistView {
            title: title.to_owned(),
            source: source(lang, &first),
            chapters: chapters
                .into_iter()
                .map(|(heading, items)| ChapterView {
                    title: heading.to_owned(),
                    items: items.into_iter().map(|it| line(ctx, it)).collect(),
                })
                .collect(),
        });
    }
    lists
}

/// `GET /checklists`
pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    ctx.gate(Action::ReadRegisters, Subject::Body)?;
    let items = items(ctx);
    let view = ChecklistsView {
        lists: lists(ctx, &items),
        loads: ctx.may(Action::KeepChecklists, Subject::Body),
    };
    Ok(html(checklists_page(&ctx.frame(Place::Checklists), &view)))
}

/// `GET /checklists/answers`
pub(in crate::http) fn export(ctx: &Ctx) -> Answer {
    ctx.gate(Action::ReadRegisters, Subject::Body)?;
    let format = asked_format(ctx)?;
    let written = crate::checklist::export(&ctx.site.app, format, ctx.lang);
    list_file((format, "checklists"), written)
}

/// The item that the path names.
fn asked(ctx: &Ctx) -> Result<Item, Fault> {
    ctx.gate(Action::ReadRegisters, Subject::Body)?;
    let id: ChecklistItemId = ctx
        .parameter("id")
        .parse()
        .map_err(|_| Fault::not_found())?;
    let found = items(ctx).into_iter().find(|it| it.0 == id);
    found.ok_or_else(Fault::not_found)
}

/// Where a link leads, as far as the reader may follow it.
fn link(ctx: &Ctx, link: &EvidenceLink) -> Markup {
    let word = link.to_string();
    let href = match link {
        EvidenceLink::Row(row) => Some(format!(
            "/requirements/{}",
            crate::console::layout::percent_encode(row.as_str())
        )),
        EvidenceLink::Check(_) => None,
        EvidenceLink::Record(number) => Some(format!("/ledger?record={number}")),
        EvidenceLink::Entry(entry) => {
            let found = (Things { ctx }).get(entry.prefix(), &word);
            return match found {
                Some(it) => markup! {
                    @if let Some(href) = &it.href { a href=(href) { (it.name) } } @else { (it.name) }
                },
                None => {
                    markup! { span class="muted" { (t!(ctx.lang, "field.reference.not_shown")) } }
                }
            };
        }
    };
    markup! { @if let Some(href) = href { a href=(href) { (word) } } @else { (word) } }
}

fn given(ctx: &Ctx, it: &Given) -> (Markup, String, String, Markup) {
    let lang = ctx.lang;
    let answered = &it.answered;
    let word = text(
        lang,
        format!("checklist.standing.{}", answered.answer.code()),
        &[],
    );
    let note = answered.note.as_ref().map_or("–", |note| note.as_str());
    let links = markup! {
        ul class="values" { @for it in &answered.evidence { li { (link(ctx, it)) } } }
    };
    let when = markup! { (instant(lang, it.at)) " " span class="by" { (who(ctx, &it.by)) } };
    (when, word.into_owned(), note.to_owned(), links)
}

/// What was entered and what is wrong with it.
#[derive(Default)]
struct Entered {
    answer: String,
    note: String,
    evidence: String,
    errors: Vec<(String, String)>,
}

fn render(ctx: &Ctx, item: &Item, entered: Entered) -> Answer {
    let lang = ctx.lang;
    let (id, entry, noun, standing) = item;
    let answers: Vec<Given> = {
        let world = ctx.site.app.world();
        world.checklist.of(*id).iter().rev().cloned().collect()
    };
    let wrong = !entered.errors.is_empty();
    let choices = Answered::CODES.iter().map(|code| {
        let word = text(lang, format!("checklist.standing.{code}"), &[]).into_owned();
        (*code, word, entered.answer == *code)
    });
    let may = ctx.may(Action::AnswerChecklist, Subject::Body);
    let chapter = match &noun.heading {
        Some(heading) if !noun.chapter.is_jnsa() => heading.as_str().to_owned(),
        _ => chapter_word(lang, noun.chapter),
    };
    let facts: Definitions = vec![
        (
            t!(lang, "register.checklist_item.list"),
            markup! { (noun.list.as_str()) },
        ),
        (
            t!(lang, "register.checklist_item.chapter"),
            markup! { (chapter) },
        ),
    ];
    let form = ItemForm {
        csrf: ctx.live()?.csrf(),
        seen: entry.version,
        answers: choices.collect(),
        note: entered.note,
        evidence: entered.evidence,
        errors: entered.errors,
    };
    let view = ItemView {
        id: id.to_string(),
        number: noun.number.as_str().to_owned(),
        text: noun.text.as_str().to_owned(),
        standing: standing.code(),
        facts,
        answers: answers.iter().map(|it| given(ctx, it)).collect(),
        form: may.then_some(form),
    };
    let mut response = html(item_page(&ctx.frame(Place::Checklists), &view));
    if wrong {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

/// `GET /checklists/{id}`
pub(in crate::http) fn item(ctx: &Ctx) -> Answer {
    let item = asked(ctx)?;
    render(ctx, &item, Entered::default())
}

/// Links as they are typed: one a line.
fn links(typed: &str) -> Result<Vec<EvidenceLink>, String> {
    let lines = typed.lines().map(str::trim).filter(|line| !line.is_empty());
    lines
        .map(|line| line.parse().map_err(|_| line.to_owned()))
        .collect()
}

/// `POST /checklists/{id}`
pub(in crate::http) fn answer(ctx: &Ctx, form: &Form) -> Answer {
    ctx.gate(Action::AnswerChecklist, Subject::Body)?;
    let item = asked(ctx)?;
    let lang = ctx.lang;
    let mut entered = Entered {
        answer: form.get("answer").to_owned(),
        note: form.get("note").to_owned(),
        evidence: form.get("evidence").to_owned(),
        errors: Vec::new(),
    };
    let answer = Answered::from_code(&entered.answer);
    if answer.is_none() {
        let said = sentence(lang, "checklist.choose", &[]);
        entered.errors.push(("answer".to_owned(), said));
    }
    let note = optional_line(lang, &entered.note)
        .map_err(|said| entered.errors.push(("note".to_owned(), said)));
    let evidence = links(&entered.evidence).map_err(|link| {
        let said = sentence(lang, "checklist.no-link", &[("link", link.into())]);
        entered.errors.push(("evidence".to_owned(), said));
    });
    let (Some(answer), Ok(note), Ok(evidence)) = (answer, note, evidence) else {
        return render(ctx, &item, entered);
    };
    if let Err(refusal) = known_links(&ctx.site.catalogue, &evidence) {
        let (field, said) = refused(lang, &CommandError::Refused(refusal));
        let place = field.unwrap_or_else(|| "main".to_owned());
        entered.errors.push((place, said));
        return render(ctx, &item, entered);
    }
    let command = Command::Checklist(Box::new(AnswerChecklist {
        item: item.0,
        answer,
        note,
        evidence,
        // A form that does not say what it saw has seen nothing.
        expected: Some(form.get("expected").parse().unwrap_or_default()),
    }));
    let done = ctx
        .site
        .app
        .command_blocking(ctx.actor()?, command, Vec::new());
    match done {
        Ok(_) => Ok(redirect(&format!("{PATH}/{}", item.0))),
        Err(error) => {
            let (field, said) = form_refusal(lang, error)?;
            let place = field.unwrap_or_else(|| "main".to_owned());
            entered.errors.push((place, said));
            render(ctx, &asked(ctx)?, entered)
        }
    }
}
