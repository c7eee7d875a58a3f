//! The registers of the demonstration: what an office of this size would have entered, by the posts
//! that keep each register, and a list of personnel moves that waits for its day.

use sekisho_domain::access::ProxyDoor;
use sekisho_domain::actor::Actor;
use sekisho_domain::command::{Command, MovesCommand, RegisterCommand};
use sekisho_domain::device::DeviceClass;
use sekisho_domain::event::BlobRef;
use sekisho_domain::field::{Value, Values};
use sekisho_domain::id::{
    AdvisoryId, AppointmentId, Fresh, GatewayId, LineId, MediumId, MoveListId, PersonId, PostId,
    ServiceId, SoftwareId, SystemId, TaskId, UnitId,
};
use sekisho_domain::moves::{MoveKind, MoveLine, encode_lines};
use sekisho_domain::register::{EntryId, ImportRow, Register, encode_rows};
use sekisho_domain::role::Role;
use sekisho_domain::time::Span;
use sekisho_ledger::digest::Digest;
use sekisho_server::app::App;

use super::entries::{
    ADVISORIES, CONFERENCE_TOOLS, GATEWAYS, LINES, SERVICES, SOFTWARE, SYSTEMS, TASKS,
};
use super::in_flight::carry_out;
use super::{FillError, Progress, Stage};
use crate::machine::catalogue::standard;
use crate::machine::{MEDIA, medium_serial};
use crate::organisation::{Enrolled, Ministry};
use crate::random::SplitMix64;

/// Days until the list of moves takes hold.
const MOVES_IN: u32 = 30;
/// Lines of the list of moves, at most.
const MOVES: usize = 60;

/// Enters what is not there yet.
pub(super) fn enter(
    app: &App,
    ministry: &Ministry,
    progress: &mut Progress<'_>,
) -> Result<(), FillError> {
    let mut commands = Vec::new();
    let hand = Hand { app, ministry };
    hand.central(&mut commands)?;
    hand.media(&mut commands)?;
    carry_out(app, Stage::Registers, commands, progress)?;
    hand.devices(DeviceClass::Issued)?;
    hand.devices(DeviceClass::Byod)?;
    hand.moves()
}

struct Hand<'a> {
    app: &'a App,
    ministry: &'a Ministry,
}

type Fields = Vec<(&'static str, Value)>;

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// The fields of a made-up entry, written as `code=value` in one line: `|` between several values of
/// one field, `yes` for a flag that is set.
fn fields(line: &str) -> Fields {
    let pairs = line
        .split(';')
        .filter_map(|pair| pair.trim().split_once('='));
    pairs
        .map(|(code, value)| {
            let value = match value {
                "yes" => Value::Flag(true),
                many if many.contains('|') => Value::Many(
                    many.split('|')
                        .filter(|it| !it.is_empty())
                        .map(str::to_owned)
                        .collect(),
                ),
                one => one.parse().map_or_else(|_| text(one), Value::Number),
            };
            // Codes are the names of fields, which are known when the program is built.
            (field_code(code), value)
        })
        .collect()
}

fn field_code(code: &str) -> &'static str {
    Register::ALL
        .iter()
        .flat_map(|register| register.fields())
        .find(|field| field.code == code)
        .map_or("unknown", |field| field.code)
}

impl Hand<'_> {
    fn fresh(&self, label: &str, number: usize) -> Fresh {
        SplitMix64::fork(self.ministry.seed, label, number as u64).fresh()
    }

    /// Who holds a central post, and the post.
    fn central_post(&self, role: Role) -> Option<(PersonId, PostId)> {
        let root = self.ministry.organisation.root;
        let mut posts = self.ministry.posts.iter();
        let post = posts.find(|post| post.unit == root && post.roles == [role])?;
        let mut held = self.ministry.holdings.iter();
        let holding = held.find(|held| held.post == post.id)?;
        Some((holding.person, post.id))
    }

    /// The command that enters something, unless it is there.
    fn command(
        &self,
        by: PersonId,
        (register, id): (Register, EntryId),
        unit: Option<UnitId>,
        fields: Fields,
    ) -> Result<Option<(Actor, Command)>, FillError> {
        if self.app.world().registers.entry(id).is_some() {
            return Ok(None);
        }
        let values: Values = fields
            .into_iter()
            .map(|(code, value)| (code.to_owned(), value))
            .collect();
        let particulars = register
            .read(&values)
            .map_err(|source| FillError::Entry { register, source })?;
        let remark = None;
        let command = RegisterCommand::Enter {
            id,
            unit,
            particulars,
            remark,
        };
        let command = Command::Register(Box::new(command));
        Ok(Some((Actor::person(by), command)))
    }

    /// What the officers at the centre keep.
    fn central(&self, commands: &mut Vec<(Actor, Command)>) -> Result<(), FillError> {
        let Some((isso, isso_post)) = self.central_post(Role::Isso) else {
            return Ok(());
        };
        let line = |n| LineId::new(self.fresh("line", n));
        for (n, entry) in LINES.iter().enumerate() {
            let mut fields = fields(entry);
            fields.push(("officer", text(&isso_post.to_string())));
            commands.extend(self.command(isso, (Register::Line, line(n).into()), None, fields)?);
        }
        let system = |n| SystemId::new(self.fresh("system", n));
        for (n, entry) in SYSTEMS.iter().enumerate() {
            let mut fields = fields(entry);
            fields.push(("officer", text(&isso_post.to_string())));
            fields.push(("lines", Value::Many(vec![line(0).to_string()])));
            let proxy = ProxyDoor::ForwardAuth.code().to_owned();
            fields.push(("asking_proxies", Value::Many(vec![proxy])));
            let id = system(n).into();
            commands.extend(self.command(isso, (Register::System, id), None, fields)?);
        }
        for (n, entry) in GATEWAYS.iter().enumerate() {
            let mut fields = fields(entry);
            fields.push(("officer", text(&isso_post.to_string())));
            fields.push(("line", text(&line(0).to_string())));
            let id = GatewayId::new(self.fresh("gateway", n)).into();
            commands.extend(self.command(isso, (Register::Gateway, id), None, fields)?);
        }
        for (n, entry) in SOFTWARE.iter().enumerate() {
            let id = SoftwareId::new(self.fresh("software", n)).into();
            commands.extend(self.command(isso, (Register::Software, id), None, fields(entry))?);
        }
        for (n, (name, packages)) in standard().into_iter().enumerate() {
            let id = SoftwareId::new(self.fresh("standard", n)).into();
            let packages = packages.into_iter().map(str::to_owned).collect();
            let fields = vec![
                ("name", text(name)),
                ("list", text("allow")),
                ("packages", Value::Many(packages)),
            ];
            commands.extend(self.command(isso, (Register::Software, id), None, fields)?);
        }
        self.work(commands)
    }

    /// Tasks, and the services and conference tools that they use.
    fn work(&self, commands: &mut Vec<(Actor, Command)>) -> Result<(), FillError> {
        let (Some((hiso, _)), Some((_, owner))) = (
            self.central_post(Role::Hiso),
            self.central_post(Role::ServiceOwner),
        ) else {
            return Ok(());
        };
        let system = |n| SystemId::new(self.fresh("system", n));
        let sections = self.sections();
        let task = |n| TaskId::new(self.fresh("task", n));
        for (n, entry) in TASKS.iter().enumerate() {
            let mut fields = fields(entry);
            let needs = vec![system(n % SYSTEMS.len()).to_string()];
            fields.push(("systems", Value::Many(needs)));
            let unit = sections.get(n * 7 % sections.len().max(1)).copied();
            commands.extend(self.command(hiso, (Register::Task, task(n).into()), unit, fields)?);
        }
        for (n, entry) in SERVICES.iter().enumerate() {
            let mut fields = fields(entry);
            fields.push(("owner", text(&owner.to_string())));
            if fields.iter().any(|(code, _)| *code == "judgement") {
                fields.push(("judged_by", text(&owner.to_string())));
            }
            // One service has no work yet that may use it: the demonstration is to show a finding.
            if n + 1 < SERVICES.len() {
                fields.push(("tasks", Value::Many(vec![task(n).to_string()])));
            }
            let id = ServiceId::new(self.fresh("service", n)).into();
            commands.extend(self.command(hiso, (Register::Service, id), None, fields)?);
        }
        let day = self.app.now().before(Span::days(20)).jst_date().to_string();
        for (n, entry) in CONFERENCE_TOOLS.iter().enumerate() {
            let mut fields = fields(entry);
            fields.push(("owner", text(&owner.to_string())));
            fields.push(("settings_reviewed", text(&day)));
            let id = self.fresh("conference-tool", n);
            let id = sekisho_domain::id::ConferenceToolId::new(id).into();
            commands.extend(self.command(hiso, (Register::ConferenceTool, id), None, fields)?);
        }
        for (n, entry) in ADVISORIES.iter().enumerate() {
            let id = AdvisoryId::new(self.fresh("advisory", n)).into();
            commands.extend(self.command(hiso, (Register::Advisory, id), None, fields(entry))?);
        }
        Ok(())
    }

    /// Units below the bureaus.
    fn sections(&self) -> Vec<UnitId> {
        let root = self.ministry.organisation.root;
        let units = self.ministry.units.iter();
        units
            .filter(|unit| unit.parent != root)
            .map(|unit| unit.id)
            .collect()
    }

    fn media(&self, commands: &mut Vec<(Actor, Command)>) -> Result<(), FillError> {
        const KINDS: [&str; 3] = ["usb_memory", "portable_disk", "memory_card"];
        let Some((isso, _)) = self.central_post(Role::Isso) else {
            return Ok(());
        };
        let keepers = self.ministry.people.iter().skip(20).step_by(11);
        for (n, keeper) in keepers.take(usize::from(MEDIA)).enumerate() {
            let encrypted = n % 4 != 3;
            let grade = if encrypted { "C2I2A1" } else { "C1I1A1" };
            let fields = vec![
                ("number", text(&format!("媒-{:04}", n + 1))),
                ("kind", text(KINDS[n % KINDS.len()])),
                ("serial", text(&medium_serial(n as u64))),
                ("encrypted", Value::Flag(encrypted)),
                ("highest", text(grade)),
                ("keeper", text(&keeper.id.to_string())),
                ("place", text("課室の施錠キャビネット")),
            ];
            let id = MediumId::new(self.fresh("medium", n)).into();
            let unit = Some(keeper.unit);
            commands.extend(self.command(isso, (Register::Medium, id), unit, fields)?);
        }
        Ok(())
    }

    /// The particulars of devices, imported as one list.
    fn devices(&self, class: DeviceClass) -> Result<(), FillError> {
        let (register, role) = match class {
            DeviceClass::Issued => (Register::IssuedDevice, Role::Isso),
            DeviceClass::Byod => (Register::ByodDevice, Role::Tmo),
        };
        let Some((keeper, _)) = self.central_post(role) else {
            return Ok(());
        };
        let rows: Vec<ImportRow> = {
            let world = self.app.world();
            let devices = self.ministry.devices.iter().enumerate();
            devices
                .filter(|(_, device)| device.class == class)
                .filter(|(_, device)| world.registers.entry(device.id).is_none())
                .filter_map(|(n, device)| device_row(register, n, device))
                .collect()
        };
        if rows.is_empty() {
            return Ok(());
        }
        let document = encode_rows(&rows);
        let command = RegisterCommand::Import {
            register,
            rows: rows.into(),
            document: reference(&document),
        };
        self.send(keeper, Command::Register(Box::new(command)), document)
    }

    fn send(&self, by: PersonId, command: Command, document: Vec<u8>) -> Result<(), FillError> {
        let sent = self
            .app
            .command_blocking(Actor::person(by), command, vec![document]);
        sent.map(|_| ()).map_err(|source| FillError::Command {
            stage: Stage::Registers,
            source,
        })
    }

    /// Members of staff change places within thirty days; one in ten leaves.
    fn moves(&self) -> Result<(), FillError> {
        let list = MoveListId::new(self.fresh("move-list", 0));
        if self.app.world().moves.list(list).is_some() {
            return Ok(());
        }
        let Some((ciso, _)) = self.central_post(Role::Ciso) else {
            return Ok(());
        };
        let staff: Vec<(PersonId, PostId)> = {
            let posts = self.ministry.posts.iter();
            let staff = posts.filter(|post| post.roles == [Role::Staff]);
            let ids: std::collections::HashSet<PostId> = staff.map(|post| post.id).collect();
            let held = self.ministry.holdings.iter();
            let held = held.filter(|held| ids.contains(&held.post));
            held.step_by(5)
                .take(MOVES)
                .map(|held| (held.person, held.post))
                .collect()
        };
        let lines: Vec<MoveLine> = staff
            .iter()
            .enumerate()
            .filter_map(|(n, (person, from))| {
                let leaves = n % 10 == 9;
                let to = (!leaves).then(|| staff[(n + 7) % staff.len()].1);
                let kind = if leaves {
                    MoveKind::Leave
                } else {
                    MoveKind::Transfer
                };
                let appointment = to.map(|_| AppointmentId::new(self.fresh("moved", n)));
                (to != Some(*from)).then_some(MoveLine {
                    kind,
                    person: *person,
                    from: Some(*from),
                    to,
                    unit: None,
                    appointment,
                })
            })
            .collect();
        if lines.is_empty() {
            return Ok(());
        }
        let document = encode_lines(&lines);
        let command = MovesCommand::Accept {
            list,
            at: self.app.now().after(Span::days(MOVES_IN)),
            lines,
            document: reference(&document),
        };
        self.send(ciso, Command::Moves(Box::new(command)), document)
    }
}

fn reference(document: &[u8]) -> BlobRef {
    BlobRef {
        blob: Digest::of(document).to_string(),
        size: document.len() as u64,
    }
}

fn device_row(register: Register, n: usize, device: &Enrolled) -> Option<ImportRow> {
    const MODELS: [&str; 4] = [
        "見本ノート 14",
        "見本ノート 13",
        "見本モバイル X",
        "見本デスク M",
    ];
    let user = text(&device.user.to_string());
    let model = text(MODELS[n % MODELS.len()]);
    let mut values = Values::from([
        (
            "form".to_owned(),
            text(if n % 4 == 3 { "desktop" } else { "notebook" }),
        ),
        ("maker".to_owned(), text("見本電機")),
        ("model".to_owned(), model),
        (
            "serial".to_owned(),
            text(&format!("SN{:07}", 1_000_003 + n * 13)),
        ),
    ]);
    if register == Register::IssuedDevice {
        values.insert("asset".to_owned(), text(&format!("端-{:05}", n + 1)));
        values.insert("user".to_owned(), user);
        values.insert("privacy_filter".to_owned(), Value::Flag(n % 4 != 3));
        values.insert("wire_lock".to_owned(), Value::Flag(!n.is_multiple_of(3)));
    } else {
        values.insert("owner".to_owned(), user);
    }
    Some(ImportRow {
        id: device.id.into(),
        unit: Some(device.unit),
        particulars: register.read(&values).ok()?.into(),
        expected: None,
    })
}
