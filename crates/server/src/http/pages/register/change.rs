//! Entering something into a register, and changing it.

use axum::http::StatusCode;
use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::command::{Command, RegisterCommand};
use sekisho_domain::device::{Device, DeviceClass};
use sekisho_domain::event::Sealed;
use sekisho_domain::field::{Field, FieldKind, Value};
use sekisho_domain::id::{
    AdvisoryId, ChecklistItemId, ConcernId, ConferenceToolId, DeviceId, Fresh, GatewayId,
    IncidentId, LineId, MediumId, ServiceId, SoftwareId, SystemId, TaskId, UnitId,
};
use sekisho_domain::register::places::{Newly, Places};
use sekisho_domain::register::{Entry, EntryId, Particulars, Register};
use sekisho_ledger::digest::Digest;
use sekisho_messages::{Lang, t};

use super::super::super::ctx::{Answer, Ctx, html, redirect};
use super::super::super::fault::Fault;
use super::super::super::form::Form;
use super::super::access::places;
use super::referents::Things;
use super::{asked, asked_entry, entry_path, path, title, trail, words};
use crate::app::{CommandError, REMARK_PURPOSE, fresh};
use crate::console::components::{Tone, alert};
use crate::console::fields::{
    Entered, FieldForm, Read, Words, input_name, inputs, read, sentence as field_sentence,
};
use crate::console::layout::Place;
use crate::console::register::{FormView, Remark, form_page};

/// The longest remark, in characters.
pub(super) const REMARK_MAX: usize = 2000;

/// The name under which a form tells which shared places and closed ports it asked about.
const SHARED: &str = "shared";

/// What is wrong: the code of a field (or `remark`), and the sentence.
pub(in crate::http::pages) type Wrong = Vec<(String, String)>;

/// What a form is about.
enum About<'a> {
    /// Something new; for a device that is enrolled already, that device.
    New(Option<DeviceId>),
    Known(&'a Entry),
}

impl About<'_> {
    const fn entry(&self) -> Option<&Entry> {
        match self {
            Self::New(_) => None,
            Self::Known(entry) => Some(entry),
        }
    }
}

/// The unit that answers for an entry, as a field before its own.
fn unit_field(register: Register) -> Field {
    Field {
        code: "unit",
        kind: FieldKind::Reference(UnitId::PREFIX),
        required: register.needs_unit(),
        many: false,
    }
}

/// The fields that the form asks for: a report of unease begins open, and whoever answers it
/// changes nothing else.
fn fields(register: Register, about: &About<'_>) -> Vec<Field> {
    let answers = register == Register::Concern && about.entry().is_some();
    let asked = |field: &&Field| {
        register != Register::Concern || (field.code == "state") == about.entry().is_some()
    };
    let unit = (!answers).then(|| unit_field(register));
    let own = register.fields().iter().filter(asked).copied();
    unit.into_iter().chain(own).collect()
}

pub(in crate::http) fn new(ctx: &Ctx) -> Answer {
    let register = asked(ctx)?;
    enter(ctx, register)?;
    // A link may lead here with something filled in.
    let given = super::super::super::form::pairs(ctx.query.as_bytes());
    let pairs = given
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    let mut entered = Entered::of_pairs(pairs);
    if entered.is_empty()
        && let Some(unit) = own_unit(ctx)
    {
        let unit = unit.to_string();
        entered = Entered::of_pairs([(input_name("unit").as_str(), unit.as_str())]);
    }
    let device = enrolled(ctx, register, &ctx.query("device").unwrap_or_default());
    if let Some(known) = &device {
        entered.choose("unit", &known.unit.to_string());
        let person = if register == Register::ByodDevice {
            "owner"
        } else {
            "user"
        };
        if let Some(user) = known.user {
            entered.choose(person, &user.to_string());
        }
    }
    let about = About::New(device.map(|known| known.id));
    render(
        ctx,
        register,
        &about,
        (&entered, &Newly::default()),
        "",
        &Vec::new(),
    )
}

/// The enrolled device that is to stand in a register of its class and does not yet.
fn enrolled(ctx: &Ctx, register: Register, id: &str) -> Option<Device> {
    let id: DeviceId = id.parse().ok()?;
    if !ctx.may(Action::ReadDevice, Subject::Device(id)) {
        return None;
    }
    let world = ctx.site.app.world();
    let known = world.device(id)?;
    let of_class = match known.class {
        DeviceClass::Issued => Register::IssuedDevice,
        DeviceClass::Byod => Register::ByodDevice,
    };
    let is_new = world.registers.entry(id).is_none();
    (is_new && of_class == register).then(|| known.clone())
}

/// The unit of the reader, where most of what is entered belongs.
fn own_unit(ctx: &Ctx) -> Option<UnitId> {
    let person = ctx.live().ok()?.person;
    ctx.site.app.world().unit_of(person, ctx.now)
}

fn enter(ctx: &Ctx, register: Register) -> Result<(), Fault> {
    ctx.live()?;
    if super::list::may_enter(ctx, register) {
        return Ok(());
    }
    let denied = sekisho_domain::authorise::Denied::NoAuthority;
    Err(Fault::denied(denied, register.enter()))
}

pub(in crate::http) fn create(ctx: &Ctx, form: &Form) -> Answer {
    let register = asked(ctx)?;
    enter(ctx, register)?;
    let device = enrolled(ctx, register, form.get("device"));
    let about = About::New(device.map(|known| known.id));
    submit(ctx, register, &about, form)
}

pub(in crate::http) fn edit(ctx: &Ctx) -> Answer {
    let register = asked(ctx)?;
    let entry = keeper_of(ctx, register)?;
    let values = entry.particulars.values();
    let mut entered = Entered::of_values(ctx.lang, register.fields(), &values);
    if let Some(unit) = entry.unit {
        entered.choose("unit", &unit.to_string());
    }
    render(
        ctx,
        register,
        &About::Known(&entry),
        (&entered, &Newly::default()),
        "",
        &Vec::new(),
    )
}

pub(in crate::http) fn change(ctx: &Ctx, form: &Form) -> Answer {
    let register = asked(ctx)?;
    let entry = keeper_of(ctx, register)?;
    submit(ctx, register, &About::Known(&entry), form)
}

/// The entry that is asked for, where the reader keeps it.
pub(in crate::http::pages) fn keeper_of(ctx: &Ctx, register: Register) -> Result<Entry, Fault> {
    let entry = asked_entry(ctx, register)?;
    ctx.gate(register.keep(), Subject::Entry(entry.id))?;
    Ok(entry)
}

fn submit(ctx: &Ctx, register: Register, about: &About<'_>, form: &Form) -> Answer {
    let entered = Entered::of_pairs(form.pairs());
    let remark = form.get("remark").trim();
    if entered.looks_for().is_some() {
        let none = Newly::default();
        return render(ctx, register, about, (&entered, &none), remark, &Vec::new());
    }
    let newly = sharing(ctx, register, about, &entered);
    if !newly.is_empty() && form.get(SHARED) != places_key(&newly) {
        return render(
            ctx,
            register,
            about,
            (&entered, &newly),
            remark,
            &Vec::new(),
        );
    }
    match carry_out(ctx, register, about, &entered, remark, form.get("expected")) {
        Ok(id) => Ok(redirect(&entry_path(register, id))),
        Err(Fail::Wrong(wrong)) => {
            let none = Newly::default();
            render(ctx, register, about, (&entered, &none), remark, &wrong)
        }
        Err(Fail::Fault(fault)) => Err(fault),
    }
}

/// Why a form is not carried out.
pub(in crate::http::pages) enum Fail {
    Wrong(Wrong),
    Fault(Fault),
}

impl From<Fault> for Fail {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<sekisho_store::StoreError> for Fail {
    fn from(error: sekisho_store::StoreError) -> Self {
        Self::Fault(error.into())
    }
}

fn carry_out(
    ctx: &Ctx,
    register: Register,
    about: &About<'_>,
    entered: &Entered,
    remark: &str,
    expected: &str,
) -> Result<EntryId, Fail> {
    let (unit, particulars) = understood(ctx, register, about, entered).map_err(Fail::Wrong)?;
    let remark = sealed(ctx, remark)?;
    let (id, command) = match about {
        About::New(device) => {
            let id = match device {
                Some(device) => EntryId::from(*device),
                None => new_id(register, fresh()?),
            };
            let command = RegisterCommand::Enter {
                id,
                unit,
                particulars,
                remark,
            };
            (id, command)
        }
        About::Known(entry) => {
            let command = RegisterCommand::Change {
                id: entry.id,
                unit,
                particulars,
                remark,
                expected: expected.parse().ok(),
            };
            (entry.id, command)
        }
    };
    commanded(ctx, register, command)?;
    Ok(id)
}

/// Carries a command out; a refusal is said at its field.
pub(in crate::http::pages) fn commanded(
    ctx: &Ctx,
    register: Register,
    command: RegisterCommand,
) -> Result<(), Fail> {
    let command = Command::Register(Box::new(command));
    let done = ctx
        .site
        .app
        .command_blocking(ctx.actor()?, command, Vec::new());
    match done {
        Ok(_) => Ok(()),
        Err(error @ CommandError::Refused(_)) if !error.code().starts_with("authorise.") => {
            Err(Fail::Wrong(vec![refusal(ctx, register, &error)]))
        }
        Err(error) => Err(Fail::Fault(error.into())),
    }
}

/// A refusal at its field, naming the other entry where there is one.
fn refusal(ctx: &Ctx, register: Register, error: &CommandError) -> (String, String) {
    let (field, said) = super::super::refused_with(ctx.lang, error, &|name, id| {
        if name != "other" {
            return None;
        }
        let id: EntryId = id.parse().ok()?;
        let world = ctx.site.app.world();
        world
            .registers
            .entry(id)
            .map(|entry| title(ctx.lang, entry))
    });
    let known = |code: &String| {
        code == "unit" || code == "remark" || register.fields().iter().any(|it| it.code == code)
    };
    (field.filter(known).unwrap_or_default(), said)
}

/// What is said beside, under the writer's key.
pub(super) fn sealed(ctx: &Ctx, remark: &str) -> Result<Option<Sealed>, Fail> {
    if remark.is_empty() {
        return Ok(None);
    }
    if remark.chars().count() > REMARK_MAX {
        let said = t!(ctx.lang, "register.remark_too_long", n = REMARK_MAX);
        return Err(Fail::Wrong(vec![("remark".to_owned(), said.into_owned())]));
    }
    let person = ctx.live()?.person;
    let app = &ctx.site.app;
    Ok(Some(app.seal(person, REMARK_PURPOSE, remark.as_bytes())?))
}

/// The unit and the particulars, or all that is wrong with them.
fn understood(
    ctx: &Ctx,
    register: Register,
    about: &About<'_>,
    entered: &Entered,
) -> Result<(Option<UnitId>, Particulars), Wrong> {
    let fields = fields(register, about);
    let Read {
        mut values,
        mut faults,
    } = read(&fields, entered, &Things { ctx });
    let unit_given = values.remove("unit");
    if unit_given.is_none()
        && register.needs_unit()
        && fields.iter().any(|field| field.code == "unit")
        && !faults.iter().any(|(code, _)| code == "unit")
    {
        let missing = sekisho_domain::field::FieldFault::Missing;
        faults.push((
            "unit".to_owned(),
            crate::console::fields::Fault::Field(missing),
        ));
    }
    let mut unit = match unit_given {
        Some(Value::Text(id)) => id.parse().ok(),
        _ => None,
    };
    if register == Register::Concern {
        match about.entry() {
            None => {
                values.insert("state".to_owned(), Value::Text("open".to_owned()));
            }
            Some(entry) => {
                let state = values.remove("state");
                values = entry.particulars.values();
                values.extend(state.map(|state| ("state".to_owned(), state)));
                unit = entry.unit;
            }
        }
    }
    let judged = register.read(&values);
    let mut all = Read { values, faults };
    if let Err(errors) = &judged {
        all.judge(&errors.0);
    }
    match judged {
        Ok(particulars) if all.faults.is_empty() => Ok((unit, particulars)),
        _ => Err(said(ctx.lang, words(register), &fields, &all)),
    }
}

/// Every fault as a sentence, in the order of the fields.
fn said(lang: Lang, words: Words, fields: &[Field], read: &Read) -> Wrong {
    let place = |code: &str| fields.iter().position(|field| field.code == code);
    let mut faults = read.faults.clone();
    faults.sort_by_key(|(code, _)| place(code));
    faults
        .into_iter()
        .map(|(code, fault)| {
            let said = field_sentence(lang, words, &code, fault);
            (code, said)
        })
        .collect()
}

fn new_id(register: Register, fresh: Fresh) -> EntryId {
    match register {
        Register::IssuedDevice | Register::ByodDevice => DeviceId::new(fresh).into(),
        Register::Medium => MediumId::new(fresh).into(),
        Register::Software => SoftwareId::new(fresh).into(),
        Register::Line => LineId::new(fresh).into(),
        Register::System => SystemId::new(fresh).into(),
        Register::Service => ServiceId::new(fresh).into(),
        Register::ConferenceTool => ConferenceToolId::new(fresh).into(),
        Register::Task => TaskId::new(fresh).into(),
        Register::Incident => IncidentId::new(fresh).into(),
        Register::Concern => ConcernId::new(fresh).into(),
        Register::Gateway => GatewayId::new(fresh).into(),
        Register::Advisory => AdvisoryId::new(fresh).into(),
        Register::ChecklistItem => ChecklistItemId::new(fresh).into(),
    }
}

/// The form: of a system with the places that it would share and the ports that it would close, which whoever enters
/// it is asked about once.
fn render(
    ctx: &Ctx,
    register: Register,
    about: &About<'_>,
    (entered, newly): (&Entered, &Newly),
    remark: &str,
    wrong: &Wrong,
) -> Answer {
    let lang = ctx.lang;
    let fields = fields(register, about);
    let things = Things { ctx };
    let form = FieldForm {
        lang,
        words: words(register),
        fields: &fields,
        entered,
        errors: wrong,
        referents: &things,
    };
    let known = about.entry();
    let mut trail = trail(lang, register);
    let back = known.map_or_else(|| path(register), |entry| entry_path(register, entry.id));
    if let Some(entry) = known {
        trail.push((title(lang, entry), back.clone()));
    }
    let (heading, lead, submit, action) = match known {
        None => (
            words(register).to_enter(lang),
            t!(lang, "register.new_lead"),
            t!(lang, "register.enter_do"),
            path(register),
        ),
        Some(_) => (
            t!(lang, "register.change"),
            t!(lang, "register.change_lead"),
            t!(lang, "register.change_do"),
            format!("{back}/change"),
        ),
    };
    let view = FormView {
        trail,
        title: heading.into_owned(),
        lead: lead.into_owned(),
        note: asks(ctx, newly),
        action,
        csrf: ctx.live()?.csrf(),
        hidden: hidden(about, newly),
        inputs: inputs(&form),
        remark: Some(remark_of(lang, register, known.is_none(), remark, wrong)),
        submit: if newly.is_empty() {
            submit.into_owned()
        } else {
            t!(lang, "register.shared_do").into_owned()
        },
        danger: !newly.is_empty(),
        back,
        errors: anchored(wrong),
    };
    let mut frame = ctx.frame(Place::Register(register));
    if known.is_none() {
        frame.path = format!("{}/new", path(register));
    }
    let mut response = html(form_page(&frame, &view));
    if !wrong.is_empty() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

/// What the form carries unseen: the version it was made of, or the device it is about; and the places that it asks
/// about.
fn hidden(about: &About<'_>, newly: &Newly) -> Vec<(&'static str, String)> {
    let mut hidden: Vec<(&'static str, String)> = match about {
        About::New(device) => device
            .map(|device| ("device", device.to_string()))
            .into_iter()
            .collect(),
        About::Known(entry) => vec![("expected", entry.version.to_string())],
    };
    if !newly.is_empty() {
        hidden.push((SHARED, places_key(newly)));
    }
    hidden
}

/// The places that an entry would share with other systems, and the ports of others that it would close, and does not
/// yet.
fn sharing(ctx: &Ctx, register: Register, about: &About<'_>, entered: &Entered) -> Newly {
    if register != Register::System {
        return Newly::default();
    }
    // What is wrong with it is said when it is carried out.
    let Ok((_, Particulars::System(system))) = understood(ctx, register, about, entered) else {
        return Newly::default();
    };
    let known = match about.entry().map(|it| it.id) {
        Some(EntryId::System(id)) => Some(id),
        _ => None,
    };
    Places::newly(&ctx.site.app.world(), known, &system)
}

/// By what is told that these places were asked about and no others: a digest, since a form holds no thousand places.
fn places_key(newly: &Newly) -> String {
    let shared = newly.shared.iter();
    let shared = shared.map(|it| format!("{}@{}:{}", it.other, it.network, it.port));
    let parted = newly.parted.iter();
    let parted = parted.map(|(id, port)| format!("{id}-{port}"));
    let all: Vec<String> = shared.chain(parted).collect();
    Digest::of(all.join(",").as_bytes()).to_string()
}

fn asks(ctx: &Ctx, newly: &Newly) -> maud::Markup {
    if newly.is_empty() {
        return maud::html! {};
    }
    let body = maud::html! {
        @if !newly.parted.is_empty() { (places::parting(ctx, &newly.parted)) }
        @if !newly.shared.is_empty() { (places::with_others(ctx, &newly.shared)) }
        p { (t!(ctx.lang, "register.shared_ask")) }
    };
    let heading = if newly.shared.is_empty() {
        t!(ctx.lang, "access-page.parted_others")
    } else {
        t!(ctx.lang, "access-page.shared_one")
    };
    alert(Tone::Warning, &heading, &body)
}

/// The errors with the ids of the inputs that they are about.
pub(super) fn anchored(wrong: &Wrong) -> Vec<(String, String)> {
    let id = |code: &str| match code {
        "" => "main".to_owned(),
        "remark" => code.to_owned(),
        code => input_name(code),
    };
    wrong
        .iter()
        .map(|(code, said)| (id(code), said.clone()))
        .collect()
}

fn remark_of(lang: Lang, register: Register, new: bool, value: &str, wrong: &Wrong) -> Remark {
    let required = new && register.needs_words();
    let (label, support) = if required {
        (
            words(register).account(lang),
            t!(lang, "register.account_support"),
        )
    } else {
        (
            t!(lang, "register.remark"),
            t!(lang, "register.remark_support"),
        )
    };
    let error = wrong.iter().find(|(code, _)| code == "remark");
    Remark {
        label: label.into_owned(),
        support: Some(support.into_owned()),
        required,
        value: value.to_owned(),
        error: error.map(|(_, said)| said.clone()),
    }
}
