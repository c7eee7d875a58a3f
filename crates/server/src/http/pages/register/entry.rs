//! One entry of a register.

use maud::{Markup, html as markup};
use sekisho_domain::authorise::Subject;
use sekisho_domain::register::{Entry, EntryId, Register};
use sekisho_messages::t;

use super::super::super::ctx::{Answer, Ctx, html};
use super::super::super::fault::Fault;
use super::super::access::places;
use super::referents::{Things, unit_called};
use super::{asked, asked_entry, entry_path, history, name, title, trail, words};
use crate::console::components::{Definitions, Tone, alert, instant_with_age};
use crate::console::fields::show as show_value;
use crate::console::layout::Place;
use crate::console::register::{DetailView, LinkTo, detail_page};

pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    let register = asked(ctx)?;
    let entry = asked_entry(ctx, register)?;
    let note = if entry.is_active() {
        match entry.id {
            EntryId::System(id) => places::note(ctx, id),
            EntryId::Gateway(id) => places::gateway_note(ctx, id),
            _ => markup! {},
        }
    } else {
        let body = markup! { p { (t!(ctx.lang, "register.is_retired_how")) } };
        alert(Tone::Info, &t!(ctx.lang, "register.is_retired"), &body)
    };
    let view = DetailView {
        trail: trail(ctx.lang, register),
        title: title(ctx.lang, &entry),
        lead: lead(ctx, &entry),
        links: links(ctx, register, &entry),
        note,
        facts: facts(ctx, register, &entry),
        sections: sections(ctx, &entry)?,
        history: history::of_entry(ctx, register, &entry)?,
    };
    Ok(html(detail_page(
        &ctx.frame(Place::Register(register)),
        &view,
    )))
}

fn lead(ctx: &Ctx, entry: &Entry) -> Markup {
    let lang = ctx.lang;
    markup! {
        (name(lang, entry.register())) " "
        @if entry.is_active() { span class="state state--good" { (t!(lang, "register.active")) } }
        @else { span class="state state--over" { (t!(lang, "register.retired")) } }
    }
}

fn links(ctx: &Ctx, register: Register, entry: &Entry) -> Vec<LinkTo> {
    let lang = ctx.lang;
    let own_page = own_page(ctx, register, entry);
    if !ctx.may(register.keep(), Subject::Entry(entry.id)) {
        return own_page.into_iter().collect();
    }
    let link = |label: std::borrow::Cow<'static, str>, what: &str, primary| LinkTo {
        label: label.into_owned(),
        href: format!("{}/{what}", entry_path(register, entry.id)),
        primary,
    };
    let mut links: Vec<LinkTo> = own_page.into_iter().collect();
    if entry.is_active() {
        links.push(link(
            t!(lang, "register.change"),
            "change",
            links.is_empty(),
        ));
        links.push(link(t!(lang, "register.retire"), "retire", false));
    } else {
        links.push(link(t!(lang, "register.restore"), "restore", false));
    }
    links
}

/// The page where such an entry is answered or dealt with, beside its register.
fn own_page(ctx: &Ctx, register: Register, entry: &Entry) -> Option<LinkTo> {
    let (label, path) = match register {
        Register::Concern => (t!(ctx.lang, "unease.answer"), "/concerns"),
        Register::Incident => (t!(ctx.lang, "incident.step"), "/incidents"),
        Register::ChecklistItem => (t!(ctx.lang, "checklist.answer"), "/checklists"),
        _ => return None,
    };
    Some(LinkTo {
        label: label.into_owned(),
        href: format!("{path}/{}", entry.id),
        primary: true,
    })
}

fn facts(ctx: &Ctx, register: Register, entry: &Entry) -> Definitions {
    let lang = ctx.lang;
    let things = Things { ctx };
    let values = entry.particulars.values();
    let unit = {
        let world = ctx.site.app.world();
        let unit = world.unit_of_entry(entry.id, ctx.now);
        unit.map(|unit| unit_called(ctx, &world, unit))
    };
    let mut list: Definitions = vec![(
        words(register).label(lang, "unit"),
        markup! { @if let Some(unit) = unit { (unit) } @else { (t!(lang, "register.whole")) } },
    )];
    for field in register.fields() {
        let shown = show_value(
            lang,
            words(register),
            field,
            values.get(field.code),
            &things,
        );
        list.push((words(register).label(lang, field.code), shown));
    }
    list.push((
        t!(lang, "register.written"),
        instant_with_age(lang, entry.changed_at, ctx.now),
    ));
    list.push((
        t!(lang, "register.id"),
        markup! { code class="digest" { (entry.id) } },
    ));
    list
}

/// What else the system knows of the same thing.
fn sections(ctx: &Ctx, entry: &Entry) -> Result<Vec<(String, Markup)>, Fault> {
    let lang = ctx.lang;
    let EntryId::Device(device) = entry.id else {
        return super::super::services::of_entry::sections(ctx, entry);
    };
    let enrolled = ctx.site.app.world().device(device).is_some();
    let said = markup! {
        @if enrolled { p { a href={ "/devices/" (device) } { (t!(lang, "register.device_checks")) } } }
        @else { p class="muted" { (t!(lang, "register.device_not_enrolled")) } }
    };
    Ok(vec![(t!(lang, "register.device_state").into_owned(), said)])
}
