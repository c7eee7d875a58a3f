//! A clause: its text, and what it says as data.

use serde::{Deserialize, Serialize};

use super::{CheckCode, ClauseNumber, ClauseText, MeasureRef};
use crate::grade::Grade;
use crate::id::TaskId;
use crate::name::Line;
use crate::permit::PermitKind;
use crate::permit::particulars::TeleworkPlace;
use crate::register::Fault;
use crate::requirement::RequirementId;
use crate::role::Role;

/// Most days that a clause lets a permit run: no permit runs longer anyway.
const DAYS_MAX: u32 = 1_096;

crate::choice! {
    /// Who decides on permits by a clause. Only roles that can stand on the route of a permit.
    pub enum Approver {
        /// 統括情報セキュリティ責任者.
        Hiso = "hiso",
        /// 情報セキュリティ責任者.
        Iso = "iso",
        /// 課室情報セキュリティ責任者.
        Diso = "diso",
        /// 情報システムセキュリティ責任者.
        Isso = "isso",
        /// 端末管理責任者.
        Tmo = "tmo",
        /// サービスごとの責任者.
        ServiceOwner = "service_owner",
        /// 許可権限者.
        ExceptionAuthority = "exception_authority",
    }
}

impl Approver {
    /// The role.
    #[must_use]
    pub const fn role(self) -> Role {
        match self {
            Self::Hiso => Role::Hiso,
            Self::Iso => Role::Iso,
            Self::Diso => Role::Diso,
            Self::Isso => Role::Isso,
            Self::Tmo => Role::Tmo,
            Self::ServiceOwner => Role::ServiceOwner,
            Self::ExceptionAuthority => Role::ExceptionAuthority,
        }
    }
}

crate::noun! {
    /// What a clause says as data: what it is bound to, and the limit that it sets. The limit speaks of the
    /// permits that it names (all where none is), of the task and places that it names (any where none is).
    pub struct ClauseTerms {
        /// What is printed before it: 第3条第2項.
        pub label: Line,
        /// The rows of the catalogue that it answers.
        pub rows: Vec<RequirementId>,
        /// The checks that show whether it is kept.
        pub checks: Vec<CheckCode>,
        /// The policies of the decision point that carry it out, by their ids: built in or the organisation's
        /// own.
        pub policies: Vec<Line>,
        /// The kinds of permit that run under it.
        pub permits: Vec<PermitKind>,
        /// What staff have to do by it.
        pub duties: Vec<Line>,
        /// The measures of risk assessments that it writes down.
        pub measures: Vec<MeasureRef>,
        /// The task that its limit speaks of.
        pub task: Option<TaskId>,
        /// The places that its limit speaks of.
        pub places: Vec<TeleworkPlace>,
        /// Whether it forbids what it speaks of.
        pub forbids: bool,
        /// The highest grade that it allows.
        pub highest: Option<Grade>,
        /// For how many days a permit may run.
        pub days: Option<u32>,
        /// Who decides on such permits.
        pub approver: Option<Approver>,
    }
}

impl ClauseTerms {
    /// A clause of which only the label is known.
    #[must_use]
    pub const fn labelled(label: Line) -> Self {
        Self {
            label,
            rows: Vec::new(),
            checks: Vec::new(),
            policies: Vec::new(),
            permits: Vec::new(),
            duties: Vec::new(),
            measures: Vec::new(),
            task: None,
            places: Vec::new(),
            forbids: false,
            highest: None,
            days: None,
            approver: None,
        }
    }

    /// Whether it sets a limit.
    #[must_use]
    pub const fn is_limit(&self) -> bool {
        self.forbids || self.highest.is_some() || self.days.is_some() || self.approver.is_some()
    }

    /// What is wrong with the fields taken together.
    #[must_use]
    pub fn fault(&self) -> Option<Fault> {
        let limits = self.highest.is_some() || self.days.is_some() || self.approver.is_some();
        if self.forbids && limits {
            Some(Fault::new("rule.forbids-and-allows", "forbids"))
        } else if self.approver.is_some() && self.permits.is_empty() {
            Some(Fault::new("rule.approver-of-what", "permits"))
        } else if self.days.is_some_and(|days| days == 0 || days > DAYS_MAX) {
            Some(Fault::new("rule.days", "days"))
        } else {
            None
        }
    }
}

/// A clause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clause {
    /// By what it is known for good.
    pub number: ClauseNumber,
    /// What it says in words.
    pub text: ClauseText,
    /// What it says as data.
    pub terms: ClauseTerms,
}
