//! One-time links and enrolment secrets: shown once, stored as a hash, used once, soon over.

use sekisho_domain::device::{DeviceClass, StateSource};
use sekisho_domain::id::{AccountId, PersonId, UnitId};
use sekisho_domain::time::Timestamp;
use sekisho_store::accounts::{Link, TokenHash};
use sekisho_store::{Accounts, StoreError};

use super::token::{TOKEN_CHARS, Token};

const MINUTE: i64 = 60 * 1000;

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To set the organisation up, once.
    SetUp,
    /// To sign an account in without its password.
    SignIn,
    /// To choose the first or a new password of an account.
    ChoosePassword,
    /// To enrol one device.
    Enrol,
}

impl Purpose {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::SetUp => "setup",
            Self::SignIn => "sign-in",
            Self::ChoosePassword => "choose-password",
            Self::Enrol => "enrol",
        }
    }

    /// How long such a link can be used, in milliseconds.
    #[must_use]
    pub const fn lifetime(self) -> i64 {
        match self {
            Self::SignIn => 15 * MINUTE,
            Self::SetUp => 24 * 60 * MINUTE,
            Self::ChoosePassword | Self::Enrol => 72 * 60 * MINUTE,
        }
    }
}

/// Makes the set-up link's token. An earlier one ends.
///
/// # Errors
/// The codes of the store.
pub fn set_up(accounts: &Accounts, now: Timestamp) -> Result<Token, StoreError> {
    accounts.end_links(Purpose::SetUp.code())?;
    make(accounts, Purpose::SetUp, None, now)
}

/// Makes the token of a link for an account.
///
/// # Errors
/// The codes of the store.
pub fn for_account(
    accounts: &Accounts,
    purpose: Purpose,
    account: AccountId,
    person: PersonId,
    now: Timestamp,
) -> Result<Token, StoreError> {
    make(accounts, purpose, Some((account, person)), now)
}

fn make(
    accounts: &Accounts,
    purpose: Purpose,
    whose: Option<(AccountId, PersonId)>,
    now: Timestamp,
) -> Result<Token, StoreError> {
    let token = Token::fresh()?;
    let link = Link {
        purpose: purpose.code().to_owned(),
        person: whose.map(|(_, person)| person.to_string()),
        account: whose.map(|(account, _)| account.to_string()),
        expires_at: now.as_millis().saturating_add(purpose.lifetime()),
    };
    accounts.add_link(token.hash(), &link, now.as_millis())?;
    Ok(token)
}

/// Who hands an enrolment secret out. The gate is asked again when it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Issuer {
    /// The shell on the machine.
    Operator,
    /// An officer.
    Person(PersonId),
}

/// What an enrolment secret allows: one device, of a unit and class, for a person or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Enrolment {
    /// The unit that answers for the device.
    pub unit: UnitId,
    /// Whose it is.
    pub class: DeviceClass,
    /// The person who uses it.
    pub user: Option<PersonId>,
    /// Who handed it out.
    pub issuer: Issuer,
    /// Who will tell of the device's state: a program on it, or on a telephone its user.
    pub source: StateSource,
}

/// The last part of a secret for a telephone; one for a computer has none.
const TELEPHONE: &str = "telephone";

impl Enrolment {
    fn suffix(&self) -> String {
        let user = self
            .user
            .map_or_else(|| "-".to_owned(), |user| user.to_string());
        let issuer = match self.issuer {
            Issuer::Operator => "-".to_owned(),
            Issuer::Person(person) => person.to_string(),
        };
        let more = match self.source {
            StateSource::Observed => String::new(),
            StateSource::Declared => format!(".{TELEPHONE}"),
        };
        format!("{}.{}.{user}.{issuer}{more}", self.unit, self.class.code())
    }

    fn parse(suffix: &str) -> Option<Self> {
        let mut parts = suffix.split('.');
        let (unit, class, user, issuer) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let source = match (parts.next(), parts.next()) {
            (None, _) => StateSource::Observed,
            (Some(TELEPHONE), None) => StateSource::Declared,
            _ => return None,
        };
        let person = |text: &str| -> Option<Option<PersonId>> {
            if text == "-" {
                Some(None)
            } else {
                text.parse().ok().map(Some)
            }
        };
        Some(Self {
            unit: unit.parse().ok()?,
            class: [DeviceClass::Issued, DeviceClass::Byod]
                .into_iter()
                .find(|c| c.code() == class)?,
            user: person(user)?,
            issuer: person(issuer)?.map_or(Issuer::Operator, Issuer::Person),
            source,
        })
    }
}

/// Makes an enrolment secret. What it allows stands in the secret itself, and the hash that is
/// stored covers it: changed in one character it is another secret, which nobody has stored.
///
/// # Errors
/// The codes of the store.
pub fn enrolment(
    accounts: &Accounts,
    allowed: &Enrolment,
    now: Timestamp,
) -> Result<String, StoreError> {
    let secret = format!("{}.{}", Token::fresh()?.text(), allowed.suffix());
    let link = Link {
        purpose: Purpose::Enrol.code().to_owned(),
        person: allowed.user.map(|user| user.to_string()),
        account: None,
        expires_at: now.as_millis().saturating_add(Purpose::Enrol.lifetime()),
    };
    accounts.add_link(TokenHash::of(secret.as_bytes()), &link, now.as_millis())?;
    Ok(secret)
}

/// Who will tell of the state of what a secret enrols, whether or not it still works; none where it has
/// no sense.
#[must_use]
pub fn source_of(secret: &str) -> Option<StateSource> {
    read_enrolment(secret).map(|allowed| allowed.source)
}

/// The page on which a telephone enrols. The secret stands behind `#`, which browsers send to nobody.
#[must_use]
pub fn telephone_address(server: &str, secret: &str) -> String {
    format!("{server}{TELEPHONE_PATH}#{secret}")
}

/// Path of the page that is a telephone's agent.
pub const TELEPHONE_PATH: &str = "/telephone";

/// Uses an enrolment secret up; none when it was used before, is over, or was never handed out.
///
/// # Errors
/// The codes of the store.
pub fn use_enrolment(
    accounts: &Accounts,
    secret: &str,
    now: Timestamp,
) -> Result<Option<Enrolment>, StoreError> {
    let Some(allowed) = read_enrolment(secret) else {
        return Ok(None);
    };
    let hash = TokenHash::of(secret.as_bytes());
    let used = accounts.use_link(hash, Purpose::Enrol.code(), now.as_millis())?;
    Ok(used.map(|_| allowed))
}

fn read_enrolment(secret: &str) -> Option<Enrolment> {
    if secret.len() > 256 {
        return None;
    }
    let (token, rest) = secret.split_at_checked(TOKEN_CHARS)?;
    Token::parse(token)?;
    Enrolment::parse(rest.strip_prefix('.')?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sekisho_domain::id::Fresh;

    fn accounts() -> (tempfile::TempDir, Accounts) {
        let folder = tempfile::tempdir().unwrap();
        let accounts = Accounts::open(&folder.path().join("accounts.sqlite")).unwrap();
        (folder, accounts)
    }

    const NOW: Timestamp = Timestamp::from_millis(1_000_000);

    fn allowed() -> Enrolment {
        Enrolment {
            unit: UnitId::new(Fresh([1; 16])),
            class: DeviceClass::Byod,
            user: Some(PersonId::new(Fresh([2; 16]))),
            issuer: Issuer::Operator,
            source: StateSource::Observed,
        }
    }

    #[test]
    fn an_enrolment_secret_works_once() {
        let (_folder, accounts) = accounts();
        let secret = enrolment(&accounts, &allowed(), NOW).unwrap();
        assert_eq!(
            use_enrolment(&accounts, &secret, NOW).unwrap(),
            Some(allowed())
        );
        assert_eq!(use_enrolment(&accounts, &secret, NOW).unwrap(), None);
    }

    #[test]
    fn what_a_secret_allows_cannot_be_changed() {
        let (_folder, accounts) = accounts();
        let secret = enrolment(&accounts, &allowed(), NOW).unwrap();
        for changed in [
            secret.replace("byod", "issued"),
            secret.replace(
                &allowed().suffix(),
                &Enrolment {
                    user: None,
                    ..allowed()
                }
                .suffix(),
            ),
            secret[..secret.len() - 2].to_owned(),
            format!("{secret}.x"),
            String::new(),
        ] {
            assert_ne!(changed, secret);
            assert_eq!(
                use_enrolment(&accounts, &changed, NOW).unwrap(),
                None,
                "{changed}"
            );
        }
        assert!(use_enrolment(&accounts, &secret, NOW).unwrap().is_some());
    }

    #[test]
    fn a_secret_says_whether_it_is_for_a_telephone_and_cannot_be_made_into_the_other() {
        let (_folder, accounts) = accounts();
        let telephone = Enrolment {
            source: StateSource::Declared,
            ..allowed()
        };
        let secret = enrolment(&accounts, &telephone, NOW).unwrap();
        assert_eq!(source_of(&secret), Some(StateSource::Declared));
        let computer = secret.strip_suffix(".telephone").unwrap();
        assert_eq!(source_of(computer), Some(StateSource::Observed));
        assert_eq!(use_enrolment(&accounts, computer, NOW).unwrap(), None);
        assert_eq!(source_of(&format!("{secret}.telephone")), None);
        assert_eq!(source_of(&format!("{computer}.tablet")), None);
        let used = use_enrolment(&accounts, &secret, NOW).unwrap();
        assert_eq!(used, Some(telephone));
        let address = telephone_address("https://sekisho.example", &secret);
        let (before, fragment) = address.split_once('#').unwrap();
        assert_eq!(before, "https://sekisho.example/telephone");
        assert_eq!(fragment, secret);
    }

    #[test]
    fn links_are_over_in_time_and_for_their_purpose_only() {
        let (_folder, accounts) = accounts();
        let token = set_up(&accounts, NOW).unwrap();
        let late = NOW.as_millis() + Purpose::SetUp.lifetime();
        let setup = Purpose::SetUp.code();
        assert!(accounts.link(token.hash(), setup, late).unwrap().is_none());
        assert!(
            accounts
                .link(token.hash(), setup, late - 1)
                .unwrap()
                .is_some()
        );
        assert!(
            accounts
                .use_link(token.hash(), "sign-in", late - 1)
                .unwrap()
                .is_none()
        );
        let newer = set_up(&accounts, NOW).unwrap();
        assert!(
            accounts
                .link(token.hash(), setup, NOW.as_millis())
                .unwrap()
                .is_none()
        );
        assert!(
            accounts
                .link(newer.hash(), setup, NOW.as_millis())
                .unwrap()
                .is_some()
        );
    }
}
