//! The registers (台帳): what there is, entry by entry, each a typed noun of fields.
//!
//! One mechanism carries them all: an entry is entered, changed, retired and restored by commands
//! with the version they were decided on, and the events hold the whole noun. To add a register:
//! a file with its [`noun!`](crate::noun) and [`RegisterNoun`], a line in [`registers!`], its
//! actions in [`authorise`](crate::authorise), its texts under `register.<code>`.

pub mod advisory;
pub mod checklist_item;
pub mod concern;
pub mod conference_tool;
pub mod device;
mod entry;
mod entry_id;
pub mod gateway;
mod import;
pub mod incident;
pub mod inside;
mod keys;
pub mod line;
pub mod medium;
pub mod part;
pub mod places;
mod reference;
pub mod service;
pub mod sha256;
pub(crate) mod shared;
pub mod software;
pub mod system;
mod system_address;
pub mod task;

use serde::{Deserialize, Serialize};

use crate::authorise::Action;
use crate::field::{Field, FieldErrors, Noun, Value, Values};
use crate::id::PersonId;
use crate::role::Role;

pub use advisory::Advisory;
pub use checklist_item::ChecklistItem;
pub use concern::Concern;
pub use conference_tool::ConferenceTool;
pub use device::{ByodDevice, IssuedDevice};
pub use entry::{Entry, EntryState};
pub use entry_id::EntryId;
pub use gateway::Gateway;
pub use import::{Clash, ClashKind, ImportRow, ImportRows, decode_rows, encode_rows};
pub use incident::Incident;
pub use keys::EntryKeys;
pub use line::NetworkLine;
pub use medium::Medium;
pub use reference::{is_in_force, is_known};
pub use service::Service;
pub use software::Software;
pub use system::System;
pub use system_address::{AddressFault, SystemAddress};
pub use task::Task;

/// What is wrong with a noun although each of its fields is well: a stable code and the field to
/// look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The code, which is also the key of its message.
    pub code: &'static str,
    /// The field.
    pub field: &'static str,
}

impl Fault {
    pub(crate) const fn new(code: &'static str, field: &'static str) -> Self {
        Self { code, field }
    }
}

/// A noun that stands in a register.
pub trait RegisterNoun: Noun {
    /// Fields that name an entry outside this system: no two entries in use share one.
    const KEYS: &'static [&'static str];

    /// What is wrong with the fields taken together.
    fn fault(&self) -> Option<Fault>;

    /// What such a field holds, as written; none where it is empty.
    fn key(&self, field: &str) -> Option<String> {
        match self.value(field) {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// A noun with its place among the registers, for typed reading.
pub trait Registered: RegisterNoun {
    /// Its register.
    const REGISTER: Register;

    /// The noun, where the particulars are of this kind.
    fn of(particulars: &Particulars) -> Option<&Self>;
}

/// Defines the registers with their nouns, so that none can be forgotten anywhere.
macro_rules! registers {
    ($( $(#[$doc:meta])* $variant:ident($noun:ty) = $code:literal, $prefix:literal; )+) => {
        /// The registers.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Register { $( $(#[$doc])* #[serde(rename = $code)] $variant ),+ }

        impl Register {
            /// Every register, in the order shown.
            pub const ALL: &'static [Self] = &[ $( Self::$variant ),+ ];

            /// The stable code.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $( Self::$variant => $code ),+ }
            }

            /// The prefix of its entries' ids.
            #[must_use]
            pub const fn prefix(self) -> &'static str {
                match self { $( Self::$variant => $prefix ),+ }
            }

            /// The fields of its entries.
            #[must_use]
            pub const fn fields(self) -> &'static [Field] {
                match self { $( Self::$variant => <$noun as Noun>::FIELDS ),+ }
            }

            /// Fields that name an entry outside this system.
            #[must_use]
            pub const fn keys(self) -> &'static [&'static str] {
                match self { $( Self::$variant => <$noun as RegisterNoun>::KEYS ),+ }
            }

            /// Reads the particulars of an entry.
            ///
            /// # Errors
            /// [`FieldErrors`] names every field at fault.
            pub fn read(self, values: &Values) -> Result<Particulars, FieldErrors> {
                match self {
                    $( Self::$variant => <$noun as Noun>::read(values).map(Particulars::$variant) ),+
                }
            }
        }

        /// What a register holds of an entry.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(tag = "register", content = "fields")]
        pub enum Particulars { $( $(#[$doc])* #[serde(rename = $code)] $variant($noun) ),+ }

        impl Particulars {
            /// The register.
            #[must_use]
            pub const fn register(&self) -> Register {
                match self { $( Self::$variant(_) => Register::$variant ),+ }
            }

            /// The fields in plain form.
            #[must_use]
            pub fn values(&self) -> Values {
                match self { $( Self::$variant(noun) => noun.values() ),+ }
            }

            /// What one field holds; empty where there is no such field.
            #[must_use]
            pub fn value(&self, code: &str) -> Value {
                match self { $( Self::$variant(noun) => noun.value(code) ),+ }
            }

            /// What is wrong with the fields taken together.
            #[must_use]
            pub fn fault(&self) -> Option<Fault> {
                match self { $( Self::$variant(noun) => noun.fault() ),+ }
            }

            /// What a field of [`Register::keys`] holds; none where it is empty.
            #[must_use]
            pub fn key(&self, field: &str) -> Option<String> {
                match self { $( Self::$variant(noun) => noun.key(field) ),+ }
            }
        }

        $(
            impl Registered for $noun {
                const REGISTER: Register = Register::$variant;

                fn of(particulars: &Particulars) -> Option<&Self> {
                    match particulars {
                        Particulars::$variant(noun) => Some(noun),
                        _ => None,
                    }
                }
            }
        )+
    };
}

registers! {
    /// 支給端末.
    IssuedDevice(IssuedDevice) = "issued_device", "dev";
    /// 支給以外の端末 (BYOD).
    ByodDevice(ByodDevice) = "byod_device", "dev";
    /// 外部電磁的記録媒体.
    Medium(Medium) = "medium", "med";
    /// ソフトウェアの一覧.
    Software(Software) = "software", "sfw";
    /// 通信回線.
    Line(NetworkLine) = "line", "lin";
    /// 情報システム.
    System(System) = "system", "sys";
    /// 外部サービス.
    Service(Service) = "service", "svc";
    /// Web会議サービス.
    ConferenceTool(ConferenceTool) = "conference_tool", "cnf";
    /// テレワークの対象業務.
    Task(Task) = "task", "tsk";
    /// 情報セキュリティインシデント.
    Incident(Incident) = "incident", "inc";
    /// 不安・気付きの報告.
    Concern(Concern) = "concern", "cnc";
    /// ゲートウェイ.
    Gateway(Gateway) = "gateway", "gwy";
    /// 過去の注意喚起.
    Advisory(Advisory) = "advisory", "adv";
    /// チェックリストの項目.
    ChecklistItem(ChecklistItem) = "checklist_item", "cki";
}

impl Register {
    /// The register of a code; none for unknown codes.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|it| it.code() == code)
    }

    /// The key of the register's name among the messages.
    #[must_use]
    pub fn name_key(self) -> String {
        format!("register.{}", self.code())
    }

    /// The key of a field's label among the messages.
    #[must_use]
    pub fn field_key(self, field: &str) -> String {
        format!("register.{}.{field}", self.code())
    }

    /// The key of the word for one of a field's choices among the messages.
    #[must_use]
    pub fn choice_key(self, field: &str, choice: &str) -> String {
        format!("register.{}.{field}.{choice}", self.code())
    }

    /// What whoever keeps the register must be allowed to do.
    #[must_use]
    pub const fn keep(self) -> Action {
        match self {
            Self::IssuedDevice => Action::KeepDevices,
            Self::ByodDevice => Action::KeepByod,
            Self::Medium => Action::KeepMedia,
            Self::Software => Action::KeepSoftware,
            Self::Line | Self::Gateway => Action::KeepLines,
            Self::System => Action::KeepSystems,
            Self::Service => Action::KeepServices,
            Self::ConferenceTool => Action::KeepConferenceTools,
            Self::Task => Action::KeepTasks,
            Self::Incident => Action::KeepIncidents,
            Self::Concern => Action::AnswerConcern,
            Self::Advisory => Action::KeepAdvisories,
            Self::ChecklistItem => Action::KeepChecklists,
        }
    }

    /// What whoever enters a new entry must be allowed to do: anyone may tell of unease.
    #[must_use]
    pub const fn enter(self) -> Action {
        match self {
            Self::Concern => Action::RaiseConcern,
            Self::Incident => Action::ReportIncident,
            other => other.keep(),
        }
    }

    /// What whoever reads the register must be allowed to do.
    #[must_use]
    pub const fn read_action(self) -> Action {
        match self {
            Self::IssuedDevice | Self::ByodDevice => Action::ReadDevice,
            Self::Incident => Action::ReadIncidents,
            Self::Concern => Action::ReadConcerns,
            _ => Action::ReadRegisters,
        }
    }

    /// The roles that own the register, the first before the others.
    #[must_use]
    pub const fn owners(self) -> &'static [Role] {
        match self {
            Self::IssuedDevice | Self::Software | Self::Line | Self::Gateway => &[Role::Isso],
            Self::ByodDevice => &[Role::Tmo],
            Self::Medium => &[Role::Diso],
            Self::System => &[Role::Isso, Role::Hiso],
            Self::Service | Self::ConferenceTool => &[Role::Hiso, Role::Iso],
            Self::Task => &[Role::Diso, Role::Hiso],
            Self::Incident => &[Role::Csirt],
            Self::Concern => &[Role::Diso, Role::PromotionBody],
            Self::Advisory | Self::ChecklistItem => &[Role::PromotionBody],
        }
    }

    /// Whether each entry must name the unit that answers for it.
    #[must_use]
    pub const fn needs_unit(self) -> bool {
        matches!(
            self,
            Self::IssuedDevice | Self::ByodDevice | Self::Medium | Self::Task | Self::Concern
        )
    }

    /// Whether an entry says in words what its fields do not: the text is sealed beside the record.
    #[must_use]
    pub const fn needs_words(self) -> bool {
        matches!(self, Self::Incident | Self::Concern)
    }
}

impl Particulars {
    /// The person who has the thing, where one has.
    #[must_use]
    pub const fn person(&self) -> Option<PersonId> {
        match self {
            Self::IssuedDevice(device) => device.user,
            Self::ByodDevice(device) => Some(device.owner),
            Self::Medium(medium) => medium.keeper,
            _ => None,
        }
    }

    /// The field that names the entry to people.
    #[must_use]
    pub const fn title_field(register: Register) -> &'static str {
        match register {
            Register::IssuedDevice => "asset",
            Register::ByodDevice => "model",
            Register::Medium => "number",
            Register::Incident | Register::Concern => "kind",
            Register::ChecklistItem => "text",
            _ => "name",
        }
    }
}
