//! Where a session stands, from what is stored and what the ledger says now. Pure.

use sekisho_domain::device::DeviceState;
use sekisho_domain::id::{PersonId, UnitId};
use sekisho_domain::time::Timestamp;
use sekisho_store::accounts::Tunnel;

/// How long a session lasts at most, in milliseconds: a working day.
pub const LONGEST: i64 = 8 * 60 * 60 * 1000;

/// Why a session is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Nobody said yes in time.
    CodeOver,
    /// The person said no.
    Refused,
    /// Its time is over.
    Over,
    /// The device asked for another one.
    Replaced,
    /// The person signed out, or changed the password.
    SignedOut,
    /// The account was closed.
    AccountClosed,
    /// The device was suspended.
    DeviceSuspended,
    /// The device was retired, or the ledger knows it no more.
    DeviceRetired,
    /// The device may no longer be used by that person.
    OtherUser,
    /// The device ended it.
    ByDevice,
    /// The person ended it in the console.
    ByPerson,
    /// An officer cut it off.
    Cut,
}

impl Ended {
    /// Every way.
    pub const ALL: [Self; 12] = [
        Self::CodeOver,
        Self::Refused,
        Self::Over,
        Self::Replaced,
        Self::SignedOut,
        Self::AccountClosed,
        Self::DeviceSuspended,
        Self::DeviceRetired,
        Self::OtherUser,
        Self::ByDevice,
        Self::ByPerson,
        Self::Cut,
    ];

    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::CodeOver => "code-over",
            Self::Refused => "refused",
            Self::Over => "over",
            Self::Replaced => "replaced",
            Self::SignedOut => "signed-out",
            Self::AccountClosed => "account-closed",
            Self::DeviceSuspended => "device-suspended",
            Self::DeviceRetired => "device-retired",
            Self::OtherUser => "other-user",
            Self::ByDevice => "by-device",
            Self::ByPerson => "by-person",
            Self::Cut => "cut",
        }
    }

    /// What a stored code means. One that nobody knows ends the session all the same.
    fn of(code: &str) -> Self {
        let known = Self::ALL.into_iter().find(|it| it.code() == code);
        known.unwrap_or(Self::Over)
    }
}

/// Where a session stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nobody has said yes yet.
    Waiting {
        /// Until when somebody can.
        until: Timestamp,
    },
    /// Device and person are together.
    Open {
        /// The person.
        person: PersonId,
        /// When it ends, whatever happens.
        until: Timestamp,
    },
    /// It is over.
    Ended(Ended),
}

/// What the ledger says now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// The state of the device; none when there is no such device.
    pub device: Option<DeviceState>,
    /// The person of the account; none where it is closed or unknown.
    pub person: Option<PersonId>,
    /// Whether that person may use the device.
    pub may_use: bool,
    /// Whether an officer cut the session off.
    pub cut: bool,
}

/// Where a session stands.
#[must_use]
pub fn judge(stored: &Tunnel, known: Known, now: Timestamp) -> State {
    if let Some(code) = &stored.ended {
        return State::Ended(Ended::of(code));
    }
    // The ledger's word counts, whether or not it has reached the accounts.
    if known.cut {
        return State::Ended(Ended::Cut);
    }
    match known.device {
        None | Some(DeviceState::Retired) => return State::Ended(Ended::DeviceRetired),
        Some(DeviceState::Suspended) => return State::Ended(Ended::DeviceSuspended),
        Some(DeviceState::Active) => {}
    }
    let (Some(confirmed), Some(expires)) = (stored.confirmed_at, stored.expires_at) else {
        let until = Timestamp::from_millis(stored.code_until);
        return if now < until {
            State::Waiting { until }
        } else {
            State::Ended(Ended::CodeOver)
        };
    };
    // Never longer than the longest, whatever is stored.
    let until = Timestamp::from_millis(expires.min(confirmed.saturating_add(LONGEST)));
    match known.person {
        _ if now >= until => State::Ended(Ended::Over),
        None => State::Ended(Ended::AccountClosed),
        Some(_) if !known.may_use => State::Ended(Ended::OtherUser),
        Some(person) => State::Open { person, until },
    }
}

/// Whether a person may use a device: its user may, and nobody else; one that has no user, which
/// is shared, whoever belongs to the unit that answers for it. `within` says whether the first
/// unit is the second or lies below it.
#[must_use]
pub fn may_use(
    (person, of_person): (PersonId, Option<UnitId>),
    (user, of_device): (Option<PersonId>, Option<UnitId>),
    within: impl Fn(UnitId, UnitId) -> bool,
) -> bool {
    match (user, of_person, of_device) {
        (Some(user), _, _) => user == person,
        (None, Some(unit), Some(above)) => within(unit, above),
        (None, _, _) => false,
    }
}

#[cfg(test)]
mod tests {
    use sekisho_domain::id::Fresh;

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000_000);

    #[test]
    fn every_end_has_its_words_on_the_device() {
        for ended in Ended::ALL {
            for lang in [sekisho_messages::Lang::Ja, sekisho_messages::Lang::En] {
                let key = format!("tunnel.ended.{}", ended.code());
                let said = sekisho_messages::text(lang, key.clone(), &[]);
                assert!(!said.is_empty() && !said.contains(&key), "{key}: {said}");
            }
        }
    }

    fn person(seed: u8) -> PersonId {
        PersonId::new(Fresh([seed; 16]))
    }

    fn stored() -> Tunnel {
        Tunnel {
            session: "s".to_owned(),
            device: "d".to_owned(),
            key: "k".to_owned(),
            requested_at: NOW.as_millis() - 1000,
            code_until: NOW.as_millis() + 1000,
            account: None,
            confirmed_at: None,
            expires_at: None,
            ended: None,
        }
    }

    fn confirmed() -> Tunnel {
        Tunnel {
            account: Some("a".to_owned()),
            confirmed_at: Some(NOW.as_millis()),
            expires_at: Some(NOW.as_millis() + LONGEST),
            ..stored()
        }
    }

    fn known() -> Known {
        Known {
            device: Some(DeviceState::Active),
            person: Some(person(1)),
            may_use: true,
            cut: false,
        }
    }

    #[test]
    fn a_session_is_open_while_everything_holds() {
        let at = |millis: i64| Timestamp::from_millis(NOW.as_millis() + millis);
        let until = at(LONGEST);
        let open = State::Open {
            person: person(1),
            until,
        };
        assert_eq!(judge(&confirmed(), known(), NOW), open);
        assert_eq!(judge(&confirmed(), known(), at(LONGEST - 1)), open);
        let longer = Tunnel {
            expires_at: Some(i64::MAX),
            ..confirmed()
        };
        assert_eq!(judge(&longer, known(), NOW), open);
        let waiting = State::Waiting { until: at(1000) };
        let nobody = Known {
            person: None,
            may_use: false,
            ..known()
        };
        assert_eq!(judge(&stored(), nobody, NOW), waiting);
    }

    #[test]
    fn anything_missing_ends_it() {
        let at = |millis: i64| Timestamp::from_millis(NOW.as_millis() + millis);
        let device = |device| Known { device, ..known() };
        let closed = Known {
            person: None,
            ..known()
        };
        let other = Known {
            may_use: false,
            ..known()
        };
        let cut = Known {
            cut: true,
            ..known()
        };
        for (row, known, now, why) in [
            (confirmed(), known(), at(LONGEST), Ended::Over),
            (stored(), known(), at(1000), Ended::CodeOver),
            (confirmed(), closed, NOW, Ended::AccountClosed),
            (confirmed(), other, NOW, Ended::OtherUser),
            (confirmed(), cut, NOW, Ended::Cut),
            (stored(), cut, NOW, Ended::Cut),
            (confirmed(), device(None), NOW, Ended::DeviceRetired),
            (
                confirmed(),
                device(Some(DeviceState::Retired)),
                NOW,
                Ended::DeviceRetired,
            ),
            (
                confirmed(),
                device(Some(DeviceState::Suspended)),
                NOW,
                Ended::DeviceSuspended,
            ),
            (
                stored(),
                device(Some(DeviceState::Suspended)),
                NOW,
                Ended::DeviceSuspended,
            ),
        ] {
            assert_eq!(judge(&row, known, now), State::Ended(why), "{why:?}");
        }
        for why in Ended::ALL {
            let row = Tunnel {
                ended: Some(why.code().to_owned()),
                ..confirmed()
            };
            assert_eq!(judge(&row, known(), NOW), State::Ended(why));
        }
        let strange = Tunnel {
            ended: Some("?".to_owned()),
            ..confirmed()
        };
        assert_eq!(judge(&strange, known(), NOW), State::Ended(Ended::Over));
    }

    #[test]
    fn a_device_is_used_by_its_user_or_shared_in_its_unit() {
        let unit = |seed: u8| UnitId::new(Fresh([seed; 16]));
        let within = |unit: UnitId, above: UnitId| unit == above;
        let (own, other) = (Some(unit(1)), Some(unit(2)));
        for (user, of_person, of_device, may) in [
            (Some(1), own, own, true),
            (Some(1), None, None, true),
            (Some(2), own, own, false),
            (None, own, own, true),
            (None, other, own, false),
            (None, None, own, false),
            (None, own, None, false),
        ] {
            let user = user.map(person);
            let may_use = may_use((person(1), of_person), (user, of_device), within);
            assert_eq!(may_use, may, "{user:?} {of_person:?} {of_device:?}");
        }
    }
}
