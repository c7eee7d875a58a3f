//! Permits over the API: applying, reading, deciding, and the life after.

use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::command::{Application, Command, PermitAct, PermitCommand};
use sekisho_domain::event::Sealed;
use sekisho_domain::field::{FieldErrors, Noun, Values};
use sekisho_domain::id::{PermitId, PersonId, PostId, UnitId};
use sekisho_domain::name::Line;
use sekisho_domain::permit::{
    Conditions, HoldCause, Obligation, Particulars, Permit, PermitKind, Proof, Status, Term,
};
use sekisho_domain::time::Timestamp;
use serde_json::{Value, json};

use super::call::Call;
use super::members::Members;
use super::operation::{Done, Outcome};
use super::schema::{self, Schema, component, id, instant, line, list, object, one_of, or_null};
use crate::app::{PERMIT_PURPOSE, fresh};
use crate::http::fault::Fault;

/// Longest text, in characters.
const TEXT_MAX: usize = 4_000;

/// The name of the schema of a kind's fields.
pub(super) fn fields_name(kind: PermitKind) -> String {
    format!("Permit{}Fields", kind.code().to_ascii_uppercase())
}

fn fields_schema() -> Schema {
    let all = PermitKind::ALL
        .iter()
        .map(|it| component(&fields_name(*it)));
    json!({ "anyOf": all.collect::<Vec<_>>() })
}

fn words_schema() -> Schema {
    json!({ "type": "string", "minLength": 1, "maxLength": TEXT_MAX })
}

pub(super) fn permit_schema() -> Schema {
    object([
        ("id", id(PermitId::PREFIX)),
        ("kind", one_of(PermitKind::ALL.iter().map(|it| it.code()))),
        ("status", one_of(Status::ALL.iter().map(|it| it.code()))),
        ("number", or_null(schema::text())),
        ("applicant", id(PersonId::PREFIX)),
        ("unit", id(UnitId::PREFIX)),
        ("grade", or_null(schema::text())),
        ("fields", fields_schema()),
        ("wanted", term_schema()),
        ("term", or_null(term_schema())),
        ("decides", id(PostId::PREFIX)),
        (
            "owed",
            list(one_of(Obligation::ALL.iter().map(|it| it.code()))),
        ),
        ("due", or_null(instant())),
        ("in_force", schema::flag()),
        ("applied_at", instant()),
        ("changed_at", instant()),
        ("version", schema::count()),
    ])
}

fn term_schema() -> Schema {
    object([("from", instant()), ("until", instant())])
}

fn term(term: &Term) -> Value {
    json!({ "from": term.from.to_rfc3339(), "until": term.until.to_rfc3339() })
}

fn shown(permit: &Permit, now: Timestamp) -> Value {
    let grant = permit.grant();
    let owed: Vec<&str> = grant
        .map(|grant| grant.owed.iter().map(Obligation::code).collect())
        .unwrap_or_default();
    json!({
        "id": permit.id,
        "kind": permit.kind().code(),
        "status": permit.status(now).code(),
        "number": grant.map(|grant| grant.number.to_string()),
        "applicant": permit.applicant,
        "unit": permit.unit,
        "grade": permit.grade.map(|grade| grade.to_string()),
        "fields": permit.particulars.values(),
        "wanted": term(&permit.wanted),
        "term": grant.map(|grant| term(&grant.term)),
        "decides": permit.route.post,
        "owed": owed,
        "due": grant.and_then(|grant| grant.due()).map(Timestamp::to_rfc3339),
        "in_force": permit.is_in_force(now),
        "applied_at": permit.applied_at.to_rfc3339(),
        "changed_at": permit.changed_at.to_rfc3339(),
        "version": permit.version(),
    })
}

fn outcome(permit: &Permit, now: Timestamp) -> Outcome {
    Outcome::found(shown(permit, now)).of_version(permit.version())
}

/// Which permits are listed.
pub(super) const OF: [&str; 4] = ["mine", "waiting", "unit", "overdue"];

pub(super) fn all(call: &Call<'_>) -> Done {
    let ctx = call.ctx;
    let now = ctx.now;
    let of = ctx.query("of").unwrap_or_else(|| "mine".to_owned());
    let unit = ctx
        .query("unit")
        .map(|unit| unit.parse::<UnitId>())
        .transpose();
    let unit = unit.map_err(|_| Fault::bad("api.parameter").with("detail", "unit"))?;
    let found: Vec<Permit> = {
        let person = || call.person();
        let world = ctx.site.app.world();
        match (of.as_str(), unit) {
            ("mine", _) => world.permits.of_person(person()?).cloned().collect(),
            ("waiting", _) => {
                let waiting = world.waiting_for(person()?, now).into_iter();
                waiting.map(|(permit, _)| permit.clone()).collect()
            }
            ("unit", Some(unit)) => world.permits_within(unit, now).cloned().collect(),
            ("overdue", Some(unit)) => world.overdue_within(unit, now).cloned().collect(),
            _ => return Err(Fault::bad("api.parameter").with("detail", "of, unit")),
        }
    };
    let may = |it: &Permit| ctx.may(Action::ReadPermit, Subject::Permit(it.id));
    let seen: Vec<_> = found
        .into_iter()
        .filter(may)
        .map(|it| (it.id, it))
        .collect();
    let (items, next) = call.page()?.of(seen)?;
    let items: Vec<Value> = items.iter().map(|it| shown(it, now)).collect();
    Ok(Outcome::found(json!({ "items": items, "next": next })))
}

fn known(call: &Call<'_>, id: PermitId) -> Result<Permit, Fault> {
    let world = call.ctx.site.app.world();
    world.permits.get(id).cloned().ok_or_else(Fault::not_found)
}

pub(super) fn one(call: &Call<'_>) -> Done {
    let wanted: PermitId = call.in_path("id")?;
    call.ctx.gate(Action::ReadPermit, Subject::Permit(wanted))?;
    let permit = known(call, wanted)?;
    Ok(outcome(&permit, call.ctx.now))
}

pub(super) fn apply_schema() -> Schema {
    object([
        ("kind", one_of(PermitKind::ALL.iter().map(|it| it.code()))),
        ("fields", fields_schema()),
        ("from", instant()),
        ("until", instant()),
        ("purpose", words_schema()),
    ])
}

/// What was sent of an application. The kind is that of the permit where it is handed in again.
fn application(
    call: &Call<'_>,
    kind: Option<PermitKind>,
) -> Result<(Particulars, Term, String), Fault> {
    let mut members = call.members()?;
    let kind = match kind {
        Some(kind) => {
            // The act that is done with it has been looked at.
            members.value("act");
            Some(kind)
        }
        None => members.choice("kind", PermitKind::from_code),
    };
    let values = serde_json::from_value::<Values>(members.value("fields").clone());
    let mut particulars = None;
    match (values, kind) {
        (Err(_), _) => members.wrong("fields", "field.form"),
        (Ok(_), None) => {}
        (Ok(values), Some(kind)) => match Particulars::read(kind, &values) {
            Ok(read) => particulars = Some(read),
            Err(FieldErrors(errors)) => {
                for error in errors {
                    members.wrong(&format!("fields/{}", error.field), error.fault.code());
                }
            }
        },
    }
    let (from, until) = (members.instant("from"), members.instant("until"));
    let purpose = words(&mut members, "purpose", true);
    members.end()?;
    match (particulars, from, until, purpose) {
        (Some(particulars), Some(from), Some(until), Some(purpose)) => {
            Ok((particulars, Term { from, until }, purpose))
        }
        _ => Err(Fault::internal("members")),
    }
}

fn words<'a>(members: &mut Members<'a>, name: &'a str, required: bool) -> Option<String> {
    let text = if required {
        members.text(name)?
    } else {
        members.optional_text(name)?
    };
    let text = text.trim();
    if text.chars().count() > TEXT_MAX {
        members.wrong(name, "field.too-long");
    } else if text.is_empty() && required {
        members.wrong(name, "field.missing");
    }
    (!text.is_empty()).then(|| text.to_owned())
}

pub(super) fn apply(call: &Call<'_>) -> Done {
    let (particulars, wanted, purpose) = application(call, None)?;
    let applicant = call.person()?;
    call.ctx
        .gate(Action::ApplyPermit, Subject::Person(applicant))?;
    let permit = PermitId::new(fresh()?);
    let application = Application {
        particulars,
        wanted,
        purpose: call.seal(PERMIT_PURPOSE, &purpose)?,
    };
    let command = PermitCommand::Apply {
        permit,
        applicant,
        application,
    };
    let begins = [("from", "wanted")];
    call.command_as(Command::Permit(Box::new(command)), &begins)?;
    let made = known(call, permit)?;
    let body = shown(&made, call.ctx.now);
    Ok(Outcome::made(body, format!("/api/v1/permits/{permit}")).of_version(made.version()))
}

pub(super) fn act_schema() -> Schema {
    object([
        ("act", one_of(ACTS)),
        ("fields?", fields_schema()),
        ("from?", instant()),
        ("until?", instant()),
        ("purpose?", words_schema()),
        ("reason?", words_schema()),
        ("remark?", words_schema()),
        ("conditions?", schema::noun(Conditions::FIELDS)),
        ("answer?", line()),
        ("cause?", one_of(HoldCause::ALL.iter().map(|it| it.code()))),
        (
            "obligation?",
            one_of(Obligation::ALL.iter().map(|it| it.code())),
        ),
        (
            "receipt?",
            json!({ "type": "string", "pattern": "^[0-9a-f]{64}$" }),
        ),
    ])
}

/// What can be done with a permit.
const ACTS: [&str; 15] = [
    "resubmit",
    "withdraw",
    "send_back",
    "refuse",
    "approve",
    "activate",
    "suspend",
    "resume",
    "ask_extension",
    "extend",
    "refuse_extension",
    "return",
    "revoke",
    "meet",
    "view",
];

pub(super) fn act(call: &Call<'_>) -> Done {
    let wanted: PermitId = call.in_path("id")?;
    call.ctx.gate(Action::ReadPermit, Subject::Permit(wanted))?;
    let permit = known(call, wanted)?;
    let act = read_act(call, &permit)?;
    let command = PermitCommand::Act {
        permit: wanted,
        expected: call.expected,
        act,
    };
    call.command(Command::Permit(Box::new(command)))?;
    let after = known(call, wanted)?;
    Ok(outcome(&after, call.ctx.now))
}

fn read_act(call: &Call<'_>, permit: &Permit) -> Result<PermitAct, Fault> {
    let word = call
        .body
        .get("act")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if word == "resubmit" {
        let application = resubmitted(call, permit)?;
        return Ok(PermitAct::Resubmit {
            application: Box::new(application),
        });
    }
    let mut members = call.members()?;
    members.choice("act", |code| ACTS.contains(&code).then_some(()));
    let act = match word {
        "withdraw" => Wanted::Plain(PermitAct::Withdraw),
        "activate" => Wanted::Plain(PermitAct::Activate),
        "return" => Wanted::Plain(PermitAct::Return),
        "view" => Wanted::Plain(PermitAct::View),
        "send_back" | "refuse" | "revoke" | "refuse_extension" => {
            Wanted::Reason(words(&mut members, "reason", true))
        }
        "ask_extension" => Wanted::Asked(
            members.instant("until"),
            words(&mut members, "reason", true),
        ),
        "extend" => Wanted::Plain(PermitAct::Extend {
            until: members.optional_instant("until"),
            answer: members.optional_line("answer"),
        }),
        "resume" => Wanted::Remark(words(&mut members, "remark", false)),
        "approve" => approval(&mut members),
        "suspend" => Wanted::Held(
            members.choice("cause", HoldCause::from_code),
            words(&mut members, "remark", false),
        ),
        "meet" => met(&mut members),
        _ => Wanted::Nothing,
    };
    members.end()?;
    act.sealed(call, word)
}

/// An act before its texts are sealed.
enum Wanted {
    Nothing,
    Plain(PermitAct),
    Reason(Option<String>),
    Remark(Option<String>),
    Asked(Option<Timestamp>, Option<String>),
    Held(Option<HoldCause>, Option<String>),
    Approved(
        Option<Term>,
        Option<Box<Conditions>>,
        Option<String>,
        Option<Line>,
    ),
    Met(Option<Obligation>, Proof, Option<String>),
}

fn approval(members: &mut Members<'_>) -> Wanted {
    let (from, until) = (
        members.optional_instant("from"),
        members.optional_instant("until"),
    );
    let term = match (from, until) {
        (Some(from), Some(until)) => Some(Term { from, until }),
        (None, None) => None,
        // Half a term would be guessed at.
        (None, Some(_)) => {
            members.wrong("from", "field.missing");
            None
        }
        (Some(_), None) => {
            members.wrong("until", "field.missing");
            None
        }
    };
    let given = members.value("conditions").clone();
    let conditions = if given.is_null() {
        None
    } else {
        let read = serde_json::from_value::<Values>(given);
        match read.map(|values| Conditions::read(&values)) {
            Ok(Ok(conditions)) => Some(Box::new(conditions)),
            Ok(Err(FieldErrors(errors))) => {
                for error in errors {
                    members.wrong(&format!("conditions/{}", error.field), error.fault.code());
                }
                None
            }
            Err(_) => {
                members.wrong("conditions", "field.form");
                None
            }
        }
    };
    let remark = words(members, "remark", false);
    Wanted::Approved(term, conditions, remark, members.optional_line("answer"))
}

fn met(members: &mut Members<'_>) -> Wanted {
    let obligation = members.choice("obligation", Obligation::from_code);
    let receipt = members.optional_text("receipt").map(str::to_owned);
    let statement = words(members, "reason", false);
    let by_word = obligation.is_some_and(Obligation::is_stated_by_the_applicant);
    let proof = match receipt {
        Some(digest) => Proof::Receipt { digest },
        None if by_word => Proof::Statement,
        None => Proof::Received,
    };
    Wanted::Met(obligation, proof, statement)
}

impl Wanted {
    fn sealed(self, call: &Call<'_>, word: &str) -> Result<PermitAct, Fault> {
        let missing = || Fault::internal("members");
        let seal = |text: Option<String>| -> Result<Option<Sealed>, Fault> {
            text.map(|text| call.seal(PERMIT_PURPOSE, &text))
                .transpose()
        };
        Ok(match self {
            Self::Nothing => return Err(missing()),
            Self::Plain(act) => act,
            Self::Reason(text) => {
                let reason = seal(text)?.ok_or_else(missing)?;
                match word {
                    "send_back" => PermitAct::SendBack { reason },
                    "refuse" => PermitAct::Refuse { reason },
                    "revoke" => PermitAct::Revoke { reason },
                    _ => PermitAct::RefuseExtension { reason },
                }
            }
            Self::Remark(text) => PermitAct::Resume {
                remark: seal(text)?,
            },
            Self::Asked(until, text) => PermitAct::AskExtension {
                until: until.ok_or_else(missing)?,
                reason: seal(text)?.ok_or_else(missing)?,
            },
            Self::Held(cause, text) => PermitAct::Suspend {
                cause: cause.ok_or_else(missing)?,
                remark: seal(text)?,
            },
            Self::Approved(term, conditions, text, answer) => PermitAct::Approve {
                term,
                conditions,
                remark: seal(text)?,
                answer,
            },
            Self::Met(obligation, proof, text) => PermitAct::Meet {
                obligation: obligation.ok_or_else(missing)?,
                proof,
                statement: seal(text)?,
            },
        })
    }
}

fn resubmitted(call: &Call<'_>, permit: &Permit) -> Result<Application, Fault> {
    let (particulars, wanted, purpose) = application(call, Some(permit.kind()))?;
    Ok(Application {
        particulars,
        wanted,
        purpose: call.seal(PERMIT_PURPOSE, &purpose)?,
    })
}
