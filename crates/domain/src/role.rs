//! Roles of the information-security organisation (requirements.md 2.1).

use serde::{Deserialize, Serialize};

/// A role. Roles belong to posts; authority comes only from an appointment in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 最高情報セキュリティ責任者.
    Ciso,
    /// 最高情報セキュリティ副責任者.
    DeputyCiso,
    /// 情報セキュリティ委員会.
    Committee,
    /// 最高情報セキュリティアドバイザー.
    Advisor,
    /// 情報セキュリティ監査責任者: reads all, never approves.
    Auditor,
    /// 統括情報セキュリティ責任者.
    Hiso,
    /// 情報セキュリティ責任者 (bureau, department).
    Iso,
    /// 区域情報セキュリティ責任者.
    AreaOfficer,
    /// 課室情報セキュリティ責任者 (section chief).
    Diso,
    /// 情報システムセキュリティ責任者 (per system).
    Isso,
    /// 情報システムセキュリティ管理者.
    SystemAdministrator,
    /// 端末管理責任者 (BYOD).
    Tmo,
    /// 情報セキュリティ対策推進体制.
    PromotionBody,
    /// CSIRT.
    Csirt,
    /// サービスごとの責任者.
    ServiceOwner,
    /// 許可権限者 for exceptions.
    ExceptionAuthority,
    /// 職員等.
    Staff,
    /// 機関: the organisation as such, where the notice names no one inside it.
    Organisation,
}

impl Role {
    /// Every role, from the top.
    pub const ALL: [Self; 18] = [
        Self::Ciso,
        Self::DeputyCiso,
        Self::Committee,
        Self::Advisor,
        Self::Auditor,
        Self::Hiso,
        Self::Iso,
        Self::AreaOfficer,
        Self::Diso,
        Self::Isso,
        Self::SystemAdministrator,
        Self::Tmo,
        Self::PromotionBody,
        Self::Csirt,
        Self::ServiceOwner,
        Self::ExceptionAuthority,
        Self::Staff,
        Self::Organisation,
    ];

    /// The codes of all, in the order of [`Self::ALL`].
    pub const CODES: [&'static str; Self::ALL.len()] = {
        let mut codes = [""; Self::ALL.len()];
        let mut at = 0;
        while at < codes.len() {
            codes[at] = Self::ALL[at].code();
            at += 1;
        }
        codes
    };

    /// The stable code, as in stored forms.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Ciso => "ciso",
            Self::DeputyCiso => "deputy_ciso",
            Self::Committee => "committee",
            Self::Advisor => "advisor",
            Self::Auditor => "auditor",
            Self::Hiso => "hiso",
            Self::Iso => "iso",
            Self::AreaOfficer => "area_officer",
            Self::Diso => "diso",
            Self::Isso => "isso",
            Self::SystemAdministrator => "system_administrator",
            Self::Tmo => "tmo",
            Self::PromotionBody => "promotion_body",
            Self::Csirt => "csirt",
            Self::ServiceOwner => "service_owner",
            Self::ExceptionAuthority => "exception_authority",
            Self::Staff => "staff",
            Self::Organisation => "organisation",
        }
    }

    /// The role of a code; none for unknown codes.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.code() == code)
    }
}
