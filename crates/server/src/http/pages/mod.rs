//! Pages: from the World, the posture and the records to the view-models of the console.

pub(super) mod access;
pub(super) mod access_rules;
pub(super) mod account;
pub(super) mod appointment;
pub(super) mod attestation;
pub(super) mod break_glass;
pub(super) mod checklist;
mod concerned;
pub(super) mod connect;
pub(super) mod device;
mod device_inside;
pub(super) mod device_life;
pub(super) mod devices;
mod draft_form;
pub(in crate::http) mod exceptions;
pub(super) mod forget;
mod frame;
pub(super) mod issue_list;
pub(super) mod ledger;
pub(super) mod link;
pub(super) mod listed;
pub(super) mod mail;
mod new_account;
pub(super) mod opinions;
pub(super) mod organisation;
mod organisation_choices;
mod organisation_page;
pub(super) mod overview;
pub(super) mod passkeys;
pub(super) mod people;
pub(super) mod permits;
pub(super) mod person;
pub(super) mod personal;
pub(super) mod plan;
mod posts;
pub(super) mod register;
pub(super) mod requirement;
pub(super) mod requirements;
pub(super) mod risk;
pub(super) mod rules;
pub(super) mod second_factor;
pub(super) mod services;
pub(super) mod set_up;
pub(super) mod sign_in;
pub(super) mod structure;
pub(super) mod tally;
pub(super) mod telephone;
pub(super) mod tokens;
pub(super) mod unease;

use std::sync::Arc;

use sekisho_domain::code::Param;
use sekisho_domain::id::{ApiTokenId, PersonId};
use sekisho_domain::name::{Line, Name};
use sekisho_domain::role::Role;
use sekisho_domain::world::World;
use sekisho_messages::{Arg, Lang, error_text, text};
use sekisho_rules::assess::Assessment;
use sekisho_rules::catalogue::{Both, Row};

use super::ctx::Ctx;
use super::fault::Fault;
use crate::app::CommandError;
use crate::console::words::Localised;

/// The verdicts as they are now; none before the organisation is founded.
pub(super) fn standing(ctx: &Ctx) -> Option<Arc<Assessment>> {
    let site = &ctx.site;
    site.current.get(&site.app, &site.catalogue, site.app.now())
}

fn localised(name: &Name) -> Localised {
    Localised {
        ja: name.ja.as_str().to_owned(),
        en: name.en.as_ref().map(|en| en.as_str().to_owned()),
    }
}

fn both(text: &Both) -> Localised {
    Localised::both(&text.ja, &text.en)
}

/// The role that answers for a row: the first that the source names.
fn owner(row: &Row) -> Role {
    row.owner.first().copied().unwrap_or(Role::Organisation)
}

/// A person's name, where it is known.
fn person_name(ctx: &Ctx, person: PersonId) -> Option<String> {
    ctx.site
        .app
        .directory()
        .get(person)
        .map(|known| localised(&known.name).get(ctx.lang).to_owned())
}

/// A service account, by the name of its program.
fn service_name(ctx: &Ctx, token: ApiTokenId) -> String {
    let word = text(ctx.lang, "domain.actor.service", &[]);
    let world = ctx.site.app.world();
    let known = world.tokens.get(&token);
    let label = known.map(|known| known.token.label.as_str().to_owned());
    format!("{word} ({})", label.unwrap_or_else(|| token.to_string()))
}

fn unit_name(world: &World, unit: sekisho_domain::id::UnitId) -> Localised {
    world
        .units
        .get(&unit)
        .map(|unit| localised(unit.name_at(world.recorded_at)))
        .unwrap_or_default()
}

/// An error in one line: what, where as far as the code says so, and what to do.
fn sentence(lang: Lang, code: &str, params: &[(&str, Arg<'_>)]) -> String {
    let words = error_text(lang, code, params);
    // Where it is stands on a line of its own elsewhere; here it is a sentence among others.
    let place = words.where_.map(|place| match lang {
        Lang::Ja => format!("{}。", place.trim_end_matches('。')),
        Lang::En => format!("{}.", place.trim_end_matches('.')),
    });
    let parts: Vec<String> = [Some(words.what), place, Some(words.todo)]
        .into_iter()
        .flatten()
        .collect();
    parts.join(match lang {
        Lang::Ja => "",
        Lang::En => " ",
    })
}

/// A refusal as a sentence, with the field of the command it belongs to.
fn refused(lang: Lang, error: &CommandError) -> (Option<String>, String) {
    refused_with(lang, error, &|_, _| None)
}

/// A refusal as a sentence, with its parameters as they are called: `called` may know a better
/// word for a parameter's text than the text itself.
fn refused_with(
    lang: Lang,
    error: &CommandError,
    called: &dyn Fn(&str, &str) -> Option<String>,
) -> (Option<String>, String) {
    let CommandError::Refused(refusal) = error else {
        return (None, sentence(lang, error.code(), &[]));
    };
    let params: Vec<(&str, Arg<'_>)> = refusal
        .reason
        .params
        .iter()
        .map(|(name, value)| {
            let value = match value {
                Param::Int(number) => Arg::from(*number),
                Param::Time { at } => Arg::from(sekisho_messages::date(lang, *at)),
                Param::Text(text) => match called(name, text) {
                    Some(called) => Arg::from(called),
                    None => {
                        sekisho_messages::word(lang, name, text).map_or(Arg::from(text), Arg::Text)
                    }
                },
            };
            (name.as_ref(), value)
        })
        .collect();
    let said = sentence(lang, error.code(), &params);
    (refusal.field.clone(), said)
}

/// A refusal for the form that asked, as [`refused`] has it. What no form can tell, such as a gate that stays
/// shut, is the fault of the page.
fn form_refusal(lang: Lang, error: CommandError) -> Result<(Option<String>, String), Fault> {
    match error {
        CommandError::Refused(_) if !error.code().starts_with("authorise.") => {
            Ok(refused(lang, &error))
        }
        error => Err(error.into()),
    }
}

/// A required line of text, or the error as a sentence.
fn line(lang: Lang, text: &str) -> Result<Line, String> {
    Line::parse(text).map_err(|error| sentence(lang, error.code(), &[]))
}

/// An optional line of text.
fn optional_line(lang: Lang, text: &str) -> Result<Option<Line>, String> {
    if text.trim().is_empty() {
        Ok(None)
    } else {
        line(lang, text).map(Some)
    }
}

/// An optional reading in kana, or the one that is known already.
fn reading(lang: Lang, text: &str, known: Option<&Line>) -> Result<Option<Line>, String> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let read =
        Line::reading_or_known(text, known).map_err(|error| sentence(lang, error.code(), &[]))?;
    Ok(Some(read))
}

/// An optional mail address, in the form that the relay takes.
fn mail_address(lang: Lang, text: &str) -> Result<Option<String>, String> {
    let address = optional_line(lang, text)?.map(String::from);
    let sound = |address: &String| address.parse::<lettre::Address>().is_ok();
    match address {
        Some(address) if !sound(&address) => Err(sentence(lang, "mail.form", &[])),
        address => Ok(address),
    }
}
