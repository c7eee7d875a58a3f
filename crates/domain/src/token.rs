//! API tokens: how a program acts. A token is issued by the holder of a post, for that post, with a
//! scope and an end; it never carries more than the post itself may do, and dies with the
//! appointment that it rests on.
//!
//! The secret is nowhere in here: the ledger knows that a token was issued and revoked, the accounts
//! know the hash of its secret.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::authorise::Action;
use crate::id::{ApiTokenId, PersonId, PostId};
use crate::name::Line;
use crate::time::{Interval, Span, Timestamp};

/// Longest life of a token.
pub const TOKEN_MAX: Span = Span::days(366);
/// Most tokens in force for one post.
pub const TOKENS_OF_A_POST: usize = 50;

/// As whom a program acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenHolder {
    /// As the one who issued it, in that post alone, for as long as that person holds it.
    Post,
    /// As itself, a service account under the responsibility of the post, whoever holds it. A
    /// service never decides: decisions are made by people.
    Service,
}

impl TokenHolder {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Post, Self::Service];

    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Post => "post",
            Self::Service => "service",
        }
    }

    /// The holder of a code; none for unknown codes.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.code() == code)
    }
}

/// A part of what can be done through the API. What is in no scope cannot be done by a token at all:
/// issuing tokens and accounts, breaking glass, attesting, forgetting people, reading personal
/// observations and reports of unease.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenScope {
    /// Read.
    Read,
    /// Keep the organisation: units, posts, people, appointments, personnel moves.
    Organisation,
    /// Enrol, suspend, resume and retire devices.
    Devices,
    /// Keep the registers.
    Registers,
    /// Apply for permits and see them to their end.
    Permits,
    /// Decide on permits, and say who decides: stand-ins, delegations, the rules of permits.
    Decide,
    /// Ask the decision point: for enforcement points.
    Access,
    /// Ask for devices at the switches of internal lines: for RADIUS servers.
    Network,
    /// Cut off tunnels that stand.
    Cut,
}

impl TokenScope {
    /// Every scope.
    pub const ALL: [Self; 9] = [
        Self::Read,
        Self::Organisation,
        Self::Devices,
        Self::Registers,
        Self::Permits,
        Self::Decide,
        Self::Access,
        Self::Network,
        Self::Cut,
    ];

    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Organisation => "organisation",
            Self::Devices => "devices",
            Self::Registers => "registers",
            Self::Permits => "permits",
            Self::Decide => "decide",
            Self::Access => "access",
            Self::Network => "network",
            Self::Cut => "cut",
        }
    }

    /// The scope of a code; none for unknown codes.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.code() == code)
    }

    /// Whether a token of such a holder can have it: what people do is not for services.
    #[must_use]
    pub const fn is_open_to(self, holder: TokenHolder) -> bool {
        !matches!(
            (self, holder),
            (
                Self::Permits | Self::Decide | Self::Cut,
                TokenHolder::Service
            )
        )
    }

    /// What it allows.
    #[must_use]
    pub const fn actions(self) -> &'static [Action] {
        match self {
            Self::Read => &[
                Action::ReadStatus,
                Action::ReadDevice,
                Action::ReadLedger,
                Action::ReadDirectory,
                Action::ReadRegisters,
                Action::ReadIncidents,
                Action::ReadPermit,
                Action::ReadAccessRules,
                Action::ReadPlan,
                Action::ReadCases,
                Action::ReadRisks,
                Action::ReadServiceUse,
                Action::ReadRules,
                Action::ReadRuleEffect,
                Action::ReadOpinions,
            ],
            Self::Organisation => ORGANISATION,
            Self::Devices => &[Action::EnrolDevice, Action::ChangeDevice],
            Self::Registers => REGISTERS,
            Self::Permits => &[
                Action::ApplyPermit,
                Action::HoldPermit,
                Action::ReceivePermit,
                Action::AcknowledgeRule,
            ],
            Self::Decide => &[
                Action::DecidePermit,
                Action::NameStandIn,
                Action::Delegate,
                Action::SetPermitRules,
                Action::SetAccessRules,
                Action::ApprovePlan,
                Action::ReassessCase,
                Action::ApproveRisk,
                Action::ApproveHighRisk,
                Action::AcceptRisk,
                Action::ApproveRule,
                Action::CheckRule,
                Action::GiveOpinion,
                Action::SetOpinionGate,
            ],
            Self::Access => &[Action::AskAccess],
            Self::Network => &[Action::AskAdmission],
            Self::Cut => &[Action::CutAccess],
        }
    }
}

/// What changes the organisation.
const ORGANISATION: &[Action] = &[
    Action::FoundUnit,
    Action::CreatePost,
    Action::RegisterPerson,
    Action::Appoint,
    Action::ChangePerson,
    Action::Reorganise,
    Action::ChangePost,
    Action::AcceptMoves,
];

/// What keeps registers, and what is answered and drafted in them.
const REGISTERS: &[Action] = &[
    Action::KeepDevices,
    Action::KeepByod,
    Action::KeepMedia,
    Action::KeepSoftware,
    Action::KeepLines,
    Action::KeepSystems,
    Action::KeepServices,
    Action::KeepConferenceTools,
    Action::KeepTasks,
    Action::KeepIncidents,
    Action::ReportIncident,
    Action::KeepAdvisories,
    Action::KeepChecklists,
    Action::AnswerChecklist,
    Action::DraftPlan,
    Action::EvaluatePlan,
    Action::DraftRisk,
    Action::DraftRule,
];

/// A token, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// Its id.
    pub id: ApiTokenId,
    /// What the program is called, so that people know it again.
    pub label: Line,
    /// As whom it acts.
    pub holder: TokenHolder,
    /// The post on which its authority rests.
    pub post: PostId,
    /// Who issued it, as the holder of that post.
    pub issuer: PersonId,
    /// What it may do; never empty.
    pub scope: BTreeSet<TokenScope>,
    /// When it can be used; it always has an end.
    pub valid: Interval,
}

impl Token {
    /// Whether its scope allows an action.
    #[must_use]
    pub fn allows(&self, action: Action) -> bool {
        let mut scopes = self.scope.iter();
        scopes.any(|scope| scope.is_open_to(self.holder) && scope.actions().contains(&action))
    }
}

/// A token as the World knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownToken {
    /// The token.
    pub token: Token,
    /// When it was revoked, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Timestamp>,
}

impl KnownToken {
    /// Whether it can be used at an instant, as far as it depends on the token alone.
    #[must_use]
    pub fn in_force(&self, at: Timestamp) -> bool {
        self.revoked_at.is_none_or(|end| at < end) && self.token.valid.holds(at)
    }
}
