//! Checklists over the API. Items are entered and loaded by their register; here they are read with their
//! answers, and answered.

use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::checklist::{Answer as Answered, EvidenceLink};
use sekisho_domain::command::{AnswerChecklist, Command};
use sekisho_domain::id::ChecklistItemId;
use sekisho_domain::register::checklist_item::Chapter;
use serde_json::{Value, json};

use super::call::Call;
use super::operation::{Done, Outcome};
use super::schema::{Schema, count, id, instant, line, list, object, one_of, or_null, text};
use super::tables::{asked_format, list_file};
use crate::checklist::{Stands, export as write, known_links};
use crate::http::ctx::Answer;
use crate::http::fault::Fault;

pub(super) fn item_schema() -> Schema {
    let answer = object([
        ("answer", one_of(Answered::CODES.iter().copied())),
        ("at", instant()),
        ("note", or_null(text())),
        ("evidence", list(text())),
        ("record", count()),
    ]);
    object([
        ("id", id(ChecklistItemId::PREFIX)),
        ("version", count()),
        ("list", text()),
        ("chapter", one_of(Chapter::CODES.iter().copied())),
        ("number", text()),
        ("text", text()),
        ("standing", one_of(Stands::CODES.iter().copied())),
        ("newest", or_null(answer)),
    ])
}

/// The items in use, by id.
fn all(call: &Call<'_>) -> Vec<(ChecklistItemId, (u64, Value))> {
    let world = call.ctx.site.app.world();
    let items = world.checklist_items(call.ctx.now);
    items
        .map(|(item, entry, noun, standing)| {
            let newest = world.checklist.newest(item).map(|given| {
                let answered = &given.answered;
                let links = answered.evidence.iter().map(ToString::to_string);
                json!({
                    "answer": answered.answer.code(),
                    "at": given.at.to_rfc3339(),
                    "note": answered.note.as_ref().map(|it| it.as_str()),
                    "evidence": links.collect::<Vec<_>>(),
                    "record": given.record,
                })
            });
            let told = json!({
                "id": item.to_string(),
                "version": entry.version,
                "list": noun.list.as_str(),
                "chapter": noun.chapter.code(),
                "number": noun.number.as_str(),
                "text": noun.text.as_str(),
                "standing": standing.code(),
                "newest": newest,
            });
            (item, (entry.version, told))
        })
        .collect()
}

pub(super) fn items(call: &Call<'_>) -> Done {
    call.ctx.gate(Action::ReadRegisters, Subject::Body)?;
    let (items, next) = call.page()?.of(all(call))?;
    let items: Vec<Value> = items.into_iter().map(|(_, told)| told).collect();
    Ok(Outcome::found(json!({ "items": items, "next": next })))
}

pub(super) fn export(call: &Call<'_>) -> Answer {
    let ctx = call.ctx;
    ctx.gate(Action::ReadRegisters, Subject::Body)?;
    let format = asked_format(ctx)?;
    let written = write(&ctx.site.app, format, ctx.lang);
    list_file(ctx.lang, (format, "checklists"), written)
}

pub(super) fn answer_schema() -> Schema {
    object([
        ("answer", one_of(Answered::CODES.iter().copied())),
        ("note?", line()),
        ("evidence", list(text())),
        ("version", count()),
    ])
}

pub(super) fn answer(call: &Call<'_>) -> Done {
    let item: ChecklistItemId = call.in_path("id")?;
    let mut members = call.members()?;
    let answer = members.choice("answer", Answered::from_code);
    let note = members.optional_line("note");
    let evidence: Option<Vec<EvidenceLink>> = members.ids("evidence");
    let version = members.value("version").as_u64();
    if version.is_none() {
        members.wrong("version", "field.form");
    }
    members.end()?;
    call.ctx.gate(Action::AnswerChecklist, Subject::Body)?;
    let (Some(answer), Some(evidence)) = (answer, evidence) else {
        return Err(Fault::internal("members"));
    };
    known_links(&call.ctx.site.catalogue, &evidence)
        .map_err(|refusal| Fault::of_refusal(&refusal).doing(Action::AnswerChecklist))?;
    call.command(Command::Checklist(Box::new(AnswerChecklist {
        item,
        answer,
        note,
        evidence,
        expected: version,
    })))?;
    let found = all(call).into_iter().find(|(id, _)| *id == item);
    let (_, (_, told)) = found.ok_or_else(Fault::not_found)?;
    Ok(Outcome::found(told))
}
